//! Weights that another program has trained, for a network of our own layers.
//!
//! A file that says `format: pt` in its metadata, as `safetensors.torch.save_file` writes it, has the
//! tensors of PyTorch's modules: named and laid out otherwise, and the same numbers. Any other file has
//! to be as [`Network::to_safetensors`] writes it.

#[cfg(test)]
mod tests;

use safetensors::tensor::{Dtype, SafeTensors};
use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::architecture::Architecture;
use crate::export::{self, LoadError};
use crate::network::Network;
use crate::operation::Slot;

/// Where a file says whose tensors it holds, and what PyTorch says there.
const PYTORCH: (&str, &str) = ("format", "pt");

impl Network {
    /// The weights of a network of shape `architecture` from a safetensors file, ours or PyTorch's.
    ///
    /// PyTorch's modules are named after our layers, counted from 0:
    /// - `lstm_0`, `gru_0`: `torch.nn.LSTM` and `GRU` of one layer, one direction, with biases;
    /// - `conv1d_0`: `torch.nn.Conv1d` (padded on the left);
    /// - `attention_0`: `torch.nn.MultiheadAttention`;
    /// - `layer_norm_0`: `torch.nn.LayerNorm`;
    /// - `transformer_0.norm_0`, `.attention`, `.norm_1`, `.dense_0`, `.dense_1` like these;
    /// - `dense_0`, `output`: `torch.nn.Linear`.
    ///
    /// # Errors
    /// When the bytes are no such file, a tensor is missing, of another shape or type or not finite, or
    /// one is there that the network does not have.
    pub fn from_foreign(architecture: &Architecture, bytes: &[u8]) -> Result<Self, LoadError> {
        let (key, of_torch) = PYTORCH;
        if export::metadata(bytes, key)?.as_deref() != Some(of_torch) {
            return Self::from_safetensors(architecture, bytes);
        }
        let file = Torch { file: SafeTensors::deserialize(bytes)?, read: RefCell::default() };
        let network = Self::from_source(architecture, |slot| file.slot(slot))?;
        let read = file.read.into_inner();
        let mut names = file.file.names();
        names.sort_unstable();
        match names.into_iter().find(|name| !read.contains(*name)) {
            Some(name) => Err(LoadError::Extra { name: name.to_owned() }),
            None => Ok(network),
        }
    }
}

/// A file of PyTorch's.
struct Torch<'a> {
    file: SafeTensors<'a>,
    /// The names of the tensors that were asked for.
    read: RefCell<BTreeSet<String>>,
}

