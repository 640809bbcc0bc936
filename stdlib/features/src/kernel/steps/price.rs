//! Changes of the price and the parts of a bar.

use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::kernel::window::{self, Window};
use crate::series::Bar;

/// `part` of `whole`; 0 where the whole is none.
pub(crate) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// ln(c/c₋ₙ).
#[derive(Clone)]
pub(crate) struct LogReturn(Window);

impl Step for LogReturn {
    fn new(setting: Setting<'_>) -> Self {
        Self(Window::new(setting.count(0) + 1))
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let before = self.0.push(bar.close).and_then(<[f64]>::first);
        before.map_or(f64::NAN, |before| logarithm(bar.close, *before))
    }
}

/// ln(a/b); NaN unless both are above 0.
pub(crate) fn logarithm(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 { (a / b).ln() } else { f64::NAN }
}

/// ln(o/c₋₁).
#[derive(Clone)]
pub(crate) struct Gap(f64);

impl Step for Gap {
    fn new(_: Setting<'_>) -> Self {
        Self(f64::NAN)
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        logarithm(bar.open, std::mem::replace(&mut self.0, bar.close))
    }
}

/// Place of the close between the lowest low and the highest high, 0 to 1.
#[derive(Clone)]
pub(crate) struct Donchian {
    highs: Window,
    lows: Window,
}

impl Step for Donchian {
    fn new(setting: Setting<'_>) -> Self {
        let window = Window::new(setting.count(0));
        Self { highs: window.clone(), lows: window }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let (highs, lows) = (self.highs.push(bar.high), self.lows.push(bar.low));
        let (Some(highs), Some(lows)) = (highs, lows) else { return f64::NAN };
        let (lowest, highest) = (window::range(lows).0, window::range(highs).1);
        let width = highest - lowest;
        if width > 0.0 { (bar.close - lowest) / width } else { 0.5 }
    }
}

/// The close in standard deviations from its mean.
#[derive(Clone)]
pub(crate) struct ZScore(Window);

impl Step for ZScore {
    fn new(setting: Setting<'_>) -> Self {
        Self(Window::new(setting.count(0)))
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        self.0.push(bar.close).map_or(f64::NAN, window::z_score)
    }
}
