//! A network as burn sees it while it learns: the way to a loss and back, and a step of Adam.
//!
//! The weights stay plain numbers; each step shows them to burn and takes its gradients back.

mod node;
#[cfg(test)]
pub(crate) mod tests;
mod unrolled;

use burn::tensor::activation::{log_softmax, relu, softmax, tanh};
use burn::tensor::{Gradients, Tensor, TensorData};

use crate::adam::{Adam, Memory, clip};
use crate::device::{Device, Form};
use crate::inference::{NORM_EPSILON, positions};
use crate::kernel::Workspace;
use crate::layer::Activation;
use crate::network::Network;
use crate::operation::{Kind, Operation, Part};
use crate::random::narrow;

/// A network that learns.
pub(crate) struct Learner {
    network: Network,
    memory: Memory,
    /// Which tensors shrink under weight decay.
    decays: Vec<bool>,
    device: Device,
    workspace: Workspace,
}

/// A batch to learn from.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Number of windows.
    pub(crate) size: usize,
    /// `[sequence, size, inputs]`.
    pub(crate) windows: Vec<f32>,
    /// `[size, classes]`: what each logarithm of a probability counts in the loss; the numbers of a
    /// batch add up to 1.
    pub(crate) targets: Vec<f32>,
    /// For each dropout the factors of its input, in the order of the sites.
    pub(crate) dropout: Vec<Vec<f32>>,
}

/// How far and by what rule a step goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stride {
    pub(crate) adam: Adam,
    pub(crate) learning_rate: f64,
    /// The longest gradient, all weights taken as one vector.
    pub(crate) norm_max: Option<f64>,
}

/// burn did what its documentation excludes. A `Bug`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the tensor library answered with another type or device than asked for")]
pub(crate) struct TensorFault;

impl Learner {
    /// Starts from `network`, or goes on from what Adam remembers of it.
    pub(crate) fn new(network: Network, memory: Option<Memory>, device: &Device) -> Self {
        let memory = memory.unwrap_or_else(|| Memory::of(network.weights()));
        let is_product = |part| matches!(part, Part::Sums { .. });
        let decays = network.tensors().iter().map(|(slot, _)| is_product(slot.part)).collect();
        let (device, workspace) = (device.clone(), Workspace::default());
        Self { network, memory, decays, device, workspace }
    }

    /// The network as it stands.
    pub(crate) const fn network(&self) -> &Network {
        &self.network
    }

    /// What Adam remembers.
    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// One step down the gradient; returns the batch's weighted mean cross-entropy before it. A loss
    /// that is not finite moves nothing.
    pub(crate) fn learn(&mut self, batch: Batch, stride: &Stride) -> Result<f64, TensorFault> {
        let (loss, mut gradients) = self.gradients(batch)?;
        if loss.is_finite() {
            if let Some(norm_max) = stride.norm_max {
                clip(&mut gradients, norm_max);
            }
            let learning_rate = narrow(stride.learning_rate);
            let weights = self.network.weights_mut();
            self.memory.step(&stride.adam, learning_rate, weights, &gradients, &self.decays);
        }
        Ok(loss)
    }

    /// The batch's loss and its gradient by every tensor of weights.
    pub(crate) fn gradients(&self, batch: Batch) -> Result<(f64, Vec<Vec<f32>>), TensorFault> {
        let leaves = self.leaves();
        let loss = self.loss(&leaves, batch)?;
        let gradients = loss.backward();
        let by = leaves.iter().map(|leaf| leaf.gradient(&gradients)).collect::<Result<_, _>>()?;
        Ok((numbers(loss)?.into_iter().map(f64::from).sum(), by))
    }

    fn leaves(&self) -> Vec<Leaf> {
        let leaf = |(slot, values): (crate::operation::Slot, &[f32])| match *slot.shape {
            [rows, columns] => {
                Leaf::Matrix(self.tensor(values.to_vec(), [rows, columns]).require_grad())
            }
            _ => Leaf::Row(self.tensor(values.to_vec(), [values.len()]).require_grad()),
        };
        self.network.tensors().into_iter().map(leaf).collect()
    }

