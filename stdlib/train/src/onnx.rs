//! A fitted network as an ONNX file that other runtimes read.
//!
//! The file is whole: it takes raw windows, scales them as in training (in f64), and answers with
//! probabilities. It is written for others; suho itself serves from the weights of record.

#[cfg(test)]
mod tests;

mod message;

use message::{
    ATTRIBUTE_INT, ATTRIBUTE_INTS, Attribute, DOUBLE, Dimension, Entry, Extent, FLOAT, Graph,
    INT64, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, ValueInfo,
};
use prost::Message as _;

use crate::architecture::Activation;
use crate::kernel::GATES;
use crate::network::{DenseWeights, LstmWeights};
use crate::predict::Predictor;

/// Version of the file format.
const IR_VERSION: i64 = 8;
/// Version of the operators.
const OPERATOR_SET: i64 = 17;
/// ONNX stacks the gates input, output, forget, cell; ours stand input, forget, cell, output.
const GATE_ORDER: [usize; GATES] = [0, 3, 1, 2];
/// The tensor that holds the axis of a single direction.
const DIRECTION_AXIS: &str = "direction_axis";
/// The tensor that holds the axis of a single direction in a last state.
const STATE_AXIS: &str = "state_axis";

impl Predictor {
    /// The network behind its scaler as the bytes of a `model.onnx` file.
    ///
    /// Input `windows`, f64 `[batch, sequence, feature]`: raw features in the scaler's order, first bar
    /// first. Output `probabilities`, f32 `[batch, class]`. The names of features and classes stand in
    /// the metadata, as comma-separated lists. Equal models give equal bytes.
    ///
    /// Source: operator set 17. ONNX Runtime 1.32 answers as [`predict`](Self::predict) does, to 10⁻⁶
    /// (`benches/onnx.py`).
    pub fn to_onnx(&self) -> Vec<u8> {
        let architecture = self.network().architecture();
        let mut drawing = Drawing::default();
        let scaled = drawing.scaled(self.scaler().mean(), self.scaler().scale());
        let last = drawing.lstms(scaled, &self.network().lstms);
        drawing.denses(last, &self.network().denses);
        let (sequence, inputs) = (architecture.sequence(), architecture.inputs());
        let classes = architecture.classes();
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
                entry("features", self.scaler().features().join(",")),
                entry("classes", classes.join(",")),
            ],
        };
        model.encode_to_vec()
    }
}

/// A graph being drawn, from the inputs up.
#[derive(Default)]
struct Drawing {
    nodes: Vec<Node>,
    tensors: Vec<Tensor>,
}

impl Drawing {
    /// A node named after its output; the name of that output.
    fn node(
        &mut self,
        op: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<Attribute>,
    ) -> String {
        self.nodes.push(Node {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: op.to_owned(),
            attribute: attributes,
        });
        output.to_owned()
    }

    fn tensor(&mut self, name: &str, dims: &[usize], data_type: i32, raw_data: Vec<u8>) {
        let dims = dims.iter().map(|dim| extent(*dim)).collect();
        self.tensors.push(Tensor { dims, data_type, name: name.to_owned(), raw_data });
    }

    fn floats(&mut self, name: &str, dims: &[usize], values: impl Iterator<Item = f32>) {
        self.tensor(name, dims, FLOAT, values.flat_map(f32::to_le_bytes).collect());
    }

