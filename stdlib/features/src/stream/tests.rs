//! A stream against the batch, to the bit, over every feature and bars of every temper.

use proptest::prelude::*;

use super::*;
use crate::testing::{HOUR, Table, all, bars, hour, modified};
use crate::{
    Beside, Columns, Matrix, SymbolKey, Times, catalogue, compute_beside, compute_timed, parse_list,
};

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

/// Features of another symbol's bars, and what they make together with others.
fn of_others() -> Vec<Feature> {
    parse_list(&[
        "close__sym_gbpusd",
        "rsi_14",
        "rsi_14__sym_gbpusd",
        "macd_histogram__lag_1__sym_gbpusd__z_10",
        "adx_5__tf_4h__sym_gbpusd__diff_2",
        "hour_sin__sym_usdjpy",
    ])
    .unwrap()
}

/// Those of `bars` that are seen when a bar has closed that opened at `time`.
fn seen(bars: &[Bar], time: i64) -> &[Bar] {
    &bars[..bars.partition_point(|bar| bar.time <= time)]
}

/// The features of `own` beside `others`, which are of two symbols.
fn batch(features: &[Feature], own: &[Bar], others: [&[Bar]; 2]) -> Matrix {
    let tables = others.map(Table::of);
    let keys = ["gbpusd", "usdjpy"].map(|symbol| SymbolKey::of(symbol).unwrap());
    let beside: Vec<Beside<'_>> = tables
        .iter()
        .zip(keys)
        .map(|(table, symbol)| Beside { symbol, columns: table.columns(), open: &table.1 })
        .collect();
    let table = Table::of(own);
    compute_beside(features, &table.columns(), table.times(), &beside).unwrap()
}

/// The other's bars beside `own`, beginning `hours` after them.
fn shifted(other: &[Bar], own: &[Bar], hours: i64) -> Vec<Bar> {
    let begins = |bars: &[Bar]| bars.first().map_or(0, |bar| bar.time);
    let by = begins(own) - begins(other) + hours * HOUR;
    other.iter().map(|bar| Bar { time: bar.time + by, ..*bar }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_beside_others_is_its_batch_to_the_bit_and_sees_no_bar_before_it_has_closed(
        own in bars(), pound in bars(), yen in bars(), pound_at in -90..90_i64, yen_at in -90..90_i64,
    ) {
        let (pound, yen) = (shifted(&pound, &own, pound_at), shifted(&yen, &own, yen_at));
        let features = of_others();
        let matrix = batch(&features, &own, [&pound, &yen]);
        let mut stream = Stream::new(&features, hour()).unwrap();
        let mut given = [0, 0];
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        for ((place, bar), late) in own.iter().enumerate().zip([0, 1, 2].into_iter().cycle()) {
            for ((symbol, bars), given) in
                [("gbpusd", &pound), ("usdjpy", &yen)].into_iter().zip(&mut given)
            {
                // As they come: some of them early.
                let known = seen(bars, bar.time + late * HOUR).len();
                let symbol = SymbolKey::of(symbol).unwrap();
                for bar in bars.get(*given..known).unwrap_or_default() {
                    stream.update_beside(symbol, bar).unwrap();
                }
                *given = known.max(*given);
            }
            let row = stream.update(bar).unwrap();
            for ((feature, streamed), batch) in features.iter().zip(row).zip(matrix.row(place)) {
                prop_assert!(same(*streamed, batch), "{feature} at {place}: {streamed:e}, {batch:e}");
            }
        }
        for place in [0, own.len() / 3, own.len() / 2] {
            let time = own[place].time;
            let before = batch(&features, &own[..=place], [seen(&pound, time), seen(&yen, time)]);
            for (feature, (then, after)) in features.iter().zip(before.row(place).zip(matrix.row(place))) {
                prop_assert!(same(then, after), "{feature} at {place}: {then:e} with what was known, {after:e}");
            }
        }
    }
}

#[test]
fn another_symbols_bar_is_seen_from_the_bar_on_that_closes_with_it() {
    let bar = |hour: i64, close: f64| Bar {
        time: hour * HOUR,
        open: close,
        high: close,
        low: close,
        close,
        volume: 1.0,
    };
    let own = [0, 1, 2, 5, 6].map(|hour| bar(hour, 1.0));
    // None at 0, two while the own market is closed, one that closes after the own last bar.
    let pound = [(1, 10.0), (3, 30.0), (4, 40.0), (6, 60.0), (7, 70.0)];
    let pound = pound.map(|(hour, close)| bar(hour, close));
    let features = parse_list(&["close__sym_gbpusd", "close__sym_gbpusd__lag_1"]).unwrap();
    let matrix = batch(&features, &own, [&pound, &[]]);
    let shown = |feature| format!("{:?}", matrix.column(feature));
    assert_eq!(shown(0), "[NaN, 10.0, 10.0, 40.0, 60.0]");
    assert_eq!(shown(1), "[NaN, NaN, 10.0, 10.0, 40.0]");
}

#[test]
fn bars_of_another_symbol_that_are_not_there_or_not_right_are_named() {
    let features = of_others();
    let Table([open, high, low, close, volume], time) = Table::walk(7, 50);
    let columns = Columns { open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let times = Times { open: &time, timeframe: hour() };
    let symbol = SymbolKey::of("GBP/USD").unwrap();
    let missing = compute_timed(&features, &columns, times).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "`close__sym_gbpusd` needs the bars of `gbpusd`, and they were not given"
    );
    let mut torn = close.clone();
    torn[20] = f64::NAN;
    let other = Beside { symbol, columns: Columns { close: &torn, ..columns }, open: &time };
    let wrong = compute_beside(&features[..3], &columns, times, &[other]).unwrap_err();
    assert_eq!(
        suho_domain::fault::chain(&wrong),
        "the bars of `gbpusd` cannot be computed with: `close__sym_gbpusd` needs `close`, which has no \
         finite value at bar 20"
    );
    let short = Beside { symbol, columns, open: &time[1..] };
    assert!(compute_beside(&features, &columns, times, &[short]).is_err());
    assert_eq!(symbol.to_string(), "gbpusd");
    assert_eq!(SymbolKey::of("//"), None);
}
