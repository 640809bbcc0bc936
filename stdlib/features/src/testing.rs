//! Bars for tests: seeded walks, and runs of every temper.

use proptest::prelude::*;
use suho_domain::Timeframe;

use crate::{Bar, Columns, Feature, Times, catalogue, parse, parse_list};

/// An hour in µs.
pub(crate) const HOUR: i64 = 3_600_000_000;

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
        1 => prop_oneof![Just(1e-2), Just(1e3), Just(1e4)].prop_map(Temper::Jump),
    ]
}

/// Runs of bars, with hours left out between some.
pub(crate) fn bars() -> impl Strategy<Value = Vec<Bar>> {
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
                close = (open * (1.0 + step * up)).clamp(1e-3, 1e4);
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
#[derive(Clone)]
pub(crate) struct Table(pub(crate) [Vec<f64>; 5], pub(crate) Vec<i64>);

impl Table {
    pub(crate) fn of(bars: &[Bar]) -> Self {
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

    pub(crate) fn columns(&self) -> Columns<'_> {
        let [open, high, low, close, volume] = &self.0;
        Columns { open, high, low, close, volume }
    }

    pub(crate) fn times(&self) -> Times<'_> {
        Times { open: &self.1, timeframe: hour() }
    }
}

pub(crate) fn hour() -> Timeframe {
    "1h".parse().unwrap()
}

pub(crate) fn all() -> Vec<Feature> {
    catalogue().map(|entry| parse(&entry.name).unwrap()).collect()
}

/// One of each modifier, and what they make together.
pub(crate) fn modified() -> Vec<Feature> {
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

pub(crate) fn part<'a>(whole: &Columns<'a>, from: usize, to: usize) -> Columns<'a> {
    Columns {
        open: &whole.open[from..to],
        high: &whole.high[from..to],
        low: &whole.low[from..to],
        close: &whole.close[from..to],
        volume: &whole.volume[from..to],
    }
}

/// Seeded uniform numbers in `0..1` (splitmix64), as in `tests/golden/generate.py`.
pub(crate) fn uniform(seed: u64, count: usize) -> Vec<f64> {
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
pub(crate) fn walk(seed: u64, bars: usize) -> [Vec<f64>; 5] {
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

pub(crate) fn standard_deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

impl Table {
    /// A seeded random walk of hours that trade as foreign exchange does: five days, then two off.
    pub(crate) fn walk(seed: u64, bars: usize) -> Self {
        let time = (0_i64..).filter(|hour| hour % 168 < 120).map(|hour| hour * HOUR);
        Self(walk(seed, bars), time.take(bars).collect())
    }

    /// The bars from `from` to before `to`.
    pub(crate) fn part(&self, from: usize, to: usize) -> Self {
        let Self(columns, times) = self;
        Self(columns.each_ref().map(|column| column[from..to].to_vec()), times[from..to].to_vec())
    }
}

/// The bits of numbers, of which every NaN counts as the same.
pub(crate) fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    let bits = |value: &f64| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
    values.into_iter().map(bits).collect()
}
