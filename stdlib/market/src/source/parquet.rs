//! Bars from Parquet, through Arrow; the only file of this crate besides the snapshot that sees it.

use std::fs::File;
use std::path::Path;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use chrono::TimeDelta;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;

use super::{Column, ColumnNames, SourceError, time};
use crate::bars::Bars;

/// The bars of a Parquet file, as they stand there.
///
/// Times are timestamps of any unit, with a zone or without (then UTC), texts as in
/// [`read_csv`](crate::read_csv), or whole numbers of s, ms, µs or ns since 1970. Prices are numbers
/// of any type; a null is NaN. Columns are found by name in any case; others are passed over.
///
/// # Errors
/// When the file cannot be read, is no Parquet, lacks a column, holds something else than times or
/// numbers in one, or has no bar.
pub fn read_parquet(
    path: &Path,
    symbol: &str,
    timeframe: TimeDelta,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    let file = File::open(path).map_err(|source| SourceError::open(path, source))?;
    let bars = read_batches(file, path, Bars::empty(symbol, timeframe), names)?;
    if bars.is_empty() {
        return Err(SourceError::Empty { path: path.to_owned() });
    }
    Ok(bars)
}

/// Appends the bars of a Parquet `file` to `bars`; `path` is for the errors.
pub(crate) fn read_batches(
    file: impl ChunkReader + 'static,
    path: &Path,
    mut bars: Bars,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    let not_parquet = |source| SourceError::NotParquet { path: path.to_owned(), source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(not_parquet)?;
    let header: Vec<String> =
        builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut places = Vec::new();
    for column in Column::ALL {
        if let Some(place) = names.find(column, &header, path)? {
            places.push((column, place));
        }
    }
    if places.iter().any(|(column, _)| *column == Column::Spread) {
        bars.spread = Some(Vec::new());
    }
    for batch in builder.build().map_err(not_parquet)? {
        let batch =
            batch.map_err(|source| SourceError::Damaged { path: path.to_owned(), source })?;
        let rows_before = bars.len();
        for &(column, place) in &places {
            let values = Values { batch: &batch, place, name: &header, rows_before, path };
            values.push(column, &mut bars)?;
        }
    }
    bars.volume.resize(bars.len(), f64::NAN);
    Ok(bars)
}

/// One column of one batch, and what an error has to say about it.
struct Values<'a> {
    batch: &'a RecordBatch,
    place: usize,
    name: &'a [String],
    rows_before: usize,
    path: &'a Path,
}

impl Values<'_> {
    fn push(&self, column: Column, bars: &mut Bars) -> Result<(), SourceError> {
        match column {
            Column::Time => bars.time.extend(self.times()?),
            Column::Open => bars.open.extend(self.numbers()?),
            Column::High => bars.high.extend(self.numbers()?),
            Column::Low => bars.low.extend(self.numbers()?),
            Column::Close => bars.close.extend(self.numbers()?),
            Column::Volume => bars.volume.extend(self.numbers()?),
            Column::Spread => bars.spread.get_or_insert_default().extend(self.numbers()?),
        }
        Ok(())
    }

    fn numbers(&self) -> Result<Vec<f64>, SourceError> {
        /// What a column of prices may hold, for error messages.
        const EXPECTED: &str = "numbers";
        let array = self.array();
        if !array.data_type().is_numeric() {
            return Err(self.wrong_type(EXPECTED));
        }
        let values = self.cast(&DataType::Float64)?;
        Ok(values.as_primitive::<Float64Type>().iter().map(|v| v.unwrap_or(f64::NAN)).collect())
    }

    fn times(&self) -> Result<Vec<i64>, SourceError> {
        /// What a column of times may hold, for error messages.
        const EXPECTED: &str = "timestamps, texts of times, or whole numbers since 1970";
        let to_micros: fn(i64) -> Option<i64> = match self.array().data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => return self.times_in_text(),
            DataType::Timestamp(TimeUnit::Second, _) => |s| s.checked_mul(1_000_000),
            DataType::Timestamp(TimeUnit::Millisecond, _) => |ms| ms.checked_mul(1_000),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Some,
            DataType::Timestamp(TimeUnit::Nanosecond, _) => |ns| Some(ns.div_euclid(1_000)),
            DataType::Date32 => |days| days.checked_mul(86_400_000_000),
            DataType::Date64 => |ms| ms.checked_mul(1_000),
            data_type if data_type.is_integer() => time::from_number,
            _ => return Err(self.wrong_type(EXPECTED)),
        };
        let array = match self.array().data_type() {
            // Days are 32 bits wide and do not turn into 64 in one step.
            DataType::Date32 => cast(&self.cast(&DataType::Int32)?, &DataType::Int64)
                .map_err(|source| self.damaged(source))?,
            _ => self.cast(&DataType::Int64)?,
        };
        let micros = |(row, time): (usize, Option<i64>)| {
            time.and_then(to_micros).ok_or_else(|| {
                self.wrong(row, &time.map(|time| time.to_string()).unwrap_or_default())
            })
        };
        array.as_primitive::<Int64Type>().iter().enumerate().map(micros).collect()
    }

    fn times_in_text(&self) -> Result<Vec<i64>, SourceError> {
        let array = self.cast(&DataType::Utf8)?;
        let micros = |(row, text): (usize, Option<&str>)| {
            text.and_then(time::parse).ok_or_else(|| self.wrong(row, text.unwrap_or_default()))
        };
        array.as_string::<i32>().iter().enumerate().map(micros).collect()
    }

    fn array(&self) -> &ArrayRef {
        self.batch.column(self.place)
    }

    fn cast(&self, to: &DataType) -> Result<ArrayRef, SourceError> {
        cast(self.array(), to).map_err(|source| self.damaged(source))
    }

    fn damaged(&self, source: arrow::error::ArrowError) -> SourceError {
        SourceError::Damaged { path: self.path.to_owned(), source }
    }

    fn wrong_type(&self, expected: &'static str) -> SourceError {
        let found = match self.array().data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
            DataType::Boolean => "true and false".to_owned(),
            DataType::Timestamp(..) => "timestamps".to_owned(),
            other => format!("values of type `{other}`"),
        };
        let path = self.path.to_owned();
        SourceError::ColumnType { path, name: self.column_name(), found, expected }
    }

    fn wrong(&self, row: usize, text: &str) -> SourceError {
        SourceError::Value {
            path: self.path.to_owned(),
            row: self.rows_before + row + 1,
            name: self.column_name(),
            text: text.to_owned(),
            expected: time::EXPECTED,
        }
    }

    fn column_name(&self) -> String {
        self.name.get(self.place).cloned().unwrap_or_default()
    }
}
