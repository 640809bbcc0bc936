//! Classification and return metrics, sequential tests, intervals.
//!
//! Pure: no clock, no files, no chance. The same numbers in give the same numbers out, bit for bit.
//! A figure that does not exist is [`Measured::Undefined`] with its reason, never NaN and never
//! zero; input that cannot be meant is a [`StatsError`].

mod alpha;
mod blocks;
mod classification;
mod distribution;
mod error;
mod interval;
mod ks;
mod measured;
mod power;
mod proportions;
mod quantile;
mod returns;
mod sequential;
mod srm;

#[cfg(test)]
mod golden;

pub use alpha::Alpha;
pub use blocks::{BlockLength, BlockMean, PairedEvent, block_means, discordance};
pub use classification::{
    ClassScore, Classification, Confusion, IllDefined, Probabilities, Scoring, classify,
    majority_accuracy, majority_class, persistence_accuracy,
};
pub use error::StatsError;
pub use interval::Interval;
pub use ks::{KsTest, ks_two_sample};
pub use measured::{Measured, Reason};
pub use power::Power;
pub use proportions::{Alternative, Proportion, ZTest, two_proportions};
pub use quantile::{Quantile, nearest_rank};
pub use returns::{
    PeriodsPerYear, Returns, SharpeMoments, Trials, daily_sharpe, expected_best_sharpe,
    profit_factor, win_rate,
};
pub use sequential::{ConfidenceSequence, HarmTest, Look, Spending, Verdict, boundaries};
pub use srm::{SampleRatio, sample_ratio};
