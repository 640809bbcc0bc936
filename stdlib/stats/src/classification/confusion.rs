//! Truth against prediction, counted.

use crate::{Measured, Reason, StatsError};

/// How often each class was taken for each.
///
/// Invariant: `classes × classes` counts, row by row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Confusion {
    classes: usize,
    counts: Vec<usize>,
}

/// Scores of one class against the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScore {
    /// Rows of this class.
    pub support: usize,
    /// Rows predicted as this class.
    pub predicted: usize,
    /// Share of the predicted that are; 0 when none is predicted, which [`IllDefined`] says.
    pub precision: f64,
    /// Share of the rows of this class that are predicted so; undefined when there are none.
    pub recall: Measured<f64>,
    /// Harmonic mean of precision and recall, 0 when either is 0 or missing.
    pub f1: f64,
    /// Area under the ROC curve against all other classes; undefined unless both sides occur.
    pub auc: Measured<f64>,
}

/// Why an average over classes is less than it seems.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IllDefined {
    /// Its precision counts as 0 in the averages.
    NeverPredicted {
        /// The class.
        class: usize,
    },
    /// It is left out of the averages of recall and AUC.
    AbsentFromTruth {
        /// The class.
        class: usize,
    },
}

impl Confusion {
    /// Nothing counted yet.
    pub(super) fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// Counts the `row` of class `label` that was predicted as `class`, which is one of the classes.
    pub(super) fn count_row(
        &mut self,
        row: usize,
        label: usize,
        class: usize,
    ) -> Result<(), StatsError> {
        match self.counts.get_mut(label.saturating_mul(self.classes).saturating_add(class)) {
            Some(count) if label < self.classes => *count += 1,
            _ => return Err(StatsError::Label { row, label, classes: self.classes }),
        }
        Ok(())
    }

    /// Rows of class `truth` that were predicted as class `predicted`; 0 for classes unheard of.
    pub fn count(&self, truth: usize, predicted: usize) -> usize {
        if predicted >= self.classes {
            return 0;
        }
        let cell = truth.saturating_mul(self.classes).saturating_add(predicted);
        self.counts.get(cell).copied().unwrap_or_default()
    }

    /// One row of counts a class of truth; its columns are the predicted classes.
    pub fn rows(&self) -> impl Iterator<Item = &[usize]> {
        self.counts.chunks_exact(self.classes)
    }

    fn support(&self, class: usize) -> usize {
        (0..self.classes).map(|predicted| self.count(class, predicted)).sum()
    }

    pub(super) fn predicted(&self, class: usize) -> usize {
        (0..self.classes).map(|truth| self.count(truth, class)).sum()
    }

    /// Scores of `class`, with the `auc` found elsewhere.
    pub(super) fn score(&self, class: usize, auc: Measured<f64>) -> ClassScore {
        let (support, predicted) = (self.support(class), self.predicted(class));
        let right = self.count(class, class) as f64;
        let share = |of: usize| if of == 0 { 0.0 } else { right / of as f64 };
        let both = (support + predicted) as f64;
        ClassScore {
            support,
            predicted,
            precision: share(predicted),
            recall: Measured::ratio(right, support as f64, Reason::NoObservations),
            f1: if both == 0.0 { 0.0 } else { 2.0 * right / both },
            auc,
        }
    }

    /// Gorodkin's correlation of truth and prediction; undefined when either is all one class.
    pub(super) fn mcc(&self) -> Measured<f64> {
        let total = self.counts.iter().sum::<usize>() as f64;
        if total == 0.0 {
            return Measured::Undefined(Reason::NoObservations);
        }
        // As shares, so that a million rows squared keep their digits.
        let (mut right, mut chance, mut truths, mut guesses) = (0.0, 0.0, 0.0, 0.0);
        for class in 0..self.classes {
            let truth = self.support(class) as f64 / total;
            let guess = self.predicted(class) as f64 / total;
            right += self.count(class, class) as f64 / total;
            chance += truth * guess;
            truths += truth * truth;
            guesses += guess * guess;
        }
        let is_one_class = |count: fn(&Self, usize) -> usize| {
            (0..self.classes).filter(|class| count(self, *class) > 0).count() < 2
        };
        if is_one_class(Self::support) || is_one_class(Self::predicted) {
            return Measured::Undefined(Reason::OneClass);
        }
        Measured::finite((right - chance) / ((1.0 - truths) * (1.0 - guesses)).sqrt())
    }
}

/// What the scores of `classes` lack.
pub(super) fn ill_defined(classes: &[ClassScore]) -> Vec<IllDefined> {
    let mut found = Vec::new();
    for (class, score) in classes.iter().enumerate() {
        if score.predicted == 0 {
            found.push(IllDefined::NeverPredicted { class });
        }
        if score.support == 0 {
            found.push(IllDefined::AbsentFromTruth { class });
        }
    }
    found
}
