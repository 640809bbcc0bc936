use super::*;
use expect_test::expect;
use serde_json::json;
use std::fmt::Write as _;

fn base() -> Json {
    json!({
        "model_type": "lstm",
        "target": { "symbol": "EUR/USD", "timeframe": "1h", "horizon": "4h" },
        "label": { "vol_scaled": { "k": 0.43 } },
        "classes": ["down", "flat", "up"],
        "architecture": [{ "lstm": { "units": 32 } }, { "output": { "units": 3 } }],
        "features": ["atr_14", "rsi_14"],
        "feature_version": "v1.0.0",
        "preprocess": { "scaler": "standard" },
        "hyperparameters": { "batch_size": 32, "sequence_length": 60 },
        "data": { "source": { "csv": { "path": "a.csv" } }, "split": { "chronological": { "train": 5 } } },
    })
}

/// `base()` with the value at `pointer` replaced.
fn with(pointer: &str, value: Json) -> Json {
    let mut config = base();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match config.pointer_mut(parent).unwrap() {
        Json::Array(items) => items[field.parse::<usize>().unwrap()] = value,
        fields => fields[field] = value,
    }
    config
}

/// What is changed, and what comes of it.
fn cases() -> Vec<(&'static str, Json)> {
    vec![
        ("nothing", base()),
        ("another family", with("/model_type", json!("transformer"))),
        ("wider layer", with("/architecture/0/lstm/units", json!(64))),
        ("hidden activation", with("/architecture/0/lstm/activation", json!("relu"))),
        ("output activation", with("/architecture/1/output/activation", json!("linear"))),
        ("another layer kind", with("/architecture/0", json!({ "gru": { "units": 32 } }))),
        ("horizon", with("/target/horizon", json!("1h"))),
        ("timeframe", with("/target/timeframe", json!("4h"))),
        ("classes", with("/classes", json!(["down", "up"]))),
        ("label", with("/label/vol_scaled/k", json!(0.5))),
        ("feature added", with("/features", json!(["adx_14", "atr_14", "rsi_14"]))),
        ("feature removed", with("/features", json!(["rsi_14"]))),
        ("feature order", with("/features", json!(["rsi_14", "atr_14"]))),
        ("period of a feature", with("/features", json!(["atr_14", "rsi_21"]))),
        ("batch size", with("/hyperparameters/batch_size", json!(64))),
        ("longer sequence", with("/hyperparameters/sequence_length", json!(90))),
        ("scaler", with("/preprocess/scaler", json!("robust"))),
        ("split", with("/data/split/chronological/train", json!(7))),
        ("weights from elsewhere", with("/weights", json!("files/00/weights.safetensors"))),
        ("source", with("/data/source", json!({ "csv": { "path": "b.csv" } }))),
        ("catalogue, repaired", with("/feature_version", json!("v1.0.1"))),
        ("catalogue, larger", with("/feature_version", json!("v1.1.0"))),
        ("catalogue, redefined", with("/feature_version", json!("v2.0.0"))),
    ]
}

