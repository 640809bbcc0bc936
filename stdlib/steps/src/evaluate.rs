//! `evaluate`: scores a model on rows it has never seen, and the model it follows on the same rows.

mod numbers;
mod page;

use crate::failure;
use crate::figure::{count, float, points, ratio, share};
use crate::generated::{Class, ClassScores, Dataset, EvaluateIn, EvaluateOut, Model, Part, Scores};
use crate::model::{LoadedModel, Remembered, load, remembered};
use crate::records::artifacts;
use crate::reports::Reports;
use crate::snapshot::Snapshot;
use numbers::numbers;
use page::Page;
use std::num::{NonZeroU32, NonZeroUsize};
use suho_artifacts::Artifacts;
use suho_domain::Fault;
use suho_stats::{
    BlockLength, ClassScore, Classification, Measured, Probabilities, Reason, Scoring, StatsError,
    classify, majority_accuracy, majority_class, persistence_accuracy,
};
use suho_step::{Context, Inputs, Outputs, Step, StepError};
use suho_train::Probabilities as Answer;

/// The name of the page.
const REPORT: &str = "evaluation";
/// The class that takes no direction.
const FLAT: usize = 1;

/// Scores a model on rows it has never seen.
pub(crate) struct Evaluate;

impl Step for Evaluate {
    fn signature(&self) -> &'static str {
        "evaluate"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let EvaluateIn { model, data, against } = EvaluateIn::read(inputs)?;
        unseen(&model, &data)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &data)?;
        let own = judge(&load_model(&artifacts, &model)?, &snapshot, data.split)?;
        if context.is_cancelled() {
            return Err(StepError::cancelled());
        }
        let baseline = match &against {
            None => None,
            Some(against) => Some(judge(&load_model(&artifacts, against)?, &snapshot, data.split)?),
        };
        let page = Page {
            title: title(&model, &snapshot),
            part: data.split.to_string(),
            own: &own,
            baseline: against.as_ref().map(Model::title).zip(baseline.as_ref()),
            majority: majority(&snapshot, data.split),
            persistence: persistence(&snapshot, data.split),
            training: training(&artifacts, &model, &data)?,
            times: snapshot.decisions(data.split),
            block: block(&snapshot).bars().get(),
        };
        let reports = Reports::of(context, &artifacts, REPORT)?;
        let kept = reports.keep(page.html(), numbers(&page))?;
        Ok(outputs(&page, &data, kept).into())
    }

    /// Removes the page and the numbers beside it.
    fn undo(&self, context: &mut Context<'_>, _: &Inputs) -> Result<(), StepError> {
        Reports::of(context, &artifacts(context)?, REPORT)?.remove()
    }
}

/// Loads the model that `record` names, verified.
pub(crate) fn load_model(artifacts: &Artifacts, record: &Model) -> Result<LoadedModel, StepError> {
    let (Some(folder), Some(digest)) = (&record.artifact, &record.digest) else {
        let message = format!("{} has no sealed artifact", record.title());
        return Err(StepError::user("no-artifact", message).help("train it to the end first"));
    };
    load(artifacts, folder, Some(digest)).map_err(|error| {
        failure::of(error.fault(), error.code(), &error).help(format!(
            "{}: {}",
            record.title(),
            error.help()
        ))
    })
}

