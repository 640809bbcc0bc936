//! Whether returns remember: their correlation with the ones before, and their rescaled range.

use super::price::{Returns, logarithm};
use crate::kernel::Setting;
use crate::kernel::window;
use crate::kernel::windowed::Windowed;
use crate::series::Bar;

/// Standard deviation of log returns that the rounding of prices alone can make: at or below it
/// there is nothing to measure.
const ROUNDING: f64 = 1e-14;

/// Σ (r − m)(r₋₁ − m) / Σ (r − m)².
#[derive(Clone)]
pub(crate) struct Autocorrelation {
    length: usize,
    returns: Returns,
}

impl Windowed<1> for Autocorrelation {
    fn new(setting: Setting<'_>) -> Self {
        Self { length: setting.count(0), returns: Returns::default() }
    }

    fn length(&self) -> usize {
        self.length
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        [self.returns.next(bar.close)]
    }

    fn value(&self, [returns]: [&[f64]; 1], _: &Bar) -> f64 {
        let mean = window::mean(returns);
        let squares = window::sum(returns, |r| (r - mean) * (r - mean));
        if squares <= returns.len() as f64 * ROUNDING * ROUNDING {
            return f64::NAN;
        }
        window::sum_of_neighbours(returns, mean) / squares
    }
}

/// ln(R/S) / ln(n/2): R the range of the sums of returns less their mean, S their deviation.
#[derive(Clone)]
pub(crate) struct Hurst {
    /// Returns that are looked at: one less than the bars they are between.
    count: usize,
    returns: Returns,
}

impl Windowed<2> for Hurst {
    fn new(setting: Setting<'_>) -> Self {
        Self { count: setting.count(0), returns: Returns::default() }
    }

    fn length(&self) -> usize {
        self.count + 1
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 2] {
        [self.returns.next(bar.close), logarithm(bar.close, 1.0)]
    }

    fn value(&self, [returns, logarithms]: [&[f64]; 2], _: &Bar) -> f64 {
        let (Some((_, returns)), [first, .., last]) = (returns.split_first(), logarithms) else {
            return f64::NAN;
        };
        // The sum of returns is a difference of logarithms, and so is that of the first k of them
        // below: no sum has to wait for the one before it.
        let n = returns.len() as f64;
        let mean = (last - first) / n;
        let deviation = (window::sum(returns, |r| (r - mean) * (r - mean)) / n).sqrt();
        // NaN where a price is not above 0.
        if deviation <= ROUNDING || deviation.is_nan() {
            return f64::NAN;
        }
        let (low, high) = window::range_about_line(logarithms, mean);
        ((high - low) / deviation).ln() / (n / 2.0).ln()
    }
}
