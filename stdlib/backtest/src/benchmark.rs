//! What would have been earned without a model.

use crate::engine::{Exit, Path, Replay, Rules, Stops, follow};
use crate::{BacktestError, Market, Side};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use suho_stats::{Measured, PeriodsPerYear, Reason, Returns};

/// Bars by which a curve that does not move is judged.
const FEW: usize = 3;
/// Random strategies that the model's is compared with.
const PERMUTATIONS: u32 = 200;

/// How a benchmark did, under the same costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Total return, as a fraction.
    pub total_return: Measured<f64>,
    /// Annual Sharpe ratio.
    pub sharpe: Measured<f64>,
    /// Largest fall from a peak, in `0..=1`.
    pub max_drawdown: Measured<f64>,
}

/// Random strategies that traded as much as the model's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomBenchmark {
    /// How many.
    pub permutations: u32,
    /// Their mean total return, as a fraction.
    pub mean_return: Measured<f64>,
    /// Share of them, the model's own counted among them, that ended with at least its equity: a
    /// p-value for "the timing is worth nothing", in `0..=1`. Undefined without trades.
    pub p: Measured<f64>,
}

/// What would have been earned without a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Benchmarks {
    /// Doing nothing.
    pub flat: Outcome,
    /// Buying at the first open that can be traded and holding.
    pub buy_and_hold: Outcome,
    /// Betting that the last bar's direction repeats, with the strategy's own exits.
    pub last_return_sign: Outcome,
    /// The strategy's own positions at random times.
    pub random: RandomBenchmark,
}

/// Runs all benchmarks against the strategy's `path`. `seed` moves the random one only.
pub(crate) fn benchmarks(
    market: &Market<'_>,
    rules: &Rules,
    path: &Path,
    periods: PeriodsPerYear,
    seed: u64,
) -> Result<Benchmarks, BacktestError> {
    let bars = market.bars().len();
    // Played again as they were held: what a stop cut short ends there by the signal.
    let held = Rules { exit: Exit::Signal, stops: Stops::NONE, ..*rules };
    let outcome = |equity: &[f64]| {
        let returns = Returns::of_equity(equity).map_err(BacktestError::Equity)?;
        Ok(Outcome {
            total_return: returns.total(),
            sharpe: returns.sharpe(periods),
            max_drawdown: returns.max_drawdown(),
        })
    };
    let of = |signals: &[Option<Side>], rules| outcome(&follow(market, signals, rules)?.equity);
    Ok(Benchmarks {
        // What stays the same amounts to the same over few bars and over many.
        flat: outcome(&vec![rules.starting_equity; bars.min(FEW)])?,
        buy_and_hold: of(&vec![Some(Side::Long); bars], &held)?,
        last_return_sign: of(&last_signs(market), rules)?,
        random: random(market, &held, path, seed)?,
    })
}

/// The direction of every bar's own return; none for the first, and where nothing moved.
fn last_signs(market: &Market<'_>) -> Vec<Option<Side>> {
    let sign = |pair: &[crate::Bar]| match pair {
        [before, after] if after.close > before.close => Some(Side::Long),
        [before, after] if after.close < before.close => Some(Side::Short),
        _ => None,
    };
    std::iter::once(None).chain(market.bars().windows(2).map(sign)).collect()
}

/// Plays the positions of `path` at random times.
fn random(
    market: &Market<'_>,
    rules: &Rules,
    path: &Path,
    seed: u64,
) -> Result<RandomBenchmark, BacktestError> {
    let runs = Runs::of(path.positions.get(1..).unwrap_or_default());
    let own = path.equity.last().copied().unwrap_or(rules.starting_equity);
    let replay = Replay::of(market, rules)?;
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let (mut at_least, mut total) = (1_u32, 0.0);
    for _ in 0..PERMUTATIONS {
        let reached = replay.end(&runs.shuffled(&mut chance))?;
        at_least += u32::from(reached >= own);
        total += reached / rules.starting_equity - 1.0;
    }
    let p = if path.trades.is_empty() {
        Measured::Undefined(Reason::NoTrades)
    } else {
        Measured::Defined(f64::from(at_least) / f64::from(PERMUTATIONS + 1))
    };
    let mean_return = Measured::finite(total / f64::from(PERMUTATIONS));
    Ok(RandomBenchmark { permutations: PERMUTATIONS, mean_return, p })
}

/// A position, or none, and for how many bars in a row.
pub(crate) type Run = (Option<Side>, usize);

/// Positions as runs of the same one.
struct Runs {
    runs: Vec<Run>,
    /// The lengths of the runs without a position, long, and short, in order.
    lengths: [Vec<usize>; 3],
}

impl Runs {
    fn of(positions: &[Option<Side>]) -> Self {
        let run = |same: &[Option<Side>]| (same.first().copied().flatten(), same.len());
        let runs: Vec<Run> = positions.chunk_by(|a, b| a == b).map(run).collect();
        let lengths = SIDES.map(|side| {
            runs.iter().filter(|run| run.0 == side).map(|run| run.1).collect::<Vec<_>>()
        });
        Self { runs, lengths }
    }

    /// The same positions at other times: the lengths of runs are dealt anew among the runs of
    /// their side, and the whole is turned by a random number of bars.
    ///
    /// Every side is held for as many bars as before and changed from as often (but for one more
    /// where the turn cuts a run), so that exposure and costs stay what they were. Shuffling bars,
    /// or whole runs, would multiply or merge trades and compare different costs.
    fn shuffled(&self, chance: &mut ChaCha8Rng) -> Vec<Run> {
        let mut lengths = self.lengths.clone();
        for of_side in &mut lengths {
            shuffle(of_side, chance);
        }
        let [flat, long, short] = &lengths;
        let (mut flat, mut long, mut short) = (flat.iter(), long.iter(), short.iter());
        let deal = |(side, _): &Run| {
            let length = match side {
                None => flat.next(),
                Some(Side::Long) => long.next(),
                Some(Side::Short) => short.next(),
            };
            (*side, length.copied().unwrap_or(0))
        };
        let dealt: Vec<Run> = self.runs.iter().map(deal).collect();
        let bars = dealt.iter().map(|run| run.1).sum();
        turned(&dealt, below(bars, chance))
    }
}

/// In the order in which their lengths are dealt.
const SIDES: [Option<Side>; 3] = [None, Some(Side::Long), Some(Side::Short)];

/// `runs` turned to the left by so many bars: what is cut off at the front comes last.
fn turned(runs: &[Run], turn: usize) -> Vec<Run> {
    let mut before = 0;
    let cut = runs.iter().position(|run| {
        before += run.1;
        before > turn
    });
    let Some((front, [(side, length), rest @ ..])) = cut.and_then(|cut| runs.split_at_checked(cut))
    else {
        return runs.to_vec();
    };
    let kept = before - turn;
    let mut turned = Vec::with_capacity(runs.len() + 1);
    turned.push((*side, kept));
    turned.extend(rest);
    turned.extend(front);
    turned.push((*side, length - kept));
    turned
}

/// Fisher and Yates' shuffle.
fn shuffle(items: &mut [usize], chance: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last + 1, chance));
    }
}

/// A uniform number below `bound`; 0 when that is 0.
fn below(bound: usize, chance: &mut ChaCha8Rng) -> usize {
    // The high half of the product is below `bound`, and off uniform by less than 2^-40 here.
    let product = u128::from(chance.next_u64()) * bound as u128;
    usize::try_from(product >> 64).unwrap_or_default()
}

#[cfg(test)]
mod tests;
