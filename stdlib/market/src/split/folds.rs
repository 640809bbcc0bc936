//! More than one division of the same samples: walking forward, and every choice of test groups.
//!
//! Both keep the same distance as the chronological split: between a train sample and a test sample
//! lie the purge and the embargo, counted in bars, so that neither a label nor a sequence of one
//! touches a bar of the other.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use suho_domain::Fault;

use super::Sampling;
use crate::labels::span;

mod combinatorial;
mod walk_forward;

pub use combinatorial::{Combinations, Combinatorial, CombinatorialSplit, combinatorial};
pub use walk_forward::{Fold, Growth, WalkForward, walk_forward};

/// Why samples cannot be divided that way.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FoldError {
    /// Labels of train would be known only in the test. Code `purge-too-short`.
    #[error(
        "a purge of {purge} bars is shorter than the horizon of {horizon}: labels would reach \
         into the test; write at least {horizon} or leave it out"
    )]
    PurgeTooShort {
        /// What was written.
        purge: usize,
        /// What is needed.
        horizon: usize,
    },
    /// A window of no length.
    #[error("`{name}` of a walk forward is {}; it must be longer than nothing", span(*given))]
    EmptyWindow {
        /// Which.
        name: &'static str,
        /// What was written.
        given: TimeDelta,
    },
    /// The samples do not reach over one train and one test window.
    #[error(
        "the samples reach over {} of the {} that the first fold needs", cut(*there), span(*needed)
    )]
    NoFold {
        /// From the first decision to the last.
        there: TimeDelta,
        /// Train and test together.
        needed: TimeDelta,
    },
    /// A part of a fold is too small to say anything. Code `too-few-rows`.
    #[error(
        "fold {fold} has {train} samples to train on and {test} to test; at least {train_min} and \
         {test_min} are needed"
    )]
    TooFewRows {
        /// Which fold, counted from 1.
        fold: usize,
        /// Samples in train.
        train: usize,
        /// Samples in test.
        test: usize,
        /// Fewest in train.
        train_min: usize,
        /// Fewest in test.
        test_min: usize,
    },
    /// A number of groups that leaves nothing to choose.
    #[error(
        "{test} of {groups} groups cannot be tested: there must be at least 2 groups, and one of \
         them left to train on"
    )]
    Groups {
        /// How many groups there are to be.
        groups: usize,
        /// How many of them are tested at a time.
        test: usize,
    },
    /// More trainings than anyone wants to wait for.
    #[error("{test} of {groups} groups are {} splits; at most {max} are made", many(*splits))]
    TooManySplits {
        /// How many groups there are to be.
        groups: usize,
        /// How many of them are tested at a time.
        test: usize,
        /// How many ways there are to choose them.
        splits: u64,
        /// How many may be.
        max: usize,
    },
    /// Samples that are not in order of time, or a decision for another number of samples.
    #[error("the samples are not in order of time, each with one decision")]
    Order,
}

/// A length that is only told: days without the hours of the last one.
fn cut(length: TimeDelta) -> String {
    match length.num_days() {
        0 | 1 => span(length),
        days => format!("{days} d"),
    }
}

fn many(splits: u64) -> String {
    if splits == u64::MAX { "countless".to_owned() } else { splits.to_string() }
}

impl FoldError {
    /// The word by which documentation knows the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PurgeTooShort { .. } => "purge-too-short",
            Self::EmptyWindow { .. } => "empty-split",
            Self::NoFold { .. } | Self::TooFewRows { .. } => "too-few-rows",
            Self::Groups { .. } => "split-groups",
            Self::TooManySplits { .. } => "too-many-splits",
            Self::Order => "samples-out-of-order",
        }
    }

    /// The pipeline's author chose the rule and the data; the order of samples is ours.
    pub const fn fault(&self) -> Fault {
        if matches!(self, Self::Order) { Fault::Bug } else { Fault::User }
    }
}

/// How many samples a part has, and from when to when they decide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PartSpan {
    /// How many samples.
    pub samples: usize,
    /// The first decision; none without samples.
    pub first: Option<DateTime<Utc>>,
    /// The last decision; none without samples.
    pub last: Option<DateTime<Utc>>,
}

