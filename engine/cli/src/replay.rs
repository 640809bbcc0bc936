//! The replay world of a rehearsal: the project's own bars, and models with real inference.

use crate::failure::Failure;
use crate::refusal;
use crate::world::Origins;
use suho_artifacts::Artifacts;
use suho_domain::{Digest, Duration, Fault, Instant, Record};
use suho_driver::ports::ModelRow;
use suho_driver::registry::RouteRow;
use suho_driver::world::{Evidence, Look, Resumed, RolloutFacts, Traffic, World, WorldError};
use suho_driver::{Candidate, InputError, Setting, Surroundings, inputs};
use suho_market::Bars;
use suho_plan::{Facts, Plan, Role};
use suho_rehearse::{Answer, Model, Models, Replay, ReplayConfig};
use suho_steps::model::LoadedModel;

/// The world of one rehearsal, its clock at `starts_at`: the first bar held back, or where an
/// interrupted run stands.
pub(crate) fn world(
    plan: &Plan,
    setting: &Setting,
    origins: &Origins,
    starts_at: Instant,
) -> Result<Box<dyn World>, Failure> {
    if !plan.nodes.iter().any(|node| node.role == Role::Rollout) {
        return Ok(Box::new(Still { at: starts_at }));
    }
    let bars = bars(plan, setting, origins)?;
    let models = Box::new(Sealed { artifacts: setting.artifacts.clone() });
    let config = ReplayConfig {
        bars,
        at: starts_at,
        units: UNITS,
        requests_per_minute: REQUESTS_PER_MINUTE,
        seed: SEED.to_owned(),
        stopwatch: Box::new(measure),
    };
    let replay = Replay::new(config, models).map_err(|error| refusal::of_world(&error))?;
    Ok(Box::new(replay))
}

/// The world of a run that rolls nothing out: nobody asks, and no time passes.
struct Still {
    at: Instant,
}

impl Traffic for Still {
    fn route(&mut self, _: &RouteRow) -> Result<(), WorldError> {
        Ok(())
    }
}

impl Evidence for Still {
    fn now(&self) -> Instant {
        self.at
    }

    fn begin(&mut self, rollout: &RolloutFacts, _: Option<Resumed>) -> Result<(), WorldError> {
        Err(WorldError {
            code: "no-rollout".to_owned(),
            message: format!("`{}` is rolled out in a run that rolls nothing out", rollout.step),
            help: None,
            fault: Fault::Bug,
        })
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        Ok(Look::Idle)
    }

    fn end(&mut self) {}
}

/// `replay(units: 1_000, requests_per_minute: 12, seed: 1)`: the built-in environment's clock.
const UNITS: u32 = 1_000;
/// See [`UNITS`].
pub(crate) const REQUESTS_PER_MINUTE: u32 = 12;
/// See [`UNITS`].
const SEED: &str = "1";

/// All bars, held-back ones included, repaired as the pipeline says.
fn bars(plan: &Plan, setting: &Setting, origins: &Origins) -> Result<Bars, Failure> {
    let candidate = Candidate::of(plan, &setting.feature_version)
        .map_err(|error| Failure::from_error(error.fault(), "candidate", &error))?;
    let inputs = dataset(plan, candidate.as_ref(), origins, &setting.code)?;
    origins.bars(&inputs).map_err(|error| refusal::of_world(&error))
}

/// The inputs of the data set that `candidate` is trained on, with nothing held back.
pub(crate) fn dataset(
    plan: &Plan,
    candidate: Option<&Candidate>,
    origins: &Origins,
    code: &Digest,
) -> Result<Record, Failure> {
    let dataset = candidate.and_then(|candidate| candidate.dataset.as_ref());
    let Some(node) = dataset.and_then(|name| plan.node(name.as_str())) else {
        return Err(Failure::user(
            "nothing-to-replay",
            "the pipeline trains on no data set of its own",
        ));
    };
    let around = Surroundings { candidate, sources: origins, until: None, code };
    let refused = |error: InputError| {
        let failure = match &error {
            InputError::World(error) => refusal::of_world(error),
            InputError::Missing { .. } | InputError::Own(_) => {
                Failure::from_error(error.fault(), "input", &error)
            }
        };
        failure.at(format!("{}:{}", node.place.file, node.place.line))
    };
    let (inputs, _) = inputs(plan, node, &Nothing, around).map_err(refused)?;
    Ok(inputs)
}

/// Nothing has run.
struct Nothing;

impl Facts for Nothing {
    fn output(&self, _: &suho_domain::Name) -> Option<&suho_domain::Value> {
        None
    }
    fn live(&self, _: &str) -> Option<suho_domain::Value> {
        None
    }
}

/// How long `work` takes.
fn measure(work: &mut dyn FnMut()) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "the latency of inference is what is measured")]
    let began = std::time::Instant::now();
    work();
    let nanos = i64::try_from(began.elapsed().as_nanos()).unwrap_or(i64::MAX);
    Duration::from_nanos(nanos)
}

/// Models as they were sealed, every digest verified.
struct Sealed {
    artifacts: String,
}

impl Models for Sealed {
    fn load(&mut self, model: &ModelRow) -> Result<Box<dyn Model>, WorldError> {
        Ok(Box::new(Inference(load(&self.artifacts, model)?)))
    }
}

/// The sealed artifact of a registered model, every digest verified.
pub(crate) fn load(artifacts: &str, model: &ModelRow) -> Result<LoadedModel, WorldError> {
    let refused = |fault: Fault, code: &str, message: String| WorldError {
        code: code.to_owned(),
        message: format!("cannot load {} {}: {message}", model.slot.model, model.version),
        help: Some(format!("`suho model verify {}@{}`", model.slot.model, model.version)),
        fault,
    };
    let artifacts = Artifacts::open(artifacts)
        .map_err(|error| refused(error.fault(), error.code(), suho_domain::fault::chain(&error)))?;
    let folder = model.artifact.as_deref().unwrap_or_default();
    let digest = model.artifact_digest.as_ref().map(suho_domain::Digest::as_str);
    suho_steps::model::load(&artifacts, folder, digest)
        .map_err(|error| refused(error.fault(), error.code(), suho_domain::fault::chain(&error)))
}

/// A loaded model that answers for the newest bar.
struct Inference(LoadedModel);

impl Model for Inference {
    fn history_needed(&self) -> usize {
        self.0.history_needed()
    }

    fn predict(&self, history: &Bars) -> Result<Answer, String> {
        let newest = history.len().checked_sub(1).ok_or_else(|| "no bar".to_owned())?;
        let answers = self
            .0
            .predict_bars(history, &[newest])
            .map_err(|error| suho_domain::fault::chain(&error))?;
        let shares = answers.first().map(|answer| answer.as_slice().to_vec()).unwrap_or_default();
        let probabilities =
            shares.try_into().map_err(|_| "the model has not three classes".to_owned())?;
        Ok(Answer { probabilities })
    }
}
