//! One schedule's next move: the ends it has not heard of, the ticks that are due, the runs that
//! begin. Pure: the store makes it durable in one transaction.

use crate::apply::happen;
use suho_domain::Instant;
use suho_driver::ports::NewRun;
use suho_scheduler::{ACTIVE_MAX, IllegalScheduleEvent, ScheduleCommand, ScheduleEvent};
use suho_store::{ScheduleChange, ScheduleRow, Unsettled};

/// What happens to the schedule in `row` at `now`; `None` when nothing does. `ended` are its runs
/// that ended since; `run` makes the run of a tick.
///
/// # Errors
/// When its state does not allow what it asks for: a bug of ours.
pub fn advance(
    row: &ScheduleRow,
    ended: &[&Unsettled],
    now: Instant,
    run: &dyn Fn(Instant) -> NewRun,
) -> Result<Option<ScheduleChange>, IllegalScheduleEvent> {
    let mut change = ScheduleChange::of(row);
    for end in ended {
        let (tick, status, at) = (end.tick, end.status, end.ended_at);
        happen(&mut change, ScheduleEvent::Ended { tick, status, at })?;
        change.settled.push(tick);
    }
    // Each command answered makes room for at most one other; looking comes first and once.
    for _ in 0..=2 * ACTIVE_MAX {
        match change.schedule.due(now).first() {
            None => break,
            Some(ScheduleCommand::Look) => {
                happen(&mut change, ScheduleEvent::Looked { at: now })?;
            }
            Some(ScheduleCommand::Start { tick }) => {
                happen(&mut change, ScheduleEvent::Started { tick: *tick, at: now })?;
                change.starts.push((*tick, run(*tick)));
            }
            Some(ScheduleCommand::Cancel { tick }) => {
                happen(&mut change, ScheduleEvent::CancelAsked { tick: *tick, at: now })?;
                change.cancels.push(*tick);
            }
        }
    }
    Ok((!change.events.is_empty()).then_some(change))
}
