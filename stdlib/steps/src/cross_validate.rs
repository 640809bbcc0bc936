//! `cross_validate`: trains a network on each fold of a data set and judges it on the fold's test
//! rows.

use crate::beside;
use crate::failure;
use crate::figure::{Figure, count, points, share};
use crate::generated::{CrossValidateIn, CrossValidateOut, FoldScore};
use crate::records::artifacts;
use crate::snapshot::{FoldRows, Snapshot, SplitRows};
use crate::train::{self, Regime, architecture, belongs, fit_scaler};
use std::collections::BTreeMap;
use suho_domain::{Fault, Ratio};
use suho_features::{Feature, Matrix};
use suho_stats::{Measured, majority_accuracy, majority_class};
use suho_step::{Context, Inputs, Outputs, Progress, Step, StepError};
use suho_train::{
    Architecture, Checkpoint, Device, Epoch, Fitting, Flow, Lesson, Predictor, Samples, Scaler,
    TrainError, Watch, fit_on,
};

/// Trains a network on each fold of a data set and judges it on the fold's test rows.
pub(crate) struct CrossValidate;

impl Step for CrossValidate {
    fn signature(&self) -> &'static str {
        "cross_validate"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let device = beside::device(context, inputs)?;
        let inputs = CrossValidateIn::read(inputs)?;
        let CrossValidateIn { model, data, .. } = &inputs;
        let snapshot = Snapshot::load(&artifacts(context)?, &data.test)?;
        if snapshot.samples.folds.is_empty() {
            let message = "the data set is split once, so there are no folds to train on";
            return Err(StepError::user("no-folds", message)
                .help("write `split = walk_forward(train: 365d, test: 30d)` on the data set"));
        }
        let features = suho_features::parse_list(&model.features)
            .map_err(|error| failure::of(Fault::User, "unknown-feature", &error))?;
        belongs(model, &features, &snapshot)?;
        let matrix = snapshot.features(&features)?;
        let course = Course {
            device: &device,
            snapshot: &snapshot,
            features: &features,
            matrix: &matrix,
            numbers: matrix.interleaved(),
            architecture: architecture(model)?,
            fitting: regime(&inputs).fitting()?,
        };
        let folds = snapshot.samples.folds.iter().enumerate();
        let results: Result<Vec<Judged>, StepError> =
            folds.map(|(place, fold)| course.judge(context, place, fold)).collect();
        Ok(outputs(&results?).into())
    }
}

fn regime(inputs: &CrossValidateIn) -> Regime<'_> {
    Regime {
        model: &inputs.model,
        batch_size: inputs.batch_size,
        epochs: inputs.epochs,
        early_stopping: inputs.early_stopping.as_ref(),
        class_weights: &inputs.class_weights,
        label_smoothing: inputs.label_smoothing,
        seed: inputs.seed,
    }
}

/// What every fold is trained with.
struct Course<'a> {
    device: &'a Device,
    snapshot: &'a Snapshot,
    features: &'a [Feature],
    matrix: &'a Matrix,
    /// The same numbers, `[bar, feature]`.
    numbers: Vec<f64>,
    architecture: Architecture,
    fitting: Fitting,
}

/// Whoever waits for the training on one fold.
struct OfFold<'a, 'c> {
    context: &'a mut Context<'c>,
    place: usize,
    folds: usize,
}

impl Watch for OfFold<'_, '_> {
    fn is_ended(&mut self) -> bool {
        self.context.is_cancelled()
    }

    fn epoch(&mut self, epoch: &Epoch, _: &Checkpoint<'_>) -> Flow {
        let done = (self.place * epoch.epochs + epoch.epoch) as u64;
        let text = format!("fold {} of {}, epoch {}", self.place + 1, self.folds, epoch.epoch);
        let all = (self.folds * epoch.epochs) as u64;
        self.context.progress(&Progress::of(done, all).saying(text));
        Flow::Continue
    }
}

/// What one fold came to.
struct Judged {
    /// Whether each test row's class was predicted, in order.
    right: Vec<bool>,
    /// The groups that the test rows are of, and how many are of each.
    groups: Vec<[usize; 2]>,
    /// How many test rows are of the train rows' commonest class.
    majority: Measured<f64>,
    best_epoch: usize,
}

