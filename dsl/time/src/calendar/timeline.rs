//! Every session of a market in one sorted list, so that questions are binary searches.

use std::sync::LazyLock;

use chrono::{
    DateTime, Datelike as _, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday,
};
use chrono_tz::America::New_York;

use super::{Calendar, Session, Side};
use crate::holidays::{self, HolidayKind};
use crate::zone::resolve_local;

/// The years whose sessions are known, from the beginning of the first to the end of the last.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 1970..=2100;

const NINE_THIRTY: Option<NaiveTime> = NaiveTime::from_hms_opt(9, 30, 0);
const FOUR_PM: Option<NaiveTime> = NaiveTime::from_hms_opt(16, 0, 0);
const FIVE_PM: Option<NaiveTime> = NaiveTime::from_hms_opt(17, 0, 0);

/// The sessions of one market.
///
/// Invariant: sessions are sorted and do not overlap; `open_before` is as long as `sessions`, and
/// holds for each the time that the market was open before it.
#[derive(Debug)]
pub(super) struct Timeline {
    sessions: Vec<Session>,
    open_before: Vec<TimeDelta>,
}

static FX: LazyLock<Timeline> = LazyLock::new(|| Timeline::new(YEARS.flat_map(fx_sessions)));
static XNYS: LazyLock<Timeline> = LazyLock::new(|| Timeline::new(YEARS.flat_map(xnys_sessions)));

impl Timeline {
    /// The sessions of `calendar`; `None` for a market that never closes.
    pub(super) fn of(calendar: Calendar) -> Option<&'static Self> {
        match calendar {
            Calendar::Fx => Some(&FX),
            Calendar::Xnys => Some(&XNYS),
            Calendar::Always => None,
        }
    }

    fn new(sessions: impl Iterator<Item = Session>) -> Self {
        let sessions: Vec<Session> = sessions.collect();
        let mut open = TimeDelta::zero();
        let mut before = |session: &Session| {
            let before = open;
            open += session.close - session.open;
            before
        };
        let open_before = sessions.iter().map(&mut before).collect();
        Self { sessions, open_before }
    }

    /// The place of the first session that closes after `instant`: the one that holds it, else the
    /// next. As many as there are sessions when there is none.
    pub(super) fn place(&self, instant: DateTime<Utc>) -> usize {
        self.sessions.partition_point(|session| session.close <= instant)
    }

    pub(super) fn get(&self, place: usize) -> Option<Session> {
        self.sessions.get(place).copied()
    }

    /// The first opening or close after `instant`.
    pub(super) fn next(&self, side: Side, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let place = self.sessions.partition_point(|session| session.at(side) <= instant);
        self.get(place).map(|session| session.at(side))
    }

    /// The last opening or close before `instant`.
    pub(super) fn previous(&self, side: Side, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let place = self.sessions.partition_point(|session| session.at(side) < instant);
        self.get(place.checked_sub(1)?).map(|session| session.at(side))
    }

    /// How long the market was open from the first session to `instant`.
    pub(super) fn open_until(&self, instant: DateTime<Utc>) -> TimeDelta {
        let place = self.place(instant);
        match (self.get(place), self.open_before.get(place)) {
            (Some(session), Some(before)) => {
                *before + (instant - session.open).max(TimeDelta::zero())
            }
            _ => self.all(),
        }
    }

    /// The first instant until which the market was open for `open`, counted as in
    /// [`open_until`](Self::open_until); `None` when it never is.
    pub(super) fn first_after(&self, open: TimeDelta) -> Option<DateTime<Utc>> {
        // The last session that begins with less: at a close exactly, that close and not the
        // opening after it.
        let place = self.open_before.partition_point(|before| *before < open).checked_sub(1)?;
        let end = self.instant(place, open)?;
        (end <= self.get(place)?.close).then_some(end)
    }

    /// The last instant until which the market was open for `open` and no more.
    pub(super) fn last_after(&self, open: TimeDelta) -> Option<DateTime<Utc>> {
        let place = self.open_before.partition_point(|before| *before <= open).checked_sub(1)?;
        (open >= TimeDelta::zero()).then(|| self.instant(place, open)).flatten()
    }

    /// The instant at which the session at `place` has seen the market open for `open`.
    fn instant(&self, place: usize, open: TimeDelta) -> Option<DateTime<Utc>> {
        let into = open - *self.open_before.get(place)?;
        self.get(place)?.open.checked_add_signed(into)
    }

    /// How long the market is open in all.
    fn all(&self) -> TimeDelta {
        match (self.sessions.last(), self.open_before.last()) {
            (Some(session), Some(before)) => *before + (session.close - session.open),
            _ => TimeDelta::zero(),
        }
    }
}

/// The FX weeks that begin in `year`: each is one session of 120 hours.
fn fx_sessions(year: i32) -> impl Iterator<Item = Session> {
    let sundays = days(year).filter(|day| day.weekday() == Weekday::Sun);
    sundays.filter_map(|sunday| {
        let friday = sunday.checked_add_signed(TimeDelta::days(5))?;
        Some(Session { open: new_york(sunday, FIVE_PM?)?, close: new_york(friday, FIVE_PM?)? })
    })
}

/// The days of `year` on which the New York exchanges trade, holidays and short days heeded.
fn xnys_sessions(year: i32) -> impl Iterator<Item = Session> {
    let holidays = holidays::xnys(year);
    let weekdays = days(year).filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    weekdays.filter_map(move |day| {
        let holiday = holidays.iter().find(|holiday| holiday.date == day);
        let close = match holiday.map(|holiday| holiday.kind) {
            Some(HolidayKind::Closed) => return None,
            Some(HolidayKind::ClosesAt(early)) => early,
            Some(HolidayKind::Thin) | None => FOUR_PM?,
        };
        Some(Session { open: new_york(day, NINE_THIRTY?)?, close: new_york(day, close)? })
    })
}

fn days(year: i32) -> impl Iterator<Item = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, 1, 1);
    let days = first.into_iter().flat_map(|day| day.iter_days());
    days.take_while(move |day| day.year() == year)
}

/// The instant at which New York's clocks first show `time` on `day`.
fn new_york(day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    let local = day.and_time(time);
    // Sessions begin and end by day, when clocks are not changed, so one answer is the rule; and
    // asking chrono first spares tens of thousands of searches for a gap.
    let once = New_York.from_local_datetime(&local).single().map(|instant| instant.to_utc());
    once.or_else(|| Some(resolve_local(local, New_York)?.first()))
}
