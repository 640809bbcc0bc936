//! What a gate says: every criterion with value, limit and verdict.

use serde::{Deserialize, Serialize};
use suho_domain::{Points, Ratio, Value};
use suho_plan::{Answer, Expr, Facts, Node, Plan, answer, evaluate, operands, rounded};

/// What one criterion came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// A measurement it needs has no answer: never a pass.
    Error,
    /// It speaks of a baseline and there is none.
    NotApplicable,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// One criterion, judged.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// The rule as written.
    pub rule: String,
    /// What was measured.
    pub value: String,
    /// What it is held against, computed.
    pub limit: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Why, where value and limit do not say it.
    pub note: String,
}

/// A gate, judged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// Every criterion, the floor first, then as written.
    pub criteria: Vec<Criterion>,
}

impl Report {
    /// Whether every criterion holds or does not apply, and at least one holds.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict: Verdict| self.criteria.iter().any(|each| each.verdict == verdict);
        if any(Verdict::Fail) {
            Verdict::Fail
        } else if any(Verdict::Error) || !any(Verdict::Pass) {
            Verdict::Error
        } else {
            Verdict::Pass
        }
    }

    /// What decided, in one sentence.
    pub fn reason(&self) -> String {
        let verdict = self.verdict();
        let decisive = self.criteria.iter().filter(|each| each.verdict == verdict);
        let said: Vec<_> = decisive
            .map(|each| match (verdict, each.note.is_empty()) {
                (Verdict::Pass, _) => each.rule.clone(),
                (_, false) => format!("{}: {}", each.rule, each.note),
                (_, true) => format!("{}: {}", each.rule, each.value),
            })
            .collect();
        said.join("; ")
    }

    /// As the gate's output `criteria`.
    pub fn to_value(&self) -> Value {
        let each = |criterion: &Criterion| {
            Value::record([
                ("rule", Value::text(&criterion.rule)),
                ("value", Value::text(&criterion.value)),
                ("limit", Value::text(&criterion.limit)),
                ("verdict", Value::text(criterion.verdict.word())),
                ("note", Value::text(&criterion.note)),
            ])
        };
        Value::List(self.criteria.iter().map(each).collect())
    }
}

/// Judges the gate `node` by what the steps before it made.
pub fn judge(plan: &Plan, node: &Node, facts: &dyn Facts) -> Report {
    let floor = floor(plan, node, facts);
    let rules = node.rules.iter().map(|rule| {
        let (value, limit) = operands(rule, facts).unwrap_or_default();
        let value = with_error(value, &rule.condition, facts);
        let said = || match rule.otherwise.as_ref().map(|text| evaluate(text, facts)) {
            Some(Ok(text)) => text.to_string(),
            _ => String::new(),
        };
        let (verdict, note) = match answer(rule, facts) {
            Answer::True => (Verdict::Pass, String::new()),
            Answer::False => (Verdict::Fail, said()),
            Answer::NoData(why) => (Verdict::Error, why),
            Answer::NotApplicable(why) => (Verdict::NotApplicable, why),
        };
        Criterion { rule: rule.text.clone(), value, limit, verdict, note }
    });
    Report { criteria: floor.into_iter().chain(rules).collect() }
}

/// A figure with its standard error, where the step that made it tells one: the output of the same
/// name with `_se` behind it.
fn with_error(value: String, condition: &Expr, facts: &dyn Facts) -> String {
    let Expr::Binary(_, sides) = condition else { return value };
    let Expr::Output { step, path } = &sides.0 else { return value };
    let mut path = path.clone();
    if let Some(last) = path.last_mut() {
        last.field.push_str("_se");
    }
    match evaluate(&Expr::Output { step: step.clone(), path }, facts) {
        Ok(error @ (Value::Float(_) | Value::Points(_))) => {
            format!("{value} ± {}", rounded(&error))
        }
        _ => value,
    }
}

/// The first-model floor: no worse than always naming the commonest class, less the margin.
fn floor(plan: &Plan, node: &Node, facts: &dyn Facts) -> Option<Criterion> {
    let Some(Expr::Value(Value::Variant(floor))) = node.inputs.get("floor") else { return None };
    if floor.name != "majority" {
        return None;
    }
    let Some(Value::Points(margin)) = floor.fields.get("margin") else { return None };
    let rule = format!("floor = majority(margin: {margin})");
    let criterion = |value: String, limit: String, verdict: Verdict, note: &str| {
        Some(Criterion { rule: rule.clone(), value, limit, verdict, note: note.to_owned() })
    };
    let Some(quality) = evaluation_of(plan, node, facts) else {
        let note = "no `evaluate` step scores this model";
        return criterion(String::new(), String::new(), Verdict::Error, note);
    };
    let field = |name: &str| quality.field(name).cloned().unwrap_or(Value::None);
    let (accuracy, majority) = (field("accuracy"), field("majority"));
    if field("baseline") != Value::None {
        let note = "a baseline is there to be compared with";
        return criterion(rounded(&accuracy), String::new(), Verdict::NotApplicable, note);
    }
    match (&accuracy, &majority) {
        (Value::Ratio(accuracy), Value::Ratio(majority)) => {
            let limit = less(*majority, *margin);
            let passes = accuracy.number() >= limit.number();
            let verdict = if passes { Verdict::Pass } else { Verdict::Fail };
            let value = rounded(&Value::Ratio(*accuracy));
            criterion(value, rounded(&Value::Ratio(limit)), verdict, "")
        }
        _ => criterion(accuracy.to_string(), majority.to_string(), Verdict::Error, "undefined"),
    }
}

fn less(ratio: Ratio, margin: Points) -> Ratio {
    Ratio::new(ratio.number().saturating_sub(margin.number()))
}

/// What the `evaluate` step that scored the gate's model made.
fn evaluation_of<'a>(plan: &Plan, gate: &Node, facts: &'a dyn Facts) -> Option<&'a Value> {
    let model = gate.inputs.get("model")?;
    let scores = |node: &&Node| node.inputs.get("model") == Some(model);
    plan.of_kind("evaluate").filter(scores).find_map(|node| facts.output(&node.name))
}

#[cfg(test)]
mod tests;
