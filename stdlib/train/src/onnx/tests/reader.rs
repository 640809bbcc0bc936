//! A reader of its own, written from the operators' definitions: no line of it is the writer's.

use std::collections::BTreeMap;

use crate::onnx::message::{Attribute, DOUBLE, FLOAT, INT64, Model, Node};
use crate::random::narrow;

/// What a node hands on: `f64`, whatever the graph's type, `[outermost, …, innermost]`.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) dims: Vec<usize>,
    pub(super) values: Vec<f64>,
}

impl Array {
    /// One made of the number that `of` says for each index.
    fn of(dims: Vec<usize>, of: impl Fn(&[usize]) -> f64) -> Self {
        let count: usize = dims.iter().product();
        let index = |mut at: usize| {
            let mut index = vec![0; dims.len()];
            for (place, dim) in index.iter_mut().zip(&dims).rev() {
                *place = at % dim;
                at /= dim;
            }
            index
        };
        let values = (0..count).map(|at| of(&index(at))).collect();
        Self { dims, values }
    }

    /// The number at `index`, which may have more dimensions than the array, or go beyond one of 1.
    fn at(&self, index: &[usize]) -> f64 {
        let own = &index[index.len() - self.dims.len()..];
        let fold = |at, (place, dim): (&usize, &usize)| at * dim + place % dim;
        self.values[own.iter().zip(&self.dims).fold(0, fold)]
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self { dims: self.dims.clone(), values: self.values.iter().copied().map(f).collect() }
    }

    fn whole(&self) -> Vec<usize> {
        let whole =
            |value: &f64| (0..).zip(0..=100_000_u32).find(|(_, at)| f64::from(*at) >= *value);
        self.values.iter().map(|value| whole(value).unwrap().0).collect()
    }
}

/// What `model` answers to `windows`.
pub(super) fn run(model: &Model, windows: Array) -> Array {
    let graph = model.graph.as_ref().unwrap();
    let mut known = BTreeMap::from([("windows".to_owned(), windows)]);
    for tensor in &graph.initializer {
        let dims = tensor.dims.iter().map(|dim| usize::try_from(*dim).unwrap()).collect();
        let raw = &tensor.raw_data;
        let single = |b: &[u8]| f64::from(f32::from_le_bytes(b.try_into().unwrap()));
        let double = |b: &[u8]| f64::from_le_bytes(b.try_into().unwrap());
        let whole = |b: &[u8]| i64::from_le_bytes(b.try_into().unwrap()) as f64;
        let values = match tensor.data_type {
            FLOAT => raw.chunks(4).map(single).collect(),
            DOUBLE => raw.chunks(8).map(double).collect(),
            INT64 => raw.chunks(8).map(whole).collect(),
            other => panic!("a tensor of type {other}"),
        };
        known.insert(tensor.name.clone(), Array { dims, values });
    }
    for node in &graph.node {
        let inputs: Vec<Array> = node.input.iter().map(|name| known[name].clone()).collect();
        known.insert(node.output[0].clone(), operate(node, &inputs));
    }
    known.remove(&graph.output[0].name).unwrap()
}

fn attribute<'a>(node: &'a Node, name: &str) -> &'a Attribute {
    node.attribute.iter().find(|each| each.name == name).unwrap()
}

fn ints(node: &Node, name: &str) -> Vec<usize> {
    attribute(node, name).ints.iter().map(|each| usize::try_from(*each).unwrap()).collect()
}

fn operate(node: &Node, inputs: &[Array]) -> Array {
    let x = &inputs[0];
    match node.op_type.as_str() {
        "Sub" => both(inputs, |a, b| a - b),
        "Div" => both(inputs, |a, b| a / b),
        "Add" => both(inputs, |a, b| a + b),
        "Mean" => {
            let of = |at: usize| inputs.iter().map(|each| each.values[at]).sum::<f64>();
            let values = (0..x.values.len()).map(|at| of(at) / inputs.len() as f64);
            Array { dims: x.dims.clone(), values: values.collect() }
        }
        "Cast" => x.map(|value| f64::from(narrow(value))),
        "Relu" => x.map(|value| value.max(0.0)),
        "Tanh" => x.map(f64::tanh),
        "Softmax" => by_row(x, |row| {
            let sum: f64 = row.iter().map(|value| value.exp()).sum();
            row.iter().map(|value| value.exp() / sum).collect()
        }),
        "LayerNormalization" => normalised(node, inputs),
        "Transpose" => transposed(x, &ints(node, "perm")),
        "Squeeze" => {
            let mut dims = x.dims.clone();
            assert_eq!(dims.remove(inputs[1].whole()[0]), 1);
            Array { dims, values: x.values.clone() }
        }
        "Gather" => {
            let rest = x.dims[1..].to_vec();
            let size: usize = rest.iter().product();
            let first = inputs[1].whole()[0] * size;
            Array { dims: rest, values: x.values[first..first + size].to_vec() }
        }
        "Reshape" => {
            let asked = inputs[1].whole().into_iter().enumerate();
            let dims: Vec<usize> =
                asked.map(|(at, dim)| if dim == 0 { x.dims[at] } else { dim }).collect();
            assert_eq!(dims.iter().product::<usize>(), x.values.len());
            Array { dims, values: x.values.clone() }
        }
        "MatMul" => product(x, &inputs[1]),
        "Conv" => convolved(node, inputs),
        "LSTM" | "GRU" => recurrent(node, inputs),
        other => panic!("operator {other}"),
    }
}

