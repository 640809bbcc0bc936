//! The oracles: what is promised, looked after at every durable commit, by rules that share nothing
//! with the code that makes the commits but the events.
//!
//! | | promise |
//! |---|---|
//! | I1 | a step ends once, by its latest attempt; the log replays; the status column is the replay's |
//! | I2 | a step begins when all it needs is done |
//! | I3 | once all has healed, everything comes to its end |
//! | I4 | each tick has one decision and at most one run; each key is one run |
//! | I5 | one production, at most one canary, the route agrees with both, generations rise; what is routed is durable |
//! | I6 | a model that was taken back is never routed again |
//! | I7 | no attempt stays at work that nothing durable asks for |
//! | I8 | an attempt is launched once, and given up only when the executor gave it up |
//! | I9 | nothing that was acknowledged is lost |

mod registry;
mod schedules;
mod trace;

use crate::base::Base;
use crate::chance::mixed;
use crate::storm::Storm;
use registry::Watch;
use schedules::Timetables;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::{AttemptKey, Name, RunId, RunStatus};
use suho_driver::ports::Commit;
use suho_driver::registry::{Change, RouteRow};
use suho_scheduler::Event;
use suho_step::Order;
use trace::Trace;

/// Which promise is broken, and how.
pub(crate) type Broken = (&'static str, String);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// By the runs' places.
    traces: Vec<Trace>,
    /// What the executor has given up.
    gone: BTreeSet<AttemptKey>,
    /// Launches of steps that nobody repeats by himself.
    once: BTreeMap<(RunId, Name), u32>,
    /// Which data each attempt at a data set was told to read.
    sources: BTreeMap<AttemptKey, String>,
    registry: Watch,
    schedules: Timetables,
    /// Of all commits: the same storm has the same.
    pub(crate) hash: u64,
}

impl Audit {
    /// The executor said that it is gone.
    pub(crate) fn gone(&mut self, key: &AttemptKey) {
        self.gone.insert(key.clone());
    }

    fn trace(&self, run: &RunId) -> Option<&Trace> {
        self.traces.iter().find(|trace| trace.id == *run)
    }

    /// Whether the log asks for the attempt.
    pub(crate) fn wants(&self, key: &AttemptKey) -> bool {
        let Some(view) = self.trace(&key.run).and_then(|trace| trace.run.step(&key.step)) else {
            return false;
        };
        view.attempt == key.attempt && view.running_since.is_some()
    }

    /// The latest attempts of `run` that are at work.
    pub(crate) fn at_work(&self, run: &RunId) -> Vec<(Name, u32)> {
        let steps = self.trace(run).into_iter().flat_map(|trace| trace.run.steps());
        let at_work = steps.filter(|view| view.running_since.is_some());
        at_work.map(|view| (view.spec.name.clone(), view.attempt)).collect()
    }

    /// Whether the run at `place` can be done again.
    pub(crate) fn may_retry(&self, place: usize) -> bool {
        self.traces.get(place).is_some_and(|trace| trace.run.may_retry())
    }

    fn commit(&mut self, base: &Base, commit: &Commit, epoch: Option<u64>) -> Result<(), Broken> {
        let lost = |_| ("I9", format!("run {} is not there", commit.run));
        let place = base.place(&commit.run).map_err(lost)?;
        for record in base.runs.iter().skip(self.traces.len()) {
            let trace = Trace::new(&record.row.id, &record.form.plan);
            self.traces.push(trace.map_err(|error| ("I1", error))?);
        }
        let Some(trace) = self.traces.get_mut(place) else { return Ok(()) };
        if let Some(epoch) = epoch.filter(|epoch| *epoch != base.epoch) {
            return Err(("I1", format!("epoch {epoch} wrote, and epoch {} leads", base.epoch)));
        }
        for event in &commit.events {
            if let Event::AttemptLost { step, attempt, .. } = event {
                let (run, step, attempt) = (commit.run.clone(), step.clone(), *attempt);
                let key = AttemptKey { run, step, attempt };
                if !self.gone.contains(&key) {
                    return Err(("I8", format!("{key} was given up, and the executor had it")));
                }
            }
            trace.take(event, epoch)?;
            if let Event::RunEnded { .. } = event {
                self.schedules.ended(&commit.run);
            }
        }
        trace::close(commit)?;
        let row = base.run(&commit.run).map_err(lost)?;
        if row.row.status != commit.status || trace.run.status() != commit.status {
            let (stored, replayed) = (row.row.status, trace.run.status());
            return Err(("I1", format!("the column says `{stored}`, the log `{replayed}`")));
        }
        self.kept(commit)?;
        self.registry.look(base, commit)
    }

