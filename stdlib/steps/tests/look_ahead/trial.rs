//! One trial of whether anything looks ahead: bars, and the same bars with another future.

use std::num::NonZeroUsize;

use chrono::TimeDelta;
use suho_backtest::{Bar, BarCalendar, Costs, Exit, Market, Report, Rules, Side, Stops, Trade};
use suho_domain::Timeframe;
use suho_features::{Feature, Matrix, Times};
use suho_market::{
    Bars, Label, LabelRule, MinimumRows, Sampling, Shares, Split, SplitRule, labels, split_samples,
    usable_samples,
};
use suho_stats::PeriodsPerYear;
use suho_time::Calendar;

const BARS: u64 = 420;
/// The earliest bar from which on the future is another.
const CUT_MIN: u64 = 200;
const HORIZON: usize = 4;
const HOUR_US: i64 = 3_600_000_000;

/// Why a trial could not be made; never because something looks ahead.
pub(crate) type Failed = Box<dyn std::error::Error>;

/// All features of the catalogue.
pub(crate) fn catalogue() -> Result<Vec<Feature>, Failed> {
    let names = suho_features::expand("all.*").unwrap_or_default();
    Ok(suho_features::parse_list(&names)?)
}

/// What changed up to a bar when only bars after it did: nothing, or it would be named.
///
/// Compared to the bit: every feature of the bars up to there, every label known there, the samples
/// whose label is, how all samples are divided, and equity, positions and finished trades.
pub(crate) fn changed(seed: u64, features: &[Feature]) -> Result<Vec<String>, Failed> {
    let mut chance = Chance(seed);
    let cut = usize::try_from(CUT_MIN + chance.below(BARS - CUT_MIN - 1))?;
    let bars = walk(&mut chance);
    let other = perturbed(&bars, cut, &mut chance);
    let rule = match chance.below(3) {
        0 => LabelRule::VolScaled { k: 0.43 },
        1 => LabelRule::Fixed { bps: 5.0 },
        _ => LabelRule::TripleBarrier { profit: 1.0, stop: 1.0 },
    };
    let share = |chance: &mut Chance| (chance.below(2) == 0).then(|| 1e-3 + 1e-2 * chance.unit());
    let rules = Rules {
        costs: Costs { swap_long: 1e-5, commission_bps: 0.2, ..Costs::EURUSD },
        exit: match chance.below(2) {
            0 => Exit::Signal,
            _ => Exit::Horizon(NonZeroUsize::new(HORIZON).unwrap_or(NonZeroUsize::MIN)),
        },
        stops: Stops { loss: share(&mut chance), profit: share(&mut chance) },
        starting_equity: 1_000.0,
    };
    let followed = usize::try_from(chance.below(features.len() as u64))?;
    let [one, two] = [&bars, &other].map(|bars| Seen::of(bars, features, rule, followed, &rules));
    Ok(one?.differs(&two?, features, cut))
}

/// Everything that is made of bars.
struct Seen {
    matrix: Matrix,
    labels: Vec<Option<Label>>,
    samples: Vec<usize>,
    split: Split,
    report: Report,
}

impl Seen {
    fn of(
        bars: &Bars,
        features: &[Feature],
        rule: LabelRule,
        followed: usize,
        rules: &Rules,
    ) -> Result<Self, Failed> {
        let times = Times { open: &bars.time, timeframe: Timeframe::from_minutes(60)? };
        let matrix = suho_features::compute_timed(features, &bars.columns(), times)?;
        let labels = labels(bars, rule, HORIZON, Calendar::Always)?;
        let warm_up = features.iter().map(Feature::lookback).max().unwrap_or(0);
        let sampling = Sampling { warm_up, sequence: 5, horizon: HORIZON };
        let usable: Vec<bool> = (0..bars.len()).map(|bar| matrix.is_whole(bar)).collect();
        let labelled: Vec<bool> = labels.iter().map(Option::is_some).collect();
        let samples = usable_samples(&usable, &labelled, &sampling);
        let shares = Shares { train: 5, validation: 1, test: 1 };
        let minimum = MinimumRows { train: 1, validation: 1, test: 1 };
        let rule = SplitRule { shares, purge: None, embargo: None, minimum };
        let split = split_samples(bars.len(), &samples, &sampling, &rule)?;
        let report = traded(bars, matrix.column(followed), rules)?;
        Ok(Self { matrix, labels, samples, split, report })
    }

