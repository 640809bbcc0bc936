//! Bars from Parquet, through Arrow; the only file of this crate besides the snapshot that sees it.

mod quiet;

use std::path::Path;

use arrow::array::{Array as _, ArrayRef, AsArray as _, BooleanArray, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit};
use arrow::error::ArrowError;
use chrono::TimeDelta;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;

use super::meant::{Others, check_spacing, is_meant};
use super::{BARS_MAX, Column, ColumnNames, SourceError, time};
use crate::bars::Bars;

/// Rows that are decoded at a time: large enough that a batch's own cost does not show, small
/// enough for its columns to stay in the processor's cache.
const BATCH_ROWS: usize = 16_384;

/// The bars of a Parquet file, as they stand there.
///
/// Times are timestamps of any unit, with a zone or without (then UTC), texts as in
/// [`read_csv`](crate::read_csv), or whole numbers of s, ms, µs or ns since 1970. Prices are numbers
/// of any type; a null is NaN. Columns are found by name in any case; others are not even decoded.
/// Where there is a column of symbols or timeframes, rows of others are passed over.
///
/// # Errors
/// When the file cannot be read, is no Parquet, lacks a column, holds something else than times or
/// numbers in one, has no bar, or bars of another length than `timeframe`.
pub fn read_parquet(
    path: &Path,
    symbol: &str,
    timeframe: TimeDelta,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    let file = super::files::open(path, path)?;
    read_bars(file, path, Bars::empty(symbol, timeframe), names)
}

/// Appends the bars of a Parquet `file` to the empty `bars`, which must then be some.
pub(crate) fn read_bars(
    file: impl ChunkReader + 'static,
    path: &Path,
    bars: Bars,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    let (bars, others) = read_some(file, path, bars, names)?;
    others.check(&bars, path)?;
    check_spacing(&bars, path)?;
    Ok(bars)
}

/// Appends the bars of a Parquet `file` to `bars`; `path` is for the errors.
pub(crate) fn read_batches(
    file: impl ChunkReader + 'static,
    path: &Path,
    bars: Bars,
    names: &ColumnNames,
) -> Result<Bars, SourceError> {
    read_some(file, path, bars, names).map(|(bars, _)| bars)
}

fn read_some(
    file: impl ChunkReader + 'static,
    path: &Path,
    bars: Bars,
    names: &ColumnNames,
) -> Result<(Bars, Others), SourceError> {
    // The library panics on some damaged pages, such as one of a dictionary that is not there. A
    // file must not end the program; nothing outlives the attempt but the error.
    quiet::caught(|| decode(file, path, bars, names)).unwrap_or_else(|cause| {
        let said = cause.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no reason");
        let source = ArrowError::ParquetError(said.to_owned());
        Err(SourceError::Damaged { path: path.to_owned(), source })
    })
}

fn decode(
    file: impl ChunkReader + 'static,
    path: &Path,
    mut bars: Bars,
    names: &ColumnNames,
) -> Result<(Bars, Others), SourceError> {
    let not_parquet = |source| SourceError::NotParquet { path: path.to_owned(), source };
    let bytes = file.len();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(not_parquet)?;
    let rows = check_claims(builder.metadata(), bytes, path)?;
    // As many as a small lie would cost little.
    bars.reserve(rows.min(1 << 20));
    let header: Vec<String> =
        builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let places = names.places(&header, path)?;
    if places.iter().any(|(column, _)| *column == Column::Spread) {
        bars.spread.get_or_insert_default();
    }
    // Batches have the wanted columns alone, in the file's order.
    let mut wanted: Vec<usize> = places.iter().map(|(_, place)| *place).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
    let (mut rows_before, mut others) = (0, Others::default());
    for batch in reader.map_err(not_parquet)? {
        let batch =
            batch.map_err(|source| SourceError::Damaged { path: path.to_owned(), source })?;
        let mut values = Values {
            rows: batch.num_rows(),
            batch,
            meant: None,
            wanted: &wanted,
            header: &header,
            rows_before,
            path,
        };
        values.keep_meant(&places, &bars, &mut others)?;
        for &(column, place) in &places {
            values.push(column, place, &mut bars)?;
        }
        rows_before += values.rows;
        if bars.len() > BARS_MAX {
            let rows = bars.len() as u64;
            return Err(SourceError::TooManyRows { path: path.to_owned(), rows, max: BARS_MAX });
        }
    }
    bars.volume.resize(bars.len(), f64::NAN);
    Ok((bars, others))
}

