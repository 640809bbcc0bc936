//! Bars from CSV: a header line, then one bar a line.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use chrono::TimeDelta;
use csv::StringRecord;

use super::meant::{Others, check_spacing, is_meant};
use super::{BARS_MAX, Column, ColumnNames, SourceError, time};
use crate::bars::Bars;

/// What can stand for a price, for error messages.
const NUMBER: &str = "a number such as `1.0716`";

/// The bars of a CSV file, as they stand there.
///
/// The first line names the columns, in any order and case; more columns than are needed are
/// passed over. Cells are divided by commas, semicolons or tabs, whichever the first line has most
/// of. Times are RFC 3339, or `YYYY-MM-DD HH:MM:SS` in UTC, or a number of s, ms, µs or ns since
/// 1970. An empty cell of a price is NaN. Where there is a column of symbols or timeframes, rows of
/// others are passed over.
///
/// # Errors
/// When the file cannot be read, is no CSV, lacks a column, holds something else than a time or a
/// number in a cell, has no bar, or bars of another length than `timeframe`.
pub fn read_csv(
    path: &Path,
    symbol: &str,
    timeframe: TimeDelta,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    let file = super::files::open(path, path)?;
    read_text(file, path, Bars::empty(symbol, timeframe), names)
}

/// Appends the bars of CSV `text` to the empty `bars`; `path` is for the errors.
pub(super) fn read_text(
    text: impl Read,
    path: &Path,
    mut bars: Bars,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    let mut text = BufReader::with_capacity(1 << 16, text);
    let beginning = text.fill_buf().map_err(|source| SourceError::open(path, source))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .delimiter(delimiter(beginning))
        .from_reader(text);
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| refused(path, 0, error))?
        .iter()
        // Spreadsheets put a byte order mark before the first name.
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let places = names.places(&header, path)?;
    bars.spread = places.iter().any(|(column, _)| *column == Column::Spread).then(Vec::new);
    let (mut record, mut others) = (StringRecord::new(), Others::default());
    for row in 1.. {
        if !reader.read_record(&mut record).map_err(|error| refused(path, row, error))? {
            break;
        }
        let lines = reader.position().line() - record.position().map_or(0, csv::Position::line);
        let cells = Cells { record: &record, row, header: &header, path, lines };
        cells.check_length()?;
        if let Some(&(column, place)) = places.iter().find(|(column, place)| {
            !is_meant(*column, record.get(*place).unwrap_or_default(), &bars)
        }) {
            others.add(column, cells.name(place), record.get(place).unwrap_or_default());
            continue;
        }
        if bars.len() == BARS_MAX {
            let (path, rows) = (path.to_owned(), BARS_MAX as u64 + 1);
            return Err(SourceError::TooManyRows { path, rows, max: BARS_MAX });
        }
        for &(column, place) in &places {
            cells.push(column, place, &mut bars)?;
        }
    }
    // A file without volume: one NaN a bar, so that columns stay equally long.
    bars.volume.resize(bars.len(), f64::NAN);
    others.check(&bars, path)?;
    check_spacing(&bars, path)?;
    Ok(bars)
}

/// What divides the cells: whichever of three the first line has most of.
fn delimiter(beginning: &[u8]) -> u8 {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| line.split(|byte| *byte == delimiter).count();
    // Of equals the last is taken, which is the comma.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn refused(path: &Path, row: usize, error: csv::Error) -> SourceError {
    let path = path.to_owned();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => SourceError::Unreadable { path, source },
        // Rows may have any length, so what is left are bytes that are no text.
        _ => SourceError::NotText { path, row },
    }
}

/// One row, and what an error has to say about it.
struct Cells<'a> {
    record: &'a StringRecord,
    row: usize,
    header: &'a [String],
    path: &'a Path,
    /// How many lines of the file it has.
    lines: u64,
}

impl Cells<'_> {
    fn check_length(&self) -> Result<(), SourceError> {
        let (cells, columns) = (self.record.len(), self.header.len());
        if cells == columns {
            return Ok(());
        }
        self.check_quote()?;
        Err(SourceError::RowLength { path: self.path.to_owned(), row: self.row, cells, columns })
    }

    /// That what is wrong with the row is not that a quote has swallowed other rows.
    fn check_quote(&self) -> Result<(), SourceError> {
        if self.lines <= 1 {
            return Ok(());
        }
        let (path, row, lines) = (self.path.to_owned(), self.row, self.lines);
        Err(SourceError::OpenQuote { path, row, lines })
    }

    fn push(&self, column: Column, place: usize, bars: &mut Bars) -> Result<(), SourceError> {
        let text = self.record.get(place).unwrap_or_default();
        let values = match column {
            Column::Time => {
                let Some(time) = time::parse(text) else {
                    self.check_quote()?;
                    return Err(SourceError::bad_time(self.path, self.row, self.name(place), text));
                };
                bars.time.push(time);
                return Ok(());
            }
            Column::Symbol | Column::Timeframe => return Ok(()),
            Column::Open => &mut bars.open,
            Column::High => &mut bars.high,
            Column::Low => &mut bars.low,
            Column::Close => &mut bars.close,
            Column::Volume => &mut bars.volume,
            Column::Spread => bars.spread.get_or_insert_default(),
        };
        let number = if text.is_empty() { Ok(f64::NAN) } else { text.parse() };
        let Ok(number) = number else {
            self.check_quote()?;
            let (path, name) = (self.path.to_owned(), self.name(place).to_owned());
            let (row, text) = (self.row, text.to_owned());
            return Err(SourceError::Value { path, row, name, text, expected: NUMBER });
        };
        values.push(number);
        Ok(())
    }

    fn name(&self, place: usize) -> &str {
        self.header.get(place).map_or("", String::as_str)
    }
}
