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
///
/// Walks with a stack of its own: a pipeline may be thousands of steps deep.
pub(crate) fn circles(needs: &Needs, places: &BTreeMap<Name, At>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut done = BTreeSet::new();
    for step in needs.keys() {
        let mut way = Way::default();
        way.go_on(step, needs, &mut done);
        while let Some(next) = way.next() {
            match way.steps.get(next) {
                Some(start) => {
                    let circle = way.open.iter().skip(*start).map(|(step, _)| *step);
                    let named = circle.filter_map(|name| Some((name.as_str(), *places.get(name)?)));
                    told.extend(cycle::new(&named.collect::<Vec<_>>()));
                }
                None => way.go_on(next, needs, &mut done),
            }
        }
    }
    told
}

/// The way from a step to what it needs, and to what that needs, as far as it has been gone.
#[derive(Default)]
struct Way<'n> {
    /// Each step with those of its needs that are left to look at.
    open: Vec<(&'n Name, std::collections::btree_set::Iter<'n, Name>)>,
    /// Where each stands in `open`.
    steps: BTreeMap<&'n Name, usize>,
}

impl<'n> Way<'n> {
    /// Goes on to `step`, unless it was looked at before.
    fn go_on(&mut self, step: &'n Name, needs: &'n Needs, done: &mut BTreeSet<&'n Name>) {
        if let (true, Some(next)) = (done.insert(step), needs.get(step)) {
            self.steps.insert(step, self.open.len());
            self.open.push((step, next.iter()));
        }
    }

    /// The next need to look at; goes back where there is none. `None` at the end of the way.
    fn next(&mut self) -> Option<&'n Name> {
        loop {
            let (step, left) = self.open.last_mut()?;
            if let Some(next) = left.next() {
                return Some(next);
            }
            self.steps.remove(*step);
            self.open.pop();
        }
    }
}

#[cfg(test)]
mod tests;
