//! A network as burn sees it while it learns: parameters, the way to a loss, one step of Adam.

mod node;
#[cfg(test)]
mod tests;

use burn::module::{Module, Param};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{log_softmax, relu, tanh};
use burn::tensor::{Device, Tensor, TensorData};

use crate::architecture::{Activation, Architecture};
use crate::fit::Adam;
use crate::network::Network;

/// A network that learns.
pub(crate) struct Learner {
    architecture: Architecture,
    parameters: Parameters,
    optimizer: ModuleOptimizer,
    learning_rate: f64,
    device: Device,
}

#[derive(Debug, Module)]
struct Parameters {
    lstms: Vec<LstmParameters>,
    denses: Vec<DenseParameters>,
}

#[derive(Debug, Module)]
struct LstmParameters {
    w_ih: Param<Tensor<2>>,
    w_hh: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

#[derive(Debug, Module)]
struct DenseParameters {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// A batch to learn from.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Number of windows.
    pub(crate) size: usize,
    /// `[sequence, size, inputs]`.
    pub(crate) windows: Vec<f32>,
    /// `[size, classes]`: each window's weight in the loss, in the column of its class; the weights of
    /// a batch add up to 1.
    pub(crate) targets: Vec<f32>,
    /// For each LSTM layer the factors of its outputs, `[sequence, size, units]`, of the last only
    /// those of the last step, `[size, units]`; nothing where nothing is dropped.
    pub(crate) dropout: Vec<Option<Vec<f32>>>,
}

/// burn did what its documentation excludes. A `Bug`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the tensor library answered with another type or device than asked for")]
pub(crate) struct TensorFault;

impl Learner {
    /// Starts from the weights of `network`.
    pub(crate) fn new(network: &Network, adam: &Adam, learning_rate: f64) -> Self {
        let device = Device::flex().autodiff();
        let lstms = network.lstms.iter().map(|layer| LstmParameters {
            w_ih: matrix(&layer.w_ih, layer.inputs, &device),
            w_hh: matrix(&layer.w_hh, layer.units, &device),
            bias: row(&layer.bias, &device),
        });
        let denses = network.denses.iter().map(|layer| DenseParameters {
            weight: matrix(&layer.weight, layer.inputs, &device),
            bias: row(&layer.bias, &device),
        });
        Self {
            architecture: network.architecture().clone(),
            parameters: Parameters { lstms: lstms.collect(), denses: denses.collect() },
            optimizer: AdamConfig::new()
                .with_beta_1(adam.beta1)
                .with_beta_2(adam.beta2)
                .with_epsilon(adam.epsilon)
                .init(),
            learning_rate,
            device,
        }
    }

    /// One step down the gradient; returns the batch's weighted mean cross-entropy before it.
    pub(crate) fn learn(self, batch: Batch) -> Result<(Self, f64), TensorFault> {
        let loss = self.loss(batch)?;
        let gradients = GradientsParams::from_grads(loss.backward(), &self.parameters);
        let value = numbers(loss)?.into_iter().map(f64::from).sum();
        let Self { architecture, parameters, mut optimizer, learning_rate, device } = self;
        let parameters = optimizer.step(learning_rate, parameters, gradients);
        Ok((Self { architecture, parameters, optimizer, learning_rate, device }, value))
    }

    /// The weights as they stand.
    pub(crate) fn network(&self) -> Result<Network, TensorFault> {
        let lstms = self.parameters.lstms.iter().flat_map(|layer| {
            [numbers(layer.w_ih.val()), numbers(layer.w_hh.val()), numbers(layer.bias.val())]
        });
        let denses = self
            .parameters
            .denses
            .iter()
            .flat_map(|layer| [numbers(layer.weight.val()), numbers(layer.bias.val())]);
        let mut tensors = lstms.chain(denses);
        Network::from_source(&self.architecture, |_| tensors.next().ok_or(TensorFault)?)
    }

    fn loss(&self, batch: Batch) -> Result<Tensor<1>, TensorFault> {
        let targets = self.tensor(batch.targets, [batch.size, self.architecture.classes().len()]);
        let logits = self.logits(batch.windows, batch.size, batch.dropout)?;
        Ok((log_softmax(logits, 1) * targets).sum().neg())
    }

    /// The output's sums, `[size, classes]`.
    fn logits(
        &self,
        windows: Vec<f32>,
        size: usize,
        dropout: Vec<Option<Vec<f32>>>,
    ) -> Result<Tensor<2>, TensorFault> {
        let steps = self.architecture.sequence();
        let mut below = self.tensor(windows, [steps, size, self.architecture.inputs()]);
        let mut last = Tensor::zeros([size, 0], &self.device);
        let count = self.parameters.lstms.len();
        for ((at, layer), factors) in self.parameters.lstms.iter().enumerate().zip(dropout) {
            let (w_ih, w_hh) = (layer.w_ih.val(), layer.w_hh.val());
            let outputs = node::lstm(below, w_ih, w_hh, layer.bias.val()).ok_or(TensorFault)?;
            let [_, _, units] = outputs.dims();
            if at + 1 == count {
                last = outputs.clone().narrow(0, steps - 1, 1).reshape([size, units]);
                if let Some(factors) = factors {
                    last = last * self.tensor(factors, [size, units]);
                }
                below = outputs;
            } else {
                below = match factors {
                    Some(factors) => outputs * self.tensor(factors, [steps, size, units]),
                    None => outputs,
                };
            }
        }
        for (layer, shape) in self.parameters.denses.iter().zip(self.architecture.denses()) {
            let sums = last.matmul(layer.weight.val()) + layer.bias.val().unsqueeze::<2>();
            last = match shape.activation {
                Activation::Relu => relu(sums),
                Activation::Tanh => tanh(sums),
                Activation::Softmax => sums,
            };
        }
        Ok(last)
    }

    fn tensor<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }
}

fn matrix(values: &[f32], rows: usize, device: &Device) -> Param<Tensor<2>> {
    let columns = values.len() / rows.max(1);
    Param::from_data(TensorData::new(values.to_vec(), [rows, columns]), device)
}

fn row(values: &[f32], device: &Device) -> Param<Tensor<1>> {
    Param::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, TensorFault> {
    tensor.into_data().try_into_vec().map_err(|_| TensorFault)
}
