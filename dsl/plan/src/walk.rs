//! Expressions by their parts.

use std::collections::{BTreeMap, BTreeSet};
use suho_check::program::Expr;
use suho_domain::Name;

/// `expr` and all that it is made of, the whole before its parts.
pub fn all(expr: &Expr) -> impl Iterator<Item = &Expr> {
    let mut open = vec![expr];
    std::iter::from_fn(move || {
        let next = open.pop()?;
        open.extend(parts(next).into_iter().rev());
        Some(next)
    })
}

/// The steps whose outputs `expr` uses.
pub fn steps_in(expr: &Expr) -> BTreeSet<&Name> {
    all(expr)
        .filter_map(|part| match part {
            Expr::Output { step, .. } => Some(step),
            _ => None,
        })
        .collect()
}

/// `expr` with each of its parts made anew.
pub fn rebuilt(expr: &Expr, each: &dyn Fn(&Expr) -> Expr) -> Expr {
    let fields = |fields: &BTreeMap<String, Expr>| -> BTreeMap<String, Expr> {
        fields.iter().map(|(name, value)| (name.clone(), each(value))).collect()
    };
    match expr {
        Expr::Value(_) | Expr::Param(_) | Expr::Live(_) | Expr::Bound(_) | Expr::Output { .. } => {
            expr.clone()
        }
        Expr::Field(base, access) => Expr::Field(Box::new(each(base)), access.clone()),
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
    }
}

/// The expressions that `expr` is made of, as written.
pub fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Value(_) | Expr::Param(_) | Expr::Live(_) | Expr::Bound(_) | Expr::Output { .. } => {
            Vec::new()
        }
        Expr::Field(base, _) | Expr::Unary(_, base) => vec![base],
        Expr::List(items) | Expr::Text(items) => items.iter().collect(),
        Expr::Record(fields) | Expr::Variant(_, fields) => fields.values().collect(),
        Expr::Call(_, args) => args.iter().map(|(_, arg)| arg).collect(),
        Expr::With(base, fields) => [&**base].into_iter().chain(fields.values()).collect(),
        Expr::If(parts) => vec![&parts.0, &parts.1, &parts.2],
        Expr::Binary(_, sides) => vec![&sides.0, &sides.1],
        Expr::Comprehension(_, parts) => {
            [&parts.0].into_iter().chain(&parts.1).chain([&parts.2]).collect()
        }
    }
}
