//! How well a class's probability separates it from the rest.

use super::{ClassScore, Probabilities, mean};
use crate::mann_whitney::wins;
use crate::sample::key;
use crate::{Measured, Reason};

/// Area under the ROC curve of each class against the rest, in `0..=1`: the probability that a row
/// of the class gets a higher probability of it than a row of the rest, ties counting half.
///
/// Mann and Whitney's U. Undefined unless both sides occur.
pub(super) fn areas(probabilities: &Probabilities<'_>, labels: &[usize]) -> Vec<Measured<f64>> {
    (0..probabilities.classes()).map(|class| area(probabilities, labels, class)).collect()
}

fn area(probabilities: &Probabilities<'_>, labels: &[usize], class: usize) -> Measured<f64> {
    // As bits, which sort faster than floats do and in the same order.
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for (row, label) in probabilities.rows().zip(labels) {
        let key = key(row.get(class).copied().unwrap_or_default());
        if *label == class { own.push(key) } else { others.push(key) }
    }
    own.sort_unstable();
    others.sort_unstable();
    let pairs = own.len() as f64 * others.len() as f64;
    Measured::ratio(wins(&own, &others), pairs, Reason::OneClass)
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