    /// A result is kept under what it was made from.
    fn kept(&self, commit: &Commit) -> Result<(), Broken> {
        for change in &commit.changes {
            let Change::Cache { step, inputs, .. } = change else { continue };
            let Some(source) = inputs.get("source_digest").and_then(|it| it.as_str()) else {
                continue;
            };
            let attempt = commit.events.iter().find_map(|event| match event {
                Event::AttemptSucceeded { step: ended, attempt, .. } if ended == step => {
                    Some(*attempt)
                }
                _ => None,
            });
            let Some(attempt) = attempt else { continue };
            let key = AttemptKey { run: commit.run.clone(), step: step.clone(), attempt };
            if self.sources.get(&key).is_some_and(|read| read != source) {
                return Err(("I9", format!("{key} is kept under data that it never saw")));
            }
        }
        Ok(())
    }

    fn note(&mut self, commit: &Commit) {
        let at = commit.recorded_at.micros().unsigned_abs();
        let words = commit.events.iter().flat_map(|event| event.word().bytes());
        let counts = [commit.after_seq, u64::try_from(commit.changes.len()).unwrap_or(0)];
        let all = words.map(u64::from).chain(counts);
        self.hash = all.fold(mixed(self.hash ^ at), |hash, part| mixed(hash ^ part));
    }
}

