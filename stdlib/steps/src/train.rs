//! `train`: trains a model on the train rows, stopping early by the validation rows, and seals it.

mod adopted;
mod again;
mod elsewhere;
mod resuming;
mod several;

pub use again::{Nearness, Reproduction, reproduce};
pub(crate) use several::Member;

use crate::beside::{self, Identity};
use crate::failure;
use crate::figure::{Figure, count, number, share};
use crate::generated::{
    Class, ClassWeights, Dataset, EarlyStopping, Model, ModelSpec, Part, TrainIn, TrainOut,
};
use crate::model::{Lineage, Sealing, Signature, seal};
use crate::ports::Span;
use crate::records::{artifacts, whole};
use crate::snapshot::{Snapshot, SplitRows};
use crate::tuning::{Declared, Setting};
use adopted::adopted;
use resuming::{Checkpoints, Watching};
use several::{Learnt, fit_all};
use suho_artifacts::{ArtifactError, Artifacts};
use suho_domain::{Digest, Fault, Instant, Ratio};
use suho_features::{Feature, Matrix};
use suho_stats::{majority_accuracy, majority_class};
use suho_step::{Context, Inputs, Outputs, Step, StepError};
use suho_train::{
    Architecture, ArchitectureError, Epoch, Fitted, Fitting, Golden, GraphError, LoadError,
    Predictor, Samples, Scaler, TrainError,
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
        let inputs = TrainIn::read(inputs)?.tuned()?;
        let folder = identity.folder()?;
        let artifacts = artifacts(context)?;
        let lesson = Lesson::read(&artifacts, &inputs)?;
        let fitting = Regime::of(&inputs).fitting()?;
        let fittings = several::fittings(&fitting, inputs.ensemble)?;
        if let Some((digest, came_to)) = adopted(&artifacts, &folder, &identity, &asked)? {
            context.log("an earlier attempt has sealed the model: nothing is trained anew");
            Checkpoints::of(context, &artifacts)?.clear()?;
            let model = lesson.model(&identity, folder.as_str(), &digest)?;
            return Ok(outputs(model, &came_to).into());
        }
        let learnt = if let Some(path) = &inputs.weights {
            elsewhere::taken(&artifacts, (path, inputs.signature.as_deref()), &lesson, &fittings)?
        } else {
            let samples = lesson.train.len();
            let mut watching = Watching::of(context, &artifacts, samples)?;
            fit_all(&mut watching, &device, &lesson, &fittings)?
        };
        let predictor = &learnt.predictor;
        let target = &inputs.model.target;
        let (symbol, timeframe) = (target.symbol.clone(), target.timeframe);
        let signature =
            Signature::of((symbol, timeframe, target.horizon), &lesson.features, predictor);
        let golden = lesson.golden(predictor)?;
        let mut lineage = lesson.lineage(context, &learnt, (&fitting, asked))?;
        lineage.weights.clone_from(&inputs.weights);
        (lineage.tuned, lineage.trials) = inputs.found()?;
        let sealing = Sealing {
            identity: &identity,
            predictor,
            signature: &signature,
            golden: &golden,
            history: &learnt.history,
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
        trials: count(came_to.trials),
    }
}

impl TrainIn {
    /// The same with what a sweep found in place of what is declared.
    fn tuned(mut self) -> Result<Self, StepError> {
        let Some(settings) = &self.tuned else { return Ok(self) };
        let declared = Declared {
            model: self.model.clone(),
            batch_size: self.batch_size,
            label_smoothing: self.label_smoothing,
        };
        let set = Setting::found(settings)?.of(&declared)?;
        (self.model, self.batch_size, self.label_smoothing) =
            (set.model, set.batch_size, set.label_smoothing);
        Ok(self)
    }

    /// What a sweep found, for people, and from how many trials; nothing from one where there was none.
    fn found(&self) -> Result<(Option<String>, usize), StepError> {
        let Some(settings) = &self.tuned else { return Ok((None, 1)) };
        let trials = match settings.trials {
            Figure::Defined(trials) => whole("trials", trials)?.max(1),
            Figure::Undefined { .. } => 1,
        };
        Ok((Some(Setting::found(settings)?.text()), trials))
    }
}

/// Everything that a network is fitted to.
pub(crate) struct Lesson {
    snapshot: Snapshot,
    dataset: Digest,
    features: Vec<Feature>,
    matrix: Matrix,
    /// None where the model declares no layers: a graph of another program is to be taken.
    architecture: Option<Architecture>,
    classes: Vec<String>,
    scaler: Scaler,
    pub(crate) train: Samples,
    pub(crate) validation: Samples,
}

impl Lesson {
    fn read(artifacts: &Artifacts, inputs: &TrainIn) -> Result<Self, StepError> {
        Self::of(artifacts, &inputs.model, &inputs.train, &inputs.validation)
    }

