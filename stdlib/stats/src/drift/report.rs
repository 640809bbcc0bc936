//! A day's report: each feature's live window against its training data.

use super::reference::present;
use super::{Bins, DriftRule, DriftVerdict, KsNull, Reference};
use crate::{KsTest, Measured, Reason, Sample, StatsError, homogeneity, stability_index};
use std::num::NonZeroUsize;

/// Bins of the population stability index.
const STABILITY_BINS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);
/// Change in the share of missing values that counts as drift by itself.
const MISSING_CHANGE_MAX: f64 = 0.05;

/// One feature today.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'a> {
    /// What the model was trained on.
    pub reference: &'a Reference,
    /// The feature's own windows, of as many events as `live` has values: [`Reference::null`].
    pub null: &'a Measured<KsNull>,
    /// The feature on the served events of the window, one an event; NaN where missing.
    pub live: &'a [f64],
    /// Whether it stood out in earlier reports ([`FeatureDrift::stands_out`]), the latest first; the
    /// usual rule looks at ten.
    pub earlier: &'a [bool],
    /// How it is compared.
    pub kind: FeatureKind,
    /// What its drift means for the model.
    pub weight: Weight,
}

/// How a feature is compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FeatureKind {
    /// By its calibrated distance.
    Numeric,
    /// A flag, by the chi-squared test of how often it is set.
    Flag,
}

/// What a feature's drift means for the model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weight {
    /// One among many.
    Ordinary,
    /// Alone enough for the verdict.
    Critical,
}

/// What moved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// The distribution, as far as it did.
    Distribution,
    /// A feature that was constant in training is so no longer, or at another value.
    Domain,
    /// The share of missing values, by more than five percentage points.
    Missing,
}

/// What today's window says of one feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureDrift {
    /// What was compared.
    pub change: Change,
    /// The Kolmogorov–Smirnov test as for independent observations. Undefined without a value.
    pub ks: Measured<KsTest>,
    /// The p-value decided on: calibrated, or of chi-squared for a flag. Undefined where no test
    /// was made.
    pub p: Measured<f64>,
    /// The same, adjusted for the features tested today.
    pub p_adjusted: Measured<f64>,
    /// Population stability index over ten quantile bins of the training data: reported only.
    pub stability: Measured<f64>,
    /// Change in the share of missing values, live less training, in `-1..=1`.
    pub missing_change: f64,
    /// Whether it stands out today, which it does not in a window of too few events: to be kept for
    /// tomorrow's [`Watched::earlier`].
    pub stands_out: bool,
    /// Whether it has drifted: it stands out today and has done so on enough of the last days.
    pub drifted: bool,
    /// Whether it has drifted and it lasts: a window without a common event stood out too, it lies
    /// far beyond all of training, or the change is of a kind that is no chance.
    pub lasting: bool,
}

/// A day's report.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftReport {
    /// The features, in the order given.
    pub features: Vec<FeatureDrift>,
    /// How many were tested.
    pub tested: usize,
    /// How many have drifted.
    pub drifted: usize,
    /// The verdict; undefined when the window holds too few events to say anything.
    pub verdict: Measured<DriftVerdict>,
}

