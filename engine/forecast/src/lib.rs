//! A plan and facts to what would happen: `suho plan`. Pure, and touches nothing.
//!
//! Everything comes in through [`Facts`]; the same plan, facts and instant give the same bytes.

mod beside;
mod data;
mod json;
mod model;
mod render;
mod rollout;
mod simulation;
mod steps;
mod takes;
mod text;

pub use beside::{Beside, Due};
pub use data::{Data, held_back_from};
pub use json::to_json;
pub use model::{Answered, Model, Nothing};
pub use render::render;
pub use rollout::{Moment, Power, Rollout, market_time};
pub use simulation::{CanaryTrial, DriftWatch, LOOKS_FROM, Supposed, TrialError, canary_trial};
pub use steps::{Action, Step};

use suho_domain::{Bump, Digest, Fault, Instant, ModelId, Name, Record, RunId, Slot, Value};
use suho_driver::controller::ControllerError;
use suho_driver::ports::{CacheEntry, ModelRow, SlotFacts};
use suho_driver::version::VersionError;
use suho_driver::world::{Sources, WorldError};
use suho_driver::{Candidate, CandidateError, InputError, OwnError, version};
use suho_plan::Plan;
use suho_plan::operations::Operations;

/// What a forecast may ask. Implementations read; none writes.
pub trait Facts: Sources {
    /// What the registry knows about a place in production.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn slot(&self, slot: &Slot) -> Result<SlotFacts, WorldError>;

    /// One model version.
    ///
    /// # Errors
    /// When the registry cannot be read.
    fn model(&self, model: &ModelId) -> Result<Option<ModelRow>, WorldError>;

    /// The result kept under a content key.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn cached(&self, key: &Digest) -> Result<Option<CacheEntry>, WorldError>;

    /// The newest result of a step of this kind and name, whatever its inputs.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn latest(&self, kind: &Name, step: &Name) -> Result<Option<CacheEntry>, WorldError>;

    /// The digest of the plan that made a model.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn plan_of(&self, run: &RunId) -> Result<Option<Digest>, WorldError>;

    /// Open times of the bars that `source` holds, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    fn bar_times(&self, source: &Value) -> Result<Vec<Instant>, WorldError>;

    /// What a data set of these inputs would hold: bars and the rows of each split, by name.
    ///
    /// # Errors
    /// When the data set would be refused; says why.
    fn rows(&self, inputs: &Record) -> Result<Record, WorldError>;
}

/// For which environment, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Occasion {
    /// `rehearsal`, or an `env` block's name.
    pub environment: String,
    /// Now, as far as the plan is concerned.
    pub at: Instant,
    /// Digest of the code of the steps.
    pub code: Digest,
    /// The feature catalogue's version.
    pub feature_version: String,
    /// Whether a model is made anew though nothing changed.
    pub force: Force,
    /// What may be looked at.
    pub sight: Sight,
}

/// What a forecast may look at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sight {
    /// Files, and the environment's registry.
    Whole,
    /// Files alone: the registry is a service that planning does not ask. What it would have to say
    /// is not known.
    Files,
}

/// Whether a model is made anew though nothing changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Force {
    /// Nothing is done where nothing changed.
    No,
    /// Everything is done.
    Yes,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The plan.
    pub plan: Plan,
    /// For which environment, and when.
    pub occasion: Occasion,
    /// Every step, in order.
    pub steps: Vec<Step>,
    /// What cannot be carried out here as declared: a run would be refused. Nothing but the files is
    /// looked at then.
    pub obstacles: Vec<OwnError>,
    /// The model that would result, when the plan makes one.
    pub model: Option<Model>,
    /// The data it would be made from.
    pub data: Option<Data>,
    /// Each gate's criteria: rule and limit, where it is known.
    pub gates: Vec<(Name, Vec<(String, String)>)>,
    /// What traffic it would take, when.
    pub rollout: Option<Rollout>,
    /// Why there is nothing to do, if there is nothing.
    pub nothing: Option<Nothing>,
    /// What stands beside the pipeline.
    pub beside: Beside,
}

