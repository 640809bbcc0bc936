//! Why there is no fitted network.

use suho_domain::Fault;

use crate::checkpoint::CheckpointError;
use crate::device::DEVIATION_MAX;

/// Why there is no fitted network.
#[derive(Debug, thiserror::Error)]
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
    /// Every training sample is of one class. `User`.
    #[error("every training sample is `{class}`: there is nothing to tell apart")]
    OneClass {
        /// The class.
        class: String,
    },
    /// Classes are to be balanced, and one has no sample. `User`.
    #[error("no training sample is `{class}`, so that the classes cannot be balanced")]
    NoneOfClass {
        /// The class.
        class: String,
    },
    /// A batch cannot be filled. `User`.
    #[error("a batch is {batch_size} samples, and there are {samples} training samples")]
    BatchTooLarge {
        /// The batch asked for.
        batch_size: usize,
        /// The samples there are.
        samples: usize,
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
    /// A feature that is no number. `User`.
    #[error("bar {bar} of the {split} samples has a feature that is not finite")]
    NotFinite {
        /// Which samples.
        split: &'static str,
        /// The bar in their table, from 0.
        bar: usize,
    },
    /// The loss is no longer a finite number, or so large that nothing is learnt from it: the steps
    /// are too long. `User`.
    #[error("training diverged in epoch {epoch}: the loss is {loss:.3e}")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The loss.
        loss: f64,
    },
    /// The checkpoint to go on from is none of this training.
    #[error("cannot go on from the checkpoint")]
    Checkpoint(#[from] CheckpointError),
    /// The caller ended it between two batches.
    #[error("training was ended in epoch {epoch}")]
    Ended {
        /// The epoch, from 1.
        epoch: usize,
    },
    /// A GPU was lost or ran out of memory in the middle of a step. `World`.
    #[error("the GPU gave up: {why}")]
    Lost {
        /// Its driver's or the tensor library's words.
        why: String,
    },
    /// A GPU answers otherwise than the processor, which is the one that will be asked. `World`.
    #[error(
        "the GPU answers {deviation:.1e} otherwise than the processor, at most {DEVIATION_MAX:.0e} may be"
    )]
    Deviates {
        /// The largest difference of a probability.
        deviation: f32,
    },
    /// The tensor library broke its word. `Bug`.
    #[error("the tensor library answered with another type or device than asked for")]
    Tensors,
}

impl TrainError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Setting { .. }
            | Self::NoSamples { .. }
            | Self::OneClass { .. }
            | Self::NoneOfClass { .. }
            | Self::BatchTooLarge { .. }
            | Self::NotFinite { .. }
            | Self::Diverged { .. }
            | Self::Ended { .. } => Fault::User,
            Self::Checkpoint(error) => error.fault(),
            Self::Lost { .. } | Self::Deviates { .. } => Fault::World,
            Self::Shape { .. } | Self::Label { .. } | Self::Tensors => Fault::Bug,
        }
    }
}
