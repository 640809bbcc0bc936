//! Asking a fitted network: raw windows in, probabilities out.

#[cfg(test)]
mod tests;

use rayon::prelude::*;
use suho_domain::Fault;

use crate::network::Network;
use crate::random::narrow;
use crate::samples::{Samples, SamplesError, check_windows, gather};
use crate::scaler::{Scaler, ScalerError};

/// Windows computed together while fitting. Twice as fast as one by one, but the products of a larger
/// batch are summed in another order, so that the last bits differ.
const TOGETHER: usize = 16;

/// A network with the scaler it was trained behind.
///
/// Invariant: the scaler has the network's features.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictor {
    network: Network,
    scaler: Scaler,
}

impl Predictor {
    /// Puts the two together.
    ///
    /// # Errors
    /// When the scaler has another number of features than the network.
    pub fn new(network: Network, scaler: Scaler) -> Result<Self, PredictError> {
        let (scaled, read) = (scaler.features().len(), network.architecture().inputs());
        if scaled == read {
            Ok(Self { network, scaler })
        } else {
            Err(PredictError::Features { scaled, read })
        }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The scaler.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// The probability of each class after `window` `[sequence, feature]`, raw, first bar first.
    ///
    /// # Errors
    /// When the window has another shape, or when the answer is not finite, as it is for a window that
    /// holds a value that is not.
    pub fn predict(&self, window: &[f64]) -> Result<Probabilities, PredictError> {
        let architecture = self.network.architecture();
        let expected = architecture.sequence() * architecture.inputs();
        if window.len() != expected {
            return Err(PredictError::Window { values: window.len(), expected });
        }
        let scaled = self.scaler.transform(window)?;
        let logits = self.network.logits(scaled, 1);
        Probabilities::from_logits(&logits).ok_or(PredictError::NotFinite { window: 0 })
    }

    /// The probabilities after each of the windows of `rows` `[bar, feature]`, raw, that end with the
    /// bars `ends`, counted from 0; in the order of `ends`, on all of the process's threads.
    ///
    /// Each answer is that of [`predict`](Self::predict) to the last bit: what was evaluated is what
    /// serves.
    ///
    /// # Errors
    /// As for [`predict`](Self::predict), and when a window is not inside the rows.
    pub fn predict_many(
        &self,
        rows: &[f64],
        ends: &[usize],
    ) -> Result<Vec<Probabilities>, PredictError> {
        let architecture = self.network.architecture();
        let (features, sequence) = (architecture.inputs(), architecture.sequence());
        check_windows(features, sequence, rows.len(), ends)?;
        let scaled = self.scaler.transform(rows)?;
        logits_of(&self.network, &scaled, ends, 1)
            .chunks_exact(architecture.classes().len())
            .enumerate()
            .map(|(window, logits)| {
                Probabilities::from_logits(logits).ok_or(PredictError::NotFinite { window })
            })
            .collect()
    }
}

/// One probability a class, in the order of the architecture's classes.
///
/// Invariant: each in `0..=1`, and their sum 1 to within 10⁻⁶.
#[derive(Clone, Debug, PartialEq)]
pub struct Probabilities(Vec<f32>);

impl Probabilities {
    /// Softmax; nothing when a logit is not finite.
    fn from_logits(logits: &[f32]) -> Option<Self> {
        if !logits.iter().all(|logit| logit.is_finite()) {
            return None;
        }
        let (of, sum) = exponentials(logits);
        Some(Self(of.into_iter().map(|exponential| narrow(exponential / sum)).collect()))
    }

    /// The largest difference of a probability between two rows of logits; not a number where one of
    /// them is not.
    pub(crate) fn furthest(theirs: &[f32], ours: &[f32]) -> f32 {
        match (Self::from_logits(theirs), Self::from_logits(ours)) {
            (Some(theirs), Some(ours)) => {
                let off = theirs.0.iter().zip(&ours.0).map(|(theirs, ours)| (theirs - ours).abs());
                off.fold(0.0, f32::max)
            }
            _ => f32::NAN,
        }
    }

    /// The probabilities.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The most probable class, as an index; the first of equals.
    pub fn class(&self) -> usize {
        most(&self.0)
    }
}

/// The mean cross-entropy, in nats, and the accuracy, `0..=1`, of `network` on `samples`; the loss is not
/// finite where an answer is not.
pub fn assess(network: &Network, samples: &Samples) -> (f64, f64) {
    let classes = network.architecture().classes().len();
    let (mut loss, mut right) = (0.0, 0_usize);
    let logits = logits_of(network, samples.rows(), samples.ends(), TOGETHER);
    for (logits, label) in logits.chunks_exact(classes).zip(samples.labels()) {
        let label = usize::from(*label);
        let (_, sum) = exponentials(logits);
        let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let of_label = logits.get(label).copied().unwrap_or(f32::NAN);
        loss += sum.ln() + f64::from(top) - f64::from(of_label);
        right += usize::from(most(logits) == label);
    }
    let count = samples.len() as f64;
    (loss / count, right as f64 / count)
}

/// The output's sums, `[ends, classes]`, for windows of `rows` `[bar, feature]`, scaled; computed
/// `together` at a time, 1 or more.
fn logits_of(network: &Network, rows: &[f32], ends: &[usize], together: usize) -> Vec<f32> {
    let architecture = network.architecture();
    let (features, sequence) = (architecture.inputs(), architecture.sequence());
    ends.par_chunks(together)
        .flat_map_iter(|ends| network.logits(gather(rows, features, sequence, ends), ends.len()))
        .collect()
}

/// eˣ over the largest eˣ, and the sum of these: softmax without overflow, in f64. Not a number where a
/// logit is not.
fn exponentials(logits: &[f32]) -> (Vec<f64>, f64) {
    let top = logits.iter().copied().map(f64::from).fold(f64::NEG_INFINITY, f64::max);
    let of: Vec<f64> = logits.iter().map(|logit| (f64::from(*logit) - top).exp()).collect();
    let sum = of.iter().sum();
    (of, sum)
}

/// The index of the largest, the first of equals.
pub(crate) fn most(values: &[f32]) -> usize {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter().position(|value| *value >= largest).unwrap_or(0)
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PredictError {
    /// Network and scaler do not belong together. `World`: they were stored so.
    #[error("the scaler has {scaled} features and the network reads {read}")]
    Features {
        /// The scaler's.
        scaled: usize,
        /// The network's.
        read: usize,
    },
    /// A window of another shape. `User`.
    #[error("a window has {expected} values, not {values}")]
    Window {
        /// The values given.
        values: usize,
        /// Those of a window.
        expected: usize,
    },
    /// Windows that are not inside their rows. `Bug`.
    #[error("cannot look at the windows")]
    Windows(#[from] SamplesError),
    /// Rows that are none. `Bug`.
    #[error("cannot scale the rows")]
    Scale(#[from] ScalerError),
    /// The answer is not a finite number. `User`: the window holds a value that is not, or one so large
    /// that it overflows.
    #[error("the answer for window {window} is not finite")]
    NotFinite {
        /// The window's place among those asked about, from 0.
        window: usize,
    },
}

impl PredictError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Features { .. } => Fault::World,
            Self::Window { .. } | Self::NotFinite { .. } => Fault::User,
            Self::Windows(_) | Self::Scale(_) => Fault::Bug,
        }
    }
}
