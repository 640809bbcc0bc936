//! Expressions by their parts.

use std::collections::BTreeSet;
use suho_check::program::Expr;
use suho_domain::Name;

/// `expr` and all that it is made of, the whole before its parts.
pub(crate) fn all(expr: &Expr) -> impl Iterator<Item = &Expr> {
    let mut open = vec![expr];
    std::iter::from_fn(move || {
        let next = open.pop()?;
        open.extend(parts(next).into_iter().rev());
        Some(next)
    })
}

/// The steps whose outputs `expr` uses.
pub(crate) fn steps_in(expr: &Expr) -> BTreeSet<&Name> {
    all(expr)
        .filter_map(|part| match part {
            Expr::Output { step, .. } => Some(step),
            _ => None,
        })
        .collect()
}

/// The expressions that `expr` is made of, as written.
fn parts(expr: &Expr) -> Vec<&Expr> {
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
