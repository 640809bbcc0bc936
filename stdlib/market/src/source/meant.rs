//! Which rows are meant: those of one symbol and one timeframe, however a file writes them.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::TimeDelta;

use super::{Column, SourceError};
use crate::bars::Bars;

/// Whether two texts name the same symbol: `EUR/USD`, `EURUSD` and `eur_usd` do.
pub(super) fn is_symbol(text: &str, symbol: &str) -> bool {
    let plain = |text: &'_ str| -> Vec<char> {
        text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(text) == plain(symbol)
}

/// The length of a bar in words of files: `1h`, `60m`, `60min`, `H1`, `M15`, `1d`, `D1`, `3600`.
///
/// A bare number is minutes up to a day's, 1,440, as trading platforms write it, else seconds.
pub(super) fn timeframe(text: &str) -> Option<TimeDelta> {
    let text = text.trim().to_ascii_lowercase();
    let is_digit = |char: char| char.is_ascii_digit();
    let number: String = text.chars().filter(|char| is_digit(*char)).collect();
    let unit = text.trim_matches(is_digit).trim();
    // The number stands before the unit or after it, in one piece.
    let is_plain = text.starts_with(&number) || text.ends_with(&number);
    let number: i64 = number.parse().ok().filter(|number| is_plain && *number > 0)?;
    match unit {
        "m" | "min" => TimeDelta::try_minutes(number),
        "h" | "hour" => TimeDelta::try_hours(number),
        "d" | "day" => TimeDelta::try_days(number),
        "w" | "week" => TimeDelta::try_weeks(number),
        "" if number <= 1_440 => TimeDelta::try_minutes(number),
        "" | "s" | "sec" => TimeDelta::try_seconds(number),
        _ => None,
    }
}

/// Whether `text` in a column of symbols or timeframes names what `bars` are read as.
pub(super) fn is_meant(column: Column, text: &str, bars: &Bars) -> bool {
    match column {
        Column::Symbol => is_symbol(text, &bars.symbol),
        Column::Timeframe => timeframe(text) == Some(bars.timeframe),
        _ => true,
    }
}

/// What other symbols and timeframes a file has: the first few, for the error when none is meant.
#[derive(Default)]
pub(super) struct Others {
    rows: usize,
    first: Option<(Column, String)>,
    texts: BTreeSet<String>,
}

impl Others {
    /// A row whose `column`, called `name` in the file, holds `text`.
    pub(super) fn add(&mut self, column: Column, name: &str, text: &str) {
        /// Enough to see what is there.
        const TEXTS_MAX: usize = 5;
        self.rows += 1;
        let (first, _) = self.first.get_or_insert_with(|| (column, name.to_owned()));
        if *first == column && self.texts.len() < TEXTS_MAX && !self.texts.contains(text) {
            self.texts.insert(text.to_owned());
        }
    }

    /// That there are bars: else that rows were there, and of what.
    pub(super) fn check(self, bars: &Bars, path: &Path) -> Result<(), SourceError> {
        let path = path.to_owned();
        match self.first {
            _ if !bars.is_empty() => Ok(()),
            None => Err(SourceError::Empty { path }),
            Some((column, name)) => {
                let wanted = match column {
                    Column::Timeframe => crate::labels::span(bars.timeframe),
                    _ => bars.symbol.clone(),
                };
                let there = self.texts.into_iter().collect();
                Err(SourceError::NoSuchRows { path, name, wanted, there })
            }
        }
    }
}

/// That the bars are as far apart as their timeframe says.
///
/// They are not when most are further apart, or when one in twenty is nearer. Of few bars nothing
/// can be said. What this passes, the quality check counts: bars that are missing or twice there.
pub(super) fn check_spacing(bars: &Bars, path: &Path) -> Result<(), SourceError> {
    /// Fewer distances have no usual one.
    const DISTANCES_MIN: usize = 10;
    /// One in so many may be nearer than the timeframe.
    const NEARER_SHARE: usize = 20;
    let Some(timeframe) = bars.timeframe.num_microseconds() else { return Ok(()) };
    let pairs = || bars.time.iter().zip(bars.time.iter().skip(1));
    let distances = || pairs().map(|(a, b)| b.saturating_sub(*a)).filter(|distance| *distance > 0);
    // The usual case, without sorting.
    let (mut all, mut exact, mut nearer) = (0_usize, 0_usize, 0_usize);
    for distance in distances() {
        all += 1;
        exact += usize::from(distance == timeframe);
        nearer += usize::from(distance < timeframe);
    }
    let is_near = nearer * NEARER_SHARE > all;
    if all < DISTANCES_MIN || (!is_near && exact * 2 >= all) {
        return Ok(());
    }
    let mut distances: Vec<i64> = distances().collect();
    distances.retain(|distance| !is_near || *distance < timeframe);
    distances.sort_unstable();
    let groups = distances.chunk_by(|a, b| a == b);
    let Some((count, found)) = groups
        .filter_map(|same| Some((same.len(), *same.first()?)))
        .max_by_key(|(count, found)| (*count, std::cmp::Reverse(*found)))
    else {
        return Ok(());
    };
    let is_other = is_near || (found > timeframe && count * 2 > distances.len());
    if !is_other {
        return Ok(());
    }
    let at = pairs().position(|(a, b)| b.saturating_sub(*a) == found).unwrap_or(0);
    Err(SourceError::Spacing {
        path: path.to_owned(),
        // The second of the two rows, counted from 1.
        row: at + 2,
        found: TimeDelta::microseconds(found),
        timeframe: bars.timeframe,
    })
}