/// How many rows a file has, when what it says of itself can be: the library takes it for granted, and a few bytes can
/// stand for more rows than memory holds.
fn check_claims(metadata: &ParquetMetaData, bytes: u64, path: &Path) -> Result<usize, SourceError> {
    let damaged = |what: String| {
        let source = ArrowError::ParquetError(what);
        SourceError::Damaged { path: path.to_owned(), source }
    };
    let rows = metadata.file_metadata().num_rows();
    let of_groups = metadata.row_groups().iter().try_fold(0_i64, |sum, group| {
        if group.num_rows() < 0 { None } else { sum.checked_add(group.num_rows()) }
    });
    if of_groups != Some(rows) {
        return Err(damaged(format!("it says it has {rows} rows and its parts say otherwise")));
    }
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    if rows > BARS_MAX as u64 {
        return Err(SourceError::TooManyRows { path: path.to_owned(), rows, max: BARS_MAX });
    }
    for group in metadata.row_groups() {
        for column in group.columns() {
            let start =
                column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            let (start, end) = (u64::try_from(start), end.and_then(|end| u64::try_from(end).ok()));
            let is_inside =
                start.is_ok_and(|start| end.is_some_and(|end| start <= end && end <= bytes));
            let is_flat = column.column_descr().max_rep_level() == 0;
            let is_whole = !is_flat || column.num_values() == group.num_rows();
            if !is_inside || !is_whole || column.uncompressed_size() < 0 {
                let name = column.column_path().string();
                return Err(damaged(format!("its column `{name}` cannot be where it says")));
            }
        }
    }
    Ok(usize::try_from(rows).unwrap_or(BARS_MAX))
}

/// The wanted columns of one batch, and what an error has to say about them.
struct Values<'a> {
    batch: RecordBatch,
    /// Rows of the batch as it was decoded.
    rows: usize,
    /// Places in that batch of the rows that are meant; none when all are.
    meant: Option<Vec<usize>>,
    wanted: &'a [usize],
    header: &'a [String],
    rows_before: usize,
    path: &'a Path,
}

