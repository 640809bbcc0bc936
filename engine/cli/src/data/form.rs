//! The two forms that a table of times and numbers is written in.

use crate::failure::Failure;
use chrono::{DateTime, SecondsFormat};
use std::fmt::Write as _;
use std::path::Path;
use suho_market::FileFormat;

/// In which form a new file is written: the end of its name says.
pub(crate) fn of(path: &Path) -> Result<FileFormat, Failure> {
    let extension = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("parquet") => Ok(FileFormat::Parquet),
        Some("csv") => Ok(FileFormat::Csv),
        _ => {
            let message = format!("`{}` is neither `.parquet` nor `.csv`", path.display());
            Err(Failure::user("unknown-format", message)
                .help("end the new file's name with `.parquet` or `.csv`"))
        }
    }
}

/// `columns` beside the named `time` (in µs since 1970 in UTC) as a file. What is undefined is empty.
pub(crate) fn encode(
    form: FileFormat,
    time: (&str, &[i64]),
    columns: &[(&str, &[f64])],
) -> Result<Vec<u8>, Failure> {
    match form {
        FileFormat::Csv => Ok(csv(time, columns).into_bytes()),
        FileFormat::Parquet => suho_market::encode_columns(time, columns)
            .map_err(|error| Failure::from_error(error.fault(), "not-written", &error)),
    }
}

/// A line a time.
fn csv((named, time): (&str, &[i64]), columns: &[(&str, &[f64])]) -> String {
    let names = std::iter::once(named).chain(columns.iter().map(|(name, _)| *name));
    let mut text = names.map(cell).collect::<Vec<_>>().join(",");
    text.push('\n');
    for (row, at) in time.iter().enumerate() {
        text.push_str(&self::time(*at));
        for (_, values) in columns {
            text.push(',');
            // The shortest digits that are read as the same number. Writing to a text cannot fail.
            if let Some(value) = values.get(row).filter(|value| value.is_finite()) {
                let _infallible = write!(text, "{value}");
            }
        }
        text.push('\n');
    }
    text
}

/// A name as a cell: in quotes where it would be taken for more than one.
fn cell(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", name.replace('"', "\"\""));
    }
    name.to_owned()
}

/// An instant in µs since 1970 as RFC 3339 in UTC, with as many digits as it has.
pub(crate) fn time(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        .unwrap_or_default()
}

/// A number with the six digits that people compare.
pub(crate) fn short(value: f64) -> String {
    const DIGITS: i32 = 6;
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    if !(-5.0..15.0).contains(&magnitude) {
        return format!("{value:.5e}");
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number from -5 to 14")]
    let decimals = usize::try_from(DIGITS - 1 - magnitude as i32).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

#[cfg(test)]
mod tests;
