//! `train`: trains a model on the train rows, stopping early by the validation rows, and seals it.

mod adopted;
mod again;
mod elsewhere;
mod resuming;

pub use again::{Nearness, Reproduction, reproduce};

use crate::beside::{self, Identity};
use crate::failure;
use crate::figure::{count, number, share};
use crate::generated::{
    Class, ClassWeights, Dataset, EarlyStopping, Model, ModelSpec, Part, TrainIn, TrainOut,
};
use crate::model::{Lineage, Sealing, Signature, seal};
use crate::ports::Span;
use crate::records::{artifacts, whole};
use crate::snapshot::{Snapshot, SplitRows};
use adopted::adopted;
use resuming::{Checkpoints, Watching};
use suho_artifacts::{ArtifactError, Artifacts};
use suho_domain::{Digest, Fault, Instant, Ratio};
use suho_features::{Feature, Matrix};
use suho_stats::{majority_accuracy, majority_class};
use suho_step::{Context, Inputs, Outputs, Step, StepError};
use suho_train::{
    Architecture, ArchitectureError, Epoch, Fitted, Fitting, Golden, LoadError, Predictor, Samples,
    Scaler, TrainError,
};

/// Validation windows at most that are sealed with their answers (domain §3.2): the last ones.
const GOLDEN_WINDOWS: usize = 1_000;

/// Trains a model on the train rows, stopping early by the validation rows.
pub(crate) struct Train;

impl Step for Train {
    fn signature(&self) -> &'static str {
        "train"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let identity = Identity::read(inputs)?;
        let asked = asked(inputs);
        let device = beside::device(context, inputs)?;
        let inputs = TrainIn::read(inputs)?;
        let folder = identity.folder()?;
        let artifacts = artifacts(context)?;
        let lesson = Lesson::read(&artifacts, &inputs)?;
        let fitting = Regime::of(&inputs).fitting()?;
        if let Some((digest, came_to)) = adopted(&artifacts, &folder, &identity, &asked)? {
            context.log("an earlier attempt has sealed the model: nothing is trained anew");
            Checkpoints::of(context, &artifacts)?.clear()?;
            let model = lesson.model(&identity, folder.as_str(), &digest)?;
            return Ok(outputs(model, &came_to).into());
        }
        let fitted = if let Some(path) = &inputs.weights {
            elsewhere::taken(&artifacts, path, &lesson)?
        } else {
            let samples = lesson.train.len();
            Watching::of(context, &artifacts, samples)?.fit(&device, &lesson, &fitting)?
        };
        let best = kept(&fitted)?;
        let predictor = Predictor::new(fitted.model.clone(), lesson.scaler.clone())
            .map_err(|error| failure::of(error.fault(), "bad-network", &error))?;
        let target = &inputs.model.target;
        let (symbol, timeframe) = (target.symbol.clone(), target.timeframe);
        let signature = Signature::of(
            (symbol, timeframe, target.horizon),
            &lesson.features,
            &lesson.architecture,
        );
        let golden = lesson.golden(&predictor)?;
        let mut lineage = lesson.lineage(context, &fitted, &best, (&fitting, asked))?;
        lineage.weights.clone_from(&inputs.weights);
        let sealing = Sealing {
            identity: &identity,
            predictor: &predictor,
            signature: &signature,
            golden: &golden,
            history: &fitted.history,
            lineage: &lineage,
            logical_time: context.logical_time(),
        };
        let manifest = seal(&artifacts, &folder, &sealing)?;
        Checkpoints::of(context, &artifacts)?.clear()?;
        let model = lesson.model(&identity, folder.as_str(), &manifest.artifact_digest)?;
        Ok(outputs(model, &lineage).into())
    }

    /// Removes the version's folder, unless another model's artifact is sealed there.
    fn undo(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<(), StepError> {
        let identity = Identity::read(inputs)?;
        let (artifacts, folder) = (artifacts(context)?, identity.folder()?);
        Checkpoints::of(context, &artifacts)?.clear()?;
        match artifacts.verify(&folder) {
            Ok(manifest) if manifest.model_id != identity.id => Ok(()),
            Ok(_) | Err(ArtifactError::Unsealed { .. } | ArtifactError::Missing { .. }) => {
                artifacts.unseal(&folder).map_err(|error| failure::of_artifacts(&error))
            }
            Err(error) => Err(failure::of_artifacts(&error)),
        }
    }
}

