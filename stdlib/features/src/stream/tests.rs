//! A stream against the batch, to the bit, over every feature and bars of every temper.

use proptest::prelude::*;

use super::*;
use crate::{Columns, Feature, Times, catalogue, compute_timed, parse, parse_list};

const HOUR: i64 = 3_600_000_000;

/// What a run of bars is like.
#[derive(Clone, Copy, Debug)]
enum Temper {
    /// A random walk with this share of the price as its step.
    Walk(f64),
    /// No price moves, nothing is traded.
    Still,
    /// One-way, every bar.
    Rise,
    /// The price and the volume jump to other magnitudes.
    Jump(f64),
}

fn temper() -> impl Strategy<Value = Temper> {
    prop_oneof![
        4 => prop_oneof![Just(0.004), Just(0.2), Just(1e-9)].prop_map(Temper::Walk),
        2 => Just(Temper::Still),
        1 => Just(Temper::Rise),
        1 => prop_oneof![Just(1e-6), Just(1e6), Just(1e12)].prop_map(Temper::Jump),
    ]
}

/// Runs of bars, with hours left out between some.
fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let run = (temper(), 1..150_usize, any::<u64>(), 0..60_i64);
    (prop::collection::vec(run, 1..6), 0..200_000_i64).prop_map(|(runs, start)| {
        let mut bars: Vec<Bar> = Vec::new();
        let (mut time, mut close) = (start * HOUR, 1.1);
        for (temper, length, seed, gap) in runs {
            time += gap * HOUR;
            let mut state = seed;
            let mut draw = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 11) as f64 / 9_007_199_254_740_992.0
            };
            if let Temper::Jump(level) = temper {
                close = level;
            }
            for _ in 0..length {
                let (step, volume) = match temper {
                    Temper::Walk(step) => (step, 1_000.0 * draw()),
                    Temper::Still => (0.0, 0.0),
                    Temper::Rise => (0.001, 500.0),
                    Temper::Jump(level) => (0.01, level),
                };
                let open = close;
                let up = if matches!(temper, Temper::Rise) { 1.0 } else { 2.0 * draw() - 1.0 };
                close = (open * (1.0 + step * up)).clamp(1e-9, 1e13);
                let high = open.max(close) * (1.0 + step * draw());
                let low = open.min(close) * (1.0 - step * draw());
                bars.push(Bar { time, open, high, low, close, volume });
                time += HOUR;
            }
        }
        bars
    })
}

/// The columns of bars.
struct Table([Vec<f64>; 5], Vec<i64>);

impl Table {
    fn of(bars: &[Bar]) -> Self {
        let column = |of: fn(&Bar) -> f64| bars.iter().map(of).collect();
        let columns = [
            column(|bar| bar.open),
            column(|bar| bar.high),
            column(|bar| bar.low),
            column(|bar| bar.close),
            column(|bar| bar.volume),
        ];
        Self(columns, bars.iter().map(|bar| bar.time).collect())
    }

    fn columns(&self) -> Columns<'_> {
        let [open, high, low, close, volume] = &self.0;
        Columns { open, high, low, close, volume }
    }

    fn times(&self) -> Times<'_> {
        Times { open: &self.1, timeframe: hour() }
    }
}

fn hour() -> Timeframe {
    "1h".parse().unwrap()
}

fn all() -> Vec<Feature> {
    catalogue().map(|entry| parse(&entry.name).unwrap()).collect()
}

/// One of each modifier, and what they make together.
fn modified() -> Vec<Feature> {
    parse_list(&[
        "close__lag_3",
        "volume__diff_5",
        "rsi_14__z_20",
        "gap__rank_7",
        "macd_histogram__lag_1__z_10__rank_5",
        "adx_5__tf_4h",
        "hour_sin__tf_1d",
        "rsi_3__z_4__tf_2h__diff_2",
        "session_ny__tf_8h__lag_2",
        "close__tf_1h",
    ])
    .unwrap()
}

/// Panics where a stream of `bars` and their batch differ in a bit.
fn assert_stream_is_batch(features: &[Feature], bars: &[Bar]) {
    let table = Table::of(bars);
    let matrix = compute_timed(features, &table.columns(), table.times()).unwrap();
    let mut stream = Stream::new(features, hour()).unwrap();
    for (place, bar) in bars.iter().enumerate() {
        if place == bars.len() / 2 {
            // A fork that went elsewhere leaves no trace.
            let mut fork = stream.clone();
            fork.update(&Bar { close: bar.close * 1.01, ..*bar }).unwrap();
            assert_eq!((fork.bars(), stream.bars()), (place + 1, place));
        }
        let row = stream.update(bar).unwrap();
        for ((feature, streamed), batch) in features.iter().zip(row).zip(matrix.row(place).unwrap())
        {
            let is_same =
                streamed.to_bits() == batch.to_bits() || streamed.is_nan() && batch.is_nan();
            assert!(is_same, "{feature} at bar {place}: stream {streamed:e}, batch {batch:e}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_of_every_feature_is_its_batch_to_the_bit(bars in bars()) {
        assert_stream_is_batch(&all(), &bars);
    }

    #[test]
    fn a_stream_of_modified_features_is_its_batch_to_the_bit(bars in bars()) {
        assert_stream_is_batch(&modified(), &bars);
    }

    #[test]
    fn no_value_leaves_its_range(bars in bars()) {
        let table = Table::of(&bars);
        let features = all();
        let matrix = compute_timed(&features, &table.columns(), table.times()).unwrap();
        for (place, entry) in catalogue().enumerate() {
            let slack = 1e-9 * (entry.max - entry.min).min(1e3);
            for (bar, value) in matrix.column(place).enumerate().filter(|(_, value)| !value.is_nan()) {
                let is_inside = value >= entry.min - slack && value <= entry.max + slack;
                prop_assert!(is_inside, "{} is {value} at bar {bar}", entry.name);
            }
        }
    }
}

#[test]
fn a_bar_that_is_refused_leaves_the_stream_as_it_was() {
    let features = parse_list(&["rsi_14", "volume_ratio", "hour_sin"]).unwrap();
    let bar = |hour: i64, close: f64| Bar {
        time: hour * HOUR,
        open: 1.0,
        high: 1.2,
        low: 0.9,
        close,
        volume: 5.0,
    };
    let mut stream = Stream::new(&features, hour()).unwrap();
    stream.update(&bar(0, 1.0)).unwrap();
    let mut plain = stream.clone();
    for place in 1..40 {
        let good = bar(i64::from(place), 1.0 + 0.01 * f64::from(place % 7));
        let refused = stream.update(&Bar { close: f64::NAN, ..good }).unwrap_err().to_string();
        let said = format!("`rsi_14` needs `close`, which has no finite value at bar {place}");
        assert_eq!(refused, said);
        stream.update(&Bar { volume: 1e300, ..good }).unwrap_err();
        let refused = stream.update(&Bar { time: 0, ..good }).unwrap_err().to_string();
        assert_eq!(refused, format!("bar {place} opens no later than the bar before it"));
        let bits = |row: &[f64]| row.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(stream.update(&good).unwrap()), bits(plain.update(&good).unwrap()));
    }
}
