//! What a series is, at a glance: what `suho data describe` shows.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Datelike as _, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use suho_time::Calendar;

use crate::bars::Bars;
use crate::labels::span;
use crate::quality::{Check, QualityReport, QualityRules, judge};

/// What a series is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Description {
    /// What is priced.
    pub symbol: String,
    /// Length of a bar in µs.
    pub timeframe_us: i64,
    /// How many rows there are, good and bad.
    pub rows: usize,
    /// The earliest opening time; none without rows.
    pub first: Option<DateTime<Utc>>,
    /// The latest opening time; none without rows.
    pub last: Option<DateTime<Utc>>,
    /// The lowest and the highest price; none without finite ones.
    pub prices: Option<PriceRange>,
    /// Rows with a volume.
    pub volumes: usize,
    /// Whether there is a spread.
    pub has_spread: bool,
    /// The years that the series touches, by UTC.
    pub years: Vec<YearCount>,
    /// What each quality check finds, nothing repaired.
    pub quality: QualityReport,
}

/// The lowest and the highest price.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct PriceRange {
    /// The lowest low.
    pub low: f64,
    /// The highest high.
    pub high: f64,
}

/// The bars of one year.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct YearCount {
    /// The year.
    pub year: i32,
    /// Rows that open in it.
    pub rows: usize,
    /// Bars that the calendar expects in it, from the first row to the last.
    pub expected: usize,
}

/// Describes `bars` under `calendar`; their quality is that of `limits` with nothing repaired.
///
/// The bars may be in any state: this is for looking at what one has.
pub fn describe(bars: &Bars, calendar: Calendar, rules: &QualityRules) -> Description {
    let at = |time: Option<&i64>| DateTime::from_timestamp_micros(*time?);
    let (first, last) = (at(bars.time.iter().min()), at(bars.time.iter().max()));
    let finite = |values: &'_ [f64]| -> Vec<f64> {
        values.iter().copied().filter(|value| value.is_finite()).collect()
    };
    let low = finite(&bars.low).into_iter().reduce(f64::min);
    let high = finite(&bars.high).into_iter().reduce(f64::max);
    // Checked as it is: a repair would be of other bars than one has.
    let (_, quality) = judge(bars.clone(), calendar, &rules.without_repairs());
    Description {
        symbol: bars.symbol.clone(),
        timeframe_us: bars.timeframe.num_microseconds().unwrap_or(i64::MAX),
        rows: bars.len(),
        first,
        last,
        prices: low.zip(high).map(|(low, high)| PriceRange { low, high }),
        volumes: bars.volume.iter().filter(|volume| volume.is_finite()).count(),
        has_spread: bars.spread.is_some(),
        years: first
            .zip(last)
            .map_or_else(Vec::new, |(first, last)| years(bars, calendar, first, last)),
        quality,
    }
}

fn years(
    bars: &Bars,
    calendar: Calendar,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
) -> Vec<YearCount> {
    let mut rows: BTreeMap<i32, usize> = BTreeMap::new();
    for open in bars.time.iter().filter_map(|time| DateTime::from_timestamp_micros(*time)) {
        *rows.entry(open.year()).or_default() += 1;
    }
    let end = last.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(last);
    let begin = |year: i32| {
        let january = chrono::NaiveDate::from_ymd_opt(year, 1, 1)?;
        Some(january.and_time(chrono::NaiveTime::MIN).and_utc())
    };
    let of_year = |year: i32| {
        let from = begin(year).unwrap_or(first).max(first);
        let to = begin(year + 1).unwrap_or(end).min(end);
        // By open time and not one by one: a bar of a second would take a while.
        let open = calendar.market_time_between(from, to).num_microseconds().unwrap_or(0);
        let bar = bars.timeframe.num_microseconds().filter(|bar| *bar > 0).unwrap_or(i64::MAX);
        let about = open / bar + i64::from(open % bar > 0);
        YearCount {
            year,
            rows: rows.get(&year).copied().unwrap_or(0),
            expected: usize::try_from(about).unwrap_or(0),
        }
    };
    (first.year()..=last.year()).map(of_year).collect()
}

impl Description {
    /// The bars that the calendar expects and that are not there.
    pub fn missing(&self) -> usize {
        let missing = self.quality.checks.iter().find(|check| check.name == Check::Missing);
        missing.map_or(0, |check| check.found)
    }
}

/// A page for people.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timeframe = span(TimeDelta::microseconds(self.timeframe_us));
        writeln!(f, "{} {timeframe}, {} rows", self.symbol, self.rows)?;
        if let (Some(first), Some(last)) = (self.first, self.last) {
            let shown = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            writeln!(f, "span    {} to {}", shown(first), shown(last))?;
        }
        if let Some(PriceRange { low, high }) = self.prices {
            writeln!(f, "prices  {low} to {high}")?;
        }
        let spread = if self.has_spread { "yes" } else { "no" };
        writeln!(f, "volume  {} of {} rows, spread {spread}", self.volumes, self.rows)?;
        for YearCount { year, rows, expected } in &self.years {
            writeln!(f, "{year}    {rows} rows of {expected} expected")?;
        }
        write!(f, "{}", self.quality)
    }
}

#[cfg(test)]
mod tests;
