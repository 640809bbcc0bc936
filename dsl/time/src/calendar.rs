//! Market calendars: when a market is open, and how much open time lies between two instants.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveTime, Offset as _, TimeDelta, TimeZone as _, Utc,
    Weekday,
};
use chrono_tz::America::New_York;

use crate::holidays::{self, Holiday, HolidayKind};
use crate::zone::resolve_local;

/// When a market is open.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Calendar {
    /// Spot FX: Sunday 17:00 to Friday 17:00 in New York, 24 hours on each of five days.
    ///
    /// The week has 120 hours, and the weekend 48, or 47 and 49 when New York's clocks change.
    /// 25 December and 1 January are [`HolidayKind::Thin`]: open here, marked for people. A
    /// provider that pauses on them lacks bars, and the quality check counts those as missing: in
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

    /// The first opening after `instant`; `None` for a market that never closes.
    pub fn next_open(self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self == Self::Always {
            return None;
        }
        self.sessions(instant, DateTime::<Utc>::MAX_UTC)
            .map(|session| session.open)
            .find(|open| *open > instant)
    }

    /// The first close after `instant`; `None` for a market that never closes.
    pub fn next_close(self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self == Self::Always {
            return None;
        }
        self.session_at_or_after(instant).map(|session| session.close)
    }

    /// How long the market is open in `from..to`; negative when `to` lies before `from`.
    pub fn market_time_between(self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        if to < from {
            return -self.market_time_between(to, from);
        }
        if self == Self::Always {
            return to - from;
        }
        self.sessions(from, to)
            .map(|session| session.close.min(to) - session.open.max(from))
            .fold(TimeDelta::zero(), |sum, open| sum + open)
    }

    /// The first instant at which the market has been open for `duration` since `from`.
    ///
    /// Four hours from Friday 15:00 in New York end on Sunday at 19:00; two hours end at the close
    /// on Friday and not at the opening on Sunday. A duration of zero or less ends at `from`.
    /// Beyond the end of chrono's calendar (year 262,000) the answer is its last instant.
    pub fn add_market_time(self, from: DateTime<Utc>, duration: TimeDelta) -> DateTime<Utc> {
        if duration <= TimeDelta::zero() {
            return from;
        }
        if self == Self::Always {
            return from.checked_add_signed(duration).unwrap_or(DateTime::<Utc>::MAX_UTC);
        }
        let mut left = duration;
        for session in self.sessions(from, DateTime::<Utc>::MAX_UTC) {
            let begin = session.open.max(from);
            let open = session.close - begin;
            if left <= open {
                return begin + left;
            }
            left -= open;
        }
        DateTime::<Utc>::MAX_UTC
    }

    /// The opening times of the bars that should exist in `from..to`, in order.
    ///
    /// Bars of a `timeframe` are laid end to end from the opening of their session, so those of
    /// 4 h and 1 d in FX begin at 17:00 in New York; the last bar of a session may be cut short by
    /// the close. Bars of [`Calendar::Always`] lie on multiples of the timeframe since 1970 in UTC.
    /// A timeframe of zero or less has no bars.
    pub fn expected_bars(
        self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        timeframe: TimeDelta,
    ) -> ExpectedBars {
        ExpectedBars { calendar: self, at: from, to, timeframe }
    }

    /// How many bars should exist with an opening time in `from..to`.
    pub fn bars_between(
        self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        timeframe: TimeDelta,
    ) -> usize {
        self.expected_bars(from, to, timeframe).count()
    }

    /// Bars in a year without holidays: FX 1 h 6,240, 4 h 1,560, 1 d 260; crypto 1 h 8,760;
    /// XNYS 1 h 1,764 (seven a session, the last of half an hour), 1 d 252.
    ///
    /// The factor that turns a figure per bar into one per year. NaN for a timeframe of zero or
    /// less.
    pub fn bars_per_year(self, timeframe: TimeDelta) -> f64 {
        if timeframe <= TimeDelta::zero() {
            return f64::NAN;
        }
        let bars_in = |hours: f64| hours * 3_600.0 / timeframe.as_seconds_f64();
        match self {
            Self::Fx => 52.0 * bars_in(120.0).ceil(),
            Self::Xnys => 252.0 * bars_in(6.5).ceil(),
            Self::Always => bars_in(365.0 * 24.0),
        }
    }

    /// The days of `year` on which the market does not keep its usual hours, by date.
    pub fn holidays(self, year: i32) -> Vec<Holiday> {
        match self {
            Self::Fx => holidays::fx(year),
            Self::Xnys => holidays::xnys(year),
            Self::Always => Vec::new(),
        }
    }

    /// The session that holds `instant`, else the first one after it.
    fn session_at_or_after(self, instant: DateTime<Utc>) -> Option<Session> {
        /// The longest run of days without a session: five with 11 September 2001, and one more
        /// because the instant's own day may be over.
        const DAYS_MAX: usize = 10;
        let utc = instant.naive_utc();
        let today = match self {
            Self::Fx | Self::Xnys => {
                utc.checked_add_offset(New_York.offset_from_utc_datetime(&utc).fix())?.date()
            }
            Self::Always => utc.date(),
        };
        // In FX the session of a day may have begun up to five days before.
        let first_day = match self {
            Self::Fx => today.week(Weekday::Sun).checked_first_day()?,
            Self::Xnys | Self::Always => today,
        };
        first_day
            .iter_days()
            .take(DAYS_MAX)
            .filter_map(|day| self.session_opening_on(day))
            .find(|session| session.close > instant)
    }

    /// The session that opens on `day` of the market's zone.
    fn session_opening_on(self, day: NaiveDate) -> Option<Session> {
        match self {
            Self::Fx if day.weekday() == Weekday::Sun => {
                let friday = day.checked_add_signed(TimeDelta::days(5))?;
                let five = NaiveTime::from_hms_opt(17, 0, 0)?;
                Some(Session { open: new_york(day, five)?, close: new_york(friday, five)? })
            }
            Self::Fx => None,
            Self::Xnys => xnys_session(day),
            Self::Always => {
                let open = day.and_time(NaiveTime::MIN).and_utc();
                Some(Session { open, close: open.checked_add_signed(TimeDelta::days(1))? })
            }
        }
    }
}

