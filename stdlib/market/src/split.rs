//! Which samples train, which validate and which test: in order of time, with gaps between.
//!
//! A sample is a sequence of bars and the label of its last bar; it goes by that bar's index. First
//! what cannot be a sample leaves the pool, then the gaps do, and what remains is divided by the
//! shares. So the shares are those of the samples that are used.

use std::ops::Range;

use suho_domain::Fault;

mod folds;

pub use folds::{
    Combinations, Combinatorial, CombinatorialSplit, Fold, FoldError, Growth, HeldOut, PartSpan,
    WalkForward, combinatorial, hold_out, walk_forward,
};

/// What bars must have around them to be a sample.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sampling {
    /// Bars at the start whose features are not settled.
    pub warm_up: usize,
    /// Bars in a sample's sequence, at least 1.
    pub sequence: usize,
    /// Bars until a label is known, at least 1.
    pub horizon: usize,
}

impl Sampling {
    /// Index of the last bar of the first sample.
    pub fn first_bar(&self) -> usize {
        self.warm_up + self.sequence.saturating_sub(1)
    }
}

/// How samples are divided, as whole parts: 5, 1, 1 or 70, 15, 15.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shares {
    /// Parts that a model learns from, at least 1.
    pub train: u32,
    /// Parts that decide when learning stops.
    pub validation: u32,
    /// Parts that nothing but the final measure sees.
    pub test: u32,
}

/// Fewest samples that each part must have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MinimumRows {
    /// In train.
    pub train: usize,
    /// In validation.
    pub validation: usize,
    /// In test.
    pub test: usize,
}

/// A chronological split.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SplitRule {
    /// How samples are divided.
    pub shares: Shares,
    /// Bars left out at each boundary because their labels reach over it; none for the horizon.
    pub purge: Option<usize>,
    /// Further bars left out so that sequences do not share bars; none for the sequence length.
    pub embargo: Option<usize>,
    /// Fewest samples in each part.
    pub minimum: MinimumRows,
}

impl SplitRule {
    /// 5 : 1 : 1, purge and embargo as the samples need them, at least 1,000 / 200 / 200 rows.
    pub const fn standard() -> Self {
        Self {
            shares: Shares { train: 5, validation: 1, test: 1 },
            purge: None,
            embargo: None,
            minimum: MinimumRows { train: 1_000, validation: 200, test: 200 },
        }
    }
}

/// Why bars did not become samples; each bar is counted once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dropped {
    /// Features not settled.
    pub warm_up: usize,
    /// Too few settled bars before them for a whole sequence.
    pub sequence: usize,
    /// At the end: no label yet.
    pub labels: usize,
    /// A feature or label in the sequence is missing.
    pub nan: usize,
    /// Left out at the two boundaries because a label reaches over one.
    pub purge: usize,
    /// Left out at the two boundaries so that sequences do not overlap.
    pub embargo: usize,
}

/// A division of samples in order of time. Ranges are places in the list of samples.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Split {
    /// The samples that a model learns from.
    pub train: Range<usize>,
    /// The samples that decide when learning stops.
    pub validation: Range<usize>,
    /// The samples that nothing but the final measure sees.
    pub test: Range<usize>,
    /// What became of the other bars.
    pub dropped: Dropped,
}

/// Why there is no such split.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Labels of one part would be known only in the next. Code `purge-too-short`.
    #[error(
        "a purge of {purge} bars is shorter than the horizon of {horizon}: labels would reach \
         into the next split; write at least {horizon} or leave it out"
    )]
    PurgeTooShort {
        /// What was written.
        purge: usize,
        /// What is needed.
        horizon: usize,
    },
    /// A part is too small to say anything. Code `too-few-rows`.
    #[error(
        "too few rows: train {train}, validation {validation}, test {test}; at least {}, {}, {} \
         are needed, which is {lacking} more bars in all",
        minimum.train, minimum.validation, minimum.test
    )]
    TooFewRows {
        /// Samples in train.
        train: usize,
        /// Samples in validation.
        validation: usize,
        /// Samples in test.
        test: usize,
        /// How many there must be.
        minimum: MinimumRows,
        /// How many more bars would do.
        lacking: usize,
    },
    /// A sequence or a horizon of no bars, or a share of nothing.
    #[error(
        "a split needs a sequence and a horizon of at least one bar, and a share for each part"
    )]
    Nothing,
}

impl Split {
    /// Train, validation and test with their numbers and dates; `decisions` `[sample]` in µs.
    pub fn spans(&self, decisions: &[i64]) -> [PartSpan; 3] {
        [&self.train, &self.validation, &self.test]
            .map(|part| PartSpan::of(std::slice::from_ref(part), decisions))
    }
}

impl SplitError {
    /// The word by which documentation knows the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PurgeTooShort { .. } => "purge-too-short",
            Self::TooFewRows { .. } => "too-few-rows",
            Self::Nothing => "empty-split",
        }
    }

    /// The pipeline's author chose the rule and the data.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// The split of `bars` bars, if no feature or label is missing: for `suho plan`, before any data
