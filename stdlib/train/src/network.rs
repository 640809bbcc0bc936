//! A network: its shape and its weights, as plain numbers. What is trained, stored and asked.

#[cfg(test)]
mod tests;

use crate::architecture::{Activation, Architecture, DenseShape, LstmShape};
use crate::kernel::{self, GATES, Matrix, add_product};
use crate::random::{Purpose, Stream};

/// An architecture with weights. Plain data: `Send`, `Sync`, and free of any backend.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    architecture: Architecture,
    pub(crate) lstms: Vec<LstmWeights>,
    pub(crate) denses: Vec<DenseWeights>,
}

/// One LSTM layer: `w_ih` `[inputs, 4 · units]`, `w_hh` `[units, 4 · units]`, `bias` `[4 · units]`,
/// gates in the order input, forget, cell, output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LstmWeights {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    pub(crate) w_ih: Vec<f32>,
    pub(crate) w_hh: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// One dense layer or the output: `weight` `[inputs, units]`, `bias` `[units]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DenseWeights {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    pub(crate) activation: Activation,
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// The name, shape and part of one tensor of weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    /// The path, such as `lstm_0.w_ih`.
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) part: Part,
}

/// What a tensor of weights does in its layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// From inputs or states to the sums of `gates` gates.
    Gates,
    /// Added to the sums of an LSTM.
    GateBias,
    /// From inputs to a dense layer's sums.
    Sums,
    /// Added to a dense layer's sums.
    Bias,
}

impl Network {
    /// A network with weights drawn from `seed`: Glorot-uniform for each gate and each dense layer,
    /// biases 0, but 1 for the forget gates, so that memory lasts until training says otherwise.
    ///
    /// Source: Glorot & Bengio (2010); Jozefowicz, Zaremba & Sutskever (2015) for the forget bias.
    pub fn initial(architecture: &Architecture, seed: u64) -> Self {
        let mut stream = Stream::new(seed, Purpose::Weights);
        let mut network = Self::zero(architecture);
        for (slot, values) in network.tensors_mut() {
            *values = initial_values(&slot, &mut stream);
        }
        network
    }

    /// A network with the weights that `source` gives, tensor by tensor, bottom layer first.
    ///
    /// # Errors
    /// The first that `source` answers with.
    pub(crate) fn from_source<E>(
        architecture: &Architecture,
        mut source: impl FnMut(&Slot) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let mut network = Self::zero(architecture);
        for (slot, values) in network.tensors_mut() {
            *values = source(&slot)?;
        }
        Ok(network)
    }

    fn zero(architecture: &Architecture) -> Self {
        let lstm = |&LstmShape { inputs, units, .. }: &LstmShape| LstmWeights {
            inputs,
            units,
            w_ih: vec![0.0; inputs * GATES * units],
            w_hh: vec![0.0; units * GATES * units],
            bias: vec![0.0; GATES * units],
        };
        let dense = |&DenseShape { inputs, units, activation }: &DenseShape| DenseWeights {
            inputs,
            units,
            activation,
            weight: vec![0.0; inputs * units],
            bias: vec![0.0; units],
        };
        Self {
            architecture: architecture.clone(),
            lstms: architecture.lstms().iter().map(lstm).collect(),
            denses: architecture.denses().iter().map(dense).collect(),
        }
    }

    /// The shape.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Every tensor with its slot, bottom layer first.
    pub(crate) fn tensors(&self) -> Vec<(Slot, &[f32])> {
        let mut tensors = Vec::new();
        for (at, layer) in self.lstms.iter().enumerate() {
            let slots = lstm_slots(at, layer.inputs, layer.units);
            tensors.extend(slots.into_iter().zip([&*layer.w_ih, &layer.w_hh, &layer.bias]));
        }
        let count = self.denses.len();
        for (at, layer) in self.denses.iter().enumerate() {
            let slots = dense_slots(&dense_name(at, count), layer.inputs, layer.units);
            tensors.extend(slots.into_iter().zip([&*layer.weight, &layer.bias]));
        }
        tensors
    }

