use expect_test::expect;

use super::*;
use crate::layer::{Activation, Layer};

fn architecture(units: usize) -> Architecture {
    let layers = vec![
        Layer::Lstm { units, dropout: 0.2 },
        Layer::Lstm { units: 2, dropout: 0.0 },
        Layer::Dense { units: 2, activation: Activation::Relu, dropout: 0.0 },
        Layer::Output { units: 3, activation: Activation::Softmax },
    ];
    Architecture::new(layers, 2, 4, ["down", "flat", "up"].map(String::from).into()).unwrap()
}

fn network() -> Network {
    Network::initial(&architecture(3), 1)
}

/// Length of the header, with the eight bytes that say it.
fn header(bytes: &[u8]) -> usize {
    8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap()
}

#[test]
fn weights_come_back_to_the_last_bit() {
    let network = network();
    let bytes = network.to_safetensors().unwrap();
    let back = Network::from_safetensors(network.architecture(), &bytes).unwrap();
    assert_eq!(back, network);
    assert_eq!(back.to_safetensors().unwrap(), bytes);
}

#[test]
fn the_header_is_the_same_every_time() {
    let bytes = network().to_safetensors().unwrap();
    let header = std::str::from_utf8(&bytes[8..header(&bytes)]).unwrap();
    expect![[r#"
        {"__metadata__":{"suho":"network/1"},
        "dense_0.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
        "dense_0.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},
        "lstm_0.bias":{"dtype":"F32","shape":[12],"data_offsets":[24,72]},
        "lstm_0.w_hh":{"dtype":"F32","shape":[3,12],"data_offsets":[72,216]},
        "lstm_0.w_ih":{"dtype":"F32","shape":[2,12],"data_offsets":[216,312]},
        "lstm_1.bias":{"dtype":"F32","shape":[8],"data_offsets":[312,344]},
        "lstm_1.w_hh":{"dtype":"F32","shape":[2,8],"data_offsets":[344,408]},
        "lstm_1.w_ih":{"dtype":"F32","shape":[3,8],"data_offsets":[408,504]},
        "output.bias":{"dtype":"F32","shape":[3],"data_offsets":[504,516]},
        "output.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[516,540]}}"#]]
    .assert_eq(&header.trim_end().replace("},", "},\n"));
}

#[test]
fn a_file_cut_anywhere_is_no_file() {
    let network = network();
    let bytes = network.to_safetensors().unwrap();
    for length in 0..bytes.len() {
        let refusal = Network::from_safetensors(network.architecture(), &bytes[..length]);
        assert!(matches!(refusal, Err(LoadError::Format(_))), "{length}: {refusal:?}");
    }
}

#[test]
fn a_damaged_header_is_an_error_or_harmless() {
    let network = network();
    let bytes = network.to_safetensors().unwrap();
    for at in 0..header(&bytes) {
        for damage in [0x00, 0x22, 0x39, 0x7b, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = damage;
            if let Ok(read) = Network::from_safetensors(network.architecture(), &damaged) {
                assert_eq!(read, network, "byte {at} as {damage}");
            }
        }
    }
}

#[test]
fn tensors_of_another_network_are_named() {
    let bytes = network().to_safetensors().unwrap();
    let other = architecture(4);
    let architecture = architecture(3);
    let renamed = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let mut bytes = bytes.clone();
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let read = |bytes: &[u8]| Network::from_safetensors(&architecture, bytes).unwrap_err();
    let mut not_finite = bytes.clone();
    let last = not_finite.len() - 4;
    not_finite[last..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let fewer = Architecture::new(
        [&architecture.layers()[..2], &architecture.layers()[3..]].concat(),
        2,
        4,
        architecture.classes().to_vec(),
    )
    .unwrap();
    let errors = [
        read(&renamed("dense_0.bias", "dense_0.bios")),
        Network::from_safetensors(&fewer, &bytes).unwrap_err(),
        read(&Network::initial(&other, 1).to_safetensors().unwrap()),
        read(&renamed("F32", "I32")),
        read(&not_finite),
        read(b"not a file"),
    ];
    let said: String = errors.iter().map(|error| format!("{error}\n")).collect();
    expect![[r#"
        tensor `dense_0.bias` is missing
        tensor `dense_0.bias` belongs to another network
        tensor `lstm_0.w_ih` is [2, 16] and the network has [2, 12]
        tensor `dense_0.bias` does not hold f32
        tensor `output.weight` holds a weight that is not finite
        not a whole safetensors file
    "#]]
    .assert_eq(&said);
    assert!(errors.iter().all(|error| error.fault() == Fault::World));
}
