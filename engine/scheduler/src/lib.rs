//! What to do next, as a pure function of what has happened.
//!
//! A [`Run`] is replayed from its [`Event`]s; [`Run::due`] answers with the [`Command`]s that follow
//! from where it stands, and [`Run::next_timer`] with when to ask again. A [`Schedule`] decides in
//! the same way which runs there are. Nothing here awaits, reads a clock or draws a number. Commands
//! follow from state alone: one that got lost is due again.

mod approval;
mod command;
mod due;
mod event;
mod hold;
mod outcome;
mod pool;
mod room;
mod run;
mod schedule;
mod spec;
mod transition;
mod view;

pub use approval::{Asked, Denial};
pub use command::Command;
pub use event::{Event, HandlerEvent, SkipReason, Verdict};
pub use hold::Hold;
pub use outcome::Outcome;
pub use pool::{Claim, Pool, PoolEvent, Priority, Share};
pub use room::{Lack, Room};
pub use run::{IllegalEvent, Run};
pub use schedule::{
    ACTIVE_MAX, BadSchedule, CatchUp, Choice, Decision, IllegalScheduleEvent, ON_TIME, Overlap,
    Pause, Schedule, ScheduleCommand, ScheduleEvent, ScheduleKey, ScheduleSpec, TICKS_MAX,
    TickSkip, Upcoming,
};
pub use spec::{Backoff, BadSpec, Effect, Limits, Line, RunSpec, StepSpec, Work};
pub use suho_domain::FailureClass;
pub use view::StepView;

use suho_domain::Duration;

/// How often an attempt may be lost, or be preempted without its author having said what then,
/// before the step fails. Neither counts as a try, so both need a bound of their own.
pub const LOST_MAX: u32 = 5;

/// How long the end of a killed attempt is waited for before it is killed again.
pub const KILL_AGAIN: Duration = Duration::from_seconds(30);

#[cfg(test)]
mod tests;
