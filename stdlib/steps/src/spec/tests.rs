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
fn a_dense_layer_cannot_forget() {
    let dense = json!({ "units": 4, "activation": "relu", "dropout": "10%" });
    let mut spec = suho_domain::Value::Record(crate::tests::spec()).to_plain();
    spec["layers"] = json!([{ "dense": dense }]);
    assert_eq!(parsed::<ModelSpec>(spec).layers().unwrap_err().code, "dense-dropout");
}
