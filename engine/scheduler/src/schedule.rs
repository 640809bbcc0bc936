//! One schedule: which of its ticks become runs, as a pure function of what has happened.
//!
//! A **tick** is an instant at which a schedule is due. Each is judged exactly once: it becomes a
//! run, or it is skipped for a reason, and either way there is a [`Decision`] about it. How far ticks
//! are judged is part of the state and is never read off the runs, whose history may be gone; so
//! nothing fires twice, whatever the clock, the text or the engine does.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use suho_domain::{Duration, Fault, Instant, Name, RunStatus, Scope};

mod decision;
mod event;
mod judge;
mod spec;
mod upcoming;

pub use decision::{Choice, Decision, TickSkip};
pub use event::ScheduleEvent;
pub use spec::{BadSchedule, CatchUp, Overlap, ScheduleSpec};
pub use upcoming::Upcoming;

use judge::Stance;

/// A tick judged no later than this is on time; judged later, it was missed and its schedule's
/// catch-up says what becomes of it.
pub const ON_TIME: Duration = Duration::MINUTE;

/// The most ticks that are looked at one by one when a schedule catches up. Older ones are skipped
/// together, and counted up to this number.
pub const TICKS_MAX: u32 = 10_000;

/// The most runs of one schedule that are under way or waiting. Ticks beyond are skipped.
pub const ACTIVE_MAX: usize = 100;

/// Which schedule: whose, of which pipeline, by its name there.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct ScheduleKey {
    /// Whose pipeline it is.
    pub scope: Scope,
    /// The pipeline.
    pub pipeline: Name,
    /// The schedule's name in the pipeline.
    pub schedule: Name,
}

impl fmt::Display for ScheduleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.scope.folder(), self.pipeline, self.schedule)
    }
}

/// Why no runs are begun for now.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// A person wants it so.
    By {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// So many runs in a row failed.
    Failures(u32),
}

/// As a sentence goes on: `paused by ann: the vendor is down`.
impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By { by, why } => write!(f, "by {by}: {why}"),
            Self::Failures(failures) => write!(f, "after {failures} failures in a row"),
        }
    }
}

/// One schedule as it stands.
///
/// Its state is a function of the events applied to it, and of nothing else. As JSON it is the
/// schedule's row.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    key: ScheduleKey,
    state: State,
    /// Every tick up to this instant has been judged, or was never due. Never set back.
    judged: Option<Instant>,
    /// The ticks that became runs which have not ended.
    active: BTreeMap<Instant, Progress>,
    /// Runs in a row that failed.
    failures: u32,
}

/// Whether there is a schedule, and whether it begins runs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// No text declares it: it was never applied, or has been removed.
    Absent,
    Live(ScheduleSpec),
    Paused(ScheduleSpec, Pause),
}

/// Where a tick's run stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Progress {
    Waiting {
        not_before: Instant,
    },
    Running,
    /// It runs and was asked to end.
    Stopping,
}

impl Progress {
    const fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting { .. })
    }
}

/// What is to be done about a schedule now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ScheduleCommand {
    /// Ticks are due: append [`ScheduleEvent::Looked`].
    Look,
    /// Begin the run of this tick, whose identity is the schedule's key and the tick; then
    /// [`ScheduleEvent::Started`].
    Start {
        /// The tick.
        tick: Instant,
    },
    /// Cancel the run of this tick, because a later one waits; then
    /// [`ScheduleEvent::CancelAsked`].
    Cancel {
        /// The tick.
        tick: Instant,
    },
}

/// An event that cannot follow the events before it. `Bug`, unless it was reported from outside:
/// then it is dropped and noted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{event}` cannot follow: the schedule is {state}")]
pub struct IllegalScheduleEvent {
    /// The event's word.
    pub event: &'static str,
    /// How the schedule stands.
    pub state: String,
}

impl IllegalScheduleEvent {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::Bug
    }
}

impl Schedule {
    /// A schedule that nothing has happened to yet.
    pub const fn new(key: ScheduleKey) -> Self {
        let active = BTreeMap::new();
        Self { key, state: State::Absent, judged: None, active, failures: 0 }
    }

    /// Takes in one event; answers with the decisions that follow from it, by tick.
    ///
    /// Ticks are judged by the text and the pause that were in force until the event: an edit and a
    /// resumption concern what comes after them. A clock that went back judges nothing until it is
    /// where it was.
    ///
    /// # Errors
    /// When `event` cannot follow the events before it; the schedule is then as it was.
    pub fn apply(&mut self, event: &ScheduleEvent) -> Result<Vec<Decision>, IllegalScheduleEvent> {
        let mut next = self.clone();
        let decisions = next
            .after(event)
            .ok_or_else(|| IllegalScheduleEvent { event: event.word(), state: self.described() })?;
        *self = next;
        Ok(decisions)
    }

