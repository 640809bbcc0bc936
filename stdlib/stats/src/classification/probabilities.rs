//! Rows of class probabilities that have been looked at once and can be trusted since.

use crate::StatsError;

/// How far a row's sum may be from one: single-precision softmax is off by less than 1e-5.
const SUM_TOLERANCE: f64 = 1e-3;

/// Class probabilities `[rows, classes]`, row by row, in order of time.
///
/// Invariant: whole rows of at least two classes; every value finite and in `0..=1` (give or take
/// the tolerance), every row's sum within 1e-3 of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probabilities<'a> {
    values: &'a [f64],
    classes: usize,
}

impl<'a> Probabilities<'a> {
    /// `values` as rows of `classes`.
    ///
    /// # Errors
    /// When there are fewer than two classes, an incomplete row, a value that is no probability,
    /// or a row that does not sum to one. An evaluation must fail on them: a metric computed
    /// around a NaN would say something about other rows than it claims.
    pub fn new(values: &'a [f64], classes: usize) -> Result<Self, StatsError> {
        if classes < 2 {
            return Err(StatsError::Classes(classes));
        }
        if !values.len().is_multiple_of(classes) {
            return Err(StatsError::Shape { values: values.len(), classes });
        }
        for (row, probabilities) in values.chunks_exact(classes).enumerate() {
            let is_probability = |value: &&f64| (0.0..=1.0 + SUM_TOLERANCE).contains(*value);
            if let Some(value) = probabilities.iter().find(|value| !is_probability(value)) {
                return Err(StatsError::NotAProbability { row, value: *value });
            }
            let sum = probabilities.iter().sum::<f64>();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                return Err(StatsError::Sum { row, sum });
            }
        }
        Ok(Self { values, classes })
    }

    /// Classes in each row.
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// The most probable class of every row (the first of equals) and its probability.
    pub fn choices(&self) -> impl ExactSizeIterator<Item = (usize, f64)> + use<'a> {
        self.rows().map(most_probable)
    }

    /// The rows, in order.
    pub fn rows(&self) -> std::slice::ChunksExact<'a, f64> {
        self.values.chunks_exact(self.classes)
    }
}

fn most_probable(row: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for (class, probability) in row.iter().copied().enumerate() {
        if probability > best.1 {
            best = (class, probability);
        }
    }
    best
}
