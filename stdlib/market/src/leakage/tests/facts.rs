//! Everything that the checks look at, of one random market and an honest way of working with it.

use std::ops::Range;
use std::rc::Rc;

use chrono::TimeDelta;
use suho_features::{Feature, compute, history_needed, parse_list, warm_up};
use suho_time::Calendar;

use crate::bars::Bars;
use crate::labels::{Class, Label, LabelRule, labels};
use crate::leakage::history::scramble;
use crate::leakage::{
    Arrival, Baseline, Evidence, FeatureColumns, Gap, Given, History, LeakReport, Parity, Parts,
    PermutationTest, PointInTime, Results, Rows, SampleKey, Scaler, ScalerFit, ShiftTest, Targets,
    Tenants, Transform, TransformKind, Window, scan,
};
use crate::split::{MinimumRows, Sampling, SplitRule, split_samples, usable_samples};

const NAMES: [&str; 6] =
    ["rsi_14", "macd_histogram", "bb_percent_b", "atr_14", "volume_ratio", "stoch_k"];
const SEQUENCE: usize = 60;

/// Numbers that look like chance and are the same for the same seed.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(scramble(seed))
    }

    /// In `0..1`.
    pub(super) fn share(&mut self) -> f64 {
        self.0 = scramble(self.0);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of the normal law with mean 0 and deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// Hourly bars of a price without memory but for its volatility, some of them with fat tails.
pub(super) fn market(seed: u64, bars: usize) -> Bars {
    let mut chance = Chance::new(seed);
    let has_tails = seed.is_multiple_of(3);
    let drift = if seed.is_multiple_of(5) { 2e-5 } else { 0.0 };
    let mut market = Bars::empty("EUR/USD", TimeDelta::hours(1));
    let (mut price, mut volatility) = (1.0 + chance.share(), 1e-3);
    for bar in 0..bars {
        // Volatility comes in clusters.
        volatility =
            (0.95 * volatility + 0.05e-3 * (1.0 + chance.normal().abs())).clamp(2e-4, 5e-3);
        let tail = if has_tails && chance.share() < 0.02 { 4.0 } else { 1.0 };
        let open = price;
        price *= (drift + volatility * tail * chance.normal()).exp();
        let wick = |chance: &mut Chance| 1.0 + volatility * chance.normal().abs() * 0.5;
        market.time.push(1_500_000_400_000_000 + 3_600_000_000 * i64::try_from(bar).unwrap());
        market.open.push(open);
        market.high.push(open.max(price) * wick(&mut chance));
        market.low.push(open.min(price) / wick(&mut chance));
        market.close.push(price);
        market.volume.push((1_000.0 * (1.0 + chance.share())).round());
    }
    market
}

pub(super) type Recompute = Rc<dyn Fn(Range<usize>) -> Result<Vec<f64>, String>>;

/// The facts, owned, so that a test can spoil one of them.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) bars: Bars,
    pub(super) horizon: usize,
    pub(super) decisions: Parts<Vec<i64>>,
    pub(super) label_ends: Parts<Vec<i64>>,
    pub(super) ends: Parts<Vec<usize>>,
    pub(super) gap: usize,
    pub(super) keys: Parts<Vec<(String, i64)>>,
    pub(super) rows: Parts<Vec<f64>>,
    pub(super) stored: [Vec<f64>; 2],
    pub(super) recomputed: [Vec<f64>; 2],
    pub(super) fit: Range<usize>,
    pub(super) train: Range<usize>,
    pub(super) columns: Vec<(String, Vec<f64>)>,
    pub(super) log_returns: Vec<f64>,
    pub(super) classes: Vec<Class>,
    pub(super) future: Vec<Vec<f64>>,
    pub(super) names: Vec<String>,
    pub(super) all: Vec<f64>,
    pub(super) recompute: Recompute,
    pub(super) warm_up: usize,
    pub(super) shift: [f64; 3],
    pub(super) correct: Vec<bool>,
    pub(super) majority: f64,
    pub(super) joined: Vec<Arrival>,
    pub(super) ingested: Vec<i64>,
    pub(super) as_of: i64,
    pub(super) served: Vec<f64>,
    pub(super) served_width: usize,
    pub(super) evaluations: usize,
    pub(super) learned: Range<i64>,
    pub(super) found: Vec<(String, usize)>,
    pub(super) transforms: Vec<Transform>,
    pub(super) accuracy: f64,
    pub(super) sharpe: (f64, f64),
    pub(super) test_bars: usize,
    pub(super) accepted: Option<String>,
}

pub(super) fn width() -> usize {
    NAMES.len()
}

