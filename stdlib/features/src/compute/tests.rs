//! Equality with TA-Lib, flat markets, causality, and how long the start of history shows.

use std::collections::BTreeMap;

use super::*;
use crate::{parse, parse_list, warm_up};

/// Largest relative difference from TA-Lib that is still equal.
const TOLERANCE: f64 = 1e-10;

const EIGHT: [&str; 8] = [
    "close",
    "rsi_14",
    "macd_histogram",
    "bb_percent_b",
    "atr_14",
    "volume_ratio",
    "adx_14",
    "stoch_k",
];

/// A golden file by column; an empty cell is NaN.
fn golden(text: &str) -> BTreeMap<String, Vec<f64>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in reader.records() {
        for (name, cell) in names.iter().zip(&row.unwrap()) {
            let value = if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() };
            columns.entry(name.clone()).or_default().push(value);
        }
    }
    columns
}

fn golden_400() -> BTreeMap<String, Vec<f64>> {
    golden(include_str!("../../../../tests/golden/talib_400.csv"))
}

fn golden_flat_80() -> BTreeMap<String, Vec<f64>> {
    golden(include_str!("../../../../tests/golden/talib_flat_80.csv"))
}

fn columns(golden: &BTreeMap<String, Vec<f64>>) -> Columns<'_> {
    let [open, high, low, close, volume] =
        ["open", "high", "low", "close", "volume"].map(|name| golden[name].as_slice());
    Columns { open, high, low, close, volume }
}

fn one(name: &str, columns: &Columns<'_>) -> Vec<f64> {
    let matrix = compute(&[parse(name).unwrap()], columns).unwrap();
    matrix.column(0).collect()
}

/// Panics with the first bar at which the two differ.
fn assert_equal(name: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len());
    for (bar, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let is_equal = (ours.is_nan() && theirs.is_nan())
            || (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1e-3);
        assert!(is_equal, "{name} at bar {bar}: {ours} is not {theirs}");
    }
}

#[test]
fn the_eight_features_equal_ta_lib_with_the_same_warm_up() {
    let golden = golden_400();
    for name in EIGHT {
        assert_equal(name, &one(name, &columns(&golden)), &golden[name]);
    }
}

#[test]
fn a_flat_market_equals_ta_lib_but_where_ta_lib_divides_by_zero() {
    let golden = golden_flat_80();
    for name in EIGHT.into_iter().filter(|name| *name != "bb_percent_b") {
        assert_equal(name, &one(name, &columns(&golden)), &golden[name]);
    }
    // TA-Lib's bands meet on a flat market and leave 0/0; ours is the middle.
    let theirs: Vec<f64> = golden["bb_percent_b"]
        .iter()
        .enumerate()
        .map(|(bar, value)| if bar >= 19 && value.is_nan() { 0.5 } else { *value })
        .collect();
    assert_equal("bb_percent_b", &one("bb_percent_b", &columns(&golden)), &theirs);
}

#[test]
fn volume_that_is_never_traded_is_at_its_mean() {
    let mut golden = golden_flat_80();
    golden.insert("volume".to_owned(), vec![0.0; 80]);
    let ratio = one("volume_ratio", &columns(&golden));
    assert!(ratio.iter().take(19).all(|value| value.is_nan()));
    assert!(ratio.iter().skip(19).all(|value| value.total_cmp(&1.0).is_eq()));
}

#[test]
fn a_row_holds_the_features_of_a_bar_in_the_order_asked_for() {
    let golden = golden_400();
    let features = parse_list(&["volume_ratio_20", "close", "rsi_7"]).unwrap();
    let matrix = compute(&features, &columns(&golden)).unwrap();
    assert_eq!((matrix.rows(), matrix.width(), matrix.values().len()), (400, 3, 1_200));
    let row = matrix.row(399).unwrap();
    assert_equal("row", &row[..2], &[golden["volume_ratio"][399], golden["close"][399]]);
    assert_equal("rsi_7", &one("rsi_7", &columns(&golden)), &matrix.column(2).collect::<Vec<_>>());
    assert_eq!(matrix.row(400), None);
    assert_eq!(matrix.column(3).count(), 0);
}