impl Values<'_> {
    /// Keeps the rows of the symbol and timeframe that are read.
    fn keep_meant(
        &mut self,
        places: &[(Column, usize)],
        bars: &Bars,
        others: &mut Others,
    ) -> Result<(), SourceError> {
        let mut meant = vec![true; self.rows];
        let of_rows =
            |(column, _): &&(Column, usize)| matches!(column, Column::Symbol | Column::Timeframe);
        for &(column, place) in places.iter().filter(of_rows) {
            let texts = self.texts(place)?;
            let texts = texts.as_string::<i32>();
            for (meant, text) in meant.iter_mut().zip(texts).filter(|(meant, _)| **meant) {
                let text = text.unwrap_or_default();
                *meant = is_meant(column, text, bars);
                if !*meant {
                    others.add(column, self.name(place), text);
                }
            }
        }
        if meant.contains(&false) {
            let filter = BooleanArray::from(meant.clone());
            self.batch =
                filter_record_batch(&self.batch, &filter).map_err(|error| self.damaged(error))?;
            let kept = meant.iter().enumerate().filter(|(_, meant)| **meant);
            self.meant = Some(kept.map(|(row, _)| row).collect());
        }
        Ok(())
    }

    fn push(&self, column: Column, place: usize, bars: &mut Bars) -> Result<(), SourceError> {
        match column {
            Column::Time => self.times(place, &mut bars.time),
            Column::Open => self.numbers(place, &mut bars.open),
            Column::High => self.numbers(place, &mut bars.high),
            Column::Low => self.numbers(place, &mut bars.low),
            Column::Close => self.numbers(place, &mut bars.close),
            Column::Volume => self.numbers(place, &mut bars.volume),
            Column::Spread => self.numbers(place, bars.spread.get_or_insert_default()),
            Column::Symbol | Column::Timeframe => Ok(()),
        }
    }

    fn numbers(&self, place: usize, to: &mut Vec<f64>) -> Result<(), SourceError> {
        /// What a column of prices may hold, for error messages.
        const EXPECTED: &str = "numbers";
        let array = self.array(place)?;
        if !array.data_type().is_numeric() {
            return Err(self.wrong_type(place, array, EXPECTED));
        }
        let values = self.cast(array, &DataType::Float64)?;
        let values = values.as_primitive::<Float64Type>();
        if values.null_count() == 0 {
            to.extend_from_slice(values.values());
        } else {
            to.extend(values.iter().map(|value| value.unwrap_or(f64::NAN)));
        }
        Ok(())
    }

    fn times(&self, place: usize, to: &mut Vec<i64>) -> Result<(), SourceError> {
        /// What a column of times may hold, for error messages.
        const EXPECTED: &str = "timestamps, texts of times, or whole numbers since 1970";
        let array = self.array(place)?;
        let to_micros: fn(i64) -> Option<i64> = match array.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                return self.times_in_text(place, to);
            }
            DataType::Timestamp(TimeUnit::Second, _) => |s| s.checked_mul(1_000_000),
            DataType::Timestamp(TimeUnit::Millisecond, _) => |ms| ms.checked_mul(1_000),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Some,
            DataType::Timestamp(TimeUnit::Nanosecond, _) => |ns| Some(ns.div_euclid(1_000)),
            DataType::Date32 => |days| days.checked_mul(86_400_000_000),
            DataType::Date64 => |ms| ms.checked_mul(1_000),
            data_type if data_type.is_integer() => time::from_number,
            _ => return Err(self.wrong_type(place, array, EXPECTED)),
        };
        let values = match array.data_type() {
            // Days are 32 bits wide and do not turn into 64 in one step.
            DataType::Date32 => {
                self.cast(&self.cast(array, &DataType::Int32)?, &DataType::Int64)?
            }
            _ => self.cast(array, &DataType::Int64)?,
        };
        let values = values.as_primitive::<Int64Type>();
        let micros_of = |time: i64| to_micros(time).and_then(time::of_a_market);
        if values.null_count() == 0 {
            for (row, time) in values.values().iter().enumerate() {
                let micros = micros_of(*time);
                to.push(micros.ok_or_else(|| self.bad_time(place, row, &time.to_string()))?);
            }
            return Ok(());
        }
        for (row, time) in values.iter().enumerate() {
            let shown = || time.map(|time| time.to_string()).unwrap_or_default();
            let micros = time.and_then(micros_of);
            to.push(micros.ok_or_else(|| self.bad_time(place, row, &shown()))?);
        }
        Ok(())
    }

    fn times_in_text(&self, place: usize, to: &mut Vec<i64>) -> Result<(), SourceError> {
        let texts = self.texts(place)?;
        for (row, text) in texts.as_string::<i32>().iter().enumerate() {
            let micros = text.and_then(time::parse);
            to.push(micros.ok_or_else(|| self.bad_time(place, row, text.unwrap_or_default()))?);
        }
        Ok(())
    }

    /// A column of texts, of whatever type they are.
    fn texts(&self, place: usize) -> Result<ArrayRef, SourceError> {
        let array = self.array(place)?;
        let is_text = |data_type: &DataType| {
            matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        };
        let is_dictionary =
            matches!(array.data_type(), DataType::Dictionary(_, texts) if is_text(texts));
        if !is_text(array.data_type()) && !is_dictionary {
            return Err(self.wrong_type(place, array, "texts"));
        }
        self.cast(array, &DataType::Utf8)
    }

    fn array(&self, place: usize) -> Result<&ArrayRef, SourceError> {
        let column = self.wanted.binary_search(&place).ok();
        column.and_then(|column| self.batch.columns().get(column)).ok_or_else(|| {
            let message = format!("a batch lacks column {place}");
            self.damaged(ArrowError::SchemaError(message))
        })
    }

    fn cast(&self, array: &ArrayRef, to: &DataType) -> Result<ArrayRef, SourceError> {
        if array.data_type() == to {
            return Ok(array.clone());
        }
        cast(array, to).map_err(|source| self.damaged(source))
    }

    fn damaged(&self, source: ArrowError) -> SourceError {
        SourceError::Damaged { path: self.path.to_owned(), source }
    }

    fn wrong_type(&self, place: usize, array: &ArrayRef, expected: &'static str) -> SourceError {
        let found = match array.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
            DataType::Boolean => "true and false".to_owned(),
            DataType::Timestamp(..) => "timestamps".to_owned(),
            data_type if data_type.is_numeric() => "numbers".to_owned(),
            other => format!("values of type `{other}`"),
        };
        let (path, name) = (self.path.to_owned(), self.name(place).to_owned());
        SourceError::ColumnType { path, name, found, expected }
    }

    fn bad_time(&self, place: usize, row: usize, text: &str) -> SourceError {
        let of_batch = self.meant.as_ref().and_then(|meant| meant.get(row)).unwrap_or(&row);
        SourceError::bad_time(self.path, self.rows_before + of_batch + 1, self.name(place), text)
    }

    fn name(&self, place: usize) -> &str {
        self.header.get(place).map_or("", String::as_str)
    }
}
