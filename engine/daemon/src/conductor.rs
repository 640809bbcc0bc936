//! What begins, and when: one turn looks at the store and the clock and does everything that is due.
//!
//! A turn keeps nothing: lost, the next one does the same. So a daemon that died goes on with its
//! first turn.

use crate::advance::advance;
use crate::clock::{Time, monotonic};
use crate::error::DaemonError;
use crate::exclusion::{Claim, Verdict, verdicts};
use crate::pool::{Carried, Next, Pool};
use crate::start::started;
use std::collections::BTreeSet;
use std::sync::Arc;
use suho_domain::{Duration, Instant, RunId};
use suho_driver::Beginner;
use suho_driver::ports::{NewRun, StoreError};
use suho_store::{DamagedSchedule, ScheduleRow, SqliteStore, Unsettled};

/// A wall clock that moved by more than this beside the other one was set.
const JUMP: Duration = Duration::MINUTE;

/// The daemon's one decider.
pub(crate) struct Conductor {
    store: Arc<SqliteStore>,
    environment: String,
    time: Arc<dyn Time>,
    pub(crate) pool: Pool,
    /// What both clocks showed at the last turn.
    seen: (Instant, std::time::Instant),
    /// Ended runs whose exit block is still to be carried out: asked for once, after the start.
    unhandled: Option<Vec<RunId>>,
    /// When a schedule has something to do, as far as nobody changes one.
    schedules_at: Option<Instant>,
    /// Whether that has to be found out anew.
    is_stale: bool,
    /// Schedules whose rows cannot be read, as far as that was told.
    damaged: BTreeSet<DamagedSchedule>,
    /// Runs that were asked to end for another one's sake.
    displaced: BTreeSet<RunId>,
}

impl Conductor {
    pub(crate) fn new(
        store: Arc<SqliteStore>,
        environment: String,
        time: Arc<dyn Time>,
        pool: Pool,
    ) -> Self {
        let seen = (time.now(), monotonic());
        let (unhandled, schedules_at) = (None, None);
        let (damaged, displaced) = (BTreeSet::new(), BTreeSet::new());
        Self {
            store,
            environment,
            time,
            pool,
            seen,
            unhandled,
            schedules_at,
            is_stale: true,
            damaged,
            displaced,
        }
    }

    /// Does everything that is due; answers when there is more to do though nothing happens.
    pub(crate) fn turn(&mut self) -> Result<Option<Instant>, DaemonError> {
        let now = self.time.now();
        self.look_at_the_clock(now)?;
        let moved = self.move_all_on(now);
        // What is wrong with a schedule keeps no run waiting.
        self.fill(now)?;
        moved?;
        Ok([self.schedules_at, self.pool.next_timer()].into_iter().flatten().min())
    }

    /// Somebody changed a schedule: they are read again at the next turn.
    pub(crate) fn read_schedules_again(&mut self) {
        self.is_stale = true;
    }

    /// Takes in that a run's thread came back. An error means that this process must not go on.
    pub(crate) fn back(&mut self, run: &RunId, carried: Carried) -> Result<Next, DaemonError> {
        let now = self.time.now();
        let next = self.pool.back(run, carried, now);
        if let Next::Quarantine(why) = &next {
            self.store.quarantine(run, why, now)?;
        }
        Ok(next)
    }

    /// Moves every schedule on that can be; the first error of those that cannot.
    fn move_all_on(&mut self, now: Instant) -> Result<(), DaemonError> {
        let ended = self.store.unsettled(&self.environment)?;
        let is_time = self.schedules_at.is_some_and(|at| at <= now);
        if !self.is_stale && !is_time && ended.is_empty() {
            return Ok(());
        }
        self.is_stale = true;
        let mut refused = Ok(());
        for row in self.store.schedules(&self.environment)? {
            // The others go on whatever one of them says.
            let moved = self.move_on(&row, &ended, now);
            refused = refused.and(moved);
        }
        self.tell_of_damage(now)?;
        let rows = self.store.schedules(&self.environment)?;
        self.schedules_at = rows.iter().filter_map(|row| row.schedule.next_timer()).min();
        self.is_stale = refused.is_err();
        refused
    }

