//! Whether returns remember: their correlation with the ones before, and their rescaled range.

use super::price::logarithm;
use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::kernel::window::{self, Window};
use crate::series::Bar;

/// Standard deviation of log returns that the rounding of prices alone can make: at or below it
/// there is nothing to measure.
const ROUNDING: f64 = 1e-14;

/// The last `n` one-bar log returns.
#[derive(Clone)]
struct Returns {
    before: Option<f64>,
    window: Window,
}

impl Returns {
    fn new(length: usize) -> Self {
        Self { before: None, window: Window::new(length) }
    }

    fn next(&mut self, close: f64) -> Option<&[f64]> {
        let before = self.before.replace(close)?;
        self.window.push(logarithm(close, before))
    }
}

/// Σ (r − m)(r₋₁ − m) / Σ (r − m)².
#[derive(Clone)]
pub(crate) struct Autocorrelation(Returns);

impl Step for Autocorrelation {
    fn new(setting: Setting<'_>) -> Self {
        Self(Returns::new(setting.count(0)))
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let Some(returns) = self.0.next(bar.close) else { return f64::NAN };
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
    returns: Returns,
    logarithms: Window,
}

impl Step for Hurst {
    fn new(setting: Setting<'_>) -> Self {
        let n = setting.count(0);
        Self { returns: Returns::new(n), logarithms: Window::new(n + 1) }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let logarithms = self.logarithms.push(logarithm(bar.close, 1.0));
        let returns = self.returns.next(bar.close);
        let (Some(returns), Some(logarithms)) = (returns, logarithms) else { return f64::NAN };
        let (n, mean) = (returns.len() as f64, window::mean(returns));
        let deviation = (window::sum(returns, |r| (r - mean) * (r - mean)) / n).sqrt();
        if deviation <= ROUNDING {
            return f64::NAN;
        }
        // The sum of the first k returns is a difference of logarithms, so that no sum has to wait
        // for the one before it.
        let (low, high) = window::range_about_line(logarithms, mean);
        ((high - low) / deviation).ln() / (n / 2.0).ln()
    }
}
