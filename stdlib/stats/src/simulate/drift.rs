//! How often drift is reported on features that do not drift.

use super::Rate;
use crate::drift::{DriftRule, DriftVerdict, Reference, UncalibratedRule};
use crate::{KsNull, Measured, Reason, Resampling, Sample, StatsError, Stream};
use std::num::{NonZeroU32, NonZeroUsize};

/// Where stationary features come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FeatureSeries<'a> {
    /// The pipeline's own, `[feature][time]`, drawn again in blocks from the same rows for all
    /// features: their dependence on each other stays, and on their past within a block. Blocks
    /// several windows long keep the changes of regime that a window can fall into.
    Observed {
        /// Finite values, as many for every feature.
        features: &'a [Vec<f64>],
        /// How rows are drawn.
        resampling: Resampling,
    },
    /// One normal autoregression of the first order, independent of the others, for each of these
    /// coefficients in `0..1`.
    Autoregressive(&'a [f64]),
}

/// Drift detection as it is planned, on features that stay as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DriftPlan<'a> {
    /// The features.
    pub series: FeatureSeries<'a>,
    /// Training rows.
    pub training: NonZeroUsize,
    /// Events of a live window.
    pub window: NonZeroUsize,
    /// Events of a day, by which the window moves on.
    pub events_per_day: NonZeroUsize,
    /// Days watched in each game, a report a day.
    pub days: NonZeroU32,
    /// The calibrated rule.
    pub rule: DriftRule,
    /// The rule it replaces.
    pub uncalibrated: UncalibratedRule,
}

/// Share of days on which nothing has moved and something was reported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DriftRates {
    /// Days on which the calibrated rule warned, or more.
    pub warning: Rate,
    /// Days on which it called drift.
    pub drift: Rate,
    /// Days on which the uncalibrated rule alarmed.
    pub uncalibrated: Rate,
}

/// Plays `runs` games of training data followed by days.
///
/// Undefined when the training rows do not hold ten windows.
///
/// # Errors
/// When there is no feature, or a value or a coefficient is out of range.
///
/// Reproduces domain §10.2 and scenario 76.
pub fn drift(
    plan: &DriftPlan<'_>,
    runs: NonZeroU32,
    seed: u64,
) -> Result<Measured<DriftRates>, StatsError> {
    plan.check()?;
    let critical = plan.uncalibrated.critical_distance(plan.training.get(), plan.window.get());
    let mut games = Vec::new();
    for run in 0..runs.get() {
        let features = plan.draw(seed, u64::from(run));
        match plan.play(&features, critical)? {
            Measured::Defined(game) => games.push(game),
            Measured::Undefined(reason) => return Ok(Measured::Undefined(reason)),
        }
    }
    let rate = |days: fn(&Game) -> u32| {
        Rate::of_days(&games.iter().map(days).collect::<Vec<_>>(), plan.days)
    };
    Ok(Measured::Defined(DriftRates {
        warning: rate(|game| game.warning),
        drift: rate(|game| game.drift),
        uncalibrated: rate(|game| game.uncalibrated),
    }))
}

/// Days of one game with a report.
#[derive(Clone, Copy, Default)]
struct Game {
    warning: u32,
    drift: u32,
    uncalibrated: u32,
}