impl DriftRule {
    /// Today's report on `features`, of a window in which `expected` events were due.
    ///
    /// Undefined verdict when the window has fewer events than the rule asks for, or less than
    /// half of those expected (a holiday week is no drift), or when nothing could be tested.
    ///
    /// # Errors
    /// When a null was made for windows of another length, a live value is infinite, features
    /// differ in their number of events, or a flag has more than two values.
    ///
    /// Source: domain §10.2.
    pub fn report(
        &self,
        features: &[Watched<'_>],
        expected: usize,
    ) -> Result<DriftReport, StatsError> {
        let events = features.first().map_or(0, |feature| feature.live.len());
        if let Some(other) = features.iter().find(|feature| feature.live.len() != events) {
            return Err(StatsError::Rows { first: events, second: other.live.len() });
        }
        let mut compared =
            features.iter().map(compare).collect::<Result<Vec<FeatureDrift>, _>>()?;
        self.adjust(&mut compared)?;
        let needed = self.events_min.max(expected.div_ceil(2));
        let is_enough = events >= needed;
        for (feature, watched) in compared.iter_mut().zip(features) {
            feature.stands_out = is_enough && self.stands_out(feature);
            feature.drifted = self.has_drifted(feature.stands_out, watched.earlier);
            feature.lasting = feature.drifted && self.lasts(feature, watched);
        }
        let is_tested = |feature: &&FeatureDrift| {
            feature.change != Change::Distribution || feature.p.defined().is_some()
        };
        let tested = compared.iter().filter(is_tested).count();
        let drifted = compared.iter().filter(|feature| feature.drifted).count();
        let lasting = compared.iter().filter(|feature| feature.lasting).count();
        let is_critical = |(feature, watched): (&FeatureDrift, &Watched<'_>)| {
            feature.lasting && watched.weight == Weight::Critical
        };
        let critical = compared.iter().zip(features).any(is_critical);
        let verdict = if !is_enough {
            Measured::Undefined(Reason::TooFew { needed, found: events })
        } else if tested == 0 {
            let reason = compared.first().and_then(|feature| feature.p.reason());
            Measured::Undefined(reason.unwrap_or(Reason::NoObservations))
        } else if critical {
            Measured::Defined(DriftVerdict::Drift)
        } else {
            Measured::Defined(self.verdict(drifted, lasting, tested))
        };
        Ok(DriftReport { features: compared, tested, drifted, verdict })
    }

    fn adjust(&self, features: &mut [FeatureDrift]) -> Result<(), StatsError> {
        let p: Vec<f64> = features.iter().filter_map(|feature| feature.p.defined()).collect();
        let mut adjusted = self.correction.adjust(&p)?.into_iter();
        for feature in features {
            feature.p_adjusted = feature.p.map(|p| adjusted.next().unwrap_or(p));
        }
        Ok(())
    }

    fn stands_out(&self, feature: &FeatureDrift) -> bool {
        match feature.change {
            Change::Domain | Change::Missing => true,
            Change::Distribution => match (feature.p_adjusted, feature.ks) {
                (Measured::Defined(p), Measured::Defined(ks)) => self.is_telling(p, ks.distance),
                _ => false,
            },
        }
    }

    fn lasts(&self, feature: &FeatureDrift, watched: &Watched<'_>) -> bool {
        let distance = feature.ks.defined().map_or(0.0, |ks| ks.distance);
        match feature.change {
            Change::Domain | Change::Missing => true,
            Change::Distribution => {
                let farthest = match watched.null {
                    Measured::Defined(null) => null.farthest(),
                    Measured::Undefined(_) => f64::INFINITY,
                };
                self.is_lasting(distance, farthest, watched.earlier)
            }
        }
    }
}

/// A feature's live window against its training data, but for what the other features decide.
fn compare(feature: &Watched<'_>) -> Result<FeatureDrift, StatsError> {
    let present = present(feature.live);
    let events = feature.live.len().max(1) as f64;
    let missing_change =
        (feature.live.len() - present.len()) as f64 / events - feature.reference.missing();
    let mut compared = FeatureDrift {
        change: Change::Distribution,
        ks: Measured::Undefined(Reason::NoObservations),
        p: Measured::Undefined(Reason::NoObservations),
        p_adjusted: Measured::Undefined(Reason::NoObservations),
        stability: Measured::Undefined(Reason::NoObservations),
        missing_change,
        stands_out: false,
        drifted: false,
        lasting: false,
    };
    if missing_change.abs() > MISSING_CHANGE_MAX && !feature.live.is_empty() {
        compared.change = Change::Missing;
    }
    if present.is_empty() {
        return Ok(compared);
    }
    let (trained, live) = (feature.reference.sample(), Sample::new(&present)?);
    let ks = feature.reference.ks(&live);
    compared.ks = Measured::Defined(ks);
    let bins = Bins::of_quantiles(trained, STABILITY_BINS);
    let stability = stability_index(&bins.shares(trained), &bins.shares(&live))?;
    compared.stability = Measured::Defined(stability);
    if compared.change == Change::Missing {
        return Ok(compared);
    }
    if trained.is_constant() {
        compared.p = Measured::Undefined(Reason::NoVariation);
        if ks.distance > 0.0 {
            compared.change = Change::Domain;
        }
        return Ok(compared);
    }
    compared.p = match feature.kind {
        FeatureKind::Flag => flag_p(trained, &live)?,
        FeatureKind::Numeric => match feature.null {
            Measured::Defined(null) if null.window() == present.len() => {
                Measured::Defined(null.p(ks.distance))
            }
            Measured::Defined(null) => {
                let (first, second) = (null.window(), present.len());
                return Err(StatsError::Rows { first, second });
            }
            Measured::Undefined(reason) => Measured::Undefined(*reason),
        },
    };
    Ok(compared)
}

/// How likely a flag would be set so often or so rarely.
fn flag_p(trained: &Sample, live: &Sample) -> Result<Measured<f64>, StatsError> {
    let set = trained.as_slice().last().copied().unwrap_or_default();
    let unset = trained.as_slice().first().copied().unwrap_or_default();
    let is_stray = |value: &&f64| ![unset, set].iter().any(|known| known.total_cmp(value).is_eq());
    if let Some(value) = trained.as_slice().iter().chain(live.as_slice()).find(is_stray) {
        return Err(StatsError::OutOfRange { what: "flag", value: *value });
    }
    let counts = |sample: &Sample| {
        let below = sample.below(set);
        [below as u64, (sample.as_slice().len() - below) as u64]
    };
    Ok(homogeneity(&counts(trained), &counts(live))?.map(|test| test.p))
}

#[cfg(test)]
mod tests;
