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

/// One of the five fields: its name, its range, and what to say when it is wrong.
struct Field {
    name: &'static str,
    expected: &'static str,
    range: (u8, u8),
    /// Names for the numbers from the start of the range.
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        expected: "0–59, `*`, `*/15`, `0,30` or `10-20`",
        range: (0, 59),
        names: &[],
    },
    Field {
        name: "hour",
        expected: "0–23, `*`, `*/4`, `7,9` or `9-17`",
        range: (0, 23),
        names: &[],
    },
    Field {
        name: "day of month",
        expected: "1–31, `*`, `1,15` or `1-7`",
        range: (1, 31),
        names: &[],
    },
    Field {
        name: "month",
        expected: "1–12, `JAN`–`DEC`, `*` or `*/3`",
        range: (1, 12),
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
    },
    Field {
        name: "weekday",
        expected: "0–7 (0 and 7 are Sunday), `SUN`–`SAT`, `*` or `MON-FRI`",
        range: (0, 7),
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    },
];

impl Field {
    /// The field as the list of numbers it stands for.
    fn numbers(&self, text: &str) -> Result<Vec<u8>, CronError> {
        let wrong = || CronError::Field {
            field: self.name,
            text: text.to_owned(),
            expected: self.expected,
        };
        let mut numbers = Vec::new();
        for item in text.split(',') {
            numbers.extend(self.item(item).ok_or_else(wrong)?);
        }
        Ok(numbers)
    }

    /// `*`, `a` or `a-b`, each with `/step` or without. As in Vixie's cron a step belongs to a
    /// range, and `a/step` is refused rather than guessed.
    fn item(&self, item: &str) -> Option<impl Iterator<Item = u8> + use<>> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(parse_number(step)?)),
            None => (item, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => self.range,
            Some((from, to)) => (self.number(from)?, self.last_number(to)?),
            None if step.is_some() => return None,
            None => (self.number(range)?, self.number(range)?),
        };
        let step = step.unwrap_or(1);
        (from <= to && step > 0).then(|| (from..=to).step_by(usize::from(step)))
    }

    fn number(&self, text: &str) -> Option<u8> {
        let named =
            self.names.iter().zip(self.range.0..).find(|(n, _)| n.eq_ignore_ascii_case(text));
        let number = named.map_or_else(|| parse_number(text), |(_, number)| Some(number))?;
        (self.range.0..=self.range.1).contains(&number).then_some(number)
    }

    /// As the end of a range Sunday is the seventh day: `SAT-SUN` is a weekend.
    fn last_number(&self, text: &str) -> Option<u8> {
        match self.number(text)? {
            0 if self.name == "weekday" => Some(7),
            number => Some(number),
        }
    }
}

/// Digits alone: `str::parse` would take `+5` too.
fn parse_number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(CronError::FieldCount { text: text.to_owned(), found: fields.len() });
        };
        let mut lists = Vec::with_capacity(FIELDS.len());
        for (field, text) in FIELDS.iter().zip(&fields) {
            lists.push(field.numbers(text)?);
        }
        let restricted = |field: &str| !field.starts_with('*');
        let either = restricted(day) && restricted(weekday);
        let mut schedules = Vec::new();
        if either {
            schedules.extend(schedule(&lists, Days::OfMonth));
            schedules.extend(schedule(&lists, Days::OfWeek));
        } else {
            schedules.extend(schedule(&lists, Days::Both));
        }
        if schedules.is_empty() {
            return Err(CronError::NeverFires { text: text.to_owned() });
        }
        let text = [*minute, *hour, *day, *month, *weekday].join(" ");
        Ok(Self { text, schedules, any_hour: !restricted(hour) })
    }
}

/// Which of the two day fields a schedule obeys.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Days {
    OfMonth,
    OfWeek,
    Both,
}

/// The `cron` crate's schedule for lists of numbers; `None` when it never fires.
fn schedule(lists: &[Vec<u8>], days: Days) -> Option<cron::Schedule> {
    let [minutes, hours, days_of_month, months, weekdays] = lists else { return None };
    let list = |numbers: &[u8]| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    // The crate counts weekdays from Sunday = 1.
    let weekdays: Vec<u8> = weekdays.iter().map(|weekday| weekday % 7 + 1).collect();
    let days_of_month = if days == Days::OfWeek { "*".to_owned() } else { list(days_of_month) };
    let weekdays = if days == Days::OfMonth { "*".to_owned() } else { list(&weekdays) };
    let (minutes, hours, months) = (list(minutes), list(hours), list(months));
    let text = format!("0 {minutes} {hours} {days_of_month} {months} {weekdays}");
    let schedule: cron::Schedule = text.parse().ok()?;
    // From the epoch on: whether a schedule ever fires must not depend on when one asks.
    schedule.after(&DateTime::UNIX_EPOCH).next().is_some().then_some(schedule)
}

impl Cron {
    /// The first firing after `after` on a clock in `zone`; `None` past the year 2100.
    pub fn next_after(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        self.schedules.iter().filter_map(|schedule| self.next_of(schedule, after, zone)).min()
    }

    /// The firings after `after` on a clock in `zone`, in order.
    pub fn firings(&self, after: DateTime<Utc>, zone: Tz) -> Firings<'_> {
        Firings { cron: self, after, zone }
    }

    fn next_of(
        &self,
        schedule: &cron::Schedule,
        after: DateTime<Utc>,
        zone: Tz,
    ) -> Option<DateTime<Utc>> {
        /// Since 1970 no zone has turned its clocks back by more than three hours (Casey, 2018).
        const OVERLAP_MAX: TimeDelta = TimeDelta::hours(4);
        /// Every minute of the longest gap (a day, Samoa 2011), and of the overlap on both sides.
        const MATCHES_MAX: usize = 4_000;
        let local = after.with_timezone(&zone).naive_local();
        // A wall-clock time before this one can still lie ahead: clocks may be turned back.
        let start = local.checked_sub_signed(OVERLAP_MAX)?;
        let mut best: Option<(DateTime<Utc>, NaiveDateTime)> = None;
        for local in schedule.after(&start.and_utc()).take(MATCHES_MAX) {
            let local = local.naive_utc();
            if best.is_some_and(|(_, of_best)| local - of_best > OVERLAP_MAX) {
                break;
            }
            let instant = self.instants(local, zone).into_iter().flatten().find(|at| *at > after);
            if let Some(instant) = instant
                && best.is_none_or(|(best, _)| instant < best)
            {
                best = Some((instant, local));
            }
        }
        best.map(|(instant, _)| instant)
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
