use super::*;
use crate::graph::tests::networks;
use crate::onnx::message::{Attribute, Node};
use crate::onnx::tests::{FEATURES, SEQUENCE, predictor, rows};

fn names() -> (Vec<String>, Vec<String>) {
    let features = (0..FEATURES).map(|at| format!("f{at}")).collect();
    (features, ["down", "flat", "up"].map(String::from).into())
}

fn read_back(bytes: &[u8]) -> Result<OnnxGraph, GraphError> {
    let (features, classes) = names();
    OnnxGraph::from_bytes(
        bytes,
        Expected { sequence: SEQUENCE, features: &features, classes: &classes },
    )
}

#[test]
fn every_layer_that_we_write_answers_alike_when_it_is_read() {
    for (name, layers) in networks(0.3) {
        let predictor = predictor(layers);
        let graph = read_back(&predictor.to_onnx()).unwrap();
        assert_eq!(graph.classes().len(), 3);
        let rows = rows(SEQUENCE + 4);
        for first in 0..5 {
            let window = &rows[first * FEATURES..(first + SEQUENCE) * FEATURES];
            let (ours, theirs) =
                (predictor.predict(window).unwrap(), graph.answer(window).unwrap());
            for (ours, theirs) in ours.as_slice().iter().zip(theirs) {
                assert!((f64::from(*ours) - theirs).abs() < 1e-5, "{name}: {ours} {theirs}");
            }
        }
    }
}

/// A network of PyTorch, its windows and what ONNX Runtime answers to them: `golden/onnx/generate.py`.
#[derive(serde::Deserialize)]
struct Case {
    windows: Vec<Vec<f64>>,
    answers: Vec<Vec<f64>>,
}

fn of_torch(kind: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/onnx");
    std::fs::read(folder.join(format!("{kind}.onnx"))).unwrap()
}

#[test]
fn what_pytorch_exports_answers_as_onnx_runtime_says() {
    let cases: BTreeMap<String, Case> =
        serde_json::from_str(include_str!("../../../tests/golden/onnx/answers.json")).unwrap();
    assert_eq!(cases.len(), 5);
    for (kind, case) in cases {
        let graph = read_back(&of_torch(&kind)).unwrap();
        assert!(graph.parameters() > 30, "{kind}: {}", graph.parameters());
        for (window, theirs) in case.windows.iter().zip(case.answers) {
            for (ours, theirs) in graph.answer(window).unwrap().iter().zip(theirs) {
                assert!((ours - theirs).abs() < 1e-6, "{kind}: {ours} {theirs}");
            }
        }
    }
}

#[test]
fn another_model_is_refused_by_what_it_reads_and_answers() {
    let bytes = predictor(networks(0.0).remove(0).1).to_onnx();
    let (features, classes) = names();
    let expect = |sequence: usize, features: &[String], classes: &[String]| {
        OnnxGraph::from_bytes(&bytes, Expected { sequence, features, classes })
            .unwrap_err()
            .to_string()
    };
    let few = &features[..3];
    let mut turned = classes.clone();
    turned.reverse();
    assert_eq!(
        [
            expect(9, &features, &classes),
            expect(SEQUENCE, few, &classes),
            expect(SEQUENCE, &features, &turned),
        ],
        [
            "the graph reads [?, 7, 4], and the model's windows are [1, 9, 4]",
            "the file's `features` are [f0, f1, f2, f3], and the model's are [f0, f1, f2]",
            "the file's `classes` are [down, flat, up], and the model's are [up, flat, down]",
        ]
    );
}

/// A model with one node between its input and its output, and constants.
fn one_node(op: &str, constants: Vec<Tensor>, attribute: Vec<Attribute>) -> Model {
    let mut model = Model::decode(of_torch("mlp").as_slice()).unwrap();
    let graph = model.graph.as_mut().unwrap();
    let names = constants.iter().map(|tensor| tensor.name.clone());
    graph.node = vec![Node {
        input: std::iter::once("windows".to_owned()).chain(names).collect(),
        output: vec!["probabilities".to_owned()],
        op_type: op.to_owned(),
        attribute,
        ..Node::default()
    }];
    graph.initializer = constants;
    model
}

fn dims(name: &str, dims: &[i64]) -> Tensor {
    Tensor {
        dims: vec![i64::try_from(dims.len()).unwrap()],
        data_type: INT64,
        name: name.to_owned(),
        int64_data: dims.to_vec(),
        ..Tensor::default()
    }
}

