//! What a rollout saw and decided.

use crate::failure::Failure;
use crate::inspect::models::percentage;
use crate::inspect::place::{State, refused};
use crate::inspect::seen::Seen;
use crate::inspect::status::controller;
use serde::{Deserialize as _, Serialize};
use serde_json::Value as Json;
use suho_domain::{Duration, Name, Value};
use suho_driver::ports::DeploymentRow;
use suho_plan::{Node, Role};
use suho_rollout::{Action, Look, Rollout};
use suho_scheduler::{Event, StepView, Verdict};
use suho_store::DeploymentsOf;

/// What a rollout saw and decided.
#[derive(Debug, Serialize)]
pub(super) struct Judgement {
    /// `promoted`, `rolled_back`, `inconclusive`; none while it goes on.
    pub(super) verdict: Option<&'static str>,
    pub(super) reason: Option<String>,
    /// The candidate's share now, or at the end.
    pub(super) traffic_percentage: Json,
    /// Market time counted, and how much was planned, extensions included.
    pub(super) accrued: Option<Duration>,
    pub(super) duration: Option<Duration>,
    /// Of the harm test, in order.
    pub(super) looks: Vec<Look>,
    /// What else happened, in sentences.
    pub(super) history: Vec<String>,
}

/// What came of the rollout that `node` is; none of any other step, or before it began.
pub(super) fn of(
    state: &State,
    seen: &Seen,
    node: &Node,
    view: &StepView<'_>,
) -> Result<Option<Judgement>, Failure> {
    if node.role != Role::Rollout || view.attempt == 0 {
        return Ok(None);
    }
    let rows = state.store.deployments(&DeploymentsOf::Run(seen.row.id.clone()));
    let rows = rows.map_err(|error| refused(&error))?;
    let row = rows.into_iter().rfind(|row| row.kind == node.kind.as_str());
    let verdict = verdict(seen, &node.name);
    let controller = row.as_ref().and_then(controller);
    let actions = actions(view, row.as_ref());
    let looks = actions.iter().filter_map(|action| match action {
        Action::Look(look) => Some(*look),
        _ => None,
    });
    Ok(Some(Judgement {
        verdict: verdict.map(|verdict| match verdict {
            Verdict::Promoted => "promoted",
            Verdict::RolledBack { .. } => "rolled_back",
            Verdict::Inconclusive { .. } => "inconclusive",
        }),
        reason: verdict.and_then(Verdict::reason).map(str::to_owned),
        traffic_percentage: row.as_ref().map_or(Json::Null, |row| percentage(row.traffic)),
        accrued: row.as_ref().map(|row| row.accrued),
        duration: controller.as_ref().map(Rollout::duration),
        looks: looks.collect(),
        history: actions.iter().filter_map(sentence).collect(),
    }))
}

fn verdict<'a>(seen: &'a Seen, step: &Name) -> Option<&'a Verdict> {
    seen.events.iter().rev().find_map(|logged| match &logged.event {
        Event::RolloutEnded { step: ended, verdict, .. } if ended == step => Some(verdict),
        _ => None,
    })
}

/// What it asked for so far: from its outputs once it ended, from its row before.
fn actions(view: &StepView<'_>, row: Option<&DeploymentRow>) -> Vec<Action> {
    let ended = view.outputs.get("history").and_then(Value::as_text);
    if let Some(actions) = ended.and_then(|text| serde_json::from_str(text).ok()) {
        return actions;
    }
    let history = row.and_then(|row| row.state.get("history"));
    history.and_then(|json| Vec::deserialize(json).ok()).unwrap_or_default()
}

fn sentence(action: &Action) -> Option<String> {
    match action {
        Action::Advance { step } => Some(format!("went on to step {}", step.saturating_add(1))),
        Action::Pause { reason } => Some(format!("stood still: {reason}")),
        Action::Resume => Some("went on".to_owned()),
        Action::Extend { by, until, reason } => {
            Some(format!("was extended by {by}, to {until} of market time: {reason}"))
        }
        Action::SetTraffic { .. } | Action::Look(_) | Action::Decide(_) => None,
    }
}
