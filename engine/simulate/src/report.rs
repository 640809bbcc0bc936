//! What running a test came to.

use crate::search::Covered;
use crate::timeline::Line;
use suho_domain::{Duration, Name};
use suho_plan::Place;

/// What running one test came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The pipeline that was run.
    pub pipeline: Name,
    /// Virtual time from the start of its longest run to that run's end.
    pub covered: Duration,
    /// Virtual time of all its runs together.
    pub played: Duration,
    /// How much of what it leaves open was played; none where it leaves nothing open.
    pub cells: Option<Covered>,
    /// The first thing expected that did not come to be; none when the test passed.
    pub failure: Option<Failure>,
    /// What it says in vain: faults that had no occasion to happen.
    pub warnings: Vec<String>,
}

/// Something expected that did not come to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What was expected, as written.
    pub expected: String,
    /// Where that stands.
    pub place: Place,
    /// What was seen instead, a fragment each.
    pub seen: Vec<String>,
    /// What the test left open, in the smallest case that fails.
    pub given: Vec<Chosen>,
    /// What was decided up to then.
    pub timeline: Vec<Line>,
    /// When it was seen, since the run began.
    pub after: Duration,
}

/// What one `any` was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chosen {
    /// `bt.sharpe`.
    pub name: String,
    /// Its value, and where that lies to the limits it is held against: `19% (below 20%)`. None
    /// where every value fails alike.
    pub value: Option<String>,
}