fn both(inputs: &[Array], f: impl Fn(f64, f64) -> f64) -> Array {
    let [a, b] = inputs else { panic!("{}", inputs.len()) };
    assert!(a.dims.len() >= b.dims.len());
    Array::of(a.dims.clone(), |index| f(a.at(index), b.at(index)))
}

fn by_row(x: &Array, f: impl Fn(&[f64]) -> Vec<f64>) -> Array {
    let width = *x.dims.last().unwrap();
    Array { dims: x.dims.clone(), values: x.values.chunks(width).flat_map(f).collect() }
}

fn normalised(node: &Node, inputs: &[Array]) -> Array {
    let epsilon = f64::from(attribute(node, "epsilon").f.unwrap());
    let normal = by_row(&inputs[0], |row| {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / row.len() as f64;
        row.iter().map(|x| (x - mean) / (variance + epsilon).sqrt()).collect()
    });
    let scaled = both(&[normal, inputs[1].clone()], |a, b| a * b);
    both(&[scaled, inputs[2].clone()], |a, b| a + b)
}

fn transposed(x: &Array, order: &[usize]) -> Array {
    let dims = order.iter().map(|axis| x.dims[*axis]).collect();
    Array::of(dims, |index| {
        let mut of = vec![0; index.len()];
        order.iter().zip(index).for_each(|(axis, place)| of[*axis] = *place);
        x.at(&of)
    })
}

/// Of the two innermost dimensions; those before are alike, or only the first one's.
fn product(a: &Array, b: &Array) -> Array {
    let (rank, inner) = (a.dims.len(), *a.dims.last().unwrap());
    assert_eq!(b.dims[b.dims.len() - 2], inner);
    let mut dims = a.dims.clone();
    dims[rank - 1] = *b.dims.last().unwrap();
    Array::of(dims, |index| {
        let term = |k: usize| {
            let (mut of_a, mut of_b) = (index.to_vec(), index.to_vec());
            of_a[rank - 1] = k;
            of_b[rank - 2] = k;
            a.at(&of_a) * b.at(&of_b)
        };
        (0..inner).map(term).sum()
    })
}

/// `[batch, channel, step]`.
fn convolved(node: &Node, inputs: &[Array]) -> Array {
    let [x, weight, bias] = inputs else { panic!("{}", inputs.len()) };
    let (dilation, pads) = (ints(node, "dilations")[0], ints(node, "pads"));
    let [filters, channels, kernel] = weight.dims[..] else { panic!("{:?}", weight.dims) };
    assert_eq!((ints(node, "kernel_shape")[0], pads[1]), (kernel, 0));
    Array::of(vec![x.dims[0], filters, x.dims[2]], |index| {
        let [row, filter, step] = *index else { panic!("{index:?}") };
        let term = |channel: usize, tap: usize| {
            let seen = (step + tap * dilation).checked_sub(pads[0]);
            let value = |seen: usize| x.at(&[row, channel, seen]);
            seen.map_or(0.0, value) * weight.at(&[filter, channel, tap])
        };
        let taps = |channel| (0..kernel).map(move |tap| term(channel, tap));
        bias.values[filter] + (0..channels).flat_map(taps).sum::<f64>()
    })
}

/// Gates stacked input, output, forget, cell or update, reset, candidate; biases of input and
/// recurrence one after the other.
fn recurrent(node: &Node, inputs: &[Array]) -> Array {
    let [bars, own_weights, back_weights, biases] = inputs else { panic!("{}", inputs.len()) };
    let units = usize::try_from(attribute(node, "hidden_size").i.unwrap()).unwrap();
    let [steps, batch, width] = bars.dims[..] else { panic!("{:?}", bars.dims) };
    let is_lstm = node.op_type == "LSTM";
    let gates = if is_lstm { 4 } else { 3 };
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (mut state, mut cell) = (vec![0.0; batch * units], vec![0.0; batch * units]);
    let mut all = Vec::new();
    for step in 0..steps {
        let before = state.clone();
        for (row, unit) in (0..batch).flat_map(|row| (0..units).map(move |unit| (row, unit))) {
            let own = |gate: usize| {
                let at = gate * units + unit;
                let bar = &bars.values[(step * batch + row) * width..];
                let products = (0..width).map(|k| bar[k] * own_weights.values[at * width + k]);
                products.sum::<f64>() + biases.values[at]
            };
            let back = |gate: usize| {
                let at = gate * units + unit;
                let states = &before[row * units..];
                let products = (0..units).map(|k| states[k] * back_weights.values[at * units + k]);
                products.sum::<f64>() + biases.values[gates * units + at]
            };
            let gate = |gate: usize| own(gate) + back(gate);
            let at = row * units + unit;
            if is_lstm {
                cell[at] = sigmoid(gate(2)) * cell[at] + sigmoid(gate(0)) * gate(3).tanh();
                state[at] = sigmoid(gate(1)) * cell[at].tanh();
            } else {
                assert_eq!(attribute(node, "linear_before_reset").i, Some(1));
                let candidate = (own(2) + sigmoid(gate(1)) * back(2)).tanh();
                let update = sigmoid(gate(0));
                state[at] = (1.0 - update) * candidate + update * before[at];
            }
        }
        all.extend_from_slice(&state);
    }
    Array { dims: vec![steps, 1, batch, units], values: all }
}
