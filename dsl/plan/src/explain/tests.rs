use super::*;
use crate::tests::{Files, TINY, checked};
use crate::{Binding, build_in};
use expect_test::{Expect, expect};
use suho_check::{Question, origins};

const PROJECT: &str = "edition 2026

project tiny {
  timezone = \"Europe/Berlin\"
}

env rehearsal {
  tiny.learning_rate = 0.01
}
";

fn explained(path: &str, arguments: &[(&str, &str)], expected: &Expect) {
    let files = [("pipeline.suho", TINY), ("project.suho", PROJECT)];
    let checked = checked(&files);
    let arguments: Vec<_> =
        arguments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let environment = Some("rehearsal");
    let binding = Binding { environment, ..Binding::of(&arguments) };
    let plan = build_in(&checked.program, "tiny", &binding).unwrap();
    let question =
        Question { pipeline: "tiny", path, environment, arguments: &arguments, call: None };
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let chain = origins(&files, &Files(&[]), &question).unwrap();
    let value = value(&plan, path);
    expected.assert_eq(&to_text(path, value.as_ref(), &chain));
    let json = to_json(&plan, path, value.as_ref(), &chain);
    assert_eq!(json["chain"].as_array().unwrap().len(), chain.len());
    assert_eq!(json["value"], Json::from(value.as_ref().map(show)));
}

#[test]
fn a_parameter() {
    explained(
        "learning_rate",
        &[],
        &expect![[r#"
            learning_rate = 0.01
              environment  learning_rate  0.01   project.suho:8
              default      learning_rate  0.001  pipeline.suho:26  (overridden)
        "#]],
    );
}

#[test]
fn a_parameter_of_the_command_line() {
    explained(
        "learning_rate",
        &[("learning_rate", "0.5")],
        &expect![[r#"
            learning_rate = 0.5
              command line  learning_rate  0.5
              environment   learning_rate  0.01   project.suho:8  (overridden)
              default       learning_rate  0.001  pipeline.suho:26  (overridden)
        "#]],
    );
}

#[test]
fn a_field_of_what_a_step_is_given() {
    explained(
        "candidate.model.optimizer.learning_rate",
        &[],
        &expect![[r#"
            candidate.model.optimizer.learning_rate = 0.01
              set to       model          small_lstm with { optimizer = adam(learning_rate: learning_r…  pipeline.suho:51
              with         optimizer      adam(learning_rate: learning_rate)                             pipeline.suho:51
              field        learning_rate  learning_rate                                                  pipeline.suho:51
              environment  learning_rate  0.01                                                           project.suho:8
              default      learning_rate  0.001                                                          pipeline.suho:26  (overridden)
        "#]],
    );
}

#[test]
fn what_the_library_says() {
    explained(
        "candidate.model.label.k",
        &[],
        &expect![[r#"
            candidate.model.label.k = 0.43
              set to    model       small_lstm with { optimizer = adam(learning_rate: learning_r…  pipeline.suho:51
              resource  small_lstm  model small_lstm                                               pipeline.suho:11
              set to    label       vol_scaled(k: 0.43)                                            pipeline.suho:14
              field     k           0.43                                                           pipeline.suho:14
        "#]],
    );
    explained(
        "acceptance.floor",
        &[],
        &expect![[r#"
            acceptance.floor = none
              set to  floor  none  pipeline.suho:68
        "#]],
    );
}

#[test]
fn what_the_library_says_of_a_step() {
    explained(
        "live.keep",
        &[],
        &expect![[r#"
            live.keep = 5
              library's default  keep  5  std/rollout.suho:152
        "#]],
    );
}

#[test]
fn what_only_the_run_knows() {
    explained(
        "acceptance.model",
        &[],
        &expect![[r#"
            acceptance.model = candidate.model
              set to   model      candidate.model  pipeline.suho:67
              made by  candidate                   pipeline.suho:50
        "#]],
    );
}

#[test]
fn what_follows_from_the_flow() {
    explained(
        "data.horizon",
        &[],
        &expect![[r#"
            data.horizon = 4h
              follows  horizon  none  std/ml.suho:704
        "#]],
    );
}

#[test]
fn the_pipelines_own() {
    explained(
        "timezone",
        &[],
        &expect![[r#"
        timezone = "Europe/Berlin"
          set to  timezone  "Europe/Berlin"  project.suho:4
    "#]],
    );
}