impl Forecast {
    /// With what stands beside the pipeline.
    #[must_use]
    pub fn beside(self, operations: &Operations) -> Self {
        let beside = Beside::of(operations, self.occasion.at, &self.plan.settings.timezone);
        Self { beside, ..self }
    }
}

/// Why nothing can be forecast: the run could not happen either.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The candidate cannot be told.
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    /// The candidate cannot have the version it asks for.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A rollout cannot be done as declared.
    #[error(transparent)]
    Controller(#[from] ControllerError),
    /// A step's inputs cannot be told.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The world could not answer.
    #[error(transparent)]
    World(#[from] WorldError),
}

impl ForecastError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Candidate(error) => error.fault(),
            Self::Version(error) => error.fault(),
            Self::Controller(error) => error.fault(),
            Self::Input(error) => error.fault(),
            Self::World(error) => error.fault,
        }
    }

    /// What to do about it, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::World(error) | Self::Input(InputError::World(error)) => error.help.clone(),
            Self::Version(error) => Some(error.help()),
            _ => None,
        }
    }

    /// The kebab-case code.
    pub fn code(&self) -> &str {
        match self {
            Self::World(error) | Self::Input(InputError::World(error)) => &error.code,
            Self::Controller(_) => "rollout",
            Self::Version(error) => error.code(),
            Self::Candidate(_) => "candidate",
            Self::Input(_) => "input",
        }
    }
}

/// What `plan` would do on `occasion`, given `facts`.
///
/// # Errors
/// When a run would be refused for what it is given: the same words. What it cannot be carried out
/// by is in [`Forecast::obstacles`].
pub fn forecast(
    plan: Plan,
    occasion: Occasion,
    facts: &dyn Facts,
) -> Result<Forecast, ForecastError> {
    let obstacles = suho_driver::obstacles(&plan);
    // What cannot be carried out here is foreseen as far as the files tell.
    let sight = if obstacles.is_empty() { occasion.sight } else { Sight::Files };
    let occasion = Occasion { sight, ..occasion };
    let candidate = Candidate::of(&plan, &occasion.feature_version)?;
    let slot = match &candidate {
        Some(candidate) => facts.slot(&candidate.slot)?,
        None => SlotFacts::default(),
    };
    let specs = rollout::specs(&plan, candidate.as_ref(), &slot)?;
    let until = match data::until(&plan, candidate.as_ref(), &specs, &occasion, facts) {
        // Its source is a service, which is not asked.
        Err(ForecastError::World(_) | ForecastError::Input(_)) if sight == Sight::Files => None,
        until => until?,
    };
    let known = steps::walk(&plan, candidate.as_ref(), &slot, until, &occasion, facts)?;
    let data = data::of(&plan, candidate.as_ref(), until, &known, &occasion, facts);
    let data = match (data, occasion.sight) {
        // Its source is a service, too.
        (Err(_), Sight::Files) => None,
        (data, _) => data?,
    };
    let model = candidate.as_ref().map(|candidate| {
        let digest = known.dataset_digest(candidate);
        let next = suho_driver::next_version(&slot, candidate, digest.as_ref(), &occasion.code);
        // The number that is written may be the one that the same inputs have been given already.
        let (version, bump, reasons) = match (next, &known.twin) {
            (Err(VersionError::Taken { asked, .. }), Some(twin)) if twin.version == asked => {
                (asked, Bump::None, Vec::new())
            }
            (next, _) => next?,
        };
        Ok::<_, ForecastError>(Model::new(candidate, &slot, version, bump, reasons))
    });
    let model = model.transpose()?;
    let nothing = model::nothing(&plan, &known, &slot, &occasion, facts)?;
    let (steps, model) = match &nothing {
        None => (known.steps.clone(), model),
        Some(nothing) => (steps::left_out(&known.steps), model.map(|m| m.unchanged(nothing))),
    };
    let gates = steps::gates(&plan, &known);
    let rollout = rollout::of(&plan, candidate.as_ref(), &specs, until, &occasion);
    let rollout = rollout.filter(|_| nothing.is_none());
    let beside = Beside::default();
    Ok(Forecast { plan, occasion, steps, obstacles, model, data, gates, rollout, nothing, beside })
}

/// One reason of a version, as [`version::Change`].
pub type Reason = version::Change;

#[cfg(test)]
mod tests;
