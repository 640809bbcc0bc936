//! What rules may speak of, under the names the prelude gives it.

use crate::event::Judged;
use crate::ledger::Latencies;
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
/// ramp, since its canary began. The last five minutes are for guardrails alone.
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
    let p90 = Quantile::new(9_000).ok().map(|p90| ("latency.p90", p90));
    let timed = LATENCIES.into_iter().chain(p90).map(|(name, quantile)| {
        let undefined = || Value::Undefined("no inference yet".to_owned());
        (name, latencies.quantile(quantile).map_or_else(undefined, Value::Duration))
    });
    plain.into_iter().chain(timed).map(|(name, value)| (name.to_owned(), value)).collect()
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
