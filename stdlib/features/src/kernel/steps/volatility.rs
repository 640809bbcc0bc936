//! How much prices move, from returns and from the ranges of bars.

use std::f64::consts::LN_2;

use super::price::logarithm;
use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::kernel::window::{self, Window};
use crate::series::Bar;

/// √Σ r² of one-bar log returns.
#[derive(Clone)]
pub(crate) struct RealizedVolatility {
    before: Option<f64>,
    squares: Window,
}

impl Step for RealizedVolatility {
    fn new(setting: Setting<'_>) -> Self {
        Self { before: None, squares: Window::new(setting.count(0)) }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let Some(before) = self.before.replace(bar.close) else { return f64::NAN };
        let change = logarithm(bar.close, before);
        let squares = self.squares.push(change * change);
        squares.map_or(f64::NAN, |squares| window::sum(squares, |square| square).sqrt())
    }
}

/// √(Σ ln(h/l)² / (4 n ln 2)).
#[derive(Clone)]
pub(crate) struct Parkinson(Window);

impl Step for Parkinson {
    fn new(setting: Setting<'_>) -> Self {
        Self(Window::new(setting.count(0)))
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let range = logarithm(bar.high, bar.low);
        let ranges = self.0.push(range * range);
        ranges.map_or(f64::NAN, |ranges| (window::mean(ranges) / (4.0 * LN_2)).sqrt())
    }
}

/// √mean(½ ln(h/l)² − (2 ln 2 − 1) ln(c/o)²).
#[derive(Clone)]
pub(crate) struct GarmanKlass(Window);

impl Step for GarmanKlass {
    fn new(setting: Setting<'_>) -> Self {
        Self(Window::new(setting.count(0)))
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let (range, body) = (logarithm(bar.high, bar.low), logarithm(bar.close, bar.open));
        let terms = self.0.push(0.5 * range * range - (2.0 * LN_2 - 1.0) * body * body);
        terms.map_or(f64::NAN, |terms| window::mean(terms).sqrt())
    }
}
