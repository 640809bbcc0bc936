//! What a model has to foretell: down, flat or up over the next bars.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use suho_domain::Fault;
use suho_time::{Calendar, Session};

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
    /// Which of two prices is touched first: one above the close, one below; flat when neither is
    /// within the horizon. Both lie a number of standard deviations of the horizon's return away,
    /// measured as for `VolScaled`.
    ///
    /// A bar that reaches both counts as down: nobody knows which came first, and the worse of the
    /// two is not invented.
    ///
    /// Source: workflow §4.4; the method is López de Prado's (Advances in Financial Machine
    /// Learning, ch. 3).
    TripleBarrier {
        /// Standard deviations up, above zero.
        profit: f64,
        /// Standard deviations down, above zero.
        stop: f64,
    },
}

/// What became of one bar's prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// What happened.
    pub class: Class,
    /// The log return that was needed to be up; known when the bar closed.
    pub threshold: f64,
    /// The log return over the horizon; of [`LabelRule::TripleBarrier`] that to the price touched.
    pub log_return: f64,
    /// When the label should be known: the bar's close and the horizon in market time.
    pub due: DateTime<Utc>,
    /// When it was: the close of the bar `horizon` bars on, later than `due` where bars are missing;
    /// of [`LabelRule::TripleBarrier`] the close of the bar that touched.
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
    /// A horizon that ends inside a bar.
    #[error("a horizon of {} does not end with a bar of {}", span(*horizon), span(*timeframe))]
    NotWholeBars {
        /// How far ahead the label looks.
        horizon: TimeDelta,
        /// Length of a bar.
        timeframe: TimeDelta,
    },
}

