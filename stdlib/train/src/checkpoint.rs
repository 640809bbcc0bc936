//! Where a training stands after an epoch, as bytes from which it goes on as if nothing had happened.
//!
//! The bytes are a safetensors file: the weights, what Adam remembers, the best weights so far, and in
//! its metadata the history and the digest of the training that it belongs to. Orders and dropped
//! outputs need no state: they are drawn by epoch and batch.

use safetensors::tensor::SafeTensors;
use serde::{Deserialize, Serialize};
use suho_domain::{Digest, Fault};

use crate::adam::Memory;
use crate::architecture::Architecture;
use crate::export::{LoadError, SaveError, metadata, read, serialize};
use crate::fit::{Epoch, Training};
use crate::network::Network;

/// The entry of the file's metadata.
const KEY: &str = "suho.training";
/// What stands before the names of the weights as they are.
const NOW: &str = "now.";
/// Before those of Adam's mean of the gradients.
const MEAN: &str = "mean.";
/// Before those of its mean of their squares.
const SQUARE: &str = "square.";
/// Before those of the best weights so far.
const BEST: &str = "best.";

/// Where a training stands after an epoch.
#[derive(Debug)]
pub struct Checkpoint<'a> {
    pub(crate) training: &'a Training<'a>,
    pub(crate) now: &'a Network,
    pub(crate) memory: &'a Memory,
    pub(crate) best: &'a Network,
    pub(crate) best_epoch: usize,
    pub(crate) history: &'a [Epoch],
}

/// A training read back.
#[derive(Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) now: Network,
    pub(crate) memory: Memory,
    pub(crate) best: Network,
    pub(crate) best_epoch: usize,
    pub(crate) history: Vec<Epoch>,
}

/// What stands in the metadata.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Record {
    training: Digest,
    steps: u32,
    best_epoch: usize,
    history: Vec<Epoch>,
}

impl Checkpoint<'_> {
    /// As bytes, from which [`fit`](crate::fit()) goes on.
    ///
    /// # Errors
    /// When the format refuses, which it does not for a network within its bounds.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SaveError> {
        let record = Record {
            training: self.training.digest().clone(),
            steps: self.memory.steps,
            best_epoch: self.best_epoch,
            history: self.history.to_vec(),
        };
        let parts = [
            (NOW, self.now.weights()),
            (MEAN, &self.memory.mean),
            (SQUARE, &self.memory.square),
            (BEST, self.best.weights()),
        ];
        let slots = self.now.tensors();
        let tensors = parts.into_iter().flat_map(|(prefix, tensors)| {
            slots.iter().zip(tensors).map(move |((slot, _), values)| {
                (format!("{prefix}{}", slot.name), slot.shape.clone(), values.as_slice())
            })
        });
        serialize(tensors, (KEY, serde_json::to_string(&record)?))
    }
}

impl Standing {
    /// Reads the bytes of a checkpoint of `training`.
    ///
    /// # Errors
    /// When they are none, or of another training.
    pub(crate) fn from_bytes(
        architecture: &Architecture,
        training: &Training<'_>,
        bytes: &[u8],
    ) -> Result<Self, CheckpointError> {
        let record = metadata(bytes, KEY)?.ok_or(CheckpointError::NoCheckpoint)?;
        let record: Record = serde_json::from_str(&record)?;
        if record.training != *training.digest() {
            return Err(CheckpointError::Other);
        }
        let is_numbered =
            record.history.iter().zip(1..).all(|(epoch, number)| epoch.epoch == number);
        if !is_numbered || !(1..=record.history.len()).contains(&record.best_epoch) {
            return Err(CheckpointError::History);
        }
        let file = SafeTensors::deserialize(bytes).map_err(LoadError::from)?;
        let part = |prefix| read(architecture, &file, prefix);
        let weights = |prefix| part(prefix).map(|network| network.weights().to_vec());
        let (mean, square) = (weights(MEAN)?, weights(SQUARE)?);
        Ok(Self {
            now: part(NOW)?,
            memory: Memory { steps: record.steps, mean, square },
            best: part(BEST)?,
            best_epoch: record.best_epoch,
            history: record.history,
        })
    }
}

/// Why bytes are no checkpoint to go on from. Always `World`: they were stored so.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file is not whole, or its tensors are not those of the network.
    #[error("the checkpoint's weights cannot be read")]
    Weights(#[from] LoadError),
    /// A file of weights, but of no training.
    #[error("the file holds no training")]
    NoCheckpoint,
    /// Its record makes no sense.
    #[error("the checkpoint's record cannot be read")]
    Record(#[from] serde_json::Error),
    /// Epochs that are not one after the other, or the best of which is none of them.
    #[error("the checkpoint's epochs make no sense")]
    History,
    /// Another network, other settings, other data, another device or an older suho.
    #[error("the checkpoint is of another training")]
    Other,
}

impl CheckpointError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        Fault::World
    }
}