impl Torch<'_> {
    /// The weights that belong into `slot`.
    fn slot(&self, slot: &Slot) -> Result<Vec<f32>, LoadError> {
        let (layer, what) = slot.name.rsplit_once('.').unwrap_or((slot.name.as_str(), ""));
        let of = |name: &str| format!("{layer}.{name}");
        let side = |axis| slot.shape.get(axis).copied().unwrap_or(0);
        let (rows, columns) = (side(0), side(1));
        let across = |name: String| Ok(transposed(&self.tensor(name, &[columns, rows])?, rows));
        match what {
            "w_ih" => across(of("weight_ih_l0")),
            "w_hh" => across(of("weight_hh_l0")),
            "qkv_weight" => across(of("in_proj_weight")),
            "qkv_bias" => self.tensor(of("in_proj_bias"), &slot.shape),
            "gain" => self.tensor(of("weight"), &slot.shape),
            "weight" if is(layer, "attention") => across(of("out_proj.weight")),
            "bias" if is(layer, "attention") => self.tensor(of("out_proj.bias"), &slot.shape),
            "bias" if is(layer, "lstm") => {
                let [of_inputs, of_states] = self.biases(layer, rows)?;
                Ok(of_inputs.iter().zip(&of_states).map(|(a, b)| a + b).collect())
            }
            "bias" if is(layer, "gru") => self.gru_bias(layer, rows),
            "weight" if is(layer, "conv1d") => self.conv_weight(of("weight"), (rows, columns)),
            "weight" => across(of("weight")),
            _ => self.tensor(slot.name.clone(), &slot.shape),
        }
    }

    fn biases(&self, layer: &str, sums: usize) -> Result<[Vec<f32>; 2], LoadError> {
        Ok([
            self.tensor(format!("{layer}.bias_ih_l0"), &[sums])?,
            self.tensor(format!("{layer}.bias_hh_l0"), &[sums])?,
        ])
    }

    /// Ours has one bias a gate, and another for the candidate's recurrent product: four units' worth.
    fn gru_bias(&self, layer: &str, ours: usize) -> Result<Vec<f32>, LoadError> {
        let units = ours / 4;
        let [of_inputs, of_states] = self.biases(layer, ours - units)?;
        let gates = 2 * units;
        let both = of_inputs.iter().zip(&of_states).take(gates).map(|(a, b)| a + b);
        let candidate = of_inputs.iter().skip(gates).copied();
        Ok(both.chain(candidate).chain(of_states.iter().skip(gates).copied()).collect())
    }

    /// Theirs is `[filter, input, tap]`, ours `[tap · input, filter]`.
    fn conv_weight(
        &self,
        name: String,
        (rows, filters): (usize, usize),
    ) -> Result<Vec<f32>, LoadError> {
        let found = self.shape(&name)?;
        let [_, inputs, taps] = found.as_slice() else {
            return Err(LoadError::Shape { name, found, expected: vec![filters, rows] });
        };
        let (inputs, taps) = (*inputs, *taps);
        if inputs.checked_mul(taps) != Some(rows) {
            let expected = vec![filters, rows / taps.max(1), taps];
            return Err(LoadError::Shape { name, found, expected });
        }
        let theirs = self.tensor(name, &[filters, inputs, taps])?;
        let places = (0..taps).flat_map(|tap| {
            (0..inputs).flat_map(move |input| {
                (0..filters).map(move |filter| (filter * inputs + input) * taps + tap)
            })
        });
        Ok(places.filter_map(|at| theirs.get(at).copied()).collect())
    }

    fn shape(&self, name: &str) -> Result<Vec<usize>, LoadError> {
        let tensor = self.file.tensor(name);
        let tensor = tensor.map_err(|_| LoadError::Missing { name: name.to_owned() })?;
        Ok(tensor.shape().to_vec())
    }

    /// The values of the tensor `name`, which has `shape`.
    fn tensor(&self, name: String, shape: &[usize]) -> Result<Vec<f32>, LoadError> {
        let tensor = self.file.tensor(&name);
        let tensor = tensor.map_err(|_| LoadError::Missing { name: name.clone() })?;
        if tensor.dtype() != Dtype::F32 {
            return Err(LoadError::Type { name });
        }
        if tensor.shape() != shape {
            let (found, expected) = (tensor.shape().to_vec(), shape.to_vec());
            return Err(LoadError::Shape { name, found, expected });
        }
        let (values, _) = tensor.data().as_chunks();
        let values: Vec<f32> = values.iter().copied().map(f32::from_le_bytes).collect();
        if !values.iter().all(|value| value.is_finite()) {
            return Err(LoadError::NotFinite { name });
        }
        self.read.borrow_mut().insert(name);
        Ok(values)
    }
}

/// Whether `layer`, or the part of a layer that its name ends with, is of `kind`.
fn is(layer: &str, kind: &str) -> bool {
    let last = layer.rsplit('.').next().unwrap_or(layer);
    last == kind || last.strip_prefix(kind).is_some_and(|rest| rest.starts_with('_'))
}

/// `[columns, rows]` as `[rows, columns]`.
fn transposed(values: &[f32], rows: usize) -> Vec<f32> {
    (0..rows).flat_map(|row| values.iter().skip(row).step_by(rows).copied()).collect()
}
