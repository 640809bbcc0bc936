//! Bars from one kind of file to another: what `suho data import` and `export` do.

use chrono::{DateTime, SecondsFormat};
use suho_domain::Fault;

use crate::bars::Bars;
use crate::snapshot::{SnapshotError, encode_as, price_columns};
use crate::source::{
    BarsRead, Column, ColumnNames, FileFormat, Files, Reading, SourceError, read_files,
};

/// Why a file was not converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The bars could not be read.
    #[error("cannot convert")]
    Read(#[source] SourceError),
    /// The bars could not be written.
    #[error("cannot convert")]
    Write(#[source] SnapshotError),
    /// Bars whose columns differ in length, or whose times are beyond the calendar.
    #[error("bar {bar} of the series is not whole")]
    NotWhole {
        /// Which, counted from 1.
        bar: usize,
    },
}

impl ConvertError {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Read(error) => error.fault(),
            Self::Write(error) => error.fault(),
            Self::NotWhole { .. } => Fault::Bug,
        }
    }
}

/// The bars of the files that `named` names, and the bytes of one file that holds them all as `to`,
/// its columns called `written`.
///
/// # Errors
/// As [`read_files`] and [`encode`](crate::encode).
pub fn convert(
    files: &dyn Files,
    named: &str,
    from: Option<FileFormat>,
    reading: &Reading<'_>,
    to: FileFormat,
    written: &ColumnNames,
) -> Result<(BarsRead, Vec<u8>), ConvertError> {
    let read = read_files(files, named, from, reading).map_err(ConvertError::Read)?;
    let bytes = match to {
        FileFormat::Parquet => encode_as(&read.bars, written).map_err(ConvertError::Write)?,
        FileFormat::Csv => to_csv(&read.bars, written)?.into_bytes(),
    };
    Ok((read, bytes))
}

/// The bars as CSV: a header, then one bar a line, times in RFC 3339 in UTC.
///
/// Numbers have as many digits as bring back the same number. What is missing is an empty cell; a
/// column of volumes that are all missing is left out.
///
/// # Errors
/// When the columns differ in length or a time is beyond the calendar.
pub fn to_csv(bars: &Bars, names: &ColumnNames) -> Result<String, ConvertError> {
    let mut columns = price_columns(bars);
    columns.retain(|(column, values)| {
        *column != Column::Volume || values.iter().any(|volume| !volume.is_nan())
    });
    let header: Vec<String> = std::iter::once(Column::Time)
        .chain(columns.iter().map(|(column, _)| *column))
        .map(|column| cell(names.name(column)))
        .collect();
    let mut text = header.join(",");
    text.push('\n');
    for (bar, time) in bars.time.iter().enumerate() {
        let not_whole = || ConvertError::NotWhole { bar: bar + 1 };
        let time = DateTime::from_timestamp_micros(*time).ok_or_else(not_whole)?;
        text.push_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        for (_, values) in &columns {
            let value = values.get(bar).ok_or_else(not_whole)?;
            text.push(',');
            if !value.is_nan() {
                text.push_str(&value.to_string());
            }
        }
        text.push('\n');
    }
    Ok(text)
}

/// A text as a cell: in quotes where it would be taken for more than one.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
