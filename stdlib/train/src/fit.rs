//! Fitting: from samples and settings to the weights that were best on the validation samples.
//!
//! One thread decides; the kernel spreads its products over the process's threads without changing a
//! bit. Equal inputs give equal weights, to the last bit, on one machine.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use suho_domain::Fault;

use crate::architecture::Architecture;
use crate::graph::{Batch, Learner, TensorFault};
use crate::network::Network;
use crate::predict::assess;
use crate::random::{Purpose, Stream, narrow};
use crate::samples::Samples;

/// How to fit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fitting {
    /// Windows in a step, 1 or more; the last step of an epoch takes what is left.
    pub batch_size: usize,
    /// Passes over the training samples at most, 1 or more.
    pub epochs: usize,
    /// Length of a step, above 0.
    pub learning_rate: f64,
    /// How a gradient becomes a step.
    pub optimizer: Optimizer,
    /// When to stop before the last epoch; never when absent.
    #[serde(default)]
    pub early_stopping: Option<Patience>,
    /// From which initial weights, orders and dropped outputs are drawn.
    pub seed: u64,
    /// A weight above 0 for each class, in the architecture's order; all 1 when absent.
    #[serde(default)]
    pub class_weights: Option<Vec<f32>>,
}

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Kingma & Ba (2015).
    Adam(Adam),
}

/// Adam's settings. The default is that of its authors: 0.9, 0.999, 10⁻⁸.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// How long the mean of gradients remembers, in `0..1`.
    pub beta1: f32,
    /// How long the mean of their squares remembers, in `0..1`.
    pub beta2: f32,
    /// Kept under the fraction bar, above 0.
    pub epsilon: f32,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }
}

/// When to stop early.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// Stop after so many epochs in a row without a new best, 1 or more.
    pub epochs: usize,
    /// What is best.
    pub metric: Metric,
}

/// By what an epoch is judged.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Mean cross-entropy on the validation samples; less is better.
    #[default]
    ValLoss,
    /// Share of validation samples whose class is found; more is better.
    ValAccuracy,
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: usize,
    /// How many there are at most.
    pub epochs: usize,
    /// Mean cross-entropy over the epoch's steps as each began, with dropout and class weights.
    pub train_loss: f64,
    /// Mean cross-entropy on the validation samples after the epoch, every sample weighing the same.
    pub validation_loss: f64,
    /// Share of validation samples whose class is the most probable one, in `0..=1`.
    pub validation_accuracy: f64,
    /// Whether no epoch before was as good, by the metric of early stopping or else by `val_loss`.
    pub best_so_far: bool,
}

/// The caller's answer to an epoch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop now, with the best weights so far.
    Stop,
}

/// A fitted network.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// With the weights after `best_epoch`.
    pub model: Network,
    /// What each epoch came to, first to last.
    pub history: Vec<Epoch>,
    /// The number of the epoch whose weights these are, from 1.
    pub best_epoch: usize,
    /// Why there is no further epoch.
    pub stopped: Stopped,
}

/// Why fitting ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// All epochs were done.
    Completed,
    /// Patience ran out.
    Early,
    /// The caller said so.
    Cancelled,
}