impl PartSpan {
    /// What `part`, ranges of places in the list of samples, has; `decisions` `[sample]` in µs.
    pub fn of(part: &[Range<usize>], decisions: &[i64]) -> Self {
        let times = || part.iter().filter_map(|range| decisions.get(range.clone())).flatten();
        let at = |time: Option<&i64>| DateTime::from_timestamp_micros(*time?);
        Self {
            samples: times().count(),
            first: at(times().next()),
            last: at(part
                .iter()
                .filter_map(|range| decisions.get(range.clone())?.last())
                .next_back()),
        }
    }
}

/// `3124 samples, 2017-05-10 21:00 to 2017-11-06 04:00`, in UTC.
impl std::fmt::Display for PartSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} samples", self.samples)?;
        if let (Some(first), Some(last)) = (self.first, self.last) {
            write!(f, ", {} to {}", first.format("%F %H:%M"), last.format("%F %H:%M"))?;
        }
        Ok(())
    }
}

/// Bars between a train sample and a test sample.
fn gap(
    purge: Option<usize>,
    embargo: Option<usize>,
    sampling: &Sampling,
) -> Result<usize, FoldError> {
    let (purge, horizon) = (purge.unwrap_or(sampling.horizon), sampling.horizon);
    if purge < horizon {
        return Err(FoldError::PurgeTooShort { purge, horizon });
    }
    Ok(purge.saturating_add(embargo.unwrap_or(sampling.sequence)))
}

/// What is learned from and what decides when learning stops: the last `share` (above 0, below 1) of
/// the samples in `train`, and those before it that keep the same distance as from a test.
///
/// `train`: places in the list of samples, ascending. `samples` `[sample]`: index of the last bar of
/// each, in order.
///
/// # Errors
/// When the purge is shorter than the horizon.
pub fn hold_out(
    train: &[Range<usize>],
    samples: &[usize],
    sampling: &Sampling,
    (purge, embargo): (Option<usize>, Option<usize>),
    share: f64,
) -> Result<HeldOut, FoldError> {
    let gap = gap(purge, embargo, sampling)?;
    let all: usize = train.iter().map(Range::len).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of samples, at most that number"
    )]
    let wanted = (all as f64 * share.clamp(0.0, 1.0)) as usize;
    let mut before = all - wanted;
    let mut parts = HeldOut { train: Vec::new(), validation: Vec::new() };
    for stretch in train {
        let cut = stretch.start + before.min(stretch.len());
        before = before.saturating_sub(stretch.len());
        parts.train.push(stretch.start..cut);
        parts.validation.push(cut..stretch.end);
    }
    parts.validation.retain(|stretch| !stretch.is_empty());
    let first = parts.validation.first().and_then(|stretch| samples.get(stretch.start));
    for stretch in &mut parts.train {
        let far = first.map_or(stretch.end, |first| {
            samples.partition_point(|bar| bar.saturating_add(gap) < *first)
        });
        stretch.end = stretch.end.min(far).max(stretch.start);
    }
    parts.train.retain(|stretch| !stretch.is_empty());
    Ok(parts)
}

/// A training window, parted. Ranges are places in the list of samples.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldOut {
    /// The samples that a model learns from.
    pub train: Vec<Range<usize>>,
    /// The samples that decide when learning stops.
    pub validation: Vec<Range<usize>>,
}

/// The part of `train` that lies more than `gap` bars away from the samples on both sides of it.
fn trimmed(train: Range<usize>, samples: &[usize], gap: usize) -> Range<usize> {
    let before = train.start.checked_sub(1).and_then(|place| samples.get(place));
    let start = before.map_or(train.start, |last| {
        samples.partition_point(|bar| *bar <= last.saturating_add(gap))
    });
    let end = samples
        .get(train.end)
        .map_or(train.end, |first| samples.partition_point(|bar| bar.saturating_add(gap) < *first));
    let end = end.clamp(train.start, train.end);
    start.clamp(train.start, end)..end
}

#[cfg(test)]
mod tests;
