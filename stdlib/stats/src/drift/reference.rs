//! A feature as the model was trained on it, and how far its own windows lie from the whole.

use crate::ks::Gap;
use crate::sample::sorted;
use crate::{KsMethod, KsTest, Measured, Reason, Sample, StatsError};
use std::num::NonZeroUsize;

/// Windows that the null is made of, about: each takes microseconds, and the smallest p-value is
/// one over one more than this.
const WINDOWS: usize = 2_000;
/// Windows side by side that a reference has to hold: in a shorter one every window is so large a
/// part of the whole that it lies close to it whatever the feature does.
const WINDOWS_APART_MIN: usize = 10;

/// One feature over the training data, in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    sample: Sample,
    /// Of each value in order of time: how many values are below it, and how many at most it.
    places: Vec<(usize, usize)>,
    missing: usize,
}

/// Distances between a reference and its own windows: what a live window's distance looks like
/// when nothing has moved.
///
/// To be stored with the model: [`distances`](Self::distances) and [`stored`](Self::stored).
///
/// Invariant: at least one distance, ascending, all of windows of one length.
#[derive(Clone, Debug, PartialEq)]
pub struct KsNull {
    window: usize,
    distances: Vec<f64>,
}

impl Reference {
    /// `values` `[time]`: the feature on the training rows, unscaled, in order; NaN where missing.
    ///
    /// # Errors
    /// When a value is infinite or none is there.
    pub fn new(values: &[f64]) -> Result<Self, StatsError> {
        let present = present(values);
        let sample = Sample::new(&present)?;
        let places = present.iter().map(|value| (sample.below(*value), sample.up_to(*value)));
        Ok(Self { places: places.collect(), missing: values.len() - present.len(), sample })
    }

    /// The values, ascending.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Share of the training rows on which the feature was missing, in `0..=1`.
    pub fn missing(&self) -> f64 {
        self.missing as f64 / (self.missing + self.places.len()) as f64
    }

    /// The test of `live` values against the training data, with the p-value that supposes
    /// independent observations: reported for comparison, not decided on.
    pub fn ks(&self, live: &Sample) -> KsTest {
        let gap = self.live_gap(live);
        let method = KsMethod::of_sizes(self.sample.size(), live.size());
        KsTest { distance: gap.distance(), p: gap.p(method).clamp(0.0, 1.0), method }
    }

    /// The distance alone.
    pub(crate) fn distance(&self, live: &Sample) -> f64 {
        self.live_gap(live).distance()
    }

    fn live_gap(&self, live: &Sample) -> Gap {
        let places = |value: &f64| (self.sample.below(*value), self.sample.up_to(*value));
        self.gap(&live.as_slice().iter().map(places).collect::<Vec<_>>())
    }

    /// The null for windows of `window` events: distances of some 2,000 evenly spread windows.
    ///
    /// They carry the feature's dependence on its past, the size of the window and the changes of
    /// regime that the model was trained through. Undefined when the reference does not hold ten
    /// such windows side by side.
    ///
    /// A window of `w` lies in the reference of `n` that it is held against, and so is nearer to it
    /// than a new one: the variance of their difference goes with `(n - w) / (n w)` instead of
    /// `(n + w) / (n w)`. The distances are widened by the root of the ratio.
    ///
    /// Source: domain §10.2, which does not widen; subsampling (Politis, Romano & Wolf 1999).
    pub fn null(&self, window: NonZeroUsize) -> Measured<KsNull> {
        let (needed, found) = (window.get().saturating_mul(WINDOWS_APART_MIN), self.places.len());
        if found < needed {
            return Measured::Undefined(Reason::TooFew { needed, found });
        }
        let (all, few) = (found as f64, window.get() as f64);
        let widened = ((all + few) / (all - few)).sqrt();
        let distance = |window| (widened * self.window_distance(window)).min(1.0);
        let distances = sorted(&self.windows(window).map(distance).collect::<Vec<_>>());
        Measured::Defined(KsNull { window: window.get(), distances })
    }

