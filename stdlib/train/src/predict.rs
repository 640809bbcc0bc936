//! Asking a fitted network: raw windows in, probabilities out.

#[cfg(test)]
mod tests;

use rayon::prelude::*;
use suho_domain::Fault;

use crate::architecture::Architecture;
use crate::network::Network;
use crate::onnx::{GraphError, OnnxGraph};
use crate::random::narrow;
use crate::samples::{Samples, SamplesError, check_windows, gather};
use crate::scaler::{Scaler, ScalerError};

/// Windows computed together while fitting. Twice as fast as one by one, but the products of a larger
/// batch are summed in another order, so that the last bits differ.
const TOGETHER: usize = 16;

/// What answers: networks of ours with the scaler they were trained behind, or a graph of another program.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictor(Mind);

#[derive(Clone, Debug, PartialEq)]
enum Mind {
    Networks(Networks),
    Graph(OnnxGraph),
}

/// A network, or several whose mean counts, behind one scaler.
///
/// Invariant: one network or more, all of the shape `architecture`; the scaler has their features.
#[derive(Clone, Debug, PartialEq)]
struct Networks {
    architecture: Architecture,
    members: Vec<Network>,
    scaler: Scaler,
}

impl Predictor {
    /// Puts the two together.
    ///
    /// # Errors
    /// When the scaler has another number of features than the network.
    pub fn new(network: Network, scaler: Scaler) -> Result<Self, PredictError> {
        Self::of_several(vec![network], scaler)
    }

    /// Puts several networks behind one scaler: what they answer is the mean of their probabilities.
    ///
    /// # Errors
    /// When there is none, one has another shape than the first, or the scaler has another number of
    /// features.
    pub fn of_several(networks: Vec<Network>, scaler: Scaler) -> Result<Self, PredictError> {
        let architecture = networks.first().ok_or(PredictError::Members)?.architecture().clone();
        if networks.iter().any(|network| *network.architecture() != architecture) {
            return Err(PredictError::Members);
        }
        let (scaled, read) = (scaler.features().len(), architecture.inputs());
        if scaled == read {
            Ok(Self(Mind::Networks(Networks { architecture, members: networks, scaler })))
        } else {
            Err(PredictError::Features { scaled, read })
        }
    }

    /// What `graph` answers.
    pub const fn of_graph(graph: OnnxGraph) -> Self {
        Self(Mind::Graph(graph))
    }

    /// The networks, one or more; none where a graph answers.
    pub fn networks(&self) -> &[Network] {
        match &self.0 {
            Mind::Networks(own) => &own.members,
            Mind::Graph(_) => &[],
        }
    }

    /// The networks' shape; none where a graph answers.
    pub const fn architecture(&self) -> Option<&Architecture> {
        match &self.0 {
            Mind::Networks(own) => Some(&own.architecture),
            Mind::Graph(_) => None,
        }
    }

    /// What the inputs are scaled by; none where a graph answers, whose own affair it is.
    pub const fn scaler(&self) -> Option<&Scaler> {
        match &self.0 {
            Mind::Networks(own) => Some(&own.scaler),
            Mind::Graph(_) => None,
        }
    }

    /// The graph that answers, where it is one.
    pub const fn graph(&self) -> Option<&OnnxGraph> {
        match &self.0 {
            Mind::Networks(_) => None,
            Mind::Graph(graph) => Some(graph),
        }
    }

    /// Bars in one window.
    pub fn sequence(&self) -> usize {
        match &self.0 {
            Mind::Networks(own) => own.architecture.sequence(),
            Mind::Graph(graph) => graph.sequence(),
        }
    }

    /// Features of one bar.
    pub fn inputs(&self) -> usize {
        match &self.0 {
            Mind::Networks(own) => own.architecture.inputs(),
            Mind::Graph(graph) => graph.features().len(),
        }
    }

    /// The classes, in the order of the probabilities.
    pub fn classes(&self) -> &[String] {
        match &self.0 {
            Mind::Networks(own) => own.architecture.classes(),
            Mind::Graph(graph) => graph.classes(),
        }
    }

    /// How many numbers were learnt.
    pub fn parameters(&self) -> usize {
        match &self.0 {
            Mind::Networks(own) => own.architecture.parameters() * own.members.len(),
            Mind::Graph(graph) => graph.parameters(),
        }
    }

