//! Scores on rows a model has not seen.

use crate::tests::{World, changed, identity, number, read, train_inputs};
use std::fs;
use suho_domain::{Record, Value};

fn inputs(data: &Record, model: &Value, against: Value) -> Record {
    crate::tests::fields([
        ("model", model.clone()),
        ("data", data["test"].clone()),
        ("against", against),
    ])
}

fn second_model(world: &World, data: &Record) -> Value {
    let other = changed(train_inputs(data), "identity", identity("other", "v1.1.0"));
    let other = changed(other, "seed", Value::Int(1));
    world.run("train", other).unwrap().get("model").unwrap().clone()
}

#[test]
fn scoring_twice_gives_the_same_figures() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    world.runs_twice_alike("evaluate", inputs(&data, &model, Value::None));
}

#[test]
fn a_score_that_is_undone_leaves_no_trace() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    world.undone_leaves_nothing("evaluate", inputs(&data, &model, Value::None));
}

#[test]
fn a_baseline_is_scored_on_the_same_rows() {
    let world = World::new();
    let data = world.data();
    let (model, other) = (world.model(&data), second_model(&world, &data));
    let scores = world.run("evaluate", inputs(&data, &model, other)).unwrap();
    // In a world of its own: there is one evaluation a step.
    let apart = World::new();
    let data = apart.data();
    let other = second_model(&apart, &data);
    let alone = apart.run("evaluate", inputs(&data, &other, Value::None)).unwrap();
    let baseline = scores.get("baseline").unwrap();
    for name in ["accuracy", "precision", "recall", "f1", "auc", "log_loss"] {
        assert_eq!(baseline.field(name), alone.get(name), "{name}");
    }
    assert_ne!(scores.get("log_loss"), alone.get("log_loss"));
}

#[test]
fn the_majority_is_that_of_train_scored_on_test() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let scores = world.run("evaluate", inputs(&data, &model, Value::None)).unwrap();
    let samples = fs::read_to_string(&world.sealed("samples.json")[0]).unwrap();
    let samples: serde_json::Value = serde_json::from_str(&samples).unwrap();
    let labels = |part: &str| samples[part]["labels"].as_str().unwrap().to_owned();
    let share = |labels: &str, class: char| {
        labels.chars().filter(|label| *label == class).count() as f64 / labels.len() as f64
    };
    let (train, test) = (labels("train"), labels("test"));
    let most =
        ['0', '1', '2'].into_iter().max_by(|a, b| share(&train, *a).total_cmp(&share(&train, *b)));
    assert!((number(&scores, "majority") - share(&test, most.unwrap())).abs() < 1e-12);
    let error = scores.get("accuracy_se").unwrap();
    assert!(matches!(error, Value::Points(_)), "{error}");
    assert!((0.005..0.08).contains(&error.as_f64().unwrap()), "{error}");
}

#[test]
fn rows_a_model_was_fitted_to_are_no_proof() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    for part in ["train", "validation"] {
        let seen = changed(inputs(&data, &model, Value::None), "data", data[part].clone());
        let error = world.run("evaluate", seen).unwrap_err();
        assert_eq!(error.code, "evaluate-in-sample", "{}", read(&error));
    }
}

#[test]
fn a_corrupt_baseline_is_an_error_and_not_no_baseline() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let other = second_model(&world, &data);
    let weights = world.sealed("v1.1.0/model.safetensors");
    let mut bytes = fs::read(&weights[0]).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&weights[0], bytes).unwrap();
    let error = world.run("evaluate", inputs(&data, &model, other)).unwrap_err();
    assert_eq!(error.code, "artifact-corrupt");
    assert_eq!(error.class, suho_domain::FailureClass::Infrastructure);
    assert!(error.help.unwrap().contains("v1.1.0"));
}
