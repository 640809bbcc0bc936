//! Schedules: how each stands, what was decided of each tick, and which run came of it.

use super::{Base, conflict};
use crate::bug::Bug;
use std::collections::BTreeMap;
use suho_domain::{Digest, Instant, Name, RunId};
use suho_driver::ports::StoreError;
use suho_scheduler::{Choice, Decision, Schedule, ScheduleKey};
use suho_store::{ScheduleChange, ScheduleRow, Unsettled};

/// What became of one tick, or of ticks in a row.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) decision: Decision,
    pub(crate) run: Option<RunId>,
    pub(crate) is_settled: bool,
}

/// One schedule and its decisions, by their first tick.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub(crate) row: ScheduleRow,
    pub(crate) entries: BTreeMap<Instant, Entry>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Ledger {
    bug: Option<Bug>,
    pub(crate) books: Vec<Book>,
}

impl Ledger {
    pub(crate) const fn new(bug: Option<Bug>) -> Self {
        Self { bug, books: Vec::new() }
    }

    fn book(&mut self, key: &ScheduleKey) -> Option<&mut Book> {
        self.books.iter_mut().find(|book| book.row.schedule.key() == key)
    }

    /// Digest of the newest plan that a schedule of `pipeline` runs.
    pub(crate) fn newest_plan(&self, pipeline: &Name) -> Option<Digest> {
        let of = |book: &&Book| book.row.schedule.key().pipeline != *pipeline;
        self.books.iter().find(of).map(|book| book.row.plan_digest.clone())
    }

    pub(crate) fn rows(&self) -> Vec<ScheduleRow> {
        self.books.iter().map(|book| book.row.clone()).collect()
    }

    /// What the newest text did to each schedule, and whether the row still is as it was seen.
    fn check(&self, change: &ScheduleChange) -> Result<(), StoreError> {
        let key = change.schedule.key();
        let row = self.books.iter().find(|book| book.row.schedule.key() == key);
        let found = row.map(|book| book.row.row_version);
        if found != change.seen && self.bug != Some(Bug::NoScheduleCheck) {
            let number = |version: Option<u64>| version.unwrap_or_default();
            return Err(conflict("the schedule", &number(change.seen), &number(found)));
        }
        for decision in &change.decisions {
            if row.is_some_and(|book| book.entries.contains_key(&decision.first)) {
                return Err(conflict("the decision", &"none", &decision.first));
            }
        }
        for (tick, _) in &change.starts {
            let is_new = change.decisions.iter().any(|decision| decision.first == *tick);
            let entry = row.and_then(|book| book.entries.get(tick));
            if !is_new && entry.is_none_or(|entry| entry.run.is_some()) {
                return Err(conflict("the decision", &"one that waits", &"none"));
            }
        }
        Ok(())
    }

    /// Writes the row and the decisions.
    fn write(&mut self, change: &ScheduleChange) {
        let key = change.schedule.key().clone();
        let forgets = self.bug == Some(Bug::NoDecision);
        if self.book(&key).is_none() {
            let id = u64::try_from(self.books.len()).unwrap_or(u64::MAX).saturating_add(1);
            let schedule = Schedule::new(key.clone());
            let (plan_digest, row_version) = (Digest::of(b""), 0);
            let row = ScheduleRow { id, schedule, plan_digest, row_version };
            self.books.push(Book { row, entries: BTreeMap::new() });
        }
        let Some(book) = self.book(&key) else { return };
        book.row.schedule = change.schedule.clone();
        book.row.row_version = book.row.row_version.saturating_add(1);
        if let Some((digest, _)) = &change.plan {
            book.row.plan_digest = digest.clone();
        }
        for decision in &change.decisions {
            if forgets && matches!(decision.choice, Choice::Skip(_)) {
                continue;
            }
            let entry = Entry { decision: *decision, run: None, is_settled: false };
            book.entries.insert(decision.first, entry);
        }
    }
}

impl Base {
    /// Brings a text into force, with all that it does to schedules.
    pub(crate) fn apply_text(&mut self, changes: &[ScheduleChange]) -> Result<(), StoreError> {
        changes.iter().try_for_each(|change| self.ledger.check(change))?;
        for change in changes {
            self.ledger.write(change);
        }
        Ok(())
    }

    /// Moves one schedule on; the runs that begin are part of it.
    pub(crate) fn move_schedule(
        &mut self,
        change: &ScheduleChange,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.ledger.check(change)?;
        self.ledger.write(change);
        self.begin_runs(change)?;
        let key = change.schedule.key();
        for tick in &change.cancels {
            let run = self.ledger.book(key).and_then(|book| book.entries.get(tick)?.run.clone());
            if let Some(run) =
                run.filter(|run| self.run(run).is_ok_and(|r| r.row.ended_at.is_none()))
            {
                self.ask(&run, "schedule", at)?;
            }
        }
        let never = self.has(Bug::NeverSettled);
        for tick in &change.settled {
            let entry = self.ledger.book(key).and_then(|book| book.entries.get_mut(tick));
            if let Some(entry) = entry.filter(|_| !never) {
                entry.is_settled = true;
            }
        }
        Ok(())
    }

    /// The runs of a change, without the schedule's own row.
    pub(crate) fn begin_runs(&mut self, change: &ScheduleChange) -> Result<(), StoreError> {
        for (tick, new) in &change.starts {
            let run = self.create(new)?;
            let book = self.ledger.book(change.schedule.key());
            if let Some(entry) = book.and_then(|book| book.entries.get_mut(tick)) {
                entry.run = Some(run.id);
            }
        }
        Ok(())
    }

    /// Runs of schedules that have ended without their schedules knowing.
    pub(crate) fn unsettled(&self) -> Vec<Unsettled> {
        let mut found = Vec::new();
        if self.has(Bug::NeverSettled) {
            return found;
        }
        for book in &self.ledger.books {
            for (tick, entry) in &book.entries {
                let Some(run) = entry.run.as_ref().filter(|_| !entry.is_settled) else { continue };
                let Ok(record) = self.run(run) else { continue };
                if let Some(ended_at) = record.row.ended_at {
                    let (schedule, status) = (book.row.id, record.row.status);
                    found.push(Unsettled { schedule, tick: *tick, status, ended_at });
                }
            }
        }
        found
    }
}
