//! A graph of operators that another program has written as an ONNX file, and its answers.
//!
//! The operators are those that networks over windows of bars are made of; a file with another one is
//! refused by that operator's name. Everything is computed in f64, one window at a time, in the order of
//! the file, so that equal windows have equal answers. What a file asks for in memory and work is
//! counted while it runs: one that asks for too much is refused.

mod array;
mod error;
mod operators;
mod products;
mod recurrent;
mod shapes;
#[cfg(test)]
mod tests;

pub use error::GraphError;

use array::{Array, Budget};
use operators::Operator;
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};

use super::message::{
    BOOL, DOUBLE, Extent, FLOAT, INT32, INT64, Model, Tensor, TensorType, ValueInfo,
};

/// Versions of the operators that are read.
const OPERATOR_SETS: std::ops::RangeInclusive<i64> = 11..=25;
/// Nodes of a graph at most.
const NODES_MAX: usize = 10_000;
/// How far a sum of probabilities may be from 1.
const SUM_OFF_MAX: f64 = 1e-3;

/// What a graph has to read and to answer.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Bars of a window.
    pub sequence: usize,
    /// Features of a bar, in order.
    pub features: &'a [String],
    /// Classes, in order.
    pub classes: &'a [String],
}

/// A graph that reads one window, raw, `[1, sequence, feature]`, and answers with one probability a class.
#[derive(Clone, Debug, PartialEq)]
pub struct OnnxGraph {
    bytes: Vec<u8>,
    sequence: usize,
    features: Vec<String>,
    classes: Vec<String>,
    constants: BTreeMap<String, Array>,
    nodes: Vec<Operator>,
    input: String,
    output: String,
    parameters: usize,
}

impl OnnxGraph {
    /// Reads the bytes of an ONNX file and asks it once, for a window of zeros.
    ///
    /// It has one input, of f32 or f64, `[batch, sequence, feature]`, the batch unbound or 1; features are
    /// raw: what scales them belongs to the graph. Its one output, or that of several which is called
    /// `probabilities`, is `[batch, class]`. Where its metadata names `features` or `classes`, as
    /// comma-separated lists, these are the expected ones.
    ///
    /// # Errors
    /// When the bytes are no such file, or the graph is another one, has an operator that is not read here
    /// or asks for more than an answer may take.
    pub fn from_bytes(bytes: &[u8], expected: Expected<'_>) -> Result<Self, GraphError> {
        let model = Model::decode(bytes).map_err(GraphError::Format)?;
        check_version(&model)?;
        check_metadata(&model, expected)?;
        let graph = model.graph.ok_or(GraphError::Empty)?;
        if graph.node.is_empty() {
            return Err(GraphError::Empty);
        }
        if graph.node.len() > NODES_MAX {
            return Err(GraphError::TooManyNodes { nodes: graph.node.len(), most: NODES_MAX });
        }
        let mut constants = BTreeMap::new();
        for tensor in &graph.initializer {
            constants.insert(tensor.name.clone(), read(tensor)?);
        }
        let parameters =
            graph.initializer.iter().filter(|it| matches!(it.data_type, FLOAT | DOUBLE));
        let parameters = parameters.filter_map(|it| constants.get(&it.name)).map(Array::len).sum();
        let inputs: Vec<&ValueInfo> =
            graph.input.iter().filter(|input| !constants.contains_key(&input.name)).collect();
        let [input] = inputs.as_slice() else {
            let names = inputs.iter().map(|input| input.name.clone()).collect();
            return Err(GraphError::Inputs { names });
        };
        check_input(input, expected)?;
        let output = output(&graph.output)?;
        let nodes: Vec<Operator> =
            graph.node.iter().map(Operator::of).collect::<Result<_, GraphError>>()?;
        let graph = Self {
            bytes: bytes.to_vec(),
            sequence: expected.sequence,
            features: expected.features.to_vec(),
            classes: expected.classes.to_vec(),
            input: input.name.clone(),
            output,
            constants,
            nodes,
            parameters,
        };
        graph.run(&vec![0.0; graph.sequence * graph.features.len()])?;
        Ok(graph)
    }

