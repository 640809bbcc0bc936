//! The relative strength index, step for step as TA-Lib computes it.
//!
//! It is ours because of one point: while no price has moved the index is 0/0, for which TA-Lib up
//! to 0.8.2 answers 0 and later versions 50. A definition must not change with a library's version,
//! so 0 it is.

use crate::kernel::Setting;
use crate::kernel::own::Step;
use crate::series::Bar;

/// Wilder's means of the rises and falls of the close.
#[derive(Clone)]
pub(crate) struct Rsi {
    period: usize,
    weight: f64,
    /// How many changes the means hold, up to the period.
    changes: usize,
    before: Option<f64>,
    rises: f64,
    falls: f64,
}

impl Step for Rsi {
    fn new(setting: Setting<'_>) -> Self {
        let weight = 1.0 / setting.real(0);
        Self { period: setting.count(0), weight, changes: 0, before: None, rises: 0.0, falls: 0.0 }
    }

    fn next(&mut self, bar: &Bar) -> f64 {
        let Some(before) = self.before.replace(bar.close) else { return f64::NAN };
        let change = bar.close - before;
        let rise = if change > 0.0 { change } else { 0.0 };
        if self.changes >= self.period {
            self.rises *= self.period as f64 - 1.0;
            self.falls *= self.period as f64 - 1.0;
        }
        self.rises += rise;
        self.falls += rise - change;
        if self.changes < self.period {
            self.changes += 1;
            if self.changes < self.period {
                return f64::NAN;
            }
        }
        self.rises *= self.weight;
        self.falls *= self.weight;
        let moved = self.rises + self.falls;
        if moved > 0.0 { 100.0 * (self.rises / moved) } else { 0.0 }
    }
}
