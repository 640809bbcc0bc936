//! The rule as it is often written, any feature below 5 %, and how often it cries wolf.

use super::reference::present;
use super::{DriftVerdict, Reference};
use crate::ks::Gap;
use crate::{Alpha, KsMethod, Measured, Reason, Sample, StatsError};
use std::num::NonZeroUsize;

/// Drift whenever any feature's Kolmogorov–Smirnov p-value, as for independent observations, is
/// below `alpha`.
///
/// Kept because it is asked for. Nothing corrects for the features' dependence on their past, nor
/// for how many there are, nor for windows so large that any distance is telling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UncalibratedRule {
    /// Level below which a feature's p-value is an alarm.
    pub alpha: Alpha,
}

/// How often an uncalibrated rule alarms on data in which nothing has moved.
#[derive(Clone, Debug, PartialEq)]
pub struct FalseAlarms {
    /// Share of windows of the training data on which any feature alarms, in `0..=1`.
    pub any: f64,
    /// The same of each feature alone, in the order given.
    pub each: Vec<f64>,
    /// What it would be if the features, and their values, were independent: `1 - (1 - α)^k`.
    pub independent: f64,
}

impl UncalibratedRule {
    /// One in twenty, as the source workflow has it.
    pub const USUAL: Self = Self { alpha: Alpha::FIVE_PERCENT };

    /// The verdict on `features`, each with its live values of the window (NaN where missing):
    /// stable or drift, never a warning. Undefined when nobody has a value.
    ///
    /// # Errors
    /// When a live value is infinite.
    pub fn verdict(
        &self,
        features: &[(&Reference, &[f64])],
    ) -> Result<Measured<DriftVerdict>, StatsError> {
        let mut verdict = Measured::Undefined(Reason::NoObservations);
        for (reference, live) in features {
            let present = present(live);
            if present.is_empty() {
                continue;
            }
            if reference.ks(&Sample::new(&present)?).p < self.alpha.get() {
                return Ok(Measured::Defined(DriftVerdict::Drift));
            }
            verdict = Measured::Defined(DriftVerdict::Stable);
        }
        Ok(verdict)
    }

    /// How often the rule alarms on windows of `window` events of the training data themselves,
    /// taken from all `features` at the same times. Undefined without features and when the
    /// training data do not hold ten windows.
    ///
    /// A little low, as a window lies in the data that it is held against.
    ///
    /// # Errors
    /// When the features differ in their number of values.
    pub fn false_alarms(
        &self,
        features: &[&Reference],
        window: NonZeroUsize,
    ) -> Result<Measured<FalseAlarms>, StatsError> {
        let Some(first) = features.first() else {
            return Ok(Measured::Undefined(Reason::NoObservations));
        };
        let rows = first.sample().as_slice().len();
        if let Some(other) = features.iter().find(|other| other.sample().as_slice().len() != rows) {
            let second = other.sample().as_slice().len();
            return Err(StatsError::Rows { first: rows, second });
        }
        if let Measured::Undefined(reason) = first.null(window) {
            return Ok(Measured::Undefined(reason));
        }
        let critical = self.critical_distance(rows, window.get());
        let mut any = vec![false; first.windows(window).count()];
        let windows = any.len() as f64;
        let share = |alarms: usize| alarms as f64 / windows;
        let mut each = Vec::with_capacity(features.len());
        for feature in features {
            let mut alarms = 0_usize;
            for (any, window) in any.iter_mut().zip(feature.windows(window)) {
                if feature.window_distance(window) >= critical {
                    *any = true;
                    alarms += 1;
                }
            }
            each.push(alarms);
        }
        let each = each.into_iter().map(share).collect();
        let silent = (1.0 - self.alpha.get()).powf(features.len() as f64);
        Ok(Measured::Defined(FalseAlarms {
            any: share(any.iter().filter(|alarmed| **alarmed).count()),
            each,
            independent: 1.0 - silent,
        }))
    }

    /// The smallest distance between samples of these sizes that is an alarm; above 1 when none is.
    pub(crate) fn critical_distance(self, reference: usize, live: usize) -> f64 {
        let method = KsMethod::of_sizes(reference, live);
        let is_alarm = |steps: u128| Gap::new(reference, live, steps).p(method) < self.alpha.get();
        let (mut silent, mut alarm) = (0, reference as u128 * live as u128 + 1);
        while alarm - silent > 1 {
            let middle = silent.midpoint(alarm);
            if is_alarm(middle) {
                alarm = middle;
            } else {
                silent = middle;
            }
        }
        Gap::new(reference, live, alarm).distance()
    }
}

#[cfg(test)]
mod tests;
