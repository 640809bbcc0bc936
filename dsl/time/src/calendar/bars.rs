//! The opening times of bars, and how many there are.

use chrono::{DateTime, TimeDelta, Utc};

use super::Calendar;

/// The opening times of bars, in order; see [`Calendar::expected_bars`].
#[derive(Clone, Debug)]
pub struct ExpectedBars {
    calendar: Calendar,
    /// No bar before this instant is left to answer.
    at: DateTime<Utc>,
    to: DateTime<Utc>,
    timeframe: TimeDelta,
}

impl Calendar {
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
        let count = match self {
            Self::Always => bars_in(DateTime::UNIX_EPOCH, from, to, timeframe),
            Self::Fx | Self::Xnys => self
                .sessions(from, to)
                .map(|session| {
                    bars_in(session.open, session.open.max(from), session.close.min(to), timeframe)
                })
                .sum(),
        };
        usize::try_from(count).unwrap_or(0)
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
}

impl ExpectedBars {
    /// The first multiple of the timeframe since `origin` at or after `self.at`.
    fn first_since(&self, origin: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let passed = bars_before(origin, self.at, self.timeframe)?;
        let micros = passed.checked_mul(self.timeframe.num_microseconds()?)?;
        origin.checked_add_signed(TimeDelta::microseconds(micros))
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

/// How many bars laid from `origin` open in `from..to`; 0 for a timeframe of zero or less, and for
/// spans beyond the 292,000 years that count in microseconds.
fn bars_in(
    origin: DateTime<Utc>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    timeframe: TimeDelta,
) -> i64 {
    let before = |instant| bars_before(origin, instant, timeframe);
    match (before(from), before(to)) {
        (Some(first), Some(end)) if from < to => end - first,
        _ => 0,
    }
}

/// How many bars laid from `origin` open before `instant`, below zero for an instant before it.
fn bars_before(origin: DateTime<Utc>, instant: DateTime<Utc>, timeframe: TimeDelta) -> Option<i64> {
    let step = timeframe.num_microseconds().filter(|step| *step > 0)?;
    let passed = (instant - origin).num_microseconds()?;
    let part = i64::from(passed.rem_euclid(step) > 0);
    Some(passed.div_euclid(step) + part)
}
