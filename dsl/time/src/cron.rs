//! Five-field cron in wall-clock time: what crontab(5) promises, on days when clocks change too.
//!
//! The `cron` crate matches fields; this layer gives them crontab's meaning. Its own answers differ
//! in three ways that a person who writes a crontab does not expect: it numbers weekdays from
//! Sunday = 1, it requires day of month *and* weekday where crontab takes either, and on the days
//! of a clock change it skips a firing or repeats it. So its schedules run over bare wall-clock
//! times, and each match is turned into instants here, by rules that are written down.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::zone::{LocalTime, resolve_local};

mod field;
mod sentence;

use field::{FIELDS, Field, Numbers};

/// A repeating wall-clock time: minute, hour, day of month, month, weekday.
///
/// - Weekdays are `0`–`7` (both ends are Sunday) or `SUN`–`SAT`; months `1`–`12` or `JAN`–`DEC`.
/// - Where day of month and weekday are both restricted, either one is enough; a field that begins
///   with `*` is not restricted (Vixie's rule).
/// - A time that clocks are turned forward over fires once, at the end of the gap; a time that they
///   are turned back over fires once, the first time. An hour field that begins with `*` means
///   "every so often" and not a time of day: it fires in both passes and not for a gap.
/// - Firings end with the year 2100.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    /// One schedule, or two of which either is enough.
    schedules: Vec<cron::Schedule>,
    any_hour: bool,
    /// Minutes, hours, days of month, months, weekdays.
    numbers: [Numbers; 5],
}

/// Why a text is no schedule.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error(
        "`{text}` has the wrong number of fields: expected five (minute, hour, day of month, \
         month, weekday), found {found}"
    )]
    FieldCount {
        /// The whole text.
        text: String,
        /// How many fields it has.
        found: usize,
    },
    /// A field that cannot be read.
    #[error("`{text}` cannot stand for the {field}: expected {expected}")]
    Field {
        /// The field's name, such as `day of month`.
        field: &'static str,
        /// The field's text.
        text: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// Fields that no date ever meets.
    #[error("`{text}` never fires: no month it names has such a day")]
    NeverFires {
        /// The whole text.
        text: String,
    },
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() != FIELDS.len() {
            return Err(CronError::FieldCount { text: text.to_owned(), found: fields.len() });
        }
        let read = |(field, text): (&Field, &&str)| field.numbers(text);
        let numbers = FIELDS.iter().zip(&fields).map(read).collect::<Result<Vec<_>, _>>()?;
        let wrong_count = |_| CronError::FieldCount { text: text.to_owned(), found: fields.len() };
        let numbers: [Numbers; 5] = numbers.try_into().map_err(wrong_count)?;
        let [_, hours, days, _, weekdays] = &numbers;
        let schedules: Vec<_> = if days.is_starred || weekdays.is_starred {
            schedule(&numbers, Days::Both).into_iter().collect()
        } else {
            let either = [Days::OfMonth, Days::OfWeek];
            either.into_iter().filter_map(|days| schedule(&numbers, days)).collect()
        };
        if schedules.is_empty() {
            return Err(CronError::NeverFires { text: text.to_owned() });
        }
        let any_hour = hours.is_starred;
        Ok(Self { text: fields.join(" "), schedules, any_hour, numbers })
    }
}

/// Which of the two day fields a schedule obeys.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Days {
    OfMonth,
    OfWeek,
    Both,
}

/// The `cron` crate's schedule for the numbers of five fields; `None` when it never fires.
fn schedule(numbers: &[Numbers; 5], days: Days) -> Option<cron::Schedule> {
    let list = |numbers: &[u8]| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let [minutes, hours, days_of_month, months, weekdays] = numbers;
    // The crate counts weekdays from Sunday = 1.
    let weekdays: Vec<u8> = weekdays.list.iter().map(|weekday| weekday + 1).collect();
    let any = || "*".to_owned();
    let days_of_month = if days == Days::OfWeek { any() } else { list(&days_of_month.list) };
    let weekdays = if days == Days::OfMonth { any() } else { list(&weekdays) };
    let (minutes, hours, months) = (list(&minutes.list), list(&hours.list), list(&months.list));
    let text = format!("0 {minutes} {hours} {days_of_month} {months} {weekdays}");
    let schedule: cron::Schedule = text.parse().ok()?;
    // From the epoch on: whether a schedule ever fires must not depend on when one asks.
    schedule.after(&DateTime::UNIX_EPOCH).next().is_some().then_some(schedule)
}

