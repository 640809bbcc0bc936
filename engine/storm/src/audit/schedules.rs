//! Schedules, watched change by change: the cursor only goes forward, every tick that it passes has
//! one decision, and a run begins once, for a tick that came after the text that it is by.

use crate::base::Base;
use crate::storm::Storm;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::{Instant, RunId};
use suho_scheduler::{Choice, Overlap, Schedule, ScheduleEvent, ScheduleKey, ScheduleSpec};
use suho_store::ScheduleChange;

use super::Broken;

/// The most ticks that are looked at in one change.
const TICKS_MAX: usize = 1_000;

/// A schedule as the watcher knows it.
#[derive(Debug, Default)]
struct Known {
    /// What its events have made of it.
    replayed: Option<Schedule>,
    spec: Option<ScheduleSpec>,
    /// When its text came into force.
    applied: Option<Instant>,
    judged: Option<Instant>,
    begun: BTreeSet<Instant>,
    /// Runs that have not ended yet.
    open: BTreeSet<RunId>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Timetables(BTreeMap<ScheduleKey, Known>);

impl Timetables {
    /// A run ended, for the first time or again.
    pub(super) fn ended(&mut self, run: &RunId) {
        for known in self.0.values_mut() {
            known.open.remove(run);
        }
    }

    fn change(&mut self, base: &Base, change: &ScheduleChange) -> Result<(), Broken> {
        let key = change.schedule.key();
        let known = self.0.entry(key.clone()).or_default();
        known.judged_on(base, change).map_err(|what| ("I4", format!("{key}: {what}")))?;
        known.started(base, change).map_err(|what| ("I4", format!("{key}: {what}")))?;
        known.replay(change).map_err(|what| ("I4", format!("{key}: {what}")))?;
        for event in &change.events {
            match event {
                ScheduleEvent::Applied { spec, at } => {
                    known.spec = Some((**spec).clone());
                    known.applied = Some(*at);
                }
                ScheduleEvent::Removed { .. } => known.spec = None,
                _ => {}
            }
        }
        known.judged = change.schedule.judged();
        Ok(())
    }
}

impl Known {
    /// The schedule is what its events make of it, so that no change of it is lost by another.
    fn replay(&mut self, change: &ScheduleChange) -> Result<(), String> {
        let before = self.replayed.take();
        let mut schedule = before.unwrap_or_else(|| Schedule::new(change.schedule.key().clone()));
        for event in &change.events {
            schedule.apply(event).map_err(|error| error.to_string())?;
        }
        let is_same = schedule == change.schedule;
        self.replayed = Some(schedule);
        if is_same { Ok(()) } else { Err("it is not what its events have made of it".to_owned()) }
    }

    /// What was decided between the old cursor and the new one.
    fn judged_on(&self, base: &Base, change: &ScheduleChange) -> Result<(), String> {
        let judged = change.schedule.judged();
        if judged < self.judged {
            return Err("the cursor went back".to_owned());
        }
        let mut last = self.judged;
        for decision in &change.decisions {
            if last.is_some_and(|last| decision.first <= last) {
                return Err(format!("{} is decided a second time", decision.first));
            }
            last = Some(decision.last);
            let is_run = matches!(decision.choice, Choice::Run { .. });
            if is_run && self.applied.is_some_and(|applied| decision.first <= applied) {
                let tick = decision.first;
                return Err(format!("{tick} fires, which was before its text"));
            }
        }
        let (Some(spec), Some(from), Some(to)) = (&self.spec, self.judged, judged) else {
            return Ok(());
        };
        let book =
            base.ledger.books.iter().find(|book| book.row.schedule.key() == change.schedule.key());
        let next = |after: Instant| {
            spec.recurrence.next_after(after.to_chrono()).map(Instant::from_chrono)
        };
        let ticks = std::iter::successors(next(from), |tick| next(*tick));
        for tick in ticks.take_while(|tick| *tick <= to).take(TICKS_MAX) {
            let entry = book.and_then(|book| book.entries.range(..=tick).next_back());
            if entry.is_none_or(|(_, entry)| entry.decision.last < tick) {
                return Err(format!("{tick} has no decision"));
            }
        }
        Ok(())
    }

    /// Which runs begin.
    fn started(&mut self, base: &Base, change: &ScheduleChange) -> Result<(), String> {
        for (tick, _) in &change.starts {
            let is_alone = self.spec.as_ref().is_none_or(|spec| spec.overlap != Overlap::Allow);
            if let Some(other) = self.open.first().filter(|_| is_alone) {
                return Err(format!("the run of {tick} begins beside {}", other.short()));
            }
            if !self.begun.insert(*tick) {
                return Err(format!("{tick} is two runs"));
            }
            let books = &base.ledger.books;
            let book = books.iter().find(|book| book.row.schedule.key() == change.schedule.key());
            let run = book.and_then(|book| book.entries.get(tick)?.run.clone());
            self.open.extend(run);
        }
        Ok(())
    }
}

impl Storm<'_> {
    /// Looks at a change of a schedule that has just become durable.
    pub(crate) fn audit_schedule(&self, base: &Base, change: &ScheduleChange) {
        let is_skip = |choice: &Choice| matches!(choice, Choice::Skip(_));
        let skipped = change.decisions.iter().filter(|decision| is_skip(&decision.choice));
        let ticks: u64 = skipped.map(|decision| u64::from(decision.ticks)).sum();
        let fired = u64::try_from(change.starts.len()).unwrap_or(0);
        self.count(|tally| {
            tally.skipped += ticks;
            tally.fired += fired;
        });
        if let Err((oracle, what)) = self.audit.borrow_mut().schedules.change(base, change) {
            self.breaks(oracle, what);
        }
    }
}
