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

/// A zone's clock, which remembers the offset of the day it was last asked about.
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
            let start = utc.div_euclid(DAY).checked_mul(DAY)?;
            let end = start.checked_add(DAY)?;
            let offset = self.offset_at(start)?;
            // Clocks change within a day at most once, so equal ends mean an unchanged day.
            (self.from, self.until, self.offset) = if self.offset_at(end)? == offset {
                (start, end, offset)
            } else {
                (utc, utc.checked_add(1)?, self.offset_at(utc)?)
            };
        }
        utc.checked_add(self.offset)?.checked_add(EPOCH_WEEKDAY * DAY)
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
    /// `local` µs since a Monday 0:00, of the close; `span` the bar's length in µs.
    fn read(local: i64, span: i64) -> f64;
}

/// A reading over a stream of bars.
#[derive(Clone)]
pub(crate) struct Clock<R> {
    local: LocalClock,
    span: i64,
    reading: std::marker::PhantomData<R>,
}

impl<R: Reading> Step for Clock<R> {
    fn new(setting: Setting<'_>) -> Self {
        Self {
            local: LocalClock::new(R::ZONE),
            span: setting.span,
            reading: std::marker::PhantomData,
        }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let close = bar.time.checked_add(self.span);
        let local = close.and_then(|close| self.local.at(close));
        local.map_or(f64::NAN, |local| R::read(local, self.span))
    }
}

/// Share of the local day that is over.
fn of_day(local: i64) -> f64 {
    local.rem_euclid(DAY) as f64 / DAY as f64
}

/// Share of the week, in whole days since Monday.
fn of_week(local: i64) -> f64 {
    local.rem_euclid(WEEK).div_euclid(DAY) as f64 / 7.0
}

/// 1 on weekdays from `opens` to before `closes`, in hours of local time.
fn session(local: i64, opens: i64, closes: i64) -> f64 {
    let is_weekday = local.rem_euclid(WEEK) < 5 * DAY;
    let is_open = (opens * HOUR..closes * HOUR).contains(&local.rem_euclid(DAY));
    f64::from(u8::from(is_weekday && is_open))
}

macro_rules! reading {
    ($(#[$doc:meta])* $name:ident, $zone:expr, |$local:ident, $span:ident| $value:expr) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub(crate) struct $name;
        impl Reading for $name {
            const ZONE: Tz = $zone;
            fn read($local: i64, $span: i64) -> f64 {
                $value
            }
        }
    };
}

reading!(
    /// Hour of the day, sine.
    HourSine, New_York, |local, _span| Axis::Sine.of(of_day(local))
);
reading!(
    /// Hour of the day, cosine.
    HourCosine, New_York, |local, _span| Axis::Cosine.of(of_day(local))
);
reading!(
    /// Day of the week, sine.
    WeekdaySine, New_York, |local, _span| Axis::Sine.of(of_week(local))
);
reading!(
    /// Day of the week, cosine.
    WeekdayCosine, New_York, |local, _span| Axis::Cosine.of(of_week(local))
);
reading!(
    /// Whether Tokyo trades.
    Asia, Tokyo, |local, _span| session(local, 9, 18)
);
reading!(
    /// Whether London trades.
    Europe, London, |local, _span| session(local, 8, 17)
);
reading!(
    /// Whether New York trades.
    America, New_York, |local, _span| session(local, 8, 17)
);
reading!(
    /// Whole bars from the opening of the week to the opening of the bar, 24 at most.
    BarsSinceOpen, New_York, |local, span| {
        let since = (local - span - WEEK_OPENS).rem_euclid(WEEK);
        since.checked_div(span).map_or(f64::NAN, |bars| bars.min(BARS_SINCE_OPEN_MAX) as f64)
    }
);
