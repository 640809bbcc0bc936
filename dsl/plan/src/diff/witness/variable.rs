//! What conditions measure, as the unknowns of a search.

use crate::evaluate::evaluate;
use crate::fold::Nothing;
use crate::operators::arithmetic;
use crate::walk::{all, parts};
use std::collections::BTreeSet;
use suho_check::program::{Access, BinaryOp, Expr};
use suho_check::{Library, Metric};
use suho_domain::Value;

/// Something measured.
#[derive(Clone, Debug)]
pub(super) struct Variable<'a> {
    /// As people write it, without `?`: `quality.baseline.accuracy`.
    pub(super) key: String,
    /// What may be missing, and this with it: `quality.baseline`.
    pub(super) base: Option<String>,
    /// The library's word on it.
    pub(super) metric: Option<&'a Metric>,
}

/// The key of an expression that is measured, not computed.
pub(in crate::diff) fn key(expr: &Expr) -> Option<String> {
    match expr {
        // A metric in a window of its own: `accuracy over 7d`.
        Expr::Call(function, _) if function == "over" => Some(crate::show(expr)),
        Expr::Output { step, path } => Some(dotted(step.as_str(), path)),
        Expr::Live(metric) => Some(metric.clone()),
        Expr::Param(name) => Some(name.to_string()),
        _ => None,
    }
}

fn dotted(step: &str, path: &[Access]) -> String {
    path.iter().fold(step.to_owned(), |text, access| format!("{text}.{}", access.field))
}

/// Everything measured in `expr`; what is measured is not looked into.
pub(in crate::diff) fn measured(expr: &Expr) -> impl Iterator<Item = &Expr> {
    let mut open = vec![expr];
    std::iter::from_fn(move || {
        loop {
            let next = open.pop()?;
            if key(next).is_some() {
                return Some(next);
            }
            open.extend(parts(next).into_iter().rev());
        }
    })
}

/// What ties a measured expression to others: itself, and what it is missing with.
pub(super) fn shared(expr: &Expr) -> impl Iterator<Item = String> {
    key(expr).into_iter().chain(base(expr))
}

/// The variables of `exprs`: those that stand in a computation first, for the limits of the others
/// follow from them.
pub(super) fn variables<'a>(exprs: &[&Expr], library: &'a Library) -> Vec<Variable<'a>> {
    let computed: BTreeSet<String> = exprs
        .iter()
        .copied()
        .flat_map(all)
        .filter(|part| is_computation(part))
        .flat_map(measured)
        .filter_map(key)
        .collect();
    let mut found: Vec<Variable<'a>> = Vec::new();
    for part in exprs.iter().copied().flat_map(measured) {
        if let Some(key) = key(part).filter(|key| !found.iter().any(|known| known.key == *key)) {
            found.push(Variable { base: base(part), metric: metric(part, library), key });
        }
    }
    found.sort_by_key(|variable| !computed.contains(&variable.key));
    found
}

fn is_computation(expr: &Expr) -> bool {
    use BinaryOp::{Add, Divide, Multiply, Subtract};
    match expr {
        Expr::Binary(Add | Subtract | Multiply | Divide, _) => true,
        Expr::Call(function, _) => function != "over",
        _ => false,
    }
}

/// What `expr` hangs on that may be missing.
fn base(expr: &Expr) -> Option<String> {
    let Expr::Output { step, path } = expr else { return None };
    let optional = path.iter().position(|access| access.optional)?;
    Some(dotted(step.as_str(), path.get(..optional)?))
}

/// The metric that `expr` is a value of, by the names on its way.
fn metric<'a>(expr: &Expr, library: &'a Library) -> Option<&'a Metric> {
    match expr {
        Expr::Live(name) => name.split('.').find_map(|part| library.metrics.get(part)),
        Expr::Call(function, args) if function == "over" => metric(&args.first()?.1, library),
        Expr::Output { path, .. } => {
            path.iter().find_map(|access| library.metrics.get(&access.field))
        }
        _ => None,
    }
}

/// The value of `variable` for which `expr`, linear in it, comes to `target`.
pub(super) fn solve(expr: &Expr, variable: &Variable<'_>, target: Value) -> Option<Value> {
    if key(expr).as_deref() == Some(&*variable.key) {
        return Some(target);
    }
    let Expr::Binary(op, sides) = expr else { return None };
    let known = |side: &Expr| evaluate(side, &Nothing).ok();
    let (left, right) = (known(&sides.0), known(&sides.1));
    let (back, unknown, target) = match (op, left, right) {
        (BinaryOp::Add, None, Some(right)) => (BinaryOp::Subtract, &sides.0, (target, right)),
        (BinaryOp::Add, Some(left), None) => (BinaryOp::Subtract, &sides.1, (target, left)),
        (BinaryOp::Subtract, None, Some(right)) => (BinaryOp::Add, &sides.0, (target, right)),
        (BinaryOp::Subtract, Some(left), None) => (BinaryOp::Subtract, &sides.1, (left, target)),
        (BinaryOp::Multiply, None, Some(right)) => (BinaryOp::Divide, &sides.0, (target, right)),
        (BinaryOp::Multiply, Some(left), None) => (BinaryOp::Divide, &sides.1, (target, left)),
        (BinaryOp::Divide, None, Some(right)) => (BinaryOp::Multiply, &sides.0, (target, right)),
        _ => return None,
    };
    solve(unknown, variable, arithmetic(back, &target.0, &target.1)?)
}
