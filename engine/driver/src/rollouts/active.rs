//! A rollout under way: what is known of it between two looks, and as its rows hold it.

use crate::engine::EngineError;
use crate::ports::{Prediction, SlotFacts};
use crate::registry::{Change, NewDeployment, RolloutUpdate, RouteRow};
use crate::round::Round;
use crate::world::{Resumed, RolloutFacts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use suho_domain::{BasisPoints, Instant, ModelId, Name, Value};
use suho_plan::{Facts, Node, Rule, Verb};
use suho_rollout::{Action, Rollout};

/// A rollout under way.
pub(crate) struct Active {
    pub(crate) node: Node,
    pub(super) attempt: u32,
    pub(crate) facts: RolloutFacts,
    pub(super) rules: Vec<Rule>,
    pub(crate) state: State,
    pub(super) row_version: u64,
    /// What a restart continues from; taken when the world has begun.
    pub(super) resumed: Option<Resumed>,
    pub(super) has_begun: bool,
    /// Answers not yet committed.
    pub(super) predictions: Vec<Prediction>,
    /// Labels not yet committed.
    pub(super) labels: Vec<(Instant, i8)>,
    /// The latest figures.
    pub(crate) metrics: BTreeMap<String, Value>,
    /// The latest figures of the last minutes.
    pub(crate) recent: BTreeMap<String, Value>,
}

/// What the deployment's row holds of a rollout: enough to go on after a crash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) controller: Rollout,
    /// World time of its start.
    pub(crate) began: Instant,
    /// World time of the last minute looked at.
    pub(crate) at: Instant,
    /// The candidate's share as routed.
    pub(super) share: BasisPoints,
    /// Generation of the last route written.
    pub(super) generation: u64,
    /// What happened so far, for the record: looks, extensions, pauses.
    pub(crate) history: Vec<Action>,
}

/// Live metrics as facts for one rule.
pub(crate) struct Live<'a> {
    active: &'a Active,
    verb: Verb,
    made: &'a dyn Facts,
}

impl Facts for Live<'_> {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.made.output(name)
    }
    fn live(&self, name: &str) -> Option<Value> {
        let looks_back = matches!(self.verb, Verb::Rollback | Verb::Hold);
        let recent = self.active.recent.get(name).filter(|_| looks_back);
        recent.or_else(|| self.active.metrics.get(name)).cloned()
    }
}

impl Active {
    /// What a rule of `verb` may speak of.
    pub(crate) const fn live<'a>(&'a self, verb: Verb, made: &'a dyn Facts) -> Live<'a> {
        Live { active: self, verb, made }
    }

    /// Takes in who serves and by which generation: a person may have moved both between the last look
    /// at the slot and the commit that began the rollout.
    pub(super) fn see(&mut self, slot: &SlotFacts) {
        self.state.generation = slot.generation();
        self.facts.baseline.clone_from(&slot.production);
    }

    /// The row that begins it.
    pub(super) fn deployment(&self) -> Result<NewDeployment, EngineError> {
        let json = |value: serde_json::Result<serde_json::Value>| {
            value.map_err(|error| EngineError::Bug(error.to_string()))
        };
        let criteria: Vec<_> = self.node.rules.iter().map(|rule| &rule.text).collect();
        let facts = &self.facts;
        Ok(NewDeployment {
            id: facts.deployment.clone(),
            slot: facts.candidate.slot.clone(),
            model: facts.candidate.id.clone(),
            baseline: facts.baseline.as_ref().map(|row| row.id.clone()),
            kind: self.node.kind.to_string(),
            salt: facts.salt.to_string(),
            spec: json(serde_json::to_value(self.state.controller.spec()))?,
            criteria: json(serde_json::to_value(criteria))?,
            state: json(serde_json::to_value(&self.state))?,
        })
    }

    /// The next generation of the slot's route, with the candidate at `share`.
    pub(super) fn route(&mut self, share: BasisPoints) -> RouteRow {
        self.state.generation = self.state.generation.saturating_add(1);
        self.state.share = share;
        let production: Option<ModelId> = self.facts.baseline.as_ref().map(|row| row.id.clone());
        let candidate = Some((self.facts.candidate.id.clone(), share));
        RouteRow {
            slot: self.facts.candidate.slot.clone(),
            generation: self.state.generation,
            production,
            candidate: candidate.filter(|_| share > BasisPoints::NONE),
            deployment: Some(self.facts.deployment.clone()),
        }
    }

    /// Hands over what was answered and came true since the last commit.
    pub(super) fn flush(&mut self, round: &mut Round) {
        let deployment = &self.facts.deployment;
        if !self.predictions.is_empty() {
            round.changes.push(Change::Predictions {
                deployment: deployment.clone(),
                slot: self.facts.candidate.slot.clone(),
                horizon: self.facts.horizon,
                rows: std::mem::take(&mut self.predictions),
            });
        }
        for (event_time, actual) in std::mem::take(&mut self.labels) {
            let (deployment, at) = (deployment.clone(), self.state.at);
            round.changes.push(Change::Label { deployment, event_time, actual, at });
        }
    }

    pub(super) fn update(
        &self,
        status: &str,
        decision: Option<(String, String)>,
    ) -> Result<RolloutUpdate, EngineError> {
        let state = serde_json::to_value(&self.state)
            .map_err(|error| EngineError::Bug(error.to_string()))?;
        Ok(RolloutUpdate {
            id: self.facts.deployment.clone(),
            row_version: self.row_version,
            status: status.to_owned(),
            step_index: u32::try_from(self.state.controller.step()).unwrap_or(u32::MAX),
            traffic: self.state.share,
            routing_epoch: self.state.generation,
            accrued: self.state.controller.accrued(),
            state,
            decision,
        })
    }
}

/// The state that a deployment's row holds.
pub(super) fn read_state(json: &serde_json::Value) -> Result<State, EngineError> {
    State::deserialize(json)
        .map_err(|error| EngineError::Bug(format!("cannot read a rollout's state: {error}")))
}
