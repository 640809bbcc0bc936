//! The Sharpe ratio, its standard error, and what is left of it after luck and selection.

use super::{PeriodsPerYear, Returns};
use crate::distribution::{normal_below, normal_quantile};
use crate::{Measured, Reason, StatsError};
use std::num::NonZeroU32;

/// Deviation of returns below which they count as constant: a Sharpe ratio of 1e16 is rounding.
const DEVIATION_MIN: f64 = 1e-12;
/// Euler and Mascheroni's constant, of the expected largest of many normals.
const EULER: f64 = 0.577_215_664_901_532_9;

/// What the Sharpe ratio's distribution depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharpeMoments {
    /// Sharpe ratio of one period: mean over standard deviation (n - 1), no risk-free rate.
    pub per_period: f64,
    /// Number of returns, at least 2.
    pub observations: usize,
    /// Skewness of the returns (population form); 0 for a normal.
    pub skewness: f64,
    /// Kurtosis of the returns (population form, not excess); 3 for a normal.
    pub kurtosis: f64,
}

impl SharpeMoments {
    /// The annual Sharpe ratio.
    pub fn annual(&self, periods: PeriodsPerYear) -> f64 {
        self.per_period * periods.get().sqrt()
    }

    /// Standard error of the annual Sharpe ratio.
    pub fn annual_error(&self, periods: PeriodsPerYear) -> Measured<f64> {
        self.error().map(|error| error * periods.get().sqrt())
    }

    /// Probabilistic Sharpe ratio: the probability, in `0..=1`, that the true ratio of one period
    /// is above `benchmark` (of one period, too).
    ///
    /// Source: Bailey & López de Prado 2014.
    pub fn probabilistic(&self, benchmark: f64) -> Measured<f64> {
        self.error().map(|error| normal_below((self.per_period - benchmark) / error))
    }

    /// Deflated Sharpe ratio: the probability that the true ratio is above what the best of
    /// `trials` without any skill would have shown. With one trial, above zero.
    ///
    /// Source: Bailey & López de Prado 2014.
    pub fn deflated(&self, trials: Trials) -> Measured<f64> {
        let variance = trials.variance.unwrap_or(1.0 / (self.observations as f64 - 1.0));
        self.probabilistic(expected_best_sharpe(trials.count, variance))
    }

    /// Standard error of the ratio of one period; undefined for the two-valued returns for which
    /// the approximation says zero.
    fn error(&self) -> Measured<f64> {
        let s = self.per_period;
        let spread = 1.0 - self.skewness * s + 0.25 * (self.kurtosis - 1.0) * s * s;
        if spread > 0.0 && self.observations > 1 {
            Measured::finite((spread / (self.observations as f64 - 1.0)).sqrt())
        } else {
            Measured::Undefined(Reason::NoVariation)
        }
    }
}

/// How many candidates a result was picked from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trials {
    /// Configurations evaluated on overlapping test data, this one included.
    pub count: NonZeroU32,
    /// Variance of their per-period Sharpe ratios; when unknown, that of ratios without skill.
    pub variance: Option<f64>,
}

/// Expected per-period Sharpe ratio of the best of `trials` without skill, whose ratios have the
/// given `variance`; 0 for a single trial.
///
/// Source: Bailey & López de Prado 2014.
pub fn expected_best_sharpe(trials: NonZeroU32, variance: f64) -> f64 {
    if trials == NonZeroU32::MIN {
        return 0.0;
    }
    let count = f64::from(trials.get());
    let typical = normal_quantile(1.0 - 1.0 / count);
    let high = normal_quantile(1.0 - 1.0 / (count * std::f64::consts::E));
    variance.max(0.0).sqrt() * ((1.0 - EULER) * typical + EULER * high)
}

impl Returns {
    /// The moments behind the Sharpe ratio; undefined below two returns and when they are constant.
    pub fn sharpe_moments(&self) -> Measured<SharpeMoments> {
        let found = self.as_slice().len();
        if found < 2 {
            return Measured::Undefined(Reason::TooFew { needed: 2, found });
        }
        let count = found as f64;
        let mean = self.as_slice().iter().sum::<f64>() / count;
        // All powers in one pass: what a sum waits for is the one before it.
        let sums = self.as_slice().iter().fold([0.0; 3], |[two, three, four], value| {
            let centred = value - mean;
            let square = centred * centred;
            [two + square, three + square * centred, four + square * square]
        });
        let [variance, third, fourth] = sums.map(|sum: f64| sum / count);
        let deviation = (variance * count / (count - 1.0)).sqrt();
        if deviation < DEVIATION_MIN {
            return Measured::Undefined(Reason::NoVariation);
        }
        Measured::Defined(SharpeMoments {
            per_period: mean / deviation,
            observations: found,
            skewness: third / variance.powf(1.5),
            kurtosis: fourth / (variance * variance),
        })
    }

    /// Annual Sharpe ratio without a risk-free rate: `mean / deviation · √periods`, deviation with
    /// n - 1. Scaling by the root assumes independent returns (Lo 2002), which is why
    /// [`daily_sharpe`] belongs beside it.
    ///
    /// Undefined below two returns and when they are constant. Agrees with empyrical's formula.
    pub fn sharpe(&self, periods: PeriodsPerYear) -> Measured<f64> {
        self.sharpe_moments().map(|moments| moments.annual(periods))
    }

    /// Standard error of [`sharpe`](Self::sharpe), allowing for skewness and fat tails.
    pub fn sharpe_error(&self, periods: PeriodsPerYear) -> Measured<f64> {
        self.sharpe_moments().and_then(|moments| moments.annual_error(periods))
    }
}

/// Annual Sharpe ratio of daily returns, √252.
///
/// `equity` `[bars]`: at the end of every bar, in money. `day_ends`: growing indices into it of
/// each trading day's last bar; days before the first and after the last are partial and left out.
///
/// # Errors
/// When equity is not finite or starts at zero or below, or an index is out of order or range.
pub fn daily_sharpe(equity: &[f64], day_ends: &[usize]) -> Result<Measured<f64>, StatsError> {
    super::all_finite(equity)?;
    let mut before = None;
    let mut at_day_ends = Vec::with_capacity(day_ends.len());
    for (day, bar) in day_ends.iter().copied().enumerate() {
        match equity.get(bar) {
            Some(value) if before.is_none_or(|before| before < bar) => at_day_ends.push(*value),
            _ => return Err(StatsError::DayEnd { day, bar }),
        }
        before = Some(bar);
    }
    match at_day_ends.first() {
        // Ruined before the first day was over: there is no day to measure.
        Some(start) if *start <= 0.0 => Ok(Measured::Undefined(Reason::NoObservations)),
        _ => Ok(Returns::of_equity(&at_day_ends)?.sharpe(PeriodsPerYear::DAILY)),
    }
}
