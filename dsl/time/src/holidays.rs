//! Which days a market does not keep its usual hours: rules and the exceptions to them, as data.

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta, Weekday};

use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};

/// A day on which a market does not keep its usual hours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Holiday {
    /// The day in the market's own zone.
    pub date: NaiveDate,
    /// What people call it.
    pub name: &'static str,
    /// What it does to trading.
    pub kind: HolidayKind,
}

/// What a holiday does to trading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HolidayKind {
    /// No session.
    Closed,
    /// The session ends at this wall-clock time of the market's zone.
    ClosesAt(NaiveTime),
    /// The market is open but nearly empty; the calendar's hours are unchanged.
    Thin,
}

/// 13:00, when the New York exchanges close on a short day.
const ONE_PM: Option<NaiveTime> = NaiveTime::from_hms_opt(13, 0, 0);

/// Days on which the New York exchanges were closed by no rule.
const XNYS_CLOSED: [(i32, u32, u32, &str); 10] = [
    (2001, 9, 11, "September 11"),
    (2001, 9, 12, "September 11"),
    (2001, 9, 13, "September 11"),
    (2001, 9, 14, "September 11"),
    (2004, 6, 11, "mourning for R. Reagan"),
    (2007, 1, 2, "mourning for G. Ford"),
    (2012, 10, 29, "hurricane Sandy"),
    (2012, 10, 30, "hurricane Sandy"),
    (2018, 12, 5, "mourning for G. H. W. Bush"),
    (2025, 1, 9, "mourning for J. Carter"),
];

/// Holidays of the FX week in `year`: thin days, not closed ones.
///
/// Spot FX has no exchange to close it: on 25 December and 1 January some venues quote all day and
/// some stop for New York's hours. So the week stays 24 × 5, and a bar that a provider lacks on
/// such a day is counted as missing, which is what a model will meet too.
pub(crate) fn fx(year: i32) -> Vec<Holiday> {
    [((1, 1), "New Year's Day"), ((12, 25), "Christmas Day")]
        .into_iter()
        .filter_map(|((month, day), name)| {
            let date = NaiveDate::from_ymd_opt(year, month, day)?;
            Some(Holiday { date, name, kind: HolidayKind::Thin })
        })
        .collect()
}

/// Holidays and short days of the New York Stock Exchange in `year`, by date.
///
/// The rules are those in force since 1998 with their later changes; they agree with the
/// `exchange_calendars` package for every day of 2000–2030 (`tests/golden/xnys_days.csv`).
pub(crate) fn xnys(year: i32) -> Vec<Holiday> {
    let mut days: Vec<Holiday> = xnys_closed(year)
        .into_iter()
        .flatten()
        .filter(|(date, _)| !matches!(date.weekday(), Sat | Sun))
        .map(|(date, name)| Holiday { date, name, kind: HolidayKind::Closed })
        .collect();
    for (date, name) in xnys_short(year).into_iter().flatten() {
        let is_closed = days.iter().any(|day| day.date == date);
        if let (false, Some(close)) = (is_closed, ONE_PM) {
            days.push(Holiday { date, name, kind: HolidayKind::ClosesAt(close) });
        }
    }
    days.sort_by_key(|day| day.date);
    days
}

type Named = Option<(NaiveDate, &'static str)>;

fn xnys_closed(year: i32) -> Vec<Named> {
    let on = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let named = |date: Option<NaiveDate>, name| date.map(|date| (date, name));
    let nth = |month, weekday, n| NaiveDate::from_weekday_of_month_opt(year, month, weekday, n);
    // A New Year's Day on a Saturday is not moved to the Friday: that day ends the year's books.
    let new_year = on(1, 1).map(|day| if day.weekday() == Sun { next(day) } else { day });
    let last_monday_of_may = nth(5, Mon, 5).or_else(|| nth(5, Mon, 4));
    let mut days = vec![
        named(new_year, "New Year's Day"),
        named(nth(1, Mon, 3), "Martin Luther King Jr. Day"),
        named(nth(2, Mon, 3), "Washington's Birthday"),
        named(good_friday(year), "Good Friday"),
        named(last_monday_of_may, "Memorial Day"),
        named(on(7, 4).map(observed), "Independence Day"),
        named(nth(9, Mon, 1), "Labor Day"),
        named(nth(11, Thu, 4), "Thanksgiving"),
        named(on(12, 25).map(observed), "Christmas Day"),
    ];
    if year >= 2022 {
        days.push(named(on(6, 19).map(observed), "Juneteenth"));
    }
    let once = XNYS_CLOSED.iter().filter(|(of, ..)| *of == year);
    days.extend(once.map(|&(_, month, day, name)| named(on(month, day), name)));
    days
}

fn xnys_short(year: i32) -> Vec<Named> {
    let on = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let when = |date: Option<NaiveDate>, weekdays: &[Weekday], name| {
        date.filter(|date| weekdays.contains(&date.weekday())).map(|date| (date, name))
    };
    let thanksgiving = NaiveDate::from_weekday_of_month_opt(year, 11, Thu, 4);
    // Until 2012 a Thursday's Independence Day shortened the Friday after it, since then the
    // Wednesday before.
    let independence: &[Weekday] =
        if year < 2013 { &[Mon, Tue, Thu] } else { &[Mon, Tue, Wed, Thu] };
    let mut days = vec![
        when(on(7, 3), independence, "day before Independence Day"),
        when(thanksgiving.map(next), &[Fri], "day after Thanksgiving"),
        when(on(12, 24), &[Mon, Tue, Wed, Thu], "Christmas Eve"),
    ];
    if year < 2013 {
        days.push(when(on(7, 5), &[Fri], "day after Independence Day"));
    }
    if year == 2003 {
        days.push(when(on(12, 26), &[Fri], "day after Christmas"));
    }
    days
}

/// The working day on which a holiday is kept: Friday for a Saturday, Monday for a Sunday.
fn observed(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Sat => day.pred_opt().unwrap_or(day),
        Sun => next(day),
        _ => day,
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// The Friday before Easter Sunday of the Gregorian calendar.
fn good_friday(year: i32) -> Option<NaiveDate> {
    // The anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8).
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let sun = century - (century + 8) / 25 + 1;
    let full_moon = (19 * golden + century - century / 4 - sun / 3 + 15) % 30;
    let to_sunday =
        (32 + 2 * (century % 4) + 2 * (of_century / 4) - full_moon - of_century % 4) % 7;
    let late = (golden + 11 * full_moon + 22 * to_sunday) / 451;
    let ordinal = full_moon + to_sunday - 7 * late + 114;
    let month = u32::try_from(ordinal / 31).ok()?;
    let day = u32::try_from(ordinal % 31 + 1).ok()?;
    NaiveDate::from_ymd_opt(year, month, day)?.checked_sub_signed(TimeDelta::days(2))
}

#[cfg(test)]
mod tests;