/// The digest of all that decides what is trained: every input but the version's number.
fn asked(inputs: &Inputs) -> Digest {
    let deciding = TrainIn::PORTS.iter().filter(|port| **port != "version");
    let given = deciding.map(|port| (*port, inputs.get(port).map(suho_domain::Value::to_plain)));
    let given: std::collections::BTreeMap<_, _> = given.collect();
    Digest::of_json(&serde_json::json!({ "inputs": given, "code": crate::code_digest() }))
}

fn outputs(model: Model, came_to: &Lineage) -> TrainOut {
    TrainOut {
        model,
        epochs: count(came_to.epochs),
        best_epoch: count(came_to.best_epoch),
        train_loss: number(came_to.train_loss),
        validation_loss: number(came_to.validation_loss),
        validation_accuracy: share(came_to.validation_accuracy),
        parameters: count(came_to.parameters),
    }
}

/// Everything that a network is fitted to.
struct Lesson {
    snapshot: Snapshot,
    dataset: Digest,
    features: Vec<Feature>,
    matrix: Matrix,
    architecture: Architecture,
    scaler: Scaler,
    train: Samples,
    validation: Samples,
}

impl Lesson {
    fn read(artifacts: &Artifacts, inputs: &TrainIn) -> Result<Self, StepError> {
        let (spec, rows) = (&inputs.model, &inputs.train);
        check_parts(rows, &inputs.validation)?;
        let architecture = architecture(spec)?;
        let features = suho_features::parse_list(&spec.features)
            .map_err(|error| failure::of(Fault::User, "unknown-feature", &error))?;
        let snapshot = Snapshot::load(artifacts, rows)?;
        belongs(spec, &features, &snapshot)?;
        let matrix = snapshot.features(&features)?;
        let scaler = fit_scaler(&snapshot, &snapshot.samples.train, &features, &matrix)?;
        let scaled = scaler
            .transform(&matrix.interleaved())
            .map_err(|error| failure::of(error.fault(), "bad-scaler", &error))?;
        let samples = |part: Part| {
            let of = snapshot.samples.part(part);
            let (width, sequence) = (features.len(), architecture.sequence());
            Samples::new(width, sequence, scaled.clone(), of.ends(), of.labels())
                .map_err(|error| failure::of(error.fault(), "bad-samples", &error))
        };
        let (train, validation) = (samples(Part::Train)?, samples(Part::Validation)?);
        let dataset = rows.snapshot()?;
        Ok(Self { snapshot, dataset, features, matrix, architecture, scaler, train, validation })
    }

    /// What `predictor` answers to the last validation rows.
    fn golden(&self, predictor: &Predictor) -> Result<Golden, StepError> {
        let ends = self.snapshot.samples.validation.ends();
        let asked = ends.get(ends.len().saturating_sub(GOLDEN_WINDOWS)..).unwrap_or_default();
        let first = asked.first().map_or(0, |end| (end + 1) - self.architecture.sequence());
        let last = asked.last().map_or(0, |end| end + 1);
        let bars = (first..last).flat_map(|bar| self.matrix.row(bar)).collect();
        let ends = asked.iter().map(|end| end - first).collect();
        Golden::of(predictor, bars, ends)
            .map_err(|error| failure::of(error.fault(), "no-answer", &error))
    }

    fn lineage(
        &self,
        context: &Context<'_>,
        fitted: &Fitted,
        best: &Epoch,
        (fitting, asked): (&Fitting, Digest),
    ) -> Result<Lineage, StepError> {
        let key = context.key();
        Ok(Lineage {
            asked: Some(asked),
            window: self.learnt_from(),
            majority: self.majority(),
            horizon_bars: self.snapshot.samples.horizon_bars,
            dataset_digest: self.dataset.clone(),
            train_digest: self.snapshot.digest_of(Part::Train)?,
            validation_digest: self.snapshot.digest_of(Part::Validation)?,
            seed: fitting.seed,
            // What is numbered 0 is no epoch, but what weights from elsewhere come to.
            epochs: fitted.history.iter().filter(|epoch| epoch.epoch > 0).count(),
            weights: None,
            best_epoch: fitted.best_epoch,
            stopped: serde_json::to_value(fitted.stopped).map_err(|e| failure::of_json(&e))?,
            train_loss: best.train_loss,
            validation_loss: best.validation_loss,
            validation_accuracy: best.validation_accuracy,
            rows: [self.train.len(), self.validation.len()],
            parameters: self.architecture.parameters(),
            device: fitted.device.clone(),
            deviation: fitted.deviation,
            made_by: format!("{}/{}", key.run, key.step),
        })
    }

