//! What rules may speak of, under the names the prelude gives it.

use crate::event::Judged;
use crate::ledger::{Latencies, Ledger};
use std::collections::BTreeMap;
use suho_domain::Value;
use suho_rollout::Evidence;
use suho_stats::Quantile;

/// Parts of `latency`, as the prelude's record names them.
const LATENCIES: [(&str, Quantile); 4] = [
    ("latency.p50", Quantile::P50),
    ("latency.p95", Quantile::P95),
    ("latency.p99", Quantile::P99),
    ("latency.max", Quantile::MAX),
];

/// The metrics of a rollout. Each speaks of everything since the rollout began, but those of events
/// (`events`, `accuracy`, `agreement`), which speak of the window whose events are compared: for a
/// ramp, since its canary began.
pub(crate) fn metrics(
    evidence: &Evidence,
    judged: &Judged,
    latencies: &Latencies,
    has_baseline: bool,
) -> BTreeMap<String, Value> {
    let (total, probes, correct) = (&evidence.total, &evidence.probes, &evidence.correct);
    let agreement =
        if has_baseline { share(judged.alike, judged.paired, "no event yet") } else { Value::None };
    let plain = [
        ("error_rate", share(total.errors, total.requests, "no request yet")),
        ("uptime", share(probes.answered, probes.sent, "no probe yet")),
        ("accuracy", share(correct.right, correct.events, "no label has matured yet")),
        ("agreement", agreement),
        ("requests", count(total.requests)),
        ("events", count(evidence.events.matured)),
    ];
    let timed = timed(Some(latencies), "no inference yet");
    plain.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(timed).collect()
}

/// What `rollback` and `hold` see in place of the totals: the last five minutes, or as far back as
/// fifty requests reach.
pub(crate) fn recent_metrics(ledger: &Ledger) -> BTreeMap<String, Value> {
    const FEW: &str = "fewer than 50 requests so far";
    let few = || Value::Undefined(FEW.to_owned());
    let rate = ledger.lately().map_or_else(few, |(failed, all)| share(failed, all, FEW));
    let latencies = ledger.latencies_lately();
    let timed = timed(latencies.as_ref(), "fewer than 50 inferences so far");
    timed.chain([("error_rate".to_owned(), rate)]).collect()
}

fn timed(latencies: Option<&Latencies>, nothing: &str) -> impl Iterator<Item = (String, Value)> {
    let p90 = Quantile::new(9_000).ok().map(|p90| ("latency.p90", p90));
    LATENCIES.into_iter().chain(p90).map(move |(name, quantile)| {
        let undefined = || Value::Undefined(nothing.to_owned());
        let value = latencies.and_then(|latencies| latencies.quantile(quantile));
        (name.to_owned(), value.map_or_else(undefined, Value::Duration))
    })
}

fn share(some: u64, all: u64, nothing: &str) -> Value {
    if all == 0 {
        Value::Undefined(nothing.to_owned())
    } else {
        Value::measured_ratio(some as f64 / all as f64)
    }
}

fn count(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
