//! Rules of one step against each other: those that cannot all be kept, and those that never
//! decide.

use super::logic::Cases;
use super::view::{Pipeline, Rule, Step};
use crate::diagnostic::Diagnostic;
use crate::diagnostics::{contradiction, dead_rule};
use crate::program::{Expr, Verb};
use suho_domain::Value;

/// A rule with the cases in which its condition holds and does not.
struct Read<'r, 'p> {
    rule: &'r Rule<'p>,
    holds: Cases,
    fails: Cases,
}

/// The rules that can be read as cases: neither always nor never true.
fn read<'r, 'p>(pipeline: &Pipeline<'_>, step: &'r Step<'p>) -> Vec<Read<'r, 'p>> {
    let rules = step.rules.iter().filter(|rule| is_condition(rule));
    let read = rules.map(|rule| Read {
        rule,
        holds: Cases::of(&rule.program.condition, true, pipeline),
        fails: Cases::of(&rule.program.condition, false, pipeline),
    });
    read.filter(|read| !read.holds.is_none() && !read.fails.is_none()).collect()
}

/// Whether a rule has a condition that is not settled already, which is told elsewhere.
fn is_condition(rule: &Rule<'_>) -> bool {
    let verb = rule.program.verb;
    verb != Verb::Compare && !matches!(rule.program.condition, Expr::Value(Value::Bool(_)))
}

/// Tells of conditions that contradict themselves or each other.
pub(super) fn contradict(pipeline: &Pipeline<'_>, step: &Step<'_>, found: &mut Vec<Diagnostic>) {
    for rule in step.rules.iter().filter(|rule| is_condition(rule)) {
        if Cases::of(&rule.program.condition, true, pipeline).is_none() {
            found.push(contradiction::itself(rule.at));
        }
    }
    let rules = read(pipeline, step);
    for (place, later) in rules.iter().enumerate() {
        let before = rules.iter().take(place);
        let mut both = before.filter(|earlier| match (earlier.verb(), later.verb()) {
            (Verb::Require, Verb::Require) => earlier.holds.and(&later.holds).is_none(),
            // Whatever keeps the one is taken back by the other at once.
            (Verb::Require, Verb::Rollback) => later.takes_back(earlier),
            (Verb::Rollback, Verb::Require) => earlier.takes_back(later),
            _ => false,
        });
        if let Some(earlier) = both.next() {
            found.push(contradiction::other(later.rule.at, earlier.rule.at, earlier.verb()));
        }
    }
}

/// Tells of rules that another one always answers before them.
pub(super) fn are_dead(pipeline: &Pipeline<'_>, step: &Step<'_>, found: &mut Vec<Diagnostic>) {
    let rules = read(pipeline, step);
    for (place, dead) in rules.iter().enumerate() {
        let others = rules.iter().enumerate().filter(|(other, _)| *other != place);
        let mut killers = others.filter(|(other, killer)| {
            // Of two that say the same the later one is not needed.
            kills(pipeline, killer, dead) && (*other < place || !kills(pipeline, dead, killer))
        });
        if let Some((_, killer)) = killers.next() {
            let (at, other) = (dead.rule.at, killer.rule.at);
            found.push(dead_rule::new(at, dead.verb(), other, killer.verb()));
        }
    }
}

/// Whether `dead` never decides anything, because `killer` does before it.
fn kills(pipeline: &Pipeline<'_>, killer: &Read<'_, '_>, dead: &Read<'_, '_>) -> bool {
    match (killer.verb(), dead.verb()) {
        // Each must be kept: the weaker one always is when the stricter one is.
        (Verb::Require, Verb::Require) => killer.holds.and(&dead.fails).is_none(),
        // Where the requirement fails, it was taken back already.
        (Verb::Rollback, Verb::Require) => {
            killer.rule.program.lasting.is_none() && killer.fails.and(&dead.fails).is_none()
        }
        (Verb::Rollback, Verb::Rollback | Verb::Hold) | (Verb::Hold, Verb::Hold) => {
            sooner(pipeline, killer, dead) && killer.fails.and(&dead.holds).is_none()
        }
        _ => false,
    }
}

/// Whether `one` needs no longer than `other` to fire.
fn sooner(pipeline: &Pipeline<'_>, one: &Read<'_, '_>, other: &Read<'_, '_>) -> bool {
    match (&one.rule.program.lasting, &other.rule.program.lasting) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => match (pipeline.lasting(one), pipeline.lasting(other)) {
            (Some(one), Some(other)) => one <= other,
            _ => false,
        },
    }
}

impl Read<'_, '_> {
    const fn verb(&self) -> Verb {
        self.rule.program.verb
    }

    /// Whether this rollback fires wherever `requirement` is kept.
    fn takes_back(&self, requirement: &Self) -> bool {
        self.rule.program.lasting.is_none() && self.fails.and(&requirement.holds).is_none()
    }
}
