//! A graph being drawn, from the inputs up: each operation as the nodes that do the same.
//!
//! What flows is `[step, batch, width]`, and `[batch, width]` from where only the last bar goes on.

use super::extent;
use super::message::{
    ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_INTS, Attribute, DOUBLE, FLOAT, INT64, Node, Tensor,
};
use crate::inference::{NORM_EPSILON, positions};
use crate::layer::Activation;
use crate::network::Network;
use crate::operation::{Cell, Kind, Operation};
use crate::random::narrow;
use crate::scaler::Scaler;

/// What comes out.
const PROBABILITIES: &str = "probabilities";
/// The tensor that holds the axis of a single direction.
const DIRECTION_AXIS: &str = "direction_axis";

/// Nodes and constants of a graph.
#[derive(Default)]
pub(super) struct Drawing {
    pub(super) nodes: Vec<Node>,
    pub(super) tensors: Vec<Tensor>,
    sequence: usize,
    /// What stands before every name that belongs to one of several networks.
    member: String,
}

/// The weights not yet drawn.
type Weights<'a> = std::slice::Iter<'a, Vec<f32>>;

impl Drawing {
    /// The graph from raw `windows` to `probabilities`: the mean over `networks`.
    pub(super) fn of(networks: &[Network], scaler: &Scaler) -> Self {
        let sequence = networks.first().map_or(0, |network| network.architecture().sequence());
        let mut drawing = Self { sequence, ..Self::default() };
        let bars = drawing.scaled(scaler.mean(), scaler.scale());
        let is_one = networks.len() == 1;
        let mut each = Vec::with_capacity(networks.len());
        for (at, network) in networks.iter().enumerate() {
            if !is_one {
                drawing.member = format!("member_{at}.");
            }
            let mut weights = network.weights().iter();
            let logits = drawing.walk(network.operations(), &mut weights, bars.clone());
            let output = format!("{}{PROBABILITIES}", drawing.member);
            each.push(drawing.node("Softmax", &[&logits], &output, vec![int("axis", -1)]));
        }
        if is_one {
            return drawing;
        }
        let each: Vec<&str> = each.iter().map(String::as_str).collect();
        drawing.node("Mean", &each, PROBABILITIES, vec![]);
        drawing
    }

    /// Windows scaled in f64, then f32, bar by bar: `[sequence, batch, feature]`.
    fn scaled(&mut self, mean: &[f64], scale: &[f64]) -> String {
        self.doubles("scaler.mean", mean);
        self.doubles("scaler.scale", scale);
        let centred = self.node("Sub", &["windows", "scaler.mean"], "centred", vec![]);
        let scaled = self.node("Div", &[&centred, "scaler.scale"], "scaled", vec![]);
        let to = vec![int("to", i64::from(FLOAT))];
        let single = self.node("Cast", &[&scaled], "scaled_f32", to);
        self.transposed(&single, &[1, 0, 2], "bars")
    }

    /// `operations` one after the other; the name of what they come to.
    fn walk(
        &mut self,
        operations: &[Operation],
        weights: &mut Weights<'_>,
        mut below: String,
    ) -> String {
        for operation in operations {
            let name = format!("{}{}", self.member, operation.name);
            let name = name.as_str();
            below = match &operation.kind {
                Kind::Recurrent { cell, inputs, units } => {
                    self.recurrent((*cell, *inputs, *units), weights, &below, name)
                }
                Kind::Conv { inputs, filters, kernel, dilation } => {
                    self.conv((*inputs, *filters, *kernel, *dilation), weights, &below, name)
                }
                Kind::Attention { width, heads } => {
                    self.attention((*width, *heads), weights, &below, name)
                }
                Kind::Norm { width } => {
                    let gain = self.floats(&format!("{name}.gain"), &[*width], take(weights));
                    let bias = self.floats(&format!("{name}.bias"), &[*width], take(weights));
                    let how = vec![int("axis", -1), float("epsilon", narrow(NORM_EPSILON))];
                    let operands = [below.as_str(), &gain, &bias];
                    self.node("LayerNormalization", &operands, &format!("{name}.normal"), how)
                }
                Kind::Dense { inputs, units } => {
                    self.connect((*inputs, *units), weights, &below, (name, ""))
                }
                Kind::Activate(Activation::Relu) => self.node("Relu", &[&below], name, vec![]),
                Kind::Activate(Activation::Tanh) => self.node("Tanh", &[&below], name, vec![]),
                Kind::Positions { width } => {
                    let (sequence, places) = (self.sequence, positions(self.sequence, *width));
                    let dims = [sequence, 1, *width];
                    let places = self.floats(&format!("{name}.places"), &dims, &places);
                    self.node("Add", &[&below, &places], &format!("{name}.placed"), vec![])
                }
                Kind::Last { .. } => self.picked(&below, self.sequence - 1, name),
                Kind::Residual(inside) => {
                    let inner = self.walk(inside, weights, below.clone());
                    self.node("Add", &[&below, &inner], name, vec![])
                }
                Kind::Activate(Activation::Linear | Activation::Softmax) | Kind::Dropout { .. } => {
                    below
                }
            };
        }
        below
    }

