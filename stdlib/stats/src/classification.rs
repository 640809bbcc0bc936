//! Metrics of a classifier that answers probabilities.

mod baseline;
mod confusion;
mod probabilities;
mod separation;
mod tally;

pub use baseline::{majority_accuracy, majority_class, persistence_accuracy};
pub use confusion::{ClassScore, Confusion, IllDefined};
pub use probabilities::Probabilities;

use crate::{BlockLength, Measured, Reason, StatsError};
use tally::Tally;

/// What scoring needs to know beside the rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scoring {
    /// The class that takes no direction; `None` when every class takes one.
    pub flat: Option<usize>,
    /// Length of the blocks in which rows count as one observation for the standard error.
    pub block: BlockLength,
}

/// The rows whose most probable class was given about the same probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// The lower end of the bin, which is not part of it; 0 is.
    pub above: f64,
    /// The upper end, which is.
    pub to: f64,
    /// Rows, at least one.
    pub rows: usize,
    /// The mean probability given to the most probable class.
    pub mean: f64,
    /// The share of rows whose label that class was.
    pub accuracy: f64,
}

/// Metrics of a classifier on labelled rows. Shares are in `0..=1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// Rows scored.
    pub rows: usize,
    /// Share of rows whose most probable class (the first of equals) is the label.
    pub accuracy: Measured<f64>,
    /// Standard error of accuracy as if rows were independent.
    pub accuracy_error: Measured<f64>,
    /// Standard error of accuracy from means of complete blocks, which allows for overlapping
    /// labels; needs two blocks.
    pub accuracy_error_block: Measured<f64>,
    /// Mean precision over all classes; 0 for a class never predicted, which `ill_defined` names.
    pub precision_macro: Measured<f64>,
    /// Mean recall over the classes that occur.
    pub recall_macro: Measured<f64>,
    /// Mean F1 over all classes.
    pub f1_macro: Measured<f64>,
    /// Precision averaged by the classes' occurrences.
    pub precision_weighted: Measured<f64>,
    /// F1 averaged by the classes' occurrences. (Recall so averaged is accuracy.)
    pub f1_weighted: Measured<f64>,
    /// Mean one-versus-rest area under the ROC curve over the classes that separate anything.
    pub auc_macro: Measured<f64>,
    /// Mean cross-entropy in nats.
    pub log_loss: Measured<f64>,
    /// Mean squared distance of the probabilities from the truth, summed over classes, `0..=2`.
    pub brier: Measured<f64>,
    /// Expected calibration error of the most probable class, 15 equal-width bins.
    pub calibration_error: Measured<f64>,
    /// The bins of the calibration error that have rows, the least sure first.
    pub confidences: Vec<Confidence>,
    /// Matthews' correlation coefficient (Gorodkin's for many classes), in `-1..=1`.
    pub mcc: Measured<f64>,
    /// Share of rows predicted other than flat.
    pub coverage: Measured<f64>,
    /// Share of right predictions among those other than flat.
    pub directional_accuracy: Measured<f64>,
    /// Scores of each class, in order.
    pub per_class: Vec<ClassScore>,
    /// Truth against prediction.
    pub confusion: Confusion,
    /// What makes an average above less than it seems.
    pub ill_defined: Vec<IllDefined>,
}

/// Scores `probabilities` `[rows, classes]` against `labels` `[rows]`, both in order of time.
///
/// Without rows every figure is undefined.
///
/// # Errors
/// When there are not as many labels as rows, or a label names no class.
///
/// Source: workflow §6.1. Agrees with scikit-learn to 1e-12, but for macro recall and AUC, which
/// leave out classes that do not occur, and MCC, which is undefined where scikit-learn says 0.
pub fn classify(
    probabilities: &Probabilities<'_>,
    labels: &[usize],
    scoring: Scoring,
) -> Result<Classification, StatsError> {
    let rows = probabilities.rows().len();
    if rows != labels.len() {
        return Err(StatsError::LabelCount { rows, labels: labels.len() });
    }
    let Tally { confusion, log_loss, brier, calibration_error, confidences, accuracy_error_block } =
        tally::count(probabilities, labels, scoring.block)?;
    let areas = separation::areas(probabilities, labels);
    let per_class: Vec<ClassScore> =
        areas.into_iter().enumerate().map(|(class, auc)| confusion.score(class, auc)).collect();
    let of_rows = |measured: Measured<f64>| {
        if rows == 0 { Measured::Undefined(Reason::NoObservations) } else { measured }
    };
    let share = |count: usize| Measured::ratio(count as f64, rows as f64, Reason::NoObservations);
    let weighted = |score: fn(&ClassScore) -> f64| {
        let total = per_class.iter().map(|class| score(class) * class.support as f64).sum::<f64>();
        Measured::ratio(total, rows as f64, Reason::NoObservations)
    };
    let takes_direction = |class: &usize| Some(*class) != scoring.flat;
    let sum_directed = |count: &dyn Fn(usize) -> usize| -> usize {
        (0..probabilities.classes()).filter(takes_direction).map(count).sum()
    };
    let directed = sum_directed(&|class| confusion.predicted(class));
    let directed_right = sum_directed(&|class| confusion.count(class, class));
    let accuracy = share((0..probabilities.classes()).map(|c| confusion.count(c, c)).sum());
    Ok(Classification {
        rows,
        accuracy,
        accuracy_error: accuracy.map(|share| (share * (1.0 - share) / rows as f64).sqrt()),
        accuracy_error_block,
        precision_macro: of_rows(mean(per_class.iter().map(|class| class.precision))),
        recall_macro: of_rows(mean(per_class.iter().filter_map(|class| class.recall.defined()))),
        f1_macro: of_rows(mean(per_class.iter().map(|class| class.f1))),
        precision_weighted: weighted(|class| class.precision),
        f1_weighted: weighted(|class| class.f1),
        auc_macro: separation::auc_macro(&per_class),
        log_loss,
        brier,
        calibration_error,
        confidences,
        mcc: confusion.mcc(),
        coverage: share(directed),
        directional_accuracy: of_rows(Measured::ratio(
            directed_right as f64,
            directed as f64,
            Reason::NoDirection,
        )),
        ill_defined: confusion::ill_defined(&per_class),
        per_class,
        confusion,
    })
}

/// Mean of `values`; undefined without any.
fn mean(values: impl Iterator<Item = f64>) -> Measured<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    Measured::ratio(sum, count as f64, Reason::NoObservations)
}

/// 1 where `holds`, else 0.
fn indicator(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests;
