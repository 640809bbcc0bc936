//! Welch's t-test: do two samples of independent observations have one mean?

use crate::distribution::{t_above, t_quantile_above};
use crate::{Alpha, Alternative, Interval, Measured, Reason, Sample, StatsError};

/// Two means and how well their difference is known.
///
/// Welch's form: the samples may differ in size and in spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    /// Mean of the first sample less that of the second, in their unit.
    pub difference: f64,
    /// Standard error of the difference, above 0.
    pub error: f64,
    /// Welch and Satterthwaite's degrees of freedom, at least 1.
    pub freedom: f64,
}

impl Welch {
    /// Compares `first` `[n]` and `second` `[m]`, independent observations in one unit.
    ///
    /// Undefined below two observations in either, and when neither varies.
    ///
    /// # Errors
    /// When a sample is empty or holds a value that is not finite.
    ///
    /// Source: Welch 1947. Agrees with `scipy.stats.ttest_ind(equal_var=False)` to 1e-9, but for
    /// constant samples, where scipy says NaN or an infinite t with p = 0.
    pub fn of(first: &[f64], second: &[f64]) -> Result<Measured<Self>, StatsError> {
        let (first, second) = (Sample::new(first)?, Sample::new(second)?);
        let found = first.size().min(second.size());
        if found < 2 {
            return Ok(Measured::Undefined(Reason::TooFew { needed: 2, found }));
        }
        if first.is_constant() && second.is_constant() {
            return Ok(Measured::Undefined(Reason::NoVariation));
        }
        let (a, b) = (Mean::of(&first), Mean::of(&second));
        let squared = a.error2 + b.error2;
        Ok(Measured::Defined(Self {
            difference: a.value - b.value,
            error: squared.sqrt(),
            freedom: squared * squared / (a.per_freedom() + b.per_freedom()),
        }))
    }

    /// The difference in standard errors.
    pub fn t(&self) -> f64 {
        self.difference / self.error
    }

    /// Probability of a difference at least as telling if the means are equal, in `0..=1`.
    pub fn p(&self, alternative: Alternative) -> f64 {
        alternative.p(self.t(), |t| t_above(t, self.freedom))
    }

    /// Interval of the difference that misses on each side with probability `alpha_per_side`.
    pub fn interval(&self, alpha_per_side: Alpha) -> Interval {
        let reach = t_quantile_above(alpha_per_side.get(), self.freedom);
        Interval::around(self.difference, reach * self.error)
    }
}

/// A sample's mean and its squared standard error.
struct Mean {
    value: f64,
    error2: f64,
    freedom: f64,
}

impl Mean {
    /// Of at least two observations.
    fn of(sample: &Sample) -> Self {
        let count = sample.size() as f64;
        let mean = sample.as_slice().iter().sum::<f64>() / count;
        let squares = sample.as_slice().iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        // A constant sample's mean may be off by a last bit, which is no spread.
        let squares = if sample.is_constant() { 0.0 } else { squares };
        let freedom = count - 1.0;
        Self { value: mean, error2: squares / freedom / count, freedom }
    }

    fn per_freedom(&self) -> f64 {
        self.error2 * self.error2 / self.freedom
    }
}

#[cfg(test)]
mod tests;
