//! What is so where a test does not say: a healthy model, a calm market, answers in time.
//!
//! The table is a promise to whoever writes tests, and the language's page on tests repeats it. Of
//! the steps that suho brings along it knows every figure; what a user's own step comes to nobody
//! can guess, and a test has to say it as soon as something depends on it.

use suho_check::{Library, Port, Type};
use suho_domain::units::{Decimal, Money};
use suho_domain::{Digest, Duration, Instant, Points, Ratio, Record, Value};

/// Accuracy of the model that serves.
pub(crate) const BASELINE_ACCURACY: Ratio = percent(65, 2);
/// By how much the candidate is better than the model that serves.
const ADVANTAGE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// `number` over ten to the `scale`, as a ratio.
pub(crate) const fn percent(number: u32, scale: u32) -> Ratio {
    Ratio::new(Decimal::from_parts(number, 0, 0, false, scale))
}

/// The candidate's accuracy, where only that of the model that serves is known.
pub(crate) fn better_than(baseline: Ratio) -> Ratio {
    Ratio::new(baseline.number().saturating_add(ADVANTAGE).min(Decimal::ONE))
}

/// A share that is measured of a rollout, as it is all the time. None for accuracy, which follows
/// from other things.
pub(crate) fn live(metric: &str) -> Option<Value> {
    match metric {
        "error_rate" => Some(Value::Ratio(percent(1, 3))),
        "uptime" => Some(Value::Ratio(percent(1, 0))),
        "agreement" => Some(Value::Ratio(percent(90, 2))),
        _ => None,
    }
}

/// Parts of `latency`, as the prelude's record names them, from the fastest answers on.
pub(crate) const LATENCIES: [&str; 5] = ["p50", "p90", "p95", "p99", "max"];
/// What they usually are, in milliseconds.
const USUAL_MS: [i64; LATENCIES.len()] = [20, 60, 80, 120, 200];

