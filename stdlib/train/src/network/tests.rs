use std::fmt::Write as _;

use expect_test::expect;

use super::*;
use crate::layer::{Activation, Layer};

fn architecture() -> Architecture {
    let layers = vec![
        Layer::Lstm { units: 8, dropout: 0.2 },
        Layer::Lstm { units: 4, dropout: 0.2 },
        Layer::Dense { units: 5, activation: Activation::Relu, dropout: 0.0 },
        Layer::Output { units: 2, activation: Activation::Softmax },
    ];
    Architecture::new(layers, 3, 6, ["down", "up"].map(String::from).into()).unwrap()
}

#[test]
fn initial_weights_are_even_within_their_limits_and_memory_is_on() {
    let network = Network::initial(&architecture(), 1);
    let mut table = String::new();
    for (slot, values) in network.tensors() {
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let (name, shape) = (slot.name, slot.shape);
        writeln!(table, "{name} {shape:?} within {largest:.2}, mean {mean:.2}").unwrap();
    }
    expect![[r#"
        lstm_0.w_ih [3, 32] within 0.74, mean 0.08
        lstm_0.w_hh [8, 32] within 0.61, mean -0.03
        lstm_0.bias [32] within 1.00, mean 0.25
        lstm_1.w_ih [8, 16] within 0.70, mean -0.03
        lstm_1.w_hh [4, 16] within 0.86, mean 0.03
        lstm_1.bias [16] within 1.00, mean 0.25
        dense_0.weight [4, 5] within 0.81, mean -0.17
        dense_0.bias [5] within 0.00, mean 0.00
        output.weight [5, 2] within 0.89, mean -0.04
        output.bias [2] within 0.00, mean 0.00
    "#]]
    .assert_eq(&table);
    let bias = &network.weights()[5];
    assert_eq!(
        (&bias[..4], &bias[4..8], &bias[8..]),
        (&[0.0; 4][..], &[1.0; 4][..], &[0.0; 8][..])
    );
}

#[test]
fn each_seed_has_its_weights() {
    let architecture = architecture();
    assert_eq!(Network::initial(&architecture, 7), Network::initial(&architecture, 7));
    assert_ne!(Network::initial(&architecture, 7), Network::initial(&architecture, 8));
}

#[test]
fn a_number_that_is_none_is_not_hidden_by_relu() {
    let network = Network::initial(&architecture(), 1);
    let mut windows = vec![0.1; 6 * 3];
    assert!(network.logits(windows.clone(), 1).iter().all(|logit| logit.is_finite()));
    windows[0] = f32::NAN;
    assert!(network.logits(windows.clone(), 1).iter().all(|logit| logit.is_nan()));
}

#[test]
fn a_network_crosses_threads() {
    fn crosses<T: Send + Sync + 'static>(_: &T) {}
    crosses(&Network::initial(&architecture(), 1));
}
