//! Planted bugs of daemons: what one does wrong at its start, or with what it reads.

use crate::bug::Bug;
use crate::reach::Reach;
use crate::storm::Storm;
use suho_domain::{Duration, FailureClass, Instant, RunId, RunStatus};
use suho_driver::ports::{Commit, Store as _};
use suho_driver::registry::{Change, RouteRow};
use suho_driver::world::RolloutFacts;
use suho_scheduler::{Event, Schedule};
use suho_store::{ScheduleChange, ScheduleRow};

/// A schedule with its row's JSON edited by hand.
fn edited(schedule: &Schedule, field: &str, value: serde_json::Value) -> Schedule {
    let json = serde_json::to_value(schedule).ok().and_then(|mut json| {
        json.as_object_mut()?.insert(field.to_owned(), value)?;
        serde_json::from_value(json).ok()
    });
    json.unwrap_or_else(|| schedule.clone())
}

fn instant(at: Instant) -> serde_json::Value {
    serde_json::to_value(at).unwrap_or_default()
}

/// `commit`, whose exit block names no channel.
pub(crate) fn telling_nobody(commit: &Commit) -> Commit {
    let mut commit = commit.clone();
    for change in &mut commit.changes {
        if let Change::Notice { message, .. } = change {
            *message = message.trim_end_matches("; for desk").to_owned();
        }
    }
    commit
}

/// What an edit does to the cursor.
pub(crate) fn plant_in_edit(change: &mut ScheduleChange, at: Instant) {
    if change.seen.is_some() {
        let yesterday = at.plus(Duration::ZERO.minus(Duration::DAY));
        change.schedule = edited(&change.schedule, "judged", instant(yesterday));
    }
}

impl Storm<'_> {
    /// What a daemon does wrong when it starts.
    pub(crate) fn plant_at_start(&self) {
        let mut base = self.base.borrow_mut();
        let bug = self.config.bug;
        if !matches!(bug, Some(Bug::MissedTicks | Bug::OverlapIgnored)) {
            return;
        }
        for book in &mut base.ledger.books {
            let schedule = &book.row.schedule;
            book.row.schedule = if bug == Some(Bug::MissedTicks) {
                let judged = schedule.judged().map(|judged| judged.max(self.now()));
                edited(schedule, "judged", judged.map_or(serde_json::Value::Null, instant))
            } else {
                edited(schedule, "active", serde_json::json!({}))
            };
        }
    }

    /// What it takes schedules for.
    pub(crate) fn plant_in_rows(&self, rows: &mut [ScheduleRow]) {
        if !self.has(Bug::CursorFromRuns) {
            return;
        }
        let base = self.base.borrow();
        for row in rows {
            let book = base.ledger.books.iter().find(|book| book.row.id == row.id);
            let newest = book.and_then(|book| {
                let ran = |run: &RunId| base.run(run).is_ok_and(|run| run.row.ended_at.is_none());
                let mut kept = book.entries.iter().rev();
                kept.find(|(_, entry)| entry.run.as_ref().is_some_and(ran)).map(|(tick, _)| *tick)
            });
            if let Some(newest) = newest {
                row.schedule = edited(&row.schedule, "judged", instant(newest));
            }
        }
    }

    /// What `commit` routes, before it is durable.
    pub(crate) fn plant_before(&self, commit: &Commit) {
        for change in &commit.changes {
            if let Change::Route(route) = change {
                self.audit_route(route);
                self.route_to(route);
            }
        }
    }

    /// A route that nobody has kept: the newest generation, as the engine of a rollout would have it.
    pub(crate) fn plant_in_beginning(&self, rollout: &RolloutFacts) {
        let newest = self.base.borrow().registry.routes.last().cloned();
        let Some(newest) = newest.filter(|_| rollout.kind != "shadow") else { return };
        let production = rollout.baseline.as_ref().map(|row| row.id.clone());
        let deployment = Some(rollout.deployment.clone());
        let route = RouteRow { production, deployment, ..newest };
        self.audit_route(&route);
        self.route_to(&route);
    }

    /// Everything at work is taken for lost.
    pub(crate) fn lose_all(&self, mut reach: Reach<'_, '_>, run: &RunId) {
        let at = self.now();
        let at_work = self.audit.borrow().at_work(run);
        for (step, attempt) in at_work {
            self.append(&mut reach, run, Event::AttemptLost { step, attempt, at });
        }
    }

    /// A success is overwritten by a failure that came late.
    pub(crate) fn overwrite(&self, mut reach: Reach<'_, '_>, run: &RunId) {
        let at = self.now();
        let last = self.base.borrow().run(run).ok().and_then(|record| {
            record.log.iter().rev().find_map(|logged| match &logged.event {
                Event::AttemptSucceeded { step, attempt, .. } => Some((step.clone(), *attempt)),
                _ => None,
            })
        });
        if let Some((step, attempt)) = last {
            let (class, message) = (FailureClass::Infrastructure, "no heartbeat".to_owned());
            let event = Event::AttemptFailed { step, attempt, class, message, at };
            self.append(&mut reach, run, event);
        }
    }

    /// A run that only a person can bring on is brought on.
    pub(crate) fn try_again(&self, mut reach: Reach<'_, '_>, run: usize) {
        let base = self.base.borrow();
        let record = base.runs.get(run).filter(|it| it.row.status == RunStatus::Unknown);
        let run = record.map(|record| record.row.id.clone());
        drop(base);
        if let Some(run) = run {
            drop(suho_driver::reopen(&mut reach, &run, self.now()));
        }
    }

    fn append(&self, reach: &mut Reach<'_, '_>, run: &RunId, event: Event) {
        let at = self.now();
        let last = self.base.borrow().run(run).map_or(0, |record| record.log.len());
        let commit = Commit {
            run: run.clone(),
            after_seq: u64::try_from(last).unwrap_or(0),
            recorded_at: at,
            effective_at: at,
            events: vec![event],
            changes: Vec::new(),
            status: RunStatus::Running,
        };
        // What a bug cannot write does no harm.
        drop(reach.commit(&commit));
    }
}
