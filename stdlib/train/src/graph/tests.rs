//! Every kind of layer: what learns against what is asked, its gradient against finite differences, its
//! gradient and its steps against PyTorch; on the processor, by the kernel and unrolled as on a GPU.

pub(crate) mod torch;

use super::*;
use crate::architecture::Architecture;
use crate::device::tests::unrolled;
use crate::layer::Layer;
use crate::predict::assess;
use crate::random::{Purpose, Stream};
use crate::samples::Samples;

const SEQUENCE: usize = 7;
const INPUTS: usize = 4;
const SIZE: usize = 19;

/// A network of every kind of layer, and the shares of those that drop nothing.
pub(crate) fn networks(dropout: f64) -> Vec<(&'static str, Vec<Layer>)> {
    let conv = |filters, kernel, dilation, activation, residual| Layer::Conv1d {
        filters,
        kernel,
        dilation,
        activation,
        residual,
        dropout,
    };
    let dense = |units, activation| Layer::Dense { units, activation, dropout };
    let output = Layer::Output { units: 3, activation: Activation::Softmax };
    let networks = [
        ("lstm", vec![Layer::Lstm { units: 6, dropout }, Layer::Lstm { units: 5, dropout }]),
        ("gru", vec![Layer::Gru { units: 6, dropout }, Layer::Gru { units: 5, dropout }]),
        (
            "conv1d",
            vec![
                conv(6, 3, 1, Activation::Tanh, false),
                conv(6, 2, 2, Activation::Tanh, true),
                conv(5, 1, 1, Activation::Linear, false),
            ],
        ),
        ("attention", vec![Layer::Positions {}, Layer::Attention { heads: 2, dropout }]),
        (
            "transformer",
            vec![
                conv(6, 1, 1, Activation::Linear, false),
                Layer::Positions {},
                Layer::Transformer { heads: 3, feed_forward: 8, dropout },
            ],
        ),
        (
            "layer_norm",
            vec![Layer::LayerNorm {}, Layer::Gru { units: 5, dropout }, Layer::LayerNorm {}],
        ),
        ("dense", vec![Layer::Dropout { share: dropout }, dense(6, Activation::Tanh)]),
    ];
    let whole = |(name, layers): (_, Vec<Layer>)| {
        let above = vec![dense(4, Activation::Tanh), output.clone()];
        (name, [layers, above].concat())
    };
    networks.into_iter().map(whole).collect()
}

fn architecture(layers: Vec<Layer>) -> Architecture {
    let classes = ["down", "flat", "up"].map(String::from).into();
    Architecture::new(layers, INPUTS, SEQUENCE, classes).unwrap()
}

fn noise(count: usize) -> Vec<f32> {
    let mut stream = Stream::new(11, Purpose::Order { epoch: 0 });
    (0..count).map(|_| stream.signed_unit()).collect()
}

fn labels() -> Vec<u8> {
    (0..SIZE).map(|window| u8::try_from(window % 3).unwrap()).collect()
}

fn batch(network: &Network) -> Batch {
    let mut targets = vec![0.0; SIZE * 3];
    for (window, label) in labels().into_iter().enumerate() {
        targets[window * 3 + usize::from(label)] = 1.0 / SIZE as f32;
    }
    let mut chance = Stream::new(5, Purpose::Weights);
    let sites = crate::operation::dropouts(network.operations(), SEQUENCE, SIZE);
    let dropout = sites.into_iter().map(|(share, count)| chance.dropout(share, count)).collect();
    Batch { size: SIZE, windows: noise(SEQUENCE * SIZE * INPUTS), targets, dropout }
}

fn learner(layers: Vec<Layer>, device: &Device) -> Learner {
    let mut network = Network::initial(&architecture(layers), 1);
    // Biases and gains of their own, or a mistake in them would not show.
    let mut stream = Stream::new(3, Purpose::Weights);
    for tensor in network.weights_mut() {
        for weight in tensor {
            *weight += 0.1 * stream.signed_unit();
        }
    }
    Learner::new(network, None, device)
}

#[test]
fn what_learns_is_what_is_asked() {
    // Windows one after another in a table, and the same windows as a batch.
    let bars = SIZE + SEQUENCE - 1;
    let ends = (SEQUENCE - 1..bars).collect();
    let samples = Samples::new(INPUTS, SEQUENCE, noise(bars * INPUTS), ends, labels()).unwrap();
    for device in [Device::cpu(), unrolled()] {
        for (name, layers) in networks(0.0) {
            let learner = learner(layers, &device);
            let windows = samples.gather(samples.ends());
            let batch = Batch { windows, ..batch(learner.network()) };
            let (learning, _) = learner.gradients(batch).unwrap();
            let (asked, _) = assess(learner.network(), &samples);
            assert!((learning - asked).abs() < 1e-6, "{name}: {learning} and {asked}");
            let deviation = device.deviation(learner.network(), &samples).unwrap();
            assert_eq!(deviation.is_some(), device.form == Form::Unrolled, "{name}");
            assert!(deviation.is_none_or(|off| off < 1e-6), "{name}: {deviation:?}");
        }
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    const NUDGE: f32 = 2e-3;
    for (name, layers) in networks(0.2) {
        let mut learner = learner(layers, &Device::cpu());
        let (_, ours) = learner.gradients(batch(learner.network())).unwrap();
        let loss = |learner: &Learner| {
            let leaves = learner.leaves();
            let loss = learner.loss(&leaves, batch(learner.network())).unwrap();
            f64::from(numbers(loss).unwrap()[0])
        };
        let here = loss(&learner);
        let slots: Vec<String> =
            learner.network().tensors().iter().map(|(slot, _)| slot.name.clone()).collect();
        let mut largest = 0.0_f64;
        for (tensor, gradient) in ours.iter().enumerate() {
            // A few of each tensor: all of them say the same, and slowly.
            for at in (0..gradient.len()).step_by(1 + gradient.len() / 7) {
                let there = learner.network.weights()[tensor][at];
                learner.network.weights_mut()[tensor][at] = there + NUDGE;
                let above = loss(&learner);
                learner.network.weights_mut()[tensor][at] = there - NUDGE;
                let below = loss(&learner);
                learner.network.weights_mut()[tensor][at] = there;
                let difference = (above - below) / (2.0 * f64::from(NUDGE));
                let error = (difference - f64::from(gradient[at])).abs();
                // Some sum of a transformer's `relu` is nudged across 0. There the loss bends, and a
                // difference is known up to the bends, which may cancel each other in part; against
                // PyTorch it is held as closely as the others.
                let bend = match name {
                    "transformer" => {
                        5e-4 + (above - 2.0 * here + below).abs() / f64::from(2.0 * NUDGE)
                    }
                    _ => 0.0,
                };
                let what = format!("{name} {}[{at}]", slots[tensor]);
                assert!(
                    error < 1e-4 * (1.0 + difference.abs()) + bend,
                    "{what}: {} instead of {difference}",
                    gradient[at]
                );
                largest = largest.max(difference.abs());
            }
        }
        assert!(largest > 0.01, "{name}: nothing depends on anything: {largest}");
    }
}
