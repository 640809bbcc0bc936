//! What a pipeline's text says of a schedule.

use std::num::NonZeroU32;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use suho_domain::{Duration, Fault, Instant};
use suho_time::{Days, Recurrence, RuleError, UnknownCalendar, UnknownZone, parse_zone};

/// What a pipeline's text says of a schedule.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Texts", into = "Texts")]
pub struct ScheduleSpec {
    /// When it is due.
    pub recurrence: Recurrence,
    /// Which ticks it makes up for that were missed.
    pub catch_up: CatchUp,
    /// How old a tick may be and still be made up for.
    pub window: Duration,
    /// The most ticks that [`CatchUp::All`] makes up for at once: the newest.
    pub cap: NonZeroU32,
    /// What becomes of a tick while an earlier run goes on.
    pub overlap: Overlap,
    /// The most by which its runs begin later than their ticks; see [`suho_time::jitter`].
    pub jitter: Duration,
    /// After how many failures in a row it pauses by itself.
    pub pause_after: Option<NonZeroU32>,
}

/// Which ticks a schedule makes up for that were missed, because the engine was down or the clock
/// jumped.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// The newest on a day that the schedule keeps.
    Latest,
    /// All, within its window and up to its cap.
    All,
    /// None.
    None,
}

/// What becomes of a tick while an earlier run of the schedule goes on, or waits to begin.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is skipped.
    Skip,
    /// Its run begins when the earlier ones have ended, in the order of the ticks.
    Queue,
    /// Its run begins beside them.
    Allow,
    /// Earlier runs are cancelled, and its run begins once they have ended.
    Cancel,
}

impl ScheduleSpec {
    /// How old a missed tick may be, where the text does not say.
    pub const WINDOW: Duration = Duration::from_hours(7 * 24);
    /// How many missed ticks are made up for at once, where the text does not say.
    pub const CAP: NonZeroU32 = NonZeroU32::MIN.saturating_add(23);

    /// The first tick after `after`.
    pub(super) fn next_after(&self, after: Instant) -> Option<Instant> {
        self.recurrence.next_after(after.to_chrono()).map(Instant::from_chrono)
    }

    /// The last tick before `before`.
    pub(super) fn last_before(&self, before: Instant) -> Option<Instant> {
        self.recurrence.previous_before(before.to_chrono()).map(Instant::from_chrono)
    }

    /// The last tick up to `until`, itself included.
    pub(super) fn last_until(&self, until: Instant) -> Option<Instant> {
        let after = until.to_chrono().checked_add_signed(TimeDelta::microseconds(1))?;
        self.recurrence.previous_before(after).map(Instant::from_chrono)
    }

    /// Whether what is due at `tick` is done, as far as its day goes.
    pub(super) fn keeps(&self, tick: Instant) -> bool {
        self.recurrence.keeps(tick.to_chrono())
    }

    /// Whether so many failures in a row are too many.
    pub(super) fn pauses_after(&self, failures: u32) -> bool {
        self.pause_after.is_some_and(|most| failures >= most.get())
    }
}

/// Why what a log says of a schedule cannot be read. It was written by another version of suho, or
/// by nobody: a `Bug`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadSchedule {
    /// Its rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Its zone.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// Its calendar.
    #[error(transparent)]
    Calendar(#[from] UnknownCalendar),
}

impl BadSchedule {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::Bug
    }
}

/// A [`ScheduleSpec`] as the log holds it: names and the author's own words.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Texts {
    rule: String,
    zone: String,
    calendar: String,
    business_days: bool,
    catch_up: CatchUp,
    window: Duration,
    cap: NonZeroU32,
    overlap: Overlap,
    jitter: Duration,
    pause_after: Option<NonZeroU32>,
}

impl From<ScheduleSpec> for Texts {
    fn from(spec: ScheduleSpec) -> Self {
        let recurrence = &spec.recurrence;
        Self {
            rule: recurrence.rule().to_string(),
            zone: recurrence.zone().name().to_owned(),
            calendar: recurrence.calendar().to_string(),
            business_days: recurrence.days() == Days::Business,
            catch_up: spec.catch_up,
            window: spec.window,
            cap: spec.cap,
            overlap: spec.overlap,
            jitter: spec.jitter,
            pause_after: spec.pause_after,
        }
    }
}

impl TryFrom<Texts> for ScheduleSpec {
    type Error = BadSchedule;

    fn try_from(texts: Texts) -> Result<Self, BadSchedule> {
        let days = if texts.business_days { Days::Business } else { Days::Every };
        let (zone, calendar) = (parse_zone(&texts.zone)?, texts.calendar.parse()?);
        Ok(Self {
            recurrence: Recurrence::new(texts.rule.parse()?, zone, calendar, days)?,
            catch_up: texts.catch_up,
            window: texts.window,
            cap: texts.cap,
            overlap: texts.overlap,
            jitter: texts.jitter,
            pause_after: texts.pause_after,
        })
    }
}
