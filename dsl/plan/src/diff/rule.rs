//! Rules compared by what they decide: is there a case that one side lets go on and the other does
//! not?

use super::witness::{self, Search, Wanted, key, search};
use super::{Change, Kind, guardrails};
use crate::plan::Node;
use crate::show::show;
use std::collections::BTreeSet;
use suho_check::Library;
use suho_check::program::{Expr, Rule, Verb};
use suho_domain::{Duration, Value};

/// How the rules of one step differ. The built-in limits are rules as the declared ones are.
pub(super) fn changes(before: &Node, after: &Node, library: &Library) -> Vec<Change> {
    let verbs = [Verb::Require, Verb::Rollback, Verb::Hold];
    let of = |verb| {
        let (old, new) = (of_verb(before, verb), of_verb(after, verb));
        compared(after.name.as_str(), verb, &old, &new, library)
    };
    verbs.into_iter().flat_map(of).collect()
}

/// How the rule of an alert differs.
pub(super) fn watched(subject: &str, old: &Rule, new: &Rule, library: &Library) -> Vec<Change> {
    let (old, new) = (std::slice::from_ref(old), std::slice::from_ref(new));
    compared(subject, Verb::Fire, old, new, library)
}

/// A rule of one side that the other has not, and what was found of it.
struct Judged<'a> {
    kind: Kind,
    old: Option<&'a Rule>,
    new: Option<&'a Rule>,
    case: Search,
}

fn compared(
    subject: &str,
    verb: Verb,
    old: &[Rule],
    new: &[Rule],
    library: &Library,
) -> Vec<Change> {
    let pairs = Pairs::of(old, new);
    let loosened = pairs.gone.iter().map(|(rule, partner)| Judged {
        kind: Kind::Loosened,
        old: Some(rule),
        new: *partner,
        case: unanswered(rule, new, verb, library),
    });
    let tightened = pairs.come.iter().map(|(rule, partner)| Judged {
        kind: Kind::Tightened,
        old: *partner,
        new: Some(rule),
        case: unanswered(rule, old, verb, library),
    });
    let judged: Vec<Judged<'_>> = loosened.chain(tightened).collect();
    let mut changes: Vec<Change> = Vec::new();
    for Judged { kind, old, new, case } in &judged {
        let change = match case {
            Search::Found(case) => {
                let change = moved(*kind, subject, *old, *new);
                Change { witness: case.clone(), verdict: Some(verdict(verb, *kind)), ..change }
            }
            Search::Unknown => moved(Kind::Undecided, subject, *old, *new),
            Search::Nothing => {
                let pair = judged.iter().filter(|it| it.old == *old && it.new == *new);
                if pair.filter(|it| it.case != Search::Nothing).count() > 0 {
                    continue;
                }
                let change = moved(Kind::Changed, subject, *old, *new);
                Change { what: format!("{}, which decides the same", change.what), ..change }
            }
        };
        // What is so in both directions of a pair is one difference.
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    changes
}

/// A case that `rule` stops and `others` let go on.
fn unanswered(rule: &Rule, others: &[Rule], verb: Verb, library: &Library) -> Search {
    let mut conditions = Vec::with_capacity(others.len() + 1);
    if verb == Verb::Require {
        conditions.extend(others.iter().map(|each| (&each.condition, Wanted::Passes)));
        conditions.push((&rule.condition, Wanted::Fails));
        return search(&conditions, library);
    }
    let Some(within) = lasting(rule) else { return Search::Unknown };
    conditions.push((&rule.condition, Wanted::Fires));
    for other in others {
        match lasting(other) {
            // Of the others those count that fire as soon.
            Some(after) if after <= within => conditions.push((&other.condition, Wanted::Rests)),
            Some(_) => {}
            None => return Search::Unknown,
        }
    }
    search(&conditions, library)
}

/// The rules of `node` with this verb, the built-in ones last.
fn of_verb(node: &Node, verb: Verb) -> Vec<Rule> {
    let rules = node.rules.iter().cloned().chain(guardrails(node));
    rules.filter(|rule| rule.verb == verb).collect()
}

/// The rules of two sides that are not the same, each with the one that seems to have become of it.
struct Pairs<'a> {
    gone: Vec<(&'a Rule, Option<&'a Rule>)>,
    come: Vec<(&'a Rule, Option<&'a Rule>)>,
}

