//! Sums, products and comparisons of values with units. Exact, but for `Float`.

use crate::program::BinaryOp;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use suho_domain::Value;
use suho_domain::units::{Duration, Money, Pips, Points, Ratio};

/// `left operator right`; none when it does not fit or is not known.
pub(crate) fn binary(operator: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    let ordered = |holds: fn(Ordering) -> bool| compare(left, right).map(holds).map(Value::Bool);
    match operator {
        BinaryOp::And | BinaryOp::Or => match (left, right) {
            (Value::Bool(a), Value::Bool(b)) => {
                Some(Value::Bool(if operator == BinaryOp::And { *a && *b } else { *a || *b }))
            }
            _ => None,
        },
        BinaryOp::In => match right {
            Value::List(items) => Some(Value::Bool(items.contains(left))),
            Value::Range(ends) => {
                let (from, to) = (compare(left, &ends.0)?, compare(left, &ends.1)?);
                Some(Value::Bool(from.is_ge() && to.is_lt()))
            }
            _ => None,
        },
        BinaryOp::Equal => Some(Value::Bool(are_equal(left, right))),
        BinaryOp::NotEqual => Some(Value::Bool(!are_equal(left, right))),
        BinaryOp::Less => ordered(Ordering::is_lt),
        BinaryOp::LessOrEqual => ordered(Ordering::is_le),
        BinaryOp::Greater => ordered(Ordering::is_gt),
        BinaryOp::GreaterOrEqual => ordered(Ordering::is_ge),
        BinaryOp::Coalesce => Some(if *left == Value::None { right } else { left }.clone()),
        BinaryOp::Range => Some(Value::Range(Box::new((left.clone(), right.clone())))),
        BinaryOp::Add => added(left, right, false),
        BinaryOp::Subtract => added(left, right, true),
        BinaryOp::Multiply => multiplied(left, right).or_else(|| multiplied(right, left)),
        BinaryOp::Divide => divided(left, right),
    }
}

fn are_equal(left: &Value, right: &Value) -> bool {
    compare(left, right).map_or_else(|| left == right, Ordering::is_eq)
}

/// How two values of one kind stand to each other.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            left.as_f64()?.partial_cmp(&right.as_f64()?)
        }
        (Value::Ratio(a), Value::Ratio(b)) => Some(a.cmp(b)),
        (Value::Points(a), Value::Points(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Period(a), Value::Period(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Instant(a), Value::Instant(b)) => Some(a.cmp(b)),
        (Value::Pips(a), Value::Pips(b)) => Some(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::Version(a), Value::Version(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            Some(a.amount.cmp(&b.amount))
        }
        _ => None,
    }
}

/// `-value`.
pub(super) fn negated(value: Value) -> Option<Value> {
    match value {
        Value::Int(number) => number.checked_neg().map(Value::Int),
        Value::Float(number) => Some(Value::Float(-number)),
        Value::Ratio(ratio) => Some(Value::Ratio(Ratio::new(-ratio.number()))),
        Value::Points(points) => Some(Value::Points(Points::new(-points.number()))),
        Value::Pips(pips) => Some(Value::Pips(Pips::new(-pips.number()))),
        Value::Duration(duration) => Some(Value::Duration(Duration::ZERO.minus(duration))),
        Value::Money(Money { amount, currency }) => {
            Some(Value::Money(Money { amount: -amount, currency }))
        }
        _ => None,
    }
}

fn added(left: &Value, right: &Value, is_minus: bool) -> Option<Value> {
    let sum = |a: Decimal, b: Decimal| if is_minus { a.checked_sub(b) } else { a.checked_add(b) };
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => {
            if is_minus { a.checked_sub(*b) } else { a.checked_add(*b) }.map(Value::Int)
        }
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let (a, b) = (left.as_f64()?, right.as_f64()?);
            finite(if is_minus { a - b } else { a + b })
        }
        (Value::Ratio(a), Value::Points(b)) => {
            Some(Value::Ratio(Ratio::new(sum(a.number(), b.number())?)))
        }
        (Value::Points(a), Value::Points(b)) => {
            Some(Value::Points(Points::new(sum(a.number(), b.number())?)))
        }
        (Value::Pips(a), Value::Pips(b)) => {
            Some(Value::Pips(Pips::new(sum(a.number(), b.number())?)))
        }
        (Value::Duration(a), Value::Duration(b)) => {
            Some(Value::Duration(if is_minus { a.minus(*b) } else { a.plus(*b) }))
        }
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            let amount = sum(a.amount, b.amount)?;
            Some(Value::Money(Money { amount, currency: a.currency.clone() }))
        }
        (Value::List(a), Value::List(b)) if !is_minus => {
            // The union: what is there already is not added again.
            let mut items = a.clone();
            for item in b {
                if !items.contains(item) {
                    items.push(item.clone());
                }
            }
            Some(Value::List(items))
        }
        _ => None,
    }
}

/// `value` times the plain number or ratio `factor`.
fn multiplied(value: &Value, factor: &Value) -> Option<Value> {
    if let (Value::Int(a), Value::Int(b)) = (value, factor) {
        return a.checked_mul(*b).map(Value::Int);
    }
    if let (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) = (value, factor) {
        return finite(value.as_f64()? * factor.as_f64()?);
    }
    if let (Value::Int(_) | Value::Float(_), Value::Ratio(ratio)) = (value, factor) {
        return finite(value.as_f64()? * ratio.to_f64());
    }
    let number = match factor {
        Value::Int(number) => Decimal::from(*number),
        Value::Float(number) => Decimal::try_from(*number).ok()?,
        Value::Ratio(ratio) => ratio.number(),
        _ => return None,
    };
    scaled(value, number)
}

fn scaled(value: &Value, number: Decimal) -> Option<Value> {
    match value {
        Value::Ratio(it) => Some(Value::Ratio(Ratio::new(it.number().checked_mul(number)?))),
        Value::Points(it) => Some(Value::Points(Points::new(it.number().checked_mul(number)?))),
        Value::Pips(it) => Some(Value::Pips(Pips::new(it.number().checked_mul(number)?))),
        Value::Duration(it) => it.times(number).map(Value::Duration),
        Value::Money(it) => {
            let amount = it.amount.checked_mul(number)?;
            Some(Value::Money(Money { amount, currency: it.currency.clone() }))
        }
        _ => None,
    }
}

fn divided(left: &Value, right: &Value) -> Option<Value> {
    let same = matches!(
        (left, right),
        (Value::Ratio(_), Value::Ratio(_))
            | (Value::Points(_), Value::Points(_))
            | (Value::Duration(_), Value::Duration(_))
            | (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_))
    );
    if same {
        return finite(left.as_f64()? / right.as_f64()?);
    }
    let number = match right {
        Value::Int(number) => Decimal::from(*number),
        Value::Float(number) => Decimal::try_from(*number).ok()?,
        _ => return None,
    };
    scaled(left, Decimal::ONE.checked_div(number)?)
}

fn finite(number: f64) -> Option<Value> {
    number.is_finite().then_some(Value::Float(number))
}
