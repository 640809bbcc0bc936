//! Weights to bytes and back: the safetensors format, f32 little endian, names as module paths.
//!
//! The bytes depend on the weights alone, so that equal weights have equal digests.

#[cfg(test)]
mod tests;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use suho_domain::Fault;

use crate::architecture::Architecture;
use crate::network::Network;

/// The one entry of the file's metadata: what it holds and in which layout.
const KIND: (&str, &str) = ("suho", "network/1");

impl Network {
    /// The weights as a `model.safetensors` file.
    ///
    /// Tensors: `lstm_0.w_ih` `[inputs, 4 · units]`, `lstm_0.w_hh` `[units, 4 · units]`, `lstm_0.bias`
    /// `[4 · units]` (gates input, forget, cell, output), then `lstm_1` and so on; `dense_0.weight`
    /// `[inputs, units]`, `dense_0.bias` `[units]`; `output.weight`, `output.bias`.
    ///
    /// # Errors
    /// When the format refuses, which it does not for a network within its bounds.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, SaveError> {
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .tensors()
            .into_iter()
            .map(|(slot, values)| {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                (slot.name, slot.shape, bytes)
            })
            .collect();
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?))
            })
            .collect::<Result<Vec<_>, SafeTensorError>>()?;
        let kind = std::iter::once((KIND.0.to_owned(), KIND.1.to_owned())).collect();
        Ok(safetensors::serialize(views, Some(kind))?)
    }

    /// Reads the weights of a network of shape `architecture` from the bytes of a `model.safetensors`
    /// file.
    ///
    /// # Errors
    /// When the bytes are no such file, or hold other tensors than the architecture has.
    pub fn from_safetensors(architecture: &Architecture, bytes: &[u8]) -> Result<Self, LoadError> {
        let file = SafeTensors::deserialize(bytes)?;
        let network = Self::from_source(architecture, |slot| {
            let name = || slot.name.clone();
            let tensor =
                file.tensor(&slot.name).map_err(|_| LoadError::Missing { name: name() })?;
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
        })?;
        let known = network.tensors();
        let mut names = file.names();
        names.sort_unstable();
        match names.into_iter().find(|name| known.iter().all(|(slot, _)| slot.name != *name)) {
            Some(name) => Err(LoadError::Extra { name: name.to_owned() }),
            None => Ok(network),
        }
    }
}

/// Why weights were not written. Always `Bug`.
#[derive(Debug, thiserror::Error)]
#[error("cannot write weights as safetensors")]
pub struct SaveError(#[from] SafeTensorError);

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
