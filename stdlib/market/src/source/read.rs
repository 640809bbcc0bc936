//! Bars from one file or many: by name, by form of name, or all files of a folder.

use std::path::Path;

use bytes::{Buf as _, Bytes};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use suho_domain::Digest;

use super::meant::is_meant;
use super::{BARS_MAX, Column, ColumnNames, Files, SourceError, csv, parquet, pattern};
use crate::bars::Bars;

/// How a file holds bars.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileFormat {
    /// Columns, compressed, with types.
    Parquet,
    /// Lines of text.
    Csv,
}

impl FileFormat {
    /// By the end of a file's name; none where it says nothing.
    pub fn of(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        [(Self::Parquet, ["parquet", "pq"]), (Self::Csv, ["csv", "tsv"])]
            .into_iter()
            .find(|(_, known)| known.iter().any(|known| extension.eq_ignore_ascii_case(known)))
            .map(|(format, _)| format)
    }
}

/// What is read, and what its columns are called.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// What is priced, such as `EUR/USD`.
    pub symbol: &'a str,
    /// Length of one bar.
    pub timeframe: TimeDelta,
    /// What the columns are called.
    pub names: &'a ColumnNames,
}

/// Bars of files, and which bars are of which.
#[derive(Clone, Debug, PartialEq)]
pub struct BarsRead {
    /// The bars of all files, one file after the other; files in order of their first bars.
    pub bars: Bars,
    /// The files, in that order.
    pub files: Vec<FileRead>,
}

/// One file that was read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FileRead {
    /// Its name.
    pub name: String,
    /// How many bars it gave.
    pub rows: usize,
    /// Digest of its bytes.
    pub digest: Digest,
}

impl BarsRead {
    /// The file of a bar, and which of that file's bars it is, counted from 1.
    pub fn place(&self, bar: usize) -> Option<(&str, usize)> {
        let mut before = 0;
        self.files.iter().find_map(|file| {
            let row = bar.checked_sub(before).filter(|row| *row < file.rows);
            before += file.rows;
            Some((file.name.as_str(), row? + 1))
        })
    }
}

/// The bars of the files that `named` names, as they stand there.
///
/// `named` is a file (`bars/2024.parquet`), a form of names (`bars/*/*.csv`, with `**` for any
/// folders) or a folder, of which all Parquet and CSV files are read. Folders called `symbol=…` and
/// `timeframe=…` are passed over when they are not what is read. `format` says what files are whose
/// names do not tell.
///
/// # Errors
/// When no file has such a name, or one cannot be read as [`read_parquet`](crate::read_parquet) and
/// [`read_csv`](crate::read_csv) say.
pub fn read_files(
    files: &dyn Files,
    named: &str,
    format: Option<FileFormat>,
    reading: &Reading<'_>,
) -> Result<BarsRead, SourceError> {
    let mut series: Vec<(FileRead, Bars)> = Vec::new();
    let mut rows: u64 = 0;
    for name in names(files, named, format, reading)? {
        let (file, bars) = read_one(files, &name, format, reading)?;
        rows += bars.len() as u64;
        if rows > BARS_MAX as u64 {
            return Err(SourceError::TooManyRows { path: named.into(), rows, max: BARS_MAX });
        }
        series.push((file, bars));
    }
    // A name need not sort as time does: 10 comes before 2.
    series.sort_by_key(|(_, bars)| bars.time.first().copied());
    let mut whole = Bars::empty(reading.symbol, reading.timeframe);
    let mut read = Vec::new();
    for (file, bars) in series {
        whole.append(bars);
        read.push(file);
    }
    Ok(BarsRead { bars: whole, files: read })
}

/// The names of the files to read, sorted.
fn names(
    files: &dyn Files,
    named: &str,
    format: Option<FileFormat>,
    reading: &Reading<'_>,
) -> Result<Vec<String>, SourceError> {
    let is_file = FileFormat::of(named).is_some() || (format.is_some() && !named.ends_with('/'));
    let form = match pattern::is_pattern(named) {
        true => named.to_owned(),
        false if is_file => return Ok(vec![named.to_owned()]),
        false => format!("{}/**/*", named.trim_end_matches('/')),
    };
    let mut names = files.list(pattern::prefix(&form))?;
    // Whoever writes `*.dat` means it; whoever writes `*` does not mean the notes beside the bars.
    let is_meant = form.rsplit('/').next().is_some_and(|last| last.contains('.'));
    names.retain(|name| {
        let is_known = format.is_some() || is_meant || FileFormat::of(name).is_some();
        is_known && pattern::is_match(&form, name)
    });
    if names.is_empty() {
        return Err(SourceError::NoMatch { pattern: form });
    }
    names.sort();
    let (meant, others): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| other_partition(name, reading).is_none());
    match others.iter().find_map(|name| other_partition(name, reading)) {
        Some((column, there)) if meant.is_empty() => Err(SourceError::NoSuchRows {
            path: form.into(),
            name: column.name().to_owned(),
            wanted: match column {
                Column::Timeframe => crate::labels::span(reading.timeframe),
                _ => reading.symbol.to_owned(),
            },
            there: vec![there],
        }),
        _ => Ok(meant),
    }
}

/// The partition in a file's name that is of another symbol or timeframe; none when all are meant.
fn other_partition(name: &str, reading: &Reading<'_>) -> Option<(Column, String)> {
    let read_as = Bars::empty(reading.symbol, reading.timeframe);
    pattern::partitions(name).find_map(|(key, value)| {
        let columns = [Column::Symbol, Column::Timeframe];
        let is_key = |column: &Column| reading.names.name(*column).eq_ignore_ascii_case(key);
        let column = columns.into_iter().find(is_key)?;
        (!is_meant(column, &value, &read_as)).then_some((column, value))
    })
}

fn read_one(
    files: &dyn Files,
    name: &str,
    format: Option<FileFormat>,
    reading: &Reading<'_>,
) -> Result<(FileRead, Bars), SourceError> {
    let path = Path::new(name);
    let unknown = || SourceError::UnknownFormat { path: path.to_owned() };
    let format = format.or_else(|| FileFormat::of(name)).ok_or_else(unknown)?;
    let content: Bytes = files.read(name)?;
    let digest = Digest::of(&content);
    let bars = Bars::empty(reading.symbol, reading.timeframe);
    let bars = match format {
        FileFormat::Parquet => parquet::read_bars(content, path, bars, reading.names)?,
        FileFormat::Csv => csv::read_text(content.reader(), path, bars, reading.names)?,
    };
    Ok((FileRead { name: name.to_owned(), rows: bars.len(), digest }, bars))
}
