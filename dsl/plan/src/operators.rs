//! Arithmetic and comparison of values with units.
//!
//! Ratios, points and money are decimals, so `67% - 5pp` is exactly `62%` and a gate at the limit
//! decides as it reads.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use std::cmp::Ordering;
use suho_check::program::BinaryOp;
use suho_domain::Value;
use suho_domain::units::{Duration, Money, Pips, Points, Ratio};

/// `left op right`; `None` when the units do not fit or the result is too large.
pub(crate) fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    match op {
        BinaryOp::Add => add(left, right),
        BinaryOp::Subtract => add(left, &negated(right)?).map(|sum| difference(left, right, sum)),
        BinaryOp::Multiply => multiply(left, right).or_else(|| multiply(right, left)),
        BinaryOp::Divide => divide(left, right),
        BinaryOp::Range => Some(Value::Range(Box::new((left.clone(), right.clone())))),
        _ => None,
    }
}

/// The difference of two ratios is in points.
fn difference(left: &Value, right: &Value, sum: Value) -> Value {
    match (left, right, sum) {
        (Value::Ratio(_), Value::Ratio(_), Value::Ratio(sum)) => {
            Value::Points(Points::new(sum.number()))
        }
        (_, _, sum) => sum,
    }
}

fn add(left: &Value, right: &Value) -> Option<Value> {
    let ratio = |a: Decimal, b: Decimal| a.checked_add(b).map(|n| Value::Ratio(Ratio::new(n)));
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        (Value::Ratio(a), Value::Ratio(b)) => ratio(a.number(), b.number()),
        (Value::Ratio(a), Value::Points(b)) | (Value::Points(b), Value::Ratio(a)) => {
            ratio(a.number(), b.number())
        }
        (Value::Points(a), Value::Points(b)) => {
            a.number().checked_add(b.number()).map(|n| Value::Points(Points::new(n)))
        }
        (Value::Pips(a), Value::Pips(b)) => {
            a.number().checked_add(b.number()).map(|n| Value::Pips(Pips::new(n)))
        }
        (Value::Duration(a), Value::Duration(b)) => Some(Value::Duration(a.plus(*b))),
        (Value::Instant(a), Value::Duration(b)) => Some(Value::Instant(a.plus(*b))),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            let amount = a.amount.checked_add(b.amount)?;
            Some(Value::Money(Money { amount, currency: a.currency.clone() }))
        }
        (Value::Text(a), Value::Text(b)) => Some(Value::Text(format!("{a}{b}"))),
        (Value::List(a), Value::List(b)) => Some(Value::List([a.as_slice(), b].concat())),
        (a, b) => float(a).zip(float(b)).and_then(|(a, b)| finite(a + b)),
    }
}

/// `-value`; `None` for what has no sign.
pub(crate) fn negated(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Int(number) => Value::Int(number.checked_neg()?),
        Value::Float(number) => Value::Float(-number),
        Value::Ratio(ratio) => Value::Ratio(Ratio::new(-ratio.number())),
        Value::Points(points) => Value::Points(Points::new(-points.number())),
        Value::Pips(pips) => Value::Pips(Pips::new(-pips.number())),
        Value::Duration(span) => Value::Duration(Duration::ZERO.minus(*span)),
        Value::Money(money) => {
            Value::Money(Money { amount: -money.amount, currency: money.currency.clone() })
        }
        _ => return None,
    })
}

fn multiply(left: &Value, right: &Value) -> Option<Value> {
    let factor = factor(right)?;
    Some(match left {
        Value::Int(a) => match right {
            Value::Int(b) => Value::Int(a.checked_mul(*b)?),
            _ => return None,
        },
        Value::Ratio(a) => Value::Ratio(Ratio::new(a.number().checked_mul(factor)?.normalize())),
        Value::Points(a) => Value::Points(Points::new(a.number().checked_mul(factor)?.normalize())),
        Value::Pips(a) => Value::Pips(Pips::new(a.number().checked_mul(factor)?.normalize())),
        Value::Duration(a) => Value::Duration(a.times(factor)?),
        Value::Money(a) => {
            let amount = a.amount.checked_mul(factor)?.normalize();
            Value::Money(Money { amount, currency: a.currency.clone() })
        }
        Value::Float(a) => finite(a * float(right).or_else(|| right.as_f64())?)?,
        _ => return None,
    })
}

fn divide(left: &Value, right: &Value) -> Option<Value> {
    let ratio_of = |a: Decimal, b: Decimal| a.checked_div(b).map(|n| Value::Ratio(Ratio::new(n)));
    match (left, right) {
        (Value::Ratio(a), Value::Ratio(b)) => ratio_of(a.number(), b.number()),
        (Value::Duration(a), Value::Duration(b)) => ratio_of(a.nanos().into(), b.nanos().into()),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            ratio_of(a.amount, b.amount)
        }
        (Value::Int(_) | Value::Float(_), _) => finite(float(left)? / float(right)?),
        _ => {
            let inverse = Decimal::ONE.checked_div(factor(right)?)?;
            multiply(left, &Value::Ratio(Ratio::new(inverse)))
        }
    }
}

/// A number without unit, or a ratio, as a factor.
fn factor(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some((*number).into()),
        Value::Float(number) => Decimal::from_f64(*number),
        Value::Ratio(ratio) => Some(ratio.number()),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn finite(number: f64) -> Option<Value> {
    number.is_finite().then_some(Value::Float(number))
}

/// How `left` stands to `right`; `None` when they cannot be compared.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Ratio(a), Value::Ratio(b)) => Some(a.cmp(b)),
        (Value::Points(a), Value::Points(b)) => Some(a.cmp(b)),
        (Value::Pips(a), Value::Pips(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Period(a), Value::Period(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Instant(a), Value::Instant(b)) => Some(a.cmp(b)),
        (Value::Version(a), Value::Version(b)) => Some(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            Some(a.amount.cmp(&b.amount))
        }
        (a, b) => match (float(a), float(b)) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => (a == b).then_some(Ordering::Equal),
        },
    }
}

#[cfg(test)]
mod tests;
