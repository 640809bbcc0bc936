//! Who needs whom: edges come from the data that flows, circles are mistakes.

use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::cycle;
use crate::program::Expr;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::Name;

/// The steps whose outputs `expr` uses.
pub(crate) fn steps_in(expr: &Expr) -> BTreeSet<Name> {
    let mut steps = BTreeSet::new();
    collect(expr, &mut steps);
    steps
}

fn collect(expr: &Expr, steps: &mut BTreeSet<Name>) {
    match expr {
        Expr::Output { step, .. } => {
            if !steps.contains(step) {
                steps.insert(step.clone());
            }
        }
        Expr::Value(_) | Expr::Param(_) | Expr::Live(_) | Expr::Bound(_) => {}
        Expr::Field(base, _) | Expr::Unary(_, base) => collect(base, steps),
        Expr::List(items) | Expr::Text(items) => all(items, steps),
        Expr::Record(fields) | Expr::Variant(_, fields) => all(fields.values(), steps),
        Expr::Call(_, args) => all(args.iter().map(|(_, arg)| arg), steps),
        Expr::With(base, fields) => {
            collect(base, steps);
            all(fields.values(), steps);
        }
        Expr::If(parts) => all([&parts.0, &parts.1, &parts.2], steps),
        Expr::Binary(_, sides) => all([&sides.0, &sides.1], steps),
        Expr::Comprehension(_, parts) => {
            all([&parts.0, &parts.2].into_iter().chain(&parts.1), steps);
        }
    }
}

fn all<'e>(exprs: impl IntoIterator<Item = &'e Expr>, steps: &mut BTreeSet<Name>) {
    for expr in exprs {
        collect(expr, steps);
    }
}

/// The steps that each step needs.
pub(crate) type Needs = BTreeMap<Name, BTreeSet<Name>>;

/// Every step that `step` needs, directly or not, itself included.
pub(crate) fn ancestors(step: &Name, needs: &Needs) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut open = vec![step.clone()];
    while let Some(step) = open.pop() {
        if found.insert(step.clone()) {
            open.extend(needs.get(&step).into_iter().flatten().cloned());
        }
    }
    found
}

/// The circles among `needs`, each told once; `places` say where steps stand.
pub(crate) fn circles(needs: &Needs, places: &BTreeMap<Name, At>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut done = BTreeSet::new();
    for step in needs.keys() {
        walk(step, needs, places, &mut Vec::new(), &mut done, &mut told);
    }
    told
}

fn walk<'n>(
    step: &'n Name,
    needs: &'n Needs,
    places: &BTreeMap<Name, At>,
    way: &mut Vec<&'n Name>,
    done: &mut BTreeSet<&'n Name>,
    told: &mut Vec<Diagnostic>,
) {
    if let Some(start) = way.iter().position(|each| *each == step) {
        let circle = way.iter().skip(start);
        let named = circle.filter_map(|name| Some((name.as_str(), *places.get(*name)?)));
        told.extend(cycle::new(&named.collect::<Vec<_>>()));
        return;
    }
    if !done.insert(step) {
        return;
    }
    way.push(step);
    for next in needs.get(step).into_iter().flatten() {
        walk(next, needs, places, way, done, told);
    }
    way.pop();
}
