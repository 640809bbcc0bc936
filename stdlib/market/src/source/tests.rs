//! The same bars through every door, and what is said when a door is shut.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray,
};
use chrono::TimeDelta;
use expect_test::expect;
use suho_domain::Fault;
use tempfile::TempDir;

use super::*;
use crate::bars::Bars;
use crate::snapshot::content_digest;

mod bad;
mod many;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");
const HOUR: TimeDelta = TimeDelta::hours(1);

fn example() -> Bars {
    read_parquet(Path::new(EXAMPLE), "EUR/USD", HOUR, &ColumnNames::standard()).unwrap()
}

/// A file in a folder of its own, and what reading it as CSV or Parquet (by its name) gives.
fn read(name: &str, content: &[u8], names: &ColumnNames) -> Result<Bars, SourceError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let is_text = path.extension().is_some_and(|extension| extension == "csv");
    let read = if is_text { read_csv } else { read_parquet };
    read(&path, "EUR/USD", HOUR, names)
}

/// The error without the folder's name, which changes.
fn said(name: &str, content: &[u8], names: &ColumnNames) -> String {
    let error = read(name, content, names).unwrap_err();
    let text = suho_domain::fault::chain(&error);
    let path = text.split('`').find(|part| part.ends_with(name)).unwrap_or(name).to_owned();
    text.replace(&path, name)
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

/// Two bars whose times are `time`.
fn two_bars(time: ArrayRef) -> Vec<u8> {
    let price = || -> ArrayRef { Arc::new(Float64Array::from(vec![1.5, 1.25])) };
    parquet(vec![
        ("time", time),
        ("open", price()),
        ("high", price()),
        ("low", price()),
        ("close", price()),
    ])
}

#[test]
fn the_example_is_read_whole() {
    let bars = example();
    assert_eq!((bars.len(), bars.symbol.as_str(), bars.timeframe), (5_000, "EUR/USD", HOUR));
    let first = bars.iter().next().unwrap();
    assert_eq!(
        first.prices().map(f64::to_bits),
        [1.0716, 1.0722, 1.07083, 1.07219].map(f64::to_bits)
    );
    assert_eq!(first.volume.to_bits(), 1_413.0_f64.to_bits());
    assert_eq!(bars.open_time(0).unwrap().to_rfc3339(), "2017-04-19T09:00:00+00:00");
    assert_eq!(bars.open_time(4_999).unwrap().to_rfc3339(), "2018-02-07T15:00:00+00:00");
    assert_eq!(bars.spread, None);
}

#[test]
fn csv_and_parquet_of_the_same_bars_have_the_same_digest() {
    let bars = example();
    let mut text = String::from("\u{feff}Close , time,HIGH,low,open,volume,comment\n");
    for (row, bar) in bars.iter().enumerate() {
        let time = bars.open_time(row).unwrap();
        let time = match row % 3 {
            0 => time.to_rfc3339(),
            1 => time.format("%Y-%m-%d %H:%M:%S").to_string(),
            _ => bar.time.to_string(),
        };
        let [open, high, low, close] = bar.prices();
        text += &[
            close.to_string(),
            time,
            high.to_string(),
            low.to_string(),
            open.to_string(),
            bar.volume.to_string(),
            "\"a, b\"".to_owned(),
        ]
        .join(",");
        text += "\n";
    }
    let from_text = read("bars.csv", text.as_bytes(), &ColumnNames::standard()).unwrap();
    assert_eq!(from_text, bars);
    assert_eq!(content_digest(&from_text, &[]), content_digest(&bars, &[]));
}

#[test]
fn times_come_in_many_types() {
    let micros = vec![1_500_000_000_000_000_i64, 1_500_003_600_000_000];
    let scaled = |by: i64| micros.iter().map(|time| time / by).collect::<Vec<_>>();
    let nanos: Vec<i64> = micros.iter().map(|time| time * 1_000).collect();
    let texts = vec!["2017-07-14T04:40:00+02:00", "2017-07-14 03:40"];
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(micros.clone())),
        Arc::new(TimestampMicrosecondArray::from(micros.clone()).with_timezone("UTC")),
        Arc::new(TimestampMicrosecondArray::from(micros.clone()).with_timezone("+07:00")),
        Arc::new(TimestampMillisecondArray::from(scaled(1_000))),
        Arc::new(TimestampSecondArray::from(scaled(1_000_000))),
        Arc::new(TimestampNanosecondArray::from(nanos.clone())),
        Arc::new(Int64Array::from(scaled(1_000_000))),
        Arc::new(Int64Array::from(scaled(1_000))),
        Arc::new(Int64Array::from(micros.clone())),
        Arc::new(Int64Array::from(nanos)),
        Arc::new(StringArray::from(texts)),
    ];
    for array in arrays {
        let what = format!("{:?}", array.data_type());
        let bars = read("bars.parquet", &two_bars(array), &ColumnNames::standard()).unwrap();
        assert_eq!(bars.time, micros, "{what}");
        assert!(bars.volume.iter().all(|volume| volume.is_nan()) && bars.volume.len() == 2);
    }
    let days: ArrayRef = Arc::new(Date32Array::from(vec![0, 17_000]));
    let bars = read("bars.parquet", &two_bars(days), &ColumnNames::standard()).unwrap();
    assert_eq!(bars.time, [0, 17_000 * 86_400_000_000]);
}

