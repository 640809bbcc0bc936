//! Networks, fitting, export, inference. The only crate that links burn.
//!
//! Plain data in, plain data out: no files, no clock, no async. A [`Network`] is numbers with a shape;
//! burn is only seen while [`fit()`] runs. Equal inputs give equal weights, to the last bit, on one machine.

mod adam;
mod architecture;
mod checkpoint;
mod device;
mod export;
mod fit;
mod foreign;
mod golden;
mod graph;
mod inference;
mod kernel;
mod layer;
mod network;
mod onnx;
mod operation;
mod predict;
mod random;
mod samples;
mod scaler;
mod schedule;
mod tensorboard;

pub use adam::Adam;
pub use architecture::{
    Architecture, ArchitectureError, CLASSES_MAX, INPUTS_MAX, KERNEL_MAX, LAYERS_MAX, SEQUENCE_MAX,
    UNITS_MAX,
};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use device::{Device, Identity, NoGpu, Repeats};
pub use export::{LoadError, SaveError, networks};
pub use fit::{
    ClassWeights, Epoch, Fitted, Fitting, Flow, Lesson, Metric, Optimizer, Patience, Stopped,
    TrainError, Watch, fit, fit_on,
};
pub use golden::{Deviation, Golden, GoldenError, Parity};
pub use layer::{Activation, Layer};
pub use network::Network;
pub use onnx::{Expected, GraphError, OnnxGraph, operators};
pub use predict::{PredictError, Predictor, Probabilities, assess, row_losses};
pub use samples::{Samples, SamplesError};
pub use scaler::{Scaler, ScalerError};
pub use schedule::Schedule;
pub use tensorboard::tensorboard;
