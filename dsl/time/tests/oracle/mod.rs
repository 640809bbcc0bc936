//! Cron by brute force: every minute of a span is looked at, as a clock on the wall would show it.
//!
//! It shares nothing with the crate's own search but the zones' offsets: its own reading of the
//! fields, its own rule for the days on which clocks change. Zones come from `chrono-tz`; the
//! script `cron_peer.py` beside it asks Python's `zoneinfo` the same.

use chrono::{DateTime, Datelike as _, NaiveDate, Offset as _, TimeZone as _, Utc};
use chrono_tz::Tz;

/// Zones in which something is unusual: gaps at midnight, of half an hour and of a whole day,
/// summer time that is taken back for a month, clocks turned back by three hours.
pub(crate) const ZONES: [Tz; 12] = [
    Tz::UTC,
    Tz::America__New_York,
    Tz::Europe__London,
    Tz::Europe__Berlin,
    Tz::America__Sao_Paulo,
    Tz::America__Nuuk,
    Tz::Africa__Casablanca,
    Tz::Asia__Tehran,
    Tz::Asia__Jakarta,
    Tz::Australia__Lord_Howe,
    Tz::Antarctica__Casey,
    Tz::Pacific__Apia,
];

/// Lines that somebody would write, the odd ones first.
const WRITTEN: [&str; 40] = [
    "30 2 * * *",
    "30 1 * * *",
    "0,30 2 * * *",
    "*/30 * * * *",
    "0 */2 * * *",
    "0 7,9 * * *",
    "0 0 1 * 1",
    "0 0 */2 * MON",
    "0 0 29 2 *",
    "30 2 29 3 *",
    "59 23 * * *",
    "0 0 * * *",
    "15 0 * * *",
    "0 3 1 * *",
    "0 2 1 * *",
    "10 0 * * *",
    "0 0 31 * *",
    "0 12 30 * *",
    "*/15 9-17 * * MON-FRI",
    "0-59/5 1-3 * * *",
    "* 2 * * *",
    "* 1-2 * * 0",
    "0 * * * *",
    "*/20 */3 * * *",
    "*/7 * * * SUN",
    "0 0 * * 0",
    "0 0 * * 7",
    "0 9 * * 1-5",
    "0 9 * * SAT-SUN",
    "0 0 13 * FRI",
    "45 23 31 12 *",
    "0 0 1 1 *",
    "0 0 1-7 * *",
    "0 22 * * 1,3,5",
    "5 4 * * sun",
    "30 6 1,15 JAN,JUL *",
    "0 0 28-31 FEB *",
    "*/10 0 * 3,10 *",
    "0 1-4 * 3,4,9-11 6-7",
    "30 */6 1 */3 *",
];

/// `count` lines: the written ones, then random ones.
pub(crate) fn lines(count: usize) -> Vec<String> {
    let mut random = Random(0x5eed);
    let mut lines: Vec<String> = WRITTEN.iter().map(|line| (*line).to_owned()).collect();
    while lines.len() < count {
        lines.push(random.line());
    }
    lines.truncate(count);
    lines
}

/// Knuth's MMIX generator: the same lines on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u8) -> u8 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from((self.0 >> 33) % u64::from(bound)).unwrap()
    }

    /// Restricted about as often as not, but for the minute: lines that fire at every minute cost
    /// the most and show the least.
    fn line(&mut self) -> String {
        let minute = match self.below(8) {
            0 => "*/15".to_owned(),
            1 => "*/29".to_owned(),
            _ => self.field(0, 59),
        };
        let hour = if self.below(3) == 0 { "*".to_owned() } else { self.field(0, 23) };
        let day = if self.below(2) == 0 { "*".to_owned() } else { self.field(1, 28) };
        let month = if self.below(3) > 0 { "*".to_owned() } else { self.field(1, 12) };
        let weekday = if self.below(2) == 0 { "*".to_owned() } else { self.field(0, 7) };
        format!("{minute} {hour} {day} {month} {weekday}")
    }

    fn field(&mut self, min: u8, max: u8) -> String {
        let span = max - min + 1;
        let one = |random: &mut Self| min + random.below(span);
        let (a, b) = (one(self), one(self));
        match self.below(6) {
            0 => format!("{a},{b}"),
            1 => format!("{}-{}", a.min(b), a.max(b)),
            2 => format!("{}-{}/{}", a.min(b), a.max(b), 1 + self.below(span / 2)),
            3 if span > 12 => format!("*/{}", 2 + self.below(span / 2)),
            _ => a.to_string(),
        }
    }
}

/// A line, read anew: for each field which numbers are in it.
struct Line {
    minutes: [bool; 60],
    hours: [bool; 24],
    days: [bool; 32],
    months: [bool; 13],
    weekdays: [bool; 7],
    /// Day of month and weekday are both restricted.
    either_day: bool,
    any_hour: bool,
}

