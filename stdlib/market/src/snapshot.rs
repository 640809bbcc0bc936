//! Frozen bars: a digest of their values, and Parquet bytes that hold them.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, TimestampMicrosecondArray};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};
use suho_domain::{Digest, Fault};

use crate::bars::Bars;
use crate::clickhouse::{Statement, TenantRows};
use crate::source::{Column, ColumnNames, FileRead, SourceError, read_batches};

/// Where in the file's metadata the symbol is.
const SYMBOL: &str = "suho.symbol";
/// Where in the file's metadata the timeframe is, in µs.
const TIMEFRAME: &str = "suho.timeframe_us";

/// What a frozen snapshot is, for lineage and for checking a copy.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Manifest {
    /// What is priced.
    pub symbol: String,
    /// Length of a bar in µs.
    pub timeframe_us: i64,
    /// How many bars.
    pub rows: usize,
    /// Opening time of the first bar; none without bars.
    pub first: Option<DateTime<Utc>>,
    /// Opening time of the last bar; none without bars.
    pub last: Option<DateTime<Utc>>,
    /// [`content_digest`] of the bars: the same for other compression or other order of columns.
    pub content_digest: Digest,
    /// Digest of the bytes of the file, for checking a copy.
    pub file_digest: Digest,
    /// Where the bars came from, as the pipeline writes it: `parquet("data/eurusd.parquet")`.
    pub source: String,
    /// The instant as of which the source was read.
    pub as_of: DateTime<Utc>,
    /// What exactly was read, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
}

/// What exactly was read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lineage {
    /// Files, in the order in which their bars follow each other.
    Files(Vec<FileRead>),
    /// A query to ClickHouse, and the version of the server that answered.
    ClickHouse {
        /// What was asked.
        statement: Statement,
        /// The server's version.
        version: String,
        /// Whose rows the bars were made of; nothing where the query is somebody's own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rows: Vec<TenantRows>,
    },
    /// A query to another database.
    Sql {
        /// What was asked.
        sql: String,
    },
}

/// Frozen bars: bytes to keep, and what they are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Frozen {
    /// The file, as [`encode`] writes it.
    pub file: Vec<u8>,
    /// What it is.
    pub manifest: Manifest,
}

/// Freezes `bars` that were read from `source` as of an instant.
///
/// # Errors
/// As [`encode`].
pub fn freeze(
    bars: &Bars,
    source: &str,
    as_of: DateTime<Utc>,
    lineage: Option<Lineage>,
) -> Result<Frozen, SnapshotError> {
    let file = encode(bars)?;
    let manifest = Manifest { lineage, ..Manifest::of(bars, &file, source, as_of) };
    Ok(Frozen { file, manifest })
}

/// The bars of `file`, when they are those of which `manifest` speaks.
///
/// Another file with the same values passes: who compresses a snapshot anew has not changed it.
///
/// # Errors
/// When the bytes are no snapshot, or hold other bars.
pub fn thaw(file: Vec<u8>, manifest: &Manifest) -> Result<Bars, SnapshotError> {
    let bars = decode(file)?;
    let found = Manifest::of(&bars, &[], &manifest.source, manifest.as_of);
    let differs = |what, expected: String, found: String| {
        if expected == found { Ok(()) } else { Err(SnapshotError::Other { what, expected, found }) }
    };
    let shown = |time: Option<DateTime<Utc>>| time.map(|at| at.to_rfc3339()).unwrap_or_default();
    // What a person can judge first; the digest alone decides.
    differs("symbol", manifest.symbol.clone(), found.symbol)?;
    differs("timeframe in µs", manifest.timeframe_us.to_string(), found.timeframe_us.to_string())?;
    differs("number of bars", manifest.rows.to_string(), found.rows.to_string())?;
    differs("first bar", shown(manifest.first), shown(found.first))?;
    differs("last bar", shown(manifest.last), shown(found.last))?;
    let digests = [&manifest.content_digest, &found.content_digest].map(ToString::to_string);
    let [expected, found] = digests;
    differs("digest of all values", expected, found)?;
    Ok(bars)
}

/// One digest of a data set of several series: of their symbols, timeframes and content digests, in
/// whatever order they are given.
pub fn dataset_digest<'a>(series: impl IntoIterator<Item = &'a Manifest>) -> Digest {
    let line = |of: &Manifest| {
        let Manifest { symbol, timeframe_us, rows, content_digest, .. } = of;
        format!("{symbol}\t{timeframe_us}\t{rows}\t{content_digest}\n")
    };
    let mut lines: Vec<String> = series.into_iter().map(line).collect();
    lines.sort();
    Digest::of(format!("suho data set 1\n{}", lines.concat()).as_bytes())
}

impl Manifest {
    /// The manifest of `bars` frozen as `file`.
    pub fn of(bars: &Bars, file: &[u8], source: &str, as_of: DateTime<Utc>) -> Self {
        Self {
            symbol: bars.symbol.clone(),
            timeframe_us: micros(bars.timeframe),
            rows: bars.len(),
            first: bars.open_time(0),
            last: bars.len().checked_sub(1).and_then(|last| bars.open_time(last)),
            content_digest: content_digest(bars, &[]),
            file_digest: Digest::of(file),
            source: source.to_owned(),
            as_of,
            lineage: None,
        }
    }
}

