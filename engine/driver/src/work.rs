//! Steps that run as processes: starting them, and taking in what they made.

use crate::engine::{CachePolicy, Engine, EngineError, Round};
use crate::executor::Observed;
use crate::inputs::{InputError, Surroundings, inputs};
use crate::models;
use crate::own;
use crate::registry::Change;
use suho_domain::{FailureClass, Fault, ModelStatus, Name, Record, Value};
use suho_plan::Node;
use suho_scheduler::Event;
use suho_step::{Ending, Order, Outcome, StepError};

impl Engine<'_> {
    /// Begins an attempt, unless the step's result is there already or its condition does not hold.
    pub(crate) fn start(
        &mut self,
        step: &Name,
        attempt: u32,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let at = self.wall();
        let node = self.node(step)?.clone();
        let made = self.made();
        let around = self.surroundings();
        let (mut inputs, key) = match inputs(&self.plan, &node, &made, around) {
            Ok(found) => found,
            Err(error) => return self.refuse(step, attempt, &error, round),
        };
        if self.setting.cache == CachePolicy::Use
            && own::why_anew(&node).is_none()
            && let Some(entry) = self.rim.store.cached(&key)?
            && self.is_usable(&entry.outputs)?
        {
            let source = format!("{}/{}", entry.run.short(), entry.step);
            let (step, outputs) = (step.clone(), entry.outputs);
            round.events.push(Event::StepCached { step, source, outputs, at });
            return Ok(());
        }
        let exec = match node.exec.as_ref().and_then(|_| inputs.remove(own::EXEC)) {
            None => None,
            Some(resolved) => match own::exec(&node, &resolved) {
                Ok(exec) => Some(exec),
                Err(error) => return self.refuse(step, attempt, &error.into(), round),
            },
        };
        if node.kind.as_str() == "train" {
            let identity = self.reserve(step, round)?;
            let version = identity.field("version").cloned().unwrap_or(Value::None);
            inputs.insert("version".to_owned(), version);
            inputs.insert("identity".to_owned(), identity);
        }
        // On what it runs is no content, so that it is told after the key is made.
        if let (Some(compute), None) = (&node.compute, &exec) {
            inputs.insert("compute".to_owned(), compute.clone());
        }
        round.events.push(Event::AttemptStarted { step: step.clone(), attempt, at });
        let candidate = self.candidate.as_ref();
        round.submit.push(Order {
            key: self.key(step, attempt),
            epoch: 1,
            kind: node.kind.to_string(),
            inputs,
            project: self.setting.project.clone(),
            artifacts: self.setting.artifacts.clone(),
            logical_time: self.run.as_of,
            seed: candidate.map_or(0, |candidate| candidate.seed.unsigned_abs()),
            timeout: node.limits.timeout,
            exec,
        });
        Ok(())
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            candidate: self.candidate.as_ref(),
            sources: self.rim.sources,
            until: self.setting.until,
            code: &self.setting.code,
        }
    }

    /// The step cannot be given what it needs: its failure, not the engine's.
    fn refuse(
        &self,
        step: &Name,
        attempt: u32,
        error: &InputError,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let class = match error.fault() {
            Fault::Bug => return Err(EngineError::Bug(error.to_string())),
            Fault::User => FailureClass::User,
            Fault::World => FailureClass::Infrastructure,
        };
        // An attempt that could not even be given its inputs: begun and failed at once.
        let (message, at) = (error.to_string(), self.wall());
        round.events.push(Event::AttemptStarted { step: step.clone(), attempt, at });
        let step = step.clone();
        round.events.push(Event::AttemptFailed { step, attempt, class, message, at });
        Ok(())
    }

    /// Whether a kept result may be used: a model of it must still be able to go forward.
    fn is_usable(&mut self, outputs: &Record) -> Result<bool, EngineError> {
        let Some(id) = models::id_of(outputs.get("model")) else { return Ok(true) };
        let row = self.rim.store.model(&id)?;
        Ok(row.is_some_and(|row| row.status == ModelStatus::Testing && !row.quarantined))
    }

    pub(crate) fn node(&self, step: &Name) -> Result<&Node, EngineError> {
        let missing = || EngineError::Bug(format!("the plan has no step `{step}`"));
        self.plan.node(step.as_str()).ok_or_else(missing)
    }

    /// Looks at every attempt at work and takes in what has ended.
    pub(crate) fn watch(&mut self) -> Result<(), EngineError> {
        let running: Vec<(Name, u32)> = self
            .state
            .steps()
            .filter(|view| view.running_since.is_some())
            .map(|view| (view.spec.name.clone(), view.attempt))
            .collect();
        let mut round = Round::default();
        for (step, attempt) in running {
            let key = self.key(&step, attempt);
            for progress in self.rim.executor.progress(&key)? {
                self.rim.observer.progress(&step, &progress);
            }
            match self.rim.executor.observe(&key)? {
                Observed::Running => {}
                Observed::Gone(class) => self.lose(&step, attempt, class, &mut round)?,
                Observed::Ended(outcome) => self.take_in(&step, attempt, *outcome, &mut round)?,
            }
        }
        if round.events.is_empty() { Ok(()) } else { self.commit(round) }
    }

    /// An attempt died without a word. What killed it is its own failure only where the system says
    /// that it asked for too much.
    fn lose(
        &mut self,
        step: &Name,
        attempt: u32,
        class: FailureClass,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let is_own = matches!(
            class,
            FailureClass::OutOfMemory | FailureClass::Timeout | FailureClass::Cancelled
        );
        if is_own {
            let error = StepError::new(class, class.word(), "the attempt was ended from outside");
            return self.fail(step, attempt, &error, round);
        }
        let (step, at) = (step.clone(), self.wall());
        round.events.push(Event::AttemptLost { step, attempt, at });
        Ok(())
    }

    fn take_in(
        &mut self,
        step: &Name,
        attempt: u32,
        outcome: Outcome,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        match outcome.result {
            Ending::Succeeded { outputs } => self.succeed(step, attempt, outputs, round),
            Ending::Failed(error) => self.fail(step, attempt, &error, round),
        }
    }

    fn succeed(
        &mut self,
        step: &Name,
        attempt: u32,
        outputs: Record,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let node = self.node(step)?.clone();
        round.changes.extend(self.effects_of(&node, &outputs)?);
        let made = self.made();
        let around = self.surroundings();
        // Made from the same inputs as at the start: what the step needs has ended since before.
        if own::why_anew(&node).is_none()
            && let Ok((inputs, key)) = inputs(&self.plan, &node, &made, around)
        {
            round.changes.push(Change::Cache {
                key,
                kind: node.kind.clone(),
                step: step.clone(),
                outputs: outputs.clone(),
                inputs: Value::Record(inputs).to_plain(),
            });
        }
        let (step, at) = (step.clone(), self.wall());
        round.events.push(Event::AttemptSucceeded { step, attempt, outputs, at });
        Ok(())
    }

    fn fail(
        &mut self,
        step: &Name,
        attempt: u32,
        error: &StepError,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let over = self.timed_out(step, error)?;
        let error = over.as_ref().unwrap_or(error);
        let mut message = format!("[{}] {error}", error.code);
        if let Some(help) = &error.help {
            message.push_str("; ");
            message.push_str(help);
        }
        let event = Event::AttemptFailed {
            step: step.clone(),
            attempt,
            class: error.class,
            message,
            at: self.wall(),
        };
        let mut after = self.state.clone();
        after.apply(&event)?;
        let is_over = after.step(step).is_some_and(|view| view.status.is_terminal());
        if is_over && self.node(step)?.kind.as_str() == "train" {
            round.changes.extend(self.fail_training(error.class)?);
        }
        round.events.push(event);
        Ok(())
    }

    /// An attempt cannot tell why it was asked to end. Where nobody wants the run to end, its time
    /// limit is what it was asked for.
    fn timed_out(&self, step: &Name, error: &StepError) -> Result<Option<StepError>, EngineError> {
        let view = self.state.step(step);
        let since = view.and_then(|view| view.running_since);
        let (Some(limit), Some(since)) = (self.node(step)?.limits.timeout, since) else {
            return Ok(None);
        };
        let is_over = since.plus(limit) <= self.wall();
        let is_asked = error.class == FailureClass::Cancelled && !self.state.is_stopping();
        let message = format!("the step ran longer than its limit of {limit}");
        let timed_out = StepError::new(FailureClass::Timeout, "timed-out", message);
        Ok((is_asked && is_over).then_some(timed_out))
    }
}