    fn doubles(&mut self, name: &str, values: &[f64]) {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, &[values.len()], DOUBLE, raw);
    }

    fn axis(&mut self, name: &str, axis: i64) {
        self.tensor(name, &[1], INT64, axis.to_le_bytes().to_vec());
    }

    /// Windows scaled in f64, then f32, bar by bar: `[sequence, batch, feature]`.
    fn scaled(&mut self, mean: &[f64], scale: &[f64]) -> String {
        self.doubles("scaler.mean", mean);
        self.doubles("scaler.scale", scale);
        let centred = self.node("Sub", &["windows", "scaler.mean"], "centred", vec![]);
        let scaled = self.node("Div", &[&centred, "scaler.scale"], "scaled", vec![]);
        let to = vec![int("to", i64::from(FLOAT))];
        let single = self.node("Cast", &[&scaled], "scaled_f32", to);
        let perm = vec![ints("perm", &[1, 0, 2])];
        self.node("Transpose", &[&single], "bars", perm)
    }

    /// The layers with memory; the last one's state after the last bar, `[batch, units]`.
    fn lstms(&mut self, mut below: String, layers: &[LstmWeights]) -> String {
        self.axis(DIRECTION_AXIS, 1);
        self.axis(STATE_AXIS, 0);
        for (at, layer) in layers.iter().enumerate() {
            let name = |what: &str| format!("lstm_{at}.{what}");
            let (inputs, units) = (layer.inputs, layer.units);
            self.floats(
                &name("w"),
                &[1, GATES * units, inputs],
                stacked(&layer.w_ih, inputs, units),
            );
            self.floats(&name("r"), &[1, GATES * units, units], stacked(&layer.w_hh, units, units));
            // The second half is the recurrent bias, which ours has merged into the first.
            let none = std::iter::repeat_n(0.0, GATES * units);
            let bias = stacked(&layer.bias, 1, units).chain(none);
            self.floats(&name("b"), &[1, 2 * GATES * units], bias);
            let (outputs, state) = (name("outputs"), name("state"));
            self.nodes.push(Node {
                input: vec![below, name("w"), name("r"), name("b")],
                output: vec![outputs.clone(), state.clone()],
                name: format!("lstm_{at}"),
                op_type: "LSTM".to_owned(),
                attribute: vec![int("hidden_size", extent(units))],
            });
            let is_last = at + 1 == layers.len();
            let (from, axis) =
                if is_last { (state, STATE_AXIS) } else { (outputs, DIRECTION_AXIS) };
            below = self.node("Squeeze", &[&from, axis], &name("squeezed"), vec![]);
        }
        below
    }

    /// The dense layers and the output.
    fn denses(&mut self, mut below: String, layers: &[DenseWeights]) {
        for (at, layer) in layers.iter().enumerate() {
            let is_last = at + 1 == layers.len();
            let layer_name = if is_last { "output".to_owned() } else { format!("dense_{at}") };
            let name = |what: &str| format!("{layer_name}.{what}");
            let (weight, bias) = (name("weight"), name("bias"));
            self.floats(&weight, &[layer.inputs, layer.units], layer.weight.iter().copied());
            self.floats(&bias, &[layer.units], layer.bias.iter().copied());
            let sums = self.node("Gemm", &[&below, &weight, &bias], &name("sums"), vec![]);
            let made = if is_last { "probabilities".to_owned() } else { name("activated") };
            below = match layer.activation {
                Activation::Relu => self.node("Relu", &[&sums], &made, vec![]),
                Activation::Tanh => self.node("Tanh", &[&sums], &made, vec![]),
                Activation::Softmax => self.node("Softmax", &[&sums], &made, vec![int("axis", -1)]),
            };
        }
    }
}

/// Ours `[inputs, gate · unit]` as ONNX has it, `[gate · unit, inputs]`, in its order of gates.
fn stacked(weights: &[f32], inputs: usize, units: usize) -> impl Iterator<Item = f32> {
    let place =
        move |gate: usize, unit: usize, input: usize| input * GATES * units + gate * units + unit;
    let places = GATE_ORDER.into_iter().flat_map(move |gate| {
        (0..units).flat_map(move |unit| (0..inputs).map(move |input| place(gate, unit, input)))
    });
    places.filter_map(|at| weights.get(at).copied())
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

fn int(name: &str, value: i64) -> Attribute {
    Attribute { name: name.to_owned(), i: Some(value), ints: vec![], r#type: ATTRIBUTE_INT }
}

fn ints(name: &str, values: &[i64]) -> Attribute {
    Attribute { name: name.to_owned(), i: None, ints: values.to_vec(), r#type: ATTRIBUTE_INTS }
}

/// A count as ONNX writes it. Those of a network are within a few million.
fn extent(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
