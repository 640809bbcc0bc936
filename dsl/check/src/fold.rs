//! Values that are known when planning: expressions whose parts are known become values.

mod arithmetic;

pub(crate) use arithmetic::{binary, compare};

use crate::elaborate::zone;
use crate::program::{BinaryOp, Expr, UnaryOp};
use std::collections::BTreeMap;
use suho_domain::{Record, Value, Variant};

/// `expr` as a value, if everything in it is known; else as it is.
pub(crate) fn folded(expr: Expr) -> Expr {
    match known(&expr, &|_| None) {
        Some(value) => Expr::Value(value),
        None => expr,
    }
}

/// A choice of an enum; a value when its fields are.
pub(crate) fn variant(name: &str, fields: BTreeMap<String, Expr>) -> Expr {
    folded(Expr::Variant(name.to_owned(), fields))
}

/// What `expr` comes to, where `lookup` answers for parameters, outputs, metrics and bound names.
pub(crate) fn known(expr: &Expr, lookup: &dyn Fn(&Expr) -> Option<Value>) -> Option<Value> {
    match expr {
        Expr::Value(value) => Some(value.clone()),
        Expr::Param(_) | Expr::Output { .. } | Expr::Live(_) | Expr::Bound(_) => lookup(expr),
        Expr::Field(base, access) => match known(base, lookup)? {
            Value::None => Some(Value::None),
            base => base.field(&access.field).cloned(),
        },
        Expr::List(items) => all(items, lookup).map(Value::List),
        Expr::Record(fields) => record(fields, lookup).map(Value::Record),
        Expr::Variant(name, fields) => {
            let fields = record(fields, lookup)?;
            Some(Value::Variant(Variant { name: name.clone(), fields }))
        }
        Expr::Call(name, args) => {
            let args: Option<Vec<Value>> = args.iter().map(|(_, arg)| known(arg, lookup)).collect();
            call(name, &args?)
        }
        Expr::With(base, fields) => match known(base, lookup)? {
            Value::Record(mut base) => {
                base.extend(record(fields, lookup)?);
                Some(Value::Record(base))
            }
            Value::Variant(mut base) => {
                base.fields.extend(record(fields, lookup)?);
                Some(Value::Variant(base))
            }
            _ => None,
        },
        Expr::Text(parts) => {
            let parts = all(parts, lookup)?;
            Some(Value::text(parts.iter().map(Value::to_string).collect::<String>()))
        }
        Expr::If(parts) => match known(&parts.0, lookup)? {
            Value::Bool(true) => known(&parts.1, lookup),
            Value::Bool(false) => known(&parts.2, lookup),
            _ => None,
        },
        Expr::Unary(operator, operand) => unary(*operator, known(operand, lookup)?),
        Expr::Binary(operator, sides) => {
            binary(*operator, &known(&sides.0, lookup)?, &known(&sides.1, lookup)?)
        }
        Expr::Comprehension(name, parts) => {
            let Value::List(items) = known(&parts.0, lookup)? else { return None };
            let mut values = Vec::new();
            for item in items {
                let inner = |expr: &Expr| match expr {
                    Expr::Bound(bound) if bound == name => Some(item.clone()),
                    expr => lookup(expr),
                };
                let is_kept = match &parts.1 {
                    Some(condition) => known(condition, &inner)? == Value::Bool(true),
                    None => true,
                };
                if is_kept {
                    values.push(known(&parts.2, &inner)?);
                }
            }
            Some(Value::List(values))
        }
    }
}

fn all(items: &[Expr], lookup: &dyn Fn(&Expr) -> Option<Value>) -> Option<Vec<Value>> {
    items.iter().map(|item| known(item, lookup)).collect()
}

fn record(
    fields: &BTreeMap<String, Expr>,
    lookup: &dyn Fn(&Expr) -> Option<Value>,
) -> Option<Record> {
    fields.iter().map(|(name, field)| Some((name.clone(), known(field, lookup)?))).collect()
}

fn unary(operator: UnaryOp, operand: Value) -> Option<Value> {
    match (operator, operand) {
        (UnaryOp::Not, Value::Bool(value)) => Some(Value::Bool(!value)),
        (UnaryOp::Negate, operand) => arithmetic::negated(operand),
        (UnaryOp::Not, _) => None,
    }
}

/// What a function of the language comes to that needs nothing but its arguments; none for others, and
/// for arguments that it does not take.
pub fn call(name: &str, args: &[Value]) -> Option<Value> {
    match (name, args) {
        ("len", [Value::List(items)]) => i64::try_from(items.len()).ok().map(Value::Int),
        ("last", [Value::List(items)]) => items.last().cloned(),
        ("sum", [Value::List(items)]) => {
            let (first, rest) = items.split_first()?;
            rest.iter().try_fold(first.clone(), |sum, each| binary(BinaryOp::Add, &sum, each))
        }
        ("increasing", [Value::List(items)]) => {
            let pairs = items.iter().zip(items.iter().skip(1));
            let orders: Option<Vec<_>> = pairs.map(|(a, b)| compare(a, b)).collect();
            Some(Value::Bool(orders?.into_iter().all(std::cmp::Ordering::is_lt)))
        }
        ("at", [Value::List(items), Value::Int(index)]) => {
            items.get(usize::try_from(*index).ok()?).cloned()
        }
        (zone::FUNCTION, [days, Value::Text(zone)]) => zone::begun(days, zone),
        ("min" | "max", [first, rest @ ..]) => rest.iter().try_fold(first.clone(), |best, each| {
            let order = compare(each, &best)?;
            let is_better = if name == "min" { order.is_lt() } else { order.is_gt() };
            Some(if is_better { each.clone() } else { best })
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
