//! Steps that run as processes: starting them, and taking in what they made.

use crate::due::Glance;
use crate::engine::{CachePolicy, Engine, EngineError};
use crate::executor::Observed;
use crate::inputs::{InputError, Surroundings, given, key, reads_a_source};
use crate::models;
use crate::own;
use crate::ports::CacheEntry;
use crate::registry::Change;
use crate::round::Round;

use std::collections::BTreeMap;
use std::sync::Arc;
use suho_domain::{AttemptKey, Digest, FailureClass, Fault, ModelStatus, Name, Record, Value};
use suho_plan::Node;
use suho_scheduler::Event;
use suho_step::{Ending, Order, Outcome, StepError};

/// A step whose turn has come, with what it is given.
struct Ready<'p> {
    node: &'p Node,
    attempt: u32,
    inputs: Record,
    /// The key of its content, unless it is done anew each time.
    key: Option<Digest>,
}

impl Engine<'_> {
    /// Begins attempts, each unless the step's result is there already. What is there is asked for
    /// all of them at once.
    pub(crate) fn start_all(
        &mut self,
        steps: Vec<(Name, u32)>,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let (plan, made) = (Arc::clone(&self.plan), self.made());
        let mut ready = Vec::with_capacity(steps.len());
        for (step, attempt) in steps {
            let node = self.node_of(&plan, &step)?;
            match given(&plan, node, &made, self.surroundings()) {
                Ok(inputs) => {
                    let key = own::why_anew(node)
                        .is_none()
                        .then(|| key(node, &inputs, self.surroundings()));
                    ready.push(Ready { node, attempt, inputs, key });
                }
                Err(error) => self.refuse(&step, attempt, &error, round)?,
            }
        }
        // Nobody else reads it while the state moves on, or all of it would be copied.
        drop(made);
        let kept = self.kept(&ready)?;
        for ready in ready {
            let entry = ready.key.as_ref().and_then(|key| kept.get(key)).cloned();
            self.start(ready, entry, round)?;
        }
        self.settle(round)
    }

    /// The results that are kept under the keys of those of `ready` that may take one.
    fn kept(&mut self, ready: &[Ready<'_>]) -> Result<BTreeMap<Digest, CacheEntry>, EngineError> {
        let keys: Vec<_> = ready.iter().filter_map(|ready| ready.key.clone()).collect();
        if self.setting.cache == CachePolicy::Renew || keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let entries = self.rim.store.cached(&keys)?;
        Ok(entries.into_iter().map(|entry| (entry.key.clone(), entry)).collect())
    }

    fn start(
        &mut self,
        ready: Ready<'_>,
        entry: Option<CacheEntry>,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let Ready { node, attempt, mut inputs, key } = ready;
        let (step, at) = (&node.name, self.wall());
        if let Some(entry) = entry
            && self.is_usable(&entry.outputs, round)?
        {
            let source = format!("{}/{}", entry.run.short(), entry.step);
            let (step, outputs) = (step.clone(), entry.outputs);
            round.events.push(Event::StepCached { step, source, outputs, at });
            return Ok(());
        }
        let exec = match node.exec.as_ref().and_then(|_| inputs.remove(own::EXEC)) {
            None => None,
            Some(resolved) => match own::exec(node, &resolved) {
                Ok(exec) => Some(exec),
                Err(error) => return self.refuse(step, attempt, &error.into(), round),
            },
        };
        if node.kind.as_str() == "train" {
            self.commit_registry(round)?;
            let identity = self.reserve(step, round)?;
            let version = identity.field("version").cloned().unwrap_or(Value::None);
            inputs.insert("version".to_owned(), version);
            inputs.insert("identity".to_owned(), identity);
        }
        // Neither is what was tried before: a result says how much that was when it was made.
        if node.kind.as_str() == "backtest" {
            // The candidate is one of them, and may be sealed in this very round.
            self.commit_registry(round)?;
            inputs.insert("tried".to_owned(), Value::Int(self.slot_facts()?.tried()));
        }
        // On what it runs is no content, so that it is told after the key is made.
        if let (Some(compute), None) = (&node.compute, &exec) {
            inputs.insert("compute".to_owned(), compute.clone());
        }
        round.events.push(Event::AttemptStarted { step: step.clone(), attempt, at });
        let attempt = self.key(step, attempt);
        if let Some(key) = &key {
            self.keys.insert(attempt.clone(), key.clone());
        }
        let candidate = self.candidate.as_ref();
        round.submit.push(Order {
            key: attempt,
            // The first; whoever leads in a later one says so where attempts begin.
            epoch: 1,
            kind: node.kind.to_string(),
            inputs,
            project: self.setting.project.clone(),
            artifacts: self.setting.artifacts.clone(),
            logical_time: self.run.as_of,
            seed: candidate.map_or(0, |candidate| candidate.seed.unsigned_abs()),
            timeout: node.limits.timeout,
            exec,
            content: key,
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
    fn is_usable(&mut self, outputs: &Record, round: &mut Round) -> Result<bool, EngineError> {
        let Some(id) = models::id_of(outputs.get("model")) else { return Ok(true) };
        self.commit_registry(round)?;
        let row = self.rim.store.model(&id)?;
        Ok(row.is_some_and(|row| row.status == ModelStatus::Testing && !row.quarantined))
    }

    /// Looks at attempts at work and takes in what has ended: at all of them, or at those that the
    /// executor names.
    pub(crate) fn watch(&mut self, glance: Glance, round: &mut Round) -> Result<(), EngineError> {
        let named = self.rim.executor.ended();
        let at_work = match named.filter(|_| glance == Glance::News) {
            Some(keys) => keys.into_iter().filter(|key| self.is_at_work(key)).collect(),
            None => self.all_at_work(),
        };
        for key in at_work {
            let (step, attempt) = (&key.step, key.attempt);
            for progress in self.rim.executor.progress(&key)? {
                self.rim.observer.progress(step, &progress);
            }
            match self.rim.executor.observe(&key)? {
                Observed::Running => {}
                Observed::Gone(class) => self.lose(step, attempt, class, round)?,
                Observed::Ended(outcome) => self.take_in(step, attempt, *outcome, round)?,
            }
            self.settle(round)?;
        }
        Ok(())
    }

    fn is_at_work(&self, key: &AttemptKey) -> bool {
        let view = self.state.step(&key.step).filter(|_| key.run == self.run.id);
        view.is_some_and(|view| view.attempt == key.attempt && view.running_since.is_some())
    }

    fn all_at_work(&self) -> Vec<AttemptKey> {
        self.state.at_work().map(|(step, attempt)| self.key(step, attempt)).collect()
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
            Ending::Succeeded { outputs } => {
                self.succeed(step, attempt, outputs, outcome.content.as_ref(), round)
            }
            Ending::Failed(error) => self.fail(step, attempt, &error, round),
        }
    }

    fn succeed(
        &mut self,
        step: &Name,
        attempt: u32,
        outputs: Record,
        content: Option<&Digest>,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let plan = Arc::clone(&self.plan);
        let node = self.node_of(&plan, step)?;
        round.changes.extend(self.effects_of(node, &outputs)?);
        let begun_as = self.keys.remove(&self.key(step, attempt));
        if let (None, Some(content)) = (own::why_anew(node), content)
            && let Ok(inputs) = given(&plan, node, &self.made(), self.surroundings())
        {
            // What the step needs has ended before it began; a source may have changed since, and
            // then nobody can tell which one was read.
            let begun_as = begun_as.filter(|_| !reads_a_source(node));
            let is_sure = match begun_as {
                Some(begun_as) => begun_as == *content,
                None => key(node, &inputs, self.surroundings()) == *content,
            };
            round.changes.extend(is_sure.then(|| Change::Cache {
                key: content.clone(),
                kind: node.kind.clone(),
                step: step.clone(),
                outputs: outputs.clone(),
                inputs: Value::Record(inputs).to_plain(),
            }));
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
        if self.node(step)?.kind.as_str() == "train" {
            let mut after = self.state.clone();
            after.apply(&event)?;
            if after.step(step).is_some_and(|view| view.status.is_terminal()) {
                round.changes.extend(self.fail_training(error.class)?);
            }
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