impl Course<'_> {
    fn judge(
        &self,
        context: &mut Context<'_>,
        place: usize,
        fold: &FoldRows,
    ) -> Result<Judged, StepError> {
        let scaler = fit_scaler(self.snapshot, &fold.train, self.features, self.matrix)?;
        let (train, validation) =
            (self.samples(&scaler, &fold.train)?, self.samples(&scaler, &fold.validation)?);
        let folds = self.snapshot.samples.folds.len();
        let lesson = Lesson { train: &train, validation: &validation };
        let mut watch = OfFold { context, place, folds };
        let (architecture, fitting) = (&self.architecture, &self.fitting);
        let fitted = fit_on(self.device, lesson, architecture, fitting, None, &mut watch);
        let fitted = fitted.map_err(|error| match error {
            TrainError::Ended { .. } => StepError::cancelled(),
            error => train::refused(&error),
        })?;
        let (ends, labels) = (fold.test.ends(), classes(&fold.test));
        let answers = Predictor::new(fitted.model, scaler)
            .and_then(|predictor| predictor.predict_many(&self.numbers, &ends))
            .map_err(|error| failure::of(error.fault(), "not-scorable", &error))?;
        let right = answers.iter().zip(&labels).map(|(answer, label)| answer.class() == *label);
        let majority = majority_class(&classes(&fold.train))
            .map_or(Measured::Defined(0.0), |class| majority_accuracy(class, &labels));
        Ok(Judged {
            right: right.collect(),
            groups: fold.groups.clone(),
            majority,
            best_epoch: fitted.best_epoch,
        })
    }

    fn samples(&self, scaler: &Scaler, rows: &SplitRows) -> Result<Samples, StepError> {
        let scaled = scaler
            .transform(&self.numbers)
            .map_err(|error| failure::of(error.fault(), "bad-scaler", &error))?;
        let (width, sequence) = (self.features.len(), self.architecture.sequence());
        Samples::new(width, sequence, scaled, rows.ends(), rows.labels())
            .map_err(|error| failure::of(error.fault(), "bad-samples", &error))
    }
}

fn classes(rows: &SplitRows) -> Vec<usize> {
    rows.labels().into_iter().map(usize::from).collect()
}

/// The share of rows that were right.
fn accuracy<'a>(rows: impl IntoIterator<Item = &'a bool>) -> f64 {
    let (right, all) = rows.into_iter().fold((0_usize, 0_usize), |(right, all), is_right| {
        (right + usize::from(*is_right), all + 1)
    });
    right as f64 / all as f64
}

fn outputs(folds: &[Judged]) -> CrossValidateOut {
    let each: Vec<f64> = folds.iter().map(|fold| accuracy(&fold.right)).collect();
    let events: usize = folds.iter().map(|fold| fold.right.len()).sum();
    let by_majority = |fold: &Judged| fold.majority.defined().unwrap_or(0.0);
    let majority: f64 = folds.iter().map(|fold| by_majority(fold) * fold.right.len() as f64).sum();
    let score = |(place, (fold, accuracy)): (usize, (&Judged, &f64))| FoldScore {
        number: count(place + 1),
        accuracy: share(*accuracy),
        majority: share(by_majority(fold)),
        events: count(fold.right.len()),
        best_epoch: count(fold.best_epoch),
    };
    CrossValidateOut {
        accuracy: share(accuracy(folds.iter().flat_map(|fold| &fold.right))),
        accuracy_sd: deviation(&each).map_or_else(
            || Figure::undefined("one fold has no spread"),
            |sd| points(Measured::Defined(sd)),
        ),
        worst: share(each.iter().copied().fold(f64::INFINITY, f64::min)),
        majority: share(majority / events as f64),
        events: count(events),
        folds: folds.iter().zip(&each).enumerate().map(score).collect(),
        paths: paths(folds),
    }
}

/// With n − 1 in the denominator; none of fewer than two.
fn deviation(values: &[f64]) -> Option<f64> {
    let others = values.len().checked_sub(1).filter(|others| *others > 0)?;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / others as f64).sqrt())
}

/// The accuracy of each history: history p judges every group by the p-th fold that tests it.
///
/// Source: López de Prado, Advances in Financial Machine Learning, ch. 12.
fn paths(folds: &[Judged]) -> Vec<Figure<Ratio>> {
    let mut tested: BTreeMap<usize, Vec<&[bool]>> = BTreeMap::new();
    for fold in folds {
        let mut rest = fold.right.as_slice();
        for [group, rows] in &fold.groups {
            let (of_group, after) = rest.split_at_checked(*rows).unwrap_or((rest, &[]));
            tested.entry(*group).or_default().push(of_group);
            rest = after;
        }
    }
    let histories = tested.values().map(Vec::len).min().unwrap_or(0);
    let history = |path: usize| {
        let rows = tested.values().filter_map(|folds| folds.get(path)).copied().flatten();
        share(accuracy(rows))
    };
    (0..histories).map(history).collect()
}

#[cfg(test)]
pub(crate) mod tests;