    /// Bars of a window.
    pub const fn sequence(&self) -> usize {
        self.sequence
    }

    /// Features of a bar, in order.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Classes, in the order of its probabilities.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How many numbers it holds: about as many were learnt.
    pub const fn parameters(&self) -> usize {
        self.parameters
    }

    /// The file that it was read from.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The probability of each class after `window` `[sequence, feature]`, raw.
    ///
    /// # Errors
    /// When it has no answer, or one that is no probabilities.
    pub fn answer(&self, window: &[f64]) -> Result<Vec<f64>, GraphError> {
        let answer = self.run(window)?;
        let sum: f64 = answer.iter().sum();
        // Not a number is neither.
        let is_share =
            answer.iter().all(|share| (-SUM_OFF_MAX..=1.0 + SUM_OFF_MAX).contains(share));
        if !is_share || (sum - 1.0).abs() > SUM_OFF_MAX {
            return Err(GraphError::NotProbabilities { answer });
        }
        Ok(answer.into_iter().map(|share| share.clamp(0.0, 1.0)).collect())
    }

    /// What comes out for one window: one number a class.
    fn run(&self, window: &[f64]) -> Result<Vec<f64>, GraphError> {
        let mut budget = Budget::of_answer();
        let dims = vec![1, self.sequence, self.features.len()];
        budget.array(&dims)?;
        let mut made = BTreeMap::from([(self.input.as_str(), Array::real(dims, window.to_vec()))]);
        for node in &self.nodes {
            let find = |name: &String| -> Result<Option<&Array>, GraphError> {
                if name.is_empty() {
                    return Ok(None);
                }
                let found = made.get(name.as_str()).or_else(|| self.constants.get(name));
                found.map(Some).ok_or_else(|| GraphError::Unknown { name: name.clone() })
            };
            let inputs: Vec<Option<&Array>> =
                node.inputs.iter().map(find).collect::<Result<_, _>>()?;
            let outputs = node.run(&inputs, &mut budget).map_err(|error| node.named(error))?;
            made.extend(node.outputs.iter().map(String::as_str).zip(outputs));
        }
        let found = made.remove(self.output.as_str());
        let found = found.ok_or_else(|| GraphError::Unknown { name: self.output.clone() })?;
        if found.len() != self.classes.len() {
            let (found, wanted) = (found.dims, vec![1, self.classes.len()]);
            return Err(GraphError::Output { found, wanted });
        }
        Ok(found.reals())
    }
}

fn check_version(model: &Model) -> Result<(), GraphError> {
    let version = |domain: &str| {
        let set = model.opset_import.iter().find(|it| it.domain.as_deref().unwrap_or("") == domain);
        set.map(|set| set.version)
    };
    match version("") {
        Some(set) if OPERATOR_SETS.contains(&set) => Ok(()),
        found => Err(GraphError::Version {
            found: found.unwrap_or(0),
            least: *OPERATOR_SETS.start(),
            most: *OPERATOR_SETS.end(),
        }),
    }
}

/// Holds the lists in the file's metadata, where there are any, against what is expected.
fn check_metadata(model: &Model, expected: Expected<'_>) -> Result<(), GraphError> {
    for (what, wanted) in [("features", expected.features), ("classes", expected.classes)] {
        let entry = model.metadata_props.iter().find(|entry| entry.key == what);
        if let Some(entry) = entry {
            let found: Vec<&str> = entry.value.split(',').map(str::trim).collect();
            if found != wanted {
                let (found, wanted) = (found.join(", "), wanted.join(", "));
                return Err(GraphError::Signature { what, found, wanted });
            }
        }
    }
    Ok(())
}

