//! A sample in order of size, sorted once and compared often.

use crate::StatsError;

/// Finite observations in ascending order, at least one.
///
/// Invariant: never empty, never NaN or infinite, sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample(Vec<f64>);

impl Sample {
    /// `values` in any order and unit; ties are kept.
    ///
    /// # Errors
    /// When there are none or one is not finite.
    pub fn new(values: &[f64]) -> Result<Self, StatsError> {
        if values.is_empty() {
            return Err(StatsError::EmptySample);
        }
        if let Some((index, value)) = values.iter().enumerate().find(|(_, v)| !v.is_finite()) {
            return Err(StatsError::NotFinite { index, value: *value });
        }
        Ok(Self(sorted(values)))
    }

    /// The observations, ascending.
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// How many there are, at least one.
    pub(crate) fn size(&self) -> usize {
        self.0.len()
    }

    /// Whether all observations are equal.
    pub(crate) fn is_constant(&self) -> bool {
        matches!((self.0.first(), self.0.last()), (Some(first), Some(last)) if first >= last)
    }

    /// How many observations are below `value`.
    pub(crate) fn below(&self, value: f64) -> usize {
        self.0.partition_point(|other| *other < value)
    }

    /// How many observations are at most `value`.
    pub(crate) fn up_to(&self, value: f64) -> usize {
        self.0.partition_point(|other| *other <= value)
    }
}

/// `values` ascending.
///
/// The order of size is turned into an order of bits and back: whole numbers sort faster than
/// floats do by a comparison of floats, and as fast as by counting digits.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut keys: Vec<u64> = values.iter().map(|value| key(*value)).collect();
    keys.sort_unstable();
    keys.into_iter().map(value).collect()
}

const SIGN: u64 = 1 << 63;

/// Bits whose order as a whole number is the order of finite values; both zeros are one.
pub(crate) fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    // Negative values grow in magnitude downwards: all their bits turn.
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The value of a [`key`].
fn value(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests;