    /// The share of the validation rows that are of the train rows' commonest class.
    fn majority(&self) -> Option<f64> {
        let labels = |rows: &SplitRows| -> Vec<usize> {
            rows.labels().into_iter().map(usize::from).collect()
        };
        let samples = &self.snapshot.samples;
        let class = majority_class(&labels(&samples.train))?;
        majority_accuracy(class, &labels(&samples.validation)).defined()
    }

    /// What the registry and later steps are given of the model.
    fn model(
        &self,
        identity: &Identity,
        folder: &str,
        digest: &Digest,
    ) -> Result<Model, StepError> {
        let (start, end) = self.learnt_from().ok_or_else(|| {
            StepError::bug("bad-snapshot", "the train rows are not inside the bars")
        })?;
        Ok(Model {
            id: identity.id.to_string(),
            name: identity.name.clone(),
            version: identity.version,
            digest: Some(digest.to_string()),
            artifact: Some(folder.to_owned()),
            dataset: Some(self.dataset.to_string()),
            trained_on: Some(Span { start, end }),
        })
    }

    /// From the opening of the first bar in a train window to the close of the last validation
    /// row's bar.
    fn learnt_from(&self) -> Option<(Instant, Instant)> {
        let samples = &self.snapshot.samples;
        let first = (samples.train.first()? + 1).checked_sub(self.architecture.sequence())?;
        let from = self.snapshot.bars.open_time(first).map(Instant::from_chrono)?;
        Some((from, self.snapshot.decision(samples.validation.last()?)?))
    }
}

/// A standard scaler of the bars that train rows see, each counted once, and of no others.
pub(crate) fn fit_scaler(
    snapshot: &Snapshot,
    train: &SplitRows,
    features: &[Feature],
    matrix: &Matrix,
) -> Result<Scaler, StepError> {
    let sequence = snapshot.samples.sequence;
    let mut next = 0;
    let (mut rows, mut times) = (Vec::new(), Vec::new());
    for end in train.ends() {
        for bar in next.max((end + 1).saturating_sub(sequence))..=end {
            rows.extend(matrix.row(bar));
            times.extend(snapshot.bars.time.get(bar).copied());
        }
        next = end + 1;
    }
    let first_and_last = [times.first(), times.last()].map(|time| time.copied().unwrap_or(0));
    let names = features.iter().map(|feature| feature.name().to_owned()).collect();
    Scaler::fit(names, &rows, first_and_last).map_err(|error| {
        failure::of(error.fault(), "bad-scaler", &error)
            .help("leave the feature out, or mend the source")
    })
}

fn check_parts(train: &Dataset, validation: &Dataset) -> Result<(), StepError> {
    if train.dataset == validation.dataset
        && (train.split, validation.split) == (Part::Train, Part::Validation)
    {
        return Ok(());
    }
    let message = format!(
        "`train` is given {} rows of {} and `validation` {} rows of {}",
        train.split,
        train.snapshot()?.short(),
        validation.split,
        validation.snapshot()?.short()
    );
    Err(StepError::user("wrong-rows", message)
        .help("write `train = data.train` and `validation = data.validation` of one data set"))
}

/// Refuses a model that the data were not made for.
pub(crate) fn belongs(
    spec: &ModelSpec,
    features: &[Feature],
    snapshot: &Snapshot,
) -> Result<(), StepError> {
    let samples = &snapshot.samples;
    let refused = |what: &str, model: &dyn std::fmt::Display, data: &dyn std::fmt::Display| {
        let message = format!("the model's `{what}` is {model}, and the data set has {data}");
        Err(StepError::user("wrong-data", message)
            .help(format!("give the data set the `{what}` of the model trained on it")))
    };
    let target = &spec.target;
    if target.symbol != samples.symbol {
        return refused("symbol", &target.symbol, &samples.symbol);
    }
    if target.timeframe != samples.timeframe {
        return refused("timeframe", &target.timeframe, &samples.timeframe);
    }
    if target.horizon != samples.horizon {
        return refused("horizon", &target.horizon, &samples.horizon);
    }
    if usize::try_from(spec.sequence) != Ok(samples.sequence) {
        return refused("sequence", &spec.sequence, &samples.sequence);
    }
    if spec.label.key()? != samples.label {
        return refused("label", &"one rule", &"labels by another");
    }
    let known = suho_features::parse_list(&samples.features)
        .map_err(|error| failure::of(Fault::World, "artifact-corrupt", &error))?;
    match features.iter().find(|feature| !known.contains(feature)) {
        Some(feature) => {
            let model = format!("[.. {feature} ..]");
            refused("features", &model, &format!("[{}]", samples.features.join(", ")))
        }
        None => Ok(()),
    }
}

