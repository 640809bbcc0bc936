//! The few figures of a step that a person wants on one line.

use suho_domain::{Name, Record, Value};
use suho_scheduler::Verdict;

/// What `outputs` of a step of `kind` come to, in one line.
pub(crate) fn of(kind: Option<&Name>, outputs: &Record) -> String {
    let kind = kind.map_or("", Name::as_str);
    let get = |path: &str| at(outputs, path);
    match kind {
        "production" => match (at_value(outputs, "name"), at_value(outputs, "version")) {
            (Some(name), Some(version)) => format!("{name} {version} serves this slot"),
            _ => "none: nothing serves this slot yet".to_owned(),
        },
        "dataset" => format!(
            "{} bars → train {}, validation {}, test {}; {} missing, {} in a weekend, {} repaired",
            get("bars"),
            get("train.rows"),
            get("validation.rows"),
            get("test.rows"),
            get("quality.missing"),
            get("quality.weekend"),
            get("quality.repaired")
        ),
        "train" => format!(
            "{} {}: {} epochs, best {}; loss train {}, validation {}",
            get("model.name"),
            get("model.version"),
            get("epochs"),
            get("best_epoch"),
            get("train_loss"),
            get("validation_loss")
        ),
        "sweep" => format!("{} settings tried; {}", get("trials"), get("reason")),
        "leakage_scan" => format!("{} findings: {}", get("findings"), get("summary")),
        "evaluate" => format!(
            "accuracy {} ± {} on {} events (majority {})",
            get("accuracy"),
            get("accuracy_se"),
            get("events"),
            get("majority")
        ),
        "cross_validate" => format!(
            "accuracy {} ± {} over folds, worst {}, on {} events (majority {})",
            get("accuracy"),
            get("accuracy_sd"),
            get("worst"),
            get("events"),
            get("majority")
        ),
        "backtest" => format!(
            "max drawdown {}, sharpe {} ± {}, {} trades, return {}",
            get("max_drawdown"),
            get("sharpe"),
            get("sharpe_se"),
            get("trades"),
            get("total_return")
        ),
        "latency_probe" => format!("P95 {}, P50 {}", get("latency.p95"), get("latency.p50")),
        "gate" => "passed".to_owned(),
        "approve" => format!("approved by {}: {}", get("approver"), get("why")),
        "promote" => format!("{} {} is production", get("model.name"), get("model.version")),
        "shadow" | "canary" | "ramp" => format!(
            "{} of market time, {} requests, {} events, accuracy {}, P95 {}, uptime {}",
            get("accrued"),
            get("requests"),
            get("events"),
            get("accuracy"),
            get("latency.p95"),
            get("uptime")
        ),
        _ => format!("{} outputs", outputs.len()),
    }
}

/// What a rollout came to, in words.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Promoted => "promoted".to_owned(),
        Verdict::RolledBack { reason } => format!("rolled back ({reason})"),
        Verdict::Inconclusive { reason } => format!("inconclusive ({reason})"),
    }
}

fn at_value<'a>(outputs: &'a Record, path: &str) -> Option<&'a Value> {
    // Metrics of rollouts stand under their dotted names.
    if let Some(value) = outputs.get(path) {
        return Some(value);
    }
    let mut parts = path.split('.');
    let first = outputs.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.field(part))
}

fn at(outputs: &Record, path: &str) -> String {
    match at_value(outputs, path) {
        None | Some(Value::None) => "–".to_owned(),
        Some(value) => short(value),
    }
}

/// A value with as many digits as a person reads.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::Float(number) => format!("{number:.4}"),
        Value::Ratio(ratio) => format!("{:.2}%", ratio.to_f64() * 100.0),
        Value::Points(points) => format!("{:.2}pp", points.to_f64() * 100.0),
        Value::Duration(duration) if duration.nanos().unsigned_abs() < 1_000_000_000 => {
            format!("{:.2} ms", duration.millis_f64())
        }
        Value::Undefined(reason) => format!("undefined ({reason})"),
        other => other.to_string(),
    }
}
