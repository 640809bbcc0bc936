//! Equality with TA-Lib and numpy, flat markets, short histories and refusals.

use std::collections::BTreeMap;

use super::*;
use crate::testing::{all, part};
use crate::{Feature, parse, parse_list};

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
    matrix.column(0).to_vec()
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

/// Holds the catalogue on the bars of `bars` to the columns of `golden`, which has some of its rows.
fn assert_catalogue(
    bars: &BTreeMap<String, Vec<f64>>,
    peers: &BTreeMap<String, Vec<f64>>,
    tolerance: f64,
) {
    let rows: Vec<usize> = whole(&peers["bar"]);
    let features = all();
    for (feature, name) in features.iter().map(|feature| (feature, feature.name())) {
        let Some(theirs) = peers.get(name) else {
            assert!(bars.contains_key(name), "no golden numbers for {name}");
            continue;
        };
        let ours: Vec<f64> = if feature.reads_time() {
            whole(&peers["time"]).into_iter().map(|time| timed_alone(feature, time)).collect()
        } else {
            let ours = one(name, &columns(bars));
            rows.iter().map(|row| ours[*row]).collect()
        };
        let scale = theirs.iter().filter(|value| !value.is_nan()).map(|value| value.abs());
        let scale = scale.fold(0.0, f64::max);
        for ((row, ours), theirs) in rows.iter().zip(&ours).zip(theirs) {
            let is_equal = (ours.is_nan() && theirs.is_nan())
                || (ours - theirs).abs() <= tolerance * theirs.abs().max(1e-3 * scale);
            assert!(is_equal, "{name} at bar {row}: {ours:e} is not {theirs:e}");
        }
    }
}

/// Whole numbers of a golden column.
fn whole<T: std::str::FromStr<Err: std::fmt::Debug>>(column: &[f64]) -> Vec<T> {
    column.iter().map(|number| number.to_string().parse().unwrap()).collect()
}

/// A feature of the clock at a bar of an hour, which no other bar changes.
fn timed_alone(feature: &Feature, time: i64) -> f64 {
    let price = &[1.0][..];
    let columns = Columns { open: price, high: price, low: price, close: price, volume: price };
    let times = Times { open: &[time], timeframe: "1h".parse().unwrap() };
    let matrix = compute_timed(std::slice::from_ref(feature), &columns, times).unwrap();
    matrix.column(0)[0]
}

#[test]
fn the_whole_catalogue_equals_its_peers() {
    let peers = golden(include_str!("../../../../tests/golden/catalogue_400.csv"));
    assert_catalogue(&golden_400(), &peers, 1e-9);
}

#[test]
fn the_whole_catalogue_equals_its_peers_on_a_flat_market_with_a_jump() {
    let peers = golden(include_str!("../../../../tests/golden/catalogue_flat_80.csv"));
    assert_catalogue(&golden_flat_80(), &peers, 1e-9);
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
    assert_eq!((matrix.rows(), matrix.width()), (400, 3));
    let row: Vec<f64> = matrix.row(399).collect();
    assert_equal("row", &row[..2], &[golden["volume_ratio"][399], golden["close"][399]]);
    assert_equal("rsi_7", &one("rsi_7", &columns(&golden)), matrix.column(2));
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
            let nan = matrix.column(place).iter().filter(|value| value.is_nan()).count();
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

/// `n` numbers in `0..1`: splitmix64, as `tests/golden/generate.py` draws them.
fn drawn(seed: u64, n: u64) -> Vec<f64> {
    let of = |place: u64| {
        let z = seed.wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    (1..=n).map(of).collect()
}

/// Open, high, low, close and volume of `n` bars, as the script makes them.
fn long_market(n: u64) -> [Vec<f64>; 5] {
    const VOLATILITY: f64 = 0.004;
    let mut columns: [Vec<f64>; 5] = Default::default();
    let (mut grown, mut before) = (1.0_f64, 100.0_f64);
    for a in drawn(61, 6 * n).chunks_exact(6) {
        grown *= 1.0 + VOLATILITY * (((a[0] + a[1]) + a[2]) - 1.5);
        let (open, close) = (before, 100.0 * grown);
        let high = open.max(close) * (1.0 + VOLATILITY * 0.5 * a[3]);
        let low = open.min(close) * (1.0 - VOLATILITY * 0.5 * a[4]);
        let bar = [open, high, low, close, 1000.0 + 9000.0 * a[5]];
        columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
        before = close;
    }
    columns
}

#[test]
fn a_million_bars_on_the_numbers_are_still_ta_libs() {
    let golden = include_str!("../../../../tests/golden/talib_large_summary.json");
    let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
    for n in [100_000_u64, 1_000_000] {
        let golden = &golden["cases"][n.to_string()];
        let [open, high, low, close, volume] = long_market(n);
        assert_eq!(close.last().copied(), golden["close_last"].as_f64());
        let columns =
            Columns { open: &open, high: &high, low: &low, close: &close, volume: &volume };
        for (theirs, last) in golden["last"].as_object().unwrap() {
            // Two that we call otherwise, and one of which the catalogue has only the change.
            let name = match theirs.as_str() {
                "obv" => continue,
                "macd" => "macd_line",
                "bb_middle" => "sma_20",
                name => name,
            };
            let ours = one(name, &columns);
            let missing = ours.iter().filter(|value| value.is_nan()).count();
            assert_eq!(missing as u64, golden["nan_count"][theirs].as_u64().unwrap(), "{name}");
            let there: Vec<f64> = ours.iter().copied().filter(|value| !value.is_nan()).collect();
            let mean = there.iter().sum::<f64>() / there.len() as f64;
            let scale = there.iter().fold(1e-3_f64, |most, value| most.max(value.abs()));
            let near = |ours: f64, theirs: &serde_json::Value| {
                let theirs = theirs.as_f64().unwrap();
                assert!((ours - theirs).abs() <= TOLERANCE * scale, "{name}: {ours}, not {theirs}");
            };
            near(*ours.last().unwrap(), last);
            near(ours[ours.len() / 2], &golden["mid"][theirs]);
            near(mean, &golden["mean"][theirs]);
        }
    }
}