/// How fast answers come where `given` says something of some parts: the others are as usual, but no
/// lower than a part below them, and no higher than one above.
pub(crate) fn latencies(given: impl Fn(&str) -> Option<Value>) -> Vec<(&'static str, Value)> {
    let parts = LATENCIES.map(|part| (part, given(part)));
    let known = |(_, value): &(&str, Option<Value>)| match value {
        Some(Value::Duration(span)) => Some(*span),
        _ => None,
    };
    let each = |(at, ((part, value), usual)): (usize, (&(&'static str, Option<Value>), i64))| {
        if let Some(value) = value {
            return (*part, value.clone());
        }
        let usual = Duration::from_millis(usual);
        let below = parts.iter().take(at).filter_map(known).max();
        let above = parts.iter().skip(at).filter_map(known).min();
        let value = usual.max(below.unwrap_or(usual)).min(above.unwrap_or(Duration::DAY));
        (*part, Value::Duration(value))
    };
    parts.iter().zip(USUAL_MS).enumerate().map(each).collect()
}

/// An output of a step that suho brings along. `baseline`: the accuracy of the model that serves.
pub(crate) fn output(kind: &str, name: &str, baseline: Ratio) -> Option<Value> {
    let ratio = |hundredths| Some(Value::Ratio(percent(hundredths, 2)));
    let count = |count| Some(Value::Int(count));
    let number = |number| Some(Value::Float(number));
    match (kind, name) {
        ("evaluate", "accuracy" | "directional_accuracy" | "validation_accuracy") => {
            Some(Value::Ratio(better_than(baseline)))
        }
        ("evaluate", "accuracy_se" | "accuracy_se_iid") => {
            Some(Value::Points(Points::new(Decimal::new(1, 2))))
        }
        ("evaluate", "precision" | "recall" | "f1" | "auc") | ("train", "validation_accuracy") => {
            ratio(65)
        }
        ("evaluate", "log_loss") | ("train", "train_loss" | "validation_loss") => number(0.8),
        ("evaluate", "brier") => number(0.5),
        ("evaluate", "calibration_error") => number(0.02),
        ("evaluate", "mcc") => number(0.4),
        ("evaluate", "coverage") => ratio(60),
        ("evaluate", "majority" | "persistence") => ratio(40),
        ("evaluate", "events") | ("backtest", "bars") => count(3_000),
        ("backtest", "sharpe" | "sharpe_daily" | "profit_factor") => number(1.5),
        ("backtest", "sharpe_se") => number(0.3),
        ("backtest", "max_drawdown" | "cagr") => ratio(10),
        ("backtest", "sortino" | "calmar") => number(2.0),
        ("backtest", "win_rate") => ratio(55),
        ("backtest", "probabilistic_sharpe") => ratio(99),
        ("backtest", "deflated_sharpe") => ratio(95),
        ("backtest", "total_return" | "cost_share") => ratio(20),
        ("backtest", "exposure") => ratio(50),
        ("backtest", "trades") => count(500),
        ("backtest", "average_holding") => number(4.0),
        ("backtest", "turnover") => number(100.0),
        ("latency_probe", "latency") => {
            let parts = latencies(|_| None).into_iter();
            Some(Value::Record(parts.map(|(part, value)| (part.to_owned(), value)).collect()))
        }
        ("latency_probe", "requests") => count(1_000),
        ("latency_probe", "warmup") => count(100),
        ("latency_probe", "waiting") => ratio(1),
        ("latency_probe", "noisy") => Some(Value::Bool(false)),
        ("leakage_scan", "findings" | "warnings") => count(0),
        ("leakage_scan", "summary") => Some(Value::text("nothing found")),
        ("dataset", "rows") => count(20_000),
        ("dataset", "bars") => count(21_000),
        ("train", "epochs") => count(20),
        ("train", "best_epoch") => count(16),
        ("train", "parameters") => count(10_000),
        ("train" | "backtest", "trials") => count(1),
        _ => None,
    }
}

/// Something of type `ty` that no rule looks at.
pub(crate) fn placeholder(ty: &Type, library: &Library, at: Instant) -> Value {
    let fields = |ports: &[Port]| -> Record {
        let field = |port: &Port| (port.name.clone(), placeholder(&port.ty, library, at));
        ports.iter().map(field).collect()
    };
    let record = |name: &str| {
        let mut record = library.records.get(name).map(|ports| fields(ports)).unwrap_or_default();
        if let Some(digest) = record.get_mut("digest") {
            *digest = Value::text(Digest::of(name.as_bytes()).as_str());
        }
        Value::Record(record)
    };
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int => Value::Int(0),
        Type::Float => Value::Float(0.0),
        Type::Ratio => Value::Ratio(percent(0, 0)),
        Type::Points => Value::Points(Points::new(Decimal::ZERO)),
        Type::Duration => Value::Duration(Duration::ZERO),
        Type::Instant => Value::Instant(at),
        Type::Date => Value::Date(at.to_chrono().date_naive()),
        Type::Version => Value::Version(suho_domain::Version::FIRST),
        Type::Money => Value::Money(Money { amount: Decimal::ZERO, currency: "USD".to_owned() }),
        Type::Range(of) => {
            let end = || placeholder(of, library, at);
            Value::Range(Box::new((end(), end())))
        }
        Type::List(_) => Value::List(Vec::new()),
        Type::Map(..) => Value::Record(Record::new()),
        Type::Record(name) => record(name),
        Type::Fields(types) => {
            let field = |(name, ty): (&String, &Type)| (name.clone(), placeholder(ty, library, at));
            Value::Record(types.iter().map(field).collect())
        }
        Type::Enum(name) => {
            let first = library.enums.get(name).and_then(|choices| choices.first());
            let name = first.map_or_else(String::new, |choice| choice.name.clone());
            Value::Variant(suho_domain::Variant { name, fields: Record::new() })
        }
        Type::Model(_) => record("Model"),
        Type::Dataset(_) => record("Dataset"),
        Type::Optional(_) | Type::Unknown => Value::None,
        Type::Text
        | Type::Form(_)
        | Type::Artifact
        | Type::Secret(_)
        | Type::Period
        | Type::Pips
        | Type::Bytes
        | Type::Outputs(_)
        | Type::Run(_) => Value::text(""),
    }
}

#[cfg(test)]
mod tests;