#[test]
fn hostile_graphs_are_refused_before_they_take_anything() {
    let huge = i64::MAX;
    let refused = |model: Model| {
        let error = read_back(&model.encode_to_vec()).unwrap_err();
        suho_domain::fault::chain(&error)
    };
    // 2^63 numbers from 8 bytes.
    assert_eq!(
        refused(one_node("Expand", vec![dims("to", &[huge, 1, 7, 4])], vec![])),
        "one answer takes more than 8 million numbers"
    );
    assert_eq!(
        refused(one_node("Expand", vec![dims("to", &[100_000, 7, 4])], vec![])),
        "the graph answers [100000, 7, 4], and the model's classes make [1, 3]"
    );
    let lies = Tensor { dims: vec![huge, huge], data_type: FLOAT, ..dims("weights", &[]) };
    assert_eq!(
        refused(one_node("Add", vec![lies], vec![])),
        "tensor `weights` is not whole, or holds no f32, f64, int32, int64 or bool"
    );
    let outside = Tensor { data_location: 1, ..dims("weights", &[1]) };
    assert_eq!(
        refused(one_node("Add", vec![outside], vec![])),
        "tensor `weights` lies outside the file"
    );
    assert_eq!(
        refused(one_node("Loop", vec![], vec![])),
        "operator `Loop` is not one that this suho reads"
    );
    assert_eq!(
        refused(one_node("Add", vec![], vec![])),
        "operator `Add`, which makes `probabilities`: input 1 is missing"
    );
    let mut itself = one_node("Relu", vec![], vec![]);
    itself.graph.as_mut().unwrap().node[0].input = vec!["probabilities".to_owned()];
    assert_eq!(refused(itself), "`probabilities` is read before anything makes it");
    let mut old = one_node("Relu", vec![], vec![]);
    old.opset_import[0].version = 3;
    assert_eq!(refused(old), "the file is of operator set 3, and 11 to 25 are read");
    let mut many = one_node("Relu", vec![], vec![]);
    let graph = many.graph.as_mut().unwrap();
    graph.node = vec![graph.node[0].clone(); 10_001];
    assert_eq!(refused(many), "the graph has 10001 nodes, and 10000 are the most");
}

#[test]
fn a_graph_that_asks_for_endless_work_is_refused() {
    // Each product is small, and there are thousands.
    let side = 600_i64;
    let matrix = Tensor {
        dims: vec![28, side],
        data_type: FLOAT,
        name: "m".to_owned(),
        raw_data: vec![0; 4 * 28 * 600],
        ..Tensor::default()
    };
    let mut model = one_node("Flatten", vec![matrix, dims("to", &[600, 28])], vec![]);
    let graph = model.graph.as_mut().unwrap();
    let node = |op: &str, input: &[&str], output: String| Node {
        input: input.iter().map(|name| (*name).to_owned()).collect(),
        output: vec![output],
        op_type: op.to_owned(),
        ..Node::default()
    };
    graph.node = vec![
        node("Flatten", &["windows"], "row".to_owned()),
        node("Expand", &["row", "to"], "rows".to_owned()),
    ];
    graph.node.extend((0..300).map(|at| node("MatMul", &["rows", "m"], format!("p{at}"))));
    let error = read_back(&model.encode_to_vec()).unwrap_err();
    assert!(matches!(error, GraphError::TooLong | GraphError::TooLarge), "{error:?}");
}

#[test]
fn damaged_files_are_errors_and_never_more() {
    for kind in ["mlp", "gru", "tcn"] {
        let bytes = of_torch(kind);
        for length in (0..bytes.len()).step_by(7) {
            drop(read_back(&bytes[..length]));
        }
        for at in (0..bytes.len()).step_by(3) {
            let mut damaged = bytes.clone();
            damaged[at] = damaged[at].wrapping_add(1 + u8::try_from(at % 200).unwrap());
            if let Ok(graph) = read_back(&damaged) {
                drop(graph.answer(&[100.0; SEQUENCE * FEATURES]));
            }
        }
    }
}

#[test]
fn an_answer_that_is_no_probabilities_is_none() {
    let mut model = Model::decode(of_torch("mlp").as_slice()).unwrap();
    let graph = model.graph.as_mut().unwrap();
    let softmax = graph.node.iter_mut().find(|node| node.op_type == "Softmax").unwrap();
    softmax.op_type = "Exp".to_owned();
    softmax.attribute.clear();
    let graph = read_back(&model.encode_to_vec()).unwrap();
    let refused = graph.answer(&[100.0; SEQUENCE * FEATURES]).unwrap_err();
    assert!(matches!(refused, GraphError::NotProbabilities { .. }), "{refused:?}");
}

#[test]
fn the_error_function_is_what_tables_say() {
    // Abramowitz & Stegun (1964), table 7.1.
    for (x, erf) in [
        (0.0, 0.0),
        (0.5, 0.520_499_877_8),
        (1.0, 0.842_700_792_9),
        (2.0, 0.995_322_265_0),
        (3.0, 0.999_977_909_5),
    ] {
        assert!(
            (operators::erf(x) - erf).abs() < 1e-10 && (operators::erf(-x) + erf).abs() < 1e-10
        );
    }
}
