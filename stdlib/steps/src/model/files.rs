//! The files of a sealed model (domain §14) and how they come about.

use super::{ModelError, card};
use crate::failure;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts, Manifest, NewFile};
use suho_domain::{Digest, Duration, Fault, Instant, Symbol, Timeframe};
use suho_features::Feature;
use suho_step::StepError;
use suho_train::{Architecture, Epoch, Expected, Golden, Predictor, SaveError, tensorboard};

use crate::beside::Identity;
use crate::train::Member;

pub(super) const WEIGHTS: &str = "model.safetensors";
/// What another program has made, in place of the weights.
pub(super) const GRAPH: &str = "model.onnx";
pub(super) const SCALER: &str = "scaler.json";
pub(super) const SIGNATURE: &str = "signature.json";
pub(super) const GOLDEN: &str = "golden.safetensors";
const CONFIG: &str = "config.json";
pub(super) const METADATA: &str = "metadata.json";
const METRICS: &str = "logs/metrics.jsonl";
/// The name begins as TensorBoard looks for it.
const EVENTS: &str = "tensorboard/events.out.tfevents.suho";
/// In lowercase, as every path of an artifact.
const CARD: &str = "model_card.md";

/// What a model takes and gives: `signature.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// What is predicted.
    pub symbol: Symbol,
    /// On which bars.
    pub timeframe: Timeframe,
    /// How far ahead, in market time.
    pub horizon: Duration,
    /// The input: raw features of the last bars, oldest first.
    pub input: Input,
    /// The output: one probability a class.
    pub output: Output,
    /// The network; none where it is a graph of another program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// Version of the feature catalogue.
    pub feature_version: String,
    /// Digest of the definition of each input.
    pub definitions: Vec<Digest>,
}

/// The input of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Names of the features, in order.
    pub names: Vec<String>,
    /// `float64`: raw, the scaler belongs to the model.
    pub dtype: String,
    /// `[sequence, features]`.
    pub shape: [usize; 2],
}

/// The output of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The classes, in order.
    pub classes: Vec<String>,
    /// `float32`.
    pub dtype: String,
}

impl Signature {
    /// The signature of what reads `features` and answers as `predictor`.
    pub(crate) fn of(
        (symbol, timeframe, horizon): (Symbol, Timeframe, Duration),
        features: &[Feature],
        predictor: &Predictor,
    ) -> Self {
        Self {
            symbol,
            timeframe,
            horizon,
            input: Input {
                names: features.iter().map(|feature| feature.name().to_owned()).collect(),
                dtype: "float64".to_owned(),
                shape: [predictor.sequence(), predictor.inputs()],
            },
            output: Output { classes: predictor.classes().to_vec(), dtype: "float32".to_owned() },
            architecture: predictor.architecture().cloned(),
            feature_version: suho_features::FEATURE_VERSION.to_owned(),
            definitions: features.iter().map(Feature::def_digest).collect(),
        }
    }

    /// What a graph has to read and to answer.
    pub(super) fn expected(&self) -> Expected<'_> {
        Expected {
            sequence: self.input.shape[0],
            features: &self.input.names,
            classes: &self.output.classes,
        }
    }

    /// The inputs as features of this build, which defines each as the model's did.
    pub(super) fn features(&self) -> Result<Vec<Feature>, ModelError> {
        let features = suho_features::parse_list(&self.input.names)?;
        let is_same = |(feature, was): &(&Feature, &Digest)| feature.def_digest() == **was;
        match features.iter().zip(&self.definitions).find(|pair| !is_same(pair)) {
            None => Ok(features),
            Some((feature, _)) => Err(ModelError::Definition {
                feature: feature.name().to_owned(),
                was: self.feature_version.clone(),
            }),
        }
    }
}

/// Where a model comes from (domain §3.1), as far as a step knows.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Lineage {
    /// The digest of all that decides what is trained. Models of an older suho have none.
    #[serde(default)]
    pub(crate) asked: Option<Digest>,
    /// From the first bar learnt from to the last row stopped by.
    #[serde(default)]
    pub(crate) window: Option<(Instant, Instant)>,
    /// The share of the validation rows that are of the train rows' commonest class.
    #[serde(default)]
    pub(crate) majority: Option<f64>,
    /// How many bars a label looks ahead, and so how many labels in a row overlap.
    #[serde(default)]
    pub(crate) horizon_bars: usize,
    pub(crate) dataset_digest: Digest,
    pub(crate) train_digest: Digest,
    pub(crate) validation_digest: Digest,
    pub(crate) seed: u64,
    pub(crate) epochs: usize,
    pub(crate) best_epoch: usize,
    pub(crate) stopped: Json,
    pub(crate) train_loss: f64,
    pub(crate) validation_loss: f64,
    pub(crate) validation_accuracy: f64,
    pub(crate) rows: [usize; 2],
    pub(crate) parameters: usize,
    /// Where its weights came from in the artifact store, if they were trained elsewhere.
    #[serde(default)]
    pub(crate) weights: Option<String>,
    /// What a sweep found and it was trained with, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tuned: Option<String>,
    /// How many settings these were picked from.
    #[serde(default = "one")]
    pub(crate) trials: usize,
    /// What each of several networks came to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) members: Vec<Member>,
    /// On what it was trained.
    pub(crate) device: suho_train::Identity,
    /// How far that answered from the processor at most; none where it was the processor.
    pub(crate) deviation: Option<f32>,
    /// `run/step`: without the attempt, as each attempt seals the same.
    pub(crate) made_by: String,
}

