//! From numbers to values of the language.

use suho_domain::{Duration, Instant, Points, Ratio, Record, Value};
use suho_stats::Measured;

/// A count.
pub(crate) fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A measured share, or why there is none.
pub(crate) fn ratio(measured: Measured<f64>) -> Value {
    defined(measured, Value::measured_ratio)
}

/// A measured number without unit, or why there is none.
pub(crate) fn float(measured: Measured<f64>) -> Value {
    defined(measured, Value::measured)
}

/// A measured difference of shares, or why there is none.
pub(crate) fn points(measured: Measured<f64>) -> Value {
    let undefined = || Value::Undefined("the figure is not finite".to_owned());
    defined(measured, |number| {
        Ratio::measured(number)
            .map_or_else(undefined, |ratio| Value::Points(Points::new(ratio.number())))
    })
}

/// A measured time in milliseconds, or why there is none.
pub(crate) fn millis(measured: Measured<f64>) -> Value {
    let undefined = || Value::Undefined("the figure is not finite".to_owned());
    defined(measured, |number| {
        Duration::measured_ms(number).map_or_else(undefined, Value::Duration)
    })
}

fn defined(measured: Measured<f64>, value: impl FnOnce(f64) -> Value) -> Value {
    match measured {
        Measured::Defined(number) => value(number),
        Measured::Undefined(reason) => Value::Undefined(reason.to_string()),
    }
}

/// The time from `start` to just before `end`.
pub(crate) fn window(start: Instant, end: Instant) -> Value {
    Value::Range(Box::new((Value::Instant(start), Value::Instant(end))))
}

/// A list of texts.
pub(crate) fn texts<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    Value::List(items.into_iter().map(|item| Value::text(item.to_string())).collect())
}

/// Fields by name, as [`Value::record`] takes them, for a list that grows.
pub(crate) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Record {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
