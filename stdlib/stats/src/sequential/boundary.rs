//! Boundaries of a group-sequential test, solved look by look for the information observed.
//!
//! The score process is a Brownian motion observed at the looks. Its density over the paths that
//! have crossed no earlier boundary is carried on a grid from look to look; each boundary is where
//! the probability of crossing it first is what the spending function grants (Armitage, McPherson
//! and Rowe's recursion).

use super::Spending;
use crate::distribution::{bisect, normal_above, normal_density};
use crate::{Alpha, Measured, Reason, StatsError};

/// Points of the grid (odd, for Simpson's rule). 16 standard deviations over 1,000 steps resolve
/// the kernel between looks a thousandth of the information apart, and put the boundaries of even
/// plans within 4e-5 of a grid without width.
const GRID: u32 = 1_001;
/// Standard deviations of the score that the grid reaches to; beyond lies less than 1e-15.
const REACH: f64 = 8.0;
/// Boundaries are sought up to this many standard deviations, where the tail is below 1e-300.
const BOUNDARY_MAX: f64 = 37.0;

/// A group-sequential test in progress: what it has spent, and where undecided paths are.
///
/// Information is counted in any unit (matured events, here), and so is the plan's maximum; only
/// their ratio matters. The plan may grow between looks: what has been spent stays spent, and the
/// remaining boundaries follow the spending function on the longer plan.
#[derive(Clone, Debug)]
pub(super) struct Boundaries {
    spending: Spending,
    spent: f64,
    undecided: Density,
    /// The last look's boundary and information. What it leaves undecided is reckoned when there is
    /// another look: the last one is the dearest.
    last: Option<(Option<f64>, f64)>,
}

impl Boundaries {
    /// A test of one-sided `alpha` that has not looked yet.
    pub(super) fn new(alpha: Alpha) -> Self {
        let origin = vec![(0.0, 1.0)];
        Self {
            spending: Spending::new(alpha),
            spent: 0.0,
            undecided: Density { information: 0.0, masses: origin },
            last: None,
        }
    }

    /// Error probability spent by the looks so far.
    pub(super) const fn spent(&self) -> f64 {
        self.spent
    }

    /// The boundary, on the z scale, of the next look at `information` of a planned `maximum`.
    ///
    /// Undefined as [`Reason::NothingToSpend`] when the spending function grants nothing more by
    /// then, as after a plan was made longer; the look still counts as one that found nothing.
    /// `information` must be more than that of the look before.
    pub(super) fn next(&mut self, information: f64, maximum: f64) -> Measured<f64> {
        if let Some((boundary, at)) = self.last.take() {
            self.undecided = self.undecided.below(boundary, at);
        }
        let granted = self.spending.spent(information / maximum) - self.spent;
        let boundary = if granted > 0.0 {
            self.spent += granted;
            Measured::Defined(self.undecided.boundary(information, granted))
        } else {
            Measured::Undefined(Reason::NothingToSpend)
        };
        self.last = Some((boundary.defined(), information));
        boundary
    }
}

/// Boundaries, on the z scale, of a test of one-sided `alpha` that looks at the information
/// `fractions` (growing, above 0, at most 1).
///
/// Agrees with `ldbounds` in R to 2e-4, its own precision.
///
/// # Errors
/// When the fractions do not grow within `0..=1`.
pub fn boundaries(alpha: Alpha, fractions: &[f64]) -> Result<Vec<Measured<f64>>, StatsError> {
    let mut before = 0.0;
    for (index, fraction) in fractions.iter().copied().enumerate() {
        if !(fraction > before && fraction <= 1.0) {
            return Err(StatsError::Information { look: index + 1, fraction });
        }
        before = fraction;
    }
    let mut test = Boundaries::new(alpha);
    Ok(fractions.iter().map(|fraction| test.next(*fraction, 1.0)).collect())
}

/// Where the score is, over the paths that have crossed no boundary.
#[derive(Clone, Debug)]
struct Density {
    /// Information at which this holds; the score's variance there.
    information: f64,
    /// Score and probability mass around it, in order of the score. The masses sum to the
    /// probability of not having stopped.
    masses: Vec<(f64, f64)>,
}

impl Density {
    /// The boundary on the z scale that a path crosses at `information` with probability `granted`.
    fn boundary(&self, information: f64, granted: f64) -> f64 {
        let scale = information.sqrt();
        let step = (information - self.information).sqrt();
        bisect(-REACH, BOUNDARY_MAX, |z| {
            let crossing =
                |(score, mass): &(f64, f64)| mass * normal_above((z * scale - score) / step);
            self.masses.iter().map(crossing).sum::<f64>() > granted
        })
    }

    /// The density at `information` of the paths that stay below `boundary` (on the z scale).
    fn below(&self, boundary: Option<f64>, information: f64) -> Self {
        let scale = information.sqrt();
        let low = -REACH * scale;
        let high = boundary.unwrap_or(REACH).min(REACH) * scale;
        let width = (high - low) / f64::from(GRID - 1);
        let masses = (0..GRID)
            .map(|index| {
                let score = low + width * f64::from(index);
                let simpson = match index {
                    0 => 1.0,
                    last if last == GRID - 1 => 1.0,
                    odd if odd % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                (score, self.density_at(score, information) * simpson * width / 3.0)
            })
            .collect();
        Self { information, masses }
    }

    /// Density of the score at `score` when `information` has been reached.
    fn density_at(&self, score: f64, information: f64) -> f64 {
        let step = (information - self.information).sqrt();
        // Farther away than this the kernel is zero for all that a double can add.
        let near = (REACH + 1.0) * step;
        let from = self.masses.partition_point(|(origin, _)| *origin < score - near);
        let to = self.masses.partition_point(|(origin, _)| *origin <= score + near);
        let masses = self.masses.get(from..to).unwrap_or_default();
        let arriving =
            |(origin, mass): &(f64, f64)| mass * normal_density((score - origin) / step) / step;
        masses.iter().map(arriving).sum()
    }
}
