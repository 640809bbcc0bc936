//! Rows edited by hand are found out.

use super::*;
use expect_test::{Expect, expect};
use std::fmt::Write as _;

fn found_on_reading(sql: &'static str, said: &Expect) {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(promoted(&run, 0));
    assert!(world.store.verify_all().unwrap().found.is_empty());
    world.meddle(sql);
    let error = world.store.slot(&slot()).unwrap_err();
    assert!(matches!(error, StoreError::Tampered { .. }), "{error:?}");
    said.assert_eq(&error.to_string());
    assert!(world.store.model(&model_id(0)).is_err());
    assert!(!world.store.verify_all().unwrap().found.is_empty());
    // Nothing is built on it either.
    assert!(world.try_commit(vec![go(0, ModelStatus::Production, 6, Move::Retire)]).is_err());
}

fn found_by_verifying(sql: &'static str, said: &Expect) {
    found_by_verifying_in(World::new(), sql, said);
}

fn found_by_verifying_in(mut world: World, sql: &'static str, said: &Expect) {
    let run = world.run.id.clone();
    world.commit(promoted(&run, 0));
    world.commit(vec![route(1, Some(0))]);
    world.meddle(sql);
    let found = world.store.verify_all().unwrap().found;
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    said.assert_eq(&lines.join("\n").replace(model_id(0).as_str(), "MODEL"));
}

#[test]
fn a_status() {
    found_on_reading(
        "UPDATE models SET status = 'archived', status_reason = 'superseded'",
        &expect![
            "model `eurusd` v1.0.0 was changed outside suho: its status is `archived`, its history says `production`"
        ],
    );
}

#[test]
fn a_row_version() {
    found_on_reading(
        "UPDATE models SET row_version = 9",
        &expect![
            "model `eurusd` v1.0.0 was changed outside suho: its row version is 9, its history has 6 moves up to row version 6"
        ],
    );
}

#[test]
fn a_configuration() {
    found_on_reading(
        "UPDATE models SET config_json = json_set(config_json, '$.units[0]', 65)",
        &expect![
            "model `eurusd` v1.0.0 was changed outside suho: its configuration does not match its digest"
        ],
    );
}

#[test]
fn a_configuration_in_the_last_place_of_a_float() {
    found_on_reading(
        "UPDATE models SET config_json = replace(config_json, '0.30000000000000004', '0.3')",
        &expect![
            "model `eurusd` v1.0.0 was changed outside suho: its configuration does not match its digest"
        ],
    );
}

#[test]
fn an_artifact_that_goes_missing() {
    found_on_reading(
        "UPDATE models SET model_storage_path = NULL",
        &expect![
            "model `eurusd` v1.0.0 was changed outside suho: it is `production` without a sealed artifact"
        ],
    );
}