    /// What is to be done at `now`. A command that got lost is due again.
    pub fn due(&self, now: Instant) -> Vec<ScheduleCommand> {
        let look = self.next_tick().filter(|tick| *tick <= now).map(|_| ScheduleCommand::Look);
        let ready = self.startable().filter(|(_, not_before)| *not_before <= now);
        let starts = ready.map(|(tick, _)| ScheduleCommand::Start { tick });
        let cancels = self.in_the_way(now).map(|tick| ScheduleCommand::Cancel { tick });
        look.into_iter().chain(starts).chain(cancels).collect()
    }

    /// When [`due`](Self::due) has more to say than now; `None` when only an event can change that.
    pub fn next_timer(&self) -> Option<Instant> {
        let start = self.startable().map(|(_, not_before)| not_before).min();
        let cancel = self.cancels_at().filter(|_| self.stoppable().next().is_some());
        [self.next_tick(), start, cancel].into_iter().flatten().min()
    }

    /// Which schedule it is.
    pub const fn key(&self) -> &ScheduleKey {
        &self.key
    }

    /// What its text says; `None` when no text declares it.
    pub const fn spec(&self) -> Option<&ScheduleSpec> {
        match &self.state {
            State::Absent => None,
            State::Live(spec) | State::Paused(spec, _) => Some(spec),
        }
    }

    /// Why it begins no runs, if it does not.
    pub const fn pause(&self) -> Option<&Pause> {
        match &self.state {
            State::Paused(_, pause) => Some(pause),
            State::Absent | State::Live(_) => None,
        }
    }

    /// Until when ticks have been judged. Beyond now when the clock went back: nothing is due until
    /// then.
    pub const fn judged(&self) -> Option<Instant> {
        self.judged
    }

    /// The ticks whose runs have begun and not ended, in order.
    pub fn running(&self) -> impl Iterator<Item = Instant> {
        self.active.iter().filter_map(|(tick, progress)| match progress {
            Progress::Running | Progress::Stopping => Some(*tick),
            Progress::Waiting { .. } => None,
        })
    }

    /// The ticks whose runs are decided and have not begun, in order.
    pub fn waiting(&self) -> impl Iterator<Item = Instant> {
        self.active.iter().filter_map(|(tick, progress)| match progress {
            Progress::Running | Progress::Stopping => None,
            Progress::Waiting { .. } => Some(*tick),
        })
    }

    /// The whole table: which event may follow in which state, and what it leads to.
    fn after(&mut self, event: &ScheduleEvent) -> Option<Vec<Decision>> {
        let at = event.at();
        let state = std::mem::replace(&mut self.state, State::Absent);
        let (state, decisions) = match (state, event) {
            (State::Absent, ScheduleEvent::Applied { spec, .. }) => {
                self.judge_nothing_before(at);
                (State::Live((**spec).clone()), Vec::new())
            }
            (State::Live(old), ScheduleEvent::Applied { spec, .. }) => {
                let decisions = self.judge(&old, at, Stance::Open);
                self.judge_nothing_before(at);
                (State::Live((**spec).clone()), decisions)
            }
            (State::Paused(old, pause), ScheduleEvent::Applied { spec, .. }) => {
                let decisions = self.judge(&old, at, Stance::Closed(TickSkip::Paused));
                self.judge_nothing_before(at);
                (State::Paused((**spec).clone(), pause), decisions)
            }
            (State::Live(old) | State::Paused(old, _), ScheduleEvent::Removed { .. }) => {
                let decisions = self.judge(&old, at, Stance::Closed(TickSkip::Removed));
                self.active.retain(|_, progress| !progress.is_waiting());
                self.failures = 0;
                (State::Absent, decisions)
            }
            (State::Live(spec), ScheduleEvent::Paused { by, why, .. }) => {
                let pause = Pause::By { by: by.clone(), why: why.clone() };
                (State::Paused(spec, pause), Vec::new())
            }
            (State::Paused(spec, _), ScheduleEvent::Resumed { .. }) => {
                let decisions = self.judge(&spec, at, Stance::Closed(TickSkip::Paused));
                self.failures = 0;
                (State::Live(spec), decisions)
            }
            (State::Live(spec), ScheduleEvent::Looked { .. }) => {
                let decisions = self.judge(&spec, at, Stance::Open);
                (State::Live(spec), decisions)
            }
            (State::Paused(spec, pause), ScheduleEvent::Looked { .. }) => {
                let decisions = self.judge(&spec, at, Stance::Closed(TickSkip::Paused));
                (State::Paused(spec, pause), decisions)
            }
            // A report is a fact: the command may have been on its way when things changed.
            (state @ (State::Live(_) | State::Paused(..)), ScheduleEvent::Started { tick, .. }) => {
                self.start(*tick)?;
                (state, Vec::new())
            }
            (
                state @ (State::Live(_) | State::Paused(..)),
                ScheduleEvent::CancelAsked { tick, .. },
            ) => {
                self.stop(*tick)?;
                (state, Vec::new())
            }
            (state, ScheduleEvent::Ended { tick, status, .. }) => {
                self.end(*tick, *status)?;
                (self.paused_by_failures(state), Vec::new())
            }
            (
                State::Absent,
                ScheduleEvent::Removed { .. }
                | ScheduleEvent::Paused { .. }
                | ScheduleEvent::Resumed { .. }
                | ScheduleEvent::Looked { .. }
                | ScheduleEvent::Started { .. }
                | ScheduleEvent::CancelAsked { .. },
            )
            | (State::Live(_), ScheduleEvent::Resumed { .. })
            | (State::Paused(..), ScheduleEvent::Paused { .. }) => return None,
        };
        self.state = state;
        Some(decisions)
    }

