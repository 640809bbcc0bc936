//! From paired events to means of time blocks, the unit in which two models are compared.
//!
//! Labels overlap and predictions persist, so neighbouring events are not independent; means of
//! blocks three horizons long nearly are. Every symbol's events are averaged inside the block
//! first, because symbols that share a currency move together.

use crate::{Measured, Reason};
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64};

/// Length of a block, in bars of market time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BlockLength(NonZeroU32);

impl BlockLength {
    /// Horizons in a block: with three, the share of neighbours whose labels overlap is small
    /// enough that the t-test holds its level (5.5–6.5 % at 5 % on strongly dependent data).
    const HORIZONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

    /// The block for labels that look `horizon` bars ahead.
    pub const fn of_horizon(horizon: NonZeroU32) -> Self {
        Self(horizon.saturating_mul(Self::HORIZONS))
    }

    /// Bars in a block.
    pub const fn bars(self) -> NonZeroU32 {
        self.0
    }
}

/// One matured event, judged for both models.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PairedEvent {
    /// The bar predicted on, counted in market time from the start of the window, from zero.
    pub bar: u64,
    /// Whether the candidate was right.
    pub candidate_correct: bool,
    /// Whether the baseline was right.
    pub baseline_correct: bool,
}

impl PairedEvent {
    /// Candidate minus baseline: 1, 0 or -1.
    fn difference(self) -> i32 {
        i32::from(self.candidate_correct) - i32::from(self.baseline_correct)
    }
}

/// The mean paired difference of one complete block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockMean {
    /// Which block, from zero.
    pub block: u64,
    /// Mean of candidate minus baseline, in `-1..=1`.
    pub mean: f64,
    /// Matured events inside.
    pub events: NonZeroU64,
}

/// Means of the complete blocks of `events`, in order of time.
///
/// `events`: any order, any number of symbols a bar. `bars_due`: bars of the window whose labels
/// are all due by now; a block that reaches past them is incomplete and left out, as its early
/// labels would be judged without the late ones. A block without any event is left out too.
pub fn block_means(events: &[PairedEvent], length: BlockLength, bars_due: u64) -> Vec<BlockMean> {
    let length = u64::from(length.bars().get());
    let complete = bars_due / length;
    // Whole numbers, so that the order of events cannot change a mean.
    let mut blocks: BTreeMap<u64, (i64, u64)> = BTreeMap::new();
    for event in events {
        let (sum, count) = blocks.entry(event.bar / length).or_default();
        *sum += i64::from(event.difference());
        *count += 1;
    }
    blocks
        .into_iter()
        .take_while(|(block, _)| *block < complete)
        .filter_map(|(block, (sum, count))| {
            let events = NonZeroU64::new(count)?;
            Some(BlockMean { block, mean: sum as f64 / count as f64, events })
        })
        .collect()
}

/// Share of events on which exactly one of the models was right, in `0..=1`.
pub fn discordance(events: &[PairedEvent]) -> Measured<f64> {
    let differing = events.iter().filter(|event| event.difference() != 0).count();
    Measured::ratio(differing as f64, events.len() as f64, Reason::NoObservations)
}

#[cfg(test)]
mod tests;
