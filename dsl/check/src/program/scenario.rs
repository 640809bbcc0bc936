//! `test "…" { … }`: what is given, and what is expected of the run.

use super::{Expr, Place, Run};
use std::collections::BTreeMap;
use suho_domain::{Duration, Name};

/// One test.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name, a text.
    pub name: String,
    /// Its doc comment.
    pub doc: Option<String>,
    /// The run that is tested.
    pub run: Run,
    /// `faults` (choices of `Fault`), `start`, `seed`.
    pub attributes: BTreeMap<String, Expr>,
    /// What steps come to, in the order written.
    pub givens: Vec<Given>,
    /// What must come of it, in the order written.
    pub expectations: Vec<Expectation>,
    /// Where it stands.
    pub place: Place,
}

/// `given quality.accuracy = 66%`.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The step.
    pub step: Name,
    /// Which of its outputs, outermost first; `live` before a metric that is measured while it runs;
    /// empty for the step as a whole, which can only be `none`.
    pub path: Vec<String>,
    /// What it is.
    pub course: Course,
    /// Where it stands.
    pub place: Place,
}

/// What something is as time passes. Times count from the beginning of the step.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// The same all the time.
    Always(Expr),
    /// From each time on another value, in the order of time.
    Series(Vec<(Duration, Expr)>),
    /// Nothing is measured between the two times; before and after what is given otherwise.
    Missing {
        /// First moment without.
        from: Duration,
        /// First moment with.
        to: Duration,
    },
    /// Any of a range or a list, the same all the time: whatever it is, what is expected holds.
    Any(Expr),
}

/// `expect tenth == rolled_back at 7h5m`, `invariant …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Whether it holds at every moment, and not only in the end.
    pub is_invariant: bool,
    /// What must hold. A step's end is its output `status`, a choice of `End`; the run's is
    /// [`Expr::Live`] `run`; a live metric is the output `live.…`.
    pub condition: Expr,
    /// When it comes to be, counted from the beginning of the step it is about; whenever if none.
    pub at: Option<Duration>,
    /// As written, blanks normalised.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}
