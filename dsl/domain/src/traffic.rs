//! Shares of live prediction traffic.

use crate::units::Ratio;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A share of traffic in basis points, `0..=10_000`.
///
/// Invariant: never above 10,000, so a share and its [`complement`](Self::complement) are all of
/// the traffic.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct BasisPoints(u16);

/// A number that is no share of traffic.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0} is not a share of traffic: 0% to 100% in steps of 0.01%")]
pub struct NotBasisPoints(String);

impl BasisPoints {
    /// No traffic.
    pub const NONE: Self = Self(0);
    /// All of the traffic.
    pub const ALL: Self = Self(10_000);

    /// A share of `points` hundredths of a percent.
    ///
    /// # Errors
    /// When `points` is above 10,000.
    pub fn new(points: u16) -> Result<Self, NotBasisPoints> {
        if points <= Self::ALL.0 {
            Ok(Self(points))
        } else {
            Err(NotBasisPoints(points.to_string()))
        }
    }

    /// The share that `ratio` is.
    ///
    /// # Errors
    /// When it is below 0 %, above 100 % or finer than 0.01 %.
    pub fn of(ratio: Ratio) -> Result<Self, NotBasisPoints> {
        let refused = || NotBasisPoints(ratio.to_string());
        let points = ratio.number().saturating_mul(Self::ALL.0.into());
        if !points.fract().is_zero() {
            return Err(refused());
        }
        Self::new(points.to_u16().ok_or_else(refused)?).map_err(|_| refused())
    }

    /// Basis points, `0..=10_000`.
    pub const fn points(self) -> u16 {
        self.0
    }

    /// The rest of the traffic.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(Self::ALL.0.saturating_sub(self.0))
    }
}

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02}%"),
        }
    }
}

impl TryFrom<u16> for BasisPoints {
    type Error = NotBasisPoints;
    fn try_from(points: u16) -> Result<Self, NotBasisPoints> {
        Self::new(points)
    }
}

impl From<BasisPoints> for u16 {
    fn from(share: BasisPoints) -> Self {
        share.0
    }
}
