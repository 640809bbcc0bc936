//! The registry of a simulated world: the tables in memory, and every refusal that the database
//! has. An outage of the registry, and the engine's death while it decides, happen here.

mod tables;

use crate::fault::{Died, Faults, Part};
use crate::journal::{Book, Happening};
use std::rc::Rc;
use suho_domain::{DeploymentId, Digest, ModelId, RunId, Slot};
use suho_driver::ports::{
    CacheEntry, Commit, DeploymentRow, LoggedEvent, ModelRow, NewRun, Prediction, Request, RunRow,
    SlotFacts, Store, StoreError,
};
use suho_scheduler::Event;
use tables::{Tables, conflict};

/// Runs and models in memory.
#[derive(Debug)]
pub(crate) struct Memory {
    runs: Vec<(RunRow, Vec<LoggedEvent>)>,
    tables: Tables,
    faults: Rc<Faults>,
    book: Book,
}

impl Memory {
    /// A registry that knows `models`, and no run.
    pub(crate) fn new(models: Vec<ModelRow>, faults: &Rc<Faults>, book: &Book) -> Self {
        let tables = Tables { models, ..Tables::default() };
        Self { runs: Vec::new(), tables, faults: Rc::clone(faults), book: book.clone() }
    }

    fn reach(&self, doing: &str) -> Result<(), StoreError> {
        let refused = |silence| refused(doing, silence);
        self.faults.answers(Part::Registry).map_err(refused)
    }

    /// The engine may be asked to die before it has written what it decided.
    fn survive(&self, commit: &Commit) -> Result<(), StoreError> {
        let decided = commit.events.iter().filter_map(|event| match event {
            Event::StepDecided { step, .. }
            | Event::StepRejected { step, .. }
            | Event::StepFailed { step, .. } => Some(step),
            _ => None,
        });
        for step in decided {
            if self.faults.kills_engine(step) {
                return Err(refused("record a decision", Died));
            }
        }
        Ok(())
    }
}

/// A yes to each question in `log` that has no answer yet.
fn answers(log: &[LoggedEvent]) -> Vec<Request> {
    let is_open = |logged: &&LoggedEvent| {
        let later = log.iter().skip_while(|each| each.seq <= logged.seq);
        !later.into_iter().any(|each| each.event.step() == logged.event.step())
    };
    let asked = |logged: &LoggedEvent| match &logged.event {
        Event::ApprovalAsked { step, at, .. } => Some(Request {
            id: logged.seq,
            kind: "approve".to_owned(),
            subject: Some(step.clone()),
            by: "the test".to_owned(),
            why: "nothing is said against it".to_owned(),
            at: *at,
        }),
        _ => None,
    };
    log.iter().filter(is_open).filter_map(asked).collect()
}

fn refused(doing: &str, why: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Refused { doing: doing.to_owned(), source: Box::new(why) }
}

impl Store for Memory {
    fn create_run(&mut self, new: &NewRun) -> Result<RunRow, StoreError> {
        let alike = |(row, _): &&(RunRow, Vec<LoggedEvent>)| {
            row.environment == new.environment && row.pipeline == new.pipeline
        };
        let number = self.runs.iter().filter(alike).count() as u64 + 1;
        let parts = [&*new.environment, new.pipeline.as_str(), &number.to_string()];
        let row = RunRow {
            id: RunId::derive(&parts),
            number,
            pipeline: new.pipeline.clone(),
            environment: new.environment.clone(),
            status: suho_domain::RunStatus::Queued,
            plan_digest: new.plan_digest.clone(),
            plan: new.plan.clone(),
            as_of: new.as_of,
            created_at: new.created_at,
            created_by: new.created_by.clone(),
            ended_at: None,
        };
        self.runs.push((row.clone(), Vec::new()));
        Ok(row)
    }

    fn load(&mut self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError> {
        self.reach("read the run")?;
        let found = self.runs.iter().find(|(row, _)| row.id == *run);
        found.cloned().ok_or_else(|| StoreError::Missing(format!("run `{run}`")))
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        self.reach("append to the log")?;
        self.survive(commit)?;
        let missing = || StoreError::Missing(format!("run `{}`", commit.run));
        let run = self.runs.iter_mut().find(|(row, _)| row.id == commit.run);
        let (row, log) = run.ok_or_else(missing)?;
        let last = log.last().map_or(0, |logged| logged.seq);
        if last != commit.after_seq {
            let what = format!("the log of run `{}`", commit.run);
            return Err(conflict(&what, &commit.after_seq, &last));
        }
        // All or none: a change that is refused leaves the tables as they were.
        let mut tables = self.tables.clone();
        let mut moves = Vec::new();
        for change in &commit.changes {
            moves.extend(tables.change(change, commit)?);
        }
        self.tables = tables;
        for (event, seq) in commit.events.iter().zip(last.saturating_add(1)..) {
            let (recorded_at, effective_at) = (commit.recorded_at, commit.effective_at);
            log.push(LoggedEvent { seq, recorded_at, effective_at, event: event.clone() });
        }
        row.status = commit.status;
        if commit.status.is_terminal() {
            row.ended_at = Some(commit.recorded_at);
        }
        for (model, to) in moves {
            self.book.note(Happening::Moved { model, to });
        }
        Ok(())
    }

    /// Nothing was done before, and everything is done but once.
    fn cached(&mut self, _: &[Digest]) -> Result<Vec<CacheEntry>, StoreError> {
        self.reach("look up a result").map(|()| Vec::new())
    }

    fn slot(&mut self, slot: &Slot) -> Result<SlotFacts, StoreError> {
        self.reach("read the models").map(|()| self.tables.slot(slot))
    }

    fn model(&mut self, model: &ModelId) -> Result<Option<ModelRow>, StoreError> {
        self.reach("read the models")?;
        Ok(self.tables.models.iter().find(|row| row.id == *model).cloned())
    }

    fn rollout(
        &mut self,
        deployment: &DeploymentId,
    ) -> Result<Option<(DeploymentRow, Vec<Prediction>)>, StoreError> {
        self.reach("read a rollout")?;
        let found = self.tables.rollouts.iter().find(|row| row.id == *deployment);
        Ok(found.map(|row| (row.clone(), Vec::new())))
    }

    /// People are asked on days that a test does not speak of: they say yes at once.
    fn requests(&mut self, run: &RunId) -> Result<Vec<Request>, StoreError> {
        self.reach("read the requests of people")?;
        let found = self.runs.iter().find(|(row, _)| row.id == *run);
        Ok(found.map(|(_, log)| answers(log)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
