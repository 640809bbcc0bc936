//! When a feature counts as drifted, and a model's inputs with it.

use crate::Correction;

/// The rule for calibrated drift detection, once a day over the events of the last week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DriftRule {
    /// Level of the adjusted p-values; with the default correction, the share of false alarms
    /// among the alarms. In `0..1`.
    pub level: f64,
    /// How many features at once are corrected for.
    pub correction: Correction,
    /// Smallest distance that matters, in `0..=1`.
    pub effect_min: f64,
    /// Events of the window below which nothing is said.
    pub events_min: usize,
    /// Share of the features tested from which the model's inputs have drifted, in `0..=1`.
    pub share_min: f64,
    /// Days of the last [`days`](Self::days) on which a feature has to stand out, today included.
    pub days_min: usize,
    /// Days looked back on, today included.
    pub days: usize,
}

impl DriftRule {
    /// Benjamini and Hochberg at 5 %, distances of at least 0.15 on two of three days, 60 events,
    /// drift from 30 % of the features on. On twenty stationary features this warns on 2 to 4 % of
    /// days; [`simulate::drift`](crate::simulate::drift) says how often on given ones.
    pub const USUAL: Self = Self {
        level: 0.05,
        correction: Correction::BenjaminiHochberg,
        effect_min: 0.15,
        events_min: 60,
        share_min: 0.30,
        days_min: 2,
        days: 3,
    };
}

impl DriftRule {
    /// Whether a feature with this adjusted p-value and distance stands out on a day.
    pub(crate) fn is_telling(&self, p_adjusted: f64, distance: f64) -> bool {
        p_adjusted <= self.level && distance >= self.effect_min
    }

    /// Whether a feature has drifted that stands out today or does not, and did or did not on
    /// `earlier` days, the latest first.
    pub(crate) fn has_drifted(&self, stands_out: bool, earlier: &[bool]) -> bool {
        let before = earlier.iter().take(self.days.saturating_sub(1));
        stands_out && before.filter(|stood_out| **stood_out).count() + 1 >= self.days_min
    }

    /// What `drifted` of `tested` features, none of them critical, mean for the model.
    pub(crate) fn verdict(&self, drifted: usize, tested: usize) -> DriftVerdict {
        if drifted == 0 {
            DriftVerdict::Stable
        } else if drifted as f64 >= self.share_min * tested as f64 {
            DriftVerdict::Drift
        } else {
            DriftVerdict::Warning
        }
    }
}

/// What a day's report says of a model's inputs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DriftVerdict {
    /// No feature has drifted.
    Stable,
    /// Some have: worth an alert, not a retraining.
    Warning,
    /// Enough have, or a critical one: worth a retraining.
    Drift,
}
