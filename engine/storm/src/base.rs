//! The durable memory: what a database holds, with every refusal that it has. A call is one
//! transaction. Faults on the way to it are [`reach`](crate::reach)'s affair; planted bugs of a
//! database are here.

mod ledger;
mod registry;

pub(crate) use ledger::Ledger;
pub(crate) use registry::Registry;

use crate::bug::Bug;
use crate::plot::{ENVIRONMENT, Form};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::Rc;
use suho_domain::{Digest, Instant, RunId, RunStatus};
use suho_driver::ports::{
    CacheEntry, Commit, LoggedEvent, NewRun, PlanText, Request, RunRow, StoreError,
};
use suho_driver::registry::Change;
use suho_scheduler::{Event, HandlerEvent, Priority};
use suho_store::{Submission, SubmissionKey};

/// Who leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Lease {
    pub(crate) daemon: usize,
    /// Which of the daemon's lives.
    pub(crate) life: u64,
    /// Since when nobody renews it; its time runs from then.
    pub(crate) silent: Option<Instant>,
}

/// Something a person asked of a run.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) request: Request,
    pub(crate) is_answered: bool,
}

/// A run and all that hangs on it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) row: RunRow,
    pub(crate) form: Rc<Form>,
    pub(crate) log: Vec<LoggedEvent>,
    pub(crate) quarantine: Option<String>,
    pub(crate) requests: Vec<Asked>,
    /// Whether its plan cannot be read.
    pub(crate) is_poisoned: bool,
}

impl Record {
    /// Whether the exit block of its end was not carried out.
    fn is_unhandled(&self) -> bool {
        let last = self.log.last().map(|logged| &logged.event);
        let Some(event) = HandlerEvent::of(self.row.status) else { return false };
        let word = match event {
            HandlerEvent::Rollback => "rollback",
            HandlerEvent::Failure => "failure",
            HandlerEvent::Cancel => "cancel",
        };
        let is_declared = self.form.plan.handlers.iter().any(|it| it.event.as_str() == word);
        is_declared && matches!(last, Some(Event::RunEnded { .. }))
    }

