//! What a model has to foretell: down, flat or up over the next bars.

use chrono::{DateTime, TimeDelta, Utc};
use suho_domain::Fault;
use suho_time::Calendar;

use crate::bars::Bars;

/// How many one-bar returns measure the volatility that a threshold scales with.
pub const SIGMA_BARS: usize = 100;

/// The outcome over the horizon, in the order of a model's outputs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Class {
    /// The price fell by more than the threshold.
    Down = 0,
    /// It did neither; also when it moved by exactly the threshold.
    Flat = 1,
    /// The price rose by more than the threshold.
    Up = 2,
}

impl Class {
    /// Every class, in the order of a model's outputs.
    pub const ALL: [Self; 3] = [Self::Down, Self::Flat, Self::Up];

    /// Its place among a model's outputs: 0 down, 1 flat, 2 up.
    pub const fn index(self) -> usize {
        match self {
            Self::Down => 0,
            Self::Flat => 1,
            Self::Up => 2,
        }
    }
}

/// How far a price must move to count as down or up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LabelRule {
    /// `k` standard deviations of the horizon's return, as the last 100 one-bar returns suggest:
    /// `k · σ · √h`. With `k` = 0.43 calm markets give three classes of about equal size.
    VolScaled {
        /// Standard deviations, above zero.
        k: f64,
    },
    /// The same log return for every bar.
    Fixed {
        /// Hundredths of a percent, zero or more.
        bps: f64,
    },
}

/// What became of one bar's prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// What happened.
    pub class: Class,
    /// The log return that was needed to be up; known when the bar closed.
    pub threshold: f64,
    /// The log return over the horizon.
    pub log_return: f64,
    /// When the label should be known: the bar's close and the horizon in market time.
    pub due: DateTime<Utc>,
    /// When it was: the close of the bar `horizon` bars on, later than `due` where bars are missing.
    pub known: DateTime<Utc>,
}

/// Why bars cannot be labelled.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum LabelError {
    /// Nothing to foretell.
    #[error("a label's horizon is 0 bars; it must be at least one")]
    Horizon,
    /// A threshold that orders nothing.
    #[error("a label's threshold factor is {0}; it must be a number above zero")]
    Threshold(f64),
}

impl LabelError {
    /// The pipeline's author wrote both.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// The label of every bar, `[bar]`; none where there cannot be one: in the first
/// [`SIGMA_BARS`] bars of [`LabelRule::VolScaled`], and in the last `horizon` bars.
///
/// `horizon`: bars ahead, at least 1. The bars must be in order and their closes above zero.
///
/// # Errors
/// When the horizon is 0 or the rule's factor is not a number above zero.
pub fn labels(
    bars: &Bars,
    rule: LabelRule,
    horizon: usize,
    calendar: Calendar,
) -> Result<Vec<Option<Label>>, LabelError> {
    check(rule, horizon)?;
    let steps = i32::try_from(horizon).map_err(|_| LabelError::Horizon)?;
    let span = bars.timeframe.checked_mul(steps).unwrap_or(TimeDelta::MAX);
    let of_bar = |bar: usize| {
        let threshold = threshold(bars.close.get(..=bar)?, rule, horizon)?;
        let later = bar.checked_add(horizon)?;
        let log_return = (bars.close.get(later)? / bars.close.get(bar)?).ln();
        Some(Label {
            class: classify(log_return, threshold),
            threshold,
            log_return,
            due: calendar.add_market_time(bars.close_time(bar)?, span),
            known: bars.close_time(later)?,
        })
    };
    Ok((0..bars.len()).map(of_bar).collect())
}

fn check(rule: LabelRule, horizon: usize) -> Result<(), LabelError> {
    let (factor, is_sound) = match rule {
        LabelRule::VolScaled { k } => (k, k.is_finite() && k > 0.0),
        LabelRule::Fixed { bps } => (bps, bps.is_finite() && bps >= 0.0),
    };
    match (horizon, is_sound) {
        (0, _) => Err(LabelError::Horizon),
        (_, false) => Err(LabelError::Threshold(factor)),
        (_, true) => Ok(()),
    }
}

/// The log return over `horizon` bars from which on the last bar of `closes` counts as up.
///
/// None while there are too few closes. It needs no bar that is not yet known, so a prediction can
/// store it and its label be reproduced.
pub fn threshold(closes: &[f64], rule: LabelRule, horizon: usize) -> Option<f64> {
    match rule {
        LabelRule::Fixed { bps } => Some(bps / 10_000.0),
        LabelRule::VolScaled { k } => {
            let recent = closes.get(closes.len().checked_sub(SIGMA_BARS + 1)?..)?;
            let log_return = |pair: &[f64]| match pair {
                [before, now] => (now / before).ln(),
                _ => f64::NAN,
            };
            let returns: Vec<f64> = recent.windows(2).map(log_return).collect();
            Some(k * standard_deviation(&returns)? * (horizon as f64).sqrt())
        }
    }
}

/// The class of a return: beyond the threshold up or down, else flat.
pub fn classify(log_return: f64, threshold: f64) -> Class {
    if log_return > threshold {
        Class::Up
    } else if log_return < -threshold {
        Class::Down
    } else {
        Class::Flat
    }
}

/// With n − 1 in the denominator; none of fewer than two values.
pub(crate) fn standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests;
