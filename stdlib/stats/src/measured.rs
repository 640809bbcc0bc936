//! A measurement that may not exist: a number, or the reason why there is none.

use std::fmt;

/// A measured figure, or why it is undefined.
///
/// Undefined is neither zero nor a pass nor a failure: whoever decides on it has to say what its
/// absence means, and cannot forget to, as with NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured<T> {
    /// The figure, in its own unit; never NaN or infinite when `T` is a float.
    Defined(T),
    /// There is no such figure, for this reason.
    Undefined(Reason),
}

impl<T> Measured<T> {
    /// The figure, when there is one.
    pub fn defined(self) -> Option<T> {
        match self {
            Self::Defined(value) => Some(value),
            Self::Undefined(_) => None,
        }
    }

    /// Why there is no figure, when there is none.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Defined(_) => None,
            Self::Undefined(reason) => Some(*reason),
        }
    }

    /// The figure changed by `change`; a reason stays.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Measured<U> {
        match self {
            Self::Defined(value) => Measured::Defined(change(value)),
            Self::Undefined(reason) => Measured::Undefined(reason),
        }
    }

    /// What `next` makes of the figure; a reason stays.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Measured<U>) -> Measured<U> {
        match self {
            Self::Defined(value) => next(value),
            Self::Undefined(reason) => Measured::Undefined(reason),
        }
    }
}

impl Measured<f64> {
    /// `value` when it is finite, else undefined as [`Reason::Overflow`].
    pub fn finite(value: f64) -> Self {
        if value.is_finite() { Self::Defined(value) } else { Self::Undefined(Reason::Overflow) }
    }

    /// `numerator / denominator`, undefined for `reason` when the denominator is zero.
    pub fn ratio(numerator: f64, denominator: f64, reason: Reason) -> Self {
        if denominator == 0.0 {
            Self::Undefined(reason)
        } else {
            Self::finite(numerator / denominator)
        }
    }
}

impl<T: fmt::Display> fmt::Display for Measured<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defined(value) => value.fmt(f),
            Self::Undefined(reason) => write!(f, "undefined ({reason})"),
        }
    }
}

/// Why a figure does not exist.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// There is nothing to measure.
    NoObservations,
    /// There is something, but not enough of it.
    TooFew {
        /// The least that the figure needs.
        needed: usize,
        /// What there is.
        found: usize,
    },
    /// Everything observed is the same, so that a spread or a ratio of spreads is missing.
    NoVariation,
    /// No return is negative, so that there is no downside to divide by.
    NoDownside,
    /// Equity never fell below its peak.
    NoDrawdown,
    /// No trade has been closed.
    NoTrades,
    /// Trades won and none lost.
    AllWins,
    /// Trades made nothing before costs.
    NoProfit,
    /// The truth holds one class only (or every row does), so that nothing separates.
    OneClass,
    /// No prediction takes a direction.
    NoDirection,
    /// The sequential test has no error probability left to spend at this look.
    NothingToSpend,
    /// The figure exists but no `f64` holds it.
    Overflow,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObservations => f.write_str("nothing observed"),
            Self::TooFew { needed, found } => write!(f, "needs {needed}, has {found}"),
            Self::NoVariation => f.write_str("no variation"),
            Self::NoDownside => f.write_str("no negative return"),
            Self::NoDrawdown => f.write_str("no drawdown"),
            Self::NoTrades => f.write_str("no closed trade"),
            Self::AllWins => f.write_str("all wins"),
            Self::NoProfit => f.write_str("no profit before costs"),
            Self::OneClass => f.write_str("one class only"),
            Self::NoDirection => f.write_str("no direction predicted"),
            Self::NothingToSpend => f.write_str("no error probability to spend"),
            Self::Overflow => f.write_str("beyond the range of numbers"),
        }
    }
}