fn xnys_session(day: NaiveDate) -> Option<Session> {
    if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        return None;
    }
    let holiday = holidays::xnys(day.year()).into_iter().find(|holiday| holiday.date == day);
    let close = match holiday.map(|holiday| holiday.kind) {
        Some(HolidayKind::Closed) => return None,
        Some(HolidayKind::ClosesAt(early)) => early,
        Some(HolidayKind::Thin) | None => NaiveTime::from_hms_opt(16, 0, 0)?,
    };
    let open = NaiveTime::from_hms_opt(9, 30, 0)?;
    Some(Session { open: new_york(day, open)?, close: new_york(day, close)? })
}

fn new_york(day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    Some(resolve_local(day.and_time(time), New_York)?.first())
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

/// The opening times of bars, in order; see [`Calendar::expected_bars`].
#[derive(Clone, Debug)]
pub struct ExpectedBars {
    calendar: Calendar,
    /// No bar before this instant is left to answer.
    at: DateTime<Utc>,
    to: DateTime<Utc>,
    timeframe: TimeDelta,
}

impl ExpectedBars {
    /// The first multiple of the timeframe since `origin` at or after `self.at`.
    fn first_since(&self, origin: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let step = self.timeframe.num_microseconds().filter(|step| *step > 0)?;
        let passed = (self.at - origin).num_microseconds()?;
        let into = passed.rem_euclid(step);
        let wait = if into == 0 { 0 } else { step - into };
        self.at.checked_add_signed(TimeDelta::microseconds(wait))
    }

    fn first_left(&self) -> Option<DateTime<Utc>> {
        if self.calendar == Calendar::Always {
            return self.first_since(DateTime::UNIX_EPOCH);
        }
        let session = self.calendar.session_at_or_after(self.at)?;
        if self.at <= session.open {
            return Some(session.open);
        }
        match self.first_since(session.open)? {
            open if open < session.close => Some(open),
            _ => self.calendar.next_open(self.at),
        }
    }
}

impl Iterator for ExpectedBars {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        if self.at >= self.to || self.timeframe <= TimeDelta::zero() {
            return None;
        }
        let open = self.first_left().filter(|open| *open < self.to)?;
        self.at = open.checked_add_signed(TimeDelta::microseconds(1))?;
        Some(open)
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