impl Storm<'_> {
    /// Looks at a commit that has just become durable.
    pub(crate) fn audit_commit(&self, base: &Base, commit: &Commit, epoch: Option<u64>) {
        let mut audit = self.audit.borrow_mut();
        audit.note(commit);
        if let Err((oracle, what)) = audit.commit(base, commit, epoch) {
            self.breaks(oracle, format!("run {}: {what}", commit.run.short()));
        }
        let ends = commit.events.iter().filter_map(|event| match event {
            Event::RunEnded { status, .. } => Some(*status),
            _ => None,
        });
        let handlers = commit.events.iter().filter(|e| matches!(e, Event::HandlerRan { .. }));
        let handlers = u64::try_from(handlers.count()).unwrap_or(0);
        self.count(|tally| {
            tally.handlers += handlers;
            for status in ends {
                let is_retrained = audit.registry.is_promotion(commit);
                tally.retrained += u64::from(is_retrained);
                tally.rejected += u64::from(status != RunStatus::Succeeded);
            }
            tally.unknown += u64::from(commit.status == RunStatus::Unknown);
            tally.rolled_back += audit.registry.taken_back_by(commit);
        });
    }

    /// Looks at an attempt that was handed to the executor.
    pub(crate) fn audit_launch(&self, order: &Order) {
        let launches = self.cluster.borrow().jobs.get(&order.key).map_or(0, |job| job.launches);
        if launches > 1 {
            return self.breaks("I8", format!("{} was launched twice", order.key));
        }
        let mut audit = self.audit.borrow_mut();
        if let Some(source) = order.inputs.get("source_digest") {
            audit.sources.entry(order.key.clone()).or_insert_with(|| source.to_string());
        }
        let (run, step) = (order.key.run.clone(), order.key.step.clone());
        let begun = audit.trace(&run).and_then(|trace| trace.run.step(&step));
        if begun.is_none_or(|view| view.attempt < order.key.attempt) {
            let what = format!("{} was launched, and nothing durable had begun it", order.key);
            return self.breaks("I7", what);
        }
        let Some(trace) = audit.trace(&run) else { return };
        if !trace.is_once(&step) {
            return;
        }
        let most = trace.retries.saturating_add(1);
        let launched = audit.once.entry((run, step)).or_default();
        *launched = (*launched).max(order.key.attempt);
        if *launched > most {
            self.breaks("G2", format!("{} was repeated, and nobody had asked for it", order.key));
        }
    }

    /// Looks at a route that an engine tells the router of.
    pub(crate) fn audit_route(&self, route: &RouteRow) {
        let is_kept = self.base.borrow().registry.routes.iter().rev().any(|kept| kept == route);
        if !is_kept {
            let generation = route.generation;
            self.breaks("I5", format!("generation {generation} is routed, and no row holds it so"));
        }
    }

    /// A run was left alone. Only poison may come to that.
    pub(crate) fn audit_quarantine(&self, run: usize, why: &str) {
        let is_poisoned = self.base.borrow().runs.get(run).is_some_and(|it| it.is_poisoned);
        if !is_poisoned {
            self.breaks("I3", format!("run #{run} was put into quarantine: {why}"));
        }
    }

    /// Attempts at work that nothing durable asks for. There may be some, for a while.
    pub(crate) fn strays(&self) -> Vec<AttemptKey> {
        let (cluster, audit, now) = (self.cluster.borrow(), self.audit.borrow(), self.now());
        let at_work = cluster.jobs.iter().filter(|(_, job)| job.is_at_work(now));
        at_work.filter(|(key, _)| !audit.wants(key)).map(|(key, _)| key.clone()).collect()
    }

    /// Why the storm is not over though nothing goes wrong any more; `None` when it is.
    pub(crate) fn unrest(&self) -> Option<Broken> {
        let base = self.base.borrow();
        let now = self.now();
        for record in &base.runs {
            let is_left = record.quarantine.is_some() && record.is_poisoned;
            if !is_left && (record.is_due() || !record.row.status.is_terminal()) {
                let (run, status) = (record.row.id.short(), record.row.status);
                return Some(("I3", format!("run {run} stays `{status}`")));
            }
        }
        if !base.unsettled().is_empty() {
            return Some(("I3", "a schedule does not hear that its run ended".to_owned()));
        }
        if base.ledger.books.iter().any(|book| book.row.schedule.spec().is_some()) {
            return Some(("I3", "the last text does not come into force".to_owned()));
        }
        let cluster = self.cluster.borrow();
        if let Some((key, _)) = cluster.jobs.iter().find(|(_, job)| job.is_at_work(now)) {
            return Some(("I7", format!("{key} is at work, and nothing asks for it")));
        }
        let (newest, served) = (base.registry.routes.last(), self.router.borrow());
        if newest != served.route.as_ref() {
            return Some(("I5", "the router does not serve by the newest route".to_owned()));
        }
        None
    }

    /// What has to hold in the end.
    pub(crate) fn audit_end(&self) {
        let (base, people) = (self.base.borrow(), self.people.borrow());
        for (number, run) in &people.told {
            let kept = base.submitted(&format!("key-{number}"));
            if kept.is_none_or(|record| record.row.id != *run) {
                return self.breaks("I9", format!("key-{number} was acknowledged and is no run"));
            }
        }
        for run in &people.cancelled {
            let Ok(record) = base.run(run) else { continue };
            let asked = record.requests.first();
            let is_heeded = record.log.iter().any(|logged| {
                matches!(logged.event, Event::CancelRequested { .. } | Event::DeadlinePassed { .. })
            });
            if asked.is_none() {
                let run = run.short();
                return self.breaks("I9", format!("a request to cancel {run} is not there"));
            }
            if asked.is_some_and(|asked| asked.is_answered) && !is_heeded {
                let run = run.short();
                return self.breaks("I9", format!("the request to cancel {run} was not heeded"));
            }
        }
        let created = u64::try_from(base.runs.len()).unwrap_or(0);
        self.count(|tally| tally.runs = created);
    }
}