    /// A text that is applied at `at` never fires for an instant up to then.
    fn judge_nothing_before(&mut self, at: Instant) {
        self.judged = self.judged.max(Some(at));
    }

    fn start(&mut self, tick: Instant) -> Option<()> {
        match self.active.get_mut(&tick)? {
            Progress::Running | Progress::Stopping => None,
            waiting @ Progress::Waiting { .. } => {
                *waiting = Progress::Running;
                Some(())
            }
        }
    }

    fn stop(&mut self, tick: Instant) -> Option<()> {
        match self.active.get_mut(&tick)? {
            Progress::Waiting { .. } | Progress::Stopping => None,
            running @ Progress::Running => {
                *running = Progress::Stopping;
                Some(())
            }
        }
    }

    /// Takes in how a run ended. A gate or a rollout that said no has done its work and counts as no
    /// failure; an end that somebody asked for, or that nobody knows, says nothing either way.
    fn end(&mut self, tick: Instant, status: RunStatus) -> Option<()> {
        let failures = match status {
            RunStatus::Succeeded
            | RunStatus::Rejected
            | RunStatus::RolledBack
            | RunStatus::Inconclusive => 0,
            RunStatus::Failed => self.failures.saturating_add(1),
            RunStatus::Cancelled | RunStatus::Unknown => self.failures,
            RunStatus::Queued | RunStatus::Running | RunStatus::Waiting | RunStatus::Paused => {
                return None;
            }
        };
        self.active.get(&tick).filter(|progress| !progress.is_waiting())?;
        self.active.remove(&tick);
        self.failures = failures;
        Some(())
    }

    fn paused_by_failures(&self, state: State) -> State {
        match state {
            State::Live(spec) if spec.pauses_after(self.failures) => {
                State::Paused(spec, Pause::Failures(self.failures))
            }
            other => other,
        }
    }

    /// The first tick that is not judged yet.
    fn next_tick(&self) -> Option<Instant> {
        self.spec()?.next_after(self.judged?)
    }

    /// The ticks whose runs may begin, and when.
    fn startable(&self) -> impl Iterator<Item = (Instant, Instant)> {
        let at_once = match &self.state {
            State::Absent | State::Paused(..) => 0,
            State::Live(spec) if spec.overlap == Overlap::Allow => ACTIVE_MAX,
            State::Live(_) => usize::from(self.running().next().is_none()),
        };
        let waiting = self.active.iter().filter_map(|(tick, progress)| match progress {
            Progress::Waiting { not_before } => Some((*tick, *not_before)),
            Progress::Running | Progress::Stopping => None,
        });
        waiting.take(at_once)
    }

    /// When runs under way are to make room for one that waits, if they are at all.
    fn cancels_at(&self) -> Option<Instant> {
        let State::Live(spec) = &self.state else { return None };
        let waiting = self.active.values().filter_map(|progress| match progress {
            Progress::Waiting { not_before } => Some(*not_before),
            Progress::Running | Progress::Stopping => None,
        });
        waiting.min().filter(|_| spec.overlap == Overlap::Cancel)
    }

    /// The ticks whose runs go on and were not asked to end.
    fn stoppable(&self) -> impl Iterator<Item = Instant> {
        let is_running = |progress: &Progress| *progress == Progress::Running;
        self.active.iter().filter(move |(_, progress)| is_running(progress)).map(|(tick, _)| *tick)
    }

    /// The ticks whose runs are to make room for one that waits.
    fn in_the_way(&self, now: Instant) -> impl Iterator<Item = Instant> {
        let is_time = self.cancels_at().is_some_and(|at| at <= now);
        self.stoppable().filter(move |_| is_time)
    }

    fn described(&self) -> String {
        let state = match &self.state {
            State::Absent => "absent",
            State::Live(_) => "live",
            State::Paused(..) => "paused",
        };
        let (running, waiting) = (self.running().count(), self.waiting().count());
        format!("{state}, {running} running, {waiting} waiting")
    }
}

#[cfg(test)]
mod tests;