    fn differs(&self, other: &Self, features: &[Feature], cut: usize) -> Vec<String> {
        let mut found = Vec::new();
        let columns = self.matrix.columns().zip(other.matrix.columns());
        for (feature, (ours, theirs)) in features.iter().zip(columns) {
            let bits = |column: &[f64]| -> Vec<u64> {
                column.iter().take(cut + 1).copied().map(f64::to_bits).collect()
            };
            if bits(ours) != bits(theirs) {
                found.push(format!("feature {}", feature.name()));
            }
        }
        // A label is known a horizon after its bar.
        let known = (cut + 1).saturating_sub(HORIZON);
        if self.labels.get(..known) != other.labels.get(..known) {
            found.push("a label".to_owned());
        }
        let early = |seen: &Self| -> Vec<usize> {
            seen.samples.iter().copied().filter(|end| *end < known).collect()
        };
        if early(self) != early(other) {
            found.push("a sample".to_owned());
        }
        if self.split != other.split {
            found.push("the split".to_owned());
        }
        let (ours, theirs) = (&self.report, &other.report);
        if ours.equity.get(..=cut) != theirs.equity.get(..=cut) {
            found.push("equity".to_owned());
        }
        if ours.positions.get(..=cut) != theirs.positions.get(..=cut) {
            found.push("a position".to_owned());
        }
        let over = |report: &Report| -> Vec<Trade> {
            let is_over = |trade: &&Trade| trade.is_closed() && trade.exit_bar <= cut;
            report.trades.iter().filter(is_over).copied().collect()
        };
        if over(ours) != over(theirs) {
            found.push("a trade".to_owned());
        }
        found
    }
}

/// Long where the feature is above its mean so far, short where it is below, nothing where it is not
/// there.
fn traded(bars: &Bars, column: &[f64], rules: &Rules) -> Result<Report, Failed> {
    let (mut sum, mut count) = (0.0, 0.0);
    let signals: Vec<Option<Side>> = column
        .iter()
        .map(|value| {
            if !value.is_finite() {
                return None;
            }
            sum += value;
            count += 1.0;
            Some(if *value > sum / count { Side::Long } else { Side::Short })
        })
        .collect();
    let prices: Vec<Bar> = bars
        .iter()
        .map(|bar| Bar {
            time_us: bar.time,
            open: bar.open,
            high: bar.high,
            low: bar.low,
            close: bar.close,
        })
        .collect();
    let calendar: Vec<BarCalendar> = (0..prices.len())
        .map(|bar| BarCalendar {
            is_after_gap: bar % 120 == 0,
            starts_day: bar % 24 == 0,
            rollovers: u8::from(bar % 24 == 0),
        })
        .collect();
    let market = Market::new(&prices, &calendar, bars.spread.as_deref())?;
    Ok(suho_backtest::run(&market, &signals, rules, PeriodsPerYear::FX_HOURLY, 1)?)
}

/// Hourly bars whose every price, volume and spread is drawn.
fn walk(chance: &mut Chance) -> Bars {
    let mut bars = Bars::empty("EUR/USD", TimeDelta::hours(1));
    let (mut spreads, mut price) = (Vec::new(), 1.1);
    for hour in 0..BARS {
        push(&mut bars, &mut spreads, i64::try_from(hour).unwrap_or(0), &mut price, chance);
    }
    bars.spread = Some(spreads);
    bars
}

/// The same up to `cut`; after it another walk, of other volumes and spreads, from another price.
fn perturbed(bars: &Bars, cut: usize, chance: &mut Chance) -> Bars {
    let mut other = bars.slice(0..cut + 1);
    let mut spreads = other.spread.take().unwrap_or_default();
    let mut price = 1.1 * (0.5 + chance.unit());
    for hour in cut + 1..bars.len() {
        push(&mut other, &mut spreads, i64::try_from(hour).unwrap_or(0), &mut price, chance);
    }
    other.spread = Some(spreads);
    other
}

fn push(bars: &mut Bars, spreads: &mut Vec<f64>, hour: i64, price: &mut f64, chance: &mut Chance) {
    let open = *price * (1.0 + 1e-4 * (chance.unit() - 0.5));
    let close = open * (1.0 + 4e-3 * (chance.unit() - 0.5));
    *price = close;
    bars.time.push(hour * HOUR_US);
    bars.open.push(open);
    bars.high.push(open.max(close) * (1.0 + 1e-3 * chance.unit()));
    bars.low.push(open.min(close) * (1.0 - 1e-3 * chance.unit()));
    bars.close.push(close);
    bars.volume.push(100.0 + 1_000.0 * chance.unit());
    spreads.push(1e-4 * chance.unit());
}

/// Vigna's splitmix64.
struct Chance(u64);

impl Chance {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }

    fn unit(&mut self) -> f64 {
        (self.draw() >> 40) as f64 / 16_777_216.0
    }
}
