//! The shape of a network: which layers, over which inputs, for which classes.

mod error;
#[cfg(test)]
mod tests;

pub use error::ArchitectureError;

use serde::{Deserialize, Serialize};

use crate::layer::{Activation, Layer};
use crate::operation::{Operation, operations};

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
/// Bars that a convolution sees at most.
pub const KERNEL_MAX: usize = 256;

/// A network that can be built.
///
/// Invariant: every layer fits what comes in, the last one and no other is the output, and it is as
/// wide as there are classes; every number within the bounds named above; classes distinct, two or
/// more.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Architecture {
    layers: Vec<Layer>,
    inputs: usize,
    sequence: usize,
    classes: Vec<String>,
}

impl Architecture {
    /// A network of `layers`, bottom first, that reads windows `[sequence, inputs]` and answers with a
    /// probability for each of `classes`, in their order.
    ///
    /// # Errors
    /// When the layers make no network that could be trained; where one of them is to blame, the error
    /// says [which](ArchitectureError::layer).
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
        check_layers(&layers, inputs, classes.len())?;
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
        self.operations().iter().map(Operation::parameters).sum()
    }

    /// About how many bytes training takes beside the data, for batches of `batch` windows: weights,
    /// their gradients and Adam's two means, and what every operation leaves for the way back.
    pub fn training_bytes(&self, batch: usize) -> u64 {
        let (mut numbers, mut steps) = (0_u64, self.sequence);
        for operation in &self.operations() {
            let rows = (steps as u64).saturating_mul(batch as u64);
            numbers = numbers.saturating_add(rows.saturating_mul(operation.kept(self.sequence)));
            steps = operation.steps_after(steps);
        }
        let weights = 4 * self.parameters() as u64;
        numbers.saturating_add(weights).saturating_mul(4)
    }

    /// What its layers come to, one after the other.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        operations(&self.layers, self.inputs)
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

fn within(what: &'static str, count: usize, max: usize) -> Result<(), ArchitectureError> {
    if (1..=max).contains(&count) {
        Ok(())
    } else {
        Err(ArchitectureError::OutOfBounds { what, count, max })
    }
}

/// Follows what flows from layer to layer, up to the one that does not fit.
fn check_layers(layers: &[Layer], inputs: usize, classes: usize) -> Result<(), ArchitectureError> {
    let mut below = Below { width: inputs, is_one_row: false };
    for (at, layer) in layers.iter().enumerate() {
        let is_last = at + 1 == layers.len();
        let fits = below.take(layer, classes).and_then(|()| {
            let is_output = matches!(layer, Layer::Output { .. });
            match (is_output, is_last) {
                (true, false) => Err("is the last layer, and others follow".to_owned()),
                (false, true) => Err("is the last layer, which has to be an `output`".to_owned()),
                _ => Ok(()),
            }
        });
        fits.map_err(|why| ArchitectureError::Layer { at, kind: layer.kind(), why })?;
    }
    Ok(())
}

/// What comes in to a layer.
struct Below {
    width: usize,
    /// Whether it is one row for the window, and not one for each bar.
    is_one_row: bool,
}

impl Below {
    /// Lets `layer` take it and hand its own output on; or says what is wrong with the layer.
    fn take(&mut self, layer: &Layer, classes: usize) -> Result<(), String> {
        if self.is_one_row && layer.looks_along_time() {
            return Err(format!(
                "reads a row of {} numbers for the whole window, and wants one for each bar: it has \
                 to stand before every `dense`",
                self.width
            ));
        }
        if !(0.0..1.0).contains(&layer.dropout()) {
            return Err(format!("has a dropout of {}, which is not in 0..1", layer.dropout()));
        }
        match *layer {
            Layer::Lstm { units, .. } | Layer::Gru { units, .. } => {
                self.width = bounded("units", units, UNITS_MAX)?;
            }
            Layer::Conv1d { filters, kernel, dilation, activation, residual, .. } => {
                bounded("filters", filters, UNITS_MAX)?;
                bounded("kernel", kernel, KERNEL_MAX)?;
                bounded("dilation", dilation, SEQUENCE_MAX)?;
                hidden(activation)?;
                if residual && filters != self.width {
                    return Err(format!(
                        "adds its input of width {} to its output of width {filters}: the two have \
                         to be equal",
                        self.width
                    ));
                }
                self.width = filters;
            }
            Layer::Attention { heads, .. } => self.divide(heads)?,
            Layer::Transformer { heads, feed_forward, .. } => {
                self.divide(heads)?;
                bounded("feed_forward", feed_forward, UNITS_MAX)?;
            }
            Layer::Positions {} | Layer::LayerNorm {} | Layer::Dropout { .. } => {}
            Layer::Dense { units, activation, .. } => {
                hidden(activation)?;
                self.width = bounded("units", units, UNITS_MAX)?;
            }
            Layer::Output { units, .. } if units != classes => {
                return Err(format!("has {units} units for {classes} classes"));
            }
            Layer::Output { activation, .. } if activation != Activation::Softmax => {
                return Err("answers with probabilities: its activation is `softmax`".to_owned());
            }
            Layer::Output { units, .. } => self.width = units,
        }
        self.is_one_row |= layer.wants_one_row();
        Ok(())
    }

    /// Whether the width can be shared out among `heads`.
    fn divide(&self, heads: usize) -> Result<(), String> {
        bounded("heads", heads, UNITS_MAX)?;
        if self.width.is_multiple_of(heads) {
            return Ok(());
        }
        Err(format!(
            "divides its input of width {} among {heads} heads, which does not come out even: put a \
             `conv1d(kernel: 1)` of another width before it",
            self.width
        ))
    }
}

fn bounded(what: &str, count: usize, max: usize) -> Result<usize, String> {
    if (1..=max).contains(&count) {
        Ok(count)
    } else {
        Err(format!("has `{what}` = {count}, which is not in 1..={max}"))
    }
}

fn hidden(activation: Activation) -> Result<(), String> {
    if activation == Activation::Softmax {
        return Err("cannot have `softmax`, which belongs to the output".to_owned());
    }
    Ok(())
}
