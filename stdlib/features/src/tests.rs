//! What holds for every feature: no look ahead, no trace of where history began, no wrong number
//! from wrong bars.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::expect;
use suho_domain::Timeframe;

use crate::testing::{HOUR, Table, all, bits, hour, modified, standard_deviation};
use crate::{
    Bar, Columns, ComputeError, Feature, Input, Matrix, Stream, Times, catalogue, compute,
    compute_timed, parse, parse_list, warm_up_on,
};

fn of(features: &[Feature], table: &Table) -> Matrix {
    compute_timed(features, &table.columns(), table.times()).unwrap()
}

/// The bits of the first `bars` of every feature.
fn first(matrix: &Matrix, bars: usize) -> Vec<u64> {
    bits(matrix.columns().flat_map(|column| &column[..bars]))
}

#[test]
fn no_feature_sees_a_bar_after_its_own() {
    let features = [all(), modified()].concat();
    for seed in [62, 63] {
        let whole = Table::walk(seed, 700);
        let full = of(&features, &whole);
        for bars in [1, 2, 40, 101, 300, 699] {
            let earlier = first(&full, bars);
            let cut = of(&features, &whole.part(0, bars));
            assert_eq!(first(&cut, bars), earlier, "cut at {bars}");
            let mut other = whole.clone();
            for (place, column) in other.0.iter_mut().enumerate() {
                let spoilt = |value: &mut f64| *value = *value * 1.7 + place as f64;
                column[bars..].iter_mut().for_each(spoilt);
            }
            other.1[bars..].iter_mut().for_each(|time| *time += 1_000 * HOUR);
            let other = of(&features, &other);
            let same = first(&other, bars);
            assert!(same == earlier, "a future of {bars} bars and more shows before it");
            assert_ne!(first(&other, 700), first(&full, 700));
        }
    }
}

#[test]
fn after_the_warm_up_it_does_not_matter_where_history_began() {
    let whole = Table::walk(61, 6_000);
    let others = [
        "rsi_50",
        "adx_5",
        "adx_40",
        "atr_100",
        "ema_5",
        "dema_50",
        "tema_50",
        "kama_50",
        "kama_3",
        "sar_1_10",
        "sar_40_60",
        "trix_30",
        "stochrsi_30_10_3_d",
        "keltner_percent_50_30_3",
        "adosc_5_60",
        "sar_5_50",
        "macd_5_35_5_line",
        "ppo_5_80",
        "cmo_60",
        "adxr_20",
        "rsi_14__z_20",
        "rsi_5__tf_4h__lag_2",
        "ema_5__tf_2h",
    ];
    let features = [all(), parse_list(&others).unwrap()].concat();
    for feature in features.chunks(1) {
        let warm_up = warm_up_on(feature, hour()).unwrap();
        let full = of(feature, &whole).column(0).to_vec();
        let scale = standard_deviation(&full[warm_up..]);
        for bar in (warm_up..6_000).step_by(397) {
            let late = of(feature, &whole.part(bar - warm_up, bar + 1));
            let difference = (late.column(0)[warm_up] - full[bar]).abs();
            assert!(difference <= 1e-6 * scale, "{feature:?} at {bar}: {}", difference / scale);
        }
    }
}

#[test]
fn a_value_that_is_none_is_refused_by_every_feature_that_reads_it_and_by_no_other() {
    let whole = Table::walk(64, 300);
    let inputs = [Input::Open, Input::High, Input::Low, Input::Close, Input::Volume];
    let features = [all(), modified()].concat();
    let healthy = of(&features, &whole);
    for (place, input) in inputs.into_iter().enumerate() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, 1.1e15] {
            let mut table = whole.clone();
            table.0[place][250] = bad;
            for (feature, healthy) in features.iter().zip(healthy.columns()) {
                let one = std::slice::from_ref(feature);
                let answer = compute_timed(one, &table.columns(), table.times());
                if feature.family.inputs.contains(&input) {
                    let error = answer.unwrap_err();
                    let is_large = matches!(error, ComputeError::TooLarge { bar: 250, .. });
                    let is_none = matches!(error, ComputeError::NotFinite { bar: 250, .. });
                    assert!(if bad.is_finite() { is_large } else { is_none }, "{error}");
                } else {
                    assert_eq!(bits(answer.unwrap().column(0)), bits(healthy));
                }
            }
        }
    }
}

