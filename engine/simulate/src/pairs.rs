//! Bars that both models speak of while a canary and its ramp go on, and who is right.
//!
//! Whether a model is right about a bar is drawn from the test's seed, for both models by the same
//! draw: it is right when the draw lies below its accuracy. So a candidate that is no worse is
//! never found worse by chance, and one that is worse is worse bar by bar.

use crate::ledger::mean;
use std::num::NonZeroU32;
use suho_domain::units::Decimal;
use suho_domain::{Duration, Instant, Ratio};
use suho_rollout::{Block, Correct, Events};
use suho_stats::{BlockLength, PairedEvent, Stream, block_means};

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    close: Instant,
    /// Which bar, by market time from the start of the window, from zero.
    place: u64,
    /// Market time from the start of the window at which its label is due.
    due: Duration,
    /// The accuracies, where they are measured.
    candidate: Option<Ratio>,
    baseline: Option<Ratio>,
}

/// The bars of one window, in order.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    pub(crate) began: Instant,
    bars: Vec<Bar>,
    bar: Duration,
    horizon: Duration,
    seed: u64,
}

/// What the bars say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    pub(crate) events: Events,
    pub(crate) correct: Correct,
    pub(crate) accuracy: Option<Ratio>,
    pub(crate) blocks: Vec<Block>,
}

impl Pairs {
    pub(crate) const fn new(began: Instant, bar: Duration, horizon: Duration, seed: u64) -> Self {
        Self { began, bars: Vec::new(), bar, horizon, seed }
    }

    /// Forgets what came after `at`: the engine takes up an earlier moment.
    pub(crate) fn rewind(&mut self, at: Instant) {
        self.bars.retain(|bar| bar.close <= at);
    }

    /// A bar closes, `market` time after the window began.
    pub(crate) fn close(
        &mut self,
        close: Instant,
        market: Duration,
        (candidate, baseline): (Option<Ratio>, Option<Ratio>),
    ) {
        let place = u64::try_from(market.nanos() / self.bar.nanos().max(1)).unwrap_or(0);
        let due = market.plus(self.horizon);
        self.bars.push(Bar { close, place, due, candidate, baseline });
    }

    /// What is known `market` time after the window began.
    pub(crate) fn judge(&self, market: Duration) -> Judged {
        let due = self.bars.iter().take_while(|bar| bar.due <= market);
        let (mut judged, mut sum, mut pairs) = (Judged::default(), Decimal::ZERO, Vec::new());
        for bar in due {
            judged.events.due += 1;
            let Some(candidate) = bar.candidate else { continue };
            judged.events.matured += 1;
            sum = sum.saturating_add(candidate.number());
            let drawn = Stream::part(self.seed, bar.place).uniform();
            pairs.extend(bar.baseline.map(|baseline| PairedEvent {
                bar: bar.place,
                candidate_correct: drawn < candidate.to_f64(),
                baseline_correct: drawn < baseline.to_f64(),
            }));
        }
        judged.accuracy = mean(sum, judged.events.matured);
        let right = u64::try_from(sum.trunc()).unwrap_or(0);
        judged.correct = Correct { right, events: judged.events.matured };
        let open = self.bars.iter().find(|bar| bar.due > market);
        let known = open.map_or(0, |bar| bar.place);
        let horizon = u32::try_from(self.horizon.nanos() / self.bar.nanos().max(1)).ok();
        let horizon = horizon.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        let blocks = block_means(&pairs, BlockLength::of_horizon(horizon), known);
        judged.blocks = blocks.into_iter().map(Block::from).collect();
        judged
    }
}

#[cfg(test)]
mod tests;
