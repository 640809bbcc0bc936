//! Driving a shadow, canary or ramp: a look a minute, a commit a bar, traffic as the controller
//! asks for it.

mod active;
pub(crate) mod weight;

pub(crate) use active::Active;
use active::{State, read_state};

use crate::controller::{self, Baseline, ControllerError};
use crate::decide::OUTRUN;
use crate::engine::{Engine, EngineError};
use crate::models;
use crate::ports::{DeploymentRow, ModelRow, SlotFacts};
use crate::registry::{Change, MoveModel};
use crate::round::{Made, Round};
use crate::world::{Look, Minute, Resumed, RolloutFacts, RolloutLook};
use std::collections::BTreeMap;
use suho_domain::{
    BasisPoints, DeploymentId, FailureClass, Instant, ModelStatus, Move, Name, Record, StepStatus,
};
use suho_plan::{Answer, Node, Rule, answer};
use suho_rollout::{Action, Block, Reason, Rollout, Verdict};
use suho_scheduler::Event;

impl Engine<'_> {
    fn deployment_id(&self, step: &Name, attempt: u32) -> DeploymentId {
        DeploymentId::derive(&[self.run.id.as_str(), step.as_str(), &attempt.to_string()])
    }

    /// Registers the rollout and the model's move; looking begins after the commit.
    pub(crate) fn begin_rollout(
        &mut self,
        step: &Name,
        attempt: u32,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let (node, at) = (self.node(step)?.clone(), self.wall());
        let model = self.model_of(&node)?;
        let missing = || EngineError::Bug(format!("`{step}` rolls out no model"));
        let row = self.model_row(&models::id_of(Some(&model)).ok_or_else(missing)?)?;
        let into = match node.kind.as_str() {
            "shadow" => Some((ModelStatus::Testing, Move::Stage)),
            "canary" => Some((ModelStatus::Staging, Move::StartCanary)),
            _ => None,
        };
        let wanted = into.map_or(ModelStatus::Canary, |(from, _)| from);
        if row.status != wanted || row.quarantined {
            let held = if row.quarantined { ", quarantined" } else { "" };
            let message = format!("{} {} is `{}`{held}", row.slot.model, row.version, row.status);
            let (step, class) = (step.clone(), FailureClass::User);
            round.events.push(Event::StepFailed { step, class, message, at });
            return Ok(());
        }
        let slot = self.slot_facts()?;
        if node.kind.as_str() != "shadow" && self.is_outrun(&slot) {
            self.give_way(step, &row, &slot, round);
            return Ok(());
        }
        if let Some(message) = hindrance(&node, &row, &slot) {
            let (step, class) = (step.clone(), FailureClass::Infrastructure);
            round.events.push(Event::StepFailed { step, class, message, at });
            return Ok(());
        }
        let (controller, rules) = match self.controller(&node)? {
            Ok(made) => made,
            Err(error) => {
                let (step, class, message) = (step.clone(), FailureClass::User, error.to_string());
                round.events.push(Event::StepFailed { step, class, message, at });
                return Ok(());
            }
        };
        if let Some((_, attempted)) = into {
            let reason = if attempted == Move::Stage { "gate_passed" } else { "shadow_passed" };
            round.changes.push(Change::Move(self.moved(&row, attempted, reason, None)));
        }
        let active = self.active(node, attempt, row, (controller, rules))?;
        round.changes.push(Change::Deploy(active.deployment()?));
        round.events.push(Event::RolloutStarted { step: step.clone(), attempt, at });
        self.rollout = Some(active);
        Ok(())
    }

    /// A rollout that nobody has looked at yet. A ramp takes over the share its canary has.
    fn active(
        &mut self,
        node: Node,
        attempt: u32,
        candidate: ModelRow,
        (controller, rules): (Rollout, Vec<Rule>),
    ) -> Result<Active, EngineError> {
        let facts = self.rollout_facts(&node, attempt, candidate)?;
        let slot = self.slot_facts()?;
        let state = State {
            controller,
            began: self.rim.world.now(),
            at: self.rim.world.now(),
            // A shadow has no traffic, whoever else's canary the slot's route speaks of.
            share: if facts.kind == "shadow" { BasisPoints::NONE } else { slot.share() },
            generation: slot.generation(),
            history: Vec::new(),
        };
        Ok(Active {
            attempt,
            facts,
            rules,
            state,
            node,
            row_version: 1,
            resumed: None,
            has_begun: false,
            predictions: Vec::new(),
            labels: Vec::new(),
            metrics: BTreeMap::new(),
            recent: BTreeMap::new(),
        })
    }

    /// The controller that `node` declares, with the blocks its canary has looked at.
    fn controller(
        &mut self,
        node: &Node,
    ) -> Result<Result<(Rollout, Vec<Rule>), ControllerError>, EngineError> {
        let baseline = match self.baseline_id() {
            None => Baseline::None,
            Some(_) => Baseline::Some(self.canary_state(node)?.map_or_else(Vec::new, |c| c.1)),
        };
        let Some(candidate) = &self.candidate else {
            return Err(EngineError::Bug("a rollout without a candidate".to_owned()));
        };
        let made = controller::spec(&self.plan, node, candidate, &baseline);
        Ok(made.and_then(|(spec, rules)| {
            let not = |source| ControllerError::Not { step: node.name.to_string(), source };
            Rollout::new(spec).map(|rollout| (rollout, rules)).map_err(not)
        }))
    }

    /// For a ramp: when its canary began, and the blocks it looked at.
    fn canary_state(&mut self, node: &Node) -> Result<Option<(Instant, Vec<Block>)>, EngineError> {
        let Some(row) = self.canary_row(node)? else { return Ok(None) };
        let state = read_state(&row.state)?;
        Ok(Some((row.created_at, state.controller.blocks())))
    }

    /// For a ramp: its canary's row.
    fn canary_row(&mut self, node: &Node) -> Result<Option<DeploymentRow>, EngineError> {
        if node.kind.as_str() != "ramp" {
            return Ok(None);
        }
        let Some(canary) = self.plan.of_kind("canary").next().map(|node| node.name.clone()) else {
            return Ok(None);
        };
        let attempt = self.state.step(&canary).map_or(1, |view| view.attempt);
        let id = self.deployment_id(&canary, attempt);
        Ok(self.rim.store.rollout(&id)?.map(|(row, _)| row))
    }

    fn rollout_facts(
        &mut self,
        node: &Node,
        attempt: u32,
        candidate: ModelRow,
    ) -> Result<RolloutFacts, EngineError> {
        let baseline = match self.baseline_id() {
            Some(id) => Some(self.model_row(&id)?),
            None => None,
        };
        let paired_from = self.canary_state(node)?.map(|(at, _)| at);
        let deployment = self.deployment_id(&node.name, attempt);
        let canary = self.canary_row(node)?.map(|row| row.id);
        let Some(model) = &self.candidate else {
            return Err(EngineError::Bug("a rollout without a candidate".to_owned()));
        };
        Ok(RolloutFacts {
            salt: canary.unwrap_or_else(|| deployment.clone()),
            deployment,
            step: node.name.clone(),
            kind: node.kind.to_string(),
            candidate,
            baseline,
            calendar: crate::inputs::calendar(&self.plan, Some(model)),
            horizon: model.horizon,
            sequence: model.sequence,
            label: model.label.clone(),
            paired_from,
            seed: format!("{}/{}/{}", self.run.environment, self.run.pipeline, self.run.number),
        })
    }

    /// After a restart: goes on with the rollout the log says is under way.
    pub(crate) fn take_up_rollout(&mut self) -> Result<(), EngineError> {
        let baking = self.state.steps().find(|view| view.status == StepStatus::Baking);
        let Some((step, attempt)) = baking.map(|view| (view.spec.name.clone(), view.attempt))
        else {
            return Ok(());
        };
        let id = self.deployment_id(&step, attempt);
        let missing = || EngineError::Bug(format!("the rollout of `{step}` has no row"));
        let (row, predictions) = self.rim.store.rollout(&id)?.ok_or_else(missing)?;
        let node = self.node(&step)?.clone();
        let state = read_state(&row.state)?;
        let candidate = self.model_row(&row.model)?;
        let mut facts = self.rollout_facts(&node, attempt, candidate)?;
        facts.paired_from = facts.paired_from.or(Some(row.created_at));
        let rules = self.controller(&node)?.map_or_else(|_| Vec::new(), |(_, rules)| rules);
        self.rollout = Some(Active {
            attempt,
            facts,
            rules,
            resumed: Some(Resumed { at: state.at, predictions }),
            state,
            node,
            row_version: row.row_version,
            has_begun: false,
            predictions: Vec::new(),
            labels: Vec::new(),
            metrics: BTreeMap::new(),
            recent: BTreeMap::new(),
        });
        Ok(())
    }

    /// Looks at the rollout under way until a bar closes or something is decided. Whether there
    /// was anything to look at.
    pub(crate) fn roll(&mut self) -> Result<bool, EngineError> {
        // A run that is to end takes its candidate back before another minute passes.
        if self.state.is_stopping() {
            return Ok(false);
        }
        let Some(mut active) = self.rollout.take() else { return Ok(false) };
        // People hold the run or the line: traffic stays where it is. A live world would have to be
        // watched on, since a rollback is never held up; recorded bars stand still.
        if self.state.stands_still(&active.node.name) {
            self.rollout = Some(active);
            return Ok(false);
        }
        if !active.has_begun {
            if active.facts.kind != "shadow" {
                let slot = self.slot_facts()?;
                // The world may be a new one: it is told where traffic stands, whoever moved it there.
                if let Some(newest) = &slot.route {
                    self.rim.world.route(newest)?;
                }
                active.see(&slot);
                if self.is_outrun(&slot) {
                    let reason = Reason::Aborted { why: OUTRUN.to_owned() };
                    let actions = active.state.controller.conclude(Verdict::RollBack { reason });
                    return self.carry(active, actions).map(|()| true);
                }
            }
            self.rim.world.begin(&active.facts, active.resumed.take())?;
            active.has_begun = true;
        }
        // Nothing ends between two commits, but for what is due at a time: the deadline, a wait.
        let (made, timer) = (self.made(), self.state.next_timer());
        loop {
            match self.rim.world.look()? {
                Look::Idle => {
                    self.rollout = Some(active);
                    return Ok(false);
                }
                Look::OutOfBars => {
                    let verdict = Verdict::Inconclusive { reason: Reason::OutOfBars };
                    let actions = active.state.controller.conclude(verdict);
                    return self.carry(active, actions).map(|()| true);
                }
                Look::Minute(minute) => {
                    let closes = minute.is_bar_close;
                    let actions = self.observe(&mut active, *minute, &made);
                    if closes || !actions.is_empty() {
                        return self.carry(active, actions).map(|()| true);
                    }
                    if timer.is_some_and(|timer| timer <= self.wall()) {
                        self.rollout = Some(active);
                        return Ok(true);
                    }
                }
            }
        }
    }

    fn observe(&mut self, active: &mut Active, minute: Minute, made: &Made) -> Vec<Action> {
        let Minute { now, mut observation, metrics, recent, predictions, labels, .. } = minute;
        active.metrics = metrics;
        active.recent = recent;
        active.predictions.extend(predictions);
        active.labels.extend(labels);
        active.state.at = now;
        observation.share = active.state.share;
        if let Some(evidence) = &mut observation.evidence {
            let observer = &mut self.rim.observer;
            let said = |rule: &Rule| {
                let said = answer(rule, &active.live(rule.verb, made));
                observer.answered(&active.node.name, rule, &said);
                match said {
                    Answer::True => suho_rollout::Answer::True,
                    Answer::False => suho_rollout::Answer::False,
                    Answer::NoData(_) => suho_rollout::Answer::NoData,
                    Answer::NotApplicable(_) => suho_rollout::Answer::NotApplicable,
                }
            };
            evidence.answers = active.rules.iter().map(said).collect();
        }
        active.state.controller.observe(&observation)
    }

    /// Makes what a look asked for durable, then real.
    fn carry(&mut self, mut active: Active, actions: Vec<Action>) -> Result<(), EngineError> {
        let mut round = Round::default();
        let mut verdict = None;
        for action in actions {
            match &action {
                Action::SetTraffic { share } if active.facts.kind != "shadow" => {
                    let route = active.route(*share);
                    round.changes.push(Change::Route(route.clone()));
                    round.routes.push(route);
                }
                Action::Decide(decided) => verdict = Some(decided.clone()),
                _ => {}
            }
            round.actions.push((active.node.name.clone(), action.clone()));
            if !matches!(action, Action::SetTraffic { .. }) {
                active.state.history.push(action);
            }
        }
        active.flush(&mut round);
        match verdict {
            None => {
                round.changes.push(Change::Rollout(active.update("active", None)?));
                self.watch_rollout(&active);
                active.row_version += 1;
                self.rollout = Some(active);
                self.commit(round)
            }
            Some(verdict) => {
                self.conclude(&active, &verdict, &mut round)?;
                self.end_with_the_last(&mut round)?;
                self.commit(round)?;
                self.rim.world.end();
                Ok(())
            }
        }
    }

    fn watch_rollout(&mut self, active: &Active) {
        let controller = &active.state.controller;
        self.rim.observer.rollout(&RolloutLook {
            step: &active.node.name,
            now: active.state.at,
            share: active.state.share,
            accrued: controller.accrued(),
            total: controller.duration(),
            metrics: &active.metrics,
        });
    }

    /// The verdict's effects: the model moves, the row is closed, the step ends.
    fn conclude(
        &mut self,
        active: &Active,
        verdict: &Verdict,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let (word, reason, status) = match verdict {
            Verdict::Promote => ("promote", String::new(), "promoted"),
            Verdict::RollBack { reason } => ("rollback", reason.to_string(), "rolled_back"),
            Verdict::Inconclusive { reason } => {
                ("inconclusive", reason.to_string(), "inconclusive")
            }
        };
        // Closed as rolled back: an inconclusive rollout that is over must not hold the slot.
        let row_status = if status == "inconclusive" { "rolled_back" } else { status };
        let decision = Some((word.to_owned(), reason.clone()));
        round.changes.push(Change::Rollout(active.update(row_status, decision)?));
        if *verdict != Verdict::Promote {
            round.changes.extend(self.take_back(active, &reason)?);
        }
        let (step, attempt, at) = (active.node.name.clone(), active.attempt, self.wall());
        let verdict = match verdict {
            Verdict::Promote => suho_scheduler::Verdict::Promoted,
            Verdict::RollBack { .. } => suho_scheduler::Verdict::RolledBack { reason },
            Verdict::Inconclusive { .. } => suho_scheduler::Verdict::Inconclusive { reason },
        };
        let outputs = self.rollout_outputs(active)?;
        round.events.push(Event::RolloutEnded { step, attempt, verdict, outputs, at });
        Ok(())
    }

    /// T8 or T11: back to draft, and not to be moved forward again by automation.
    fn take_back(&mut self, active: &Active, reason: &str) -> Result<Vec<Change>, EngineError> {
        let row = self.model_row(&active.facts.candidate.id)?;
        let deployment = Some(active.facts.deployment.clone());
        Ok(self.taken_back(&row, reason, deployment))
    }

    /// Takes back a model that is on its way to production; nothing where it is not.
    pub(crate) fn taken_back(
        &self,
        row: &ModelRow,
        reason: &str,
        deployment: Option<DeploymentId>,
    ) -> Vec<Change> {
        let (attempted, word) = match row.status {
            ModelStatus::Staging => (Move::Unstage, "staging_failed"),
            ModelStatus::Canary => (Move::RollBack, "rolled_back"),
            _ => return Vec::new(),
        };
        let moved = self.moved(row, attempted, word, Some(reason.to_owned()));
        vec![Change::Move(MoveModel { quarantined: Some(true), deployment, ..moved })]
    }

    /// The run is to end: the candidate is taken back, whatever the rollout would have said.
    pub(crate) fn abort_rollout(
        &mut self,
        step: &Name,
        attempt: u32,
        why: &str,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let reason = Reason::Aborted { why: why.to_owned() };
        let Some(mut active) = self.rollout.take() else {
            let (step, at) = (step.clone(), self.wall());
            let verdict = suho_scheduler::Verdict::RolledBack { reason: reason.to_string() };
            let outputs = Record::new();
            round.events.push(Event::RolloutEnded { step, attempt, verdict, outputs, at });
            return Ok(());
        };
        if active.facts.kind != "shadow" {
            active.see(&self.slot_facts()?);
        }
        let verdict = Verdict::RollBack { reason };
        for action in active.state.controller.conclude(verdict.clone()) {
            if let Action::SetTraffic { share } = &action
                && active.facts.kind != "shadow"
            {
                let route = active.route(*share);
                round.changes.push(Change::Route(route.clone()));
                round.routes.push(route);
            }
            active.state.history.push(action);
        }
        active.flush(round);
        self.conclude(&active, &verdict, round)?;
        self.rim.world.end();
        Ok(())
    }
}

/// Another rollout of the slot that has to end before this one may begin.
fn hindrance(node: &Node, row: &ModelRow, slot: &SlotFacts) -> Option<String> {
    let is_shadow = node.kind.as_str() == "shadow";
    let of_kind = |live: &&DeploymentRow| (live.kind == "shadow") == is_shadow;
    let live = slot.live.as_ref().filter(of_kind);
    let is_in_the_way = |other: &&ModelRow| {
        let is_canary = !is_shadow && other.status == ModelStatus::Canary;
        other.id != row.id && (is_canary || live.is_some_and(|live| live.model == other.id))
    };
    let other = slot.versions.iter().find(is_in_the_way)?;
    let run = other.run.as_ref().map_or("RUN", suho_domain::RunId::short);
    let (model, version) = (&other.slot.model, other.version);
    Some(format!(
        "the rollout of {model} {version} is not over; `suho retry {run}` carries it on, then take \
         this run up again"
    ))
}
