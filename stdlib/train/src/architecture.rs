//! The shape of a network: which layers, how wide, over which inputs, for which classes.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use suho_domain::Fault;

/// Units of a layer at most: a layer above has more weights than any bar history can teach.
pub const UNITS_MAX: usize = 4096;
/// Layers at most, of all kinds together.
pub const LAYERS_MAX: usize = 64;
/// Features of one bar at most.
pub const INPUTS_MAX: usize = 4096;
/// Bars in one window at most.
pub const SEQUENCE_MAX: usize = 16_384;
/// Classes at most: a label is a byte.
pub const CLASSES_MAX: usize = 256;

/// One layer, as the author wrote it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// Long short-term memory; hands every step's output on, or the last one's before a dense layer.
    Lstm {
        /// Width, `1..=4096`.
        units: usize,
        /// Share of outputs zeroed while training, in `0..1`; the others grow to make up for it.
        #[serde(default)]
        dropout: f64,
    },
    /// A full connection.
    Dense {
        /// Width, `1..=4096`.
        units: usize,
        /// `relu` or `tanh`.
        activation: Activation,
    },
    /// The last full connection: one unit a class.
    Output {
        /// Width: the number of classes.
        units: usize,
        /// `softmax`.
        activation: Activation,
    },
}

/// What happens to a layer's sums.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// max(0, x); for dense layers.
    Relu,
    /// tanh(x); for dense layers.
    Tanh,
    /// eˣ over the sum of all eˣ: probabilities; for the output.
    Softmax,
}

/// A network that can be built.
///
/// Invariant: one or more LSTM layers, then any number of dense ones, then one output as wide as there
/// are classes; every number within the bounds named above; classes distinct, two or more.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Architecture {
    layers: Vec<Layer>,
    inputs: usize,
    sequence: usize,
    classes: Vec<String>,
}

/// An LSTM layer with its place in the network known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LstmShape {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    pub(crate) dropout: f64,
}

/// A dense layer or the output, with its place in the network known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DenseShape {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    pub(crate) activation: Activation,
}

impl Architecture {
    /// A network of `layers`, bottom first, that reads windows `[sequence, inputs]` and answers with a
    /// probability for each of `classes`, in their order.
    ///
    /// # Errors
    /// When the layers make no network that could be trained.
    pub fn new(
        layers: Vec<Layer>,
        inputs: usize,
        sequence: usize,
        classes: Vec<String>,
    ) -> Result<Self, ArchitectureError> {
        within("inputs", inputs, INPUTS_MAX)?;
        within("sequence", sequence, SEQUENCE_MAX)?;
        within("layers", layers.len(), LAYERS_MAX)?;
        within("classes", classes.len(), CLASSES_MAX)?;
        if classes.len() < 2 {
            return Err(ArchitectureError::OneClass);
        }
        for (at, class) in classes.iter().enumerate() {
            if classes.iter().skip(at + 1).any(|other| other == class) {
                return Err(ArchitectureError::ClassTwice { class: class.clone() });
            }
        }
        check_order(&layers)?;
        for layer in &layers {
            check_layer(layer, classes.len())?;
        }
        Ok(Self { layers, inputs, sequence, classes })
    }

    /// The layers, bottom first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Features of one bar.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Bars of one window.
    pub fn sequence(&self) -> usize {
        self.sequence
    }

    /// Names of the classes, in the order of the probabilities.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Trainable numbers.
    pub fn parameters(&self) -> usize {
        let lstm: usize =
            self.lstms().iter().map(|at| 4 * at.units * (at.inputs + at.units + 1)).sum();
        let dense: usize = self.denses().iter().map(|at| at.units * (at.inputs + 1)).sum();
        lstm + dense
    }

    pub(crate) fn lstms(&self) -> Vec<LstmShape> {
        let mut inputs = self.inputs;
        let mut shapes = Vec::new();
        for layer in &self.layers {
            if let Layer::Lstm { units, dropout } = *layer {
                shapes.push(LstmShape { inputs, units, dropout });
                inputs = units;
            }
        }
        shapes
    }

