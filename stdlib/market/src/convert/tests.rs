//! There and back again, nothing lost.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use tempfile::TempDir;

use super::*;
use crate::source::LocalFiles;
use crate::{content_digest, decode};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");

fn example() -> Bars {
    decode(fs::read(Path::new(EXAMPLE)).unwrap()).unwrap()
}

#[test]
fn parquet_to_csv_to_parquet_is_the_same() {
    let folder = TempDir::new().unwrap();
    let mut bars = example();
    bars.spread = Some((0..5_000).map(|bar| 1.0 / f64::from(bar + 3)).collect());
    bars.close[7] = f64::NAN;
    bars.time[8] += 1;
    fs::write(folder.path().join("a.parquet"), crate::encode(&bars).unwrap()).unwrap();
    let files = LocalFiles::under(folder.path());
    let (standard, other) = (
        ColumnNames::standard(),
        ColumnNames::standard()
            .with(Column::Time, "when, in UTC")
            .with(Column::Close, "last \"c\""),
    );
    let step = |named: &str, names: &ColumnNames, to, written: &ColumnNames| {
        let reading = Reading { symbol: "EUR/USD", timeframe: TimeDelta::hours(1), names };
        let (read, bytes) = convert(&files, named, None, &reading, to, written).unwrap();
        assert_eq!(content_digest(&read.bars, &[]), content_digest(&bars, &[]), "{named}");
        bytes
    };
    let text = step("a.parquet", &standard, FileFormat::Csv, &other);
    let first: Vec<&str> = std::str::from_utf8(&text).unwrap().lines().take(2).collect();
    assert_eq!(
        first,
        [
            "\"when, in UTC\",open,high,low,\"last \"\"c\"\"\",volume,spread",
            "2017-04-19T09:00:00Z,1.0716,1.0722,1.07083,1.07219,1413,0.3333333333333333"
        ]
    );
    fs::write(folder.path().join("b.csv"), text).unwrap();
    let back = step("b.csv", &other, FileFormat::Parquet, &standard);
    assert_eq!(back, fs::read(folder.path().join("a.parquet")).unwrap());
}

#[test]
fn a_volume_that_nobody_knows_is_no_column() {
    let mut bars = example().slice(0..2);
    bars.volume.fill(f64::NAN);
    let text = to_csv(&bars, &ColumnNames::standard()).unwrap();
    assert!(text.starts_with("time,open,high,low,close\n2017-04-19T09:00:00Z,"), "{text}");
    bars.open.pop();
    let error = to_csv(&bars, &ColumnNames::standard()).unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.fault()),
        ("bar 2 of the series is not whole", Fault::Bug)
    );
}
