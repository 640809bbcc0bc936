//! How to fit, and what a fit came to.

use serde::{Deserialize, Serialize};

use super::TrainError;
use crate::adam::Adam;
use crate::architecture::Architecture;
use crate::device::Identity;
use crate::network::Network;
use crate::schedule::Schedule;

/// How to fit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fitting {
    /// Windows in a step, 1 or more and no more than there are; the last step of an epoch takes what
    /// is left.
    pub batch_size: usize,
    /// Passes over the training samples at most, 1 or more.
    pub epochs: usize,
    /// Length of a step, above 0.
    pub learning_rate: f64,
    /// How that changes.
    #[serde(default)]
    pub schedule: Schedule,
    /// How a gradient becomes a step.
    pub optimizer: Optimizer,
    /// The longest gradient, all weights taken as one vector; above 0; any when absent.
    #[serde(default)]
    pub gradient_norm_max: Option<f64>,
    /// Share of each label that is spread evenly over all classes, in `0..1`.
    #[serde(default)]
    pub label_smoothing: f64,
    /// When to stop before the last epoch; never when absent.
    #[serde(default)]
    pub early_stopping: Option<Patience>,
    /// From which initial weights, orders and dropped outputs are drawn.
    pub seed: u64,
    /// What the classes weigh in the loss.
    #[serde(default)]
    pub class_weights: ClassWeights,
}

/// What the classes weigh in the loss: a sample as much as its class.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// All the same.
    #[default]
    Even,
    /// Each class as much in all, whatever share of the training samples it has.
    Balanced,
    /// So much each, above 0, in the architecture's order.
    Written(Vec<f32>),
}

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    /// Kingma & Ba (2015); with weight decay beside it as in Loshchilov & Hutter (2019).
    Adam(Adam),
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
    /// Mean cross-entropy over the epoch's steps as each began, with dropout, class weights and label
    /// smoothing.
    pub train_loss: f64,
    /// Mean cross-entropy on the validation samples after the epoch, every sample weighing the same.
    pub validation_loss: f64,
    /// Share of validation samples whose class is the most probable one, in `0..=1`.
    pub validation_accuracy: f64,
    /// Length of its last step.
    pub learning_rate: f64,
    /// Whether no epoch before was as good, by the metric of early stopping or else by `val_loss`.
    pub best_so_far: bool,
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
    /// What it was fitted on.
    pub device: Identity,
    /// The furthest that a probability of a GPU is from that of the processor, over validation windows;
    /// none where the processor fitted it.
    pub deviation: Option<f32>,
}

/// Why fitting ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// All epochs were done.
    Completed,
    /// Patience ran out.
    Early,
}

impl Fitting {
    /// Holds every setting against its range.
    pub(super) fn check(&self, architecture: &Architecture) -> Result<(), TrainError> {
        let require = |holds: bool, setting, range| {
            if holds { Ok(()) } else { Err(TrainError::Setting { setting, range }) }
        };
        let positive = |number: f64| number.is_finite() && number > 0.0;
        let Optimizer::Adam(adam) = self.optimizer;
        require(self.batch_size >= 1, "batch_size", "1 or more")?;
        require(self.epochs >= 1, "epochs", "1 or more")?;
        require(positive(self.learning_rate), "learning_rate", "finite and above 0")?;
        require((0.0..1.0).contains(&adam.beta1), "beta1", "in 0..1")?;
        require((0.0..1.0).contains(&adam.beta2), "beta2", "in 0..1")?;
        require(positive(adam.epsilon.into()), "epsilon", "finite and above 0")?;
        let decays = (0.0..1.0).contains(&(self.learning_rate * f64::from(adam.weight_decay)));
        require(decays, "weight_decay", "0 or more, and below 1 over the learning rate")?;
        if let Some(norm_max) = self.gradient_norm_max {
            require(positive(norm_max), "clip_norm", "finite and above 0")?;
        }
        require((0.0..1.0).contains(&self.label_smoothing), "label_smoothing", "in 0..1")?;
        if let Some((setting, range)) = self.schedule.mistake(self.epochs) {
            require(false, setting, range)?;
        }
        if let Some(patience) = self.early_stopping {
            require(patience.epochs >= 1, "patience", "1 or more")?;
        }
        if let ClassWeights::Written(weights) = &self.class_weights {
            let fit = weights.len() == architecture.classes().len()
                && weights.iter().all(|weight| positive((*weight).into()));
            require(fit, "class_weights", "finite and above 0, one for each class")?;
        }
        Ok(())
    }
}
