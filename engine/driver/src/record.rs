//! What a rollout leaves for the record: its outputs, and each rule as it stood at the end.

use crate::engine::{Engine, EngineError};
use crate::gate::{Criterion, Verdict as Judged};
use crate::rollouts::Active;
use suho_domain::{Record, Value};
use suho_plan::{Answer, Facts, Rule, Verb, answer, operands};
use suho_rollout::Action;

impl Engine<'_> {
    /// What a rollout's step gives: the model a stage further, what judged it, what was measured.
    pub(crate) fn rollout_outputs(&self, active: &Active) -> Result<Record, EngineError> {
        let made = self.made();
        let report = crate::gate::Report {
            criteria: active.node.rules.iter().map(|rule| active.judged(rule, &made)).collect(),
        };
        let history = serde_json::to_string(&active.state.history)
            .map_err(|error| EngineError::Bug(error.to_string()))?;
        let mut outputs = Record::from([
            ("criteria".to_owned(), report.to_value()),
            ("history".to_owned(), Value::Text(history)),
            ("started".to_owned(), Value::Instant(active.state.began)),
            ("ended".to_owned(), Value::Instant(active.state.at)),
            ("accrued".to_owned(), Value::Duration(active.state.controller.accrued())),
        ]);
        outputs.insert("model".to_owned(), self.model_of(&active.node)?);
        for (name, value) in &active.metrics {
            outputs.insert(name.clone(), value.clone());
        }
        Ok(outputs)
    }
}

impl Active {
    /// A rule as it stood at the end, for the record.
    fn judged(&self, rule: &Rule, made: &dyn Facts) -> Criterion {
        if rule.verb == Verb::Compare {
            self.compared(rule)
        } else {
            judged(rule, &self.live(rule.verb, made))
        }
    }

    /// What the sequential test saw last.
    fn compared(&self, rule: &Rule) -> Criterion {
        let look = self.state.history.iter().rev().find_map(|action| match action {
            Action::Look(look) => Some(look),
            _ => None,
        });
        let t = |t: Option<f64>| t.map_or_else(String::new, |t| format!("t {t:.2}"));
        let (value, limit, verdict, note) = match (look, &self.facts.baseline) {
            (_, None) => {
                let note = "there is no baseline".to_owned();
                (String::new(), String::new(), Judged::NotApplicable, note)
            }
            (None, Some(_)) => {
                (String::new(), String::new(), Judged::Error, "never looked".to_owned())
            }
            (Some(look), Some(_)) => {
                let verdict = if look.harm { Judged::Fail } else { Judged::Pass };
                let note = match look.statistic {
                    Some(_) => format!("no harm in {} blocks", look.blocks),
                    None => format!("no difference in {} blocks", look.blocks),
                };
                let note = if look.harm { format!("harm at block {}", look.blocks) } else { note };
                let points = |share: f64| format!("{:+.1}pp", 100.0 * share);
                let between = |(low, high)| {
                    format!("{note}, difference within {} .. {}", points(low), points(high))
                };
                let note = look.interval.map_or_else(|| note.clone(), between);
                (t(look.statistic), t(look.boundary), verdict, note)
            }
        };
        Criterion { rule: rule.text.clone(), value, limit, verdict, note }
    }
}

/// A rule as it stood at the end, for the record.
fn judged(rule: &Rule, facts: &dyn Facts) -> Criterion {
    let (value, limit) = operands(rule, facts).unwrap_or_default();
    let (verdict, note) = match (rule.verb, answer(rule, facts)) {
        (Verb::Require, Answer::True) => (Judged::Pass, String::new()),
        (Verb::Require, Answer::False) => (Judged::Fail, String::new()),
        (Verb::Require, Answer::NoData(why)) => (Judged::Error, why),
        (_, Answer::False) => (Judged::Pass, "did not hold".to_owned()),
        (_, Answer::True) => (Judged::Fail, "held at the end".to_owned()),
        (_, Answer::NoData(why)) => (Judged::Pass, format!("did not hold: {why}")),
        (_, Answer::NotApplicable(why)) => (Judged::NotApplicable, why),
    };
    Criterion { rule: rule.text.clone(), value, limit, verdict, note }
}