#[test]
fn a_history_shorter_than_the_lookback_is_all_nan() {
    let golden = golden_400();
    let whole = columns(&golden);
    let features = parse_list(&EIGHT).unwrap();
    for bars in [0, 1, 13, 19, 33] {
        let part = part(&whole, 0, bars);
        let matrix = compute(&features, &part).unwrap();
        assert_eq!(matrix.rows(), bars);
        for (place, feature) in features.iter().enumerate() {
            let nan = matrix.column(place).filter(|value| value.is_nan()).count();
            assert_eq!(nan, bars.min(feature.lookback()), "{feature} of {bars} bars");
        }
    }
}

#[test]
fn a_missing_value_is_refused_by_what_reads_it_and_by_nothing_else() {
    let mut golden = golden_400();
    golden.get_mut("volume").unwrap()[7] = f64::NAN;
    let columns = columns(&golden);
    assert!(compute(&[parse("rsi_14").unwrap()], &columns).is_ok());
    let refused = compute(&[parse("volume_ratio").unwrap()], &columns).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`volume_ratio` needs `volume`, which has no finite value at bar 7"
    );
    let short = Columns { open: &columns.open[..3], ..columns };
    assert_eq!(
        compute(&[], &short).unwrap_err().to_string(),
        "columns differ in length: open 3, high 400, low 400, close 400, volume 400"
    );
}

fn part<'a>(whole: &Columns<'a>, from: usize, to: usize) -> Columns<'a> {
    Columns {
        open: &whole.open[from..to],
        high: &whole.high[from..to],
        low: &whole.low[from..to],
        close: &whole.close[from..to],
        volume: &whole.volume[from..to],
    }
}

/// Seeded uniform numbers in `0..1` (splitmix64), as in `tests/golden/generate.py`.
fn uniform(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    };
    (0..count).map(|_| draw()).collect()
}

/// A random walk: open, high, low, close, volume.
fn walk(seed: u64, bars: usize) -> [Vec<f64>; 5] {
    const VOLATILITY: f64 = 0.004;
    let mut walk: [Vec<f64>; 5] = Default::default();
    let mut open = 100.0;
    for draw in uniform(seed, 6 * bars).chunks_exact(6) {
        let close = open * (1.0 + VOLATILITY * (draw[0] + draw[1] + draw[2] - 1.5));
        let high = open.max(close) * (1.0 + VOLATILITY * 0.5 * draw[3]);
        let low = open.min(close) * (1.0 - VOLATILITY * 0.5 * draw[4]);
        let bar = [open, high, low, close, 1_000.0 + 9_000.0 * draw[5]];
        walk.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
        open = close;
    }
    walk
}

fn standard_deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

#[test]
fn after_the_warm_up_it_does_not_matter_where_history_began() {
    let [open, high, low, close, volume] = &walk(61, 3_000);
    let whole = Columns { open, high, low, close, volume };
    let names = EIGHT.iter().chain(&["rsi_7", "rsi_50", "adx_5", "adx_40", "atr_100"]);
    for name in names {
        let feature = parse(name).unwrap();
        let warm_up = warm_up(std::slice::from_ref(&feature));
        let full: Vec<f64> = one(name, &whole);
        let scale = standard_deviation(&full[warm_up..]);
        for bar in (warm_up..3_000).step_by(97) {
            let late = one(name, &part(&whole, bar - warm_up, bar + 1));
            let difference = (late[warm_up] - full[bar]).abs();
            assert!(difference <= 1e-6 * scale, "{name} at {bar}: {}", difference / scale);
        }
    }
}

#[test]
fn no_feature_sees_a_bar_after_its_own() {
    let [open, high, low, close, volume] = &walk(62, 700);
    let whole = Columns { open, high, low, close, volume };
    let features = parse_list(&EIGHT).unwrap();
    let full = compute(&features, &whole).unwrap();
    for bars in [40, 300, 699] {
        let cut = compute(&features, &part(&whole, 0, bars)).unwrap();
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(cut.values()), bits(&full.values()[..cut.values().len()]));
    }
}
