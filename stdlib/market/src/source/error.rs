//! Why bars could not be read, where in which file, and what to do about it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use suho_domain::Fault;

use super::{Column, time};
use crate::labels::span;

/// Why bars could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file is not there.
    #[error("no file `{}`{}", path.display(), relative(path))]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// No file has a name of that form.
    #[error("no file matches `{pattern}`{}", relative(Path::new(pattern)))]
    NoMatch {
        /// The pattern, with `*` for any part of a name and `**` for any folders.
        pattern: String,
    },
    /// A file whose name does not say what it holds.
    #[error("`{}` is neither `.parquet` nor `.csv`", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// What lies there is no file, and reading it might never end.
    #[error("`{}` is {found}, not a file", path.display())]
    NoFile {
        /// What was named.
        path: PathBuf,
        /// What it is.
        found: &'static str,
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
    /// The object store would not let the files be read.
    #[error("cannot read `{}`", path.display())]
    Refused {
        /// The file, or the beginning of the names that were to be listed.
        path: PathBuf,
        /// Who has to act.
        fault: Fault,
        /// The word by which documentation knows the refusal.
        code: &'static str,
        /// What can be done.
        help: &'static str,
        /// What the store said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
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
    /// The bytes are no text.
    #[error("{} of `{}` is not text in UTF-8", row_of(*row), path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The row of data, counted from 1 after the header; 0 for the header.
        row: usize,
    },
    /// A row of CSV with more or fewer cells than the header.
    #[error("row {row} of `{}` has {cells} cells; the header has {columns}", path.display())]
    RowLength {
        /// The file.
        path: PathBuf,
        /// The row of data, counted from 1 after the header.
        row: usize,
        /// How many cells it has.
        cells: usize,
        /// How many it should have.
        columns: usize,
    },
    /// A quote in CSV that swallows the lines after it.
    #[error(
        "a quote in row {row} of `{}` is not closed: the row reaches over {lines} lines",
        path.display()
    )]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// The row of data, counted from 1 after the header.
        row: usize,
        /// How many lines it has.
        lines: u64,
    },
    /// A column that is needed is not there.
    #[error(
        "`{}` has no column `{wanted}`; it has {}",
        path.display(),
        listed(there)
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
    /// Two columns of one name, of which either may be meant.
    #[error("`{}` has more than one column `{name}`", path.display())]
    ColumnTwice {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
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
    /// More rows than bars can be.
    #[error("`{}` has {rows} rows; at most {max} are read", path.display())]
    TooManyRows {
        /// The file.
        path: PathBuf,
        /// How many it says it has, or how many were read when it was enough.
        rows: u64,
        /// How many may be.
        max: usize,
    },
    /// A column of symbols or timeframes without the one that is read.
    #[error(
        "no row of `{}` has `{wanted}` in its column `{name}`; it has {}",
        path.display(),
        listed(there)
    )]
    NoSuchRows {
        /// The file.
        path: PathBuf,
        /// The column's name in the file.
        name: String,
        /// What was looked for.
        wanted: String,
        /// The first few of what is there.
        there: Vec<String>,
    },
    /// Bars of another length.
    #[error(
        "the bars of `{}` are {} apart, from row {row} on; the timeframe is {}",
        path.display(), span(*found), span(*timeframe)
    )]
    Spacing {
        /// The file.
        path: PathBuf,
        /// The first row of data that is that far after the one before it, counted from 1.
        row: usize,
        /// How far most bars are apart.
        found: TimeDelta,
        /// How far they should be.
        timeframe: TimeDelta,
    },
}

/// Where in which file something is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place<'a> {
    /// The file, or the pattern that no file matches.
    pub path: &'a Path,
    /// The row of data, counted from 1 after the header.
    pub row: Option<usize>,
    /// The column's name in the file.
    pub column: Option<&'a str>,
}

