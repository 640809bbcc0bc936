//! A stream against the batch, to the bit, over every feature and bars of every temper.

use proptest::prelude::*;

use super::*;
use crate::testing::{HOUR, Table, all, bars, hour, modified};
use crate::{catalogue, compute_timed, parse_list};

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
        for ((feature, streamed), batch) in features.iter().zip(row).zip(matrix.row(place)) {
            let is_same =
                streamed.to_bits() == batch.to_bits() || streamed.is_nan() && batch.is_nan();
            assert!(is_same, "{feature} at bar {place}: stream {streamed:e}, batch {batch:e}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

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
            for (bar, value) in matrix.column(place).iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                let is_inside = *value >= entry.min - slack && *value <= entry.max + slack;
                prop_assert!(is_inside, "{} is {value} at bar {bar}", entry.name);
            }
        }
    }
}

#[test]
fn a_stream_longer_than_a_stretch_of_a_batch_is_still_that_batch() {
    let features = [all(), modified(), parse_list(&["zscore_1000", "stoch_1500_3_3_d"]).unwrap()];
    let Table([open, high, low, close, volume], time) = Table::walk(70, 3_500);
    let bar = |place: usize| Bar {
        time: time[place],
        open: open[place],
        high: high[place],
        low: low[place],
        close: close[place],
        volume: volume[place],
    };
    assert_stream_is_batch(&features.concat(), &(0..3_500).map(bar).collect::<Vec<Bar>>());
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
