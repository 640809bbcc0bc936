//! The candidate against the baseline: the harm test, look by look, and what it must not forget.

use serde::{Deserialize, Serialize};
use std::num::{NonZeroU32, NonZeroU64};
use suho_domain::{Duration, Points, Ratio};
use suho_stats::{Alpha, BlockMean, ConfidenceSequence, HarmTest, Interval, Measured};

/// Blocks an always-valid test needs before its first look.
pub(crate) const ALWAYS_VALID_BLOCKS_MIN: u64 = 30;

/// A one-sided error probability, written as a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Ratio", into = "Ratio")]
pub struct Level {
    ratio: Ratio,
    alpha: Alpha,
}

/// A ratio that is no error probability.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("error probability `{0}` is not between 0% and 50%")]
pub struct NotALevel(Ratio);

impl Level {
    /// `ratio` as a one-sided error probability.
    ///
    /// # Errors
    /// When it does not lie strictly between 0 % and 50 %.
    pub fn new(ratio: Ratio) -> Result<Self, NotALevel> {
        let alpha = Alpha::new(ratio.to_f64()).map_err(|_| NotALevel(ratio))?;
        Ok(Self { ratio, alpha })
    }

    /// As a ratio.
    pub const fn ratio(self) -> Ratio {
        self.ratio
    }
}

impl TryFrom<Ratio> for Level {
    type Error = NotALevel;
    fn try_from(ratio: Ratio) -> Result<Self, NotALevel> {
        Self::new(ratio)
    }
}

impl From<Level> for Ratio {
    fn from(level: Level) -> Self {
        level.ratio
    }
}

/// How looking more than once is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Boundaries solved for the blocks planned. The sharpest test where the end is known.
    GroupSequential {
        /// Error probability over all looks.
        alpha: Level,
    },
    /// A confidence sequence; for rollouts of 30 blocks and more.
    AlwaysValid {
        /// Error probability over all time.
        alpha: Level,
    },
}

/// What a canary's comparison has to show before the candidate goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accept {
    /// No look found harm.
    NoHarm,
    /// The candidate is worse by less than `margin`.
    NonInferior {
        /// The margin, above zero.
        margin: Points,
    },
    /// The candidate is better.
    Superior,
}

/// How the candidate is compared with the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The test.
    pub test: Test,
    /// What a canary has to show. A ramp only watches for harm.
    pub accept: Accept,
    /// Bars in a block: three horizons.
    pub block_bars: NonZeroU32,
    /// Length of a bar in market time.
    pub bar: Duration,
    /// Events a bar: the symbols.
    pub events_per_bar: NonZeroU32,
    /// The blocks an earlier stage has looked at; a ramp's statistic counts the canary's.
    pub earlier: Vec<Block>,
}

impl Comparison {
    /// Length of a block in market time.
    pub fn block(&self) -> Duration {
        let bars = i64::from(self.block_bars.get());
        Duration::from_nanos(self.bar.nanos().saturating_mul(bars))
    }

    /// Blocks that are complete after `market` time from the start of the first.
    pub fn blocks_in(&self, market: Duration) -> u64 {
        let block = self.block().nanos().max(1);
        u64::try_from(market.nanos() / block).unwrap_or(0)
    }

    fn events_in(&self, blocks: u64) -> NonZeroU64 {
        let each =
            u64::from(self.block_bars.get()).saturating_mul(self.events_per_bar.get().into());
        NonZeroU64::new(blocks.saturating_mul(each)).unwrap_or(NonZeroU64::MIN)
    }
}

/// The paired events of one complete block. Whole numbers, so that it reads back exactly.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Which block, from zero, counted from the start of the canary's window.
    pub index: u64,
    /// Events only the candidate got right, less those only the baseline got right.
    pub difference: i64,
    /// Matured events inside.
    pub events: NonZeroU64,
}

impl From<BlockMean> for Block {
    fn from(block: BlockMean) -> Self {
        let difference = (block.mean * block.events.get() as f64).round();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a mean in -1..=1 times a count is at most the count"
        )]
        Self { index: block.block, difference: difference as i64, events: block.events }
    }
}

impl From<Block> for BlockMean {
    fn from(block: Block) -> Self {
        let mean = block.difference as f64 / block.events.get() as f64;
        Self { block: block.index, mean, events: block.events }
    }
}

/// What one look saw; for the record. Figures are absent where they do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The block that was looked at.
    pub block: u64,
    /// Blocks seen, this one and those of earlier stages included.
    pub blocks: usize,
    /// Information fraction: matured events over planned ones. Group-sequential only.
    pub information: Option<f64>,
    /// Mean difference in standard errors; negative when the candidate is worse.
    pub statistic: Option<f64>,
    /// At or below it is harm.
    pub boundary: Option<f64>,
    /// Bounds of the difference of accuracies, candidate minus baseline, that hold over all looks.
    pub interval: Option<(f64, f64)>,
    /// Whether the candidate is worse.
    pub harm: bool,
}

/// A comparison in progress.
///
/// Only the blocks and the plan at each look are kept; the test itself is built again from them
/// when it is missing, as after a crash, or when a label was revised.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Trial {
    looked: Vec<Looked>,
    #[serde(skip)]
    state: Option<InProgress>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
struct Looked {
    block: Block,
    /// Blocks planned in all, as far as it was known then.
    planned: u64,
}

