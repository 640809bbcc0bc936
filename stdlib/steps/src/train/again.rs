//! A sealed model trained again from what is kept of it, and how near the copy comes (domain §3.2).
//!
//! Nothing is sealed and nothing is changed: the copy lives in memory and is compared.

use super::several::{fittings, together};
use super::{Lesson, Regime, refused};
use crate::failure;
use crate::generated::TrainIn;
use crate::model::{Remembered, remembered};
use std::ops::ControlFlow;
use suho_artifacts::Artifacts;
use suho_domain::{Digest, Value};
use suho_step::{Inputs, StepError};
use suho_train::{Checkpoint, Epoch, Flow, TrainError, Watch, fit};

/// Class R1: how far apart the validation accuracies of two trainings may be.
const ACCURACY_APART_MAX: f64 = 0.005;
/// Class R1: how far apart their validation losses may be, as a share of the sealed one's.
const LOSS_APART_MAX: f64 = 0.01;

/// What training a sealed model again came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reproduction {
    /// What the model's own files say of its training.
    pub sealed: Remembered,
    /// The digest of the weights that were made now.
    pub weights: Digest,
    /// The digest of the scaler that was made now.
    pub scaler: Digest,
    /// Epochs trained now.
    pub epochs: usize,
    /// The epoch whose weights were kept now, from 1.
    pub best_epoch: usize,
    /// Its mean loss on the validation rows.
    pub validation_loss: f64,
    /// Its accuracy on the validation rows, `0..=1`.
    pub validation_accuracy: f64,
}

/// How near two trainings came to each other.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Nearness {
    /// Farther than any class of reproducibility allows.
    Apart,
    /// Other weights, and accuracy and loss as near as class R1 asks for.
    Statistical,
    /// The same weights and the same scaler, to the last bit: class R0.
    Exact,
}

impl Nearness {
    /// The class of reproducibility that it is.
    pub const fn class(self) -> Option<&'static str> {
        match self {
            Self::Exact => Some("R0"),
            Self::Statistical => Some("R1"),
            Self::Apart => None,
        }
    }
}

impl Reproduction {
    /// How near the copy came.
    pub fn nearness(&self) -> Nearness {
        let sealed = &self.sealed;
        if self.weights == sealed.weights && sealed.scaler.as_ref() == Some(&self.scaler) {
            return Nearness::Exact;
        }
        let accuracy = (self.validation_accuracy - sealed.validation_accuracy).abs();
        let loss = (self.validation_loss - sealed.validation_loss).abs();
        let is_near =
            accuracy <= ACCURACY_APART_MAX && loss <= LOSS_APART_MAX * sealed.validation_loss.abs();
        if is_near { Nearness::Statistical } else { Nearness::Apart }
    }

    /// Whether the copy is as near as the class asks for that the model was sealed with.
    pub fn holds(&self) -> bool {
        let least = if self.sealed.class == "R0" { Nearness::Exact } else { Nearness::Statistical };
        self.nearness() >= least
    }
}

/// Trains the model sealed in `folder` again, from `inputs`, those of the `train` step that made it.
///
/// `hear` is told of every epoch and may end the training. One training at a time in one process.
///
/// # Errors
/// When the sealed artifact or the frozen rows are missing or not as they were, when the declaration
/// does not fit them any more, and when the training is ended or does not come to an end.
pub fn reproduce(
    artifacts: &Artifacts,
    folder: &str,
    inputs: &Inputs,
    hear: &mut dyn FnMut(&Epoch) -> ControlFlow<()>,
) -> Result<Reproduction, StepError> {
    let sealed = remembered(artifacts, folder)
        .map_err(|error| failure::of(error.fault(), error.code(), &error).help(error.help()))?;
    // Models of an older suho were declared without it.
    let mut given = inputs.record().clone();
    given.entry("ensemble".to_owned()).or_insert(Value::Int(1));
    let inputs = TrainIn::read(&Inputs::new(given))?.tuned()?;
    if let Some(weights) = &inputs.weights {
        let message = format!("its weights were trained elsewhere and came from `{weights}`");
        return Err(StepError::user("not-reproducible", message)
            .help("whoever trained them can; `suho model verify` says that they are unchanged"));
    }
    let lesson = Lesson::read(artifacts, &inputs)?;
    let fitting = Regime::of(&inputs).fitting()?;
    let rows = suho_train::Lesson { train: &lesson.train, validation: &lesson.validation };
    let fittings = fittings(&fitting, inputs.ensemble)?;
    let mut fitted = Vec::with_capacity(fittings.len());
    for fitting in &fittings {
        let one = fit(rows, lesson.architecture()?, fitting, None, &mut Hearing(hear));
        fitted.push(one.map_err(|error| match error {
            TrainError::Ended { .. } => StepError::cancelled(),
            error => refused(&error),
        })?);
    }
    let learnt = together(&lesson, &fittings, fitted)?;
    let best = &learnt.best;
    let weights = learnt.predictor.to_safetensors();
    let weights =
        weights.map_err(|error| failure::of(error.fault(), "unwritable-weights", &error))?;
    let scaler = serde_json::to_vec_pretty(&lesson.scaler).map_err(|e| failure::of_json(&e))?;
    Ok(Reproduction {
        sealed,
        weights: Digest::of(&weights),
        scaler: Digest::of(&scaler),
        epochs: learnt.history.len(),
        best_epoch: best.epoch,
        validation_loss: best.validation_loss,
        validation_accuracy: best.validation_accuracy,
    })
}

/// Whoever asked for the training, as training knows it.
struct Hearing<'a>(&'a mut dyn FnMut(&Epoch) -> ControlFlow<()>);

impl Watch for Hearing<'_> {
    fn is_ended(&mut self) -> bool {
        false
    }

    fn epoch(&mut self, epoch: &Epoch, _: &Checkpoint<'_>) -> Flow {
        match (self.0)(epoch) {
            ControlFlow::Continue(()) => Flow::Continue,
            ControlFlow::Break(()) => Flow::End,
        }
    }
}

#[cfg(test)]
mod tests;