/// Fits a network of shape `architecture` to `train`, judging each epoch by `validation`.
///
/// After each epoch `on_epoch` is told what it came to and says whether to go on.
///
/// # Errors
/// When a setting is out of its range, when the samples do not fit the architecture, and when a loss is
/// no longer a finite number.
pub fn fit(
    train: &Samples,
    validation: &Samples,
    architecture: &Architecture,
    fitting: &Fitting,
    on_epoch: &mut dyn FnMut(&Epoch) -> Flow,
) -> Result<Fitted, TrainError> {
    check_fitting(fitting, architecture)?;
    check_samples("training", train, architecture)?;
    check_samples("validation", validation, architecture)?;

    let Optimizer::Adam(adam) = &fitting.optimizer;
    let initial = Network::initial(architecture, fitting.seed);
    let mut learner = Learner::new(&initial, adam, fitting.learning_rate);
    let metric = fitting.early_stopping.map_or_else(Metric::default, |patience| patience.metric);
    let mut best = Best { model: initial, epoch: 0, score: f64::NEG_INFINITY };
    let mut history = Vec::new();
    let mut stopped = Stopped::Completed;
    for epoch in 1..=fitting.epochs {
        let (next, train_loss) = one_epoch(learner, epoch, train, architecture, fitting)?;
        learner = next;
        let model = learner.network().map_err(|TensorFault| TrainError::Tensors)?;
        let (validation_loss, validation_accuracy) = assess(&model, validation);
        if !validation_loss.is_finite() {
            return Err(TrainError::Diverged { epoch });
        }
        let score = match metric {
            Metric::ValLoss => -validation_loss,
            Metric::ValAccuracy => validation_accuracy,
        };
        let best_so_far = score > best.score;
        if best_so_far {
            best = Best { model, epoch, score };
        }
        let epochs = fitting.epochs;
        let came_to =
            Epoch { epoch, epochs, train_loss, validation_loss, validation_accuracy, best_so_far };
        history.push(came_to);
        if on_epoch(&came_to) == Flow::Stop {
            stopped = Stopped::Cancelled;
            break;
        }
        let patience = fitting.early_stopping.map_or(usize::MAX, |patience| patience.epochs);
        if epoch - best.epoch >= patience {
            stopped = Stopped::Early;
            break;
        }
    }
    Ok(Fitted { model: best.model, history, best_epoch: best.epoch, stopped })
}

/// The best weights so far; `score` is the larger, the better.
struct Best {
    model: Network,
    epoch: usize,
    score: f64,
}

/// One pass over `train` in a new order; returns the mean loss with what was learnt.
fn one_epoch(
    mut learner: Learner,
    epoch: usize,
    train: &Samples,
    architecture: &Architecture,
    fitting: &Fitting,
) -> Result<(Learner, f64), TrainError> {
    let order = order(train, fitting.seed, epoch);
    let mut sum = 0.0;
    for (at, windows) in order.chunks(fitting.batch_size).enumerate() {
        let batch = batch(train, windows, architecture, fitting, (epoch, at));
        let (next, loss) = learner.learn(batch).map_err(|TensorFault| TrainError::Tensors)?;
        if !loss.is_finite() {
            return Err(TrainError::Diverged { epoch });
        }
        learner = next;
        sum += loss * windows.len() as f64;
    }
    Ok((learner, sum / order.len() as f64))
}

/// The windows of an epoch in its order, each given by its end and its label.
fn order(train: &Samples, seed: u64, epoch: usize) -> Vec<(usize, u8)> {
    let mut order: Vec<(usize, u8)> =
        train.ends().iter().copied().zip(train.labels().iter().copied()).collect();
    Stream::new(seed, Purpose::Order { epoch }).shuffle(&mut order);
    order
}

/// The windows with everything that is drawn for them.
fn batch(
    train: &Samples,
    windows: &[(usize, u8)],
    architecture: &Architecture,
    fitting: &Fitting,
    (epoch, batch): (usize, usize),
) -> Batch {
    let size = windows.len();
    let ends: Vec<usize> = windows.iter().map(|(end, _)| *end).collect();
    let weights: Vec<f32> = windows
        .iter()
        .map(|(_, label)| {
            let all = fitting.class_weights.as_deref().unwrap_or_default();
            all.get(usize::from(*label)).copied().unwrap_or(1.0)
        })
        .collect();
    let sum: f64 = weights.iter().copied().map(f64::from).sum();
    let classes = architecture.classes().len();
    let mut targets = vec![0.0; size * classes];
    for ((row, (_, label)), weight) in targets.chunks_exact_mut(classes).zip(windows).zip(weights) {
        if let Some(target) = row.get_mut(usize::from(*label)) {
            *target = narrow(f64::from(weight) / sum);
        }
    }
    let shapes = architecture.lstms();
    let last = shapes.len().saturating_sub(1);
    let dropout = shapes.iter().enumerate().map(|(layer, shape)| {
        let steps = if layer == last { 1 } else { architecture.sequence() };
        let purpose = Purpose::Dropout { epoch, batch, layer };
        (shape.dropout > 0.0).then(|| {
            Stream::new(fitting.seed, purpose).dropout(shape.dropout, steps * size * shape.units)
        })
    });
    Batch { size, windows: train.gather(&ends), targets, dropout: dropout.collect() }
}