impl<'a> Pairs<'a> {
    fn of(old: &'a [Rule], new: &'a [Rule]) -> Self {
        let is_same = |a: &Rule, b: &Rule| a.condition == b.condition && a.lasting == b.lasting;
        let only = |these: &'a [Rule], those: &[Rule]| -> Vec<&'a Rule> {
            these.iter().filter(|a| !those.iter().any(|b| is_same(a, b))).collect()
        };
        let (gone, come) = (only(old, new), only(new, old));
        let mut left = come.clone();
        let gone: Vec<_> = gone
            .into_iter()
            .map(|rule| {
                let place = left.iter().position(|each| measured(each) == measured(rule));
                (rule, place.map(|place| left.remove(place)))
            })
            .collect();
        let partner = |rule: &Rule| {
            let pair = gone.iter().find(|(_, partner)| partner.is_some_and(|it| it == rule));
            pair.map(|(old, _)| *old)
        };
        let come = come.into_iter().map(|rule| (rule, partner(rule))).collect();
        Self { gone, come }
    }
}

/// What a rule speaks of.
fn measured(rule: &Rule) -> BTreeSet<String> {
    witness::measured(&rule.condition).filter_map(key).collect()
}

/// How long a rule's condition has to hold; `None` when that is not known.
fn lasting(rule: &Rule) -> Option<Duration> {
    match &rule.lasting {
        None => Some(Duration::ZERO),
        Some(Expr::Value(Value::Duration(span))) => Some(*span),
        Some(_) => None,
    }
}

fn moved(kind: Kind, subject: &str, old: Option<&Rule>, new: Option<&Rule>) -> Change {
    let change = match (old, new) {
        (Some(old), Some(new)) => {
            let (before, after) = (condition(old), condition(new));
            Change::moved(kind, subject, word(old.verb), &before, &after)
        }
        (Some(old), None) => {
            let before = condition(old);
            let change = Change::new(kind, subject, format!("{} {before} is gone", word(old.verb)));
            Change { before: Some(before), ..change }
        }
        (None, Some(new)) => {
            let after = condition(new);
            let change = Change::new(kind, subject, format!("{} {after} is new", word(new.verb)));
            Change { after: Some(after), ..change }
        }
        (None, None) => Change::new(kind, subject, String::new()),
    };
    let place = |rule: Option<&Rule>| rule.map(|it| it.place.clone()).filter(|it| it.line > 0);
    Change { places: (place(old), place(new)), ..change }
}

/// The condition and its `for`, folded; says so when nobody declared it.
fn condition(rule: &Rule) -> String {
    let lasting = rule.lasting.as_ref().map(|it| format!(" for {}", show(it)));
    let built_in = if rule.place.line == 0 { " (built in)" } else { "" };
    format!("{}{}{built_in}", show(&rule.condition), lasting.unwrap_or_default())
}

const fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Require => "require",
        Verb::Rollback => "rollback when",
        Verb::Hold => "hold when",
        Verb::Compare => "compare",
        Verb::Fire => "fire when",
    }
}

/// What becomes of the case found.
const fn verdict(verb: Verb, kind: Kind) -> &'static str {
    match (verb, kind) {
        (Verb::Require, Kind::Loosened) => "passes now, failed before",
        (Verb::Require, _) => "fails now, passed before",
        (Verb::Rollback, Kind::Loosened) => "goes on now, was rolled back before",
        (Verb::Rollback, _) => "is rolled back now, went on before",
        (Verb::Hold, Kind::Loosened) => "goes on now, was held before",
        (Verb::Hold, _) => "is held now, went on before",
        (_, Kind::Loosened) => "is silent now, fired before",
        _ => "fires now, was silent before",
    }
}
