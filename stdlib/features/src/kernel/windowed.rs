//! Indicators of terms, a few from each bar, and of the windows of their last values.
//!
//! A stream keeps its windows; a batch computes the terms of a stretch of bars side by side and looks
//! at every window where it lies, so that no bar waits for the one before. Both hand the same values
//! in the same order to the same function.

use super::own::Step;
use super::window::Window;
use super::{Setting, finite};
use crate::series::{Bar, Columns};

/// An indicator of the windows of `TERMS` terms a bar.
pub(crate) trait Windowed<const TERMS: usize>: Clone + Send + Sync + 'static {
    /// The state before the first bar.
    fn new(setting: Setting<'_>) -> Self;

    /// Bars in a window, at least one.
    fn length(&self) -> usize;

    /// The terms of `bar`; NaN where there are none, as for changes at the first bar.
    fn terms(&mut self, bar: &Bar) -> [f64; TERMS];

    /// The value after `bar`, whose terms end the windows.
    fn value(&self, windows: [&[f64]; TERMS], bar: &Bar) -> f64;
}

/// A windowed indicator as a step.
#[derive(Clone)]
pub(crate) struct Over<W, const TERMS: usize> {
    of: W,
    windows: [Window; TERMS],
}

impl<W: Windowed<TERMS>, const TERMS: usize> Step for Over<W, TERMS> {
    fn new(setting: Setting<'_>) -> Self {
        let of = W::new(setting);
        let windows = [(); TERMS].map(|()| Window::new(of.length()));
        Self { of, windows }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let mut terms = self.of.terms(bar).into_iter();
        let mut is_full = true;
        let windows = self.windows.each_mut().map(|window| {
            let window = terms.next().and_then(|term| window.push(term));
            is_full &= window.is_some();
            window.unwrap_or_default()
        });
        if is_full { self.of.value(windows, bar) } else { f64::NAN }
    }

    fn all(mut self, columns: &Columns<'_>, out: &mut [f64]) {
        let length = self.of.length().max(1);
        // In the processor's nearer cache, and more than the bars before them that are kept.
        let block = length.max(1_024);
        // Of each term its last `length - 1` values, of which there are none yet, and the block's.
        let mut terms = [(); TERMS].map(|()| vec![f64::NAN; length - 1]);
        for (first, cells) in (0..).step_by(block).zip(out.chunks_mut(block)) {
            for bar in columns.bars(first).take(cells.len()) {
                for (terms, term) in terms.iter_mut().zip(self.of.terms(&bar)) {
                    terms.push(term);
                }
            }
            let mut windows = terms.each_ref().map(|terms| terms.windows(length));
            for (cell, bar) in cells.iter_mut().zip(columns.bars(first)) {
                let windows = windows.each_mut().map(|windows| windows.next().unwrap_or_default());
                *cell = finite(self.of.value(windows, &bar));
            }
            for terms in &mut terms {
                terms.drain(..terms.len() + 1 - length);
            }
        }
    }
}
