//! How much prices move, from returns and from the ranges of bars.

use std::f64::consts::LN_2;

use super::price::{Returns, logarithm};
use crate::kernel::Setting;
use crate::kernel::window;
use crate::kernel::windowed::Windowed;
use crate::series::Bar;

/// √Σ r² of one-bar log returns.
#[derive(Clone)]
pub(crate) struct RealizedVolatility {
    length: usize,
    returns: Returns,
}

impl Windowed<1> for RealizedVolatility {
    fn new(setting: Setting<'_>) -> Self {
        Self { length: setting.count(0), returns: Returns::default() }
    }

    fn length(&self) -> usize {
        self.length
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        let change = self.returns.next(bar.close);
        [change * change]
    }

    fn value(&self, [squares]: [&[f64]; 1], _: &Bar) -> f64 {
        window::sum(squares, |square| square).sqrt()
    }
}

/// √(Σ ln(h/l)² / (4 n ln 2)).
#[derive(Clone)]
pub(crate) struct Parkinson(usize);

impl Windowed<1> for Parkinson {
    fn new(setting: Setting<'_>) -> Self {
        Self(setting.count(0))
    }

    fn length(&self) -> usize {
        self.0
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        let range = logarithm(bar.high, bar.low);
        [range * range]
    }

    fn value(&self, [ranges]: [&[f64]; 1], _: &Bar) -> f64 {
        (window::mean(ranges) / (4.0 * LN_2)).sqrt()
    }
}

/// √mean(½ ln(h/l)² − (2 ln 2 − 1) ln(c/o)²).
#[derive(Clone)]
pub(crate) struct GarmanKlass(usize);

impl Windowed<1> for GarmanKlass {
    fn new(setting: Setting<'_>) -> Self {
        Self(setting.count(0))
    }

    fn length(&self) -> usize {
        self.0
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 1] {
        let (range, body) = (logarithm(bar.high, bar.low), logarithm(bar.close, bar.open));
        [0.5 * range * range - (2.0 * LN_2 - 1.0) * body * body]
    }

    fn value(&self, [terms]: [&[f64]; 1], _: &Bar) -> f64 {
        window::mean(terms).sqrt()
    }
}
