//! Against PyTorch: `tests/golden/networks.json`, made by `networks.py` beside it.

use serde::Deserialize;

use super::*;
use crate::fit::tests::targets_of;

#[derive(Deserialize)]
struct Golden {
    sequence: usize,
    inputs: usize,
    steps: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    layers: Vec<Layer>,
    class_weights: Option<Vec<f32>>,
    label_smoothing: f64,
    weights: Vec<Vec<f32>>,
    windows: Vec<f32>,
    labels: Vec<u8>,
    logits: Vec<f32>,
    loss: f64,
    gradients: Vec<Vec<f32>>,
    after: Vec<Vec<f32>>,
}

impl Case {
    fn network(&self, golden: &Golden) -> Network {
        let classes = ["down", "flat", "up"].map(String::from).into();
        let (layers, inputs) = (self.layers.clone(), golden.inputs);
        let architecture = Architecture::new(layers, inputs, golden.sequence, classes).unwrap();
        let mut tensors = self.weights.iter();
        Network::from_source(&architecture, |slot| {
            let tensor = tensors.next().unwrap().clone();
            assert_eq!(tensor.len(), slot.shape.iter().product::<usize>(), "{}", slot.name);
            Ok::<_, ()>(tensor)
        })
        .unwrap()
    }

    fn batch(&self) -> Batch {
        let weights = self.class_weights.clone().unwrap_or_else(|| vec![1.0; 3]);
        Batch {
            size: self.labels.len(),
            windows: self.windows.clone(),
            targets: targets_of(&self.labels, &weights, self.label_smoothing),
            dropout: vec![],
        }
    }
}

fn golden() -> Golden {
    let text = include_str!("../../../tests/golden/networks.json");
    serde_json::from_str(text).unwrap()
}

/// The largest difference, as a share of the largest number.
fn off(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    let largest = theirs.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    let off = ours.iter().zip(theirs).fold(0.0_f32, |off, (a, b)| off.max((a - b).abs()));
    off / largest.max(1e-3)
}

#[test]
fn answers_and_gradients_are_those_of_pytorch() {
    for device in [Device::cpu(), unrolled()] {
        agree(&device);
    }
}

/// Every kind of layer on `device` against PyTorch: logits to 1e-5, the loss to 1e-6, gradients to 1e-4
/// of the largest of their tensor.
pub(crate) fn agree(device: &Device) {
    let golden = golden();
    assert_eq!(golden.cases.len(), networks(0.0).len());
    for case in &golden.cases {
        let network = case.network(&golden);
        let logits = network.logits(case.windows.clone(), case.labels.len());
        assert!(off(&logits, &case.logits) < 1e-5, "{}: {logits:?}", case.name);
        let learner = Learner::new(network, None, device);
        let logits = learner.logits(case.windows.clone(), case.labels.len()).unwrap();
        assert!(off(&logits, &case.logits) < 1e-5, "{}: {logits:?}", case.name);
        let (loss, gradients) = learner.gradients(case.batch()).unwrap();
        assert!((loss - case.loss).abs() < 1e-6, "{}: {loss} and {}", case.name, case.loss);
        for ((slot, _), (ours, theirs)) in
            learner.network().tensors().iter().zip(gradients.iter().zip(&case.gradients))
        {
            let off = off(ours, theirs);
            assert!(off < 1e-4, "{} {}: {off}", case.name, slot.name);
        }
    }
}

#[test]
fn clipped_and_decaying_steps_are_those_of_pytorch() {
    for device in [Device::cpu(), unrolled()] {
        step_alike(&device);
    }
}

/// Three steps of every kind of layer on `device` against PyTorch: weights to 1e-4.
pub(crate) fn step_alike(device: &Device) {
    let golden = golden();
    let adam = Adam { weight_decay: 0.1, ..Adam::default() };
    let stride = Stride { adam, learning_rate: 0.01, norm_max: Some(0.25) };
    for case in &golden.cases {
        let mut learner = Learner::new(case.network(&golden), None, device);
        for _ in 0..golden.steps {
            learner.learn(case.batch(), &stride).unwrap();
        }
        let theirs = case.after.iter().zip(&case.gradients);
        for ((slot, ours), (theirs, gradient)) in
            learner.network().tensors().into_iter().zip(theirs)
        {
            for ((ours, theirs), gradient) in ours.iter().zip(theirs).zip(gradient) {
                // A gradient of nothing, as by the bias of a key, has any sign, and Adam goes by it.
                let is_off = (ours - theirs).abs() > 1e-4 && gradient.abs() > 1e-7;
                assert!(!is_off, "{} {}: {ours} instead of {theirs}", case.name, slot.name);
            }
        }
    }
}
