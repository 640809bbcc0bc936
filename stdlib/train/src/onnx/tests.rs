use std::collections::BTreeMap;

use super::*;
use crate::architecture::{Architecture, Layer};
use crate::network::Network;
use crate::random::{Purpose, Stream, narrow};
use crate::scaler::Scaler;

const SEQUENCE: usize = 7;
const FEATURES: usize = 4;

fn predictor(layers: Vec<Layer>) -> Predictor {
    let classes = ["down", "flat", "up"].map(String::from).into();
    let architecture = Architecture::new(layers, FEATURES, SEQUENCE, classes).unwrap();
    let names = (0..FEATURES).map(|at| format!("f{at}")).collect();
    let scaler = Scaler::fit(names, &rows(50), [0, 1]).unwrap();
    Predictor::new(Network::initial(&architecture, 3), scaler).unwrap()
}

fn rows(count: usize) -> Vec<f64> {
    let mut chance = Stream::new(4, Purpose::Weights);
    (0..count * FEATURES).map(|_| 100.0 + 5.0 * f64::from(chance.signed_unit())).collect()
}

fn two_deep() -> Predictor {
    predictor(vec![
        Layer::Lstm { units: 6, dropout: 0.5 },
        Layer::Lstm { units: 5, dropout: 0.0 },
        Layer::Dense { units: 4, activation: Activation::Relu },
        Layer::Dense { units: 3, activation: Activation::Tanh },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ])
}

/// What a node hands on: `f64`, whatever the graph's type, `[outermost, …, innermost]`.
#[derive(Clone, Debug)]
struct Array {
    dims: Vec<usize>,
    values: Vec<f64>,
}

/// A reader of its own, written from the operators' definitions: no line of it is the writer's.
fn run(model: &Model, windows: Array) -> Array {
    let graph = model.graph.as_ref().unwrap();
    let mut known = BTreeMap::from([("windows".to_owned(), windows)]);
    for tensor in &graph.initializer {
        let dims = tensor.dims.iter().map(|dim| usize::try_from(*dim).unwrap()).collect();
        let raw = &tensor.raw_data;
        let values = match tensor.data_type {
            FLOAT => raw
                .chunks(4)
                .map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap())))
                .collect(),
            DOUBLE => raw.chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect(),
            INT64 => {
                raw.chunks(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f64).collect()
            }
            other => panic!("a tensor of type {other}"),
        };
        known.insert(tensor.name.clone(), Array { dims, values });
    }
    for node in &graph.node {
        let inputs: Vec<Array> = node.input.iter().map(|name| known[name].clone()).collect();
        for (name, made) in node.output.iter().zip(operate(node, &inputs)) {
            known.insert(name.clone(), made);
        }
    }
    known.remove(&graph.output[0].name).unwrap()
}

fn operate(node: &Node, inputs: &[Array]) -> Vec<Array> {
    let x = &inputs[0];
    let width = *x.dims.last().unwrap();
    let each = |f: &dyn Fn(usize, f64) -> f64| Array {
        dims: x.dims.clone(),
        values: x.values.iter().enumerate().map(|(at, value)| f(at, *value)).collect(),
    };
    match node.op_type.as_str() {
        "Sub" => vec![each(&|at, value| value - inputs[1].values[at % width])],
        "Div" => vec![each(&|at, value| value / inputs[1].values[at % width])],
        "Cast" => vec![each(&|_, value| f64::from(narrow(value)))],
        "Relu" => vec![each(&|_, value| value.max(0.0))],
        "Tanh" => vec![each(&|_, value| value.tanh())],
        "Softmax" => {
            let sum = |at: usize| -> f64 {
                let row = at / width * width;
                x.values[row..row + width].iter().map(|value| value.exp()).sum()
            };
            vec![each(&|at, value| value.exp() / sum(at))]
        }
        "Transpose" => vec![transposed(x)],
        "Squeeze" => {
            let axis = usize::from(inputs[1].values[0] > 0.5);
            let mut dims = x.dims.clone();
            assert_eq!(dims.remove(axis), 1);
            vec![Array { dims, values: x.values.clone() }]
        }
        "Gemm" => vec![gemm(x, &inputs[1], &inputs[2])],
        "LSTM" => lstm(node, inputs),
        other => panic!("operator {other}"),
    }
}