    pub(crate) fn open_requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|asked| !asked.is_answered).map(|asked| &asked.request)
    }

    /// Whether an engine has something to do for it.
    pub(crate) fn is_due(&self) -> bool {
        // Of a run that only a person can bring on, a person's request is the only thing due.
        let waits = self.row.status == RunStatus::Unknown && self.open_requests().next().is_none();
        self.quarantine.is_none() && !waits && (self.row.ended_at.is_none() || self.is_unhandled())
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Base {
    bug: Option<Bug>,
    pub(crate) runs: Vec<Record>,
    places: BTreeMap<RunId, usize>,
    /// Runs by pipeline.
    numbers: BTreeMap<String, u64>,
    pub(crate) registry: Registry,
    pub(crate) ledger: Ledger,
    submissions: BTreeMap<String, (Digest, usize)>,
    cache: BTreeMap<Digest, CacheEntry>,
    forms: BTreeMap<Digest, Rc<Form>>,
    last_request: u64,
    pub(crate) lease: Option<Lease>,
    /// Counts the leaders there were; a write of an older one is refused.
    pub(crate) epoch: u64,
}

/// Somebody else wrote first.
pub(crate) fn conflict(what: &str, expected: &dyn Display, found: &dyn Display) -> StoreError {
    let (expected, found) = (expected.to_string(), found.to_string());
    StoreError::Conflict { what: what.to_owned(), expected, found }
}

pub(crate) fn missing(what: &dyn Display) -> StoreError {
    StoreError::Missing(what.to_string())
}

impl Base {
    pub(crate) fn new(bug: Option<Bug>, forms: &BTreeMap<Digest, Rc<Form>>) -> Self {
        Self {
            bug,
            runs: Vec::new(),
            places: BTreeMap::new(),
            numbers: BTreeMap::new(),
            registry: Registry::new(bug),
            ledger: Ledger::new(bug),
            submissions: BTreeMap::new(),
            cache: BTreeMap::new(),
            forms: forms.clone(),
            last_request: 0,
            lease: None,
            epoch: 0,
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// The place of `run` among the runs.
    pub(crate) fn place(&self, run: &RunId) -> Result<usize, StoreError> {
        self.places.get(run).copied().ok_or_else(|| missing(&format!("run `{run}`")))
    }

    pub(crate) fn run(&self, run: &RunId) -> Result<&Record, StoreError> {
        let place = self.place(run)?;
        self.runs.get(place).ok_or_else(|| missing(&format!("run `{run}`")))
    }

    pub(crate) fn run_mut(&mut self, run: &RunId) -> Result<&mut Record, StoreError> {
        let place = self.place(run)?;
        self.runs.get_mut(place).ok_or_else(|| missing(&format!("run `{run}`")))
    }

    pub(crate) fn create(&mut self, new: &NewRun) -> Result<RunRow, StoreError> {
        let unknown = || missing(&format!("plan `{}`", new.plan_digest));
        let form = Rc::clone(self.forms.get(&new.plan_digest).ok_or_else(unknown)?);
        let number = self.numbers.entry(new.pipeline.to_string()).or_default();
        *number += 1;
        let parts = [ENVIRONMENT, new.pipeline.as_str(), &number.to_string()];
        let row = RunRow {
            id: RunId::derive(&parts),
            number: *number,
            pipeline: new.pipeline.clone(),
            environment: new.environment.clone(),
            status: RunStatus::Queued,
            plan_digest: new.plan_digest.clone(),
            plan: PlanText::default(),
            as_of: new.as_of,
            created_at: new.created_at,
            created_by: new.created_by.clone(),
            ended_at: None,
        };
        self.places.insert(row.id.clone(), self.runs.len());
        let (log, requests) = (Vec::new(), Vec::new());
        self.runs.push(Record {
            row: row.clone(),
            form,
            log,
            quarantine: None,
            requests,
            is_poisoned: false,
        });
        Ok(row)
    }

    /// Damages the plan of `run`.
    pub(crate) fn poison(&mut self, run: &RunId) -> Result<(), StoreError> {
        self.run_mut(run)?.is_poisoned = true;
        Ok(())
    }

    pub(crate) fn load(&self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError> {
        let record = self.run(run)?;
        let newest = || self.ledger.newest_plan(&record.row.pipeline);
        let other = newest().filter(|_| self.has(Bug::OldPlan) && !record.log.is_empty());
        let form = other.and_then(|digest| self.forms.get(&digest)).unwrap_or(&record.form);
        let plan = if record.is_poisoned { PlanText::default() } else { form.text.clone() };
        let row = RunRow { plan, ..record.row.clone() };
        let mut log = record.log.clone();
        if self.has(Bug::StaleRead) && log.len() > 1 {
            log.pop();
        }
        Ok((row, log))
    }

    /// Refuses who led in `epoch` and leads no more. `None` is who never led: a person at a desk.
    pub(crate) fn fence(&self, epoch: Option<u64>) -> Result<(), StoreError> {
        let no_fence = self.has(Bug::NoFence) || self.has(Bug::NoLogCheck);
        match epoch.filter(|epoch| *epoch != self.epoch && !no_fence) {
            None => Ok(()),
            Some(epoch) => {
                let (what, why) = (ENVIRONMENT.to_owned(), "another engine leads".to_owned());
                Err(StoreError::Fenced { what, epoch, why })
            }
        }
    }

    /// Appends events and applies changes, all or none.
    pub(crate) fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let no_check = self.has(Bug::NoLogCheck);
        let record = self.run(&commit.run)?;
        let last = u64::try_from(record.log.len()).unwrap_or(u64::MAX);
        if last != commit.after_seq && !no_check {
            return Err(conflict("the log", &commit.after_seq, &last));
        }
        for change in &commit.changes {
            if let Change::Answer { request } = change {
                let open = record.open_requests().any(|open| open.id == *request);
                if !open {
                    return Err(conflict("the request", &"one that waits", &"none"));
                }
            }
        }
        self.registry.apply(commit)?;
        self.keep(commit);
        let skips_status = self.has(Bug::StatusColumn) && commit.status == RunStatus::Running;
        let record = self.run_mut(&commit.run)?;
        let logged = (last..).zip(&commit.events).map(|(seq, event)| LoggedEvent {
            seq: seq.saturating_add(1),
            recorded_at: commit.recorded_at,
            effective_at: commit.effective_at,
            event: event.clone(),
        });
        record.log.extend(logged);
        if !skips_status && record.row.status != commit.status {
            record.row.status = commit.status;
            record.row.ended_at = commit.status.is_terminal().then_some(commit.recorded_at);
        }
        Ok(())
    }

    /// Results to keep, and requests that are answered.
    fn keep(&mut self, commit: &Commit) {
        for change in &commit.changes {
            match change {
                Change::Cache { key, kind, step, outputs, inputs } => {
                    let entry = CacheEntry {
                        key: key.clone(),
                        kind: kind.clone(),
                        outputs: outputs.clone(),
                        run: commit.run.clone(),
                        step: step.clone(),
                        inputs: inputs.clone(),
                        made_at: commit.recorded_at,
                    };
                    self.cache.insert(key.clone(), entry);
                }
                Change::Answer { request } => {
                    let Ok(record) = self.run_mut(&commit.run) else { continue };
                    let asked = record.requests.iter_mut();
                    asked
                        .filter(|asked| asked.request.id == *request)
                        .for_each(|asked| asked.is_answered = true);
                }
                _ => {}
            }
        }
    }

    pub(crate) fn cached(&self, key: &Digest) -> Option<CacheEntry> {
        self.cache.get(key).cloned()
    }

    /// Creates a run that somebody asked for, once a key.
    pub(crate) fn submit(
        &mut self,
        key: &SubmissionKey,
        new: &NewRun,
    ) -> Result<Submission, StoreError> {
        let known = self.submissions.get(&key.key).filter(|_| !self.has(Bug::KeyForgotten));
        if let Some((body, place)) = known.cloned()
            && let Some(record) = self.runs.get(place)
        {
            let is_same = body == key.body;
            if !is_same && !self.has(Bug::OtherBody) {
                return Ok(Submission::Other(record.row.id.clone()));
            }
            if is_same {
                return Ok(Submission::Known(record.row.clone()));
            }
        }
        let place = self.runs.len();
        let row = self.create(new)?;
        self.submissions.insert(key.key.clone(), (key.body.clone(), place));
        Ok(Submission::New(row))
    }

    /// The run that was asked for under `key`.
    pub(crate) fn submitted(&self, key: &str) -> Option<&Record> {
        self.submissions.get(key).and_then(|(_, place)| self.runs.get(*place))
    }

    /// Puts a request to end before `run`.
    pub(crate) fn ask(&mut self, run: &RunId, by: &str, at: Instant) -> Result<(), StoreError> {
        self.last_request += 1;
        let request = Request {
            id: self.last_request,
            kind: "cancel".to_owned(),
            subject: None,
            by: by.to_owned(),
            why: "it is not wanted".to_owned(),
            at,
        };
        let forgets = self.has(Bug::CancelForgotten);
        let record = self.run_mut(run)?;
        if !forgets {
            record.requests.push(Asked { request, is_answered: false });
        }
        Ok(())
    }

    /// Runs to be carried on: those that have begun, oldest first, then those that wait, by priority.
    pub(crate) fn due(&self) -> Vec<RunId> {
        let skips = |record: &Record| self.has(Bug::UnhandledLeft) && record.is_unhandled();
        let due = self.runs.iter().filter(|record| record.is_due() && !skips(record));
        let mut due: Vec<_> = due.map(|record| &record.row).collect();
        due.sort_by_key(|row| {
            (row.status == RunStatus::Queued).then(|| Priority::of(&row.created_by))
        });
        due.into_iter().map(|row| row.id.clone()).collect()
    }
}