    /// The probability of each class after `window` `[sequence, feature]`, raw, first bar first.
    ///
    /// # Errors
    /// When the window has another shape, or when the answer is not finite, as it is for a window that
    /// holds a value that is not.
    pub fn predict(&self, window: &[f64]) -> Result<Probabilities, PredictError> {
        let expected = self.sequence() * self.inputs();
        if window.len() != expected {
            return Err(PredictError::Window { values: window.len(), expected });
        }
        let own = match &self.0 {
            Mind::Networks(own) => own,
            Mind::Graph(graph) => return Probabilities::of_graph(graph, window, 0),
        };
        let scaled = own.scaler.transform(window)?;
        let logits = |network: &Network| network.logits(scaled.clone(), 1);
        let each: Vec<Vec<f32>> = own.members.iter().map(logits).collect();
        let each: Vec<&[f32]> = each.iter().map(Vec::as_slice).collect();
        Probabilities::mean(&each).ok_or(PredictError::NotFinite { window: 0 })
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
        let (features, sequence) = (self.inputs(), self.sequence());
        check_windows(features, sequence, rows.len(), ends)?;
        let own = match &self.0 {
            Mind::Networks(own) => own,
            Mind::Graph(graph) => {
                let answer = |(window, end): (usize, &usize)| {
                    let last = (end + 1) * features;
                    let seen = rows.get(last - sequence * features..last).unwrap_or_default();
                    Probabilities::of_graph(graph, seen, window)
                };
                return ends.par_iter().enumerate().map(answer).collect();
            }
        };
        let scaled = own.scaler.transform(rows)?;
        let of = |network: &Network| logits_of(network, &scaled, ends, 1);
        let all: Vec<Vec<f32>> = own.members.iter().map(of).collect();
        let classes = own.architecture.classes().len();
        let mut each: Vec<_> = all.iter().map(|logits| logits.chunks_exact(classes)).collect();
        let mut answers = Vec::with_capacity(ends.len());
        for window in 0..ends.len() {
            let logits: Vec<&[f32]> = each.iter_mut().filter_map(Iterator::next).collect();
            answers.push(Probabilities::mean(&logits).ok_or(PredictError::NotFinite { window })?);
        }
        Ok(answers)
    }

    /// The mean cross-entropy, in nats, and the accuracy, `0..=1`, of the answers to the windows of `rows`
    /// that end with `ends`, whose classes are `labels`.
    ///
    /// # Errors
    /// As [`predict_many`](Self::predict_many).
    pub fn assess(
        &self,
        rows: &[f64],
        ends: &[usize],
        labels: &[u8],
    ) -> Result<(f64, f64), PredictError> {
        let answers = self.predict_many(rows, ends)?;
        let (mut loss, mut right) = (0.0, 0_usize);
        for (answer, label) in answers.iter().zip(labels) {
            let label = usize::from(*label);
            let of_label = answer.as_slice().get(label).copied().unwrap_or(f32::NAN);
            loss -= f64::from(of_label.max(f32::MIN_POSITIVE)).ln();
            right += usize::from(answer.class() == label);
        }
        let count = ends.len() as f64;
        Ok((loss / count, right as f64 / count))
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

    /// What `graph` answers to `window`, number `at` of those asked about.
    fn of_graph(graph: &OnnxGraph, window: &[f64], at: usize) -> Result<Self, PredictError> {
        let answer =
            graph.answer(window).map_err(|source| PredictError::Graph { window: at, source })?;
        let sum: f64 = answer.iter().sum();
        Ok(Self(answer.into_iter().map(|share| narrow(share / sum)).collect()))
    }

    /// The mean of what the logits of several networks come to; nothing when one is not finite.
    fn mean(logits: &[&[f32]]) -> Option<Self> {
        let each: Option<Vec<Self>> =
            logits.iter().map(|logits| Self::from_logits(logits)).collect();
        let mut each = each?;
        if each.len() == 1 {
            return each.pop();
        }
        let classes = each.first()?.0.len();
        let of = |class: usize| {
            let sum: f64 =
                each.iter().filter_map(|it| it.0.get(class)).copied().map(f64::from).sum();
            narrow(sum / each.len() as f64)
        };
        Some(Self((0..classes).map(of).collect()))
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
        loss += row_loss(logits, label);
        right += usize::from(most(logits) == label);
    }
    let count = samples.len() as f64;
    (loss / count, right as f64 / count)
}

/// The cross-entropy of each of `samples`, in nats, in their order: what [`assess`] takes the mean of.
pub fn row_losses(network: &Network, samples: &Samples) -> Vec<f64> {
    let classes = network.architecture().classes().len();
    let logits = logits_of(network, samples.rows(), samples.ends(), TOGETHER);
    let rows = logits.chunks_exact(classes).zip(samples.labels());
    rows.map(|(logits, label)| row_loss(logits, usize::from(*label))).collect()
}

fn row_loss(logits: &[f32], label: usize) -> f64 {
    let (_, sum) = exponentials(logits);
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let of_label = logits.get(label).copied().unwrap_or(f32::NAN);
    sum.ln() + f64::from(top) - f64::from(of_label)
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
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PredictError {
    /// Network and scaler do not belong together. `World`: they were stored so.
    #[error("the scaler has {scaled} features and the network reads {read}")]
    Features {
        /// The scaler's.
        scaled: usize,
        /// The network's.
        read: usize,
    },
    /// Several networks that are not of one shape, or none. `World`: they were stored so.
    #[error("the networks are not of one shape")]
    Members,
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
    /// A graph of another program has none. `User`: whoever wrote it.
    #[error("the graph has no answer for window {window}")]
    Graph {
        /// The window's place among those asked about, from 0.
        window: usize,
        /// Why.
        #[source]
        source: GraphError,
    },
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
            Self::Features { .. } | Self::Members => Fault::World,
            Self::Window { .. } | Self::NotFinite { .. } | Self::Graph { .. } => Fault::User,
            Self::Windows(_) | Self::Scale(_) => Fault::Bug,
        }
    }
}
