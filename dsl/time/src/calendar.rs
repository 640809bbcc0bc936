//! Market calendars: when a market is open, and how much open time lies between two instants.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveTime, Offset as _, TimeDelta, TimeZone as _, Utc,
    Weekday,
};
use chrono_tz::America::New_York;

use crate::holidays::{self, Holiday};

mod bars;
mod timeline;

pub use bars::ExpectedBars;
use timeline::Timeline;

/// When a market is open.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Calendar {
    /// Spot FX: Sunday 17:00 to Friday 17:00 in New York, 24 hours on each of five days.
    ///
    /// The week has 120 hours, and the weekend 48, or 47 and 49 when New York's clocks change.
    /// 25 December and 1 January are [thin](crate::HolidayKind::Thin): open here, marked for people.
    /// A provider that pauses on them lacks bars, and the quality check counts those as missing: in
    /// the 5,000 hourly EUR/USD bars of `examples/data` it finds 48 missing (most of them on those
    /// two days) and 2 inside the weekend.
    Fx,
    /// The New York Stock Exchange's regular session, 09:30 to 16:00 in New York, with its
    /// holidays and short days.
    Xnys,
    /// Open without pause, as crypto markets are.
    Always,
}

/// A name that is no calendar.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no calendar `{0}`; the calendars are `fx`, `xnys` and `always`")]
pub struct UnknownCalendar(pub String);

/// A stretch of time without a pause in which a market is open: `open <= t < close`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Session {
    /// The first instant at which the market is open.
    pub open: DateTime<Utc>,
    /// The first instant at which it is closed again.
    pub close: DateTime<Utc>,
}

/// The beginning or the end of a session.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Side {
    /// The first instant at which the market is open.
    Open,
    /// The first instant at which it is closed again.
    Close,
}

impl Session {
    /// When it opens or closes.
    pub const fn at(&self, side: Side) -> DateTime<Utc> {
        match side {
            Side::Open => self.open,
            Side::Close => self.close,
        }
    }
}

/// Sessions of [`Calendar::Fx`] and [`Calendar::Xnys`] are known from 1970 to 2100; before and after
/// these years the markets count as closed.
impl Calendar {
    /// Every calendar, in the order in which they are listed to people.
    pub const ALL: [Self; 3] = [Self::Fx, Self::Xnys, Self::Always];

    /// Whether the market is open at `instant`. Open includes the opening and not the close.
    pub fn is_open(self, instant: DateTime<Utc>) -> bool {
        self.session_at_or_after(instant).is_some_and(|session| session.open <= instant)
    }

