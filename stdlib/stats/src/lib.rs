//! Classification and return metrics, sequential tests, intervals, drift.
//!
//! Pure: no clock, no files, no chance but what a seed draws. The same numbers in give the same
//! numbers out, bit for bit.
//! A figure that does not exist is [`Measured::Undefined`] with its reason, never NaN and never
//! zero; input that cannot be meant is a [`StatsError`].

mod alpha;
mod alternative;
mod blocks;
mod bootstrap;
mod classification;
mod contingency;
mod distribution;
mod drift;
mod error;
mod interval;
mod ks;
mod mann_whitney;
mod measured;
mod multiplicity;
mod power;
mod proportions;
mod quantile;
mod random;
mod returns;
mod sample;
mod sequential;
pub mod simulate;
mod srm;
mod welch;

#[cfg(test)]
mod golden;

pub use alpha::Alpha;
pub use alternative::Alternative;
pub use blocks::{BlockLength, BlockMean, PairedEvent, block_means, discordance};
pub use bootstrap::{Bootstrap, Resampled, Resampling};
pub use classification::{
    ClassScore, Classification, Confidence, Confusion, IllDefined, Probabilities, Scoring,
    classify, majority_accuracy, majority_class, persistence_accuracy,
};
pub use contingency::{ChiSquared, homogeneity};
pub use drift::{
    Bins, Change, DriftReport, DriftRule, DriftVerdict, FalseAlarms, FeatureDrift, FeatureKind,
    KsNull, Reference, UncalibratedRule, Watched, Weight, energy_distance, jensen_shannon,
    stability_index, wasserstein,
};
pub use error::StatsError;
pub use interval::Interval;
pub use ks::{KsMethod, KsTest, ks_two_sample};
pub use mann_whitney::{MannWhitney, mann_whitney};
pub use measured::{Measured, Reason};
pub use multiplicity::Correction;
pub use power::Power;
pub use proportions::{Proportion, ZTest, two_proportions};
pub use quantile::{Quantile, nearest_rank};
pub use random::Stream;
pub use returns::{
    Overfitting, PeriodsPerYear, Returns, SharpeMoments, Trials, ValidationBlocks,
    backtest_overfitting, daily_sharpe, expected_best_sharpe, profit_factor, win_rate,
};
pub use sample::Sample;
pub use sequential::{ConfidenceSequence, HarmTest, Look, Spending, Verdict, boundaries};
pub use srm::{SampleRatio, sample_ratio};
pub use welch::Welch;
