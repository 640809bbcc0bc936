//! What came of a step, in one line: two or three figures, or why there are none.

use super::words::figure;
use crate::table::flat;
use suho_domain::{Record, Value};
use suho_driver::gate::{Criterion, Verdict};
use suho_scheduler::{Outcome, StepView};

/// A figure of a step's outputs: the path to it, and the words around it.
type Figure = (&'static str, &'static str, &'static str);

const DATASET: &[Figure] = &[("rows", "", " rows"), ("quality.repaired", "", " repaired")];
const TRAIN: &[Figure] =
    &[("model.version", "", ""), ("epochs", "", " epochs"), ("validation_loss", "val loss ", "")];
const LEAKAGE_SCAN: &[Figure] = &[("findings", "", " findings"), ("warnings", "", " warnings")];
const EVALUATE: &[Figure] =
    &[("accuracy", "accuracy ", ""), ("majority", "majority ", ""), ("events", "", " events")];
const CROSS_VALIDATE: &[Figure] =
    &[("accuracy", "accuracy ", ""), ("worst", "worst fold ", ""), ("events", "", " events")];
const BACKTEST: &[Figure] =
    &[("sharpe", "Sharpe ", ""), ("max_drawdown", "drawdown ", ""), ("trades", "", " trades")];
const LATENCY_PROBE: &[Figure] = &[("latency.p50", "P50 ", ""), ("latency.p95", "P95 ", "")];
const PRODUCTION: &[Figure] = &[("version", "", " serves")];
const SHADOW: &[Figure] = &[("requests", "", " requests"), ("agreement", "agreement ", "")];
const ROLLOUT: &[Figure] =
    &[("requests", "", " requests"), ("events", "", " events"), ("accuracy", "accuracy ", "")];
const APPROVE: &[Figure] = &[("approver", "approved by ", ""), ("why", "", "")];
const PROMOTE: &[Figure] = &[("model.version", "", " is production")];

/// What came of a step of `kind`; empty while there is nothing to say.
pub(super) fn result(kind: &str, view: &StepView<'_>) -> String {
    let said = figures(kind, view.outputs);
    let outcome = match view.outcome {
        Some(Outcome::Rejected) => "rejected",
        Some(Outcome::RolledBack) => "rolled back",
        Some(Outcome::Inconclusive) => "inconclusive",
        Some(Outcome::Succeeded) if matches!(kind, "shadow" | "canary" | "ramp") => "promoted",
        _ => "",
    };
    let message = view.message.map(flat).unwrap_or_default();
    let decided = match (outcome.is_empty(), message.is_empty()) {
        (false, false) => format!("{outcome}: {message}"),
        (false, true) => outcome.to_owned(),
        (true, _) => message,
    };
    // A gate's reason names the rule that failed; how many held would only distract.
    let said = if view.outcome == Some(Outcome::Rejected) { String::new() } else { said };
    [decided, said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

fn figures(kind: &str, outputs: &Record) -> String {
    let wanted = match kind {
        "dataset" => DATASET,
        "train" => TRAIN,
        "leakage_scan" => LEAKAGE_SCAN,
        "evaluate" => EVALUATE,
        "cross_validate" => CROSS_VALIDATE,
        "backtest" => BACKTEST,
        "latency_probe" => LATENCY_PROBE,
        "production" => PRODUCTION,
        "shadow" => SHADOW,
        "canary" | "ramp" => ROLLOUT,
        "approve" => APPROVE,
        "promote" => PROMOTE,
        "gate" => return held(&criteria(outputs)),
        _ => &[],
    };
    let found = wanted.iter().filter_map(|(path, before, after)| {
        let value = at(outputs, path)?;
        Some(format!("{before}{}{after}", figure(value)))
    });
    found.collect::<Vec<_>>().join(", ")
}

/// The word for how a step ended; finer than its status.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Cached => "cached",
        Outcome::SkippedByCondition | Outcome::Skipped => "skipped",
        Outcome::Inconclusive => "inconclusive",
        Outcome::Rejected => "rejected",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "cancelled",
        Outcome::RolledBack => "rolled_back",
    }
}

/// The value at a dotted path, unless it is none.
fn at<'a>(outputs: &'a Record, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = outputs.get(parts.next()?)?;
    let value = parts.try_fold(first, |value, part| value.field(part))?;
    (*value != Value::None).then_some(value)
}

/// What a gate or a rollout was held against, as its outputs keep it.
pub(super) fn criteria(outputs: &Record) -> Vec<Criterion> {
    let plain = outputs.get("criteria").map(Value::to_plain);
    plain.and_then(|json| serde_json::from_value(json).ok()).unwrap_or_default()
}

/// `4 criteria hold, 1 does not apply`.
fn held(criteria: &[Criterion]) -> String {
    let count = |verdict| criteria.iter().filter(|each| each.verdict == verdict).count();
    let (pass, not_applicable) = (count(Verdict::Pass), count(Verdict::NotApplicable));
    if criteria.is_empty() {
        return String::new();
    }
    let held = match pass {
        1 => "1 criterion holds".to_owned(),
        _ => format!("{pass} criteria hold"),
    };
    match not_applicable {
        0 => held,
        1 => format!("{held}, 1 does not apply"),
        many => format!("{held}, {many} do not apply"),
    }
}