impl SourceError {
    /// Only what the system or a store refuses may go better another time.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Unreadable { .. } => Fault::World,
            Self::Refused { fault, .. } => *fault,
            _ => Fault::User,
        }
    }

    /// The word by which documentation knows the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing-file",
            Self::NoMatch { .. } => "no-file-matches",
            Self::UnknownFormat { .. } => "unknown-format",
            Self::NoFile { .. } => "no-file",
            Self::Unreadable { .. } => "unreadable-file",
            Self::Refused { code, .. } => code,
            Self::NotParquet { .. } => "not-parquet",
            Self::Damaged { .. } => "damaged-file",
            Self::NotText { .. } | Self::RowLength { .. } | Self::OpenQuote { .. } => "not-csv",
            Self::ColumnMissing { .. } => "missing-column",
            Self::ColumnTwice { .. } => "column-twice",
            Self::ColumnType { .. } => "column-type",
            Self::Value { .. } => "bad-value",
            Self::Empty { .. } => "no-bars",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::NoSuchRows { .. } => "no-such-rows",
            Self::Spacing { .. } => "wrong-timeframe",
        }
    }

    /// What can be done, as a line that stands under the sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Missing { .. } => "put the file there, or correct the path in `source`".into(),
            Self::NoMatch { .. } => "correct the pattern in `source`".into(),
            Self::UnknownFormat { .. } => "write `parquet(\"…\")` or `csv(\"…\")`".into(),
            Self::NoFile { .. } => {
                "name a `.parquet` or `.csv` file; a folder of them by a `/` at its end".into()
            }
            Self::Unreadable { .. } => {
                "look whether the file may be read and the disk is well".into()
            }
            Self::Refused { help, .. } => (*help).into(),
            Self::NotParquet { .. } => {
                "write `csv(\"…\")` for a text file, or take another copy".into()
            }
            Self::Damaged { .. } => "write the file again or take another copy".into(),
            Self::NotText { .. } | Self::RowLength { .. } | Self::OpenQuote { .. } => {
                "mend the row, or write `parquet(\"…\")` for Parquet".into()
            }
            Self::ColumnMissing { wanted, nearest, .. } => match nearest {
                Some(nearest) => format!("rename `{nearest}` to `{wanted}` in the file"),
                None => format!("add a column `{wanted}` to the file"),
            },
            Self::ColumnTwice { .. } => "rename one of them in the file".into(),
            Self::ColumnType { .. } => "write the column as numbers, and times in UTC".into(),
            Self::Value { .. } => "mend the row, or leave it out".into(),
            Self::Empty { .. } => "take a file that has bars".into(),
            Self::TooManyRows { .. } => "read bars of a longer timeframe, or fewer years".into(),
            Self::NoSuchRows { there, .. } => match there.first() {
                Some(there) => format!("read `{there}`, or take another file"),
                None => "take another file".into(),
            },
            Self::Spacing { found, .. } => {
                format!(
                    "write `timeframe = {}`, or resample the bars",
                    span(*found).replace(' ', "")
                )
            }
        }
    }

    /// Where it is, for pointing at it.
    pub fn place(&self) -> Place<'_> {
        let (path, row, column) = match self {
            Self::NoMatch { pattern } => (Path::new(pattern), None, None),
            Self::Missing { path }
            | Self::UnknownFormat { path }
            | Self::NoFile { path, .. }
            | Self::Unreadable { path, .. }
            | Self::Refused { path, .. }
            | Self::NotParquet { path, .. }
            | Self::Damaged { path, .. }
            | Self::Empty { path }
            | Self::TooManyRows { path, .. } => (path.as_path(), None, None),
            Self::NotText { path, row }
            | Self::RowLength { path, row, .. }
            | Self::OpenQuote { path, row, .. }
            | Self::Spacing { path, row, .. } => (path.as_path(), Some(*row), None),
            Self::ColumnMissing { path, wanted, .. } => (path.as_path(), None, Some(wanted)),
            Self::ColumnTwice { path, name }
            | Self::ColumnType { path, name, .. }
            | Self::NoSuchRows { path, name, .. } => (path.as_path(), None, Some(name)),
            Self::Value { path, row, name, .. } => (path.as_path(), Some(*row), Some(name)),
        };
        Place { path, row: row.filter(|row| *row > 0), column: column.map(String::as_str) }
    }

    pub(super) fn open(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::IsADirectory => Self::NoFile { path, found: "a folder" },
            _ => Self::Unreadable { path, source },
        }
    }

    /// A time that is none, or lies where no market was.
    pub(super) fn bad_time(path: &Path, row: usize, name: &str, text: &str) -> Self {
        let (path, name, text) = (path.to_owned(), name.to_owned(), text.to_owned());
        Self::Value { path, row, name, text, expected: time::EXPECTED }
    }
}

/// What a path of a project begins at; a URL begins at its store.
fn relative(path: &Path) -> &'static str {
    let is_url = path.to_str().is_some_and(|path| path.contains("://"));
    if is_url { "" } else { "; paths are relative to the folder of `project.suho`" }
}

fn row_of(row: usize) -> String {
    if row == 0 { "the header".to_owned() } else { format!("row {row}") }
}

/// What stands in a cell; of a long one, its beginning.
fn held(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut shown: String = text.chars().take(CHARS_MAX).flat_map(char::escape_debug).collect();
    if text.is_empty() {
        return "nothing".to_owned();
    }
    if text.chars().nth(CHARS_MAX).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Names, of many the first.
fn listed(names: &[String]) -> String {
    const NAMES_MAX: usize = 24;
    if names.iter().all(String::is_empty) {
        return "none at all".to_owned();
    }
    let shown: Vec<String> = names.iter().take(NAMES_MAX).map(|name| held(name)).collect();
    let mut shown = shown.join(", ");
    if names.len() > NAMES_MAX {
        // Writing to a text cannot fail.
        let _ = write!(shown, " and {} more", names.len() - NAMES_MAX);
    }
    shown
}