    fn tensors_mut(&mut self) -> Vec<(Slot, &mut Vec<f32>)> {
        let mut tensors = Vec::new();
        for (at, layer) in self.lstms.iter_mut().enumerate() {
            let slots = lstm_slots(at, layer.inputs, layer.units);
            tensors.extend(slots.into_iter().zip([
                &mut layer.w_ih,
                &mut layer.w_hh,
                &mut layer.bias,
            ]));
        }
        let count = self.denses.len();
        for (at, layer) in self.denses.iter_mut().enumerate() {
            let slots = dense_slots(&dense_name(at, count), layer.inputs, layer.units);
            tensors.extend(slots.into_iter().zip([&mut layer.weight, &mut layer.bias]));
        }
        tensors
    }

    /// The output's sums, before softmax, `[batch, classes]`, for windows
    /// `[sequence, batch, inputs]`; on the calling thread.
    ///
    /// # Panics
    /// When the windows are of another shape.
    pub(crate) fn logits(&self, windows: &[f32], batch: usize) -> Vec<f32> {
        let steps = self.architecture.sequence();
        let mut last = Vec::new();
        let mut below: Option<kernel::Tape> = None;
        for layer in &self.lstms {
            let inputs = below.as_ref().map_or(windows, kernel::Tape::outputs);
            let tape = kernel::forward(layer.view(), inputs, steps, batch);
            last.clear();
            last.extend_from_slice(tape.last_output());
            below = Some(tape);
        }
        for layer in &self.denses {
            let mut sums = layer.bias.repeat(batch);
            let weight = Matrix::new(&layer.weight, layer.inputs, layer.units);
            add_product(&mut sums, Matrix::new(&last, batch, layer.inputs), weight);
            match layer.activation {
                Activation::Relu => sums.iter_mut().for_each(|sum| *sum = relu(*sum)),
                Activation::Tanh => sums.iter_mut().for_each(|sum| *sum = sum.tanh()),
                Activation::Softmax => {}
            }
            last = sums;
        }
        last
    }
}

/// max(0, x); not a number stays so.
fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

impl LstmWeights {
    pub(crate) fn view(&self) -> kernel::Weights<'_> {
        kernel::Weights::new((self.inputs, self.units), &self.w_ih, &self.w_hh, &self.bias)
    }
}

fn lstm_slots(at: usize, inputs: usize, units: usize) -> [Slot; 3] {
    let sums = GATES * units;
    let slot = |name: &str, shape: Vec<usize>, part| Slot {
        name: format!("lstm_{at}.{name}"),
        shape,
        part,
    };
    [
        slot("w_ih", vec![inputs, sums], Part::Gates),
        slot("w_hh", vec![units, sums], Part::Gates),
        slot("bias", vec![sums], Part::GateBias),
    ]
}

fn dense_slots(layer: &str, inputs: usize, units: usize) -> [Slot; 2] {
    [
        Slot { name: format!("{layer}.weight"), shape: vec![inputs, units], part: Part::Sums },
        Slot { name: format!("{layer}.bias"), shape: vec![units], part: Part::Bias },
    ]
}

fn dense_name(at: usize, count: usize) -> String {
    if at + 1 == count { "output".to_owned() } else { format!("dense_{at}") }
}

fn initial_values(slot: &Slot, stream: &mut Stream) -> Vec<f32> {
    let count = slot.shape.iter().product();
    let uniform = |stream: &mut Stream, outputs_per_tensor: usize| {
        let inputs = slot.shape.first().copied().unwrap_or(1);
        let outputs = slot.shape.last().copied().unwrap_or(1) / outputs_per_tensor;
        let limit = (6.0 / (inputs + outputs) as f32).sqrt();
        (0..count).map(|_| limit * stream.signed_unit()).collect()
    };
    match slot.part {
        Part::Gates => uniform(stream, GATES),
        Part::Sums => uniform(stream, 1),
        Part::Bias => vec![0.0; count],
        Part::GateBias => {
            let units = count / GATES;
            (0..count).map(|at| if at / units == 1 { 1.0 } else { 0.0 }).collect()
        }
    }
}
