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
    /// Share of the features tested from which on, when they have drifted and last, the model's
    /// inputs have drifted, in `0..=1`.
    pub share_min: f64,
    /// Days of the last [`days`](Self::days) on which a feature has to stand out, today included.
    pub days_min: usize,
    /// Days looked back on, today included.
    pub days: usize,
    /// Reports after which a window shares no event with today's, at least 1: those from that many
    /// reports ago to twice as many are witnesses of their own.
    pub apart: usize,
    /// From how many times the distance of the farthest training window on a feature needs no such
    /// witness.
    pub far: f64,
}

impl DriftRule {
    /// Benjamini and Hochberg at 5 %, distances of at least 0.15 on two of three days, 60 events,
    /// drift from 30 % of the features on that last: on one of the disjoint windows of five to ten
    /// reports before too, or half as far again as any training window. On twenty stationary features this warns
    /// on 2 to 4 % of days and calls drift on none; [`simulate::drift`](crate::simulate::drift) says
    /// how often on given ones.
    ///
    /// Source: domain §10.2, which counts what has drifted without asking whether it lasts. Windows
    /// a day apart share four events in five, so that two of three days are hardly more evidence
    /// than one, and features of one market move together: 30 % of seven is three oscillators that
    /// see the same thing. On the quickstart's features, drawn again in blocks, that calls drift on
    /// 0.5 % of 12,000 stationary days, and what lasts on none of them.
    pub const USUAL: Self = Self {
        level: 0.05,
        correction: Correction::BenjaminiHochberg,
        effect_min: 0.15,
        events_min: 60,
        share_min: 0.30,
        days_min: 2,
        days: 3,
        apart: 5,
        far: 1.5,
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

    /// Whether what a feature that has drifted did will last: a window without an event in common
    /// with today's stood out too, or its `distance` is far beyond the `farthest` of training.
    pub(crate) fn is_lasting(&self, distance: f64, farthest: f64, earlier: &[bool]) -> bool {
        let apart = earlier.iter().take(self.apart.saturating_mul(2));
        apart.skip(self.apart.saturating_sub(1)).any(|stood_out| *stood_out)
            || distance >= self.far * farthest
    }

    /// How many reports before today's are asked for.
    pub(crate) fn reports_before(&self) -> usize {
        self.days.saturating_sub(1).max(self.apart.saturating_mul(2))
    }

    /// What `drifted` of `tested` features mean for the model, of which `lasting` last and none is
    /// critical.
    pub(crate) fn verdict(&self, drifted: usize, lasting: usize, tested: usize) -> DriftVerdict {
        if lasting > 0 && lasting as f64 >= self.share_min * tested as f64 {
            DriftVerdict::Drift
        } else if drifted > 0 {
            DriftVerdict::Warning
        } else {
            DriftVerdict::Stable
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
    /// Enough have, or a critical one, and it lasts: worth a retraining.
    Drift,
}
