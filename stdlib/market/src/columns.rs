//! A table of times and numbers as Parquet: what was computed from bars, for others to read.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::snapshot::SnapshotError;

/// `columns` by name `[row]` beside a column of times, in µs since 1970, as a Parquet file: zstd,
/// times with zone UTC, in the order given. A value that is not finite is null, never 0. The same
/// table gives the same bytes with the same version of suho.
///
/// # Errors
/// When the columns differ in length.
pub fn encode_columns(
    (name, time): (&str, &[i64]),
    columns: &[(&str, &[f64])],
) -> Result<Vec<u8>, SnapshotError> {
    let failed = |source| SnapshotError::Encode { rows: time.len(), source };
    let times = TimestampMicrosecondArray::from(time.to_vec()).with_timezone("UTC");
    let mut arrays: Vec<(&str, ArrayRef, bool)> = vec![(name, Arc::new(times), false)];
    for (name, values) in columns {
        let present = values.iter().map(|value| value.is_finite().then_some(*value));
        arrays.push((name, Arc::new(present.collect::<Float64Array>()), true));
    }
    let batch =
        RecordBatch::try_from_iter_with_nullable(arrays).map_err(|error| failed(error.into()))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut file = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests;
