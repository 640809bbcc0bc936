//! How often a confidence sequence misses the truth, however long it is watched.

use super::events::{Events, Hidden};
use super::{EventModel, Rate};
use crate::distribution::normal_quantile;
use crate::sequential::BLOCKS_MIN as FIRST_LOOK;
use crate::{Alpha, ConfidenceSequence, StatsError, Stream};
use std::num::NonZeroU32;

/// A monitor as it is planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidencePlan {
    /// How events come about.
    pub events: EventModel,
    /// Probability that a bound misses, over all looks.
    pub alpha: Alpha,
    /// Blocks near which the sequence is at its sharpest.
    pub planned: NonZeroU32,
    /// Blocks that are watched, with a look after each from the thirtieth on.
    pub watched: NonZeroU32,
}

/// How often bounds missed the true difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidenceRates {
    /// Monitors whose upper bound was below the truth at some look.
    pub below: Rate,
    /// Monitors whose lower bound was above the truth at some look.
    pub above: Rate,
    /// Monitors whose upper bound was below the truth at some look if it had been the usual one,
    /// which is meant for a single look.
    pub below_fixed: Rate,
}

/// Plays `runs` monitors.
///
/// # Errors
/// When a figure of the plan is out of range.
pub fn confidence(
    plan: &ConfidencePlan,
    runs: NonZeroU32,
    seed: u64,
) -> Result<ConfidenceRates, StatsError> {
    plan.events.check()?;
    let sequence = ConfidenceSequence::new(plan.alpha, plan.planned);
    // Widths for a deviation of one.
    let widths: Vec<f64> = (1..=plan.watched.get())
        .filter_map(NonZeroU32::new)
        .map(|blocks| sequence.half_width(1.0, blocks))
        .collect();
    let hidden = Hidden::behind(&plan.events);
    let z = normal_quantile(1.0 - plan.alpha.get());
    let (mut below, mut above, mut below_fixed) = (0, 0, 0);
    for run in 0..runs.get() {
        let mut events = Events::new(&plan.events, hidden, Stream::part(seed, u64::from(run)));
        let mut missed = (false, false, false);
        let (mut count, mut mean, mut squares) = (0.0_f64, 0.0, 0.0);
        for (look, width) in (1..).zip(&widths) {
            let off = events.block_mean() - plan.events.effect;
            count += 1.0;
            let before = off - mean;
            mean += before / count;
            squares += before * (off - mean);
            if look < FIRST_LOOK || squares <= 0.0 {
                continue;
            }
            let deviation = (squares / (count - 1.0)).sqrt();
            missed.0 |= mean < -width * deviation;
            missed.1 |= mean > width * deviation;
            missed.2 |= mean < -z * deviation / count.sqrt();
        }
        below += u32::from(missed.0);
        above += u32::from(missed.1);
        below_fixed += u32::from(missed.2);
    }
    let rate = |hits| Rate::of_games(hits, runs);
    Ok(ConfidenceRates { below: rate(below), above: rate(above), below_fixed: rate(below_fixed) })
}

#[cfg(test)]
mod tests;