/// Swaps the first two of three dimensions.
fn transposed(x: &Array) -> Array {
    let [first, second, width] = x.dims[..] else { panic!("{:?}", x.dims) };
    let at = |b: usize, a: usize, c: usize| x.values[(a * second + b) * width + c];
    let values = (0..second).flat_map(|b| (0..first).map(move |a| (b, a)));
    let values = values.flat_map(|(b, a)| (0..width).map(move |c| (b, a, c)));
    Array {
        dims: vec![second, first, width],
        values: values.map(|(b, a, c)| at(b, a, c)).collect(),
    }
}

fn gemm(a: &Array, b: &Array, c: &Array) -> Array {
    let (rows, inner, columns) = (a.dims[0], a.dims[1], b.dims[1]);
    let sum = |row: usize, column: usize| -> f64 {
        let products =
            (0..inner).map(|k| a.values[row * inner + k] * b.values[k * columns + column]);
        products.sum::<f64>() + c.values[column]
    };
    let values = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    Array { dims: vec![rows, columns], values: values.map(|(r, c)| sum(r, c)).collect() }
}

/// Gates stacked input, output, forget, cell; biases of input and recurrence one after the other.
fn lstm(node: &Node, inputs: &[Array]) -> Vec<Array> {
    let [bars, own_weights, back_weights, biases] = inputs else { panic!("{}", inputs.len()) };
    let hidden = node.attribute.iter().find(|each| each.name == "hidden_size").unwrap();
    let units = usize::try_from(hidden.i.unwrap()).unwrap();
    let [steps, batch, width] = bars.dims[..] else { panic!("{:?}", bars.dims) };
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (mut state, mut cell) = (vec![0.0; batch * units], vec![0.0; batch * units]);
    let mut all = Vec::new();
    for step in 0..steps {
        let before = state.clone();
        for row in 0..batch {
            for unit in 0..units {
                let gate = |gate: usize| {
                    let at = gate * units + unit;
                    let bar = &bars.values[(step * batch + row) * width..];
                    let own = (0..width).map(|k| bar[k] * own_weights.values[at * width + k]);
                    let back = (0..units)
                        .map(|k| before[row * units + k] * back_weights.values[at * units + k]);
                    let bias = biases.values[at] + biases.values[4 * units + at];
                    own.chain(back).sum::<f64>() + bias
                };
                let at = row * units + unit;
                let kept = sigmoid(gate(2)) * cell[at];
                cell[at] = kept + sigmoid(gate(0)) * gate(3).tanh();
                state[at] = sigmoid(gate(1)) * cell[at].tanh();
            }
        }
        all.extend_from_slice(&state);
    }
    let outputs = Array { dims: vec![steps, 1, batch, units], values: all };
    vec![outputs, Array { dims: vec![1, batch, units], values: state }]
}

#[test]
fn another_reader_answers_alike() {
    let one_deep = predictor(vec![
        Layer::Lstm { units: 8, dropout: 0.0 },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ]);
    for predictor in [two_deep(), one_deep] {
        let model = Model::decode(predictor.to_onnx().as_slice()).unwrap();
        let rows = rows(SEQUENCE + 4);
        let window = |first: usize| &rows[first * FEATURES..(first + SEQUENCE) * FEATURES];
        let windows = Array {
            dims: vec![5, SEQUENCE, FEATURES],
            values: (0..5).flat_map(window).copied().collect(),
        };
        let answers = run(&model, windows);
        assert_eq!(answers.dims, [5, 3]);
        for (first, answer) in answers.values.chunks(3).enumerate() {
            let ours = predictor.predict(window(first)).unwrap();
            for (theirs, ours) in answer.iter().zip(ours.as_slice()) {
                assert!((theirs - f64::from(*ours)).abs() < 1e-5, "{theirs} {ours}");
            }
        }
    }
}

#[test]
fn the_file_names_its_features_and_classes() {
    let model = Model::decode(two_deep().to_onnx().as_slice()).unwrap();
    let entries: Vec<_> = model
        .metadata_props
        .iter()
        .map(|entry| (entry.key.as_str(), entry.value.as_str()))
        .collect();
    assert_eq!(entries, [("features", "f0,f1,f2,f3"), ("classes", "down,flat,up")]);
    let graph = model.graph.unwrap();
    let used: Vec<&String> = graph.node.iter().flat_map(|node| &node.input).collect();
    assert!(graph.initializer.iter().all(|tensor| used.contains(&&tensor.name)));
}

#[test]
fn equal_models_give_equal_bytes() {
    assert_eq!(two_deep().to_onnx(), two_deep().to_onnx());
}
