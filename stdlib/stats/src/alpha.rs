//! The error probability that a one-sided test may spend.

use crate::StatsError;

/// One-sided error probability.
///
/// Invariant: above 0 and below 0.5, so that every boundary made of it is finite and positive.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Alpha(f64);

impl Alpha {
    /// One chance in twenty, the default of the harm test.
    pub const FIVE_PERCENT: Self = Self(0.05);
    /// One chance in a hundred, the default of the harm test's second stage.
    pub const ONE_PERCENT: Self = Self(0.01);

    /// `probability` as a one-sided error probability.
    ///
    /// # Errors
    /// When it does not lie strictly between 0 and 0.5.
    pub fn new(probability: f64) -> Result<Self, StatsError> {
        if probability > 0.0 && probability < 0.5 {
            Ok(Self(probability))
        } else {
            Err(StatsError::Alpha(probability))
        }
    }

    /// The probability, above 0 and below 0.5.
    pub const fn get(self) -> f64 {
        self.0
    }
}
