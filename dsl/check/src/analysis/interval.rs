//! Stretches of numbers, each end in or out.

/// All numbers between two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    low: End,
    high: End,
}

/// An end; infinite ones are out.
#[derive(Clone, Copy, Debug, PartialEq)]
struct End {
    at: f64,
    is_out: bool,
}

const LOWEST: End = End { at: f64::NEG_INFINITY, is_out: true };
const HIGHEST: End = End { at: f64::INFINITY, is_out: true };

impl Interval {
    /// Everything above `at`, and `at` itself unless `is_out`.
    pub(super) const fn above(at: f64, is_out: bool) -> Self {
        Self { low: End { at, is_out }, high: HIGHEST }
    }

    /// Everything below `at`, and `at` itself unless `is_out`.
    pub(super) const fn below(at: f64, is_out: bool) -> Self {
        Self { low: LOWEST, high: End { at, is_out } }
    }

    /// What is in both.
    pub(super) fn meet(self, other: Self) -> Self {
        Self { low: later(self.low, other.low, 1.0), high: later(self.high, other.high, -1.0) }
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(self) -> bool {
        self.low.at > self.high.at
            || (self.low.at >= self.high.at && (self.low.is_out || self.high.is_out))
    }
}

/// The end further in, seen in the direction of `sign`.
fn later(one: End, other: End, sign: f64) -> End {
    let (a, b) = (one.at * sign, other.at * sign);
    if a > b {
        one
    } else if b > a {
        other
    } else {
        End { at: one.at, is_out: one.is_out || other.is_out }
    }
}
