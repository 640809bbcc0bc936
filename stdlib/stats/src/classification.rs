//! Metrics of a classifier that answers probabilities.

mod baseline;
mod confusion;
mod probabilities;
mod separation;

pub use baseline::{majority_accuracy, majority_class, persistence_accuracy};
pub use confusion::{ClassScore, Confusion, IllDefined};
pub use probabilities::Probabilities;

use crate::{BlockLength, Measured, Reason, StatsError};

/// Probabilities are held up to this before their logarithm is taken.
const LOG_FLOOR: f64 = 1e-15;
/// Equal-width bins of the calibration error.
const CALIBRATION_BINS: u32 = 15;

/// What scoring needs to know beside the rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scoring {
    /// The class that takes no direction; `None` when every class takes one.
    pub flat: Option<usize>,
    /// Length of the blocks in which rows count as one observation for the standard error.
    pub block: BlockLength,
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
    let (rows, classes) = (probabilities.rows().len(), probabilities.classes());
    if rows != labels.len() {
        return Err(StatsError::LabelCount { rows, labels: labels.len() });
    }
    let predicted: Vec<usize> = probabilities.choices().map(|(class, _)| class).collect();
    let confusion = Confusion::new(classes, labels, &predicted)?;
    let per_class: Vec<ClassScore> = (0..classes)
        .map(|class| confusion.score(class, separation::auc(probabilities, labels, class)))
        .collect();
    let right: Vec<f64> =
        labels.iter().zip(&predicted).map(|(label, class)| indicator(label == class)).collect();
    let directed: Vec<f64> = predicted
        .iter()
        .zip(&right)
        .filter(|(class, _)| Some(**class) != scoring.flat)
        .map(|(_, right)| *right)
        .collect();
    let weighted = |score: fn(&ClassScore) -> f64| {
        let total = per_class.iter().map(|class| score(class) * class.support as f64).sum::<f64>();
        Measured::ratio(total, rows as f64, Reason::NoObservations)
    };
    let of_rows = |measured: Measured<f64>| {
        if rows == 0 { Measured::Undefined(Reason::NoObservations) } else { measured }
    };
    let accuracy = mean(right.iter().copied());
    Ok(Classification {
        rows,
        accuracy,
        accuracy_error: accuracy.map(|share| (share * (1.0 - share) / rows as f64).sqrt()),
        accuracy_error_block: block_error(&right, scoring.block),
        precision_macro: of_rows(mean(per_class.iter().map(|class| class.precision))),
        recall_macro: of_rows(mean(per_class.iter().filter_map(|class| class.recall.defined()))),
        f1_macro: of_rows(mean(per_class.iter().map(|class| class.f1))),
        precision_weighted: weighted(|class| class.precision),
        f1_weighted: weighted(|class| class.f1),
        auc_macro: separation::auc_macro(&per_class),
        log_loss: mean(of_labels(probabilities, labels).map(|p| -p.max(LOG_FLOOR).ln())),
        brier: mean(probabilities.rows().zip(labels).map(|(row, label)| brier(row, *label))),
        calibration_error: calibration_error(probabilities, &right),
        mcc: confusion.mcc(),
        coverage: Measured::ratio(directed.len() as f64, rows as f64, Reason::NoObservations),
        directional_accuracy: if directed.is_empty() {
            of_rows(Measured::Undefined(Reason::NoDirection))
        } else {
            mean(directed.iter().copied())
        },
        ill_defined: confusion::ill_defined(&per_class),
        per_class,
        confusion,
    })
}

/// The probability that each row gave its label.
fn of_labels(
    probabilities: &Probabilities<'_>,
    labels: &[usize],
) -> impl ExactSizeIterator<Item = f64> {
    let of_label = |(row, label): (&[f64], &usize)| row.get(*label).copied().unwrap_or_default();
    probabilities.rows().zip(labels).map(of_label)
}

/// Squared distance of a row from certainty in `label`.
fn brier(row: &[f64], label: usize) -> f64 {
    let missing = |(class, p): (usize, &f64)| (p - indicator(class == label)).powi(2);
    row.iter().enumerate().map(missing).sum()
}

/// Mean over bins of confidence, by their rows, of how far confidence is from accuracy.
fn calibration_error(probabilities: &Probabilities<'_>, right: &[f64]) -> Measured<f64> {
    // Summed signed gap of each bin; its rows cancel against the weight.
    let mut gaps: Vec<f64> = (0..CALIBRATION_BINS).map(|_| 0.0).collect();
    for ((_, confidence), right) in probabilities.choices().zip(right) {
        let above = |bin: &u32| confidence > f64::from(bin + 1) / f64::from(CALIBRATION_BINS);
        let bin = (0..CALIBRATION_BINS - 1).take_while(above).count();
        if let Some(gap) = gaps.get_mut(bin) {
            *gap += right - confidence;
        }
    }
    let total = gaps.iter().map(|gap| gap.abs()).sum::<f64>();
    Measured::ratio(total, right.len() as f64, Reason::NoObservations)
}

/// Standard error of the mean of `values`, from means of complete blocks of rows.
fn block_error(values: &[f64], block: BlockLength) -> Measured<f64> {
    // A block longer than memory is never complete.
    let length = usize::try_from(block.bars().get()).unwrap_or(usize::MAX);
    let means: Vec<f64> = values
        .chunks_exact(length)
        .map(|block| block.iter().sum::<f64>() / length as f64)
        .collect();
    let found = means.len();
    if found < 2 {
        return Measured::Undefined(Reason::TooFew { needed: 2, found });
    }
    mean(means.iter().copied()).map(|centre| {
        let squares = means.iter().map(|mean| (mean - centre).powi(2)).sum::<f64>();
        (squares / (found as f64 - 1.0) / found as f64).sqrt()
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