#[test]
fn every_kind_of_change_moves_the_version_as_the_table_says() {
    let old = base();
    let mut table = String::new();
    let existing = ["v1.2.3", "v2.0.0"].map(|text| text.parse::<Version>().unwrap());
    for (name, new) in cases() {
        let predecessor = Predecessor {
            version: existing[0],
            config: &old,
            seed: 42,
            same_data: Some(true),
            same_code: true,
        };
        let (version, bump, changes) = next(Some(predecessor), &new, 42, &existing);
        let codes: Vec<_> = changes.iter().map(|change| change.code.as_str()).collect();
        writeln!(table, "{name:<20} {bump:<5} {version} {}", codes.join(", ")).unwrap();
    }
    let retrain = Predecessor {
        version: existing[0],
        config: &old,
        seed: 1,
        same_data: Some(false),
        same_code: false,
    };
    let (version, bump, changes) = next(Some(retrain), &old, 42, &existing);
    let codes: Vec<_> = changes.iter().map(|change| change.code.as_str()).collect();
    writeln!(table, "{:<20} {bump:<5} {version} {}", "data, code, seed", codes.join(", ")).unwrap();
    let (version, bump, _) = next(None, &old, 42, &[]);
    writeln!(table, "{:<20} {bump:<5} {version}", "first").unwrap();
    expect![[r#"
        nothing              none v1.2.3 
        another family       MAJOR v3.0.0 architecture
        wider layer          MINOR v1.3.0 hyperparameter
        hidden activation    MINOR v1.3.0 hyperparameter
        output activation    MAJOR v3.0.0 architecture
        another layer kind   MAJOR v3.0.0 architecture
        horizon              MAJOR v3.0.0 target
        timeframe            MAJOR v3.0.0 target
        classes              MAJOR v3.0.0 architecture
        label                MAJOR v3.0.0 target
        feature added        MINOR v1.3.0 feature_added
        feature removed      MAJOR v3.0.0 feature_removed
        feature order        none v1.2.3 
        period of a feature  MAJOR v3.0.0 feature_removed, feature_added
        batch size           MINOR v1.3.0 hyperparameter
        longer sequence      MINOR v1.3.0 hyperparameter
        scaler               MINOR v1.3.0 preprocessing
        split                MINOR v1.3.0 data_scope
        weights from elsewhere PATCH v1.2.4 weights
        source               MINOR v1.3.0 data_scope
        catalogue, repaired  PATCH v1.2.4 feature_version
        catalogue, larger    none v1.2.3 
        catalogue, redefined MAJOR v3.0.0 feature_redefined
        data, code, seed     PATCH v1.2.4 retrain, code, reseed
        first                MAJOR v1.0.0
    "#]]
    .assert_eq(&table);
}

fn dates(start: &str, end: &str) -> Json {
    with("/data/window", json!({ "start": start, "end": end }))
}

fn last(period: &str) -> Json {
    with("/data/window", json!({ "call": ["last", [period]] }))
}

#[test]
fn dates_that_move_on_are_newer_data_and_dates_that_reach_farther_are_more() {
    let year = || dates("2024-01-01", "2025-01-01");
    let cases = [
        ("moved on", year(), dates("2024-02-01", "2025-02-01")),
        ("shorter", year(), dates("2024-06-01", "2025-01-01")),
        ("by a hundredth", year(), dates("2024-01-01", "2025-01-04")),
        ("by more than that", year(), dates("2024-01-01", "2025-01-06")),
        ("rolling, longer", last("730d"), last("1095d")),
        ("rolling at last", year(), last("365d")),
        ("all there are", year(), base()),
    ];
    let mut table = String::new();
    for (name, old, new) in cases {
        let predecessor = Predecessor { config: &old, ..same(&old) };
        let (_, bump, changes) = next(Some(predecessor), &new, 42, &[]);
        let [change] = &changes[..] else { panic!("{name}: {changes:?}") };
        writeln!(table, "{name:<18} {bump:<5} {} {}", change.code, change.text).unwrap();
    }
    expect![[r#"
        moved on           PATCH retrain data.window  2024-01-01 .. 2025-01-01 → 2024-02-01 .. 2025-02-01
        shorter            PATCH retrain data.window  2024-01-01 .. 2025-01-01 → 2024-06-01 .. 2025-01-01
        by a hundredth     PATCH retrain data.window  2024-01-01 .. 2025-01-01 → 2024-01-01 .. 2025-01-04
        by more than that  MINOR data_expansion data.window  2024-01-01 .. 2025-01-01 → 2024-01-01 .. 2025-01-06
        rolling, longer    MINOR data_scope data.window  {"call":["last",["730d"]]} → {"call":["last",["1095d"]]}
        rolling at last    MINOR data_scope data.window  2024-01-01 .. 2025-01-01 → {"call":["last",["365d"]]}
        all there are      MINOR data_scope data.window  2024-01-01 .. 2025-01-01 → none
    "#]]
    .assert_eq(&table);
}

fn same(config: &Json) -> Predecessor<'_> {
    let version = Version { major: 1, minor: 2, patch: 3 };
    Predecessor { version, config, seed: 42, same_data: Some(true), same_code: true }
}

#[test]
fn several_changes_move_the_version_once_and_are_all_listed() {
    let old = base();
    let mut new = with("/model_type", json!("transformer"));
    new["features"] = json!(["adx_14", "atr_14", "rsi_14"]);
    let (version, bump, changes) = next(Some(same(&old)), &new, 42, &[]);
    let codes: Vec<_> = changes.iter().map(|change| change.code.as_str()).collect();
    assert_eq!((version.to_string().as_str(), bump), ("v2.0.0", Bump::Major));
    assert_eq!(codes, ["architecture", "feature_added"]);
}

#[test]
fn a_longer_sequence_says_what_serving_needs() {
    let longer = with("/hyperparameters/sequence_length", json!(90));
    let text = |old: &Json, new: &Json| {
        let (.., changes) = next(Some(same(old)), new, 42, &[]);
        changes[0].text.clone()
    };
    assert!(text(&base(), &longer).ends_with("60 → 90; serving needs a longer history"));
    assert!(text(&longer, &base()).ends_with("90 → 60"));
}

mod numbers;
