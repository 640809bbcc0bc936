//! One value of each cell that limits cut a metric's range into.

use super::variable::Variable;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};
use suho_check::Type;
use suho_domain::{Duration, Money, Pips, Points, Ratio, Value};

/// Values worth trying, those that read best first: between limits, beyond them, at them, missing.
/// And whether they are of every cell.
pub(super) fn cells(variable: &Variable<'_>, limits: &[Value]) -> (Vec<Value>, bool) {
    let (mut values, is_known) = match limits.first() {
        Some(first) => match (number(first), limits) {
            (Some(_), _) => (numbers(variable, limits), true),
            (None, _) => (words(limits), true),
        },
        None => unlimited(variable),
    };
    if variable.base.is_some() {
        values.push(Value::None);
    }
    (values, is_known)
}

/// Between, at, below and above numbers of one unit.
fn numbers(variable: &Variable<'_>, limits: &[Value]) -> Vec<Value> {
    let domain = variable.metric.and_then(|metric| metric.domain.as_ref());
    let domain = domain.and_then(|(low, high)| Some((number(low)?, number(high)?)));
    let is_float = variable.metric.is_some_and(|metric| metric.ty == Type::Float);
    let like =
        limits.iter().find(|limit| matches!(limit, Value::Float(_))).or_else(|| limits.first());
    let Some(like) = like else { return Vec::new() };
    let mut at: Vec<Decimal> = limits.iter().filter_map(number).collect();
    at.sort();
    at.dedup();
    let (Some(lowest), Some(highest)) = (at.first().copied(), at.last().copied()) else {
        return Vec::new();
    };
    let half = |a: Decimal, b: Decimal| (a + b) / Decimal::TWO;
    let mut values: Vec<Decimal> =
        at.windows(2).filter_map(|two| Some(half(*two.first()?, *two.last()?))).collect();
    // A little beyond; halfway to the end of the domain where a little is too much.
    let mut below = lowest - step(like, lowest);
    let mut above = highest + step(like, highest);
    if let Some((low, high)) = domain {
        below = if below < low { half(low, lowest) } else { below };
        above = if above > high { half(highest, high) } else { above };
    }
    values.extend([below, above]);
    values.extend(at);
    values.extend(domain.into_iter().flat_map(|(low, high)| [low, high]));
    let is_inside =
        |value: &Decimal| domain.is_none_or(|(low, high)| low <= *value && *value <= high);
    let mut kept: Vec<Value> = Vec::new();
    for value in
        values.into_iter().filter(is_inside).filter_map(|value| back(like, is_float, value))
    {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

/// Each, and one that is none of them.
fn words(limits: &[Value]) -> Vec<Value> {
    let mut values: Vec<Value> = limits.to_vec();
    values.extend(match limits.first() {
        Some(Value::Bool(value)) => Some(Value::Bool(!value)),
        Some(Value::Text(_)) => Some(Value::text("something else")),
        _ => None,
    });
    values
}

/// A few values of what nothing limits yet: the others' limits follow from it.
fn unlimited(variable: &Variable<'_>) -> (Vec<Value>, bool) {
    let ratio = |hundredths: i64| Value::Ratio(Ratio::new(Decimal::new(hundredths, 2).normalize()));
    match variable.metric.map(|metric| &metric.ty) {
        Some(Type::Ratio) => (vec![ratio(60), ratio(10), ratio(90)], true),
        Some(Type::Float) => (vec![Value::Float(1.0), Value::Float(0.0), Value::Float(-1.0)], true),
        Some(Type::Int) => (vec![Value::Int(100), Value::Int(0), Value::Int(1)], true),
        Some(Type::Record(record)) if record == "Latency" => {
            let span = |millis| Value::Duration(Duration::from_millis(millis));
            (vec![span(100), span(1), span(1_000)], true)
        }
        // Perhaps it is a condition by itself.
        _ => (vec![Value::Bool(true), Value::Bool(false)], false),
    }
}

/// How far past a limit reads well: a point of a ratio, a tenth of anything else.
fn step(like: &Value, limit: Decimal) -> Decimal {
    match like {
        Value::Ratio(_) | Value::Points(_) => Decimal::new(1, 2),
        Value::Int(_) => Decimal::ONE,
        _ => (limit.abs() / Decimal::TEN).max(Decimal::new(1, 1)),
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Float(number) => Decimal::from_f64(*number),
        Value::Ratio(ratio) => Some(ratio.number()),
        Value::Points(points) => Some(points.number()),
        Value::Duration(span) => Some(Decimal::from(span.nanos())),
        Value::Pips(pips) => Some(pips.number()),
        Value::Money(money) => Some(money.amount),
        _ => None,
    }
}

/// `number` in the unit of `like`.
fn back(like: &Value, is_float: bool, number: Decimal) -> Option<Value> {
    let number = number.normalize();
    Some(match like {
        Value::Int(_) if is_float => Value::Float(number.to_f64()?),
        Value::Int(_) => Value::Int(number.floor().to_i64()?),
        Value::Float(_) => Value::Float(number.to_f64()?),
        Value::Ratio(_) => Value::Ratio(Ratio::new(number)),
        Value::Points(_) => Value::Points(Points::new(number)),
        Value::Duration(_) => Value::Duration(Duration::from_nanos(number.round().to_i64()?)),
        Value::Pips(_) => Value::Pips(Pips::new(number)),
        Value::Money(money) => {
            Value::Money(Money { amount: number, currency: money.currency.clone() })
        }
        _ => return None,
    })
}
