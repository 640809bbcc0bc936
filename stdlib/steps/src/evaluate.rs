//! `evaluate`: scores a model on rows it has never seen, and the model it follows on the same rows.

use crate::failure;
use crate::model::{LoadedModel, load};
use crate::records::{ModelRecord, Rows, artifacts};
use crate::snapshot::{Part, Snapshot};
use crate::values::{count, fields, float, points, ratio, window};
use std::num::{NonZeroU32, NonZeroUsize};
use suho_artifacts::Artifacts;
use suho_domain::{Fault, Record, Value};
use suho_stats::{
    BlockLength, ClassScore, Classification, Probabilities, Scoring, StatsError, classify,
    majority_accuracy, majority_class, persistence_accuracy,
};
use suho_step::{Context, Inputs, Outputs, Step, StepError};

/// The class that takes no direction.
const FLAT: usize = 1;

/// Scores a model on rows it has never seen.
pub(crate) struct Evaluate;

impl Step for Evaluate {
    fn signature(&self) -> &'static str {
        "evaluate"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let model: ModelRecord = inputs.read("model")?;
        let against: Option<ModelRecord> = inputs.read::<Option<_>>("against")?;
        let rows: Rows = inputs.read("data")?;
        unseen(&model, &rows)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &rows)?;
        let scores = score(&load_model(&artifacts, &model)?, &snapshot, rows.split)?;
        if context.is_cancelled() {
            return Err(StepError::cancelled());
        }
        let baseline = match &against {
            None => Value::None,
            Some(against) => {
                let scores = score(&load_model(&artifacts, against)?, &snapshot, rows.split)?;
                Value::Record(record(&scores))
            }
        };
        let mut outputs = Outputs::from(record(&scores));
        add_references(&mut outputs, &snapshot, rows.split);
        outputs.set("baseline", baseline);
        outputs.set("window", window(rows.window.start, rows.window.end));
        outputs.set("events", count(scores.rows));
        Ok(outputs)
    }
}

/// Loads the model that `record` names, verified.
pub(crate) fn load_model(
    artifacts: &Artifacts,
    record: &ModelRecord,
) -> Result<LoadedModel, StepError> {
    let (Some(folder), Some(digest)) = (&record.artifact, &record.digest) else {
        let message = format!("{} has no sealed artifact", record.title());
        return Err(StepError::user("no-artifact", message).help("train it to the end first"));
    };
    load(artifacts, folder, Some(digest.as_str())).map_err(|error| {
        failure::of(error.fault(), error.code(), &error).help(format!(
            "{}: {}",
            record.title(),
            error.help()
        ))
    })
}

/// Refuses to score a model on rows it was fitted or stopped by.
fn unseen(model: &ModelRecord, rows: &Rows) -> Result<(), StepError> {
    let is_seen = model
        .trained_on
        .is_some_and(|seen| rows.window.start <= seen.end && seen.start < rows.window.end);
    if !is_seen {
        return Ok(());
    }
    let message =
        format!("{} has learned from the {} rows it would be scored on", model.title(), rows.split);
    Err(StepError::user("evaluate-in-sample", message).help("write `data = data.test`"))
}

/// What `model` comes to on the rows of `part`.
fn score(
    model: &LoadedModel,
    snapshot: &Snapshot,
    part: Part,
) -> Result<Classification, StepError> {
    let rows = snapshot.samples.part(part);
    let answers = model
        .predict_bars(&snapshot.bars, &rows.ends())
        .map_err(|error| failure::of(error.fault(), error.code(), &error).help(error.help()))?;
    let values: Vec<f64> =
        answers.iter().flat_map(|answer| answer.as_slice()).copied().map(f64::from).collect();
    let labels = labels(snapshot, part);
    let horizon = u32::try_from(snapshot.samples.horizon_bars).ok().and_then(NonZeroU32::new);
    let block = BlockLength::of_horizon(horizon.unwrap_or(NonZeroU32::MIN));
    Probabilities::new(&values, model.classes().len())
        .and_then(|p| classify(&p, &labels, Scoring { flat: Some(FLAT), block }))
        .map_err(|error| refused(&error))
}

fn refused(error: &StatsError) -> StepError {
    let is_model = matches!(error, StatsError::NotAProbability { .. } | StatsError::Sum { .. });
    if is_model {
        return failure::of(Fault::User, "not-probabilities", error).help("train the model again");
    }
    failure::of(Fault::Bug, "not-scorable", error)
}

fn labels(snapshot: &Snapshot, part: Part) -> Vec<usize> {
    snapshot.samples.part(part).labels().into_iter().map(usize::from).collect()
}

/// All scores, in the prelude's names where it has one.
fn record(scores: &Classification) -> Record {
    let class = |(at, score): (usize, &ClassScore)| {
        Value::record([
            ("class", Value::text(["down", "flat", "up"].get(at).copied().unwrap_or("?"))),
            ("precision", Value::measured_ratio(score.precision)),
            ("recall", ratio(score.recall)),
            ("f1", Value::measured_ratio(score.f1)),
            ("auc", ratio(score.auc)),
            ("support", count(score.support)),
        ])
    };
    fields([
        ("accuracy", ratio(scores.accuracy)),
        ("accuracy_se", points(scores.accuracy_error_block)),
        ("accuracy_se_iid", points(scores.accuracy_error)),
        ("precision", ratio(scores.precision_macro)),
        ("recall", ratio(scores.recall_macro)),
        ("f1", ratio(scores.f1_macro)),
        ("auc", ratio(scores.auc_macro)),
        ("log_loss", float(scores.log_loss)),
        ("brier", float(scores.brier)),
        ("calibration_error", float(scores.calibration_error)),
        ("mcc", float(scores.mcc)),
        ("coverage", ratio(scores.coverage)),
        ("directional_accuracy", ratio(scores.directional_accuracy)),
        ("per_class", Value::List(scores.per_class.iter().enumerate().map(class).collect())),
    ])
}

/// What no learning would have come to on the rows of `part`.
fn add_references(outputs: &mut Outputs, snapshot: &Snapshot, part: Part) {
    let labels_of_part = labels(snapshot, part);
    let majority = match majority_class(&labels(snapshot, Part::Train)) {
        Some(class) => ratio(majority_accuracy(class, &labels_of_part)),
        None => Value::Undefined("no train rows".to_owned()),
    };
    let horizon = NonZeroUsize::new(snapshot.samples.horizon_bars).unwrap_or(NonZeroUsize::MIN);
    outputs.set("majority", majority);
    outputs.set("persistence", ratio(persistence_accuracy(&labels_of_part, horizon)));
}

#[cfg(test)]
mod tests;