/// Why a snapshot could not be written or read back.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Columns of different length, or a library that refuses its own format.
    #[error("cannot encode {rows} bars as Parquet")]
    Encode {
        /// How many bars.
        rows: usize,
        /// What the writer said.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// The bytes are not those of a snapshot.
    #[error("cannot read the snapshot")]
    Decode {
        /// What the reader said.
        #[source]
        source: Box<SourceError>,
    },
    /// A Parquet file, but not written as a snapshot.
    #[error("the snapshot does not say its `{key}`; it was not written by suho")]
    NotASnapshot {
        /// The missing entry of the file's metadata.
        key: &'static str,
    },
    /// A snapshot of other bars.
    #[error(
        "the snapshot is not the one that was frozen: its {what} is {found}; it was {expected}"
    )]
    Other {
        /// What differs first.
        what: &'static str,
        /// What the manifest says.
        expected: String,
        /// What the bytes hold.
        found: String,
    },
}

impl SnapshotError {
    /// Writing cannot fail but by a defect; what is read was kept by a disk or a store.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Encode { .. } => Fault::Bug,
            Self::Decode { .. } | Self::NotASnapshot { .. } | Self::Other { .. } => Fault::World,
        }
    }
}

/// One digest of all values: of the bars, and of feature columns by name where some are given.
///
/// It depends on symbol, timeframe, times and numbers, not on how a file holds them. Every NaN is
/// one value, and `-0.0` is `0.0`. `features`: names and values `[bar]`, in any order.
pub fn content_digest(bars: &Bars, features: &[(&str, &[f64])]) -> Digest {
    let mut columns: Vec<(&str, &[f64])> =
        price_columns(bars).into_iter().map(|(column, values)| (column.name(), values)).collect();
    columns.extend(features.iter().copied());
    columns.sort_by_key(|(name, _)| *name);
    // Lengths before contents: no two different series are the same bytes.
    let mut bytes = Vec::with_capacity((columns.len() + 1) * 8 * (bars.len() + 2));
    let text = |bytes: &mut Vec<u8>, text: &str| {
        bytes.extend(length(text.len()));
        bytes.extend(text.as_bytes());
    };
    text(&mut bytes, "suho bars 1");
    text(&mut bytes, &bars.symbol);
    bytes.extend(micros(bars.timeframe).to_le_bytes());
    bytes.extend(length(bars.len()));
    bytes.extend(bars.time.iter().flat_map(|time| time.to_le_bytes()));
    for (name, values) in columns {
        text(&mut bytes, name);
        bytes.extend(length(values.len()));
        bytes.extend(values.iter().flat_map(|value| canonical(*value).to_le_bytes()));
    }
    Digest::of(&bytes)
}

/// Eight bytes on every machine.
fn length(length: usize) -> [u8; 8] {
    (length as u64).to_le_bytes()
}

fn canonical(value: f64) -> f64 {
    // Adding positive zero turns -0.0 into 0.0 and nothing else.
    if value.is_nan() { f64::NAN } else { value + 0.0 }
}

/// The columns that the bars have, in the order in which they are written; without the time.
pub(crate) fn price_columns(bars: &Bars) -> Vec<(Column, &[f64])> {
    let mut columns = vec![
        (Column::Open, bars.open.as_slice()),
        (Column::High, &bars.high),
        (Column::Low, &bars.low),
        (Column::Close, &bars.close),
        (Column::Volume, &bars.volume),
    ];
    columns.extend(bars.spread.as_deref().map(|spread| (Column::Spread, spread)));
    columns
}

/// The bars as a Parquet file: zstd, times in µs with zone UTC, symbol and timeframe in its
/// metadata. The same bars give the same bytes with the same version of suho.
///
/// # Errors
/// When the columns differ in length.
pub fn encode(bars: &Bars) -> Result<Vec<u8>, SnapshotError> {
    encode_as(bars, &ColumnNames::standard())
}

/// The bars as [`encode`] writes them, with columns of other names.
///
/// # Errors
/// As [`encode`].
pub fn encode_as(bars: &Bars, names: &ColumnNames) -> Result<Vec<u8>, SnapshotError> {
    let failed = |source| SnapshotError::Encode { rows: bars.len(), source };
    let time = TimestampMicrosecondArray::from(bars.time.clone()).with_timezone("UTC");
    let mut columns: Vec<(&str, ArrayRef)> = vec![(names.name(Column::Time), Arc::new(time))];
    for (column, values) in price_columns(bars) {
        columns.push((names.name(column), Arc::new(Float64Array::from(values.to_vec()))));
    }
    let batch = RecordBatch::try_from_iter(columns).map_err(|error| failed(error.into()))?;
    let metadata = vec![
        KeyValue::new(SYMBOL.to_owned(), bars.symbol.clone()),
        KeyValue::new(TIMEFRAME.to_owned(), micros(bars.timeframe).to_string()),
    ];
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(metadata))
        .build();
    let mut file = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(file)
}

/// The bars of a file written by [`encode`].
///
/// # Errors
/// When the bytes are not those of such a file.
pub fn decode(file: Vec<u8>) -> Result<Bars, SnapshotError> {
    let path = Path::new("snapshot");
    let failed = |source| SnapshotError::Decode { source: Box::new(source) };
    let file = Bytes::from(file);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone())
        .map_err(|source| failed(SourceError::NotParquet { path: path.to_owned(), source }))?;
    let metadata = builder.metadata().file_metadata().key_value_metadata();
    let get = |key: &'static str| {
        let entry = metadata?.iter().find(|entry| entry.key == key)?;
        entry.value.as_deref()
    };
    let symbol = get(SYMBOL).ok_or(SnapshotError::NotASnapshot { key: SYMBOL })?;
    let timeframe = get(TIMEFRAME)
        .and_then(|micros| micros.parse().ok())
        .ok_or(SnapshotError::NotASnapshot { key: TIMEFRAME })?;
    let bars = Bars::empty(symbol, TimeDelta::microseconds(timeframe));
    read_batches(file, path, bars, &ColumnNames::standard()).map_err(failed)
}

/// A timeframe of more than 292,000 years is none.
fn micros(timeframe: TimeDelta) -> i64 {
    timeframe.num_microseconds().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