    fn loss(&self, leaves: &[Leaf], batch: Batch) -> Result<Tensor<1>, TensorFault> {
        let Batch { size, windows, targets, dropout } = batch;
        let targets = self.tensor(targets, [size, self.network.architecture().classes().len()]);
        let logits = self.way(leaves, (windows, size), dropout)?;
        Ok((log_softmax(logits, 1) * targets).sum().neg())
    }

    /// The output's sums, before softmax, `[size, classes]`, as the device has them: what
    /// [`Network::logits`] has too, to rounding.
    pub(crate) fn logits(&self, windows: Vec<f32>, size: usize) -> Result<Vec<f32>, TensorFault> {
        numbers(self.way(&self.leaves(), (windows, size), Vec::new())?)
    }

    /// From windows `[sequence, size, inputs]` to the output's sums; without `dropout` nothing is
    /// dropped.
    fn way(
        &self,
        leaves: &[Leaf],
        (windows, size): (Vec<f32>, usize),
        dropout: Vec<Vec<f32>>,
    ) -> Result<Tensor<2>, TensorFault> {
        let architecture = self.network.architecture();
        let rows = self.tensor(windows, [architecture.sequence() * size, architecture.inputs()]);
        let mut way =
            Way { learner: self, leaves: leaves.iter(), dropout: dropout.into_iter(), batch: size };
        way.walk(self.network.operations(), rows)
    }

    fn tensor<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values, shape), &self.device.tensors)
    }
}

/// Weights as burn differentiates by them.
enum Leaf {
    Matrix(Tensor<2>),
    Row(Tensor<1>),
}

impl Leaf {
    /// The loss's gradient by it; zero where the loss does not depend on it.
    fn gradient(&self, gradients: &Gradients) -> Result<Vec<f32>, TensorFault> {
        match self {
            Self::Matrix(tensor) => match tensor.grad(gradients) {
                Some(gradient) => numbers(gradient),
                None => Ok(vec![0.0; tensor.shape().num_elements()]),
            },
            Self::Row(tensor) => match tensor.grad(gradients) {
                Some(gradient) => numbers(gradient),
                None => Ok(vec![0.0; tensor.shape().num_elements()]),
            },
        }
    }
}

/// On the way from windows to logits: what has not been used yet.
struct Way<'a> {
    learner: &'a Learner,
    leaves: std::slice::Iter<'a, Leaf>,
    dropout: std::vec::IntoIter<Vec<f32>>,
    batch: usize,
}