    /// The windows of the null, each as the places of its values.
    pub(super) fn windows(&self, window: NonZeroUsize) -> impl Iterator<Item = &[(usize, usize)]> {
        let stride = (self.places.len().saturating_sub(window.get()) / WINDOWS).max(1);
        self.places.windows(window.get()).step_by(stride)
    }

    pub(super) fn window_distance(&self, window: &[(usize, usize)]) -> f64 {
        let mut places = window.to_vec();
        places.sort_unstable();
        self.gap(&places).distance()
    }

    /// The gap between the reference and a sample given by the places of its values, ascending.
    fn gap(&self, places: &[(usize, usize)]) -> Gap {
        let (size, live) = (self.sample.size(), places.len());
        let mut widest = 0_u128;
        let mut before = 0;
        for same in places.chunk_by(|a, b| a == b) {
            let Some((below, up_to)) = same.first().copied() else { continue };
            // The functions differ most just before a live value or at it.
            let at = before + same.len();
            let gap = |reference: usize, live_values: usize| {
                (reference as u128 * live as u128).abs_diff(live_values as u128 * size as u128)
            };
            widest = widest.max(gap(below, before)).max(gap(up_to, at));
            before = at;
        }
        Gap::new(size, live, widest)
    }
}

impl KsNull {
    /// A null as it was stored: the `distances` of windows of `window` events, in any order.
    ///
    /// # Errors
    /// When there are none or one is not in `0..=1`.
    pub fn stored(window: NonZeroUsize, distances: &[f64]) -> Result<Self, StatsError> {
        if let Some(value) = distances.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(StatsError::OutOfRange { what: "distance", value: *value });
        }
        let distances = Sample::new(distances)?.as_slice().to_vec();
        Ok(Self { window: window.get(), distances })
    }

    /// Events in each window.
    pub const fn window(&self) -> usize {
        self.window
    }

    /// The distances, ascending, in `0..=1`.
    pub fn distances(&self) -> &[f64] {
        &self.distances
    }

    /// The distance of the farthest window, in `0..=1`.
    pub(crate) fn farthest(&self) -> f64 {
        self.distances.last().copied().unwrap_or(1.0)
    }

    /// How likely a window lies so far away when nothing has moved: above 0, at most 1.
    ///
    /// The share of windows that lie at least as far away, the live one counted in; beyond nine in
    /// ten of them not less than the tail through their median and that ninth tenth, which falls
    /// with the square of the distance as Kolmogorov's does. Windows overlap: the largest
    /// distances all come from a few stretches of time, and that none of 2,000 reaches as far is
    /// no chance of 1 in 2,000.
    ///
    /// Source: domain §10.2, which takes the share alone. By it twenty stationary features with
    /// 3,000 rows of training data, about as many as the quickstart has, warn on 13 % of days (11 to
    /// 18 % in games of other seeds), where scenario 76 allows 8 %; with both changes on 4 %. With
    /// 9,000 rows it is 5 % and 2 %.
    pub fn p(&self, distance: f64) -> f64 {
        let nearer = self.distances.partition_point(|own| *own < distance);
        let share = (1 + self.distances.len() - nearer) as f64 / (1 + self.distances.len()) as f64;
        share.max(self.tail(distance))
    }

    /// The tail beyond nine tenths of the distances; 0 before it and where ties leave none.
    fn tail(&self, distance: f64) -> f64 {
        let at = |tenths: usize| self.distances.get(self.distances.len() * tenths / 10);
        match (at(5), at(9)) {
            (Some(median), Some(high)) if distance > *high && high > median => {
                let fall = 5.0_f64.ln() / (high * high - median * median);
                0.1 * (-fall * (distance * distance - high * high)).exp()
            }
            _ => 0.0,
        }
    }
}

/// The values that are there.
pub(super) fn present(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| !value.is_nan()).collect()
}

#[cfg(test)]
mod tests;