#[test]
fn prices_at_and_below_zero_give_numbers_or_none_and_no_others() {
    let mut table = Table::walk(65, 400);
    for row in 0..400 {
        let shift = table.0[3][0] * if row < 200 { 1.0 } else { 1.02 };
        (0..4).for_each(|column| table.0[column][row] -= shift);
    }
    (0..4).for_each(|column| table.0[column][300] = 0.0);
    (0..5).for_each(|column| table.0[column][301] = -0.0);
    let features = [all(), modified()].concat();
    let matrix = of(&features, &table);
    assert!(matrix.columns().flatten().all(|value| !value.is_infinite()));
    let missing: BTreeMap<usize, Vec<&str>> = features
        .iter()
        .enumerate()
        .map(|(place, feature)| {
            let lookback = feature.lookback_on(hour()).unwrap();
            (matrix.column(place)[lookback..].iter().filter(|x| x.is_nan()).count(), feature.name())
        })
        .filter(|(count, _)| *count > 0)
        .fold(BTreeMap::new(), |mut all, (count, name)| {
            all.entry(count).or_insert_with(Vec::new).push(name);
            all
        });
    let mut page = String::new();
    for (count, names) in &missing {
        writeln!(page, "{count}: {}", names.join(" ")).unwrap();
    }
    expect![[r#"
        2: co_range
        3: hl_range
        4: log_return_1 gap
        5: log_return_4 log_return_24
        10: gap__rank_7
        26: parkinson_vol_24 garman_klass_vol_24
        27: realized_vol_24 autocorr_24
        101: hurst_100
    "#]]
    .assert_eq(&page);
}

#[test]
fn a_market_that_stands_still_has_these_values() {
    let time: Vec<i64> = (0..300).map(|hour| hour * HOUR).collect();
    let still = Table(
        [vec![1.1; 300], vec![1.1; 300], vec![1.1; 300], vec![1.1; 300], vec![50.0; 300]],
        time,
    );
    let matrix = of(&all(), &still);
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (value, entry) in matrix.row(299).zip(catalogue()) {
        if entry.group != crate::Group::Session {
            values.entry(format!("{value:.9}")).or_default().push(entry.name);
        }
    }
    let page: String =
        values.iter().map(|(value, names)| format!("{value}: {}\n", names.join(" "))).collect();
    expect![[r#"
        -0.000000000: close_to_ema_50 sma_cross_20_50 macd_line macd_signal ppo
        0.000000000: log_return_1 log_return_4 log_return_24 hl_range co_range upper_wick lower_wick gap close_to_sma_20 rsi_7 rsi_14 rsi_21 macd_histogram mom_10 roc_10 roc_24 cmo_14 stoch_k stoch_d stochf_k stochf_d stochrsi_k stochrsi_d willr_14 cci_20 trix_15 ultosc bop aroon_osc_25 adx_14 adxr_14 plus_di_14 minus_di_14 dx_14 true_range atr_14 natr_14 bb_width stddev_20 zscore_20 realized_vol_24 parkinson_vol_24 garman_klass_vol_24 volume_z_20 obv_diff_20 ad_diff_20 adosc mfi_14 vwap_dist_24 linreg_slope_14 linreg_angle_14
        0.500000000: bb_percent_b keltner_percent donchian_percent_20
        1.000000000: volume_ratio
        1.100000000: open high low close typical_price median_price weighted_close sma_20 sma_50 sma_200 ema_12 ema_26 ema_50 ema_200 wma_20 dema_20 tema_20 kama_10 sar bb_upper bb_lower
        100.000000000: aroon_up_25 aroon_down_25
        50.000000000: volume
        NaN: autocorr_24 hurst_100
    "#]].assert_eq(&page);
}

#[test]
fn few_bars_give_rows_of_nothing_and_no_panic() {
    let features = [all(), modified()].concat();
    let whole = Table::walk(66, 130);
    for bars in 0..130 {
        let matrix = of(&features, &whole.part(0, bars));
        assert_eq!((matrix.rows(), matrix.width()), (bars, features.len()));
        for (place, feature) in features.iter().enumerate() {
            let lookback = feature.lookback_on(hour()).unwrap();
            let missing = matrix.column(place).iter().filter(|value| value.is_nan()).count();
            assert_eq!(missing, bars.min(lookback), "{feature} of {bars} bars");
        }
    }
}

#[test]
fn a_longer_timeframe_shows_its_last_bar_that_has_closed() {
    let whole = Table::walk(67, 400);
    let part = whole.part(3, 400);
    let (columns, four) = (part.columns(), "4h".parse::<Timeframe>().unwrap());
    let feature = parse("atr_5__lag_1__tf_4h").unwrap();
    let inner = parse("atr_5__lag_1").unwrap();
    let shown = of(std::slice::from_ref(&feature), &part);
    let lookback = feature.lookback_on(hour()).unwrap();
    for (bar, shown) in shown.column(0).iter().enumerate() {
        let closes = part.1[bar] + HOUR;
        let mut longer = Table(Default::default(), Vec::new());
        for row in 0..=bar {
            let start = part.1[row].div_euclid(4 * HOUR) * 4 * HOUR;
            // The first four hours began before the history, and the last have not closed.
            if start < part.1[0] || start + 4 * HOUR > closes {
                continue;
            }
            if longer.1.last() != Some(&start) {
                longer.1.push(start);
                let row = [columns.open, columns.high, columns.low, columns.close].map(|c| c[row]);
                longer.0.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
                longer.0[4].push(0.0);
            }
            let last = longer.1.len() - 1;
            longer.0[1][last] = longer.0[1][last].max(columns.high[row]);
            longer.0[2][last] = longer.0[2][last].min(columns.low[row]);
            longer.0[3][last] = columns.close[row];
            longer.0[4][last] += columns.volume[row];
        }
        let times = Times { open: &longer.1, timeframe: four };
        let matrix = compute_timed(std::slice::from_ref(&inner), &longer.columns(), times).unwrap();
        let last = matrix.column(0).last().copied().unwrap_or(f64::NAN);
        let last = if bar < lookback { f64::NAN } else { last };
        assert_eq!(bits([shown]), bits([&last]), "at {bar}");
    }
}

#[test]
fn modifiers_do_what_they_say() {
    let whole = Table::walk(68, 200);
    let names = ["rsi_14", "rsi_14__lag_3", "rsi_14__diff_4", "rsi_14__z_10", "rsi_14__rank_10"];
    let matrix = of(&parse_list(&names).unwrap(), &whole);
    let column = |place: usize| matrix.column(place);
    let (plain, lag, diff, z, rank) = (column(0), column(1), column(2), column(3), column(4));
    for bar in 0..200_usize {
        let before = |bars: usize| bar.checked_sub(bars).map_or(f64::NAN, |bar| plain[bar]);
        assert_eq!(bits([&lag[bar], &diff[bar]]), bits([&before(3), &(plain[bar] - before(4))]));
        let window: Vec<f64> = (0..10).map(before).collect();
        let mean = window.iter().sum::<f64>() / 10.0;
        let deviation = (window.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 10.0).sqrt();
        let below = window.iter().filter(|x| **x < plain[bar]).count() as f64 / 9.0;
        assert_eq!(z[bar].is_nan(), bar < 14 + 9);
        assert_eq!(rank[bar].is_nan(), bar < 14 + 9);
        if bar >= 14 + 9 {
            assert!((z[bar] - (plain[bar] - mean) / deviation).abs() < 1e-9);
            assert!((rank[bar] - below).abs() < 1e-12);
        }
    }
}

#[test]
fn bars_without_times_or_of_the_wrong_length_are_refused_in_words() {
    let whole = Table::walk(69, 30);
    let (columns, times) = (whole.columns(), whole.times());
    let mut said = String::new();
    let mut say = |error: ComputeError| writeln!(said, "{error}").unwrap();
    let one = |name: &str| parse_list(&[name]).unwrap();
    say(compute(&one("hour_sin"), &columns).unwrap_err());
    say(compute(&one("rsi_14__tf_4h"), &columns).unwrap_err());
    let day = Times { timeframe: "1d".parse().unwrap(), ..times };
    say(compute_timed(&one("rsi_14__tf_4h"), &columns, day).unwrap_err());
    say(Stream::new(&one("rsi_14__tf_15m"), hour()).unwrap_err());
    say(compute_timed(&one("close"), &columns, Times { open: &times.open[1..], ..times })
        .unwrap_err());
    let mut twice = whole.1.clone();
    twice[7] = twice[6];
    say(compute_timed(&one("close"), &columns, Times { open: &twice, ..times }).unwrap_err());
    let mut large = whole.0[1].clone();
    large[4] = -2e300;
    say(compute(&one("sar"), &Columns { high: &large, ..columns }).unwrap_err());
    let mut fallen = whole.0[3].clone();
    fallen[9] = 0.0;
    fallen[10] = 1e-7;
    say(compute(&one("mom_10"), &Columns { close: &fallen, ..columns }).unwrap_err());
    expect![[r#"
        `hour_sin` needs the bars' times, and they were not given
        `rsi_14__tf_4h` needs the bars' times, and they were not given
        `rsi_14__tf_4h` asks for bars of 4h, which bars of 1d do not make up
        `rsi_14__tf_15m` asks for bars of 15m, which bars of 1h do not make up
        29 times are given for 30 bars
        bar 7 opens no later than the bar before it
        `sar` needs `high`, which is -2e300 at bar 4: more than 1e15 leaves no digits for other bars
        `mom_10` needs `close`, which is 1e-7 at bar 10 and was 1.0072353539804476e2 before: sums over both keep too few digits
    "#]]
    .assert_eq(&said);
}

#[test]
fn clocks_turn_with_daylight_saving() {
    // 2017-03-12 is the night in which New York's clocks go forward; London's follow two weeks on.
    let names = ["session_asia", "session_london", "session_ny", "bars_since_open"];
    let features = parse_list(&names).unwrap();
    let at = |month: u32, day: u32, hour: u32| {
        let time = chrono::NaiveDate::from_ymd_opt(2017, month, day)
            .unwrap()
            .and_hms_opt(hour, 0, 0)
            .unwrap();
        let bar = Bar {
            time: time.and_utc().timestamp_micros(),
            open: 1.0,
            high: 1.0,
            low: 1.0,
            close: 1.0,
            volume: 1.0,
        };
        Stream::new(&features, self::hour()).unwrap().update(&bar).unwrap().to_vec()
    };
    // The bar that opens at 11:00 UTC closes at 12:00: 7:00 in New York before, 8:00 after.
    assert_eq!(at(3, 10, 11), [0.0, 1.0, 0.0, 24.0]);
    assert_eq!(at(3, 13, 11), [0.0, 1.0, 1.0, 14.0]);
    // London opens at 8:00 UTC in winter, at 7:00 in summer.
    assert_eq!(at(3, 24, 6), [1.0, 0.0, 0.0, 24.0]);
    assert_eq!(at(3, 27, 6), [1.0, 1.0, 0.0, 9.0]);
    // The week opens at 22:00 UTC in winter, at 21:00 in summer.
    assert_eq!(at(3, 5, 22), [0.0, 0.0, 0.0, 0.0]);
    assert_eq!(at(3, 12, 21), [0.0, 0.0, 0.0, 0.0]);
    assert_eq!(at(3, 12, 20), [0.0, 0.0, 0.0, 24.0]);
}