    /// The network's shape, which there is unless the weights are a graph of another program.
    fn architecture(&self) -> Result<&Architecture, StepError> {
        self.architecture.as_ref().ok_or_else(|| {
            let message = "the model declares no layers, and there is nothing to train without them";
            StepError::user("bad-architecture", message).help(
                "write its `layers`, or give `train` the `weights` that another program has left as ONNX",
            )
        })
    }

    /// What the networks of `spec` are fitted to.
    pub(crate) fn of(
        artifacts: &Artifacts,
        spec: &ModelSpec,
        rows: &Dataset,
        validation: &Dataset,
    ) -> Result<Self, StepError> {
        check_parts(rows, validation)?;
        let architecture = match spec.layers.as_slice() {
            [] => None,
            _ => Some(architecture(spec)?),
        };
        let classes = classes(spec)?;
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
            let (width, sequence) = (features.len(), snapshot.samples.sequence);
            Samples::new(width, sequence, scaled.clone(), of.ends(), of.labels())
                .map_err(|error| failure::of(error.fault(), "bad-samples", &error))
        };
        let (train, validation) = (samples(Part::Train)?, samples(Part::Validation)?);
        let dataset = rows.snapshot()?;
        Ok(Self {
            snapshot,
            dataset,
            features,
            matrix,
            architecture,
            classes,
            scaler,
            train,
            validation,
        })
    }

    /// The mean loss and the accuracy of `predictor` on the rows of `part`.
    fn assess(&self, predictor: &Predictor, part: Part) -> Result<(f64, f64), StepError> {
        let rows = self.snapshot.samples.part(part);
        predictor
            .assess(&self.matrix.interleaved(), &rows.ends(), &rows.labels())
            .map_err(|error| failure::of(error.fault(), "not-scorable", &error))
    }

    /// What `predictor` answers to the last validation rows.
    fn golden(&self, predictor: &Predictor) -> Result<Golden, StepError> {
        let ends = self.snapshot.samples.validation.ends();
        let asked = ends.get(ends.len().saturating_sub(GOLDEN_WINDOWS)..).unwrap_or_default();
        let first = asked.first().map_or(0, |end| (end + 1) - self.snapshot.samples.sequence);
        let last = asked.last().map_or(0, |end| end + 1);
        let bars = (first..last).flat_map(|bar| self.matrix.row(bar)).collect();
        let ends = asked.iter().map(|end| end - first).collect();
        Golden::of(predictor, bars, ends)
            .map_err(|error| failure::of(error.fault(), "no-answer", &error))
    }

    fn lineage(
        &self,
        context: &Context<'_>,
        learnt: &Learnt,
        (fitting, asked): (&Fitting, Digest),
    ) -> Result<Lineage, StepError> {
        let key = context.key();
        let best = &learnt.best;
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
            epochs: learnt.history.iter().filter(|epoch| epoch.epoch > 0).count(),
            weights: None,
            tuned: None,
            trials: 1,
            members: learnt.members.clone(),
            best_epoch: best.epoch,
            stopped: serde_json::to_value(learnt.stopped).map_err(|e| failure::of_json(&e))?,
            train_loss: best.train_loss,
            validation_loss: best.validation_loss,
            validation_accuracy: best.validation_accuracy,
            rows: [self.train.len(), self.validation.len()],
            parameters: learnt.predictor.parameters(),
            device: learnt.device.clone(),
            deviation: learnt.deviation,
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
        let first = (samples.train.first()? + 1).checked_sub(samples.sequence)?;
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

/// The names of the classes, in the order in which labels are numbered.
fn classes(spec: &ModelSpec) -> Result<Vec<String>, StepError> {
    let classes: Vec<String> = spec.classes.iter().map(ToString::to_string).collect();
    if spec.classes != Class::ALL {
        let message = format!("the classes are [{}]", classes.join(", "));
        return Err(
            StepError::user("class-order", message).help("write `classes = [down, flat, up]`")
        );
    }
    Ok(classes)
}

pub(crate) fn architecture(spec: &ModelSpec) -> Result<Architecture, StepError> {
    let classes = classes(spec)?;
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

/// A graph that cannot be the model.
pub(crate) fn refused_graph(path: &str, error: &GraphError) -> StepError {
    let message = format!("the graph `{path}` cannot be the model");
    let failure = StepError::user("bad-graph", message).because(error);
    match error {
        GraphError::Operator { .. } => {
            let known = suho_train::operators().into_iter().collect::<Vec<_>>().join(", ");
            failure.help(format!("build it of {known}"))
        }
        GraphError::Version { .. } => failure.help("export it with `opset_version=17`"),
        GraphError::External { .. } => failure.help("save the model with its weights in one file"),
        _ => failure.help(
            "export `[batch, sequence, feature]` of raw features to `[batch, class]` of probabilities",
        ),
    }
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
