//! What one pass over the rows counts and sums.

use super::{Confidence, Confusion, Probabilities, indicator, mean};
use crate::{BlockLength, Measured, Reason, StatsError};

/// Probabilities are held up to this before their logarithm is taken.
const LOG_FLOOR: f64 = 1e-15;
/// Equal-width bins of the calibration error.
const CALIBRATION_BINS: usize = 15;

/// Figures of all rows together.
pub(super) struct Tally {
    pub(super) confusion: Confusion,
    pub(super) log_loss: Measured<f64>,
    pub(super) brier: Measured<f64>,
    pub(super) calibration_error: Measured<f64>,
    pub(super) confidences: Vec<Confidence>,
    pub(super) accuracy_error_block: Measured<f64>,
}

/// Counts `labels` `[rows]` against the rows of `probabilities`, with rows of a `block` in time as
/// one observation for the standard error of accuracy.
pub(super) fn count(
    probabilities: &Probabilities<'_>,
    labels: &[usize],
    block: BlockLength,
) -> Result<Tally, StatsError> {
    let mut confusion = Confusion::new(probabilities.classes());
    let mut calibration = Calibration::new();
    // A block longer than memory is never complete.
    let mut blocks = Blocks::new(usize::try_from(block.bars().get()).unwrap_or(usize::MAX));
    let (mut log_loss, mut brier) = (0.0, 0.0);
    let choices = probabilities.choices();
    for (row, ((values, label), (class, confidence))) in
        probabilities.rows().zip(labels).zip(choices).enumerate()
    {
        confusion.count_row(row, *label, class)?;
        let right = indicator(*label == class);
        calibration.add(confidence, right);
        blocks.add(right);
        let of_label = values.get(*label).copied().unwrap_or_default();
        log_loss -= of_label.max(LOG_FLOOR).ln();
        brier += distance_from_certainty(values, *label);
    }
    let per_row = |sum: f64| Measured::ratio(sum, labels.len() as f64, Reason::NoObservations);
    Ok(Tally {
        confusion,
        log_loss: per_row(log_loss),
        brier: per_row(brier),
        calibration_error: per_row(calibration.gap()),
        confidences: calibration.bins(),
        accuracy_error_block: blocks.error(),
    })
}

/// Squared distance of a row from certainty in `label`.
fn distance_from_certainty(row: &[f64], label: usize) -> f64 {
    let missing = |(class, p): (usize, &f64)| {
        let off = p - indicator(class == label);
        off * off
    };
    row.iter().enumerate().map(missing).sum()
}

/// How far confidence is from accuracy, bin by bin of confidence.
struct Calibration {
    /// Upper ends of all bins but the last, which are part of them.
    ends: [f64; CALIBRATION_BINS - 1],
    /// Summed signed gap of each bin; its rows cancel against the bin's weight.
    gaps: [f64; CALIBRATION_BINS],
    /// Rows, summed confidence and rows that were right of each bin.
    sums: [(usize, f64, usize); CALIBRATION_BINS],
}

impl Calibration {
    fn new() -> Self {
        let end = |bin: usize| (bin + 1) as f64 / CALIBRATION_BINS as f64;
        Self {
            ends: std::array::from_fn(end),
            gaps: [0.0; CALIBRATION_BINS],
            sums: [(0, 0.0, 0); CALIBRATION_BINS],
        }
    }

    fn add(&mut self, confidence: f64, right: f64) {
        let bin = self.ends.partition_point(|end| *end < confidence);
        if let Some(gap) = self.gaps.get_mut(bin) {
            *gap += right - confidence;
        }
        if let Some((rows, sum, of_them_right)) = self.sums.get_mut(bin) {
            *rows += 1;
            *sum += confidence;
            *of_them_right += usize::from(right > 0.5);
        }
    }

    /// The bins that have rows.
    fn bins(&self) -> Vec<Confidence> {
        let width = 1.0 / CALIBRATION_BINS as f64;
        let bin = |(at, (rows, sum, right)): (usize, &(usize, f64, usize))| Confidence {
            above: at as f64 * width,
            to: (at + 1) as f64 * width,
            rows: *rows,
            mean: sum / *rows as f64,
            accuracy: *right as f64 / *rows as f64,
        };
        self.sums.iter().enumerate().filter(|(_, (rows, ..))| *rows > 0).map(bin).collect()
    }

    fn gap(&self) -> f64 {
        self.gaps.iter().map(|gap| gap.abs()).sum()
    }
}

/// Means of complete blocks of consecutive rows.
struct Blocks {
    length: usize,
    means: Vec<f64>,
    /// Sum and rows of the block that is not complete yet.
    open: (f64, usize),
}

impl Blocks {
    const fn new(length: usize) -> Self {
        Self { length, means: Vec::new(), open: (0.0, 0) }
    }

    fn add(&mut self, value: f64) {
        let (sum, rows) = (self.open.0 + value, self.open.1 + 1);
        self.open = if rows == self.length {
            self.means.push(sum / rows as f64);
            (0.0, 0)
        } else {
            (sum, rows)
        };
    }

    /// Standard error of the mean of all rows.
    fn error(&self) -> Measured<f64> {
        let found = self.means.len();
        if found < 2 {
            return Measured::Undefined(Reason::TooFew { needed: 2, found });
        }
        mean(self.means.iter().copied()).map(|centre| {
            let squares = self.means.iter().map(|mean| (mean - centre).powi(2)).sum::<f64>();
            (squares / (found as f64 - 1.0) / found as f64).sqrt()
        })
    }
}
