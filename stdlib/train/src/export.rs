//! Weights to bytes and back: the safetensors format, f32 little endian, names as module paths.
//!
//! The bytes depend on the weights alone, so that equal weights have equal digests.

#[cfg(test)]
mod tests;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use suho_domain::Fault;

use crate::architecture::Architecture;
use crate::network::Network;
use crate::predict::Predictor;
use std::collections::BTreeSet;

/// The one entry of the file's metadata: what it holds and in which layout.
const KIND: (&str, &str) = ("suho", "network/1");
/// The same where it holds several networks.
const SEVERAL: &str = "networks/1";

impl Network {
    /// The weights as a `model.safetensors` file.
    ///
    /// Tensors are named after their layer, which is counted among those of its kind, from 0:
    /// - `lstm_0`: `w_ih` `[inputs, 4 · units]`, `w_hh` `[units, 4 · units]`, `bias` `[4 · units]`; gates
    ///   input, forget, cell, output;
    /// - `gru_0`: `w_ih` `[inputs, 3 · units]`, `w_hh` `[units, 3 · units]`; gates reset, update,
    ///   candidate; `bias` `[4 · units]`, the last for the candidate's recurrent product;
    /// - `conv1d_0`: `weight` `[kernel · inputs, filters]`, oldest bar first; `bias` `[filters]`;
    /// - `attention_0`: `qkv_weight` `[width, 3 · width]`, query, key and value, heads side by side in
    ///   each; `qkv_bias`; `weight` `[width, width]`, `bias`;
    /// - `layer_norm_0`: `gain`, `bias` `[width]`;
    /// - `transformer_0.norm_0`, `.attention`, `.norm_1`, `.dense_0`, `.dense_1` like these;
    /// - `dense_0`, `output`: `weight` `[inputs, units]`, `bias` `[units]`.
    ///
    /// # Errors
    /// When the format refuses, which it does not for a network within its bounds.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, SaveError> {
        let tensors =
            self.tensors().into_iter().map(|(slot, values)| (slot.name, slot.shape, values));
        serialize(tensors, (KIND.0, KIND.1.to_owned()))
    }

    /// Reads the weights of a network of shape `architecture` from the bytes of a `model.safetensors`
    /// file.
    ///
    /// # Errors
    /// When the bytes are no such file, or hold other tensors than the architecture has.
    pub fn from_safetensors(architecture: &Architecture, bytes: &[u8]) -> Result<Self, LoadError> {
        let file = SafeTensors::deserialize(bytes)?;
        let network = read(architecture, &file, "")?;
        let known = network.tensors();
        let mut names = file.names();
        names.sort_unstable();
        match names.into_iter().find(|name| known.iter().all(|(slot, _)| slot.name != *name)) {
            Some(name) => Err(LoadError::Extra { name: name.to_owned() }),
            None => Ok(network),
        }
    }
}

/// What stands before the names of the tensors of one of several networks, counted from 0.
fn member(at: usize) -> String {
    format!("member_{at}.")
}

impl Predictor {
    /// The weights of all of its networks as a `model.safetensors` file: those of a single one as
    /// [`Network::to_safetensors`] writes them, those of several behind `member_0.`, `member_1.` and so on.
    ///
    /// # Errors
    /// As for a single network.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, SaveError> {
        if let [only] = self.networks() {
            return only.to_safetensors();
        }
        let networks = self.networks().iter().enumerate();
        let tensors = networks.flat_map(|(at, network)| {
            let named = move |slot: &str| format!("{}{slot}", member(at));
            network
                .tensors()
                .into_iter()
                .map(move |(slot, values)| (named(&slot.name), slot.shape, values))
        });
        serialize(tensors, (KIND.0, SEVERAL.to_owned()))
    }
}

