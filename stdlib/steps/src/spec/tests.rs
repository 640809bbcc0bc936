//! The language's choices, however they are written.

use super::*;

fn parsed<T: DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_choice_without_fields_is_one_with_all_of_them_left_out() {
    let Choice(plain): Choice<OptimizerChoice> = parsed(json!("adam"));
    let Choice(written): Choice<OptimizerChoice> = parsed(json!({ "adam": {} }));
    assert_eq!(format!("{plain:?}"), format!("{written:?}"));
}

#[test]
fn equal_rules_have_one_key_however_they_are_written() {
    let key = |json: Json| parsed::<Choice<Label>>(json).0.canonical().unwrap();
    assert_eq!(
        key(json!("vol_scaled")),
        key(json!({ "vol_scaled": { "k": 0.43, "window": 100 } }))
    );
    assert_ne!(key(json!("vol_scaled")), key(json!({ "vol_scaled": { "k": 0.5 } })));
    assert_eq!(
        key(json!({ "fixed": { "threshold": "10bps" } })).rule(),
        LabelRule::Fixed { bps: 10.0 }
    );
}

#[test]
fn bars_are_automatic_or_counted() {
    assert_eq!(parsed::<Count>(json!("auto")).bars(), None);
    assert_eq!(parsed::<Count>(json!(4)).bars(), Some(4));
    assert_eq!(parsed::<Count>(json!({ "bars": { "count": 4 } })).bars(), Some(4));
    assert!(serde_json::from_value::<Count>(json!("many")).is_err());
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
    let layers = json!([{ "dense": { "units": 4, "dropout": "10%" } }]);
    let spec = json!({
        "target": { "symbol": "EUR/USD", "timeframe": "1h", "horizon": "4h" },
        "label": "vol_scaled", "classes": [], "features": [], "sequence": 1,
        "layers": layers, "optimizer": "adam",
    });
    assert_eq!(parsed::<ModelSpec>(spec).layers().unwrap_err().code, "dense-dropout");
}
