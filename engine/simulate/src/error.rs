//! Why a test cannot be run. One that ran and failed is no error.

use suho_domain::Fault;
use suho_driver::EngineError;
use suho_plan::{Missing, Place, PlanError};

/// Why a test cannot be run.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "`place` says itself: where the author has to look")]
pub enum SimulateError {
    /// The pipeline cannot be planned with the test's arguments. `User`.
    #[error("cannot plan the run that is tested")]
    Plan {
        place: Place,
        #[source]
        source: Box<PlanError>,
    },
    /// Something has to be known before the run begins and is not. `User`.
    #[error("`{what}` must be known before the run begins")]
    Late {
        /// The attribute, or `given`.
        what: String,
        place: Place,
        #[source]
        source: Missing,
    },
    /// A rule or condition needs what only the test can say. `User`.
    #[error("`{what}` decides {by}, and nobody but the test can say what it is")]
    NotGiven {
        /// `api.passed`.
        what: String,
        /// What it decides: a step, or what is expected.
        by: String,
        place: Place,
    },
    /// `any` of what has no order, or of nothing. `User`.
    #[error("`any` needs a range of numbers or a list, and `{found}` is neither")]
    NoChoice {
        /// What stands there.
        found: String,
        place: Place,
    },
    /// Something is given that the run has no place for. `User`.
    #[error("`{what}` cannot be given: {why}")]
    NoPlace {
        /// `baseline.digest`.
        what: String,
        /// Why not.
        why: String,
        place: Place,
    },
    /// The run did not end. `User`: a pipeline that waits for what never comes.
    #[error("the run has not ended after {days} days")]
    Endless {
        /// How long it was waited for.
        days: i64,
        place: Place,
    },
    /// The engine gave up for a reason that no outage explains.
    #[error("the engine gave up")]
    Engine {
        place: Place,
        #[source]
        source: EngineError,
    },
}

impl SimulateError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Plan { source, .. } => source.fault(),
            Self::Engine { source, .. } => source.fault(),
            Self::Late { .. }
            | Self::NotGiven { .. }
            | Self::NoChoice { .. }
            | Self::NoPlace { .. }
            | Self::Endless { .. } => Fault::User,
        }
    }

    /// Where the author has to look.
    pub const fn place(&self) -> &Place {
        match self {
            Self::Plan { place, .. }
            | Self::Late { place, .. }
            | Self::NotGiven { place, .. }
            | Self::NoChoice { place, .. }
            | Self::NoPlace { place, .. }
            | Self::Endless { place, .. }
            | Self::Engine { place, .. } => place,
        }
    }

    /// What to type, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NotGiven { what, .. } => Some(format!("write `given {what} = …`")),
            Self::Endless { .. } => Some("give the pipeline a `deadline`".to_owned()),
            _ => None,
        }
    }
}
