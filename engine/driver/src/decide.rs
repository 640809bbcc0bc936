//! Steps that the engine itself does at once: the lookup of production, the gate, the promotion.

use crate::beginner::Beginner;
use crate::engine::{Engine, EngineError};
use crate::gate::{self, Verdict};
use crate::models;
use crate::ports::{ModelRow, SlotFacts};
use crate::registry::{Change, RouteRow};
use crate::round::Round;
use suho_domain::{FailureClass, ModelId, ModelStatus, Move, Name, Record, Value};
use suho_plan::Node;
use suho_scheduler::Event;

/// Why a candidate is taken back that was compared with a model that serves no more.
pub(crate) const OUTRUN: &str =
    "baseline_changed: another model became production since this run looked";

impl Engine<'_> {
    pub(crate) fn decide(&mut self, step: &Name, round: &mut Round) -> Result<(), EngineError> {
        let node = self.node(step)?.clone();
        match node.kind.as_str() {
            "production" => self.look_up(&node, round),
            "gate" => self.judge(&node, round),
            "promote" => self.promote(&node, round),
            other => Err(EngineError::Bug(format!("nobody decides a `{other}`"))),
        }
    }

    /// The model that serves the slot now; nothing where there is none.
    fn look_up(&mut self, node: &Node, round: &mut Round) -> Result<(), EngineError> {
        let facts = self.slot_facts()?;
        let known = facts.production.as_ref().filter(|row| self.is_known(row));
        let outputs = match known.map(models::value_of) {
            Some(Value::Record(record)) => record,
            _ => Record::new(),
        };
        let (step, at) = (node.name.clone(), self.wall());
        round.events.push(Event::StepDecided { step, outputs, at });
        Ok(())
    }

    /// Whether the run may know of the model that serves. A backfill's run is of an instant that is
    /// over: one that came to serve later has seen the data that the run is held against.
    fn is_known(&self, row: &ModelRow) -> bool {
        let is_backfill = matches!(Beginner::of(&self.run.created_by), Beginner::Backfill { .. });
        !is_backfill || row.deployed_at.is_some_and(|at| at <= self.run.as_of)
    }

    fn judge(&mut self, node: &Node, round: &mut Round) -> Result<(), EngineError> {
        let made = self.made();
        for rule in &node.rules {
            self.rim.observer.answered(&node.name, rule, &suho_plan::answer(rule, &made));
        }
        let report = gate::judge(&self.plan, node, &made);
        let mut outputs = Record::from([("criteria".to_owned(), report.to_value())]);
        let model = self.model_of(node)?;
        let (step, at) = (node.name.clone(), self.wall());
        match report.verdict() {
            Verdict::Pass => {
                outputs.insert("model".to_owned(), model);
                round.events.push(Event::StepDecided { step, outputs, at });
            }
            Verdict::Fail => {
                let reason = report.reason();
                self.archive(&model, "acceptance_failed", &reason, round)?;
                round.events.push(Event::StepRejected { step, reason, outputs, at });
            }
            Verdict::Error | Verdict::NotApplicable => {
                let message = format!("the gate cannot decide: {}", report.reason());
                self.archive(&model, "evaluation_error", &message, round)?;
                let class = FailureClass::User;
                round.events.push(Event::StepFailed { step, class, message, at });
            }
        }
        Ok(())
    }

    /// T6.
    fn archive(
        &mut self,
        model: &Value,
        reason: &str,
        detail: &str,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let Some(id) = models::id_of(Some(model)) else { return Ok(()) };
        let row = self.model_row(&id)?;
        if row.status == ModelStatus::Testing {
            let change = self.moved(&row, Move::Reject, reason, Some(detail.to_owned()));
            round.changes.push(Change::Move(change));
        }
        Ok(())
    }

    /// T9 and T10 in one transaction: the old one steps down first, then the new one up.
    fn promote(&mut self, node: &Node, round: &mut Round) -> Result<(), EngineError> {
        let model = self.model_of(node)?;
        let (step, at) = (node.name.clone(), self.wall());
        let Some(id) = models::id_of(Some(&model)) else {
            return Err(EngineError::Bug(format!("`{step}` promotes no model")));
        };
        let facts = self.slot_facts()?;
        let row = self.model_row(&id)?;
        if self.is_outrun(&facts) {
            self.give_way(&step, &row, &facts, round);
            return Ok(());
        }
        if let Some(old) = &facts.production {
            let by = Some(format!("by {}", row.version));
            round.changes.push(Change::Move(self.moved(old, Move::Supersede, "superseded", by)));
        }
        round.changes.push(Change::Move(self.moved(&row, Move::Promote, "promoted", None)));
        self.route_to(Some(id), &facts, round);
        let outputs = Record::from([("model".to_owned(), model)]);
        round.events.push(Event::StepDecided { step, outputs, at });
        Ok(())
    }

    /// Whether another model serves the slot than the one this run has compared with.
    pub(crate) fn is_outrun(&self, facts: &SlotFacts) -> bool {
        facts.production.as_ref().map(|row| row.id.clone()) != self.baseline_id()
    }

    /// The candidate in `row` was compared with a model that serves no more: it is taken back, and
    /// whoever serves the slot now serves all of it.
    pub(crate) fn give_way(
        &self,
        step: &Name,
        row: &ModelRow,
        facts: &SlotFacts,
        round: &mut Round,
    ) {
        round.changes.extend(self.taken_back(row, OUTRUN, None));
        if row.status == ModelStatus::Canary {
            let serving = facts.production.as_ref().map(|row| row.id.clone());
            self.route_to(serving, facts, round);
        }
        let message = format!("{OUTRUN}; run the pipeline again to be compared with it");
        let (step, class, at) = (step.clone(), FailureClass::User, self.wall());
        round.events.push(Event::StepFailed { step, class, message, at });
    }

    /// All of the slot's traffic goes to `production`.
    pub(crate) fn route_to(
        &self,
        production: Option<ModelId>,
        facts: &SlotFacts,
        round: &mut Round,
    ) {
        let Some(candidate) = &self.candidate else { return };
        let route = RouteRow {
            slot: candidate.slot.clone(),
            generation: facts.generation().saturating_add(1),
            production,
            candidate: None,
            deployment: None,
        };
        round.changes.push(Change::Route(route.clone()));
        round.routes.push(route);
    }

    /// The model a node is given.
    pub(crate) fn model_of(&self, node: &Node) -> Result<Value, EngineError> {
        let broken = |why: String| EngineError::Bug(format!("`{}` has no model: {why}", node.name));
        let expr = node.inputs.get("model").ok_or_else(|| broken("none is given".to_owned()))?;
        suho_plan::evaluate(expr, &self.made()).map_err(|missing| broken(missing.to_string()))
    }
}