impl DriftPlan<'_> {
    fn check(&self) -> Result<(), StatsError> {
        match self.series {
            FeatureSeries::Observed { features, .. } => {
                let rows = features.first().map_or(0, Vec::len);
                for feature in features {
                    if feature.len() != rows {
                        return Err(StatsError::Rows { first: rows, second: feature.len() });
                    }
                    Sample::new(feature)?;
                }
            }
            FeatureSeries::Autoregressive(coefficients) => {
                if let Some(value) = coefficients.iter().find(|c| !(0.0..1.0).contains(*c)) {
                    return Err(StatsError::OutOfRange { what: "autocorrelation", value: *value });
                }
            }
        }
        if self.features() == 0 { Err(StatsError::EmptySample) } else { Ok(()) }
    }

    fn features(&self) -> usize {
        match self.series {
            FeatureSeries::Observed { features, .. } => features.len(),
            FeatureSeries::Autoregressive(coefficients) => coefficients.len(),
        }
    }

    /// Rows of a game: training, then days, the first of which has a whole window behind it.
    fn rows(&self) -> usize {
        let days = usize::try_from(self.days.get()).unwrap_or(usize::MAX);
        let live = self.events_per_day.get().saturating_mul(days - 1);
        self.training.get().saturating_add(self.window.get()).saturating_add(live)
    }

    /// One stationary world: `[feature][time]`.
    fn draw(&self, seed: u64, run: u64) -> Vec<Vec<f64>> {
        let stream = Stream::part(seed, run);
        match self.series {
            FeatureSeries::Observed { features, resampling } => {
                let rows = features.first().map_or(0, Vec::len);
                let Some(rows) = NonZeroUsize::new(rows) else { return Vec::new() };
                let drawn: Vec<usize> =
                    resampling.indices(rows, stream).take(self.rows()).collect();
                let again = |feature: &Vec<f64>| {
                    drawn.iter().filter_map(|row| feature.get(*row).copied()).collect()
                };
                features.iter().map(again).collect()
            }
            FeatureSeries::Autoregressive(coefficients) => {
                let mut stream = stream;
                let mut series = |coefficient: &f64| {
                    let fresh = (1.0 - coefficient * coefficient).sqrt();
                    let mut value = stream.normal();
                    let next = |_| {
                        value = coefficient * value + fresh * stream.normal();
                        value
                    };
                    (0..self.rows()).map(next).collect()
                };
                coefficients.iter().map(&mut series).collect()
            }
        }
    }

    /// Reports on every day of one world. `critical` is the distance from which the uncalibrated
    /// rule alarms.
    fn play(&self, features: &[Vec<f64>], critical: f64) -> Result<Measured<Game>, StatsError> {
        let mut watched = Vec::with_capacity(features.len());
        for series in features {
            let trained = series.get(..self.training.get()).unwrap_or_default();
            let reference = Reference::new(trained)?;
            match reference.null(self.window) {
                Measured::Defined(null) => watched.push((reference, null, series, Vec::new())),
                Measured::Undefined(reason) => return Ok(Measured::Undefined(reason)),
            }
        }
        let mut game = Game::default();
        let mut from = self.training.get();
        for _ in 0..self.days.get() {
            let until = from.saturating_add(self.window.get());
            let mut tests = Vec::with_capacity(features.len());
            for (reference, null, series, _) in &watched {
                let Some(live) = series.get(from..until) else {
                    return Ok(Measured::Undefined(Reason::NoObservations));
                };
                tests.push(test(reference, null, live)?);
            }
            self.report(
                &tests,
                critical,
                watched.iter_mut().map(|(.., earlier)| earlier),
                &mut game,
            )?;
            from = from.saturating_add(self.events_per_day.get());
        }
        Ok(Measured::Defined(game))
    }

    /// One day's report on the features' `tests`, and on when they stood out `earlier`.
    fn report<'e>(
        &self,
        tests: &[Test],
        critical: f64,
        earlier: impl Iterator<Item = &'e mut Vec<bool>>,
        game: &mut Game,
    ) -> Result<(), StatsError> {
        let p: Vec<f64> = tests.iter().map(|test| test.p).collect();
        let adjusted = self.rule.correction.adjust(&p)?;
        let (mut drifted, mut lasting) = (0, 0);
        for ((test, p), earlier) in tests.iter().zip(adjusted).zip(earlier) {
            let stands_out = self.rule.is_telling(p, test.distance);
            if self.rule.has_drifted(stands_out, earlier) {
                drifted += 1;
                let lasts = self.rule.is_lasting(test.distance, test.farthest, earlier);
                lasting += usize::from(lasts);
            }
            earlier.insert(0, stands_out);
            earlier.truncate(self.rule.reports_before());
        }
        let verdict = self.rule.verdict(drifted, lasting, tests.len());
        game.warning += u32::from(verdict != DriftVerdict::Stable);
        game.drift += u32::from(verdict == DriftVerdict::Drift);
        game.uncalibrated += u32::from(tests.iter().any(|test| test.distance >= critical));
        Ok(())
    }
}

/// A live window against its training data.
struct Test {
    /// Calibrated.
    p: f64,
    distance: f64,
    /// The distance of the farthest training window.
    farthest: f64,
}

fn test(reference: &Reference, null: &KsNull, live: &[f64]) -> Result<Test, StatsError> {
    let distance = reference.distance(&Sample::new(live)?);
    Ok(Test { p: null.p(distance), distance, farthest: null.farthest() })
}

#[cfg(test)]
mod tests;