const fn one() -> usize {
    1
}

/// All that is sealed.
pub(crate) struct Sealing<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) predictor: &'a Predictor,
    pub(crate) signature: &'a Signature,
    pub(crate) golden: &'a Golden,
    pub(crate) history: &'a [Epoch],
    pub(crate) lineage: &'a Lineage,
    /// The run's as-of.
    pub(crate) logical_time: Instant,
}

/// Seals a model in `folder`. The same again is no error; another one in its place is.
pub(crate) fn seal(
    artifacts: &Artifacts,
    folder: &ArtifactPath,
    sealing: &Sealing<'_>,
) -> Result<Manifest, StepError> {
    let (name, weights) = if let Some(graph) = sealing.predictor.graph() {
        (GRAPH, graph.bytes().to_vec())
    } else {
        let weights = sealing.predictor.to_safetensors();
        let refused = |error: SaveError| failure::of(error.fault(), "unwritable-weights", &error);
        (WEIGHTS, weights.map_err(refused)?)
    };
    let scaler = sealing.predictor.scaler().map(pretty).transpose()?;
    let golden = sealing.golden.to_bytes();
    let golden = golden.map_err(|error| failure::of(error.fault(), "unwritable-golden", &error))?;
    let config = sealing.identity.config.clone().into_bytes();
    let files = [
        (name, "application/octet-stream", weights),
        (SIGNATURE, "application/json", pretty(sealing.signature)?),
        (GOLDEN, "application/octet-stream", golden),
        (CONFIG, "application/json", config),
        (METADATA, "application/json", pretty(&metadata(sealing)?)?),
        (METRICS, "application/jsonl", metrics(sealing.history)?),
        (EVENTS, "application/octet-stream", events(sealing)),
        (CARD, "text/markdown", card::card(sealing).into_bytes()),
    ];
    let scaler = scaler.map(|bytes| (SCALER, "application/json", bytes));
    let files = files
        .into_iter()
        .chain(scaler)
        .map(|(path, media_type, bytes)| NewFile::new(path, media_type, bytes))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failure::of_artifacts(&ArtifactError::Path(error)))?;
    let Identity { id, version, .. } = sealing.identity;
    artifacts
        .seal(folder, files, id.clone(), *version)
        .map_err(|error| failure::of_artifacts(&error))
}

fn pretty(content: &impl Serialize) -> Result<Vec<u8>, StepError> {
    serde_json::to_vec_pretty(content).map_err(|error| failure::of_json(&error))
}

fn compact(content: &impl Serialize) -> Result<Vec<u8>, StepError> {
    serde_json::to_vec(content).map_err(|error| failure::of_json(&error))
}

/// One line an epoch.
fn metrics(history: &[Epoch]) -> Result<Vec<u8>, StepError> {
    let mut lines = Vec::new();
    for epoch in history {
        lines.extend(compact(epoch)?);
        lines.push(b'\n');
    }
    Ok(lines)
}

/// The same for TensorBoard. All events have the time of the run: equal trainings are sealed alike.
fn events(sealing: &Sealing<'_>) -> Vec<u8> {
    tensorboard(sealing.history, sealing.logical_time.micros() as f64 / 1e6)
}

fn metadata(sealing: &Sealing<'_>) -> Result<Json, StepError> {
    let Sealing { identity, signature, lineage, .. } = sealing;
    let config: Json = serde_json::from_str(&identity.config)
        .map_err(|error| failure::of(Fault::Bug, "bad-identity", &error))?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // Nothing here makes weights again that were made elsewhere.
    let (device, class) = match &lineage.weights {
        Some(_) => ("elsewhere".to_owned(), json!("none")),
        None => (lineage.device.to_string(), json!(lineage.device.repeats)),
    };
    Ok(json!({
        "model": { "id": identity.id, "name": identity.name, "version": identity.version },
        "parent": identity.parent,
        "config_digest": Digest::of_json(&config),
        "lineage": lineage,
        "feature_version": signature.feature_version,
        "feature_definitions": signature.definitions,
        "engine_version": env!("CARGO_PKG_VERSION"),
        "code_digest": crate::code_digest(),
        "device": device,
        "threads": threads,
        "repro_class": class,
    }))
}