    /// The dense layers and, last, the output.
    pub(crate) fn denses(&self) -> Vec<DenseShape> {
        let mut inputs = self.inputs;
        let mut shapes = Vec::new();
        for layer in &self.layers {
            match *layer {
                Layer::Lstm { units, .. } => inputs = units,
                Layer::Dense { units, activation } | Layer::Output { units, activation } => {
                    shapes.push(DenseShape { inputs, units, activation });
                    inputs = units;
                }
            }
        }
        shapes
    }
}

/// The unchecked form that stands in files.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    layers: Vec<Layer>,
    inputs: usize,
    sequence: usize,
    classes: Vec<String>,
}

impl TryFrom<Draft> for Architecture {
    type Error = ArchitectureError;

    fn try_from(draft: Draft) -> Result<Self, Self::Error> {
        Self::new(draft.layers, draft.inputs, draft.sequence, draft.classes)
    }
}

impl From<Architecture> for Draft {
    fn from(architecture: Architecture) -> Self {
        let Architecture { layers, inputs, sequence, classes } = architecture;
        Self { layers, inputs, sequence, classes }
    }
}

/// Why layers make no network. Always `User`: they were written so.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ArchitectureError {
    /// A count is zero or beyond its bound.
    #[error("`{what}` is {count}, which is not in 1..={max}")]
    OutOfBounds {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// There is nothing to tell apart.
    #[error("a classifier needs two classes or more")]
    OneClass,
    /// Two classes have one name.
    #[error("class `{class}` is named twice")]
    ClassTwice {
        /// The name.
        class: String,
    },
    /// The layers stand in an order that no network has.
    #[error("layers are one or more `lstm`, then any `dense`, then one `output`")]
    Order,
    /// A share of dropped outputs that is none.
    #[error("`dropout` is {dropout}, which is not in 0..1")]
    Dropout {
        /// The share.
        dropout: f64,
    },
    /// The output's width differs from the number of classes.
    #[error("the output has {units} units for {classes} classes")]
    OutputWidth {
        /// The output's units.
        units: usize,
        /// The number of classes.
        classes: usize,
    },
    /// Probabilities come from the output and from nothing else.
    #[error("`softmax` belongs to the output, and the output has no other activation")]
    MisplacedActivation,
}

impl ArchitectureError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        Fault::User
    }
}

fn within(what: &'static str, count: usize, max: usize) -> Result<(), ArchitectureError> {
    if (1..=max).contains(&count) {
        Ok(())
    } else {
        Err(ArchitectureError::OutOfBounds { what, count, max })
    }
}

fn check_order(layers: &[Layer]) -> Result<(), ArchitectureError> {
    let rank = |layer: &Layer| match layer {
        Layer::Lstm { .. } => 0,
        Layer::Dense { .. } => 1,
        Layer::Output { .. } => 2,
    };
    let outputs = layers.iter().filter(|layer| rank(layer) == 2).count();
    let starts = layers.first().is_some_and(|layer| rank(layer) == 0);
    if starts && outputs == 1 && layers.is_sorted_by_key(rank) {
        Ok(())
    } else {
        Err(ArchitectureError::Order)
    }
}

fn check_layer(layer: &Layer, classes: usize) -> Result<(), ArchitectureError> {
    match *layer {
        Layer::Lstm { units, dropout } => {
            within("units", units, UNITS_MAX)?;
            if !(0.0..1.0).contains(&dropout) {
                return Err(ArchitectureError::Dropout { dropout });
            }
        }
        Layer::Dense { units, activation } => {
            within("units", units, UNITS_MAX)?;
            if activation == Activation::Softmax {
                return Err(ArchitectureError::MisplacedActivation);
            }
        }
        Layer::Output { units, activation } => {
            if units != classes {
                return Err(ArchitectureError::OutputWidth { units, classes });
            }
            if activation != Activation::Softmax {
                return Err(ArchitectureError::MisplacedActivation);
            }
        }
    }
    Ok(())
}
