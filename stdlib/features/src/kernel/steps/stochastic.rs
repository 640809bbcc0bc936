//! The stochastic oscillators, step for step as TA-Lib computes them.
//!
//! They are ours for speed: the extremes of a window cost three comparisons a bar, whatever its
//! length. Numbers are TA-Lib's to the bit.

use super::rsi::Rsi;
use crate::kernel::extreme::{Channel, Extreme};
use crate::kernel::own::Step;
use crate::kernel::window::Smooth;
use crate::kernel::{Setting, finite};
use crate::series::{Bar, Columns};

/// Range of a window, against its extremes, below which it counts as none: TA-Lib's number.
const NO_RANGE: f64 = 1e-14;

/// 100·(c − LL)/(HH − LL); 0 where the range is 0.
#[derive(Clone)]
struct Raw {
    length: usize,
    highest: Extreme<true>,
    lowest: Extreme<false>,
}

impl Raw {
    fn new(length: usize) -> Self {
        Self { length, highest: Extreme::new(length), lowest: Extreme::new(length) }
    }

    fn next(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let (highest, lowest) = (self.highest.push(high), self.lowest.push(low));
        Some(Self::of(close, highest?, lowest?))
    }

    fn of(close: f64, highest: f64, lowest: f64) -> f64 {
        let range = highest - lowest;
        let is_none = range.abs() <= NO_RANGE * (highest.abs() + lowest.abs());
        if is_none { 0.0 } else { (close - lowest) / range * 100.0 }
    }

    /// What `line` makes of one bar after another, given the close and the extremes: NaN before
    /// there are bars enough.
    fn each(self, mut line: impl FnMut(f64) -> Option<f64>) -> impl FnMut(f64, f64, f64) -> f64 {
        let mut missing = self.length.saturating_sub(1);
        move |close, highest, lowest| {
            if missing > 0 {
                missing -= 1;
                return f64::NAN;
            }
            line(Self::of(close, highest, lowest)).map_or(f64::NAN, finite)
        }
    }
}

/// %K as it comes or smoothed, and %D, its mean.
#[derive(Clone)]
struct Lines<const OUTPUT: usize> {
    k: Option<Smooth>,
    d: Smooth,
}

impl<const OUTPUT: usize> Lines<OUTPUT> {
    fn push(&mut self, raw: f64) -> Option<f64> {
        let k = match &mut self.k {
            Some(smooth) => smooth.push(raw)?,
            None => raw,
        };
        if OUTPUT == 0 { Some(k) } else { self.d.push(k) }
    }
}

/// `SLOW`: %K is smoothed, else it is as it comes; `OUTPUT` 0 is %K, 1 is %D.
#[derive(Clone)]
pub(crate) struct Stochastic<const SLOW: bool, const OUTPUT: usize> {
    raw: Raw,
    lines: Lines<OUTPUT>,
}

impl<const SLOW: bool, const OUTPUT: usize> Step for Stochastic<SLOW, OUTPUT> {
    fn new(setting: Setting<'_>) -> Self {
        let k = SLOW.then(|| Smooth::new(setting.count(1)));
        let d = Smooth::new(setting.count(if SLOW { 2 } else { 1 }));
        Self { raw: Raw::new(setting.count(0)), lines: Lines { k, d } }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let raw = self.raw.next(bar.high, bar.low, bar.close);
        raw.and_then(|raw| self.lines.push(raw)).unwrap_or(f64::NAN)
    }

    fn all(self, columns: &Columns<'_>, out: &mut [f64]) {
        let Self { raw, mut lines } = self;
        Channel::new(raw.length).over(columns, out, raw.each(|raw| lines.push(raw)));
    }
}

/// Fast, of the relative strength index; `OUTPUT` 0 is %K, 1 is %D.
#[derive(Clone)]
pub(crate) struct OfRsi<const OUTPUT: usize> {
    index: Rsi,
    /// Changes until there is an index.
    period: usize,
    raw: Raw,
    lines: Lines<OUTPUT>,
}

impl<const OUTPUT: usize> Step for OfRsi<OUTPUT> {
    fn new(setting: Setting<'_>) -> Self {
        let [period, n, fast_d] = [0, 1, 2].map(|place| setting.count(place));
        let lines = Lines { k: None, d: Smooth::new(fast_d) };
        Self { index: Rsi::new(setting), period, raw: Raw::new(n), lines }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let index = self.index.next(bar);
        if index.is_nan() {
            return index;
        }
        let raw = self.raw.next(index, index, index);
        raw.and_then(|raw| self.lines.push(raw)).unwrap_or(f64::NAN)
    }

    fn all(self, columns: &Columns<'_>, out: &mut [f64]) {
        let Self { index, period, raw, mut lines } = self;
        index.all(columns, out);
        let indices = out.get_mut(period..).unwrap_or_default();
        Channel::new(raw.length).over_one(indices, raw.each(|raw| lines.push(raw)));
    }
}
