//! Indicators of the time: of day, of the week, and of trading in the world's three centres.
//!
//! They speak of the bar's close, when it is known, in local time with its daylight saving. The
//! foreign-exchange day and week are New York's: a week opens on Sunday at 17:00 there.

use std::f64::consts::TAU;

use chrono::{DateTime, Offset as _, TimeZone as _};
use chrono_tz::{America::New_York, Asia::Tokyo, Europe::London, Tz};

use super::Setting;
use super::own::Step;
use crate::series::Bar;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// 1970 began on a Thursday: so many days after a Monday.
const EPOCH_WEEKDAY: i64 = 3;
/// From Monday 0:00 to Sunday 17:00, when the week of foreign exchange opens in New York.
const WEEK_OPENS: i64 = 6 * DAY + 17 * HOUR;
/// Bars since the opening are counted up to here: a day of hourly bars.
const BARS_SINCE_OPEN_MAX: i64 = 24;

/// A zone's clock, which remembers the offset of the week it was last asked about.
#[derive(Clone)]
struct LocalClock {
    zone: Tz,
    /// The offset holds in `from..until`, in µs of UTC.
    from: i64,
    until: i64,
    offset: i64,
}

impl LocalClock {
    const fn new(zone: Tz) -> Self {
        Self { zone, from: 0, until: 0, offset: 0 }
    }

    /// Local µs since Monday 0:00 before 1970; none outside the calendar.
    fn at(&mut self, utc: i64) -> Option<i64> {
        if !(self.from..self.until).contains(&utc) {
            let unchanged = self.unchanged(utc, WEEK).or_else(|| self.unchanged(utc, DAY));
            (self.from, self.until, self.offset) = match unchanged {
                Some(stretch) => stretch,
                None => (utc, utc.checked_add(1)?, self.offset_at(utc)?),
            };
        }
        utc.checked_add(self.offset)?.checked_add(EPOCH_WEEKDAY * DAY)
    }

    /// Start, end and offset of the stretch of `length` that `utc` lies in; none where the offset
    /// changes in it. These zones' clocks change at most once in a week, so equal ends mean an
    /// unchanged week.
    fn unchanged(&self, utc: i64, length: i64) -> Option<(i64, i64, i64)> {
        let start = utc.div_euclid(length).checked_mul(length)?;
        let end = start.checked_add(length)?;
        let (before, after) = (self.offset_at(start)?, self.offset_at(end)?);
        (before == after).then_some((start, end, before))
    }

    fn offset_at(&self, utc: i64) -> Option<i64> {
        let instant = DateTime::from_timestamp_micros(utc)?.naive_utc();
        let offset = self.zone.offset_from_utc_datetime(&instant).fix();
        Some(i64::from(offset.local_minus_utc()) * SECOND)
    }
}

/// A point on a circle's edge: sine or cosine of a share of the way round.
#[derive(Clone, Copy)]
enum Axis {
    Sine,
    Cosine,
}

impl Axis {
    fn of(self, share: f64) -> f64 {
        match self {
            Self::Sine => (TAU * share).sin(),
            Self::Cosine => (TAU * share).cos(),
        }
    }
}

/// What a local time is turned into.
trait Reading: Clone + Send + Sync + 'static {
    const ZONE: Tz;
    /// All that the value depends on; `local` is µs since a Monday 0:00, of the close, `span` the
    /// bar's length in µs.
    fn hand(local: i64, span: i64) -> i64;
    fn read(hand: i64) -> f64;
}

/// A reading over a stream of bars.
#[derive(Clone)]
pub(crate) struct Clock<R> {
    local: LocalClock,
    span: i64,
    /// The last hand and what was read of it: most stand still from bar to bar.
    last: (i64, f64),
    reading: std::marker::PhantomData<R>,
}

impl<R: Reading> Step for Clock<R> {
    fn new(setting: Setting<'_>) -> Self {
        Self {
            local: LocalClock::new(R::ZONE),
            span: setting.span,
            last: (0, R::read(0)),
            reading: std::marker::PhantomData,
        }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let close = bar.time.checked_add(self.span);
        let local = close.and_then(|close| self.local.at(close));
        let Some(local) = local else { return f64::NAN };
        let hand = R::hand(local, self.span);
        if hand != self.last.0 {
            self.last = (hand, R::read(hand));
        }
        self.last.1
    }
}

/// The local time of day.
fn of_day(local: i64) -> i64 {
    local.rem_euclid(DAY)
}

/// Whole days since Monday.
fn of_week(local: i64) -> i64 {
    local.rem_euclid(WEEK).div_euclid(DAY)
}

/// 1 on weekdays from `opens` to before `closes`, in hours of local time.
fn session(local: i64, opens: i64, closes: i64) -> i64 {
    let is_weekday = local.rem_euclid(WEEK) < 5 * DAY;
    let is_open = (opens * HOUR..closes * HOUR).contains(&of_day(local));
    i64::from(is_weekday && is_open)
}

macro_rules! reading {
    (
        $(#[$doc:meta])*
        $name:ident, $zone:expr, |$local:ident, $span:ident| $hand:expr, |$of:ident| $value:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub(crate) struct $name;
        impl Reading for $name {
            const ZONE: Tz = $zone;
            fn hand($local: i64, $span: i64) -> i64 {
                $hand
            }
            fn read($of: i64) -> f64 {
                $value
            }
        }
    };
}

reading!(
    /// Hour of the day, sine.
    HourSine, New_York, |local, _span| of_day(local), |time| Axis::Sine.of(time as f64 / DAY as f64)
);
reading!(
    /// Hour of the day, cosine.
    HourCosine, New_York, |local, _span| of_day(local),
    |time| Axis::Cosine.of(time as f64 / DAY as f64)
);
reading!(
    /// Day of the week, sine.
    WeekdaySine, New_York, |local, _span| of_week(local), |day| Axis::Sine.of(day as f64 / 7.0)
);
reading!(
    /// Day of the week, cosine.
    WeekdayCosine, New_York, |local, _span| of_week(local),
    |day| Axis::Cosine.of(day as f64 / 7.0)
);
reading!(
    /// Whether Tokyo trades.
    Asia, Tokyo, |local, _span| session(local, 9, 18), |is_open| is_open as f64
);
reading!(
    /// Whether London trades.
    Europe, London, |local, _span| session(local, 8, 17), |is_open| is_open as f64
);
reading!(
    /// Whether New York trades.
    America, New_York, |local, _span| session(local, 8, 17), |is_open| is_open as f64
);
reading!(
    /// Whole bars from the opening of the week to the opening of the bar, 24 at most.
    BarsSinceOpen, New_York,
    // Bars without a length never come this far: without times there is no local one.
    |local, span| (local - span - WEEK_OPENS).rem_euclid(WEEK).checked_div(span).unwrap_or(0),
    |bars| bars.min(BARS_SINCE_OPEN_MAX) as f64
);
