//! Which rules tests have seen say what. A rule that never said yes and no was never tested.

use crate::journal::{Answered, Tally};
use crate::scene::{Play, Scene};
use std::collections::BTreeMap;
use suho_domain::{Name, Value};
use suho_plan::{Place, Plan, Verb};

/// What the rules of all tested pipelines have been seen to say.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeMap<Key, Seen>);

type Key = (Name, usize, Name, String);

/// One rule, and how often it was asked and said what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// The pipeline.
    pub pipeline: Name,
    /// The step.
    pub step: Name,
    /// The rule as written.
    pub rule: String,
    /// Where it stands.
    pub place: Place,
    /// How often it held. Of a `compare`: how often harm was found.
    pub held: u64,
    /// How often it did not. Of a `compare`: how often no harm was found.
    pub did_not: u64,
    /// How often there was too little to go by.
    pub no_data: u64,
    /// How often it did not apply: there was no baseline.
    pub not_applicable: u64,
}

impl Seen {
    /// Whether it has been seen both ways.
    pub const fn is_exercised(&self) -> bool {
        self.held > 0 && self.did_not > 0
    }
}

impl Coverage {
    /// Every rule, by pipeline, in the order of its file.
    pub fn rules(&self) -> impl Iterator<Item = &Seen> {
        self.0.values()
    }

    /// The rules of `plan`, not seen yet.
    pub(crate) fn begin(&mut self, plan: &Plan) {
        for node in &plan.nodes {
            for rule in &node.rules {
                let key = key(&plan.pipeline, &node.name, rule.place.line, &rule.text);
                self.0.entry(key).or_insert_with(|| Seen {
                    pipeline: plan.pipeline.clone(),
                    step: node.name.clone(),
                    rule: rule.text.clone(),
                    place: rule.place.clone(),
                    held: 0,
                    did_not: 0,
                    no_data: 0,
                    not_applicable: 0,
                });
            }
        }
    }

    /// What `play` has seen.
    pub(crate) fn take(&mut self, scene: &Scene<'_>, play: &Play) {
        let pipeline = &scene.plan.pipeline;
        let answers = &play.journal.answers;
        for Answered { step, line, text, tally } in answers {
            self.add(&key(pipeline, step, *line, text), *tally);
        }
        for (step, criteria) in play.judged() {
            let Some(node) = scene.plan.node(step.as_str()) else { continue };
            for rule in &node.rules {
                let key = key(pipeline, step, rule.place.line, &rule.text);
                let is_it = |each: &Answered| {
                    each.step == *step && each.line == rule.place.line && each.text == rule.text
                };
                // What is judged by statistics says so at the end alone.
                if answers.iter().any(is_it) {
                    continue;
                }
                if let Some(verdict) = verdict(criteria, &rule.text) {
                    self.add(&key, tally(rule.verb, verdict));
                }
            }
        }
    }

    fn add(&mut self, key: &Key, tally: Tally) {
        let Some(seen) = self.0.get_mut(key) else { return };
        seen.held = seen.held.saturating_add(tally.yes);
        seen.did_not = seen.did_not.saturating_add(tally.no);
        seen.no_data = seen.no_data.saturating_add(tally.no_data);
        seen.not_applicable = seen.not_applicable.saturating_add(tally.not_applicable);
    }
}

fn key(pipeline: &Name, step: &Name, line: usize, text: &str) -> Key {
    (pipeline.clone(), line, step.clone(), text.to_owned())
}

/// The verdict on the rule `text` among a step's criteria.
fn verdict<'a>(criteria: &'a Value, text: &str) -> Option<&'a str> {
    let Value::List(criteria) = criteria else { return None };
    let is_it = |criterion: &&Value| {
        criterion.field("rule").and_then(Value::as_text).is_some_and(|rule| rule == text)
    };
    criteria.iter().find(is_it)?.field("verdict")?.as_text()
}

/// A verdict as one answer. A `compare` holds when harm is found, a `require` when it passes.
fn tally(verb: Verb, verdict: &str) -> Tally {
    let one = |is: bool| u64::from(is);
    let (good, bad) = (one(verdict == "pass"), one(verdict == "fail"));
    let (yes, no) = if verb == Verb::Compare { (bad, good) } else { (good, bad) };
    let (no_data, not_applicable) = (one(verdict == "error"), one(verdict == "not_applicable"));
    Tally { yes, no, no_data, not_applicable }
}
