//! Counterexamples: measurements under which some conditions hold and another does not.
//!
//! A comparison splits what a metric can be into below, at and above its limit, so trying a value
//! of each cell is trying them all. That is exact for rules that compare metrics with constants;
//! where two metrics are compared with each other one of them is tried at a few values of its range.

mod cell;
mod variable;

use crate::evaluate::{Missing, evaluate};
use crate::fold::Nothing;
use crate::walk::{all, rebuilt};
use cell::cells;
use std::collections::{BTreeMap, BTreeSet};
use suho_check::Library;
use suho_check::program::{BinaryOp, Expr};
use suho_domain::Value;
use variable::{Variable, shared, solve, variables};
pub(super) use variable::{key, measured};

/// Assignments tried before a search is given up. A gate of twenty rules needs some hundred.
const TRIES_MAX: u32 = 50_000;

/// What a condition should come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// Lets pass: true, or not applicable because there is no baseline.
    Passes,
    /// Does not: false.
    Fails,
    /// True.
    Fires,
    /// Anything but true.
    Rests,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Search {
    /// There is such a case: metric and value, in the order the conditions speak of them.
    Found(Vec<(String, Value)>),
    /// There is none.
    Nothing,
    /// Something could not be tried, or too much had to be.
    Unknown,
}

/// A condition and what it should come to.
type Condition<'a> = (&'a Expr, Wanted);

/// A value of every metric in `conditions` under which each comes to what is wanted of it.
///
/// Conditions that share no metric are looked at apart, so the cost grows with the largest knot of
/// them and not with all their combinations.
pub(super) fn search(conditions: &[Condition<'_>], library: &Library) -> Search {
    let mut values = Values::new();
    let mut is_unsure = false;
    for knot in knots(conditions) {
        let exprs: Vec<&Expr> = knot.iter().map(|(expr, _)| *expr).collect();
        let variables = variables(&exprs, library);
        let mut hunt = Hunt { conditions: &knot, variables, tries: 0, is_unsure: false };
        match hunt.assign(0, &mut Values::new()) {
            Some(found) => values.extend(found),
            None if hunt.is_unsure => is_unsure = true,
            // One that cannot be is enough.
            None => return Search::Nothing,
        }
    }
    if is_unsure || !proves(conditions, &values) {
        return Search::Unknown;
    }
    Search::Found(in_order(conditions, &values))
}

/// `conditions` by what they share, directly or through others.
fn knots<'a>(conditions: &[Condition<'a>]) -> Vec<Vec<Condition<'a>>> {
    let mut knots: Vec<(BTreeSet<String>, Vec<Condition<'a>>)> = Vec::new();
    for condition in conditions {
        let mut keys: BTreeSet<String> = measured(condition.0).flat_map(shared).collect();
        let (touching, apart): (Vec<_>, Vec<_>) =
            knots.into_iter().partition(|(known, _)| !known.is_disjoint(&keys));
        let mut members = Vec::new();
        for (known, those) in touching {
            keys.extend(known);
            members.extend(those);
        }
        members.push(*condition);
        knots = apart;
        knots.push((keys, members));
    }
    knots.into_iter().map(|(_, members)| members).collect()
}

/// Whether a gate of these conditions has proven anything: one of which nothing applies has not.
fn proves(conditions: &[Condition<'_>], values: &Values) -> bool {
    let mut passes = conditions.iter().filter(|(_, wanted)| *wanted == Wanted::Passes).peekable();
    let is_true =
        |(expr, _): &Condition<'_>| evaluate(&put(expr, values), &Nothing) == Ok(Value::Bool(true));
    passes.peek().is_none() || passes.any(is_true)
}

/// The values in the order in which the conditions speak of them, what is decided first.
fn in_order(conditions: &[Condition<'_>], values: &Values) -> Vec<(String, Value)> {
    let decisive = conditions.iter().filter(|(_, wanted)| *wanted != Wanted::Passes);
    let mut named: Vec<(String, Value)> = Vec::new();
    for part in decisive.chain(conditions).flat_map(|(expr, _)| measured(expr)) {
        let Some(key) = key(part) else { continue };
        let is_named = named.iter().any(|(known, _)| *known == key);
        if let (Some(value), false) = (values.get(&key), is_named) {
            named.push((key, value.clone()));
        }
    }
    named
}

/// Values given to variables so far, by their keys.
type Values = BTreeMap<String, Value>;

struct Hunt<'a> {
    conditions: &'a [Condition<'a>],
    variables: Vec<Variable<'a>>,
    tries: u32,
    is_unsure: bool,
}

