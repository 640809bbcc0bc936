//! Splits that are sound, and some that are not.

use crate::tests::{Heard, World, changed, instant, word};
use expect_test::expect;
use suho_domain::{Record, Value};

fn inputs(data: &Record, model: &Value, against: Value) -> Record {
    crate::tests::fields([
        ("data", Value::Record(data.clone())),
        ("model", model.clone()),
        ("against", against),
        ("depth", word("usual")),
    ])
}

fn verdicts(outputs: &suho_step::Outputs) -> String {
    let Some(Value::List(checks)) = outputs.get("checks") else { panic!("no checks") };
    let field = |check: &Value, name: &str| check.field(name).unwrap().to_string();
    let line = |check: &Value| {
        let [name, verdict, detail] = ["check", "verdict", "detail"].map(|n| field(check, n));
        format!("{name} {verdict}: {detail}\n")
    };
    checks.iter().map(line).collect()
}

#[test]
fn a_sound_split_passes_every_check() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let mut heard = Heard::default();
    let inputs = inputs(&data, &model, Value::None);
    let outputs = world.run_heard("leakage_scan", inputs.clone(), &mut heard).unwrap();
    assert_eq!(outputs.get("findings"), Some(&Value::Int(0)), "{}", verdicts(&outputs));
    let summary = outputs.get("summary").unwrap();
    expect![[r#"
        L1 pass: 0 decisions lie in or after the next part
        L2 pass: 0 labels are known only in the next part
        L3 pass: the narrowest gap has 16 bars of 16
        L4 pass: 0 samples are in more than one part
        L4b pass: 0 of 665 test rows have the features of an earlier part's row
        L5 pass: 0 of 3 features are scaled otherwise than train says; fitted on samples 294..3632 of train 294..3632
        L6 pass: none of 3 features is or foretells the target
        L7 pass: no feature changes when the future is hidden at 20 places
        L8 pass: 20 rows are the same with a history of 294 bars
        L9 pass: accuracy 38.5 % as it is, 38.5 % with a bar's delay, majority 38.5 %; with bars of the future 38.5 %, 38.5 %, 38.5 %, 38.5 %
        L10 not applicable: only a deep scan of a network of layers trains on permuted labels
        L11 pass: 0 of 0 joined rows were used before they were available, 0 of 4998 arrived after the data were read
        L12 pass: 0 of 4998 rows are computed otherwise when serving
        L13 pass: 0 candidates were measured on this test before
        L14 not applicable: there is no model to compare with
        L15 not applicable: the source's rows belong to nobody
        L16 pass: none of 3 transforms looks ahead
        L17 pass: an accuracy of 38.5 % on 665 bars
        15 checks passed
    "#]].assert_eq(&format!("{}{summary}\n", verdicts(&outputs)));
    assert_eq!(heard.log.len(), 18);
    world.runs_twice_alike("leakage_scan", inputs.clone());
    world.undone_leaves_nothing("leakage_scan", inputs);
}

#[test]
fn a_feature_of_longer_bars_is_settled_before_it_is_learned_from() {
    let world = World::new();
    let names = ["rsi_14__tf_4h", "close_to_sma_20"];
    let asked = changed(crate::tests::dataset_inputs(), "features", crate::tests::texts(names));
    let data = world.run("dataset", asked).unwrap().into_record();
    let train = crate::tests::train_inputs(&data);
    let Some(Value::Record(spec)) = train.get("model").cloned() else { panic!("no model") };
    let spec = Value::Record(changed(spec, "features", crate::tests::texts(names)));
    let model = world.run("train", changed(train, "model", spec)).unwrap();
    let model = model.get("model").unwrap().clone();
    let outputs = world.run("leakage_scan", inputs(&data, &model, Value::None)).unwrap();
    let found = verdicts(&outputs);
    assert!(found.contains("L8 pass"), "{found}");
    assert_eq!(outputs.get("findings"), Some(&Value::Int(0)), "{found}");
}

fn with_trained_on(model: &Value, window: Value) -> Value {
    let Value::Record(fields) = model else { panic!("a model is a record") };
    Value::Record(changed(fields.clone(), "trained_on", window))
}

#[test]
fn a_baseline_that_knows_the_test_rows_is_found() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let all = (instant("2017-01-01T00:00:00Z"), instant("2018-03-01T00:00:00Z"));
    let knows = with_trained_on(&model, Value::Range(Box::new(all)));
    let outputs = world.run("leakage_scan", inputs(&data, &model, knows)).unwrap();
    assert_eq!(outputs.get("findings"), Some(&Value::Int(1)));
    let summary = outputs.get("summary").unwrap().to_string();
    assert!(summary.starts_with("L14 fail: "), "{summary}");
    let fine = world.run("leakage_scan", inputs(&data, &model, model.clone())).unwrap();
    assert_eq!(fine.get("findings"), Some(&Value::Int(0)));
}

#[test]
fn a_check_that_cannot_run_leaves_the_findings_undefined() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let unknown = with_trained_on(&model, Value::None);
    let outputs = world.run("leakage_scan", inputs(&data, &model, unknown)).unwrap();
    let findings = outputs.get("findings").unwrap();
    assert!(matches!(findings, Value::Undefined(_)), "{findings}");
    assert_eq!(findings.to_string(), "undefined (L14 could not run)");
}

