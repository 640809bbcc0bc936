//! The stochastic oscillators, step for step as TA-Lib computes them.
//!
//! They are ours for speed: the extremes of a window cost three comparisons a bar, whatever its
//! length. Numbers are TA-Lib's to the bit.

use super::rsi::Rsi;
use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::kernel::window::{Extreme, Smooth};
use crate::series::Bar;

/// Range of a window, against its extremes, below which it counts as none: TA-Lib's number.
const NO_RANGE: f64 = 1e-14;

/// 100·(c − LL)/(HH − LL); 0 where the range is 0.
#[derive(Clone)]
struct Raw {
    highest: Extreme<true>,
    lowest: Extreme<false>,
}

impl Raw {
    fn new(length: usize) -> Self {
        Self { highest: Extreme::new(length), lowest: Extreme::new(length) }
    }

    fn next(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let (highest, lowest) = (self.highest.push(high), self.lowest.push(low));
        let (highest, lowest) = (highest?, lowest?);
        let range = highest - lowest;
        let is_none = range.abs() <= NO_RANGE * (highest.abs() + lowest.abs());
        Some(if is_none { 0.0 } else { (close - lowest) / range * 100.0 })
    }
}

/// Slow: %K is smoothed; `OUTPUT` 0 is %K, 1 is %D.
#[derive(Clone)]
pub(crate) struct Slow<const OUTPUT: usize> {
    raw: Raw,
    k: Smooth,
    d: Smooth,
}

impl<const OUTPUT: usize> Step for Slow<OUTPUT> {
    fn new(setting: Setting<'_>) -> Self {
        let [n, slow_k, slow_d] = [0, 1, 2].map(|place| setting.count(place));
        Self { raw: Raw::new(n), k: Smooth::new(slow_k), d: Smooth::new(slow_d) }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let raw = self.raw.next(bar.high, bar.low, bar.close);
        let k = raw.and_then(|raw| self.k.push(raw));
        let line = if OUTPUT == 0 { k } else { k.and_then(|k| self.d.push(k)) };
        line.unwrap_or(f64::NAN)
    }
}

/// Fast: %K is as it comes; `OUTPUT` 0 is %K, 1 is %D.
#[derive(Clone)]
pub(crate) struct Fast<const OUTPUT: usize> {
    raw: Raw,
    d: Smooth,
}

impl<const OUTPUT: usize> Step for Fast<OUTPUT> {
    fn new(setting: Setting<'_>) -> Self {
        Self { raw: Raw::new(setting.count(0)), d: Smooth::new(setting.count(1)) }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let raw = self.raw.next(bar.high, bar.low, bar.close);
        let line = if OUTPUT == 0 { raw } else { raw.and_then(|raw| self.d.push(raw)) };
        line.unwrap_or(f64::NAN)
    }
}

/// Fast, of the relative strength index; `OUTPUT` 0 is %K, 1 is %D.
#[derive(Clone)]
pub(crate) struct OfRsi<const OUTPUT: usize> {
    index: Rsi,
    raw: Raw,
    d: Smooth,
}

impl<const OUTPUT: usize> Step for OfRsi<OUTPUT> {
    fn new(setting: Setting<'_>) -> Self {
        let (raw, d) = (Raw::new(setting.count(1)), Smooth::new(setting.count(2)));
        Self { index: Rsi::new(setting), raw, d }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let index = self.index.next(bar);
        if index.is_nan() {
            return index;
        }
        let raw = self.raw.next(index, index, index);
        let line = if OUTPUT == 0 { raw } else { raw.and_then(|raw| self.d.push(raw)) };
        line.unwrap_or(f64::NAN)
    }
}