/// The networks of shape `architecture`, one or several, whose weights are the bytes of a
/// `model.safetensors` file.
///
/// # Errors
/// When the bytes are no such file, or hold other tensors than networks of this shape have.
pub fn networks(architecture: &Architecture, bytes: &[u8]) -> Result<Vec<Network>, LoadError> {
    let file = SafeTensors::deserialize(bytes)?;
    let names = file.names();
    let is_there = |at: &usize| names.iter().any(|name| name.starts_with(&member(*at)));
    let members: Vec<usize> = (0..names.len()).take_while(is_there).collect();
    if members.is_empty() {
        return Ok(vec![Network::from_safetensors(architecture, bytes)?]);
    }
    let networks: Vec<Network> = members
        .iter()
        .map(|at| read(architecture, &file, &member(*at)))
        .collect::<Result<_, _>>()?;
    let known: BTreeSet<String> = networks
        .iter()
        .enumerate()
        .flat_map(|(at, it)| {
            it.tensors().into_iter().map(move |(slot, _)| format!("{}{}", member(at), slot.name))
        })
        .collect();
    let mut names = file.names();
    names.sort_unstable();
    match names.into_iter().find(|name| !known.contains(*name)) {
        Some(name) => Err(LoadError::Extra { name: name.to_owned() }),
        None => Ok(networks),
    }
}

/// Named tensors with their shapes as a file with one entry of metadata.
pub(crate) fn serialize<'a>(
    tensors: impl Iterator<Item = (String, Vec<usize>, &'a [f32])>,
    (key, value): (&str, String),
) -> Result<Vec<u8>, SaveError> {
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .map(|(name, shape, values)| {
            (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
        })
        .collect();
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, SafeTensorError>>()?;
    let metadata = std::iter::once((key.to_owned(), value)).collect();
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// The metadata's entry `key` of a safetensors file.
pub(crate) fn metadata(bytes: &[u8], key: &str) -> Result<Option<String>, LoadError> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    Ok(header.metadata().as_ref().and_then(|entries| entries.get(key)).cloned())
}

/// The network whose tensors stand in `file` under their names behind `prefix`.
pub(crate) fn read(
    architecture: &Architecture,
    file: &SafeTensors<'_>,
    prefix: &str,
) -> Result<Network, LoadError> {
    Network::from_source(architecture, |slot| {
        let name = || format!("{prefix}{}", slot.name);
        let tensor = file.tensor(&name()).map_err(|_| LoadError::Missing { name: name() })?;
        if tensor.dtype() != Dtype::F32 {
            return Err(LoadError::Type { name: name() });
        }
        if tensor.shape() != slot.shape {
            let (found, expected) = (tensor.shape().to_vec(), slot.shape.clone());
            return Err(LoadError::Shape { name: name(), found, expected });
        }
        let (values, _) = tensor.data().as_chunks();
        let values: Vec<f32> = values.iter().copied().map(f32::from_le_bytes).collect();
        if !values.iter().all(|value| value.is_finite()) {
            return Err(LoadError::NotFinite { name: name() });
        }
        Ok(values)
    })
}

/// Why weights were not written. Always `Bug`.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The format refused.
    #[error("cannot write weights as safetensors")]
    Format(#[from] SafeTensorError),
    /// What stands beside them cannot be written.
    #[error("cannot write the record of a training")]
    Record(#[from] serde_json::Error),
}

impl SaveError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        Fault::Bug
    }
}

/// Why bytes are not the weights asked for. Always `World`: what was stored is not what is read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Cut short, damaged, or something else altogether.
    #[error("not a whole safetensors file")]
    Format(#[from] SafeTensorError),
    /// A tensor that the network has is absent.
    #[error("tensor `{name}` is missing")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A tensor that the network does not have is present.
    #[error("tensor `{name}` belongs to another network")]
    Extra {
        /// Its name.
        name: String,
    },
    /// A tensor of another shape.
    #[error("tensor `{name}` is {found:?} and the network has {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// The shape in the file.
        found: Vec<usize>,
        /// The network's.
        expected: Vec<usize>,
    },
    /// A tensor of other numbers than f32.
    #[error("tensor `{name}` does not hold f32")]
    Type {
        /// Its name.
        name: String,
    },
    /// A weight that is no finite number.
    #[error("tensor `{name}` holds a weight that is not finite")]
    NotFinite {
        /// Its name.
        name: String,
    },
}

impl LoadError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        Fault::World
    }
}