/// A scan as it was done for another model of the same name.
fn by_another(model: &Value, number: usize) -> Value {
    let Value::Record(fields) = model else { panic!("a model is a record") };
    let id = suho_domain::ModelId::derive(&["another", &number.to_string()]);
    Value::Record(changed(fields.clone(), "id", Value::text(id.to_string())))
}

#[test]
fn a_test_that_many_models_were_measured_on_is_worn_out() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let l13 = |model: &Value| {
        let outputs = world.run("leakage_scan", inputs(&data, model, Value::None)).unwrap();
        let found = verdicts(&outputs);
        let line = found.lines().find(|line| line.starts_with("L13")).unwrap().to_owned();
        (line, outputs.get("warnings").unwrap().to_string())
    };
    for number in 0..21 {
        l13(&by_another(&model, number));
    }
    let (line, warnings) = l13(&model);
    assert_eq!(line, "L13 warn: 21 candidates were measured on this test before");
    assert_eq!(warnings, "1");
    // Once more it is the same model, and not another look.
    assert_eq!(l13(&model).0, line);
}

#[test]
fn a_deep_scan_finds_that_permuted_labels_teach_nothing() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let deep = changed(inputs(&data, &model, Value::None), "depth", word("deep"));
    let mut heard = Heard::default();
    let outputs = world.run_heard("leakage_scan", deep.clone(), &mut heard).unwrap();
    let found = verdicts(&outputs);
    assert!(found.contains("L10 pass: a model of permuted labels is right in "), "{found}");
    assert_eq!(outputs.get("findings"), Some(&Value::Int(0)));
    assert_eq!(heard.progress.len(), 3);
    world.runs_twice_alike("leakage_scan", deep.clone());
    let mut hurried = Heard { cancelled_from: Some(1), ..Heard::default() };
    let error = world.run_heard("leakage_scan", deep, &mut hurried).unwrap_err();
    assert!(error.to_string().contains("cancelled"), "{error}");
}

/// The manifest of the data set, changed as it would be had the source answered otherwise.
fn had_the_source_answered(world: &World, change: impl Fn(&mut serde_json::Value)) {
    let path = world.sealed("manifest.json").into_iter().find(|it| is_dataset(it)).unwrap();
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest["bars"]);
    std::fs::write(path, serde_json::to_vec(&manifest).unwrap()).unwrap();
}

fn is_dataset(path: &std::path::Path) -> bool {
    path.components().any(|part| part.as_os_str() == "_datasets")
}

fn rows(tenant: &str, arrived: &str) -> serde_json::Value {
    let arrived: suho_domain::Instant = arrived.parse().unwrap();
    serde_json::json!({ "tenant": tenant, "rows": 4_000, "arrived": arrived.micros() })
}

fn of_clickhouse(rows: &[serde_json::Value]) -> serde_json::Value {
    let statement = serde_json::json!({ "sql": "SELECT …", "parameters": [] });
    serde_json::json!({ "click_house": { "statement": statement, "version": "24.8", "rows": rows } })
}

#[test]
fn rows_of_others_and_rows_that_came_too_late_are_found() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let summary = || {
        let outputs = world.run("leakage_scan", inputs(&data, &model, Value::None)).unwrap();
        let found = verdicts(&outputs);
        let of =
            |check: &str| found.lines().find(|line| line.starts_with(check)).unwrap().to_owned();
        format!("{}\n{}\n", of("L11"), of("L15"))
    };
    let in_time = rows("platform", "2025-12-31T23:59:59Z");
    had_the_source_answered(&world, |bars| {
        bars["lineage"] = of_clickhouse(&[in_time.clone(), rows("acme", "2025-01-01T00:00:00Z")]);
    });
    expect![[r#"
        L11 pass: 0 of 0 joined rows were used before they were available, 0 of 5000 arrived after the data were read
        L15 fail: rows of tenants that may not be read: `acme` (4000 rows)
    "#]].assert_eq(&summary());
    had_the_source_answered(&world, |bars| {
        bars["lineage"] = of_clickhouse(&[rows("platform", "2026-01-01T00:00:01Z")]);
    });
    expect![[r#"
        L11 fail: 0 of 0 joined rows were used before they were available, 1 of 4999 arrived after the data were read
        L15 pass: all rows belong to 1 allowed tenants
    "#]].assert_eq(&summary());
    // A bar that had not closed when the data were read.
    had_the_source_answered(&world, |bars| {
        bars["lineage"] = of_clickhouse(std::slice::from_ref(&in_time));
        bars["as_of"] = "2018-01-01T00:00:00Z".into();
    });
    expect![[r#"
        L11 fail: 0 of 0 joined rows were used before they were available, 643 of 4999 arrived after the data were read
        L15 pass: all rows belong to 1 allowed tenants
    "#]].assert_eq(&summary());
}

#[test]
fn a_scaler_fitted_to_other_rows_is_found() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    // Another data set, of fewer bars: its train rows are not those of the model's scaler.
    let until = changed(crate::tests::dataset_inputs(), "until", instant("2017-12-01T00:00:00Z"));
    let shorter = world.run("dataset", until).unwrap().into_record();
    let outputs = world.run("leakage_scan", inputs(&shorter, &model, Value::None)).unwrap();
    let found = verdicts(&outputs);
    assert!(found.contains("L5 fail"), "{found}");
    assert_eq!(outputs.get("findings"), Some(&Value::Int(1)));
}
