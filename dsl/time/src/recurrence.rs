//! When something is due again and again: by the clock, by a market's days, by its sessions.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::zone::resolve_local;
use crate::{Calendar, Cron, CronError, Side};

mod text;

/// A rule for instants that come again, as an author writes it.
///
/// | text | meaning |
/// |---|---|
/// | `0 2 1 * *` | crontab's five fields, see [`Cron`] |
/// | `last business day at 17:00` | once a month; `first`, too |
/// | `30m before open` | once a session; `1h30m after close`, `at open`, too |
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Rule {
    /// Five fields.
    Cron(Cron),
    /// A time on the first or last day of each month on which the market trades.
    BusinessDay {
        /// Which of the month's business days.
        which: MonthEnd,
        /// The time on the wall.
        time: NaiveTime,
    },
    /// A time before or after each session's opening or close.
    Session {
        /// Opening or close.
        side: Side,
        /// After it; before it when negative. Less than a day either way.
        offset: TimeDelta,
    },
}

/// One of the ends of a month.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum MonthEnd {
    /// Its first business day.
    First,
    /// Its last.
    Last,
}

/// On which days something that is due is done.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Days {
    /// On all.
    Every,
    /// On the calendar's business days; see [`Calendar::business_day`].
    Business,
}

/// Why a text is no rule, or a rule never comes due.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RuleError {
    /// Five fields that cannot be read.
    #[error(transparent)]
    Cron(CronError),
    /// Words that are no rule.
    #[error(
        "`{0}` is no schedule: expected five fields like `0 2 1 * *`, or \
         `last business day at 17:00`, or `30m before open`"
    )]
    Words(String),
    /// A time of day that is none.
    #[error("`{0}` is no time of day like `17:00`")]
    Time(String),
    /// A length of time that is none, or is a day or more.
    #[error("`{0}` is no time below a day like `30m`, `2h` or `1h30m`")]
    Offset(String),
    /// A market that never opens or closes has no sessions to go by.
    #[error("the calendar `{0}` never opens or closes")]
    NoSessions(Calendar),
}

/// A [`Rule`] in a zone and on a market's calendar: everything that says when it is due.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recurrence {
    rule: Rule,
    zone: Tz,
    calendar: Calendar,
    days: Days,
}

impl Recurrence {
    /// `rule` by the clocks of `zone` and the sessions and days of `calendar`.
    ///
    /// # Errors
    /// When the rule goes by sessions and the calendar has none.
    pub fn new(rule: Rule, zone: Tz, calendar: Calendar, days: Days) -> Result<Self, RuleError> {
        if matches!(rule, Rule::Session { .. }) && calendar == Calendar::Always {
            return Err(RuleError::NoSessions(calendar));
        }
        Ok(Self { rule, zone, calendar, days })
    }

    /// What was asked for.
    pub const fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Whose clocks it goes by.
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// Whose sessions and days it goes by.
    pub const fn calendar(&self) -> Calendar {
        self.calendar
    }

    /// On which days it is done.
    pub const fn days(&self) -> Days {
        self.days
    }

    /// The first tick after `after`, whatever its day; `None` past the year 2100.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.rule {
            Rule::Cron(cron) => cron.next_after(after, self.zone),
            Rule::Session { side, offset } => {
                let instant = self.next_side(*side, after.checked_sub_signed(*offset)?)?;
                instant.checked_add_signed(*offset)
            }
            Rule::BusinessDay { which, time } => {
                let month = after.with_timezone(&self.zone).date_naive().with_day(1)?;
                let months = (0..=MONTHS_MAX)
                    .filter_map(|months| month.checked_add_months(Months::new(months)));
                let ticks = months.filter_map(|month| self.month_end(*which, month, *time));
                ticks.into_iter().find(|tick| *tick > after)
            }
        }
    }

    /// The last tick before `before`, whatever its day; `None` before the year 1970.
    pub fn previous_before(&self, before: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.rule {
            Rule::Cron(cron) => cron.previous_before(before, self.zone),
            Rule::Session { side, offset } => {
                let instant = self.previous_side(*side, before.checked_sub_signed(*offset)?)?;
                instant.checked_add_signed(*offset)
            }
            Rule::BusinessDay { which, time } => {
                let month = before.with_timezone(&self.zone).date_naive().with_day(1)?;
                let months = (0..=MONTHS_MAX)
                    .filter_map(|months| month.checked_sub_months(Months::new(months)));
                let ticks = months.filter_map(|month| self.month_end(*which, month, *time));
                ticks.into_iter().find(|tick| *tick < before)
            }
        }
    }

    /// The ticks after `after`, in order, whatever their day.
    pub fn ticks(&self, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        std::iter::successors(self.next_after(after), |tick| self.next_after(*tick))
    }

    /// Whether what is due at `tick` is done, as far as its day goes.
    pub fn keeps(&self, tick: DateTime<Utc>) -> bool {
        match self.days {
            Days::Every => true,
            Days::Business => self.calendar.business_day(tick).is_some(),
        }
    }

    /// In words, such as `at 02:00 on the 1st of every month, America/New_York`.
    pub fn sentence(&self) -> String {
        let (calendar, zone) = (self.calendar, self.zone.name());
        let rule = match &self.rule {
            Rule::Cron(cron) => format!("{}, {zone}", cron.sentence()),
            Rule::BusinessDay { which, time } => format!(
                "at {} on the {which} business day of `{calendar}` in every month, {zone}",
                time.format("%H:%M")
            ),
            Rule::Session { .. } => format!("{} in every session of `{calendar}`", self.rule),
        };
        match self.days {
            Days::Every => rule,
            Days::Business => format!("{rule}, if that is a business day of `{calendar}`"),
        }
    }

    fn next_side(&self, side: Side, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match side {
            Side::Open => self.calendar.next_open(after),
            Side::Close => self.calendar.next_close(after),
        }
    }

    fn previous_side(&self, side: Side, before: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match side {
            Side::Open => self.calendar.previous_open(before),
            Side::Close => self.calendar.previous_close(before),
        }
    }

    /// The tick of the month that begins with `month`.
    fn month_end(
        &self,
        which: MonthEnd,
        month: NaiveDate,
        time: NaiveTime,
    ) -> Option<DateTime<Utc>> {
        let day = match which {
            MonthEnd::First => self.calendar.first_business_day(month)?,
            MonthEnd::Last => self.calendar.last_business_day(month)?,
        };
        Some(resolve_local(day.and_time(time), self.zone)?.first())
    }
}

/// How many months from an instant its next business day of the month may lie: the instant's own
/// may be over, and the next has one.
const MONTHS_MAX: u32 = 2;

impl fmt::Display for MonthEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first",
            Self::Last => "last",
        })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron(cron) => cron.fmt(f),
            Self::BusinessDay { which, time } => {
                write!(f, "{which} business day at {}", time.format("%H:%M"))
            }
            Self::Session { side, offset } => {
                let side = match side {
                    Side::Open => "open",
                    Side::Close => "close",
                };
                match offset.num_seconds() {
                    0 => write!(f, "at {side}"),
                    seconds if seconds < 0 => write!(f, "{} before {side}", text::length(-seconds)),
                    seconds => write!(f, "{} after {side}", text::length(seconds)),
                }
            }
        }
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        text::rule(text)
    }
}

#[cfg(test)]
mod tests;