impl Hunt<'_> {
    /// Gives values to the variables from the one at `at` on; `None` when nothing fits.
    fn assign(&mut self, at: usize, values: &mut Values) -> Option<Values> {
        let Some(variable) = self.variables.get(at).cloned() else {
            return self.is_wanted(values, true).then(|| values.clone());
        };
        let (candidates, is_known) = cells(&variable, &self.limits(&variable, values));
        self.is_unsure |= !is_known;
        for candidate in candidates {
            self.tries += 1;
            if self.tries > TRIES_MAX {
                self.is_unsure = true;
                return None;
            }
            // What hangs on the same optional is there or not as one.
            let is_none = candidate == Value::None;
            let beside = self.variables.iter().filter(|other| other.base == variable.base);
            let mut beside = beside.filter_map(|other| values.get(&other.key));
            if variable.base.is_some() && beside.any(|other| (*other == Value::None) != is_none) {
                continue;
            }
            values.insert(variable.key.clone(), candidate);
            if self.is_wanted(values, false)
                && let Some(found) = self.assign(at + 1, values)
            {
                return Some(found);
            }
            values.remove(&variable.key);
        }
        None
    }

    /// The values at which a comparison of `variable` turns, as far as the others are given.
    fn limits(&self, variable: &Variable<'_>, values: &Values) -> Vec<Value> {
        let atoms = self.conditions.iter().flat_map(|(expr, _)| all(expr)).filter_map(sides);
        let limit = |(left, right): (&Expr, &Expr)| {
            let (left, right) = (put(left, values), put(right, values));
            let solved = |unknown: &Expr, known: &Expr| match evaluate(known, &Nothing) {
                Ok(Value::List(items)) => {
                    items.into_iter().filter_map(|it| solve(unknown, variable, it)).collect()
                }
                Ok(value) => solve(unknown, variable, value).into_iter().collect(),
                Err(_) => Vec::new(),
            };
            [solved(&left, &right), solved(&right, &left)].concat()
        };
        atoms.flat_map(limit).collect()
    }

    /// Whether every condition comes to what is wanted; while values are missing, those that have
    /// all of theirs.
    fn is_wanted(&self, values: &Values, is_whole: bool) -> bool {
        self.conditions.iter().all(|(expr, wanted)| {
            match (evaluate(&put(expr, values), &Nothing), wanted) {
                (Ok(Value::Bool(true)), Wanted::Passes | Wanted::Fires)
                | (Ok(Value::Bool(false)), Wanted::Fails | Wanted::Rests)
                | (Err(Missing::Nothing(_)), Wanted::Passes | Wanted::Rests) => true,
                // A metric has no value yet.
                (Err(Missing::NotYet(_) | Missing::NoData(_)), _) => !is_whole,
                _ => false,
            }
        })
    }
}

/// The two sides of a comparison.
fn sides(expr: &Expr) -> Option<(&Expr, &Expr)> {
    let Expr::Binary(op, sides) = expr else { return None };
    let is_comparison = matches!(
        op,
        BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual
            | BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::In
    );
    is_comparison.then_some((&sides.0, &sides.1))
}

/// `expr` with `values` in place of their variables.
fn put(expr: &Expr, values: &Values) -> Expr {
    match key(expr) {
        Some(key) => values.get(&key).map_or_else(|| expr.clone(), |it| Expr::Value(it.clone())),
        None => rebuilt(expr, &|part| put(part, values)),
    }
}

#[cfg(test)]
mod tests;