fn check_input(input: &ValueInfo, expected: Expected<'_>) -> Result<(), GraphError> {
    let wanted = vec![1, expected.sequence, expected.features.len()];
    let Some(TensorType { elem_type, shape }) =
        input.r#type.as_ref().and_then(|it| it.tensor_type.as_ref())
    else {
        return Err(GraphError::Input { found: "no tensor".to_owned(), wanted });
    };
    if !matches!(*elem_type, FLOAT | DOUBLE) {
        let found = "numbers of another type than f32 and f64".to_owned();
        return Err(GraphError::Input { found, wanted });
    }
    let Some(shape) = shape else { return Ok(()) };
    let dims: Vec<Option<usize>> = shape
        .dim
        .iter()
        .map(|dim| match &dim.value {
            Some(Extent::Value(extent)) => usize::try_from(*extent).ok().filter(|dim| *dim > 0),
            Some(Extent::Param(_)) | None => None,
        })
        .collect();
    let fits = dims.len() == wanted.len()
        && dims.iter().zip(&wanted).all(|(dim, wanted)| dim.is_none_or(|dim| dim == *wanted));
    if fits {
        return Ok(());
    }
    let shown = |dim: &Option<usize>| dim.map_or_else(|| "?".to_owned(), |dim| dim.to_string());
    let found = format!("[{}]", dims.iter().map(shown).collect::<Vec<_>>().join(", "));
    Err(GraphError::Input { found, wanted })
}

/// The one output, or that of several which is called `probabilities`.
fn output(outputs: &[ValueInfo]) -> Result<String, GraphError> {
    match outputs {
        [only] => Ok(only.name.clone()),
        several => {
            let named = several.iter().find(|output| output.name == "probabilities");
            named.map(|output| output.name.clone()).ok_or_else(|| GraphError::Outputs {
                names: several.iter().map(|output| output.name.clone()).collect(),
            })
        }
    }
}

/// A tensor of the file. It is never larger than the bytes that it stands in.
fn read(tensor: &Tensor) -> Result<Array, GraphError> {
    let name = || tensor.name.clone();
    if tensor.data_location != 0 {
        return Err(GraphError::External { name: name() });
    }
    let dims: Vec<usize> = tensor
        .dims
        .iter()
        .map(|dim| usize::try_from(*dim))
        .collect::<Result<_, _>>()
        .map_err(|_| GraphError::Tensor { name: name() })?;
    let raw = tensor.raw_data.as_slice();
    let chunks = |size: usize| raw.len().is_multiple_of(size);
    let array = match tensor.data_type {
        FLOAT if chunks(4) => {
            let (bytes, _) = raw.as_chunks();
            let from_raw = bytes.iter().copied().map(f32::from_le_bytes).map(f64::from);
            let listed = tensor.float_data.iter().copied().map(f64::from);
            Array::real(dims, from_raw.chain(listed).collect())
        }
        DOUBLE if chunks(8) => {
            let (bytes, _) = raw.as_chunks();
            let from_raw = bytes.iter().copied().map(f64::from_le_bytes);
            Array::real(dims, from_raw.chain(tensor.double_data.iter().copied()).collect())
        }
        INT64 if chunks(8) => {
            let (bytes, _) = raw.as_chunks();
            let from_raw = bytes.iter().copied().map(i64::from_le_bytes);
            Array::whole(dims, from_raw.chain(tensor.int64_data.iter().copied()).collect())
        }
        INT32 if chunks(4) => {
            let (bytes, _) = raw.as_chunks();
            let from_raw = bytes.iter().copied().map(i32::from_le_bytes).map(i64::from);
            let listed = tensor.int32_data.iter().copied().map(i64::from);
            Array::whole(dims, from_raw.chain(listed).collect())
        }
        BOOL => {
            let listed = tensor.int32_data.iter().copied().map(i64::from);
            Array::whole(dims, raw.iter().copied().map(i64::from).chain(listed).collect())
        }
        _ => return Err(GraphError::Tensor { name: name() }),
    };
    let Array { dims, values } = array;
    let found = Array { dims: vec![0], values };
    found.reshaped(dims).map_err(|_| GraphError::Tensor { name: name() })
}

/// The kinds of operators that are read, sorted.
pub fn operators() -> BTreeSet<&'static str> {
    operators::KINDS.iter().copied().collect()
}
