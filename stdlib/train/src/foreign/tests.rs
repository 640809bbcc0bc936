//! Weights of PyTorch's own modules, as its users leave them (`tests/golden/foreign.py`).

use super::*;
use crate::layer::Layer;
use serde_json::Value as Json;

const GOLDEN: &str = include_str!("../../tests/golden/foreign.json");
const RECURRENT: &[u8] = include_bytes!("../../tests/golden/foreign_recurrent.safetensors");
const ATTENTIVE: &[u8] = include_bytes!("../../tests/golden/foreign_attentive.safetensors");

fn golden() -> Json {
    serde_json::from_str(GOLDEN).unwrap()
}

fn architecture(name: &str) -> Architecture {
    let golden = golden();
    let size = |what: &str| usize::try_from(golden[what].as_u64().unwrap()).unwrap();
    let layers: Vec<Layer> = serde_json::from_value(golden[name]["layers"].clone()).unwrap();
    let classes = ["down", "flat", "up"].map(String::from).into();
    Architecture::new(layers, size("inputs"), size("sequence"), classes).unwrap()
}

fn numbers(golden: &Json) -> Vec<f32> {
    serde_json::from_value(golden.clone()).unwrap()
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let all: Vec<f32> = logits.iter().map(|logit| logit.exp()).collect();
    let sum: f32 = all.iter().sum();
    all.iter().map(|each| each / sum).collect()
}

#[test]
fn networks_of_pytorch_answer_as_they_did_there() {
    for (name, bytes) in [("recurrent", RECURRENT), ("attentive", ATTENTIVE)] {
        let architecture = architecture(name);
        let network = Network::from_foreign(&architecture, bytes).unwrap();
        let golden = &golden()[name];
        let windows = numbers(&golden["windows"]);
        let size = architecture.sequence() * architecture.inputs();
        let answers = windows.chunks(size).flat_map(|it| softmax(&network.logits(it.to_vec(), 1)));
        for (ours, theirs) in answers.zip(numbers(&golden["answers"])) {
            assert!((ours - theirs).abs() < 1e-5, "{name}: {ours} {theirs}");
        }
        let own = network.to_safetensors().unwrap();
        assert_eq!(Network::from_foreign(&architecture, &own).unwrap(), network, "{name}: ours");
    }
}

#[test]
fn weights_of_another_network_are_refused_by_the_name_of_a_tensor() {
    let refused = |layers: Vec<Layer>, bytes: &[u8]| {
        let architecture = architecture("recurrent");
        let classes = architecture.classes().to_vec();
        let architecture = Architecture::new(layers, 4, 6, classes).unwrap();
        Network::from_foreign(&architecture, bytes).unwrap_err().to_string()
    };
    let layers = |at: usize, layer: Layer| {
        let golden = golden()["recurrent"]["layers"].clone();
        let mut layers: Vec<Layer> = serde_json::from_value(golden).unwrap();
        layers[at] = layer;
        layers
    };
    let wide = layers(0, Layer::Lstm { units: 6, dropout: 0.0 });
    assert_eq!(
        refused(wide, RECURRENT),
        "tensor `lstm_0.weight_ih_l0` is [20, 4] and the network has [24, 4]"
    );
    let other = layers(0, Layer::Gru { units: 5, dropout: 0.0 });
    assert_eq!(
        refused(other, RECURRENT),
        "tensor `gru_0.weight_ih_l0` is [9, 5] and the network has [15, 4]"
    );
    let fewer = layers(2, Layer::Dropout { share: 0.1 });
    let fewer = fewer.into_iter().filter(|it| !matches!(it, Layer::Dropout { .. })).collect();
    assert_eq!(
        refused(fewer, RECURRENT),
        "tensor `output.weight` is [3, 4] and the network has [3, 3]"
    );
    let same = layers(1, Layer::Gru { units: 3, dropout: 0.0 });
    assert_eq!(refused(same.clone(), ATTENTIVE), "tensor `lstm_0.weight_ih_l0` is missing");
    assert_eq!(refused(same.clone(), &RECURRENT[..500]), "not a whole safetensors file");
    assert_eq!(refused(same, b"{}"), "not a whole safetensors file");
}

#[test]
fn a_tensor_too_many_is_named() {
    let golden = golden();
    let layers: Vec<Layer> = serde_json::from_value(golden["recurrent"]["layers"].clone()).unwrap();
    let file = SafeTensors::deserialize(RECURRENT).unwrap();
    let mut views: Vec<_> = file.tensors().into_iter().collect();
    let more = views[0].1.clone();
    views.push(("attention_9.weight".to_owned(), more));
    let metadata = [("format".to_owned(), "pt".to_owned())].into_iter().collect();
    let bytes = safetensors::serialize(views, Some(metadata)).unwrap();
    let classes = ["down", "flat", "up"].map(String::from).into();
    let architecture = Architecture::new(layers, 4, 6, classes).unwrap();
    let error = Network::from_foreign(&architecture, &bytes).unwrap_err();
    assert_eq!(error.to_string(), "tensor `attention_9.weight` belongs to another network");
}
