//! The ultimate oscillator, with its sums taken anew at every bar.
//!
//! TA-Lib keeps running sums: after a violent bar they no longer know the quiet ones, and the
//! oscillator leaves its range.

use crate::kernel::Setting;
use crate::kernel::window;
use crate::kernel::windowed::Windowed;
use crate::series::Bar;

/// Buying pressure over true range, of three windows.
#[derive(Clone)]
pub(crate) struct Ultimate {
    /// Shortest to longest.
    lengths: [usize; 3],
    before: f64,
}

impl Windowed<2> for Ultimate {
    fn new(setting: Setting<'_>) -> Self {
        Self { lengths: [0, 1, 2].map(|place| setting.count(place)), before: f64::NAN }
    }

    fn length(&self) -> usize {
        let [_, _, long] = self.lengths;
        long
    }

    fn terms(&mut self, bar: &Bar) -> [f64; 2] {
        let before = std::mem::replace(&mut self.before, bar.close);
        let low = bar.low.min(before);
        [bar.close - low, bar.high.max(before) - low]
    }

    fn value(&self, [pressures, ranges]: [&[f64]; 2], _: &Bar) -> f64 {
        let (mut pressure, mut range, mut from) = (0.0, 0.0, pressures.len());
        let [short, middle, long] = self.lengths.map(|length| {
            // A longer window is the shorter one and the bars before it.
            let to = std::mem::replace(&mut from, pressures.len().saturating_sub(length));
            let more = |values: &[f64]| {
                window::sum(values.get(from..to).unwrap_or_default(), |value| value)
            };
            pressure += more(pressures);
            range += more(ranges);
            if range > 0.0 { pressure / range } else { 0.0 }
        });
        100.0 * (4.0 * short + 2.0 * middle + long) / 7.0
    }
}
