use expect_test::expect;

use super::*;

const LSTM: Layer = Layer::Lstm { units: 8, dropout: 0.2 };
const DENSE: Layer = Layer::Dense { units: 4, activation: Activation::Relu };
const OUTPUT: Layer = Layer::Output { units: 3, activation: Activation::Softmax };

fn with(layers: &[Layer]) -> Result<Architecture, ArchitectureError> {
    let classes = ["down", "flat", "up"].map(String::from).to_vec();
    Architecture::new(layers.to_vec(), 5, 60, classes)
}

#[test]
fn what_makes_no_network_is_said() {
    let softmax = Layer::Dense { units: 4, activation: Activation::Softmax };
    let cases: [&[Layer]; 13] = [
        &[],
        &[OUTPUT],
        &[LSTM],
        &[DENSE, OUTPUT],
        &[DENSE, LSTM, OUTPUT],
        &[LSTM, OUTPUT, OUTPUT],
        &[LSTM, OUTPUT, DENSE],
        &[Layer::Lstm { units: 0, dropout: 0.0 }, OUTPUT],
        &[Layer::Lstm { units: 8, dropout: 1.0 }, OUTPUT],
        &[Layer::Lstm { units: 8, dropout: f64::NAN }, OUTPUT],
        &[LSTM, softmax, OUTPUT],
        &[LSTM, Layer::Output { units: 2, activation: Activation::Softmax }],
        &[LSTM, Layer::Output { units: 3, activation: Activation::Relu }],
    ];
    let said: String =
        cases.iter().map(|layers| format!("{}\n", with(layers).unwrap_err())).collect();
    expect![[r#"
        `layers` is 0, which is not in 1..=64
        layers are one or more `lstm`, then any `dense`, then one `output`
        layers are one or more `lstm`, then any `dense`, then one `output`
        layers are one or more `lstm`, then any `dense`, then one `output`
        layers are one or more `lstm`, then any `dense`, then one `output`
        layers are one or more `lstm`, then any `dense`, then one `output`
        layers are one or more `lstm`, then any `dense`, then one `output`
        `units` is 0, which is not in 1..=4096
        `dropout` is 1, which is not in 0..1
        `dropout` is NaN, which is not in 0..1
        `softmax` belongs to the output, and the output has no other activation
        the output has 2 units for 3 classes
        `softmax` belongs to the output, and the output has no other activation
    "#]]
    .assert_eq(&said);
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
    let architecture = with(&[LSTM, DENSE, OUTPUT]).unwrap();
    let text = serde_json::to_string(&architecture).unwrap();
    expect![[r#"{"layers":[{"lstm":{"units":8,"dropout":0.2}},{"dense":{"units":4,"activation":"relu"}},{"output":{"units":3,"activation":"softmax"}}],"inputs":5,"sequence":60,"classes":["down","flat","up"]}"#]].assert_eq(&text);
    assert_eq!(serde_json::from_str::<Architecture>(&text).unwrap(), architecture);
    let wrong = text.replace(r#""units":3"#, r#""units":2"#);
    let refusal = serde_json::from_str::<Architecture>(&wrong).unwrap_err();
    assert!(refusal.to_string().starts_with("the output has 2 units for 3 classes"), "{refusal}");
}

#[test]
fn parameters_are_counted() {
    let architecture = with(&[LSTM, LSTM, DENSE, OUTPUT]).unwrap();
    let (first, second) = (4 * 8 * (5 + 8 + 1), 4 * 8 * (8 + 8 + 1));
    assert_eq!(architecture.parameters(), first + second + 4 * (8 + 1) + 3 * (4 + 1));
}
