//! Numbers that a step gives, each defined or with the reason why there is none.

use serde::Deserialize;
use suho_domain::{Duration, Points, Ratio};
use suho_stats::Measured;

/// A number that a step gives, or why there is none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Figure<T> {
    /// The number, in its own unit.
    Defined(T),
    /// There is no such number.
    Undefined {
        /// Why, for people.
        undefined: String,
    },
}

impl<T> Figure<T> {
    /// No number, for this reason.
    pub(crate) fn undefined(reason: impl Into<String>) -> Self {
        Self::Undefined { undefined: reason.into() }
    }

    /// `number` where there is one; else it is not finite.
    fn finite(number: Option<T>) -> Self {
        number.map_or_else(|| Self::undefined("the figure is not finite"), Self::Defined)
    }
}

impl<T> From<T> for Figure<T> {
    fn from(number: T) -> Self {
        Self::Defined(number)
    }
}

/// A count.
pub(crate) fn count(number: usize) -> Figure<i64> {
    Figure::Defined(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A number without unit, where it is finite.
pub(crate) fn number(number: f64) -> Figure<f64> {
    Figure::finite(number.is_finite().then_some(number))
}

/// A share, where it is finite.
pub(crate) fn share(number: f64) -> Figure<Ratio> {
    Figure::finite(Ratio::measured(number))
}

/// A measured number without unit.
pub(crate) fn float(measured: Measured<f64>) -> Figure<f64> {
    defined(measured, number)
}

/// A measured share.
pub(crate) fn ratio(measured: Measured<f64>) -> Figure<Ratio> {
    defined(measured, share)
}

/// A measured difference of shares.
pub(crate) fn points(measured: Measured<f64>) -> Figure<Points> {
    defined(measured, |number| {
        Figure::finite(Ratio::measured(number).map(|ratio| Points::new(ratio.number())))
    })
}

/// A measured time in milliseconds, to the microsecond.
pub(crate) fn millis(measured: Measured<f64>) -> Figure<Duration> {
    defined(measured, |number| {
        Figure::finite(Duration::measured_ms((number * 1_000.0).round() / 1_000.0))
    })
}

fn defined<T>(measured: Measured<f64>, figure: impl FnOnce(f64) -> Figure<T>) -> Figure<T> {
    match measured {
        Measured::Defined(number) => figure(number),
        Measured::Undefined(reason) => Figure::undefined(reason.to_string()),
    }
}
