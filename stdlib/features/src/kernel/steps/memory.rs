//! Whether returns remember: their correlation with the ones before, and their rescaled range.

use super::price::logarithm;
use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::kernel::window::{self, Window};
use crate::series::Bar;

/// Spread of log returns that the rounding of prices alone can make.
const ROUNDING: f64 = 1e-14;

/// Whether all returns are one return, but for rounding: there is nothing to measure then.
fn is_flat(returns: &[f64]) -> bool {
    let (low, high) = window::range(returns);
    high - low <= ROUNDING
}

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
        if is_flat(returns) {
            return f64::NAN;
        }
        let mean = window::mean(returns);
        let squares = window::sum(returns, |r| (r - mean) * (r - mean));
        let products: f64 =
            returns.windows(2).map(|pair| pair.iter().map(|r| r - mean).product::<f64>()).sum();
        products / squares
    }
}

/// ln(R/S) / ln(n/2): R the range of the sums of returns less their mean, S their deviation.
#[derive(Clone)]
pub(crate) struct Hurst(Returns);

impl Step for Hurst {
    fn new(setting: Setting<'_>) -> Self {
        Self(Returns::new(setting.count(0)))
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let Some(returns) = self.0.next(bar.close) else { return f64::NAN };
        if is_flat(returns) {
            return f64::NAN;
        }
        let (n, mean) = (returns.len() as f64, window::mean(returns));
        let deviation = (window::sum(returns, |r| (r - mean) * (r - mean)) / n).sqrt();
        let (mut sum, mut low, mut high) = (0.0_f64, 0.0_f64, 0.0_f64);
        for r in returns {
            sum += r - mean;
            low = if sum < low { sum } else { low };
            high = if sum > high { sum } else { high };
        }
        ((high - low) / deviation).ln() / (n / 2.0).ln()
    }
}
