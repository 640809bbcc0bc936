//! What a model has to beat to have learned anything.

use super::{indicator, mean};
use crate::Measured;
use std::num::NonZeroUsize;

/// The most frequent of `labels`, the lowest of equals; `None` without labels.
pub fn majority_class(labels: &[usize]) -> Option<usize> {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    let mut best: Option<(usize, usize)> = None;
    for same in sorted.chunk_by(|a, b| a == b) {
        if let Some(class) = same.first()
            && best.is_none_or(|(_, count)| same.len() > count)
        {
            best = Some((*class, same.len()));
        }
    }
    best.map(|(class, _)| class)
}

/// Accuracy on `labels` of always answering `majority_class_of_train`, in `0..=1`.
pub fn majority_accuracy(majority_class_of_train: usize, labels: &[usize]) -> Measured<f64> {
    mean(labels.iter().map(|label| indicator(*label == majority_class_of_train)))
}

/// Accuracy of repeating the last label that is known: that of `horizon` bars ago.
///
/// `labels` `[rows]`: one a bar, in order of time. The first `horizon` rows have nothing to repeat
/// and are not scored.
pub fn persistence_accuracy(labels: &[usize], horizon: NonZeroUsize) -> Measured<f64> {
    let later = labels.iter().skip(horizon.get());
    mean(later.zip(labels).map(|(label, known)| indicator(label == known)))
}
