//! Words for times, spans, counts and measurements.

use serde_json::Value as Json;
use std::time::{SystemTime, UNIX_EPOCH};
use suho_domain::{Duration, Instant, Value};
use suho_driver::Beginner;
use suho_driver::ports::RunRow;
use suho_time::parse_zone;

/// What stands where there is nothing to say.
pub(crate) const NONE: &str = "–";
/// Most characters of a value in a sentence.
const SHOWN_MAX: usize = 60;

/// The wall clock.
pub(super) fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "commands ask how long something took so far")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// `at` in `zone`, as people read it: `Wed 2018-02-07 15:00 UTC`.
pub(crate) fn local(at: Instant, zone: &str) -> String {
    match parse_zone(zone) {
        Ok(zone) => at.to_chrono().with_timezone(&zone).format("%a %Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => at.to_chrono().format("%a %Y-%m-%d %H:%M UTC").to_string(),
    }
}

/// The same, or a dash.
pub(super) fn local_or_none(at: Option<Instant>, zone: &str) -> String {
    at.map_or_else(|| NONE.to_owned(), |at| local(at, zone))
}

/// A span as people compare them: `12ms`, `3.4s`, `2m10s`, `7h5m`. One below zero, after the clock
/// was set back, is none.
pub(super) fn took(span: Duration) -> String {
    let millis = (span.micros() / 1_000).max(0);
    match millis {
        ..1_000 => format!("{millis}ms"),
        1_000..60_000 => format!("{}.{}s", millis / 1_000, millis % 1_000 / 100),
        60_000..3_600_000 => Duration::from_seconds(millis / 1_000).to_string(),
        _ => Duration::from_minutes(millis / 60_000).to_string(),
    }
}

/// How long from `start` to `end`, or so far; a dash before the start.
pub(super) fn took_between(start: Option<Instant>, end: Option<Instant>, now: Instant) -> String {
    match (start, end) {
        (None, _) => NONE.to_owned(),
        (Some(start), Some(end)) => took(end.since(start)),
        (Some(start), None) => format!("{} so far", took(now.since(start))),
    }
}

/// What began `run`, where it was no person at a terminal: `backfill of monthly, for ana`.
pub(super) fn begun_by(run: &RunRow) -> Option<String> {
    match Beginner::of(&run.created_by) {
        Beginner::Person(_) => None,
        beginner => Some(beginner.to_string()),
    }
}

/// A count with separators: `3,123`.
pub(crate) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number < 0 { format!("-{grouped}") } else { grouped }
}

/// `1 model`, `1,200 models`.
pub(crate) fn many(number: u64, noun: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{} {noun}{end}", count(i64::try_from(number).unwrap_or(i64::MAX)))
}

/// A measurement, rounded to what a person compares.
pub(super) fn figure(value: &Value) -> String {
    match value {
        Value::Int(number) => count(*number),
        Value::Float(number) => format!("{number:.3}"),
        Value::Ratio(ratio) => format!("{:.1}%", ratio.to_f64() * 100.0),
        Value::Points(points) => format!("{:.1}pp", points.to_f64() * 100.0),
        Value::Duration(span) if *span < Duration::from_seconds(1) => {
            format!("{:.1}ms", span.millis_f64())
        }
        Value::Duration(span) => took(*span),
        other => other.to_string(),
    }
}

/// A value of untagged JSON in a sentence: texts without quotes, long ones cut.
pub(super) fn plain(value: &Json) -> String {
    let text = match value {
        Json::Null => "none".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    let cut: String = text.chars().take(SHOWN_MAX).collect();
    format!("{cut}…")
}
