//! Bars from files: what is shared by Parquet and CSV.
//!
//! Reading changes nothing: bars come as they stand in the file, also when they are out of order,
//! repeated or without a price. Whether that is acceptable is for the quality check to say, which
//! names the row and the time.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use suho_domain::Fault;

mod csv;
mod parquet;
mod time;

pub use self::csv::read_csv;
pub(crate) use self::parquet::read_batches;
pub use self::parquet::read_parquet;

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
}

impl Column {
    /// Every column, in the order in which they are written.
    pub const ALL: [Self; 7] =
        [Self::Time, Self::Open, Self::High, Self::Low, Self::Close, Self::Volume, Self::Spread];

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
        }
    }

    const fn is_required(self) -> bool {
        !matches!(self, Self::Volume | Self::Spread)
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
    /// Our own names: `time`, `open`, `high`, `low`, `close`, `volume`, `spread`.
    pub const fn standard() -> Self {
        Self(BTreeMap::new())
    }

    /// The same with `column` called `name`; a column that is named must be there.
    #[must_use]
    pub fn with(mut self, column: Column, name: &str) -> Self {
        self.0.insert(column, name.to_owned());
        self
    }

    fn name(&self, column: Column) -> &str {
        self.0.get(&column).map_or_else(|| column.name(), String::as_str)
    }

    /// Where in `header` a column is; `None` when it is optional and not there.
    fn find(
        &self,
        column: Column,
        header: &[String],
        path: &Path,
    ) -> Result<Option<usize>, SourceError> {
        let wanted = self.name(column);
        let place = header.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
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
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.clone())
}

/// Why bars could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file is not there.
    #[error("no file `{}`; paths are relative to the folder of `project.suho`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The system would not let the file be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The bytes are no Parquet.
    #[error("`{}` is not a Parquet file; a text file is read with `csv(…)`", path.display())]
    NotParquet {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        #[source]
        source: ::parquet::errors::ParquetError,
    },
    /// A Parquet file that breaks off or contradicts itself.
    #[error("`{}` is damaged; write it again or take another copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// The text is no CSV.
    #[error("`{}` cannot be read as CSV", path.display())]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// What the reader said, with the line.
        #[source]
        source: ::csv::Error,
    },
    /// A column that is needed is not there.
    #[error(
        "`{}` has no column `{wanted}`; it has {}{}",
        path.display(),
        listed(there),
        hint(*column, nearest.as_deref())
    )]
    ColumnMissing {
        /// The file.
        path: PathBuf,
        /// The column that is needed.
        column: Column,
        /// The name that was looked for.
        wanted: String,
        /// The names that the file has.
        there: Vec<String>,
        /// The one of them that is nearest.
        nearest: Option<String>,
    },
    /// A column of something else than numbers or times.
    #[error("column `{name}` of `{}` holds {found}; expected {expected}", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column's name in the file.
        name: String,
        /// The type that it has.
        found: String,
        /// What it could be.
        expected: &'static str,
    },
    /// One value that is not what its column holds.
    #[error(
        "row {row} of `{}`: column `{name}` holds {}; expected {expected}",
        path.display(),
        held(text)
    )]
    Value {
        /// The file.
        path: PathBuf,
        /// The row of data, counted from 1 after the header.
        row: usize,
        /// The column's name in the file.
        name: String,
        /// What stands there; empty for nothing.
        text: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// A header and nothing under it.
    #[error("`{}` has no bars: columns, but no row", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl SourceError {
    /// Only what the system refuses may go better another time.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Unreadable { .. } => Fault::World,
            _ => Fault::User,
        }
    }

    fn csv(path: &Path, error: ::csv::Error) -> Self {
        let path = path.to_owned();
        if !error.is_io_error() {
            return Self::NotCsv { path, source: error };
        }
        Self::Unreadable { path, source: error.into() }
    }

    fn open(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Unreadable { path, source },
        }
    }
}

fn held(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") }
}

fn listed(names: &[String]) -> String {
    if names.iter().all(String::is_empty) {
        return "none at all".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn hint(column: Column, nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => {
            format!("; if `{nearest}` is meant, write `columns = {{ {column} = \"{nearest}\" }}`")
        }
        None => format!("; name the right one with `columns = {{ {column} = \"…\" }}`"),
    }
}

#[cfg(test)]
mod tests;