/// Mean and standard deviation of each feature over `rows`.
pub(super) fn fitted(rows: &[f64], width: usize) -> [Vec<f64>; 2] {
    let column = |feature: usize| rows.iter().skip(feature).step_by(width);
    let count = (rows.len() / width) as f64;
    let mean: Vec<f64> = (0..width).map(|f| column(f).sum::<f64>() / count).collect();
    let deviation = |(feature, mean): (usize, &f64)| {
        (column(feature).map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
    };
    let scale = mean.iter().enumerate().map(deviation).collect();
    [mean, scale]
}

/// A computation of features from the bars of a range alone, whatever `kernel` does with them.
pub(super) fn recompute_by(
    bars: &Bars,
    kernel: impl Fn(&Bars) -> Vec<f64> + 'static,
) -> (Vec<f64>, Recompute) {
    let all = kernel(bars);
    let bars = bars.clone();
    (all, Rc::new(move |range| Ok(kernel(&bars.slice(range)))))
}

impl Facts {
    pub(super) fn honest(seed: u64) -> Self {
        let horizon = [4, 1, 8, 2][usize::try_from(seed % 4).unwrap()];
        let features: Vec<Feature> = parse_list(&NAMES).unwrap();
        let bars = market(seed, 2_400);
        let (labels, ends, train) = samples(&bars, horizon, warm_up(&features));
        let kernel = move |bars: &Bars| compute(&features, &bars.columns()).unwrap().interleaved();
        let needed = history_needed(&parse_list(&NAMES).unwrap());
        let (all, recompute) = recompute_by(&bars, kernel);
        let row = |end: usize| all[end * width()..(end + 1) * width()].to_vec();
        let rows = each(&ends, row).map(|rows| rows.concat());
        let decision = |end: usize| bars.close_time(end).unwrap().timestamp_micros();
        let decisions = each(&ends, decision);
        let known = |end: usize| labels[end].unwrap().known.timestamp_micros();
        let used: Vec<usize> =
            [&ends.train, &ends.validation, &ends.test].into_iter().flatten().copied().collect();
        let column = |feature: usize| used.iter().map(|end| row(*end)[feature]).collect();
        let mut chance = Chance::new(seed ^ 0xFACE);
        let scaler = fitted(&rows.train, width());
        let test_start = *decisions.test.first().unwrap();
        Self {
            horizon,
            label_ends: each(&ends, known),
            keys: each(&ends, |end| ("EUR/USD".to_owned(), bars.time[end])),
            gap: horizon + SEQUENCE,
            stored: scaler.clone(),
            recomputed: scaler,
            fit: train.clone(),
            train,
            columns: NAMES.iter().enumerate().map(|(f, n)| ((*n).to_owned(), column(f))).collect(),
            log_returns: used.iter().map(|end| labels[*end].unwrap().log_return).collect(),
            classes: used.iter().map(|end| labels[*end].unwrap().class).collect(),
            future: (1..=horizon)
                .map(|ahead| used.iter().map(|end| bars.close[end + ahead]).collect())
                .collect(),
            names: NAMES.map(str::to_owned).to_vec(),
            warm_up: needed - 1,
            shift: [0.40, 0.46 + 0.06 * chance.share(), 0.45],
            correct: (0..decisions.validation.len()).map(|_| chance.share() < 0.36).collect(),
            majority: 0.38,
            joined: decisions
                .test
                .iter()
                .map(|decision| Arrival { available_at: decision - 5_000_000, decision: *decision })
                .collect(),
            ingested: decisions.test.iter().map(|time| time + 1_000_000).collect(),
            as_of: decisions.test.last().unwrap() + 60_000_000,
            served: rows.test.iter().map(|value| value * (1.0 + 1e-9)).collect(),
            served_width: width(),
            evaluations: usize::try_from(seed % 21).unwrap(),
            learned: decisions.train[0]..test_start - 3_600_000_000 * 8,
            found: vec![("platform".to_owned(), 2_000), ("tenant_001".to_owned(), 400)],
            transforms: vec![Transform {
                of: "spread".to_owned(),
                kind: TransformKind::Rolling(Window::Trailing),
            }],
            accuracy: 0.40 + 0.2 * chance.share(),
            sharpe: (2.0 * chance.normal(), 1.4),
            test_bars: 5_000,
            accepted: None,
            decisions,
            ends,
            rows,
            all,
            recompute,
            bars,
        }
    }

    /// The bars that the samples of L6 end at, in their order.
    pub(super) fn used(&self) -> Vec<usize> {
        [&self.ends.train, &self.ends.validation, &self.ends.test]
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// The features that L7 and L8 compute anew are made by `kernel`, under one name.
    pub(super) fn made_by(&mut self, name: &str, kernel: impl Fn(&Bars) -> Vec<f64> + 'static) {
        let (all, recompute) = recompute_by(&self.bars, kernel);
        (self.all, self.recompute, self.names) = (all, recompute, vec![name.to_owned()]);
    }

    pub(super) fn report(&self) -> LeakReport {
        let keys = self.keys.as_ref().map(|part| part.iter().map(sample_key).collect::<Vec<_>>());
        let columns: Vec<(&str, &[f64])> =
            self.columns.iter().map(|(name, column)| (name.as_str(), column.as_slice())).collect();
        let future: Vec<&[f64]> = self.future.iter().map(Vec::as_slice).collect();
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let found: Vec<(&str, usize)> =
            self.found.iter().map(|(tenant, rows)| (tenant.as_str(), *rows)).collect();
        let rows = |values, width| Rows { values, width };
        let ([mean, scale], [of_train, scale_of_train]) = (&self.stored, &self.recomputed);
        let [majority, as_is, delayed] = self.shift;
        scan(&Evidence {
            decisions: Given::Known(self.decisions.as_ref().map(Vec::as_slice)),
            label_ends: Given::Known(self.label_ends.as_ref().map(Vec::as_slice)),
            gap: Given::Known(Gap {
                bars: self.ends.as_ref().map(Vec::as_slice),
                declared: self.gap,
            }),
            keys: Given::Known(keys.as_ref().map(Vec::as_slice)),
            rows: Given::Known(self.rows.as_ref().map(|part| rows(part, width()))),
            scaler: Given::Known(ScalerFit {
                stored: Scaler { mean, scale },
                recomputed: Scaler { mean: of_train, scale: scale_of_train },
                fit: self.fit.clone(),
                train: self.train.clone(),
            }),
            features: Given::Known(FeatureColumns {
                columns: &columns,
                targets: Targets {
                    log_returns: &self.log_returns,
                    classes: &self.classes,
                    future_closes: &future,
                },
            }),
            history: Given::Known(History {
                names: &names,
                rows: rows(&self.all, self.names.len()),
                recompute: self.recompute.as_ref(),
                warm_up: self.warm_up,
                seed: 7,
            }),
            shift: Given::Known(ShiftTest { majority, as_is, delayed, advanced: &[] }),
            permutation: Given::Known(PermutationTest {
                correct: &self.correct,
                majority: self.majority,
            }),
            times: Given::Known(PointInTime {
                joined: &self.joined,
                ingested_at: &self.ingested,
                as_of: self.as_of,
            }),
            parity: Given::Known(Parity {
                trained: rows(&self.rows.test, width()),
                served: rows(&self.served, self.served_width),
            }),
            evaluations: Given::Known(self.evaluations),
            baseline: Given::Known(Baseline {
                learned: self.learned.clone(),
                test: &self.decisions.test,
                purge_us: 3_600_000_000 * i64::try_from(self.horizon).unwrap(),
            }),
            tenants: Given::Known(Tenants { found: &found, allowed: &["platform", "tenant_001"] }),
            transforms: Given::Known(&self.transforms),
            results: Given::Known(Results {
                accuracy: Some(self.accuracy),
                sharpe: Some(self.sharpe),
                bars: self.test_bars,
                accepted: self.accepted.as_deref(),
            }),
        })
    }
}

/// The label of every bar, the last bars of the samples of each part, and the samples of train.
fn samples(
    bars: &Bars,
    horizon: usize,
    warm_up: usize,
) -> (Vec<Option<Label>>, Parts<Vec<usize>>, Range<usize>) {
    let rule = LabelRule::VolScaled { k: 0.43 };
    let labels = labels(bars, rule, horizon, Calendar::Always).unwrap();
    let labelled: Vec<bool> = labels.iter().map(Option::is_some).collect();
    let sampling = Sampling { warm_up, sequence: SEQUENCE, horizon };
    let samples = usable_samples(&vec![true; bars.len()], &labelled, &sampling);
    let minimum = MinimumRows { train: 1, validation: 1, test: 1 };
    let rule = SplitRule { minimum, ..SplitRule::standard() };
    let split = split_samples(bars.len(), &samples, &sampling, &rule).unwrap();
    let part = |range: &Range<usize>| samples[range.clone()].to_vec();
    let ends = Parts {
        train: part(&split.train),
        validation: part(&split.validation),
        test: part(&split.test),
    };
    (labels, ends, split.train)
}

fn sample_key((symbol, time): &(String, i64)) -> SampleKey<'_> {
    SampleKey { symbol, timeframe_us: 3_600_000_000, time: *time }
}

/// `of` the last bar of each sample.
fn each<T>(ends: &Parts<Vec<usize>>, of: impl Fn(usize) -> T) -> Parts<Vec<T>> {
    ends.as_ref().map(|part| part.iter().map(|end| of(*end)).collect())
}
