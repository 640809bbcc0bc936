//! Splits that are sound, and some that are not.

use crate::tests::{Heard, World, changed, instant};
use expect_test::expect;
use suho_domain::{Record, Value};

fn inputs(data: &Record, model: &Value, against: Value) -> Record {
    crate::tests::fields([
        ("data", Value::Record(data.clone())),
        ("model", model.clone()),
        ("against", against),
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
        L10 not applicable: only a deep scan trains on permuted labels
        L11 not applicable: no source is joined: a bar is known when it closes
        L12 pass: 0 of 4998 rows are computed otherwise when serving
        L13 not applicable: a step does not see the registry
        L14 not applicable: there is no model to compare with
        L15 not applicable: bars belong to nobody
        L16 pass: none of 3 transforms looks ahead
        L17 pass: an accuracy of 38.5 % on 665 bars
        13 checks passed
    "#]].assert_eq(&format!("{}{summary}\n", verdicts(&outputs)));
    assert_eq!(heard.log.len(), 18);
    world.runs_twice_alike("leakage_scan", inputs.clone());
    world.undone_leaves_nothing("leakage_scan", inputs);
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
