//! What a run takes: the longest way through it, what it decides, what it reaches outside of itself.

use crate::beside::Beside;
use crate::text::table;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use suho_domain::{Duration, Name, Value};
use suho_plan::{Expr, Node, Plan, Role, Verb};

/// The longest way from a first step to a last one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Way {
    /// Its steps, in order.
    pub(crate) steps: Vec<Name>,
    /// What its rollouts are planned to take, in market time.
    pub(crate) planned: Duration,
    /// What its other steps may take at most, an attempt each.
    pub(crate) work_max: Duration,
}

/// The longest way of `plan`; of two as long as each other, the one written first.
pub(crate) fn way(plan: &Plan) -> Way {
    let mut ways: BTreeMap<&Name, Way> = BTreeMap::new();
    for node in &plan.nodes {
        let before = node.needs.iter().filter_map(|need| ways.get(need));
        let longest = before.fold(None, |best: Option<&Way>, way| match best {
            Some(best) if best.length() >= way.length() => Some(best),
            _ => Some(way),
        });
        let mut way = longest.cloned().unwrap_or_default();
        way.steps.push(node.name.clone());
        match node.role {
            Role::Rollout => way.planned = way.planned.plus(planned(node)),
            Role::Work => {
                way.work_max = way.work_max.plus(node.limits.timeout.unwrap_or(Duration::ZERO));
            }
            Role::Lookup | Role::Decision => {}
        }
        ways.insert(&node.name, way);
    }
    let longest = |best: Way, way: Way| if way.length() > best.length() { way } else { best };
    let in_order = plan.nodes.iter().filter_map(|node| ways.get(&node.name).cloned());
    in_order.reduce(longest).unwrap_or_default()
}

impl Way {
    fn length(&self) -> (Duration, usize) {
        (self.planned.plus(self.work_max), self.steps.len())
    }

    /// `a → b → c`.
    fn written(&self) -> String {
        self.steps.iter().map(Name::as_str).collect::<Vec<_>>().join(" → ")
    }
}

/// What a rollout is planned to take.
fn planned(node: &Node) -> Duration {
    let input = |name: &str| match node.inputs.get(name) {
        Some(Expr::Value(value)) => Some(value),
        _ => None,
    };
    match (input("duration"), input("every"), input("steps")) {
        (Some(Value::Duration(duration)), ..) => *duration,
        (_, Some(Value::Duration(every)), Some(Value::List(steps))) => {
            steps.iter().fold(Duration::ZERO, |sum, _| sum.plus(*every))
        }
        _ => Duration::ZERO,
    }
}

/// How many rules of each kind decide, in the order in which people think of them.
fn decides(plan: &Plan) -> Vec<(&'static str, usize)> {
    const WORDS: [(Verb, &str); 4] = [
        (Verb::Require, "require"),
        (Verb::Compare, "compare"),
        (Verb::Rollback, "rollback"),
        (Verb::Hold, "hold"),
    ];
    let rules = || plan.nodes.iter().flat_map(|node| &node.rules);
    let count = |verb: Verb| rules().filter(|rule| rule.verb == verb).count();
    let counted = WORDS.into_iter().map(|(verb, word)| (word, count(verb)));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// The text of a run's `concurrency`: its key where that is known, and what a later run does.
fn excludes(plan: &Plan) -> Option<(String, String)> {
    let field = |name: &str| match plan.settings.concurrency.as_ref()? {
        Expr::Value(record) => record.field(name).map(Value::to_string),
        Expr::Record(fields) => fields.get(name).map(suho_plan::show),
        _ => None,
    };
    Some((field("key")?, field("on_conflict").unwrap_or_else(|| "queue".to_owned())))
}

/// The lines of a page; none where there is nothing to say.
pub(crate) fn lines(plan: &Plan, beside: &Beside) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut say = |what: &str, text: String| {
        if !text.is_empty() {
            rows.push(vec![what.to_owned(), text]);
        }
    };
    let way = way(plan);
    say("longest way", way.written());
    let rollout = format!("{} of rollout as declared", way.planned);
    let work = format!("at most {} of work, an attempt each", way.work_max);
    say(
        "its time",
        match (way.planned > Duration::ZERO, way.work_max > Duration::ZERO) {
            (true, true) => format!("{rollout}, {work}"),
            (true, false) => rollout,
            (false, true) => work,
            (false, false) => String::new(),
        },
    );
    say("deadline", plan.settings.deadline.map(|it| it.to_string()).unwrap_or_default());
    say(
        "one at a time",
        excludes(plan)
            .map(|(key, conflict)| format!("of the key {key}; a later one: {conflict}"))
            .unwrap_or_default(),
    );
    let decides: Vec<_> =
        decides(plan).into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    say("decides by", decides.join(", "));
    say("effects", beside.effects.join(", "));
    let secrets: Vec<_> = beside.secrets.iter().map(Name::as_str).collect();
    say("secrets", secrets.join(", "));
    if rows.is_empty() { String::new() } else { format!("\ntakes\n{}", table("  ", &rows)) }
}

/// The same, as `suho plan -o json` has it.
pub(crate) fn to_json(plan: &Plan, beside: &Beside) -> Json {
    let way = way(plan);
    let rules: serde_json::Map<String, Json> =
        decides(plan).into_iter().map(|(word, count)| (word.to_owned(), json!(count))).collect();
    json!({
        "longest_way": {
            "steps": way.steps,
            "planned": way.planned,
            "work_max": way.work_max,
        },
        "deadline": plan.settings.deadline,
        "concurrency": excludes(plan).map(|(key, on_conflict)| {
            json!({ "key": key, "on_conflict": on_conflict })
        }),
        "rules": rules,
        "effects": beside.effects,
        "secrets": beside.secrets,
    })
}

#[cfg(test)]
mod tests;
