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
        "data": { "split": { "chronological": { "train": 5 } } },
    })
}

/// `base()` with the value at `pointer` replaced.
fn with(pointer: &str, value: Json) -> Json {
    let mut config = base();
    *config.pointer_mut(pointer).unwrap() = value;
    config
}

#[test]
fn every_kind_of_change_moves_the_version_as_the_table_says() {
    let old = base();
    let cases = [
        ("nothing", base()),
        ("another family", with("/model_type", json!("transformer"))),
        ("wider layer", with("/architecture/0/lstm/units", json!(64))),
        ("another layer kind", with("/architecture/0", json!({ "gru": { "units": 32 } }))),
        ("horizon", with("/target/horizon", json!("1h"))),
        ("label", with("/label/vol_scaled/k", json!(0.5))),
        ("feature added", with("/features", json!(["adx_14", "atr_14", "rsi_14"]))),
        ("feature replaced", with("/features", json!(["atr_14", "rsi_21"]))),
        ("feature order", with("/features", json!(["rsi_14", "atr_14"]))),
        ("batch size", with("/hyperparameters/batch_size", json!(64))),
        ("scaler", with("/preprocess/scaler", json!("robust"))),
        ("split", with("/data/split/chronological/train", json!(7))),
        ("catalogue", with("/feature_version", json!("v1.0.1"))),
    ];
    let mut table = String::new();
    let existing = ["v1.2.3", "v2.0.0"].map(|text| text.parse::<Version>().unwrap());
    for (name, new) in cases {
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
        another layer kind   MAJOR v3.0.0 architecture
        horizon              MAJOR v3.0.0 target
        label                MAJOR v3.0.0 target
        feature added        MINOR v1.3.0 feature_added
        feature replaced     MAJOR v3.0.0 feature_removed, feature_added
        feature order        none v1.2.3 
        batch size           MINOR v1.3.0 hyperparameter
        scaler               MINOR v1.3.0 preprocessing
        split                MINOR v1.3.0 data_scope
        catalogue            PATCH v1.2.4 feature_version
        data, code, seed     PATCH v1.2.4 retrain, code, reseed
        first                MAJOR v1.0.0
    "#]]
    .assert_eq(&table);
}
