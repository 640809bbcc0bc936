//! What the market's calendar says of each bar: gaps, trading days, rollovers.
//!
//! A trading day ends at 17:00 in New York. In the currency market a position held over that hour is
//! rolled over: once a weekday, three times on Wednesdays, whose value date jumps the weekend.
//! Elsewhere every night counts once.

use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, Utc, Weekday};
use suho_backtest::BarCalendar;
use suho_domain::Fault;
use suho_step::StepError;
use suho_time::{Calendar, parse_zone, resolve_local};

use crate::failure;

/// The hour at which a trading day ends, in [`ZONE`].
const ROLLOVER_HOUR: u32 = 17;
const ZONE: &str = "America/New_York";

/// The entry of each bar, from the opening times of the bars, in order.
///
/// The first bar follows none and has no entry of its own: nothing is carried into it.
pub(crate) fn bar_calendar(
    calendar: Calendar,
    opens: &[DateTime<Utc>],
) -> Result<Vec<BarCalendar>, StepError> {
    let mut entries = vec![BarCalendar::default(); opens.len().min(1)];
    for pair in opens.windows(2) {
        if let [before, open] = pair {
            let nights = nights(*before, *open)?;
            let rollovers = nights.iter().map(|day| rollovers(calendar, *day)).sum::<usize>();
            entries.push(BarCalendar {
                is_after_gap: calendar.next_close(*before).is_some_and(|close| close <= *open),
                starts_day: !nights.is_empty(),
                rollovers: u8::try_from(rollovers).unwrap_or(u8::MAX),
            });
        }
    }
    Ok(entries)
}

/// The days whose end lies after `before` and not after `open`.
fn nights(before: DateTime<Utc>, open: DateTime<Utc>) -> Result<Vec<Weekday>, StepError> {
    /// Nights that a gap in the bars can have at most: beyond a year the data are not one series.
    const NIGHTS_MAX: usize = 366;
    let zone = parse_zone(ZONE).map_err(|e| failure::of(Fault::Bug, "no-zone", &e))?;
    let ends = NaiveTime::from_hms_opt(ROLLOVER_HOUR, 0, 0).unwrap_or(NaiveTime::MIN);
    let first = before.with_timezone(&zone).date_naive();
    let days = first.iter_days().take(NIGHTS_MAX).map_while(|day| {
        let end = resolve_local(day.and_time(ends), zone)?.first();
        (end <= open).then_some((day.weekday(), end))
    });
    Ok(days.filter(|(_, end)| *end > before).map(|(day, _)| day).collect())
}

/// How often a position is rolled over at the end of `day`.
fn rollovers(calendar: Calendar, day: Weekday) -> usize {
    match (calendar, day) {
        (Calendar::Fx, Weekday::Sat | Weekday::Sun) => 0,
        (Calendar::Fx, Weekday::Wed) => 3,
        _ => 1,
    }
}

/// The length of a bar.
pub(crate) fn bar_length(timeframe: suho_domain::Timeframe) -> TimeDelta {
    TimeDelta::minutes(i64::from(timeframe.minutes()))
}

#[cfg(test)]
mod tests;