    fn recurrent(
        &mut self,
        (cell, inputs, units): (Cell, usize, usize),
        weights: &mut Weights<'_>,
        below: &str,
        name: &str,
    ) -> String {
        if self.tensors.iter().all(|tensor| tensor.name != DIRECTION_AXIS) {
            self.integers(DIRECTION_AXIS, &[1], &[1]);
        }
        // ONNX stacks an LSTM's gates input, output, forget, cell, and a GRU's update, reset, candidate.
        let (op, order): (_, &[usize]) = match cell {
            Cell::Lstm => ("LSTM", &[0, 3, 1, 2]),
            Cell::Gru => ("GRU", &[1, 0, 2]),
        };
        let sums = order.len() * units;
        let [w_ih, w_hh, bias] = std::array::from_fn(|_| take(weights));
        let w = stacked(w_ih, inputs, units, order);
        let w = self.floats(&format!("{name}.w"), &[1, sums, inputs], &w);
        let r = stacked(w_hh, units, units, order);
        let r = self.floats(&format!("{name}.r"), &[1, sums, units], &r);
        let (of_inputs, of_states) = bias.split_at(sums);
        // The second half is the recurrent bias: ours has only that of a GRU's candidate.
        let mut both = stacked(of_inputs, 1, units, order);
        both.resize(2 * sums - of_states.len(), 0.0);
        both.extend(of_states);
        let b = self.floats(&format!("{name}.b"), &[1, 2 * sums], &both);
        let mut how = vec![int("hidden_size", extent(units))];
        if cell == Cell::Gru {
            how.push(int("linear_before_reset", 1));
        }
        let outputs = self.node(op, &[below, &w, &r, &b], &format!("{name}.outputs"), how);
        let squeezed = format!("{name}.squeezed");
        self.node("Squeeze", &[&outputs, DIRECTION_AXIS], &squeezed, vec![])
    }

    fn conv(
        &mut self,
        (inputs, filters, kernel, dilation): (usize, usize, usize, usize),
        weights: &mut Weights<'_>,
        below: &str,
        name: &str,
    ) -> String {
        let (ours, bias) = (take(weights), take(weights));
        // Ours is [tap, input, filter]; ONNX has [filter, input, tap].
        let places = (0..filters).flat_map(|filter| {
            (0..inputs).flat_map(move |input| {
                (0..kernel).map(move |tap| (tap * inputs + input) * filters + filter)
            })
        });
        let theirs: Vec<f32> = places.filter_map(|at| ours.get(at).copied()).collect();
        let weight = self.floats(&format!("{name}.weight"), &[filters, inputs, kernel], &theirs);
        let bias = self.floats(&format!("{name}.bias"), &[filters], bias);
        let channels = self.transposed(below, &[1, 2, 0], &format!("{name}.channels"));
        let how = vec![
            ints("dilations", &[extent(dilation)]),
            ints("kernel_shape", &[extent(kernel)]),
            ints("pads", &[extent((kernel - 1) * dilation), 0]),
        ];
        let sums = format!("{name}.sums_by_channel");
        let sums = self.node("Conv", &[&channels, &weight, &bias], &sums, how);
        self.transposed(&sums, &[2, 0, 1], &format!("{name}.sums"))
    }

