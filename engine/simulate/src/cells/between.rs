//! A short number between two others.

use std::cmp::Ordering;
use suho_domain::units::Decimal;
use suho_domain::{Duration, Points, Ratio, Value};

/// Digits after the point that are tried before the middle itself is taken.
const DIGITS_MAX: u32 = 12;

/// How two values of one kind stand; none where they have no order.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => None,
    }
}

/// The shortest number near the middle of `low` and `high` that is neither; none where there is
/// none.
pub(super) fn between(low: &Value, high: &Value) -> Option<Value> {
    let (a, b) = (number(low)?, number(high)?);
    let middle = a.checked_add(b)?.checked_div(Decimal::TWO)?;
    let is_inside = |number: &Decimal| a < *number && *number < b;
    if let (Value::Int(_), Value::Int(_)) = (low, high) {
        let tens = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1].map(Decimal::from);
        let rounded = tens.iter().filter_map(|ten| {
            middle.checked_div(*ten).and_then(|part| part.floor().checked_mul(*ten))
        });
        return rounded.filter(is_inside).find_map(|number| valued(low, number));
    }
    let mut rounded = (0..=DIGITS_MAX).map(|digits| middle.round_dp(digits));
    let short = rounded.find(is_inside).or_else(|| Some(middle).filter(is_inside))?;
    valued(low, short.normalize())
}

/// A value as a plain number: a duration in milliseconds.
fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some((*number).into()),
        Value::Float(number) => Decimal::try_from(*number).ok(),
        Value::Ratio(ratio) => Some(ratio.number()),
        Value::Points(points) => Some(points.number()),
        Value::Duration(span) => Some(Decimal::new(span.nanos(), 6)),
        _ => None,
    }
}

/// `number` as a value of the same kind as `like`.
fn valued(like: &Value, number: Decimal) -> Option<Value> {
    match like {
        Value::Int(_) => i64::try_from(number).ok().map(Value::Int),
        Value::Float(_) => f64::try_from(number).ok().map(Value::Float),
        Value::Ratio(_) => Some(Value::Ratio(Ratio::new(number))),
        Value::Points(_) => Some(Value::Points(Points::new(number))),
        Value::Duration(_) => {
            let nanos = number.checked_mul(Decimal::from(1_000_000))?;
            i64::try_from(nanos).ok().map(|nanos| Value::Duration(Duration::from_nanos(nanos)))
        }
        _ => None,
    }
}