#[derive(Clone, Debug)]
enum InProgress {
    Sequential { test: HarmTest, latest: Option<Look> },
    Always { sequence: Option<ConfidenceSequence>, means: Vec<f64>, latest: Option<Look> },
}

/// Whether the look that completes the plan is taken.
///
/// It spends all that is left, so it waits until it is known that the rollout is not extended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LastLook {
    Take,
    Defer,
}

impl Trial {
    /// Looks at those of `blocks` that have not been looked at, of `planned` in all.
    pub(crate) fn take(
        &mut self,
        comparison: &Comparison,
        blocks: &[Block],
        planned: u64,
        last: LastLook,
    ) -> Vec<Look> {
        self.revise(blocks);
        let mut looks = Vec::new();
        for block in blocks {
            let seen = self.looked.last().map(|looked| looked.block);
            let latest = seen.or_else(|| comparison.earlier.last().copied());
            if latest.is_some_and(|latest| block.index <= latest.index) {
                continue;
            }
            if last == LastLook::Defer && self.completes(comparison, block, planned) {
                break;
            }
            let looked = Looked { block: *block, planned };
            let look = self.state(comparison).look(comparison, &looked);
            self.looked.push(looked);
            looks.push(look);
        }
        looks
    }

    /// The blocks looked at, those of earlier stages first.
    pub(crate) fn blocks(&self, comparison: &Comparison) -> Vec<Block> {
        let own = self.looked.iter().map(|looked| looked.block);
        comparison.earlier.iter().copied().chain(own).collect()
    }

    /// The lower bound of the difference of accuracies, as of the latest look.
    pub(crate) fn lower_bound(&mut self, comparison: &Comparison) -> Option<f64> {
        let (InProgress::Sequential { latest, .. } | InProgress::Always { latest, .. }) =
            self.state(comparison);
        latest.and_then(|look| look.interval).map(|(lower, _)| lower)
    }

    /// Takes over what changed in blocks already looked at: a label was revised.
    fn revise(&mut self, blocks: &[Block]) {
        for looked in &mut self.looked {
            let now = blocks.iter().find(|block| block.index == looked.block.index);
            if let Some(now) = now.filter(|now| **now != looked.block) {
                looked.block = *now;
                self.state = None;
            }
        }
    }

    fn completes(&self, comparison: &Comparison, block: &Block, planned: u64) -> bool {
        let matured = self.blocks(comparison).iter().map(|block| block.events.get()).sum::<u64>();
        let sequential = matches!(comparison.test, Test::GroupSequential { .. });
        sequential
            && matured.saturating_add(block.events.get()) >= comparison.events_in(planned).get()
    }

    fn state(&mut self, comparison: &Comparison) -> &mut InProgress {
        let looked = &self.looked;
        self.state.get_or_insert_with(|| {
            let mut state = InProgress::new(comparison);
            for looked in looked {
                let _ = state.look(comparison, looked);
            }
            state
        })
    }
}

impl InProgress {
    fn new(comparison: &Comparison) -> Self {
        let earlier: Vec<BlockMean> =
            comparison.earlier.iter().copied().map(BlockMean::from).collect();
        match comparison.test {
            Test::GroupSequential { alpha } => {
                // The least plan; each look brings the real one.
                let test = HarmTest::resumed(alpha.alpha, NonZeroU64::MIN, &earlier);
                Self::Sequential { test, latest: None }
            }
            Test::AlwaysValid { .. } => {
                let means = earlier.iter().map(|block| block.mean).collect();
                Self::Always { sequence: None, means, latest: None }
            }
        }
    }

    fn look(&mut self, comparison: &Comparison, looked: &Looked) -> Look {
        let block = BlockMean::from(looked.block);
        match self {
            Self::Sequential { test, latest } => {
                // Plans only grow: neither extensions nor what the clock lost come back. Were one
                // shorter, the test would keep the longer.
                let _ = test.extend(comparison.events_in(looked.planned));
                let seen = test.look(&block);
                let look = Look {
                    block: looked.block.index,
                    blocks: seen.k,
                    information: Some(seen.t),
                    statistic: seen.statistic.defined(),
                    boundary: seen.boundary.defined(),
                    interval: ends(seen.interval),
                    harm: seen.verdict == suho_stats::Verdict::Harm,
                };
                *latest = Some(look);
                look
            }
            Self::Always { sequence, means, latest } => {
                means.push(block.mean);
                // Tuned to the plan of the first look and then left alone, or it would not hold at
                // all looks.
                let planned = u32::try_from(looked.planned).ok().and_then(NonZeroU32::new);
                let planned = planned.unwrap_or(NonZeroU32::MIN);
                let (Test::AlwaysValid { alpha } | Test::GroupSequential { alpha }) =
                    comparison.test;
                let sequence =
                    sequence.get_or_insert_with(|| ConfidenceSequence::new(alpha.alpha, planned));
                let interval = ends(sequence.bounds(means));
                let look = Look {
                    block: looked.block.index,
                    blocks: means.len(),
                    information: None,
                    statistic: None,
                    boundary: None,
                    interval,
                    harm: interval.is_some_and(|(_, upper)| upper < 0.0),
                };
                *latest = Some(look);
                look
            }
        }
    }
}

fn ends(interval: Measured<Interval>) -> Option<(f64, f64)> {
    interval.defined().map(|interval| (interval.lower, interval.upper))
}
