//! Bars from files: what is shared by Parquet and CSV.
//!
//! Reading changes nothing: bars come as they stand in the file, also when they are out of order,
//! repeated or without a price. Whether that is acceptable is for the quality check to say, which
//! names the row and the time.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

mod csv;
mod error;
mod files;
mod meant;
mod parquet;
mod pattern;
mod read;
mod table;
mod time;

pub use self::csv::read_csv;
pub use self::error::{Place, SourceError};
pub use self::files::{Files, LocalFiles};
pub use self::parquet::read_parquet;
pub(crate) use self::parquet::{read_bars as read_parquet_bars, read_batches};
pub use self::read::{BarsRead, FileFormat, FileRead, Reading, read_files};
pub use self::table::{Queries, QueryError, Table, TableColumn};

/// Most bars that are read: a hundred years of minutes. Beyond it a file is a mistake or a trap.
pub const BARS_MAX: usize = 50_000_000;

/// A column of a file of bars.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Column {
    /// Opening time. Required.
    Time,
    /// First price. Required.
    Open,
    /// Highest price. Required.
    High,
    /// Lowest price. Required.
    Low,
    /// Last price. Required.
    Close,
    /// Volume or number of ticks. NaN where the file has none.
    Volume,
    /// Ask minus bid at the close. None where the file has none.
    Spread,
    /// What is priced, in a file of several symbols: only the rows of the one that is read count.
    Symbol,
    /// Length of a bar, in a file of several: only the rows of the one that is read count.
    Timeframe,
}

impl Column {
    /// Every column, in the order in which they are written.
    pub const ALL: [Self; 9] = [
        Self::Time,
        Self::Open,
        Self::High,
        Self::Low,
        Self::Close,
        Self::Volume,
        Self::Spread,
        Self::Symbol,
        Self::Timeframe,
    ];

    /// The name it goes by unless another is given.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::Spread => "spread",
            Self::Symbol => "symbol",
            Self::Timeframe => "timeframe",
        }
    }

    const fn is_required(self) -> bool {
        matches!(self, Self::Time | Self::Open | Self::High | Self::Low | Self::Close)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which name each column has in a file; upper and lower case are the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ColumnNames(BTreeMap<Column, String>);

impl ColumnNames {
    /// Our own names: `time`, `open`, `high`, `low`, `close`, `volume`, `spread`, `symbol`,
    /// `timeframe`.
    pub const fn standard() -> Self {
        Self(BTreeMap::new())
    }

    /// The same with `column` called `name`; a column that is named must be there.
    #[must_use]
    pub fn with(mut self, column: Column, name: &str) -> Self {
        self.0.insert(column, name.to_owned());
        self
    }

    /// What `column` is called in the file.
    pub fn name(&self, column: Column) -> &str {
        self.0.get(&column).map_or_else(|| column.name(), String::as_str)
    }

    /// Where in `header` each column is that is there.
    fn places(&self, header: &[String], path: &Path) -> Result<Vec<(Column, usize)>, SourceError> {
        let mut places = Vec::new();
        for column in Column::ALL {
            if let Some(place) = self.find(column, header, path)? {
                places.push((column, place));
            }
        }
        Ok(places)
    }

    /// Where in `header` a column is; `None` when it is optional and not there.
    fn find(
        &self,
        column: Column,
        header: &[String],
        path: &Path,
    ) -> Result<Option<usize>, SourceError> {
        let wanted = self.name(column);
        let is_wanted = |name: &String| name.trim().eq_ignore_ascii_case(wanted);
        let place = header.iter().position(is_wanted);
        if header.iter().filter(|name| is_wanted(name)).count() > 1 {
            let (path, name) = (path.to_owned(), wanted.to_owned());
            return Err(SourceError::ColumnTwice { path, name });
        }
        if place.is_none() && (column.is_required() || self.0.contains_key(&column)) {
            return Err(SourceError::ColumnMissing {
                path: path.to_owned(),
                column,
                wanted: wanted.to_owned(),
                there: header.to_vec(),
                nearest: nearest(wanted, header),
            });
        }
        Ok(place)
    }
}

/// The name in `header` that `wanted` may have been meant to be.
fn nearest(wanted: &str, header: &[String]) -> Option<String> {
    /// Below this likeness (0 to 1) a suggestion confuses more than it helps.
    const LIKENESS_MIN: f64 = 0.75;
    let likeness = |name: &String| strsim::jaro(&wanted.to_lowercase(), &name.to_lowercase());
    header
        .iter()
        .map(|name| (likeness(name), name))
        .filter(|(likeness, name)| *likeness >= LIKENESS_MIN && !name.contains(char::is_control))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
}

#[cfg(test)]
mod tests;