impl Line {
    fn read(text: &str) -> Self {
        let fields: Vec<String> = text.split(' ').map(str::to_uppercase).collect();
        let mut line = Self {
            minutes: [false; 60],
            hours: [false; 24],
            days: [false; 32],
            months: [false; 13],
            weekdays: [false; 7],
            either_day: !fields[2].starts_with('*') && !fields[4].starts_with('*'),
            any_hour: fields[1].starts_with('*'),
        };
        mark(&fields[0], 0, 59, &[], |n| line.minutes[n] = true);
        mark(&fields[1], 0, 23, &[], |n| line.hours[n] = true);
        mark(&fields[2], 1, 31, &[], |n| line.days[n] = true);
        let months = "-,JAN,FEB,MAR,APR,MAY,JUN,JUL,AUG,SEP,OCT,NOV,DEC";
        mark(&fields[3], 1, 12, &months.split(',').collect::<Vec<_>>(), |n| line.months[n] = true);
        let weekdays = "SUN,MON,TUE,WED,THU,FRI,SAT";
        let weekdays: Vec<_> = weekdays.split(',').collect();
        mark(&fields[4], 0, 7, &weekdays, |n| line.weekdays[n % 7] = true);
        line
    }

    fn matches_day(&self, day: NaiveDate) -> bool {
        let of_month = self.days[usize::try_from(day.day()).unwrap()];
        let of_week = self.weekdays[usize::try_from(day.weekday().num_days_from_sunday()).unwrap()];
        let days = if self.either_day { of_month || of_week } else { of_month && of_week };
        days && self.months[usize::try_from(day.month()).unwrap()]
    }
}

fn mark(field: &str, min: usize, max: usize, names: &[&str], mut set: impl FnMut(usize)) {
    let number = |text: &str| {
        names.iter().position(|name| *name == text).unwrap_or_else(|| text.parse().unwrap())
    };
    for item in field.split(',') {
        let mut parts = item.split('/');
        let range = parts.next().unwrap();
        let step = parts.next().map_or(1, |step| step.parse().unwrap());
        let (from, to) = match range.split_once('-') {
            Some((from, "SUN")) => (number(from), 7),
            Some((from, to)) => (number(from), number(to)),
            None if range == "*" => (min, max),
            None => (number(range), number(range)),
        };
        let mut n = from;
        while n <= to {
            set(n);
            n += step;
        }
    }
}

/// What a zone's clock shows at every minute of a span.
pub(crate) struct Clock {
    /// The span's first minute since 1970 in UTC.
    from: i64,
    /// What is shown, in minutes since 1970 on the clock.
    shown: Vec<i64>,
}

impl Clock {
    /// The minutes of `from..to` in `zone`, and those of the day before, for what was shown already.
    pub(crate) fn new(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Self {
        let (from, to) = (from.timestamp() / 60, to.timestamp() / 60);
        let shown = (from..to).map(|minute| {
            let utc = DateTime::from_timestamp(minute * 60, 0).unwrap().naive_utc();
            let offset = zone.offset_from_utc_datetime(&utc).fix().local_minus_utc();
            minute + i64::from(offset) / 60
        });
        Self { from, shown: shown.collect() }
    }

    /// The minutes, since 1970 in UTC, at which `line` fires, but for the first day: what a clock
    /// has shown already is known only from then on.
    pub(crate) fn firings(&self, line: &str) -> Vec<i64> {
        const DAY: i64 = 1_440;
        let line = Line::read(line);
        let first_day = self.shown[0] / DAY - 3;
        let days = self.shown[self.shown.len() - 1] / DAY + 3 - first_day;
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        let matched: Vec<bool> = (0..=days)
            .map(|day| line.matches_day(epoch + chrono::TimeDelta::days(first_day + day)))
            .collect();
        let matches = |shown: i64| {
            let day = usize::try_from(shown / DAY - first_day).unwrap();
            let minute = usize::try_from(shown % DAY).unwrap();
            matched[day] && line.hours[minute / 60] && line.minutes[minute % 60]
        };
        let mut firings = Vec::new();
        // The furthest that the clock has been.
        let mut reached = self.shown[0];
        for (minute, shown) in (self.from..).zip(&self.shown).skip(1) {
            let fires = if line.any_hour {
                matches(*shown)
            } else {
                // Everything passed for the first time since the minute before: one minute, or all
                // of a gap, or nothing after the clock was turned back.
                (reached + 1..=*shown).any(matches)
            };
            reached = reached.max(*shown);
            if fires && minute >= self.from + DAY {
                firings.push(minute);
            }
        }
        firings
    }

    /// The instants from which the crate is to answer: after the first day, before the end.
    pub(crate) fn bounds(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        let end = self.from + i64::try_from(self.shown.len()).unwrap();
        (at(self.from + 1_440), at(end))
    }
}
