//! Writes an ONNX file of every kind of layer with windows and answers beside it, for other runtimes to be
//! held against: `cargo run -p suho-train --example networks DIR`, then for each folder of DIR
//! `python3 stdlib/train/benches/onnx_parity.py DIR/KIND/model.onnx DIR/KIND`.

use std::error::Error;
use std::path::Path;

use suho_train::{Activation, Architecture, Golden, Layer, Network, Predictor, Scaler};

const SEQUENCE: usize = 30;
const FEATURES: usize = 8;
const WINDOWS: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    for (name, layers) in networks() {
        let folder = Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder)?;
        let predictor = predictor(layers)?;
        let ends = (SEQUENCE - 1..SEQUENCE - 1 + WINDOWS).collect();
        let golden = Golden::of(&predictor, bars().collect(), ends)?;
        std::fs::write(folder.join("model.onnx"), predictor.to_onnx())?;
        std::fs::write(folder.join("golden.safetensors"), golden.to_bytes()?)?;
        let signature = serde_json::json!({ "architecture": predictor.architecture() });
        std::fs::write(folder.join("signature.json"), signature.to_string())?;
    }
    Ok(())
}

fn networks() -> Vec<(&'static str, Vec<Layer>)> {
    let conv = |kernel, dilation, residual, activation| Layer::Conv1d {
        filters: 24,
        kernel,
        dilation,
        activation,
        residual,
        dropout: 0.1,
    };
    let to_width = || conv(1, 1, false, Activation::Linear);
    let dense = |activation| Layer::Dense { units: 12, activation, dropout: 0.1 };
    vec![
        (
            "lstm",
            vec![Layer::Lstm { units: 24, dropout: 0.1 }, Layer::Lstm { units: 16, dropout: 0.0 }],
        ),
        (
            "gru",
            vec![Layer::Gru { units: 24, dropout: 0.1 }, Layer::Gru { units: 16, dropout: 0.0 }],
        ),
        ("conv1d", vec![conv(3, 1, false, Activation::Relu), conv(3, 4, true, Activation::Tanh)]),
        (
            "attention",
            vec![to_width(), Layer::Positions {}, Layer::Attention { heads: 4, dropout: 0.1 }],
        ),
        (
            "transformer",
            vec![
                to_width(),
                Layer::Positions {},
                Layer::Transformer { heads: 4, feed_forward: 48, dropout: 0.1 },
                Layer::Transformer { heads: 2, feed_forward: 48, dropout: 0.1 },
            ],
        ),
        (
            "layer_norm",
            vec![Layer::LayerNorm {}, Layer::Gru { units: 8, dropout: 0.0 }, Layer::LayerNorm {}],
        ),
        ("dropout", vec![Layer::Lstm { units: 8, dropout: 0.0 }, Layer::Dropout { share: 0.5 }]),
        (
            "dense",
            vec![dense(Activation::Relu), dense(Activation::Tanh), dense(Activation::Linear)],
        ),
    ]
}

fn predictor(mut layers: Vec<Layer>) -> Result<Predictor, Box<dyn Error>> {
    layers.push(Layer::Output { units: 3, activation: Activation::Softmax });
    let classes = ["down", "flat", "up"].map(String::from).into();
    let architecture = Architecture::new(layers, FEATURES, SEQUENCE, classes)?;
    let names = (0..FEATURES).map(|at| format!("f{at}")).collect();
    let rows: Vec<f64> = bars().collect();
    let scaler = Scaler::fit(names, &rows, [0, 0])?;
    Ok(Predictor::new(Network::initial(&architecture, 1), scaler)?)
}

/// Numbers around 100 from a linear congruence, the same every time.
fn bars() -> impl Iterator<Item = f64> {
    let mut state = 1_u32;
    (0..(WINDOWS + SEQUENCE) * FEATURES).map(move |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        100.0 + f64::from(state >> 8) / 16_777_216.0
    })
}
