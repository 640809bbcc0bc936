mod reader;

use super::*;
use crate::architecture::Architecture;
use crate::graph::tests::networks;
use crate::layer::{Activation, Layer};
use crate::network::Network;
use crate::random::{Purpose, Stream};
use crate::scaler::Scaler;
use reader::{Array, run};

pub(super) const SEQUENCE: usize = 7;
pub(super) const FEATURES: usize = 4;

pub(super) fn predictor(layers: Vec<Layer>) -> Predictor {
    let classes = ["down", "flat", "up"].map(String::from).into();
    let architecture = Architecture::new(layers, FEATURES, SEQUENCE, classes).unwrap();
    let names = (0..FEATURES).map(|at| format!("f{at}")).collect();
    let scaler = Scaler::fit(names, &rows(50), [0, 1]).unwrap();
    Predictor::new(Network::initial(&architecture, 3), scaler).unwrap()
}

pub(super) fn rows(count: usize) -> Vec<f64> {
    let mut chance = Stream::new(4, Purpose::Weights);
    (0..count * FEATURES).map(|_| 100.0 + 5.0 * f64::from(chance.signed_unit())).collect()
}

fn two_deep() -> Predictor {
    predictor(vec![
        Layer::Lstm { units: 6, dropout: 0.5 },
        Layer::Lstm { units: 5, dropout: 0.0 },
        Layer::Dense { units: 4, activation: Activation::Relu, dropout: 0.0 },
        Layer::Dense { units: 3, activation: Activation::Tanh, dropout: 0.0 },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ])
}

#[test]
fn another_reader_answers_alike() {
    for (name, layers) in networks(0.3) {
        let predictor = predictor(layers);
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
                assert!((theirs - f64::from(*ours)).abs() < 1e-5, "{name}: {theirs} {ours}");
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