#[test]
fn prices_come_in_any_type_of_number_and_a_null_is_nan() {
    let time: ArrayRef = Arc::new(Int64Array::from(vec![1_500_000_000, 1_500_003_600]));
    let file = parquet(vec![
        ("time", time),
        ("open", Arc::new(Float32Array::from(vec![1.5, 1.25]))),
        ("high", Arc::new(Int64Array::from(vec![2, 2]))),
        ("low", Arc::new(Float64Array::from(vec![Some(1.0), None]))),
        ("Last", Arc::new(Float64Array::from(vec![1.5, 1.25]))),
        ("spread", Arc::new(Float64Array::from(vec![0.1, 0.2]))),
    ]);
    let names = ColumnNames::standard().with(Column::Close, "last");
    let bars = read("bars.parquet", &file, &names).unwrap();
    assert_eq!(
        (bars.open, bars.high, bars.close),
        (vec![1.5, 1.25], vec![2.0; 2], vec![1.5, 1.25])
    );
    assert!(bars.low[1].is_nan());
    assert_eq!(bars.spread, Some(vec![0.1, 0.2]));
}

#[test]
fn a_shut_door_says_why_and_what_to_do() {
    let standard = ColumnNames::standard();
    let header = "time,open,high,low,close\n";
    let lines: [(&str, String, &ColumnNames); 11] = [
        ("a.parquet", "time,open\n".to_owned(), &standard),
        ("a.parquet", String::new(), &standard),
        ("a.csv", String::new(), &standard),
        ("a.csv", header.to_owned(), &standard),
        ("a.csv", "time,open,high,low,clsoe\n".to_owned(), &standard),
        ("a.csv", "when,o,h,l,c\n".to_owned(), &standard),
        ("a.csv", format!("{header}2017-01-01,1,2\n"), &standard),
        ("a.csv", format!("{header}01.02.2017,1,2,1,2\n"), &standard),
        ("a.csv", format!("{header}2017-01-01,1,2,1,2\n2017-01-02,1,\"1,5\",1,1\n"), &standard),
        ("a.csv", header.to_owned(), &standard.clone().with(Column::Volume, "ticks")),
        ("a.csv", format!("{header}2017-01-01,1,one,1,2\n"), &standard),
    ];
    let mut page: String =
        lines.iter().map(|(name, text, names)| said(name, text.as_bytes(), names) + "\n").collect();
    let bools: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
    page += &(said("a.parquet", &two_bars(bools), &standard) + "\n");
    let no_time: ArrayRef = Arc::new(TimestampSecondArray::from(vec![Some(0), None]));
    page += &(said("a.parquet", &two_bars(no_time), &standard) + "\n");
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1", "2"]));
    let names = ColumnNames::standard().with(Column::Open, "time");
    page += &(said("a.parquet", &two_bars(texts), &names) + "\n");
    let empty: ArrayRef = Arc::new(Int64Array::from(Vec::<i64>::new()));
    let none = || -> ArrayRef { Arc::new(Float64Array::from(Vec::<f64>::new())) };
    let columns = vec![
        ("time", empty),
        ("open", none()),
        ("high", none()),
        ("low", none()),
        ("close", none()),
    ];
    page += &(said("a.parquet", &parquet(columns), &standard) + "\n");
    let missing = read_csv(Path::new("data/none.csv"), "EUR/USD", HOUR, &standard).unwrap_err();
    writeln!(page, "{missing}").unwrap();
    expect![[r#"
        `a.parquet` is not a Parquet file; a text file is read with `csv(…)`: Parquet error: Invalid Parquet file. Corrupt footer
        `a.parquet` is not a Parquet file; a text file is read with `csv(…)`: EOF: Parquet file too small. Size is 0 but need 8
        `a.csv` has no column `time`; it has none at all
        `a.csv` has no bars: columns, but no row
        `a.csv` has no column `close`; it has `time`, `open`, `high`, `low`, `clsoe`
        `a.csv` has no column `time`; it has `when`, `o`, `h`, `l`, `c`
        row 1 of `a.csv` has 3 cells; the header has 5
        row 1 of `a.csv`: column `time` holds `01.02.2017`; expected a time such as `2025-01-31T14:00:00Z` or `2025-01-31 14:00:00` (UTC)
        row 2 of `a.csv`: column `high` holds `1,5`; expected a number such as `1.0716`
        `a.csv` has no column `ticks`; it has `time`, `open`, `high`, `low`, `close`
        row 1 of `a.csv`: column `high` holds `one`; expected a number such as `1.0716`
        column `time` of `a.parquet` holds true and false; expected timestamps, texts of times, or whole numbers since 1970
        row 2 of `a.parquet`: column `time` holds nothing; expected a time such as `2025-01-31T14:00:00Z` or `2025-01-31 14:00:00` (UTC)
        column `time` of `a.parquet` holds text; expected numbers
        `a.parquet` has no bars: columns, but no row
        no file `data/none.csv`; paths are relative to the folder of `project.suho`
    "#]].assert_eq(&page);
}

#[test]
fn a_file_cut_short_is_damaged_or_no_parquet() {
    let whole = fs::read(EXAMPLE).unwrap();
    let half = &whole[..whole.len() / 2];
    let error = read("a.parquet", half, &ColumnNames::standard()).unwrap_err();
    assert!(matches!(error, SourceError::NotParquet { .. }), "{error}");
    // The footer stands, the first column's bytes do not.
    let mut torn = whole.clone();
    torn[4..4_000].fill(0xFF);
    let error = read("a.parquet", &torn, &ColumnNames::standard()).unwrap_err();
    assert!(matches!(error, SourceError::Damaged { .. }), "{error}");
    assert_eq!(error.fault(), Fault::User);
}
