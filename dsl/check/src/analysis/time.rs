//! Times that cannot pass: rules that need longer than their step lasts, ends before what they end.

use super::view::{Pipeline, Step};
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::impossible_time;
use std::collections::BTreeMap;
use suho_domain::units::Duration;
use suho_domain::{Name, Value};

/// How long a rollout's step lasts at least; none where it takes what it takes.
pub(super) fn total(pipeline: &Pipeline<'_>, step: &Step<'_>) -> Option<Duration> {
    if let Some(Value::Duration(duration)) = pipeline.input(step, "duration") {
        return Some(duration);
    }
    let Value::Duration(every) = pipeline.input(step, "every")? else { return None };
    let Value::List(steps) = pipeline.input(step, "steps")? else { return None };
    let holds = i64::try_from(steps.len()).ok()?;
    Some(Duration::from_nanos(every.nanos().saturating_mul(holds)))
}

/// Tells of rules and limits of `step` that do not go with how long it lasts.
pub(super) fn outlasts(pipeline: &Pipeline<'_>, step: &Step<'_>, found: &mut Vec<Diagnostic>) {
    let Some(total) = total(pipeline, step) else { return };
    for rule in &step.rules {
        let lasting = rule.program.lasting.as_ref().and_then(|expr| pipeline.lasting(expr));
        let Some(lasting) = lasting.filter(|lasting| *lasting > total) else { continue };
        let clause = rule.written.clauses.iter().find(|clause| clause.keyword.node == "for");
        let span = clause.map_or(rule.at.span, |clause| clause.value.span);
        let at = At::new(pipeline.file, span);
        found.push(impossible_time::rule(at, lasting, step.program.name.as_str(), total));
    }
    let limit = step.program.meta.get("timeout").and_then(|expr| pipeline.lasting(expr));
    if let Some(limit) = limit.filter(|limit| *limit < total)
        && let Some(at) = pipeline.attribute(step.body, "timeout")
    {
        found.push(impossible_time::timeout(at, limit, total));
    }
}

/// Tells of a deadline before the end of the rollouts that follow each other.
pub(super) fn deadline(pipeline: &Pipeline<'_>, found: &mut Vec<Diagnostic>) {
    let Some(deadline) = pipeline.program.attributes.get("deadline") else { return };
    let Some(deadline) = pipeline.lasting(deadline) else { return };
    let Some(at) = pipeline.attribute(pipeline.body, "deadline") else { return };
    let mut known = BTreeMap::new();
    let ways = pipeline.steps.iter().map(|step| way(pipeline, step, &mut known));
    let longest = ways.max_by_key(|way| way.lasts);
    if let Some(way) = longest.filter(|way| way.lasts > deadline) {
        found.push(impossible_time::deadline(at, deadline, &way.parts, way.lasts));
    }
}

/// Steps that follow each other, each with its time, and all of it.
#[derive(Clone)]
struct Way {
    parts: Vec<(String, Duration)>,
    lasts: Duration,
}

/// The longest way that ends with `step`.
fn way(pipeline: &Pipeline<'_>, step: &Step<'_>, known: &mut BTreeMap<Name, Way>) -> Way {
    let nothing = Way { parts: Vec::new(), lasts: Duration::ZERO };
    if let Some(way) = known.get(&step.program.name) {
        return way.clone();
    }
    // A step that needs itself is told elsewhere; here it ends the way.
    known.insert(step.program.name.clone(), nothing.clone());
    let before = step.program.needs.iter().filter_map(|name| pipeline.step(name));
    let ways: Vec<Way> = before.map(|step| way(pipeline, step, known)).collect();
    let mut longest = ways.into_iter().max_by_key(|way| way.lasts).unwrap_or(nothing);
    if let Some(total) = total(pipeline, step) {
        longest.parts.push((step.program.name.to_string(), total));
        longest.lasts = longest.lasts.plus(total);
    }
    known.insert(step.program.name.clone(), longest.clone());
    longest
}