    /// The sessions that overlap `from..to`, in order, whole and not cut to the range.
    ///
    /// [`Calendar::Always`] answers with days of UTC, one touching the next.
    pub fn sessions(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Sessions {
        Sessions { calendar: self, from, to }
    }

    /// The session that holds `instant`, else the first one after it.
    pub fn session_at_or_after(self, instant: DateTime<Utc>) -> Option<Session> {
        match Timeline::of(self) {
            Some(timeline) => timeline.get(timeline.place(instant)),
            None => day_of_utc(instant),
        }
    }

    /// The last session that closed at or before `instant`.
    pub fn session_before(self, instant: DateTime<Utc>) -> Option<Session> {
        match Timeline::of(self) {
            Some(timeline) => timeline.get(timeline.place(instant).checked_sub(1)?),
            None => day_of_utc(instant.checked_sub_signed(TimeDelta::days(1))?),
        }
    }

    /// The first opening after `instant`; `None` for a market that never closes.
    pub fn next_open(self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Timeline::of(self)?.next(Side::Open, instant)
    }

    /// The first close after `instant`; `None` for a market that never closes.
    pub fn next_close(self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Timeline::of(self)?.next(Side::Close, instant)
    }

    /// The last opening before `instant`; `None` for a market that never closes.
    pub fn previous_open(self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Timeline::of(self)?.previous(Side::Open, instant)
    }

    /// The last close before `instant`; `None` for a market that never closes.
    pub fn previous_close(self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Timeline::of(self)?.previous(Side::Close, instant)
    }

    /// How long the market is open in `from..to`; negative when `to` lies before `from`.
    pub fn market_time_between(self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        match Timeline::of(self) {
            Some(timeline) => timeline.open_until(to) - timeline.open_until(from),
            None => to - from,
        }
    }

    /// The first instant at which the market has been open for `duration` since `from`.
    ///
    /// Four hours from Friday 15:00 in New York end on Sunday at 19:00; two hours end at the close
    /// on Friday and not at the opening on Sunday. A duration of zero ends at `from`. A negative one
    /// goes back to the last instant from which the market is open for that long until `from`: two
    /// hours back from Sunday 19:00 is the opening at 17:00, and not the close on Friday.
    /// Beyond the sessions that are known (1970 to 2100) the answer is chrono's first or last
    /// instant.
    pub fn add_market_time(self, from: DateTime<Utc>, duration: TimeDelta) -> DateTime<Utc> {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let end = if duration < TimeDelta::zero() { first } else { last };
        let Some(timeline) = Timeline::of(self) else {
            return from.checked_add_signed(duration).unwrap_or(end);
        };
        if duration == TimeDelta::zero() {
            return from;
        }
        let Some(open) = timeline.open_until(from).checked_add(&duration) else { return end };
        let found = if duration < TimeDelta::zero() {
            timeline.last_after(open)
        } else {
            timeline.first_after(open)
        };
        found.unwrap_or(end)
    }

    /// The market's own day that holds `instant`, when it trades on that day.
    ///
    /// In FX a day begins at 17:00 in New York and takes the name of the day it ends on, so Monday
    /// begins on Sunday. In New York's exchanges it is the date there, the hours of the session
    /// aside; in a market that never closes it is the date in UTC.
    pub fn business_day(self, instant: DateTime<Utc>) -> Option<NaiveDate> {
        /// From 17:00 to midnight.
        const EVENING: TimeDelta = TimeDelta::hours(7);
        let local = || {
            let utc = instant.naive_utc();
            utc.checked_add_offset(New_York.offset_from_utc_datetime(&utc).fix())
        };
        let day = match self {
            Self::Fx => local()?.checked_add_signed(EVENING)?.date(),
            Self::Xnys => local()?.date(),
            Self::Always => instant.date_naive(),
        };
        self.is_business_day(day).then_some(day)
    }

    /// Whether the market trades on `day`: in FX Monday to Friday, in New York's exchanges on
    /// weekdays that are no holiday, short days included.
    pub fn is_business_day(self, day: NaiveDate) -> bool {
        match self {
            Self::Fx => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
            Self::Xnys => {
                // A day of UTC holds the whole session of the same date.
                let midnight = day.and_time(NaiveTime::MIN).and_utc();
                let session = self.session_at_or_after(midnight);
                session.is_some_and(|session| session.open.date_naive() == day)
            }
            Self::Always => true,
        }
    }

    /// The first business day of `day`'s month; `None` when it has none.
    pub fn first_business_day(self, day: NaiveDate) -> Option<NaiveDate> {
        let first = day.with_day(1)?;
        let days = first.iter_days().take_while(|day| day.month() == first.month());
        days.into_iter().find(|day| self.is_business_day(*day))
    }

    /// The last business day of `day`'s month; `None` when it has none.
    pub fn last_business_day(self, day: NaiveDate) -> Option<NaiveDate> {
        let last = day.with_day(u32::from(day.num_days_in_month()))?;
        let days = last.iter_days().rev().take_while(|day| day.month() == last.month());
        days.into_iter().find(|day| self.is_business_day(*day))
    }

    /// The days of `year` on which the market does not keep its usual hours, by date.
    pub fn holidays(self, year: i32) -> Vec<Holiday> {
        match self {
            Self::Fx => holidays::fx(year),
            Self::Xnys => holidays::xnys(year),
            Self::Always => Vec::new(),
        }
    }
}

/// The day of UTC that holds `instant`, as a session.
fn day_of_utc(instant: DateTime<Utc>) -> Option<Session> {
    let open = instant.date_naive().and_time(NaiveTime::MIN).and_utc();
    Some(Session { open, close: open.checked_add_signed(TimeDelta::days(1))? })
}

/// The sessions of a range, in order; see [`Calendar::sessions`].
#[derive(Clone, Debug)]
pub struct Sessions {
    calendar: Calendar,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Iterator for Sessions {
    type Item = Session;

    fn next(&mut self) -> Option<Session> {
        let session = self.calendar.session_at_or_after(self.from)?;
        (self.from < self.to && session.open < self.to).then(|| {
            self.from = session.close;
            session
        })
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fx => "fx",
            Self::Xnys => "xnys",
            Self::Always => "always",
        })
    }
}

impl FromStr for Calendar {
    type Err = UnknownCalendar;

    fn from_str(name: &str) -> Result<Self, UnknownCalendar> {
        Self::ALL
            .into_iter()
            .find(|calendar| calendar.to_string() == name)
            .ok_or_else(|| UnknownCalendar(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
