//! What a data set would hold and a network would take, without making either: for `suho plan` and for
//! the replay.
//!
//! The same reading, judging and splitting as the steps' own, so that a plan cannot say otherwise
//! than the run will.

use crate::dataset;
use crate::failure;
use crate::generated::ModelSpec;
use crate::records::whole;
use crate::sources::Sources;
use crate::sweep;
use crate::train;
use crate::tuning::{Declared, Setting};
use serde::Deserialize as _;
use std::path::Path;
use suho_domain::{AttemptKey, Instant, Name, Record, RunId, Value};
use suho_market::Bars;
use suho_step::{Context, Inputs, Order, Progress, StepError, Supervisor};
use suho_train::{Expected, OnnxGraph};

/// What a `dataset` step of these inputs would hold: `bars`, `train`, `validation`, `test`, `purge`,
/// `embargo`, `warm_up`; the `windows` of the three, and the `folds`.
///
/// # Errors
/// When the step would refuse.
pub fn rows(
    project: &Path,
    inputs: &Record,
    at: Instant,
    sources: &Sources<'_>,
) -> Result<Record, StepError> {
    let given = Inputs::new(inputs.clone());
    in_context(project, at, |context| dataset::counted(context, &given, sources))
}

/// The bars that a `dataset` step of these inputs would take, repaired by its rules.
///
/// # Errors
/// When the step would refuse them.
pub fn bars(
    project: &Path,
    inputs: &Record,
    at: Instant,
    sources: &Sources<'_>,
) -> Result<Bars, StepError> {
    let given = Inputs::new(inputs.clone());
    in_context(project, at, |context| dataset::repaired(context, &given, sources))
}

/// A network that was not built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    /// How many numbers it would learn.
    pub parameters: usize,
    /// About how many bytes training would take beside the data.
    pub training_bytes: u64,
}

/// Whether this build can train on a GPU.
pub const fn knows_gpus() -> bool {
    suho_train::Device::knows_gpus()
}

/// The network of `model`, a model's whole configuration, trained in batches of `batch_size` rows.
///
/// # Errors
/// When its layers make none; the failure says which layer is to blame, counted from 1.
pub fn network(model: &Value, batch_size: usize) -> Result<Network, StepError> {
    let spec = ModelSpec::deserialize(model.to_plain()).map_err(|e| failure::of_json(&e))?;
    let architecture = train::architecture(&spec)?;
    Ok(Network {
        parameters: architecture.parameters(),
        training_bytes: architecture.training_bytes(batch_size),
    })
}

/// What a sweep would try.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sweep {
    /// The settings of each trial, in order.
    pub trials: Vec<String>,
    /// How many of them are trained up to which epoch; the first of all, each of the best of the one
    /// before.
    pub rungs: Vec<(usize, usize)>,
    /// Epochs of all trials together, at most.
    pub epochs: usize,
}

/// What a `sweep` step would try, of those of its inputs that are known before it runs.
///
/// # Errors
/// When the step would refuse: nothing to try, too much, or a network that cannot be built.
pub fn sweep(inputs: &Record) -> Result<Sweep, StepError> {
    let inputs = Inputs::new(inputs.clone());
    let declared = Declared {
        model: inputs.read("model")?,
        batch_size: inputs.read("batch_size")?,
        label_smoothing: inputs.read("label_smoothing")?,
    };
    let (over, search) = (inputs.read("over")?, inputs.read("search")?);
    let epochs = whole("epochs", inputs.read("epochs")?)?;
    let tries = sweep::tries(&declared, &over, &search, (epochs, inputs.read("seed")?))?;
    Ok(Sweep {
        trials: tries.trials.iter().map(Setting::text).collect(),
        rungs: tries.rungs.iter().map(|rung| (rung.trials, rung.epochs)).collect(),
        epochs: tries.epochs(),
    })
}

/// Whether `bytes`, a file called `name`, are weights of the network of `model`.
///
/// # Errors
/// When its layers make no network, or the weights are another network's; the failure names a tensor.
pub fn weights(model: &Value, name: &str, bytes: &[u8]) -> Result<(), StepError> {
    let spec = ModelSpec::deserialize(model.to_plain()).map_err(|e| failure::of_json(&e))?;
    let architecture = train::architecture(&spec)?;
    suho_train::Network::from_foreign(&architecture, bytes)
        .map(drop)
        .map_err(|error| train::refused_weights(name, &error))
}

/// Whether `bytes`, an ONNX file called `name`, is a graph that can be the network of `model`, whose layers
/// do not count.
///
/// # Errors
/// When it is no graph, has an operator that is not read, or reads or answers something else.
pub fn graph(model: &Value, name: &str, bytes: &[u8]) -> Result<(), StepError> {
    let spec = ModelSpec::deserialize(model.to_plain()).map_err(|e| failure::of_json(&e))?;
    let classes: Vec<String> = spec.classes.iter().map(ToString::to_string).collect();
    let sequence = whole("sequence", spec.sequence)?;
    let expected = Expected { sequence, features: &spec.features, classes: &classes };
    OnnxGraph::from_bytes(bytes, expected)
        .map(drop)
        .map_err(|error| train::refused_graph(name, &error))
}

/// Runs `work` as if in an attempt that nobody watches and that keeps nothing.
fn in_context<T>(
    project: &Path,
    at: Instant,
    work: impl FnOnce(&mut Context<'_>) -> Result<T, StepError>,
) -> Result<T, StepError> {
    let step = Name::new("preview")
        .map_err(|error| StepError::bug("preview", "the preview has no name").because(&error))?;
    let order = Order {
        key: AttemptKey { run: RunId::derive(&["preview"]), step, attempt: 1 },
        epoch: 0,
        kind: "dataset".to_owned(),
        inputs: Record::new(),
        project: project.to_path_buf(),
        artifacts: String::new(),
        logical_time: at,
        seed: 0,
        timeout: None,
        exec: None,
        content: None,
    };
    work(&mut Context::new(&order, project, &mut Nobody))
}

/// Nobody watches a preview.
struct Nobody;

impl Supervisor for Nobody {
    fn progress(&mut self, _: &Progress) {}
    fn log(&mut self, _: &str) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}
