use burn::tensor::activation::sigmoid;

use super::*;
use crate::architecture::Layer;
use crate::predict::assess;
use crate::random::{Purpose, Stream};
use crate::samples::Samples;

const SEQUENCE: usize = 7;
const INPUTS: usize = 3;
const SIZE: usize = 21;

fn architecture() -> Architecture {
    let layers = vec![
        Layer::Lstm { units: 6, dropout: 0.0 },
        Layer::Lstm { units: 5, dropout: 0.0 },
        Layer::Dense { units: 4, activation: Activation::Tanh },
        Layer::Dense { units: 4, activation: Activation::Relu },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ];
    Architecture::new(layers, INPUTS, SEQUENCE, ["down", "flat", "up"].map(String::from).into())
        .unwrap()
}

fn noise(count: usize) -> Vec<f32> {
    let mut stream = Stream::new(11, Purpose::Order { epoch: 0 });
    (0..count).map(|_| stream.signed_unit()).collect()
}

fn labels() -> Vec<u8> {
    (0..SIZE).map(|window| u8::try_from(window % 3).unwrap()).collect()
}

fn batch() -> Batch {
    let mut targets = vec![0.0; SIZE * 3];
    for (window, label) in labels().into_iter().enumerate() {
        targets[window * 3 + usize::from(label)] = 1.0 / SIZE as f32;
    }
    let mut chance = Stream::new(5, Purpose::Weights);
    let dropout =
        vec![Some(chance.dropout(0.3, SEQUENCE * SIZE * 6)), Some(chance.dropout(0.3, SIZE * 5))];
    Batch { size: SIZE, windows: noise(SEQUENCE * SIZE * INPUTS), targets, dropout }
}

/// The same loss in burn's own tensor operations, each a node of the graph.
fn loss_in_tensor_operations(learner: &Learner, batch: Batch) -> Tensor<1> {
    let device = &learner.device;
    let given =
        Tensor::<3>::from_data(TensorData::new(batch.windows, [SEQUENCE, SIZE, INPUTS]), device);
    let mut steps: Vec<Tensor<2>> =
        given.split(1, 0).into_iter().map(|step| step.reshape([SIZE, INPUTS])).collect();
    for (layer, factors) in learner.parameters.lstms.iter().zip(batch.dropout) {
        let units = layer.w_hh.val().dims()[0];
        let mut cell = Tensor::<2>::zeros([SIZE, units], device);
        let mut hidden = Tensor::<2>::zeros([SIZE, units], device);
        for step in &mut steps {
            let sums = step.clone().matmul(layer.w_ih.val())
                + hidden.matmul(layer.w_hh.val())
                + layer.bias.val().unsqueeze::<2>();
            let gate = |at: usize| sums.clone().narrow(1, at * units, units);
            cell = sigmoid(gate(1)) * cell + sigmoid(gate(0)) * tanh(gate(2));
            hidden = sigmoid(gate(3)) * tanh(cell.clone());
            *step = hidden.clone();
        }
        let factors = factors.unwrap();
        let count = factors.len() / (SIZE * units);
        let rows = factors.chunks_exact(SIZE * units);
        for (step, factors) in steps.iter_mut().rev().take(count).rev().zip(rows) {
            let factors = TensorData::new(factors.to_vec(), [SIZE, units]);
            *step = step.clone() * Tensor::from_data(factors, device);
        }
    }
    let mut last = steps.pop().unwrap();
    let activations: [fn(Tensor<2>) -> Tensor<2>; 3] = [tanh, relu, |sums| sums];
    for (layer, activate) in learner.parameters.denses.iter().zip(activations) {
        last = activate(last.matmul(layer.weight.val()) + layer.bias.val().unsqueeze::<2>());
    }
    let targets = Tensor::<2>::from_data(TensorData::new(batch.targets, [SIZE, 3]), device);
    (log_softmax(last, 1) * targets).sum().neg()
}

fn learner() -> Learner {
    Learner::new(&Network::initial(&architecture(), 1), &Adam::default(), 0.01)
}

#[test]
fn learns_as_the_same_network_in_tensor_operations_does() {
    let mut ours = learner();
    let mut theirs = learner();
    let mut losses = Vec::new();
    for _ in 0..12 {
        let (next, loss) = ours.learn(batch()).unwrap();
        ours = next;
        let expected = loss_in_tensor_operations(&theirs, batch());
        let gradients = GradientsParams::from_grads(expected.backward(), &theirs.parameters);
        theirs.parameters = theirs.optimizer.step(0.01, theirs.parameters, gradients);
        let expected = f64::from(numbers(expected).unwrap()[0]);
        assert!((loss - expected).abs() < 1e-5, "{loss} instead of {expected}");
        losses.push(loss);
    }
    assert!(losses[11] < losses[0] - 0.05, "nothing was learnt: {losses:?}");
    let (ours, theirs) = (ours.network().unwrap(), theirs.network().unwrap());
    for ((slot, ours), (_, theirs)) in ours.tensors().into_iter().zip(theirs.tensors()) {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-4, "{}: {ours} instead of {theirs}", slot.name);
        }
    }
}

#[test]
fn what_learns_is_what_is_asked() {
    // Windows one after another in a table, and the same windows as a batch.
    let bars = SIZE + SEQUENCE - 1;
    let ends = (SEQUENCE - 1..bars).collect();
    let samples = Samples::new(INPUTS, SEQUENCE, noise(bars * INPUTS), ends, labels()).unwrap();
    let batch =
        Batch { windows: samples.gather(samples.ends()), dropout: vec![None, None], ..batch() };
    let learner = learner();
    let network = learner.network().unwrap();
    assert_eq!(network, Network::initial(&architecture(), 1));
    let learning = numbers(learner.loss(batch).unwrap()).unwrap()[0];
    let (asked, _) = assess(&network, &samples);
    assert!((f64::from(learning) - asked).abs() < 1e-6, "{learning} and {asked}");
}
