use expect_test::expect;

use super::*;
use crate::architecture::Architecture;
use crate::layer::{Activation, Layer};
use crate::random::{Purpose, Stream};

const SEQUENCE: usize = 12;
const FEATURES: usize = 5;

fn network(inputs: usize) -> Network {
    let layers = vec![
        Layer::Lstm { units: 24, dropout: 0.5 },
        Layer::Lstm { units: 10, dropout: 0.5 },
        Layer::Dense { units: 7, activation: Activation::Tanh, dropout: 0.0 },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ];
    let classes = ["down", "flat", "up"].map(String::from).into();
    Network::initial(&Architecture::new(layers, inputs, SEQUENCE, classes).unwrap(), 3)
}

/// Raw rows far from mean 0 and deviation 1.
fn rows(count: usize) -> Vec<f64> {
    let mut chance = Stream::new(4, Purpose::Weights);
    (0..count * FEATURES).map(|_| 100.0 + 5.0 * f64::from(chance.signed_unit())).collect()
}

fn predictor() -> Predictor {
    let names = (0..FEATURES).map(|at| format!("f{at}")).collect();
    let scaler = Scaler::fit(names, &rows(50), [0, 1]).unwrap();
    Predictor::new(network(FEATURES), scaler).unwrap()
}

#[test]
fn one_window_and_many_answer_alike() {
    let (predictor, rows) = (predictor(), rows(80));
    let ends: Vec<usize> = (SEQUENCE - 1..80).collect();
    let many = predictor.predict_many(&rows, &ends).unwrap();
    assert_eq!(many.len(), ends.len());
    let mut classes = [0; 3];
    for (end, together) in ends.iter().zip(&many) {
        let alone = predictor
            .predict(&rows[(end + 1 - SEQUENCE) * FEATURES..(end + 1) * FEATURES])
            .unwrap();
        assert_eq!(alone, *together);
        let sum: f32 = alone.as_slice().iter().sum();
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        classes[alone.class()] += 1;
    }
    assert!(classes.iter().filter(|count| **count > 0).count() > 1, "{classes:?}");
}

#[test]
fn windows_are_scaled_as_in_training() {
    let (predictor, rows) = (predictor(), rows(SEQUENCE));
    let scaled = predictor.scaler().unwrap().transform(&rows).unwrap();
    let unscaled = Predictor::new(predictor.networks()[0].clone(), unit_scaler()).unwrap();
    let by_hand: Vec<f64> = scaled.iter().copied().map(f64::from).collect();
    assert_eq!(predictor.predict(&rows).unwrap(), unscaled.predict(&by_hand).unwrap());
    assert_ne!(predictor.predict(&rows).unwrap(), unscaled.predict(&rows).unwrap());
}

/// Mean 0 and scale 1 for every feature.
fn unit_scaler() -> Scaler {
    let names: Vec<String> = (0..FEATURES).map(|at| format!("f{at}")).collect();
    let file = serde_json::json!({
        "kind": "standard", "features": names, "mean": vec![0.0; FEATURES], "scale": vec![1.0; FEATURES],
        "fit_rows": 1, "fit_range": [0, 1],
    });
    serde_json::from_value(file).unwrap()
}

#[test]
fn a_window_that_cannot_be_answered_is_an_error() {
    let (predictor, good) = (predictor(), rows(SEQUENCE + 20));
    let mut spoilt = good.clone();
    spoilt[(SEQUENCE + 2) * FEATURES] = f64::NAN;
    let ends: Vec<usize> = (SEQUENCE - 1..SEQUENCE + 20).collect();
    let scaler = predictor.scaler().unwrap().clone();
    let errors = [
        predictor.predict(&good[1..SEQUENCE * FEATURES]).unwrap_err(),
        predictor.predict(&vec![f64::INFINITY; SEQUENCE * FEATURES]).unwrap_err(),
        predictor.predict_many(&spoilt, &ends).unwrap_err(),
        predictor.predict_many(&good, &[SEQUENCE - 2]).unwrap_err(),
        Predictor::new(network(FEATURES + 1), scaler).unwrap_err(),
    ];
    let said: String =
        errors.iter().map(|error| format!("{error} ({:?})\n", error.fault())).collect();
    expect![[r#"
        a window has 60 values, not 59 (User)
        the answer for window 0 is not finite (User)
        the answer for window 3 is not finite (User)
        cannot look at the windows (Bug)
        the scaler has 5 features and the network reads 6 (World)
    "#]]
    .assert_eq(&said);
}

#[test]
fn the_largest_sums_are_no_overflow() {
    let sure = Probabilities::from_logits(&[f32::MAX, 0.0, -f32::MAX]).unwrap();
    assert_eq!(sure.as_slice(), [1.0, 0.0, 0.0]);
    let even = Probabilities::from_logits(&[f32::MAX; 3]).unwrap();
    assert_eq!((even.as_slice(), even.class()), ([1.0 / 3.0; 3].as_slice(), 0));
    assert_eq!(Probabilities::from_logits(&[f32::NAN, 0.0]), None);
    assert_eq!(Probabilities::from_logits(&[f32::INFINITY, 0.0]), None);
}