/// Why there is no fitted network.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// A setting is out of its range. `User`.
    #[error("`{setting}` must be {range}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it may be.
        range: &'static str,
    },
    /// There is nothing to learn from or to judge by. `User`.
    #[error("there are no {split} samples")]
    NoSamples {
        /// Which samples.
        split: &'static str,
    },
    /// Samples of another shape than the network's. `Bug`.
    #[error(
        "{split} windows are {sequence} bars of {features} features, and the network reads {expected_sequence} bars of {expected_features}"
    )]
    Shape {
        /// Which samples.
        split: &'static str,
        /// Bars of their windows.
        sequence: usize,
        /// Features of their bars.
        features: usize,
        /// Bars of the network's windows.
        expected_sequence: usize,
        /// Features of its bars.
        expected_features: usize,
    },
    /// A label that names no class. `Bug`.
    #[error("a label of the {split} samples is {label}, and there are {classes} classes")]
    Label {
        /// Which samples.
        split: &'static str,
        /// The label.
        label: u8,
        /// The number of classes.
        classes: usize,
    },
    /// A loss is no longer a finite number: the steps are too long, or the data are not finite. `User`.
    #[error("training diverged in epoch {epoch}: the loss is no longer a finite number")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// The tensor library broke its word. `Bug`.
    #[error("the tensor library answered with another type or device than asked for")]
    Tensors,
}

impl TrainError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Setting { .. } | Self::NoSamples { .. } | Self::Diverged { .. } => Fault::User,
            Self::Shape { .. } | Self::Label { .. } | Self::Tensors => Fault::Bug,
        }
    }
}

fn check_fitting(fitting: &Fitting, architecture: &Architecture) -> Result<(), TrainError> {
    let require = |holds: bool, setting, range| {
        if holds { Ok(()) } else { Err(TrainError::Setting { setting, range }) }
    };
    let positive = |number: f64| number.is_finite() && number > 0.0;
    let Optimizer::Adam(adam) = fitting.optimizer;
    require(fitting.batch_size >= 1, "batch_size", "1 or more")?;
    require(fitting.epochs >= 1, "epochs", "1 or more")?;
    require(positive(fitting.learning_rate), "learning_rate", "finite and above 0")?;
    require((0.0..1.0).contains(&adam.beta1), "beta1", "in 0..1")?;
    require((0.0..1.0).contains(&adam.beta2), "beta2", "in 0..1")?;
    require(positive(adam.epsilon.into()), "epsilon", "finite and above 0")?;
    if let Some(patience) = fitting.early_stopping {
        require(patience.epochs >= 1, "patience", "1 or more")?;
    }
    if let Some(weights) = &fitting.class_weights {
        let fit = weights.len() == architecture.classes().len()
            && weights.iter().all(|weight| positive((*weight).into()));
        require(fit, "class_weights", "finite and above 0, one for each class")?;
    }
    Ok(())
}

fn check_samples(
    split: &'static str,
    samples: &Samples,
    architecture: &Architecture,
) -> Result<(), TrainError> {
    let (features, sequence) = (samples.features(), samples.sequence());
    let (expected_features, expected_sequence) = (architecture.inputs(), architecture.sequence());
    if (features, sequence) != (expected_features, expected_sequence) {
        let shape =
            TrainError::Shape { split, sequence, features, expected_sequence, expected_features };
        return Err(shape);
    }
    if samples.is_empty() {
        return Err(TrainError::NoSamples { split });
    }
    let classes = architecture.classes().len();
    match samples.labels().iter().find(|label| usize::from(**label) >= classes) {
        Some(&label) => Err(TrainError::Label { split, label, classes }),
        None => Ok(()),
    }
}
