//! The language's choices, as the crates that compute take them.

use super::*;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

fn parsed<T: DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_label_comes_back_from_files_as_the_rule_it_was() {
    let key = |json: Json| parsed::<Label>(json).key().unwrap();
    let scaled = key(json!({ "vol_scaled": { "k": 0.5, "window": 100 } }));
    assert_eq!(parsed::<LabelKey>(serde_json::to_value(scaled).unwrap()), scaled);
    assert_ne!(key(json!({ "vol_scaled": { "k": 0.43, "window": 100 } })), scaled);
    let fixed = key(json!({ "fixed": { "threshold": "10bps" } }));
    assert_eq!(fixed.rule(), LabelRule::Fixed { bps: 10.0 });
    let barriers = key(json!({ "triple_barrier": { "profit": 1.5, "stop": 1.0 } }));
    assert_eq!(barriers.rule(), LabelRule::TripleBarrier { profit: 1.5, stop: 1.0 });
    assert_eq!(parsed::<LabelKey>(serde_json::to_value(barriers).unwrap()), barriers);
}

#[test]
fn deviations_are_of_a_hundred_bars_and_no_others() {
    let label: Label = parsed(json!({ "vol_scaled": { "k": 0.43, "window": 50 } }));
    assert_eq!(label.key().unwrap_err().code, "label-window");
}

#[test]
fn bars_are_automatic_or_counted() {
    let count = |json: Json| parsed::<Bars>(json).count("purge");
    assert_eq!(count(json!("auto")).unwrap(), None);
    assert_eq!(count(json!({ "bars": { "count": 4 } })).unwrap(), Some(4));
    assert_eq!(count(json!({ "bars": { "count": -4 } })).unwrap_err().code, "bad-setting");
}

#[test]
fn percentages_are_all_of_the_whole() {
    let ratio = |text: &str| text.parse().unwrap();
    assert_eq!(percent(ratio("70%"), ratio("15%"), ratio("15%")), Some((7_000, 1_500, 1_500)));
    assert_eq!(percent(ratio("70%"), ratio("15%"), ratio("10%")), None);
    assert_eq!(percent(ratio("70.005%"), ratio("15%"), ratio("14.995%")), None);
}

#[test]
fn every_layer_and_setting_is_trained_as_it_is_written() {
    let mut spec = suho_domain::Value::Record(crate::tests::spec()).to_plain();
    let conv = json!({
        "filters": 8, "kernel": 3, "dilation": 2, "activation": "linear", "residual": true,
        "dropout": "10%",
    });
    spec["layers"] = json!([
        { "gru": { "units": 8, "dropout": "20%" } },
        { "conv1d": conv },
        "positions",
        { "attention": { "heads": 2, "dropout": "0%" } },
        { "transformer": { "heads": 4, "feed_forward": 16, "dropout": "5%" } },
        "layer_norm",
        { "dropout": { "share": "50%" } },
        { "dense": { "units": 4, "activation": "tanh", "dropout": "10%" } },
        { "output": { "units": 3, "activation": "softmax" } },
    ]);
    let cosine = json!({ "cosine": { "warm_up": 2, "least": 0.1 } });
    spec["optimizer"] = json!({ "adam": {
        "learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.5, "clip_norm": 1.0,
        "schedule": cosine,
    } });
    let spec = parsed::<ModelSpec>(spec);
    let layers = serde_json::to_string(&spec.layers().unwrap()).unwrap();
    expect_test::expect![[r#"[{"gru":{"units":8,"dropout":0.2}},{"conv1d":{"filters":8,"kernel":3,"dilation":2,"activation":"linear","residual":true,"dropout":0.1}},{"positions":{}},{"attention":{"heads":2,"dropout":0.0}},{"transformer":{"heads":4,"feed_forward":16,"dropout":0.05}},{"layer_norm":{}},{"dropout":{"share":0.5}},{"dense":{"units":4,"activation":"tanh","dropout":0.1}},{"output":{"units":3,"activation":"softmax"}}]"#]].assert_eq(&layers);
    let stride = spec.stride().unwrap();
    assert_eq!((stride.learning_rate, stride.norm_max), (0.01, Some(1.0)));
    assert_eq!(stride.schedule, suho_train::Schedule::Cosine { warm_up: 2, least: 0.1 });
    let suho_train::Optimizer::Adam(adam) = stride.optimizer;
    assert_eq!((adam.beta1, adam.weight_decay), (0.9, 0.5));
    let weights = json!({ "weights": { "down": 2.0, "flat": 1.0, "up": 0.5 } });
    assert_eq!(
        parsed::<ClassWeights>(weights).trained(),
        suho_train::ClassWeights::Written(vec![2.0, 1.0, 0.5])
    );
}