impl LabelError {
    /// The pipeline's author wrote both.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// How many bars a horizon of market time has.
///
/// # Errors
/// When it is not a whole number of bars, or none.
pub fn horizon_bars(horizon: TimeDelta, timeframe: TimeDelta) -> Result<usize, LabelError> {
    let not_whole = LabelError::NotWholeBars { horizon, timeframe };
    let (Some(long), Some(bar)) = (horizon.num_nanoseconds(), timeframe.num_nanoseconds()) else {
        return Err(not_whole);
    };
    match (long.checked_div(bar), long.checked_rem(bar)) {
        _ if long <= 0 => Err(LabelError::Horizon),
        (Some(bars), Some(0)) => usize::try_from(bars).map_err(|_| not_whole),
        _ => Err(not_whole),
    }
}

/// The label of every bar, `[bar]`; none where there cannot be one: in the first
/// [`SIGMA_BARS`] bars of a rule that measures volatility, and in the last `horizon` bars, also
/// where a barrier was touched before: only the decided ones would be there, which are not like
/// the others.
///
/// `horizon`: bars ahead, at least 1. The bars must be in order and their prices above zero.
///
/// # Errors
/// When the horizon is 0 or the rule's factor is not a number above zero.
pub fn labels(
    bars: &Bars,
    rule: LabelRule,
    horizon: usize,
    calendar: Calendar,
) -> Result<Vec<Option<Label>>, LabelError> {
    let mut due = due_in(bars, rule, horizon, calendar)?;
    let returns = log_returns(&bars.close);
    let of_bar = |bar: usize| {
        let sigma = || standard_deviation(returns.get(bar.checked_sub(SIGMA_BARS)?..bar)?);
        label(bars, bar, horizon, levels(rule, horizon, sigma)?, &mut due)
    };
    Ok((0..bars.len()).map(of_bar).collect())
}

/// The label of one bar, the same as [`labels()`] gives it.
///
/// # Errors
/// As [`labels()`].
pub fn label_at(
    bars: &Bars,
    bar: usize,
    rule: LabelRule,
    horizon: usize,
    calendar: Calendar,
) -> Result<Option<Label>, LabelError> {
    let mut due = due_in(bars, rule, horizon, calendar)?;
    let levels = levels(rule, horizon, || sigma(bars.close.get(..=bar)?));
    Ok(levels.and_then(|levels| label(bars, bar, horizon, levels, &mut due)))
}

/// What each bar's label is due at, when rule and horizon are sound.
fn due_in(
    bars: &Bars,
    rule: LabelRule,
    horizon: usize,
    calendar: Calendar,
) -> Result<impl FnMut(DateTime<Utc>) -> DateTime<Utc>, LabelError> {
    check(rule, horizon)?;
    let steps = i32::try_from(horizon).map_err(|_| LabelError::Horizon)?;
    let span = bars.timeframe.checked_mul(steps).unwrap_or(TimeDelta::MAX);
    let mut session: Option<Session> = None;
    Ok(move |from: DateTime<Utc>| {
        // Most labels are due in the session in which their bar closes. To look it up costs more
        // than all the rest of a label, so it is kept.
        if !session.is_some_and(|session| session.open <= from && from < session.close) {
            session = calendar.sessions(from, from + TimeDelta::microseconds(1)).next();
        }
        let simple = from.checked_add_signed(span);
        match (session, simple) {
            (Some(session), Some(due)) if session.open <= from && due <= session.close => due,
            _ => calendar.add_market_time(from, span),
        }
    })
}

fn check(rule: LabelRule, horizon: usize) -> Result<(), LabelError> {
    let above_zero = |factor: f64| factor.is_finite() && factor > 0.0;
    let (factor, is_sound) = match rule {
        LabelRule::VolScaled { k } => (k, above_zero(k)),
        LabelRule::Fixed { bps } => (bps, bps.is_finite() && bps >= 0.0),
        LabelRule::TripleBarrier { profit, stop } if above_zero(profit) => (stop, above_zero(stop)),
        LabelRule::TripleBarrier { profit, .. } => (profit, false),
    };
    match (horizon, is_sound) {
        (0, _) => Err(LabelError::Horizon),
        (_, false) => Err(LabelError::Threshold(factor)),
        (_, true) => Ok(()),
    }
}

/// What decides about a label, in log returns from the bar's close.
#[derive(Clone, Copy)]
enum Levels {
    /// Where the last close of the horizon lies: beyond this up or down.
    AtTheEnd(f64),
    /// Which is touched first.
    OnTheWay { profit: f64, stop: f64 },
}

/// The levels for a bar up to which returns deviate by `sigma`; none where that is not known.
fn levels(rule: LabelRule, horizon: usize, sigma: impl FnOnce() -> Option<f64>) -> Option<Levels> {
    let root = (horizon as f64).sqrt();
    Some(match rule {
        LabelRule::Fixed { bps } => Levels::AtTheEnd(bps / 10_000.0),
        LabelRule::VolScaled { k } => Levels::AtTheEnd(k * sigma()? * root),
        LabelRule::TripleBarrier { profit, stop } => {
            let sigma = sigma()?;
            Levels::OnTheWay { profit: profit * sigma * root, stop: stop * sigma * root }
        }
    })
}

fn label(
    bars: &Bars,
    bar: usize,
    horizon: usize,
    levels: Levels,
    due: &mut impl FnMut(DateTime<Utc>) -> DateTime<Utc>,
) -> Option<Label> {
    let close = *bars.close.get(bar)?;
    let last = bar.checked_add(horizon)?;
    let at_the_end = (bars.close.get(last)? / close).ln();
    let (threshold, class, log_return, known) = match levels {
        Levels::AtTheEnd(level) => (level, classify(at_the_end, level), at_the_end, last),
        Levels::OnTheWay { profit, stop } => {
            let touched = first_touch(bars, bar + 1..last + 1, close, profit, stop);
            let (class, log_return, known) = touched.unwrap_or((Class::Flat, at_the_end, last));
            (profit, class, log_return, known)
        }
    };
    let due = due(bars.close_time(bar)?);
    Some(Label { class, threshold, log_return, due, known: bars.close_time(known)? })
}

/// The first bar of `on_the_way` that touches a barrier, and which; none when none does.
fn first_touch(
    bars: &Bars,
    on_the_way: Range<usize>,
    close: f64,
    profit: f64,
    stop: f64,
) -> Option<(Class, f64, usize)> {
    let (above, below) = (close * profit.exp(), close * (-stop).exp());
    on_the_way.into_iter().find_map(|bar| {
        let (high, low) = (*bars.high.get(bar)?, *bars.low.get(bar)?);
        if low <= below {
            return Some((Class::Down, -stop, bar));
        }
        (high >= above).then_some((Class::Up, profit, bar))
    })
}

/// The log return over `horizon` bars from which on the last bar of `closes` counts as up.
///
/// None while there are too few closes. It needs no bar that is not yet known, so a prediction can
/// store it and its label be reproduced.
pub fn threshold(closes: &[f64], rule: LabelRule, horizon: usize) -> Option<f64> {
    match levels(rule, horizon, || sigma(closes))? {
        Levels::AtTheEnd(level) | Levels::OnTheWay { profit: level, .. } => Some(level),
    }
}

/// The standard deviation of the last [`SIGMA_BARS`] returns; none of fewer.
fn sigma(closes: &[f64]) -> Option<f64> {
    let recent = closes.get(closes.len().checked_sub(SIGMA_BARS + 1)?..)?;
    standard_deviation(&log_returns(recent))
}

/// From each value to the next: one fewer than there are values.
fn log_returns(values: &[f64]) -> Vec<f64> {
    values.iter().zip(values.iter().skip(1)).map(|(before, now)| (now / before).ln()).collect()
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

/// A span of time as people say it: `4 h`, `90 min`.
pub(crate) fn span(span: TimeDelta) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = span.num_seconds();
    let fits = |(unit, _): &(i64, &str)| seconds % unit == 0;
    match UNITS.into_iter().find(fits) {
        Some((unit, name)) if span.subsec_nanos() == 0 => format!("{} {name}", seconds / unit),
        _ => format!("{} µs", span.num_microseconds().unwrap_or(i64::MAX)),
    }
}

#[cfg(test)]
mod tests;