pub(crate) fn architecture(spec: &ModelSpec) -> Result<Architecture, StepError> {
    let classes: Vec<String> = spec.classes.iter().map(ToString::to_string).collect();
    // Labels are numbered in this order.
    if spec.classes != Class::ALL {
        let message = format!("the classes are [{}]", classes.join(", "));
        return Err(
            StepError::user("class-order", message).help("write `classes = [down, flat, up]`")
        );
    }
    let (layers, inputs) = (spec.layers()?, spec.features.len());
    let refused = |error: ArchitectureError| {
        failure::of(error.fault(), "bad-architecture", &error).help("correct the model's `layers`")
    };
    let sequence = whole("sequence", spec.sequence)?;
    Architecture::new(layers, inputs, sequence, classes).map_err(refused)
}

/// How a network is to be fitted, as it is declared.
pub(crate) struct Regime<'a> {
    pub(crate) model: &'a ModelSpec,
    pub(crate) batch_size: i64,
    pub(crate) epochs: i64,
    pub(crate) early_stopping: Option<&'a EarlyStopping>,
    pub(crate) class_weights: &'a ClassWeights,
    pub(crate) label_smoothing: Ratio,
    pub(crate) seed: i64,
}

impl<'a> Regime<'a> {
    fn of(inputs: &'a TrainIn) -> Self {
        Self {
            model: &inputs.model,
            batch_size: inputs.batch_size,
            epochs: inputs.epochs,
            early_stopping: inputs.early_stopping.as_ref(),
            class_weights: &inputs.class_weights,
            label_smoothing: inputs.label_smoothing,
            seed: inputs.seed,
        }
    }

    pub(crate) fn fitting(&self) -> Result<Fitting, StepError> {
        let stride = self.model.stride()?;
        Ok(Fitting {
            batch_size: whole("batch_size", self.batch_size)?,
            epochs: whole("epochs", self.epochs)?,
            learning_rate: stride.learning_rate,
            schedule: stride.schedule,
            optimizer: stride.optimizer,
            gradient_norm_max: stride.norm_max,
            label_smoothing: self.label_smoothing.to_f64(),
            early_stopping: self.early_stopping.map(EarlyStopping::patience).transpose()?,
            seed: self.seed.cast_unsigned(),
            class_weights: self.class_weights.trained(),
        })
    }
}

/// Weights that are not those of the declared network.
pub(crate) fn refused_weights(path: &str, error: &LoadError) -> StepError {
    let message = format!("the weights of `{path}` are not those of the declared network");
    StepError::user("bad-weights", message).because(error).help(
        "leave them as `suho model export --safetensors` does, or as `safetensors.torch.save_file` \
         with the metadata `{\"format\": \"pt\"}` and modules named after the layers: `lstm_0`, `output`",
    )
}

pub(crate) fn refused(error: &TrainError) -> StepError {
    let failure = |code: &str| failure::of(error.fault(), code, error);
    match error {
        TrainError::Diverged { .. } => failure("diverged").help("take a smaller `learning_rate`"),
        TrainError::Setting { setting, range } => {
            failure("bad-setting").help(format!("write a `{setting}` that is {range}"))
        }
        TrainError::NoSamples { .. } => failure("no-rows").help("give the data set more bars"),
        TrainError::OneClass { .. } => failure("one-class")
            .help("take a label that tells more: a smaller `k`, or a smaller `threshold`"),
        TrainError::NoneOfClass { .. } => failure("no-such-class")
            .help("write `class_weights = even`, or take a label that has every class"),
        TrainError::BatchTooLarge { samples, .. } => {
            failure("batch-too-large").help(format!("write a `batch_size` of at most {samples}"))
        }
        TrainError::NotFinite { .. } => failure("not-finite").help("mend the bars"),
        TrainError::Lost { .. } => failure("gpu-lost").help(
            "take a smaller `batch_size`, or write `compute = cpu`, and look at the driver's log",
        ),
        TrainError::Deviates { .. } => failure("gpu-deviates").help("write `compute = cpu`"),
        _ => failure("bad-training"),
    }
}

/// The epoch whose weights were kept.
fn kept(fitted: &Fitted) -> Result<Epoch, StepError> {
    let best = fitted.history.iter().find(|epoch| epoch.epoch == fitted.best_epoch);
    best.copied().ok_or_else(|| StepError::bug("no-epoch", "the best epoch is not in the history"))
}

#[cfg(test)]
mod tests;