/// Since 1970 no zone has turned its clocks back by more than three hours (Casey, 2018).
const OVERLAP_MAX: TimeDelta = TimeDelta::hours(4);

/// Every minute of the longest gap (a day, Samoa 2011), and of an overlap on both sides of it.
const MATCHES_MAX: usize = 4_000;

impl Cron {
    /// The first firing after `after` on a clock in `zone`; `None` past the year 2100.
    pub fn next_after(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let first = |schedule| self.next_of(schedule, after, zone);
        self.schedules.iter().filter_map(first).min()
    }

    /// The last firing before `before` on a clock in `zone`; `None` before the year 1970.
    pub fn previous_before(&self, before: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let last = |schedule| self.previous_of(schedule, before, zone);
        self.schedules.iter().filter_map(last).max()
    }

    /// The firings after `after` on a clock in `zone`, in order.
    pub fn firings(&self, after: DateTime<Utc>, zone: Tz) -> Firings<'_> {
        Firings { cron: self, after, zone }
    }

    /// The schedule in words, such as `at 02:30 on the 1st of every month`.
    pub fn sentence(&self) -> String {
        sentence::sentence(&self.numbers)
    }

    /// Clock times and their first instants come in the same order, so the first match ahead on the
    /// clock that has an instant left is the answer. But inside an overlap a match that the clock
    /// has passed once may lie ahead a second time: then the search begins before it.
    fn next_of(
        &self,
        schedule: &cron::Schedule,
        after: DateTime<Utc>,
        zone: Tz,
    ) -> Option<DateTime<Utc>> {
        let clock = after.with_timezone(&zone).naive_local();
        let repeats = matches!(
            resolve_local(clock, zone),
            Some(LocalTime::Twice(first, _)) if first <= after
        );
        let start = if repeats { clock.checked_sub_signed(OVERLAP_MAX)? } else { clock };
        let mut best = None;
        for matched in schedule.after(&start.and_utc()).take(MATCHES_MAX) {
            let matched = matched.naive_utc();
            let instants = self.instants(matched, zone);
            let instant = instants.into_iter().flatten().find(|at| *at > after);
            best = [best, instant].into_iter().flatten().min();
            if matched > clock && instant.is_some() {
                break;
            }
        }
        best
    }

    /// [`next_of`](Self::next_of) in the mirror: inside an overlap, a match that the clock is yet to
    /// show again may already have been shown.
    fn previous_of(
        &self,
        schedule: &cron::Schedule,
        before: DateTime<Utc>,
        zone: Tz,
    ) -> Option<DateTime<Utc>> {
        let clock = before.with_timezone(&zone).naive_local();
        let repeats = matches!(
            resolve_local(clock, zone),
            Some(LocalTime::Twice(_, second)) if second <= before
        );
        let start = if repeats { clock.checked_add_signed(OVERLAP_MAX)? } else { clock };
        // Everything on the clock up to `start`, itself included: the crate's steps are seconds.
        let start = start.checked_add_signed(TimeDelta::seconds(1))?;
        let mut best = None;
        for matched in schedule.after(&start.and_utc()).rev().take(MATCHES_MAX) {
            let matched = matched.naive_utc();
            let instants = self.instants(matched, zone);
            let instant = instants.into_iter().flatten().rfind(|at| *at < before);
            best = [best, instant].into_iter().flatten().max();
            if matched < clock && instant.is_some() {
                break;
            }
        }
        best.filter(|at| *at >= DateTime::UNIX_EPOCH)
    }

    /// The instants at which a wall-clock match fires, in order.
    fn instants(&self, local: NaiveDateTime, zone: Tz) -> [Option<DateTime<Utc>>; 2] {
        match resolve_local(local, zone) {
            Some(LocalTime::Once(instant)) => [Some(instant), None],
            Some(LocalTime::Twice(first, second)) => [Some(first), self.any_hour.then_some(second)],
            Some(LocalTime::Skipped(end)) => [(!self.any_hour).then_some(end), None],
            None => [None, None],
        }
    }
}

/// The firings of a [`Cron`] in one zone, strictly increasing.
#[derive(Clone, Debug)]
pub struct Firings<'a> {
    cron: &'a Cron,
    after: DateTime<Utc>,
    zone: Tz,
}

impl Iterator for Firings<'_> {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        self.after = self.cron.next_after(self.after, self.zone)?;
        Some(self.after)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cron {}

#[cfg(test)]
mod tests;
