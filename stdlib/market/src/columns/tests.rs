use super::encode_columns;
use crate::{Column, ColumnNames, read_parquet};
use chrono::TimeDelta;

const HOUR: i64 = 3_600_000_000;

#[test]
fn numbers_come_back_to_the_bit_and_what_is_undefined_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    let time = [0, HOUR, 2 * HOUR];
    let close = [1.1, 0.1 + 0.2, 1e-300];
    let volume = [f64::NAN, 0.0, f64::INFINITY];
    let columns: [(&str, &[f64]); 5] =
        [("o", &close), ("h", &close), ("l", &close), ("c", &close), ("v", &volume)];
    std::fs::write(&path, encode_columns(("at", &time), &columns).unwrap()).unwrap();
    let named = [
        (Column::Time, "at"),
        (Column::Open, "o"),
        (Column::High, "h"),
        (Column::Low, "l"),
        (Column::Close, "c"),
        (Column::Volume, "v"),
    ];
    let names = named
        .iter()
        .fold(ColumnNames::standard(), |names, (column, name)| names.with(*column, name));
    let bars = read_parquet(&path, "EUR/USD", TimeDelta::hours(1), &names).unwrap();
    assert_eq!(bars.time, time);
    assert_eq!(bars.close, close);
    assert!(bars.volume[0].is_nan() && bars.volume[2].is_nan(), "{:?}", bars.volume);
    assert_eq!(bars.volume[1].to_bits(), 0.0_f64.to_bits());
}

#[test]
fn columns_of_different_length_are_no_table() {
    let refused = encode_columns(("time", &[0, HOUR]), &[("rsi_14", &[50.0])]);
    assert_eq!(refused.unwrap_err().to_string(), "cannot encode 2 bars as Parquet");
}
