//! Matured events of two models, made up with a known difference and a known dependence.

use crate::distribution::{bisect, normal_quantile};
use crate::{BlockLength, StatsError, Stream};
use std::f64::consts::{FRAC_PI_2, PI};
use std::num::NonZeroU32;

/// How two models' events come about.
///
/// An event's difference is 1 where the candidate alone is right, -1 where the baseline alone is,
/// else 0. A hidden autoregression per symbol decides: high values are 1, low ones -1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventModel {
    /// Length of the blocks in which events are averaged.
    pub block: BlockLength,
    /// Symbols compared, each with one event a bar. A day of 24 hourly bars has 24 times as many.
    pub symbols: NonZeroU32,
    /// Share of events on which exactly one of the models is right, above 0 and at most 1.
    pub discordance: f64,
    /// True accuracy of the candidate less that of the baseline; at most the discordance in size.
    pub effect: f64,
    /// Correlation of a symbol's differences on neighbouring bars, in `0..1`; it falls off with
    /// distance. Labels four bars long under models that seldom change their mind have some 0.2.
    pub autocorrelation: f64,
    /// Correlation of two symbols' differences on one bar, in `0..1`.
    pub correlation: f64,
}

impl EventModel {
    /// Refuses figures out of range.
    pub(super) fn check(&self) -> Result<(), StatsError> {
        let checked = [
            ("discordance", self.discordance, self.discordance > 0.0 && self.discordance <= 1.0),
            ("effect", self.effect, self.effect.abs() < self.discordance),
            ("autocorrelation", self.autocorrelation, (0.0..1.0).contains(&self.autocorrelation)),
            ("correlation", self.correlation, (0.0..1.0).contains(&self.correlation)),
        ];
        match checked.into_iter().find(|(_, _, fits)| !fits) {
            Some((what, value, _)) => Err(StatsError::OutOfRange { what, value }),
            None => Ok(()),
        }
    }

    /// Events of one block.
    pub(super) fn events_per_block(&self) -> u32 {
        self.block.bars().get().saturating_mul(self.symbols.get())
    }

    /// Variance of one event's difference.
    pub(super) fn variance(&self) -> f64 {
        self.discordance - self.effect * self.effect
    }

    /// Share of events on which the candidate alone is right.
    pub(super) fn candidate_alone(&self) -> f64 {
        0.5 * (self.discordance + self.effect)
    }

    /// Share of events on which the baseline alone is right.
    pub(super) fn baseline_alone(&self) -> f64 {
        0.5 * (self.discordance - self.effect)
    }
}

/// What is hidden behind a model's events: standard normal values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hidden {
    /// Above this the candidate, below that the baseline, alone is right.
    bounds: (f64, f64),
    /// Autocorrelation from bar to bar.
    persistence: f64,
    /// Correlation between symbols.
    correlation: f64,
}

impl Hidden {
    /// The hidden values whose events are as `model` says, which has been checked.
    pub(super) fn behind(model: &EventModel) -> Self {
        let bounds =
            (-normal_quantile(model.candidate_alone()), normal_quantile(model.baseline_alone()));
        let variance = model.variance();
        let angle = |wanted: f64| {
            bisect(0.0, FRAC_PI_2, |angle| covariance(bounds, angle) < wanted * variance)
        };
        let hidden = |wanted: f64| if wanted > 0.0 { angle(wanted).sin() } else { 0.0 };
        Self {
            bounds,
            persistence: hidden(model.autocorrelation),
            correlation: hidden(model.correlation),
        }
    }
}

/// Covariance of the differences of two events whose hidden values have a correlation of
/// `sin(angle)`: the integral of the bivariate normal density at the bounds over the correlation
/// (Plackett 1954), by Simpson's rule.
fn covariance(bounds: (f64, f64), angle: f64) -> f64 {
    const STEPS: u32 = 64;
    let (high, low) = bounds;
    let density = |first: f64, second: f64, angle: f64| {
        let cos2 = angle.cos().powi(2);
        let distance = first * first - 2.0 * angle.sin() * first * second + second * second;
        if cos2 > 0.0 { (-0.5 * distance / cos2).exp() / (2.0 * PI) } else { 0.0 }
    };
    let slope = |angle: f64| {
        density(high, high, angle) + density(low, low, angle) + 2.0 * density(high, low, angle)
    };
    let width = angle / f64::from(STEPS);
    let weighted = |step: u32| {
        let simpson = match step {
            0 | STEPS => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        simpson * slope(width * f64::from(step))
    };
    (0..=STEPS).map(weighted).sum::<f64>() * width / 3.0
}

/// Events without end, in order of time.
pub(super) struct Events<'a> {
    model: &'a EventModel,
    hidden: Hidden,
    stream: Stream,
    /// What all symbols share, and what is each one's own.
    common: f64,
    own: Vec<f64>,
}

impl<'a> Events<'a> {
    pub(super) fn new(model: &'a EventModel, hidden: Hidden, mut stream: Stream) -> Self {
        let common = stream.normal();
        let own = (0..model.symbols.get()).map(|_| stream.normal()).collect();
        Self { model, hidden, stream, common, own }
    }

    /// Calls `each` with the difference of every event of the next bar, and with the stream to
    /// draw more from.
    pub(super) fn bar(&mut self, mut each: impl FnMut(i32, &mut Stream)) {
        let Hidden { bounds: (high, low), persistence, correlation } = self.hidden;
        let fresh = (1.0 - persistence * persistence).sqrt();
        let (shared, alone) = (correlation.sqrt(), (1.0 - correlation).sqrt());
        self.common = persistence * self.common + fresh * self.stream.normal();
        for own in &mut self.own {
            *own = persistence * *own + fresh * self.stream.normal();
            let hidden = shared * self.common + alone * *own;
            each(i32::from(hidden > high) - i32::from(hidden < low), &mut self.stream);
        }
    }

    /// Mean difference of the next block.
    pub(super) fn block_mean(&mut self) -> f64 {
        let mut sum = 0;
        for _ in 0..self.model.block.bars().get() {
            self.bar(|difference, _| sum += difference);
        }
        f64::from(sum) / f64::from(self.model.events_per_block())
    }
}

#[cfg(test)]
mod tests;
