//! How well a class's probability separates it from the rest.

use super::{ClassScore, Probabilities, mean};
use crate::{Measured, Reason};

/// Area under the ROC curve of `class` against the rest, in `0..=1`: the probability that a row of
/// the class gets a higher probability of it than a row of the rest, ties counting half.
///
/// Mann and Whitney's U by mid-ranks. Undefined unless both sides occur.
pub(super) fn auc(
    probabilities: &Probabilities<'_>,
    labels: &[usize],
    class: usize,
) -> Measured<f64> {
    let mut scored: Vec<(f64, bool)> = probabilities
        .rows()
        .zip(labels)
        .filter_map(|(row, label)| Some((*row.get(class)?, *label == class)))
        .collect();
    scored.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let (mut before, mut positives, mut rank_sum) = (0.0, 0.0, 0.0);
    for ties in scored.chunk_by(|(a, _), (b, _)| a.total_cmp(b).is_eq()) {
        let size = ties.len() as f64;
        let of_class = ties.iter().filter(|(_, is_class)| *is_class).count() as f64;
        let mid_rank = before + 0.5 * (size + 1.0);
        rank_sum += mid_rank * of_class;
        positives += of_class;
        before += size;
    }
    let wins = rank_sum - 0.5 * positives * (positives + 1.0);
    Measured::ratio(wins, positives * (before - positives), Reason::OneClass)
}

/// Mean of the classes' areas, over those that have one.
pub(super) fn auc_macro(classes: &[ClassScore]) -> Measured<f64> {
    let occurring = classes.iter().filter(|class| class.support > 0).count();
    match occurring {
        0 => Measured::Undefined(Reason::NoObservations),
        1 => Measured::Undefined(Reason::OneClass),
        _ => mean(classes.iter().filter_map(|class| class.auc.defined())),
    }
}
