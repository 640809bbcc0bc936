//! Networks, fitting, export, inference. The only crate that links burn.
//!
//! Plain data in, plain data out: no files, no clock, no async. A [`Network`] is numbers with a shape;
//! burn is only seen while [`fit()`] runs. Equal inputs give equal weights, to the last bit, on one machine.

mod architecture;
mod export;
mod fit;
mod graph;
mod kernel;
mod network;
mod onnx;
mod predict;
mod random;
mod samples;
mod scaler;

pub use architecture::{
    Activation, Architecture, ArchitectureError, CLASSES_MAX, INPUTS_MAX, LAYERS_MAX, Layer,
    SEQUENCE_MAX, UNITS_MAX,
};
pub use export::{LoadError, SaveError};
pub use fit::{
    Adam, Epoch, Fitted, Fitting, Flow, Metric, Optimizer, Patience, Stopped, TrainError, fit,
};
pub use network::Network;
pub use predict::{PredictError, Predictor, Probabilities};
pub use samples::{Samples, SamplesError};
pub use scaler::{Scaler, ScalerError};
