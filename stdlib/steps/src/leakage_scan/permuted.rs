//! L10: what a network like the model's learns from labels that have been torn from their rows.

use super::scene::SEED;
use crate::generated::Part;
use crate::model::LoadedModel;
use crate::snapshot::Snapshot;
use crate::train::{fit_scaler, refused};
use suho_market::leakage::block_permutation;
use suho_stats::{majority_accuracy, majority_class};
use suho_step::{Context, Progress, StepError};
use suho_train::{
    Adam, Checkpoint, ClassWeights, Epoch, Fitting, Flow, Lesson, Optimizer, Predictor, Samples,
    Schedule, TrainError, Watch, fit,
};

/// Passes over the train rows: as many as tell whether there is anything to learn.
const EPOCHS: usize = 3;
/// Rows in a step, of as many as there are.
const BATCH: usize = 64;

/// What a model of permuted labels was right in.
#[derive(Debug)]
pub(super) struct Unlearnt {
    /// Whether each validation row was foretold, in order of time.
    pub(super) correct: Vec<bool>,
    /// The accuracy of always answering the commonest class of validation.
    pub(super) majority: f64,
}

/// Trains a network of the model's own shape on the train rows with their labels permuted, and asks
/// it for the validation rows. The reason, where the rows cannot be learnt from at all; nothing where the
/// model has no layers of ours.
pub(super) fn learn(
    context: &mut Context<'_>,
    snapshot: &Snapshot,
    model: &LoadedModel,
) -> Result<Option<Result<Unlearnt, String>>, StepError> {
    let Some(architecture) = model.architecture() else { return Ok(None) };
    let (train, validation) =
        (snapshot.samples.part(Part::Train), snapshot.samples.part(Part::Validation));
    let matrix = snapshot.features(model.features())?;
    let scaler = fit_scaler(snapshot, train, model.features(), &matrix)?;
    let numbers = matrix.interleaved();
    let bug = |error: &dyn std::error::Error| {
        StepError::bug("bad-samples", suho_domain::fault::chain(error))
    };
    let scaled = scaler.transform(&numbers).map_err(|error| bug(&error))?;
    let samples = |ends: Vec<usize>, labels: Vec<u8>| {
        Samples::new(model.features().len(), model.sequence(), scaled.clone(), ends, labels)
            .map_err(|error| bug(&error))
    };
    let labels = train.labels();
    let order = block_permutation(labels.len(), SEED);
    let permuted = order.iter().filter_map(|row| labels.get(*row).copied()).collect();
    let (torn, held) =
        (samples(train.ends(), permuted)?, samples(validation.ends(), validation.labels())?);
    let lesson = Lesson { train: &torn, validation: &held };
    let fitted = fit(lesson, architecture, &quick(torn.len()), None, &mut Waiting(context));
    let fitted = match fitted {
        Ok(fitted) => fitted,
        Err(TrainError::Ended { .. }) => return Err(StepError::cancelled()),
        Err(error) => return Ok(Some(Err(refused(&error).to_string()))),
    };
    let answers = Predictor::new(fitted.model, scaler)
        .and_then(|predictor| predictor.predict_many(&numbers, &validation.ends()))
        .map_err(|error| bug(&error))?;
    let classes: Vec<usize> = validation.labels().into_iter().map(usize::from).collect();
    let correct = answers.iter().zip(&classes).map(|(answer, class)| answer.class() == *class);
    let majority = majority_class(&classes)
        .and_then(|class| majority_accuracy(class, &classes).defined())
        .unwrap_or(f64::NAN);
    Ok(Some(Ok(Unlearnt { correct: correct.collect(), majority })))
}

/// How a network is fitted that is only to show whether there is anything to learn.
fn quick(rows: usize) -> Fitting {
    Fitting {
        batch_size: BATCH.min(rows),
        epochs: EPOCHS,
        learning_rate: 1e-3,
        schedule: Schedule::default(),
        optimizer: Optimizer::Adam(Adam::default()),
        gradient_norm_max: Some(1.0),
        label_smoothing: 0.0,
        early_stopping: None,
        seed: SEED,
        class_weights: ClassWeights::default(),
    }
}

/// Whoever waits for it.
struct Waiting<'a, 'c>(&'a mut Context<'c>);

impl Watch for Waiting<'_, '_> {
    fn is_ended(&mut self) -> bool {
        self.0.is_cancelled()
    }

    fn epoch(&mut self, epoch: &Epoch, _: &Checkpoint<'_>) -> Flow {
        let text = format!("permuted labels, epoch {}", epoch.epoch);
        self.0.progress(&Progress::of(epoch.epoch as u64, epoch.epochs as u64).saying(text));
        Flow::Continue
    }
}
