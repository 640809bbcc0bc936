//! Changes of the price and the parts of a bar.

use crate::kernel::extreme::{Channel, Extreme};
use crate::kernel::own::Step;
use crate::kernel::window::{self, Window};
use crate::kernel::windowed::Windowed;
use crate::kernel::{Setting, finite};
use crate::series::{Bar, Columns};

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

/// One-bar log returns, one after another.
#[derive(Clone)]
pub(crate) struct Returns {
    before: f64,
}

impl Default for Returns {
    fn default() -> Self {
        Self { before: f64::NAN }
    }
}

impl Returns {
    /// ln(c/c₋₁); NaN for the first.
    pub(crate) fn next(&mut self, close: f64) -> f64 {
        logarithm(close, std::mem::replace(&mut self.before, close))
    }
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
    length: usize,
    highest: Extreme<true>,
    lowest: Extreme<false>,
}

impl Step for Donchian {
    fn new(setting: Setting<'_>) -> Self {
        let length = setting.count(0);
        Self { length, highest: Extreme::new(length), lowest: Extreme::new(length) }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let (highest, lowest) = (self.highest.push(bar.high), self.lowest.push(bar.low));
        let (Some(highest), Some(lowest)) = (highest, lowest) else { return f64::NAN };
        place(bar.close, highest, lowest)
    }

    fn all(self, columns: &Columns<'_>, out: &mut [f64]) {
        let mut channel = Channel::new(self.length);
        channel.over(columns, out, |close, highest, lowest| finite(place(close, highest, lowest)));
    }
}

/// Where `close` lies between the two, 0 to 1; the middle where they are one.
fn place(close: f64, highest: f64, lowest: f64) -> f64 {
    let width = highest - lowest;
    if width > 0.0 { (close - lowest) / width } else { 0.5 }
}

/// The close in standard deviations from its mean.
#[derive(Clone)]
pub(crate) struct ZScore(usize);

impl Windowed<1> for ZScore {
    fn new(setting: Setting<'_>) -> Self {
        Self(setting.count(0))
    }

    fn length(&self) -> usize {
        self.0
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        [bar.close]
    }

    fn value(&self, [closes]: [&[f64]; 1], _: &Bar) -> f64 {
        window::z_score(closes)
    }
}
