//! Bars from CSV: a header line, then one bar a line.

use std::fs::File;
use std::path::Path;

use chrono::TimeDelta;
use csv::StringRecord;

use super::{Column, ColumnNames, SourceError, time};
use crate::bars::Bars;

/// What can stand for a price, for error messages.
const NUMBER: &str = "a number such as `1.0716`";

/// The bars of a CSV file, as they stand there.
///
/// The first line names the columns, in any order and case; more columns than are needed are
/// passed over. Times are RFC 3339, or `YYYY-MM-DD HH:MM:SS` in UTC, or a number of s, ms, µs or ns
/// since 1970. An empty cell of a price is NaN.
///
/// # Errors
/// When the file cannot be read, is no CSV, lacks a column, holds something else than a time or a
/// number in a cell, or has no bar.
pub fn read_csv(
    path: &Path,
    symbol: &str,
    timeframe: TimeDelta,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    let file = File::open(path).map_err(|source| SourceError::open(path, source))?;
    let not_csv = |error| SourceError::csv(path, error);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let header: Vec<String> = reader
        .headers()
        .map_err(not_csv)?
        .iter()
        // Spreadsheets put a byte order mark before the first name.
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let mut places = Vec::new();
    for column in Column::ALL {
        if let Some(place) = names.find(column, &header, path)? {
            places.push((column, place));
        }
    }
    let mut bars = Bars::empty(symbol, timeframe);
    bars.spread = places.iter().any(|(column, _)| *column == Column::Spread).then(Vec::new);
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(not_csv)?;
        let cells = Cells { record: &record, row: row + 1, header: &header, path };
        for &(column, place) in &places {
            cells.push(column, place, &mut bars)?;
        }
    }
    if bars.is_empty() {
        return Err(SourceError::Empty { path: path.to_owned() });
    }
    // A file without volume: one NaN a bar, so that columns stay equally long.
    bars.volume.resize(bars.len(), f64::NAN);
    Ok(bars)
}

/// One line, and what an error has to say about it.
struct Cells<'a> {
    record: &'a StringRecord,
    row: usize,
    header: &'a [String],
    path: &'a Path,
}

impl Cells<'_> {
    fn push(&self, column: Column, place: usize, bars: &mut Bars) -> Result<(), SourceError> {
        let text = self.record.get(place).unwrap_or_default();
        if column == Column::Time {
            let time = time::parse(text).ok_or_else(|| self.wrong(place, text, time::EXPECTED))?;
            bars.time.push(time);
            return Ok(());
        }
        let value = if text.is_empty() {
            f64::NAN
        } else {
            text.parse().map_err(|_| self.wrong(place, text, NUMBER))?
        };
        match column {
            Column::Time => {}
            Column::Open => bars.open.push(value),
            Column::High => bars.high.push(value),
            Column::Low => bars.low.push(value),
            Column::Close => bars.close.push(value),
            Column::Volume => bars.volume.push(value),
            Column::Spread => bars.spread.get_or_insert_default().push(value),
        }
        Ok(())
    }

    fn wrong(&self, place: usize, text: &str, expected: &'static str) -> SourceError {
        SourceError::Value {
            path: self.path.to_owned(),
            row: self.row,
            name: self.header.get(place).cloned().unwrap_or_default(),
            text: text.to_owned(),
            expected,
        }
    }
}