    fn move_on(
        &self,
        row: &ScheduleRow,
        ended: &[Unsettled],
        now: Instant,
    ) -> Result<(), DaemonError> {
        let ended: Vec<_> = ended.iter().filter(|end| end.schedule == row.id).collect();
        if ended.is_empty() && row.schedule.due(now).is_empty() {
            return Ok(());
        }
        let (plan_digest, plan) = self.store.plan_of_schedule(row.id)?;
        let key = row.schedule.key();
        let run = |tick| {
            let (plan_digest, plan) = started(&plan_digest, &plan, tick);
            NewRun {
                pipeline: key.pipeline.clone(),
                environment: self.environment.clone(),
                plan_digest,
                plan,
                as_of: tick,
                created_at: now,
                created_by: Beginner::Schedule(key.schedule.as_str()).written(),
            }
        };
        let Some(change) = advance(row, &ended, now, &run)? else { return Ok(()) };
        match self.store.move_schedule(&change, &self.environment, now) {
            // Somebody paused or applied meanwhile; they woke us, and the next turn sees it.
            Err(StoreError::Conflict { .. }) => Ok(()),
            moved => Ok(moved.map(drop)?),
        }
    }

    /// A schedule whose row cannot be read is left alone, and told of once: the others go on.
    fn tell_of_damage(&mut self, now: Instant) -> Result<(), StoreError> {
        let damaged = self.store.damaged_schedules(&self.environment)?;
        for schedule in damaged.iter().filter(|schedule| !self.damaged.contains(schedule)) {
            let DamagedSchedule { pipeline, name, why, .. } = schedule;
            let message = format!("the schedule `{pipeline}/{name}` is in quarantine: {why}");
            self.store.alarm("critical", "quarantined", &message, now)?;
        }
        self.damaged = damaged.into_iter().collect();
        Ok(())
    }

    /// The runs that another one's key keeps from beginning now. Asks to end what is in the way of a
    /// run that ends others, and a run that is not to begin beside another.
    fn take_turns(&mut self, now: Instant) -> Result<BTreeSet<RunId>, StoreError> {
        let mut kept = BTreeSet::new();
        let claims: Vec<_> =
            self.store.claims(&self.environment)?.iter().filter_map(Claim::of).collect();
        self.displaced.retain(|run| claims.iter().any(|claim| claim.run == *run));
        for (run, verdict) in verdicts(&claims) {
            let (ended, why) = match verdict {
                Verdict::Waits(_) => (Vec::new(), String::new()),
                Verdict::Refused(other) => {
                    let why = format!("run {} with the same key was before it", other.short());
                    (vec![run.clone()], why)
                }
                Verdict::Displaces(others) => {
                    (others, format!("run {} with the same key takes its place", run.short()))
                }
            };
            if !ended.contains(&run) {
                kept.insert(run);
            }
            for other in ended {
                if self.displaced.insert(other.clone()) {
                    self.store.request(&other, "cancel", "concurrency", &why, now)?;
                    self.pool.tell(&other);
                }
            }
        }
        Ok(kept)
    }

    fn fill(&mut self, now: Instant) -> Result<(), DaemonError> {
        self.pool.unpark(&self.store.asked_runs(&self.environment)?);
        let mut unhandled = match self.unhandled.take() {
            Some(left) => left,
            None => self.store.unhandled_runs(&self.environment)?,
        };
        let kept = self.take_turns(now)?;
        let rows = self.pool.wanted().saturating_add(u32::try_from(kept.len()).unwrap_or(u32::MAX));
        let mut due = self.store.due_runs(&self.environment, rows)?;
        due.retain(|run| !kept.contains(run));
        let both = unhandled.iter().cloned().chain(due).collect();
        self.pool.fill(both, now).map_err(DaemonError::Thread)?;
        unhandled.retain(|run| !self.pool.works_on(run));
        self.unhandled = Some(unhandled);
        Ok(())
    }

    /// Tells when the wall clock was set.
    fn look_at_the_clock(&mut self, now: Instant) -> Result<(), StoreError> {
        let (wall, before) = std::mem::replace(&mut self.seen, (now, monotonic()));
        let elapsed = i64::try_from(self.seen.1.duration_since(before).as_micros());
        let elapsed = Duration::from_micros(elapsed.unwrap_or(i64::MAX));
        let Some(jump) = jump(wall, now, elapsed).filter(|_| self.time.is_real()) else {
            return Ok(());
        };
        let message = format!("the clock jumped by {jump}, from {wall} to {now}");
        self.store.alarm("warning", "clock-jumped", &message, now)
    }
}

/// By how much the wall clock was set between `before` and `after`, between which `elapsed` went by;
/// nothing when it was not, or by too little to speak of.
fn jump(before: Instant, after: Instant, elapsed: Duration) -> Option<Duration> {
    let jump = after.since(before).minus(elapsed);
    (jump > JUMP || jump < Duration::ZERO.minus(JUMP)).then_some(jump)
}

#[cfg(test)]
mod tests;
