//! A text that comes into force: what it does to the schedules that are there.
//!
//! Pure. A schedule that stays as it is, is not touched; one that changes never fires for an instant
//! before the change; one that is gone from the text is removed, and its decisions stay.

use crate::desired::Desired;
use suho_domain::{Digest, Instant};
use suho_driver::ports::PlanText;
use suho_scheduler::{IllegalScheduleEvent, Schedule, ScheduleEvent, ScheduleKey};
use suho_store::{ScheduleChange, ScheduleRow};

/// What a text does to schedules, for a person.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Summary {
    /// Those that begin to fire.
    pub added: Vec<ScheduleKey>,
    /// Those that fire at other times, or run something else.
    pub changed: Vec<ScheduleKey>,
    /// Those that fire no more.
    pub removed: Vec<ScheduleKey>,
    /// What the text says and this version does not follow.
    pub notes: Vec<String>,
}

impl Summary {
    /// One line a schedule: `+ desk/fx/monthly`.
    pub fn lines(&self) -> Vec<String> {
        let of = |mark: &str, keys: &[ScheduleKey]| -> Vec<String> {
            keys.iter().map(|key| format!("{mark} {key}")).collect()
        };
        let notes = self.notes.iter().map(|note| format!("! {note}"));
        [of("+", &self.added), of("~", &self.changed), of("-", &self.removed)]
            .concat()
            .into_iter()
            .chain(notes)
            .collect()
    }
}

/// What has to happen at `at` so that the schedules in `rows` are those of `desired`.
///
/// # Errors
/// When a schedule's state does not allow it: a bug of ours.
pub fn changes(
    rows: &[ScheduleRow],
    desired: &Desired,
    at: Instant,
) -> Result<(Vec<ScheduleChange>, Summary), IllegalScheduleEvent> {
    let mut summary = Summary { notes: desired.notes.clone(), ..Summary::default() };
    let mut changes = Vec::new();
    for (key, wanted) in &desired.schedules {
        let row = rows.iter().find(|row| row.schedule.key() == key);
        let is_live = row.is_some_and(|row| row.schedule.spec().is_some());
        let is_same = row.is_some_and(|row| {
            row.schedule.spec() == Some(&wanted.spec) && row.plan_digest == wanted.plan.digest
        });
        if is_same {
            continue;
        }
        let list = if is_live { &mut summary.changed } else { &mut summary.added };
        list.push(key.clone());
        let mut change = match row {
            Some(row) => ScheduleChange::of(row),
            None => ScheduleChange::new(Schedule::new(key.clone())),
        };
        // Another plan at the same times is no other schedule: its missed ticks stay missed ones.
        if row.and_then(|row| row.schedule.spec()) != Some(&wanted.spec) {
            let spec = Box::new(wanted.spec.clone());
            happen(&mut change, ScheduleEvent::Applied { spec, at })?;
        }
        change.plan = Some((wanted.plan.digest.clone(), plan(&wanted.plan)));
        changes.push(change);
    }
    let is_gone = |row: &&ScheduleRow| {
        row.schedule.spec().is_some() && !desired.schedules.contains_key(row.schedule.key())
    };
    for row in rows.iter().filter(is_gone) {
        summary.removed.push(row.schedule.key().clone());
        let mut change = ScheduleChange::of(row);
        happen(&mut change, ScheduleEvent::Removed { at })?;
        changes.push(change);
    }
    Ok((changes, summary))
}

/// Applies `event` to the schedule that `change` is about, and notes what follows.
pub(crate) fn happen(
    change: &mut ScheduleChange,
    event: ScheduleEvent,
) -> Result<(), IllegalScheduleEvent> {
    change.decisions.extend(change.schedule.apply(&event)?);
    change.events.push(event);
    Ok(())
}

/// A plan as runs keep it.
pub(crate) fn plan(plan: &suho_plan::Plan) -> PlanText {
    // A plan holds no number that is not finite and no key that is no text: it always has JSON.
    PlanText::of(plan).unwrap_or_default()
}

/// The digest of files: of their names and texts.
pub(crate) fn digest_of(files: &[(String, String)]) -> Digest {
    Digest::of_json(&serde_json::json!(files))
}