impl Way<'_> {
    /// `rows` are `[steps · batch, width]`, time first.
    fn walk(
        &mut self,
        operations: &[Operation],
        mut rows: Tensor<2>,
    ) -> Result<Tensor<2>, TensorFault> {
        for operation in operations {
            rows = match &operation.kind {
                Kind::Recurrent { cell, inputs, units } => {
                    let [count, _] = rows.dims();
                    let steps = count / self.batch.max(1);
                    let windows = rows.reshape([steps, self.batch, *inputs]);
                    let (w_ih, w_hh, bias) = (self.matrix()?, self.matrix()?, self.row()?);
                    let Learner { device, workspace, .. } = self.learner;
                    let outputs = match device.form {
                        Form::Kernel => {
                            node::recurrent(workspace, *cell, windows, w_ih, w_hh, bias)
                        }
                        Form::Unrolled => {
                            Some(unrolled::recurrent(*cell, windows, w_ih, &w_hh, &bias))
                        }
                    };
                    outputs.ok_or(TensorFault)?.reshape([count, *units])
                }
                Kind::Conv { kernel, dilation, .. } => self.convolve(&rows, *kernel, *dilation)?,
                Kind::Attention { heads, .. } => self.attend(rows, *heads)?,
                Kind::Norm { .. } => self.normalise(rows)?,
                Kind::Dense { .. } => self.connect(rows)?,
                Kind::Activate(Activation::Relu) => relu(rows),
                Kind::Activate(Activation::Tanh) => tanh(rows),
                Kind::Activate(Activation::Linear | Activation::Softmax) => rows,
                Kind::Positions { width } => {
                    let [count, _] = rows.dims();
                    let places = positions(count / self.batch.max(1), *width);
                    let places: Vec<f32> = places
                        .chunks_exact(*width)
                        .flat_map(|row| row.repeat(self.batch))
                        .collect();
                    rows + self.learner.tensor(places, [count, *width])
                }
                Kind::Dropout { .. } => {
                    let shape = rows.dims();
                    match self.dropout.next() {
                        Some(factors) => rows * self.learner.tensor(factors, shape),
                        None => rows,
                    }
                }
                Kind::Last { .. } => {
                    let [count, _] = rows.dims();
                    rows.narrow(0, count - self.batch, self.batch)
                }
                Kind::Residual(inside) => rows.clone() + self.walk(inside, rows)?,
            };
        }
        Ok(rows)
    }

    fn matrix(&mut self) -> Result<Tensor<2>, TensorFault> {
        match self.leaves.next() {
            Some(Leaf::Matrix(tensor)) => Ok(tensor.clone()),
            _ => Err(TensorFault),
        }
    }

    fn row(&mut self) -> Result<Tensor<1>, TensorFault> {
        match self.leaves.next() {
            Some(Leaf::Row(tensor)) => Ok(tensor.clone()),
            _ => Err(TensorFault),
        }
    }

    fn connect(&mut self, rows: Tensor<2>) -> Result<Tensor<2>, TensorFault> {
        Ok(rows.matmul(self.matrix()?) + self.row()?.unsqueeze::<2>())
    }

    /// One product over all bars that the kernel sees, oldest first, side by side.
    fn convolve(
        &mut self,
        rows: &Tensor<2>,
        kernel: usize,
        dilation: usize,
    ) -> Result<Tensor<2>, TensorFault> {
        let [count, inputs] = rows.dims();
        let seen = (0..kernel).rev().map(|tap| {
            let back = (tap * dilation * self.batch).min(count);
            let none = Tensor::zeros([back, inputs], &self.learner.device.tensors);
            match back {
                0 => rows.clone(),
                _ if back == count => none,
                _ => Tensor::cat(vec![none, rows.clone().narrow(0, 0, count - back)], 0),
            }
        });
        let seen = Tensor::cat(seen.collect(), 1);
        self.connect(seen)
    }

    fn attend(&mut self, rows: Tensor<2>, heads: usize) -> Result<Tensor<2>, TensorFault> {
        let ([count, width], batch) = (rows.dims(), self.batch);
        let (steps, head) = (count / batch.max(1), width / heads.max(1));
        let qkv = self.connect(rows)?;
        // From [step, window, which, head, …] to [which, window, head, step, …].
        let qkv = qkv.reshape([steps, batch, 3, heads, head]).permute([2, 1, 3, 0, 4]);
        let part = |which| qkv.clone().narrow(0, which, 1).reshape([batch * heads, steps, head]);
        let scores = part(0).matmul(part(1).swap_dims(1, 2)) / (head as f64).sqrt();
        let found = softmax(scores, 2).matmul(part(2));
        let found = found.reshape([batch, heads, steps, head]).permute([2, 0, 1, 3]);
        self.connect(found.reshape([count, width]))
    }

    fn normalise(&mut self, rows: Tensor<2>) -> Result<Tensor<2>, TensorFault> {
        let centred = rows.clone() - rows.mean_dim(1);
        let variance = centred.clone().powf_scalar(2.0).mean_dim(1);
        let normal = centred / (variance + NORM_EPSILON).sqrt();
        Ok(normal * self.row()?.unsqueeze::<2>() + self.row()?.unsqueeze::<2>())
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, TensorFault> {
    tensor.into_data().try_into_vec().map_err(|_| TensorFault)
}
