//! Which difference a test looks for.

/// Which difference counts against equality of two samples or shares.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alternative {
    /// The two differ.
    TwoSided,
    /// The first is larger.
    Larger,
    /// The first is smaller.
    Smaller,
}

impl Alternative {
    /// Probability of a statistic at least as telling as `statistic`, which is positive when the
    /// first is larger and symmetric around zero when they are equal.
    pub(crate) fn p(self, statistic: f64, above: impl Fn(f64) -> f64) -> f64 {
        match self {
            Self::TwoSided => 2.0 * above(statistic.abs()),
            Self::Larger => above(statistic),
            Self::Smaller => above(-statistic),
        }
    }
}
