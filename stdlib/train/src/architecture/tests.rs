use expect_test::expect;

use super::*;

const LSTM: Layer = Layer::Lstm { units: 8, dropout: 0.2 };
const GRU: Layer = Layer::Gru { units: 6, dropout: 0.0 };
const DENSE: Layer = dense(Activation::Relu);
const OUTPUT: Layer = Layer::Output { units: 3, activation: Activation::Softmax };

const fn dense(activation: Activation) -> Layer {
    Layer::Dense { units: 4, activation, dropout: 0.0 }
}

const fn conv(filters: usize, kernel: usize, residual: bool) -> Layer {
    let activation = Activation::Relu;
    Layer::Conv1d { filters, kernel, dilation: 2, activation, residual, dropout: 0.0 }
}

fn with(layers: &[Layer]) -> Result<Architecture, ArchitectureError> {
    let classes = ["down", "flat", "up"].map(String::from).to_vec();
    Architecture::new(layers.to_vec(), 5, 60, classes)
}

#[test]
fn what_makes_no_network_is_said_of_the_layer_to_blame() {
    let attention = |heads| Layer::Attention { heads, dropout: 0.0 };
    let transformer = Layer::Transformer { heads: 5, feed_forward: 0, dropout: 0.0 };
    let cases: [&[Layer]; 19] = [
        &[],
        &[LSTM],
        &[LSTM, DENSE],
        &[DENSE, LSTM, OUTPUT],
        &[LSTM, DENSE, attention(2), OUTPUT],
        &[LSTM, OUTPUT, OUTPUT],
        &[LSTM, OUTPUT, DENSE],
        &[Layer::Lstm { units: 0, dropout: 0.0 }, OUTPUT],
        &[Layer::Gru { units: 9999, dropout: 0.0 }, OUTPUT],
        &[Layer::Lstm { units: 8, dropout: 1.0 }, OUTPUT],
        &[Layer::Dropout { share: f64::NAN }, OUTPUT],
        &[LSTM, dense(Activation::Softmax), OUTPUT],
        &[conv(8, 0, false), OUTPUT],
        &[conv(8, 3, true), OUTPUT],
        &[attention(2), OUTPUT],
        &[attention(0), OUTPUT],
        &[transformer, OUTPUT],
        &[LSTM, Layer::Output { units: 2, activation: Activation::Softmax }],
        &[LSTM, Layer::Output { units: 3, activation: Activation::Relu }],
    ];
    let said: String =
        cases.iter().map(|layers| format!("{}\n", with(layers).unwrap_err())).collect();
    expect![[r#"
        `layers` is 0, which is not in 1..=64
        layer 1 (`lstm`) is the last layer, which has to be an `output`
        layer 2 (`dense`) is the last layer, which has to be an `output`
        layer 2 (`lstm`) reads a row of 4 numbers for the whole window, and wants one for each bar: it has to stand before every `dense`
        layer 3 (`attention`) reads a row of 4 numbers for the whole window, and wants one for each bar: it has to stand before every `dense`
        layer 2 (`output`) is the last layer, and others follow
        layer 2 (`output`) is the last layer, and others follow
        layer 1 (`lstm`) has `units` = 0, which is not in 1..=4096
        layer 1 (`gru`) has `units` = 9999, which is not in 1..=4096
        layer 1 (`lstm`) has a dropout of 1, which is not in 0..1
        layer 1 (`dropout`) has a dropout of NaN, which is not in 0..1
        layer 2 (`dense`) cannot have `softmax`, which belongs to the output
        layer 1 (`conv1d`) has `kernel` = 0, which is not in 1..=256
        layer 1 (`conv1d`) adds its input of width 5 to its output of width 8: the two have to be equal
        layer 1 (`attention`) divides its input of width 5 among 2 heads, which does not come out even: put a `conv1d(kernel: 1)` of another width before it
        layer 1 (`attention`) has `heads` = 0, which is not in 1..=4096
        layer 1 (`transformer`) has `feed_forward` = 0, which is not in 1..=4096
        layer 2 (`output`) has 2 units for 3 classes
        layer 2 (`output`) answers with probabilities: its activation is `softmax`
    "#]].assert_eq(&said);
    assert_eq!(with(&[LSTM, attention(3), OUTPUT]).unwrap_err().layer(), Some(1));
    assert_eq!(with(&[]).unwrap_err().layer(), None);
}

#[test]
fn classes_are_two_or_more_and_distinct() {
    let of = |classes: &[&str]| {
        let output = Layer::Output { units: classes.len(), activation: Activation::Softmax };
        let classes = classes.iter().map(ToString::to_string).collect();
        Architecture::new(vec![LSTM, output], 5, 60, classes)
    };
    assert!(of(&["down", "up"]).is_ok());
    assert_eq!(of(&["up"]), Err(ArchitectureError::OneClass));
    assert_eq!(
        of(&["up", "down", "up"]),
        Err(ArchitectureError::ClassTwice { class: "up".into() })
    );
}

#[test]
fn a_file_holds_what_the_author_wrote_and_is_checked_when_read() {
    let architecture = with(&[LSTM, conv(8, 3, true), Layer::LayerNorm {}, DENSE, OUTPUT]).unwrap();
    let text = serde_json::to_string(&architecture).unwrap();
    expect![[r#"{"layers":[{"lstm":{"units":8,"dropout":0.2}},{"conv1d":{"filters":8,"kernel":3,"dilation":2,"activation":"relu","residual":true,"dropout":0.0}},{"layer_norm":{}},{"dense":{"units":4,"activation":"relu","dropout":0.0}},{"output":{"units":3,"activation":"softmax"}}],"inputs":5,"sequence":60,"classes":["down","flat","up"]}"#]].assert_eq(&text);
    assert_eq!(serde_json::from_str::<Architecture>(&text).unwrap(), architecture);
    let wrong = text.replace(r#""units":3"#, r#""units":2"#);
    let refusal = serde_json::from_str::<Architecture>(&wrong).unwrap_err().to_string();
    assert!(refusal.starts_with("layer 5 (`output`) has 2 units for 3 classes"), "{refusal}");
}

#[test]
fn parameters_are_counted() {
    let count = |layers: &[Layer]| {
        let output = match layers.last() {
            Some(
                Layer::Lstm { units, .. }
                | Layer::Gru { units, .. }
                | Layer::Conv1d { filters: units, .. }
                | Layer::Dense { units, .. },
            ) => *units,
            _ => 5,
        };
        let whole = [layers, &[OUTPUT]].concat();
        with(&whole).unwrap().parameters() - 3 * (output + 1)
    };
    assert_eq!(count(&[LSTM]), 4 * 8 * (5 + 8 + 1));
    assert_eq!(count(&[LSTM, DENSE]), 4 * 8 * (5 + 8 + 1) + 4 * (8 + 1));
    // As PyTorch counts, less the two biases that are merged.
    assert_eq!(count(&[GRU]), 3 * 6 * (5 + 6 + 2) - 2 * 6);
    assert_eq!(count(&[conv(7, 3, false)]), 7 * (3 * 5 + 1));
    assert_eq!(count(&[Layer::LayerNorm {}]), 2 * 5);
    assert_eq!(count(&[Layer::Positions {}, Layer::Dropout { share: 0.1 }]), 0);
    assert_eq!(count(&[Layer::Attention { heads: 5, dropout: 0.0 }]), 4 * 5 * (5 + 1));
    let block = Layer::Transformer { heads: 1, feed_forward: 9, dropout: 0.1 };
    assert_eq!(count(&[block]), 4 * 5 * (5 + 1) + 2 * 2 * 5 + 9 * (5 + 1) + 5 * (9 + 1));
}

#[test]
fn memory_grows_with_the_batch_and_with_what_looks_at_all_bars_at_once() {
    let small = with(&[LSTM, OUTPUT]).unwrap();
    let (one, many) = (small.training_bytes(1), small.training_bytes(64));
    assert!(one > 16 * small.parameters() as u64 && many > 40 * (one - many / 64));
    let looking = with(&[Layer::Attention { heads: 5, dropout: 0.0 }, OUTPUT]).unwrap();
    assert!(looking.training_bytes(32) > 2 * 5 * 60 * 60 * 32 * 4);
}
