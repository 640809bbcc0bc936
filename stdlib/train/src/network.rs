//! A network: its shape and its weights, as plain numbers. What is trained, stored and asked.

#[cfg(test)]
mod tests;

use crate::architecture::Architecture;
use crate::inference;
use crate::operation::{Operation, Part, Slot};
use crate::random::{Purpose, Stream};

/// An architecture with weights. Plain data: `Send`, `Sync`, and free of any backend.
///
/// Invariant: a tensor for each slot of each operation, in order, of the slot's size.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    architecture: Architecture,
    operations: Vec<Operation>,
    tensors: Vec<Vec<f32>>,
}

impl Network {
    /// A network with weights drawn from `seed`: Glorot-uniform for each output, biases 0, but 1 for
    /// the forget gates of an LSTM, so that memory lasts until training says otherwise; gains 1.
    ///
    /// Source: Glorot & Bengio (2010); Jozefowicz, Zaremba & Sutskever (2015) for the forget bias.
    pub fn initial(architecture: &Architecture, seed: u64) -> Self {
        let mut stream = Stream::new(seed, Purpose::Weights);
        let operations = architecture.operations();
        let slots = operations.iter().flat_map(Operation::slots);
        let tensors = slots.map(|slot| initial_values(&slot, &mut stream)).collect();
        Self { architecture: architecture.clone(), operations, tensors }
    }

    /// A network with the weights that `source` gives, tensor by tensor, bottom layer first; each as
    /// long as its slot says.
    ///
    /// # Errors
    /// The first that `source` answers with.
    pub(crate) fn from_source<E>(
        architecture: &Architecture,
        mut source: impl FnMut(&Slot) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let operations = architecture.operations();
        let slots = operations.iter().flat_map(Operation::slots);
        let tensors = slots.map(|slot| source(&slot)).collect::<Result<_, E>>()?;
        Ok(Self { architecture: architecture.clone(), operations, tensors })
    }

    /// The shape.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// What it does, one after the other.
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Every tensor with its slot, bottom layer first.
    pub(crate) fn tensors(&self) -> Vec<(Slot, &[f32])> {
        let slots = self.operations.iter().flat_map(Operation::slots);
        slots.zip(self.tensors.iter().map(Vec::as_slice)).collect()
    }

    /// The tensors alone, in the same order.
    pub(crate) fn weights(&self) -> &[Vec<f32>] {
        &self.tensors
    }

    /// The same, to be moved by training. Their lengths stay.
    pub(crate) fn weights_mut(&mut self) -> &mut [Vec<f32>] {
        &mut self.tensors
    }

    /// The output's sums, before softmax, `[batch, classes]`, for windows
    /// `[sequence, batch, inputs]`; on the calling thread.
    ///
    /// # Panics
    /// When the windows are of another shape.
    pub(crate) fn logits(&self, windows: Vec<f32>, batch: usize) -> Vec<f32> {
        inference::run(&self.operations, &self.tensors, windows, batch)
    }
}

fn initial_values(slot: &Slot, stream: &mut Stream) -> Vec<f32> {
    let count = slot.shape.iter().product();
    match slot.part {
        Part::Sums { side_by_side } => {
            let inputs = slot.shape.first().copied().unwrap_or(1);
            let outputs = slot.shape.last().copied().unwrap_or(1) / side_by_side;
            let limit = (6.0 / (inputs + outputs) as f32).sqrt();
            (0..count).map(|_| limit * stream.signed_unit()).collect()
        }
        Part::Bias => vec![0.0; count],
        Part::Gain => vec![1.0; count],
        Part::LstmBias => {
            let units = count / crate::kernel::LSTM_GATES;
            (0..count).map(|at| if at / units == 1 { 1.0 } else { 0.0 }).collect()
        }
    }
}
