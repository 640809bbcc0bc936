//! A fitted network as an ONNX file that other runtimes read.
//!
//! The file is whole: it takes raw windows, scales them as in training (in f64), and answers with
//! probabilities. It is written for others; suho itself serves from the weights of record.

#[cfg(test)]
mod tests;

mod drawing;
mod graph;
mod message;

pub use graph::{Expected, GraphError, OnnxGraph, operators};

use message::{DOUBLE, Dimension, Entry, Extent, FLOAT, Graph, Model, OperatorSet, Shape};
use message::{TensorType, Type, ValueInfo};
use prost::Message as _;

use crate::predict::Predictor;
use drawing::Drawing;

/// Version of the file format.
const IR_VERSION: i64 = 8;
/// Version of the operators.
const OPERATOR_SET: i64 = 17;

impl Predictor {
    /// The networks behind their scaler as the bytes of a `model.onnx` file; of a graph of another program
    /// the file that it was read from.
    ///
    /// Input `windows`, f64 `[batch, sequence, feature]`: raw features in the scaler's order, first bar
    /// first. Output `probabilities`, f32 `[batch, class]`. The names of features and classes stand in
    /// the metadata, as comma-separated lists. Equal models give equal bytes.
    ///
    /// Source: operator set 17. The checker of onnx 1.23 accepts every kind of layer, and ONNX Runtime
    /// 1.32 answers as [`predict`](Self::predict) does, to 10⁻⁶
    /// (`benches/onnx_parity.py`).
    pub fn to_onnx(&self) -> Vec<u8> {
        if let Some(graph) = self.graph() {
            return graph.bytes().to_vec();
        }
        let Some(scaler) = self.scaler() else { return Vec::new() };
        let drawing = Drawing::of(self.networks(), scaler);
        let (sequence, inputs, classes) = (self.sequence(), self.inputs(), self.classes());
        let graph = Graph {
            node: drawing.nodes,
            name: "suho".to_owned(),
            initializer: drawing.tensors,
            input: vec![value("windows", DOUBLE, &[sequence, inputs])],
            output: vec![value("probabilities", FLOAT, &[classes.len()])],
        };
        let entry = |key: &str, value: String| Entry { key: key.to_owned(), value };
        let model = Model {
            ir_version: IR_VERSION,
            producer_name: "suho".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            doc_string: "Raw windows in, probabilities out; scaling is inside.".to_owned(),
            graph: Some(graph),
            opset_import: vec![OperatorSet { domain: Some(String::new()), version: OPERATOR_SET }],
            metadata_props: vec![
                entry("features", scaler.features().join(",")),
                entry("classes", classes.join(",")),
            ],
        };
        model.encode_to_vec()
    }
}

/// A tensor of the graph's border, `[batch, …]`.
fn value(name: &str, elem_type: i32, dims: &[usize]) -> ValueInfo {
    let batch = Extent::Param("batch".to_owned());
    let rest = dims.iter().map(|dim| Extent::Value(extent(*dim)));
    let dim = std::iter::once(batch).chain(rest).map(|value| Dimension { value: Some(value) });
    let shape = Some(Shape { dim: dim.collect() });
    let tensor_type = Some(TensorType { elem_type, shape });
    ValueInfo { name: name.to_owned(), r#type: Some(Type { tensor_type }) }
}

/// A count as ONNX writes it. Those of a network are within a few million.
fn extent(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
