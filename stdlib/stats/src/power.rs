//! What a paired comparison can show, and how many events it would need.

use crate::distribution::normal_quantile;
use crate::{Alpha, Measured, Reason, StatsError};

/// The assumptions behind a power calculation for paired differences.
///
/// Invariant: power above 0.5 and below 1; discordance above 0 and at most 1; inflation at
/// least 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    alpha: Alpha,
    wanted: f64,
    discordance: f64,
    inflation: f64,
}

impl Power {
    /// Power that plans ask for unless told otherwise.
    pub const USUAL: f64 = 0.8;
    /// Discordance assumed before staging has measured it.
    pub const DISCORDANCE_PRIOR: f64 = 0.2;
    /// Variance inflation assumed for overlapping labels and persistent predictions.
    pub const INFLATION_PRIOR: f64 = 2.5;

    /// Assumptions: one-sided `alpha`, the `power` wanted, the `discordance` (share of events on
    /// which exactly one model is right) and the variance `inflation` by dependence (1 is none).
    ///
    /// # Errors
    /// When one of them is out of its range.
    pub fn new(
        alpha: Alpha,
        power: f64,
        discordance: f64,
        inflation: f64,
    ) -> Result<Self, StatsError> {
        let checked = [
            ("power", power, power > 0.5 && power < 1.0),
            ("discordance", discordance, discordance > 0.0 && discordance <= 1.0),
            ("variance inflation", inflation, inflation >= 1.0 && inflation.is_finite()),
        ];
        match checked.into_iter().find(|(_, _, fits)| !fits) {
            Some((what, value, _)) => Err(StatsError::OutOfRange { what, value }),
            None => Ok(Self { alpha, wanted: power, discordance, inflation }),
        }
    }

    /// The usual assumptions: 5 % one-sided, power 80 %, discordance 20 %, inflation 2.5.
    pub const fn prior() -> Self {
        Self {
            alpha: Alpha::FIVE_PERCENT,
            wanted: Self::USUAL,
            discordance: Self::DISCORDANCE_PRIOR,
            inflation: Self::INFLATION_PRIOR,
        }
    }

    /// The smallest true difference of accuracies (in `0..`, a share) that `events` show with the
    /// power asked for: `(z_{1-α} + z_{power}) √(q · inflation / n)`.
    pub fn detectable(&self, events: u64) -> Measured<f64> {
        if events == 0 {
            return Measured::Undefined(Reason::NoObservations);
        }
        Measured::finite((self.spread() / events as f64).sqrt())
    }

    /// Events needed to show a true difference of `margin` (a share, above 0), rounded up.
    ///
    /// # Errors
    /// When the margin is not in `0..=1` or so small that the count is beyond a `u64`.
    pub fn events_needed(&self, margin: f64) -> Result<u64, StatsError> {
        let needed = (self.spread() / (margin * margin)).ceil();
        if margin > 0.0 && margin <= 1.0 && needed < MOST_EVENTS {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number between 0 and 2^53"
            )]
            Ok(needed as u64)
        } else {
            Err(StatsError::OutOfRange { what: "margin", value: margin })
        }
    }

    /// Squared detectable difference of a single event.
    fn spread(&self) -> f64 {
        let z = normal_quantile(1.0 - self.alpha.get()) + normal_quantile(self.wanted);
        z * z * self.discordance * self.inflation
    }
}

/// 2^53: up to here a double counts every whole number.
const MOST_EVENTS: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests;
