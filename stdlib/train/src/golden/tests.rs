use super::*;
use crate::architecture::Architecture;
use crate::layer::{Activation, Layer};
use crate::network::Network;
use crate::random::{Purpose, Stream};
use crate::scaler::Scaler;

fn predictor(seed: u64) -> Predictor {
    let layers = vec![
        Layer::Gru { units: 4, dropout: 0.0 },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ];
    let classes = ["down", "flat", "up"].map(String::from).into();
    let architecture = Architecture::new(layers, 2, 5, classes).unwrap();
    let names = ["a", "b"].map(String::from).into();
    let scaler = Scaler::fit(names, &bars(), [0, 1]).unwrap();
    Predictor::new(Network::initial(&architecture, seed), scaler).unwrap()
}

fn bars() -> Vec<f64> {
    let mut stream = Stream::new(4, Purpose::Weights);
    (0..2 * 40).map(|_| 100.0 + f64::from(stream.signed_unit())).collect()
}

#[test]
fn a_network_answers_as_it_did_and_another_does_not() {
    let golden = Golden::of(&predictor(1), bars(), (4..40).collect()).unwrap();
    let read = Golden::from_bytes(&golden.to_bytes().unwrap()).unwrap();
    assert_eq!(read, golden);
    let same = read.parity(&predictor(1)).unwrap();
    assert_eq!((same.windows, same.other_class), (36, 0));
    let furthest = same.furthest.unwrap();
    assert!((furthest.found - furthest.expected).abs() < f32::EPSILON);
    let other = read.parity(&predictor(2)).unwrap();
    let furthest = other.furthest.unwrap();
    assert!(other.other_class > 0 && (furthest.found - furthest.expected).abs() > 0.01);
}

#[test]
fn bytes_that_are_no_windows_are_refused() {
    let bytes = Golden::of(&predictor(1), bars(), vec![20]).unwrap().to_bytes().unwrap();
    for length in 0..bytes.len() {
        assert!(Golden::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let weights = predictor(1).networks()[0].to_safetensors().unwrap();
    let error = Golden::from_bytes(&weights).unwrap_err();
    assert_eq!(error.to_string(), "tensor `bars` is missing or of another type");
    assert_eq!(error.fault(), Fault::World);
}