/// are read. Sample *s* goes by bar `sampling.first_bar() + s`.
///
/// 5,000 bars with a warm-up of 293, sequences of 60 and a horizon of 4, with 144 bars held back,
/// leave 3,124 / 624 / 624.
///
/// # Errors
/// When the purge is shorter than the horizon, a part would have too few samples, or sequence,
/// horizon or a share is zero.
pub fn plan_split(bars: usize, sampling: &Sampling, rule: &SplitRule) -> Result<Split, SplitError> {
    let first = sampling.first_bar();
    let end = bars.saturating_sub(sampling.horizon);
    split(bars, end.saturating_sub(first), sampling, rule)
}

/// The split of `samples`, the samples there are among `bars` bars by [`usable_samples`].
///
/// # Errors
/// As [`plan_split`].
pub fn split_samples(
    bars: usize,
    samples: &[usize],
    sampling: &Sampling,
    rule: &SplitRule,
) -> Result<Split, SplitError> {
    split(bars, samples.len(), sampling, rule)
}

/// The samples of a series by their last bar, in order: those whose whole sequence is usable.
///
/// `usable` `[bar]`: whether all features of a bar are there; every bar of a sequence needs them.
/// `labelled` `[bar]`: whether a bar has a label; the last bar of a sequence needs one.
pub fn usable_samples(usable: &[bool], labelled: &[bool], sampling: &Sampling) -> Vec<usize> {
    let mut run = 0;
    let mut samples = Vec::new();
    let end = usable.len().saturating_sub(sampling.horizon);
    for (bar, (usable, labelled)) in usable.iter().zip(labelled).enumerate().take(end) {
        run = if *usable && bar >= sampling.warm_up { run + 1 } else { 0 };
        if run >= sampling.sequence && *labelled {
            samples.push(bar);
        }
    }
    samples
}

fn split(
    bars: usize,
    samples: usize,
    sampling: &Sampling,
    rule: &SplitRule,
) -> Result<Split, SplitError> {
    let Shares { train, validation, test } = rule.shares;
    let whole = u128::from(train) + u128::from(validation) + u128::from(test);
    if [train, validation, test].contains(&0) || sampling.sequence == 0 || sampling.horizon == 0 {
        return Err(SplitError::Nothing);
    }
    let purge = rule.purge.unwrap_or(sampling.horizon);
    if purge < sampling.horizon {
        return Err(SplitError::PurgeTooShort { purge, horizon: sampling.horizon });
    }
    let embargo = rule.embargo.unwrap_or(sampling.sequence);
    let gap = purge.saturating_add(embargo);
    // A gap counts samples. Where samples are missing among the bars it is longer in bars: safe.
    let pool = samples.saturating_sub(gap.saturating_mul(2));
    let part = |share: u32| {
        // Rounded down; what is left over trains. The quotient is at most `pool`.
        usize::try_from(pool as u128 * u128::from(share) / whole).unwrap_or(pool)
    };
    let (validation, test) = (part(validation), part(test));
    let train = pool - validation - test;
    enough(train, validation, test, rule)?;
    let train = 0..train;
    let validation = train.end + gap..train.end + gap + validation;
    let test = validation.end + gap..validation.end + gap + test;
    Ok(Split {
        train,
        validation,
        test,
        dropped: dropped(bars, samples, sampling, purge * 2, embargo * 2),
    })
}

/// What became of `bars` bars of which `samples` are samples, when so many were left out between
/// parts.
pub fn dropped(
    bars: usize,
    samples: usize,
    sampling: &Sampling,
    purge: usize,
    embargo: usize,
) -> Dropped {
    // A short series runs out while it is still warming up.
    let warm_up = sampling.warm_up.min(bars);
    let sequence = sampling.sequence.saturating_sub(1).min(bars - warm_up);
    let labels = sampling.horizon.min(bars - warm_up - sequence);
    let nan = (bars - warm_up - sequence - labels).saturating_sub(samples);
    Dropped { warm_up, sequence, labels, nan, purge, embargo }
}

fn enough(
    train: usize,
    validation: usize,
    test: usize,
    rule: &SplitRule,
) -> Result<(), SplitError> {
    let MinimumRows { train: of_train, validation: of_validation, test: of_test } = rule.minimum;
    if train >= of_train && validation >= of_validation && test >= of_test {
        return Ok(());
    }
    let Shares { train: a, validation: b, test: c } = rule.shares;
    let whole = u128::from(a) + u128::from(b) + u128::from(c);
    // The pool in which each part has its minimum, the rounding down included.
    let pool = |rows: usize, share: u32| {
        let parts = (rows as u128 * whole).div_ceil(u128::from(share));
        usize::try_from(parts).unwrap_or(usize::MAX)
    };
    let needed = pool(of_train, a).max(pool(of_validation, b)).max(pool(of_test, c));
    let lacking = needed.saturating_sub(train + validation + test);
    let minimum = rule.minimum;
    Err(SplitError::TooFewRows { train, validation, test, minimum, lacking })
}

#[cfg(test)]
mod tests;