/// Refuses to score a model on rows it was fitted or stopped by.
fn unseen(model: &Model, rows: &Dataset) -> Result<(), StepError> {
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

/// A model on rows it has never seen.
struct Judged {
    found: Classification,
    /// Whether the most probable class was the label, row by row.
    is_right: Vec<bool>,
}

/// What `model` comes to on the rows of `part`.
fn judge(model: &LoadedModel, snapshot: &Snapshot, part: Part) -> Result<Judged, StepError> {
    let rows = snapshot.samples.part(part);
    let answers = model
        .predict_bars(&snapshot.bars, &rows.ends())
        .map_err(|error| failure::of(error.fault(), error.code(), &error).help(error.help()))?;
    let values: Vec<f64> =
        answers.iter().flat_map(Answer::as_slice).copied().map(f64::from).collect();
    let labels = labels(snapshot, part);
    let scoring = Scoring { flat: Some(FLAT), block: block(snapshot) };
    let probabilities =
        Probabilities::new(&values, model.classes().len()).map_err(|error| refused(&error))?;
    let found = classify(&probabilities, &labels, scoring).map_err(|error| refused(&error))?;
    let choices = probabilities.choices();
    let is_right = choices.zip(&labels).map(|((class, _), label)| class == *label).collect();
    Ok(Judged { found, is_right })
}

/// Rows whose labels overlap count as one for a standard error.
fn block(snapshot: &Snapshot) -> BlockLength {
    let horizon = u32::try_from(snapshot.samples.horizon_bars).ok().and_then(NonZeroU32::new);
    BlockLength::of_horizon(horizon.unwrap_or(NonZeroU32::MIN))
}

fn title(model: &Model, snapshot: &Snapshot) -> String {
    let samples = &snapshot.samples;
    format!("{} on {} {}", model.title(), samples.symbol, samples.timeframe)
}

/// What training came to, where it was on the data that the model is judged by.
fn training(
    artifacts: &Artifacts,
    model: &Model,
    rows: &Dataset,
) -> Result<Option<Remembered>, StepError> {
    let folder = model.artifact.as_ref().filter(|_| model.dataset.as_ref() == Some(&rows.dataset));
    let remembered = folder.map(|folder| remembered(artifacts, folder)).transpose();
    remembered.map_err(|error| failure::of(error.fault(), error.code(), &error))
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

/// All scores of a model.
fn scores(found: &Classification) -> Scores {
    let class = |(class, score): (&Class, &ClassScore)| ClassScores {
        class: *class,
        precision: share(score.precision),
        recall: ratio(score.recall),
        f1: share(score.f1),
        auc: ratio(score.auc),
        support: count(score.support),
    };
    Scores {
        accuracy: ratio(found.accuracy),
        accuracy_se: points(found.accuracy_error_block),
        accuracy_se_iid: points(found.accuracy_error),
        precision: ratio(found.precision_macro),
        recall: ratio(found.recall_macro),
        f1: ratio(found.f1_macro),
        auc: ratio(found.auc_macro),
        log_loss: float(found.log_loss),
        brier: float(found.brier),
        calibration_error: float(found.calibration_error),
        mcc: float(found.mcc),
        coverage: ratio(found.coverage),
        directional_accuracy: ratio(found.directional_accuracy),
        per_class: Class::ALL.iter().zip(&found.per_class).map(class).collect(),
    }
}

/// What was found, beside what no learning would have come to on the same rows.
fn outputs(page: &Page<'_>, rows: &Dataset, kept: String) -> EvaluateOut {
    let found = &page.own.found;
    let own = scores(found);
    EvaluateOut {
        accuracy: own.accuracy,
        accuracy_se: own.accuracy_se,
        accuracy_se_iid: own.accuracy_se_iid,
        precision: own.precision,
        recall: own.recall,
        f1: own.f1,
        auc: own.auc,
        log_loss: own.log_loss,
        brier: own.brier,
        calibration_error: own.calibration_error,
        mcc: own.mcc,
        coverage: own.coverage,
        directional_accuracy: own.directional_accuracy,
        per_class: own.per_class,
        majority: ratio(page.majority),
        persistence: ratio(page.persistence),
        window: rows.window,
        events: count(found.rows),
        baseline: page.baseline.as_ref().map(|(_, judged)| scores(&judged.found)),
        page: kept,
    }
}

/// The accuracy of naming the train rows' commonest class.
fn majority(snapshot: &Snapshot, part: Part) -> Measured<f64> {
    match majority_class(&labels(snapshot, Part::Train)) {
        Some(class) => majority_accuracy(class, &labels(snapshot, part)),
        None => Measured::Undefined(Reason::NoObservations),
    }
}

/// The accuracy of repeating the last label that was known.
fn persistence(snapshot: &Snapshot, part: Part) -> Measured<f64> {
    let horizon = NonZeroUsize::new(snapshot.samples.horizon_bars).unwrap_or(NonZeroUsize::MIN);
    persistence_accuracy(&labels(snapshot, part), horizon)
}

#[cfg(test)]
mod tests;
