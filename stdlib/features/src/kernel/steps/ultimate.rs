//! The ultimate oscillator, with its sums taken anew at every bar.
//!
//! TA-Lib keeps running sums: after a violent bar they no longer know the quiet ones, and the
//! oscillator leaves its range.

use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::kernel::window::{self, Window};
use crate::series::Bar;

/// Buying pressure over true range, of three windows.
#[derive(Clone)]
pub(crate) struct Ultimate {
    /// Shortest to longest.
    lengths: [usize; 3],
    before: Option<f64>,
    pressures: Window,
    ranges: Window,
}

impl Step for Ultimate {
    fn new(setting: Setting<'_>) -> Self {
        let lengths = [0, 1, 2].map(|place| setting.count(place));
        let window = Window::new(setting.count(2));
        Self { lengths, before: None, pressures: window.clone(), ranges: window }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let Some(before) = self.before.replace(bar.close) else { return f64::NAN };
        let low = bar.low.min(before);
        let pressures = self.pressures.push(bar.close - low);
        let ranges = self.ranges.push(bar.high.max(before) - low);
        let (Some(pressures), Some(ranges)) = (pressures, ranges) else { return f64::NAN };
        let average = |length: usize| {
            let last = |values: &[f64]| {
                let first = values.len().saturating_sub(length);
                window::sum(values.get(first..).unwrap_or_default(), |value| value)
            };
            let range = last(ranges);
            if range > 0.0 { last(pressures) / range } else { 0.0 }
        };
        let [short, middle, long] = self.lengths.map(average);
        100.0 * (4.0 * short + 2.0 * middle + long) / 7.0
    }
}