    fn attention(
        &mut self,
        (width, heads): (usize, usize),
        weights: &mut Weights<'_>,
        below: &str,
        name: &str,
    ) -> String {
        let at = |what: &str| format!("{name}.{what}");
        let head = width / heads;
        let qkv = self.connect((width, 3 * width), weights, below, (name, "qkv_"));
        // Zeros keep the steps and the batch as they come.
        let apart = [0, 0, 3, extent(heads), extent(head)];
        let apart = self.integers(&at("heads"), &[5], &apart);
        let qkv = self.node("Reshape", &[&qkv, &apart], &at("qkv_apart"), vec![]);
        let qkv = self.transposed(&qkv, &[2, 1, 3, 0, 4], &at("qkv_by_head"));
        let query = self.picked(&qkv, 0, &at("query"));
        let key = self.picked(&qkv, 1, &at("key"));
        let value = self.picked(&qkv, 2, &at("value"));
        let key = self.transposed(&key, &[0, 1, 3, 2], &at("key_across"));
        let scores = self.node("MatMul", &[&query, &key], &at("scores"), vec![]);
        let scale = self.floats(&at("scale"), &[1], &[(head as f32).sqrt()]);
        let scores = self.node("Div", &[&scores, &scale], &at("scores_scaled"), vec![]);
        let shares = self.node("Softmax", &[&scores], &at("shares"), vec![int("axis", -1)]);
        let found = self.node("MatMul", &[&shares, &value], &at("found_by_head"), vec![]);
        let found = self.transposed(&found, &[2, 0, 1, 3], &at("found_apart"));
        let together = self.integers(&at("width"), &[3], &[0, 0, extent(width)]);
        let found = self.node("Reshape", &[&found, &together], &at("found"), vec![]);
        self.connect((width, width), weights, &found, (name, ""))
    }

    /// A full connection of the innermost dimension; `prefix` stands before the names of its weights.
    fn connect(
        &mut self,
        (inputs, units): (usize, usize),
        weights: &mut Weights<'_>,
        below: &str,
        (name, prefix): (&str, &str),
    ) -> String {
        let at = |what: &str| format!("{name}.{prefix}{what}");
        let weight = self.floats(&at("weight"), &[inputs, units], take(weights));
        let bias = self.floats(&at("bias"), &[units], take(weights));
        let product = self.node("MatMul", &[below, &weight], &at("product"), vec![]);
        self.node("Add", &[&product, &bias], &at("sums"), vec![])
    }

    /// Element `at` of the outermost dimension, which goes.
    fn picked(&mut self, from: &str, at: usize, name: &str) -> String {
        let index = self.integers(&format!("{name}.at"), &[], &[extent(at)]);
        self.node("Gather", &[from, &index], name, vec![int("axis", 0)])
    }

    fn transposed(&mut self, from: &str, order: &[i64], name: &str) -> String {
        self.node("Transpose", &[from], name, vec![ints("perm", order)])
    }

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
            domain: String::new(),
            attribute: attributes,
        });
        output.to_owned()
    }

    fn tensor(&mut self, name: &str, dims: &[usize], data_type: i32, raw_data: Vec<u8>) -> String {
        let dims = dims.iter().map(|dim| extent(*dim)).collect();
        self.tensors.push(Tensor {
            dims,
            data_type,
            name: name.to_owned(),
            raw_data,
            ..Tensor::default()
        });
        name.to_owned()
    }

    fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, dims, FLOAT, raw)
    }

    fn doubles(&mut self, name: &str, values: &[f64]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, &[values.len()], DOUBLE, raw)
    }

    fn integers(&mut self, name: &str, dims: &[usize], values: &[i64]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, dims, INT64, raw)
    }
}

/// The next tensor of weights. There is one for each slot of each operation.
fn take<'a>(weights: &mut Weights<'a>) -> &'a [f32] {
    weights.next().map(Vec::as_slice).unwrap_or_default()
}

/// Ours `[inputs, gate · unit]` as ONNX has it, `[gate · unit, inputs]`, its gates being ours in
/// `order`.
fn stacked(weights: &[f32], inputs: usize, units: usize, order: &[usize]) -> Vec<f32> {
    let sums = order.len() * units;
    let places = order.iter().flat_map(|&gate| {
        (0..units)
            .flat_map(move |unit| (0..inputs).map(move |input| input * sums + gate * units + unit))
    });
    places.filter_map(|at| weights.get(at).copied()).collect()
}

fn int(name: &str, value: i64) -> Attribute {
    Attribute { i: Some(value), ..attribute(name, ATTRIBUTE_INT) }
}

fn ints(name: &str, values: &[i64]) -> Attribute {
    Attribute { ints: values.to_vec(), ..attribute(name, ATTRIBUTE_INTS) }
}

fn float(name: &str, value: f32) -> Attribute {
    Attribute { f: Some(value), ..attribute(name, ATTRIBUTE_FLOAT) }
}

fn attribute(name: &str, r#type: i32) -> Attribute {
    Attribute { name: name.to_owned(), r#type, ..Attribute::default() }
}