#[test]
fn each_column_of_a_model() {
    let edits = [
        "DROP TRIGGER models_are_final; UPDATE models SET v_minor = 7",
        "UPDATE models SET prediction_horizon = '8h'",
        "UPDATE models SET metrics = '{}'",
        "UPDATE models SET target_symbol = 'GBP/USD'",
        "UPDATE models SET training_data = '[0,1]'",
        "UPDATE models SET quarantined = 1",
        "UPDATE models SET parent_model_id = model_id",
        "UPDATE models SET created_by = 'eve'",
        "UPDATE models SET architecture = '[]'",
        "DROP TRIGGER models_are_final; UPDATE models SET seed = 43",
        "UPDATE models SET deployed_at = 1",
    ];
    let mut said = String::new();
    for edit in edits {
        let mut world = World::new();
        let run = world.run.id.clone();
        world.commit(promoted(&run, 0));
        world.meddle(edit);
        let found = world.store.verify_all().unwrap().found;
        assert!(!found.is_empty(), "{edit}");
        assert!(world.store.model(&model_id(0)).is_err(), "{edit}");
        for error in found {
            let error = error.to_string().replace(model_id(0).as_str(), "MODEL");
            writeln!(said, "{}", error.trim_start_matches("model `eurusd` ")).unwrap();
        }
    }
    expect![[r#"
        v1.7.0 was changed outside suho: its `v_minor` is 7, the audit log says 0
        v1.0.0 was changed outside suho: its `prediction_horizon` is "8h", the audit log says "4h"
        v1.0.0 was changed outside suho: its `metrics` is "{}", the audit log says "{\"val_loss\":0.9}"
        v1.0.0 was changed outside suho: its `target_symbol` is "GBP/USD", the audit log says "EUR/USD"
        v1.0.0 was changed outside suho: its `training_data` cannot be read: invalid type: integer `0`, expected a string at line 1 column 2
        v1.0.0 was changed outside suho: its `quarantined` is 1, the audit log says 0
        v1.0.0 was changed outside suho: its `parent_model_id` is "MODEL", the audit log says null
        v1.0.0 was changed outside suho: its `created_by` is "eve", the audit log says "engine"
        v1.0.0 was changed outside suho: its `architecture` is "[]", the audit log says "[{\"lstm\":{\"units\":64}}]"
        v1.0.0 was changed outside suho: its `seed` is 43, the audit log says 42
        v1.0.0 was changed outside suho: its `deployed_at` is 1, the audit log says 1735690800000000
    "#]].assert_eq(&said);
}

#[test]
fn a_version_out_of_range() {
    found_on_reading(
        "DROP TRIGGER models_are_final; UPDATE models SET v_major = 4294967296",
        &expect![
            "a model was changed outside suho: its `v_major` is `4294967296`, which cannot be"
        ],
    );
}

#[test]
fn a_history_that_is_cut() {
    found_on_reading(
        "DROP TRIGGER transitions_are_final_d;
         DELETE FROM model_transitions WHERE from_row_version = 2",
        &expect![
            "model `eurusd` v1.0.0 was changed outside suho: its row version is 6, its history has 5 moves up to row version 6"
        ],
    );
}

#[test]
fn an_artifact_that_is_exchanged() {
    found_by_verifying(
        "DROP TRIGGER models_are_final;
         UPDATE models SET artifact_digest = config_digest",
        &expect![[
            r#"model `eurusd` v1.0.0 was changed outside suho: its `artifact_digest` is "sha256:218629a879233f8a1ffef0c4c95b195caeb8c3df43f649691b42372dfdb6a650", the audit log says "sha256:b6776a5e4ab488d8e9945941ab1495e02928868bde77e43e726cd2b48c60381b""#
        ]],
    );
}

#[test]
fn a_status_together_with_its_history() {
    found_by_verifying(
        "DROP TRIGGER transitions_are_final_u;
         UPDATE models SET status = 'canary';
         UPDATE model_transitions SET to_status = 'canary' WHERE from_row_version = 5",
        &expect![[r#"
            model `eurusd` v1.0.0 was changed outside suho: its `status` is "canary", the audit log says "production"
            the history of model `MODEL` was changed outside suho: it goes from `canary` to `canary`"#]],
    );
}

#[test]
fn a_line_of_the_audit_log() {
    found_by_verifying(
        "DROP TRIGGER audit_is_final_u; UPDATE audit_log SET actor = 'eve' WHERE seq = 2",
        &expect![
            "line 2 of the audit log was changed outside suho: its content does not match its hash"
        ],
    );
}

#[test]
fn a_line_taken_out_of_the_audit_log() {
    found_by_verifying(
        "DROP TRIGGER audit_is_final_d; DELETE FROM audit_log WHERE seq = 2",
        &expect![[r#"
            line 3 of the audit log was changed outside suho: line 2 should stand there
            line 3 of the audit log was changed outside suho: it does not follow the line before it"#]],
    );
}

#[test]
fn the_end_of_the_audit_log() {
    found_by_verifying(
        "DROP TRIGGER audit_is_final_d;
         DELETE FROM audit_log WHERE seq = (SELECT max(seq) FROM audit_log)",
        &expect!["the audit log was changed outside suho: lines at its end are missing"],
    );
}

#[test]
fn a_reference_to_nothing() {
    // A server would not have let it go.
    found_by_verifying_in(
        World::in_file(),
        "PRAGMA foreign_keys = OFF; DELETE FROM dataset_snapshots",
        &expect![
            "table `models` was changed outside suho: a row of it names one of `dataset_snapshots` that is not there"
        ],
    );
}

#[test]
fn history_refuses_to_be_edited_at_all() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(promoted(&run, 0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let refused = |sql: &'static str| {
        runtime.block_on(async {
            let mut conn = world.connection().await;
            let error = conn.script(sql).await.unwrap_err();
            let text = error.as_database_error().unwrap().message().to_owned();
            conn.close().await.unwrap();
            text
        })
    };
    let mut said = String::new();
    for sql in [
        "UPDATE events SET kind = 'x'",
        "DELETE FROM events",
        "UPDATE model_transitions SET actor = 'eve'",
        "DELETE FROM model_transitions",
        "UPDATE audit_log SET actor = 'eve'",
        "DELETE FROM audit_log",
        "UPDATE models SET seed = 2",
        "UPDATE models SET artifact_digest = NULL",
    ] {
        writeln!(said, "{sql}: {}", refused(sql)).unwrap();
    }
    expect![[r#"
        UPDATE events SET kind = 'x': events are never changed
        DELETE FROM events: events are never removed
        UPDATE model_transitions SET actor = 'eve': transitions are never changed
        DELETE FROM model_transitions: transitions are never removed
        UPDATE audit_log SET actor = 'eve': the audit log is never changed
        DELETE FROM audit_log: the audit log is never shortened
        UPDATE models SET seed = 2: what a model is made of never changes
        UPDATE models SET artifact_digest = NULL: what a model is made of never changes
    "#]]
    .assert_eq(&said);
}
