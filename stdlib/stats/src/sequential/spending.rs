//! How much of the error probability a test may have spent by when.

use crate::Alpha;
use crate::distribution::{normal_above, normal_quantile};

/// Lan and DeMets' spending function of the O'Brien–Fleming type.
///
/// It spends next to nothing early, so that an early stop needs overwhelming evidence and the last
/// look is nearly as sharp as a single test.
///
/// Source: Lan & DeMets 1983.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spending {
    alpha: Alpha,
}

impl Spending {
    /// Spending of the one-sided `alpha`.
    pub const fn new(alpha: Alpha) -> Self {
        Self { alpha }
    }

    /// Error probability spent at information fraction `t`: `2 (1 - Φ(z_{1-α/2} / √t))`.
    ///
    /// Nothing at 0 and before, all of alpha from 1 on, growing in between.
    pub fn spent(self, t: f64) -> f64 {
        let alpha = self.alpha.get();
        if t >= 1.0 {
            alpha
        } else if t > 0.0 {
            2.0 * normal_above(normal_quantile(1.0 - 0.5 * alpha) / t.sqrt())
        } else {
            0.0
        }
    }
}
