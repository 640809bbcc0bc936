//! Binding parameters and folding what is known when planning.

use crate::evaluate::{Facts, evaluate};
use std::collections::BTreeMap;
use suho_check::program::{Access, Expr};
use suho_domain::{Name, Value};

/// `expr` with parameters replaced by `params` and constant parts by their values.
pub(crate) fn fold(expr: &Expr, params: &BTreeMap<Name, Value>) -> Expr {
    let each = |inner: &Expr| fold(inner, params);
    let fields = |fields: &BTreeMap<String, Expr>| -> BTreeMap<String, Expr> {
        fields.iter().map(|(name, value)| (name.clone(), each(value))).collect()
    };
    let folded = match expr {
        Expr::Param(name) => match params.get(name) {
            Some(value) => return Expr::Value(value.clone()),
            None => return expr.clone(),
        },
        Expr::Field(base, access) => field(each(base), access),
        Expr::List(items) => Expr::List(items.iter().map(each).collect()),
        Expr::Record(inner) => Expr::Record(fields(inner)),
        Expr::Variant(name, inner) => Expr::Variant(name.clone(), fields(inner)),
        Expr::Call(function, args) => {
            let args = args.iter().map(|(name, arg)| (name.clone(), each(arg))).collect();
            Expr::Call(function.clone(), args)
        }
        Expr::With(base, inner) => Expr::With(Box::new(each(base)), fields(inner)),
        Expr::Text(parts) => Expr::Text(parts.iter().map(each).collect()),
        Expr::If(branches) => {
            let (condition, then, otherwise) = branches.as_ref();
            Expr::If(Box::new((each(condition), each(then), each(otherwise))))
        }
        Expr::Unary(op, operand) => Expr::Unary(*op, Box::new(each(operand))),
        Expr::Binary(op, operands) => {
            Expr::Binary(*op, Box::new((each(&operands.0), each(&operands.1))))
        }
        Expr::Comprehension(name, parts) => {
            let (source, condition, item) = parts.as_ref();
            let condition = condition.as_ref().map(each);
            Expr::Comprehension(name.clone(), Box::new((each(source), condition, each(item))))
        }
        // A value is one already, and of the others nothing is known yet.
        Expr::Value(_) | Expr::Output { .. } | Expr::Live(_) | Expr::Bound(_) => {
            return expr.clone();
        }
    };
    evaluate(&folded, &Nothing).map_or(folded, Expr::Value)
}

/// As [`fold`], of every attribute.
pub(crate) fn fold_all(
    attributes: &BTreeMap<String, Expr>,
    params: &BTreeMap<Name, Value>,
) -> BTreeMap<String, Expr> {
    attributes.iter().map(|(name, expr)| (name.clone(), fold(expr, params))).collect()
}

fn field(base: Expr, access: &Access) -> Expr {
    match base {
        // A field of a record whose other fields are not known yet.
        Expr::Record(mut fields) if fields.contains_key(&access.field) => {
            fields.remove(&access.field).unwrap_or(Expr::Value(Value::None))
        }
        base => Expr::Field(Box::new(base), access.clone()),
    }
}

/// Nothing has run, nothing is live.
struct Nothing;

impl Facts for Nothing {
    fn output(&self, _: &Name) -> Option<&Value> {
        None
    }
    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}
