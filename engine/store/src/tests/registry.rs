//! Models, evaluations, rollouts, routes.

use super::*;
use crate::DeploymentsOf;
use expect_test::expect;
use std::sync::atomic::{AtomicBool, Ordering};
use suho_driver::registry::EvaluationRow;

#[test]
fn a_model_keeps_what_it_is_made_of() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(promoted(&run, 0));
    let model = world.model(0);
    let new = new_model(&run, 0);
    assert_eq!(
        model,
        ModelRow {
            id: model_id(0),
            slot: slot(),
            version: version(0),
            status: ModelStatus::Production,
            status_reason: None,
            row_version: 6,
            quarantined: false,
            config_digest: Digest::of_json(&new.config),
            config: new.config,
            dataset_digest: Some(digest("bars")),
            trained_on: Some((at(0), at(5_000))),
            artifact_digest: Some(digest("weights 0")),
            artifact: Some("platform/eurusd/v1.0.0".to_owned()),
            metrics: json!({ "val_loss": 0.9 }),
            seed: 42,
            code_digest: digest("code"),
            parent: None,
            run: Some(run),
            created_at: at(20),
            trained_at: Some(at(20)),
            deployed_at: Some(at(20)),
        }
    );
    let facts = world.store.slot(&slot()).unwrap();
    assert_eq!(facts.production.as_ref(), Some(&model));
    assert_eq!(facts.versions, [model]);
}

#[test]
fn every_float_of_a_configuration_reads_back_as_it_was() {
    let mut world = World::new();
    let mut new = new_model(&world.run.id, 0);
    new.config = (1..2_000).map(|n| json!((f64::from(n) * 1e3).sin() / 1e7)).collect();
    let config = new.config.clone();
    world.commit(vec![Change::Reserve(Box::new(new))]);
    assert_eq!(world.model(0).config, config);
}

#[test]
fn a_stale_writer_moves_nothing() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    let stale = world.refusal(vec![go(0, ModelStatus::Testing, 2, Move::Stage)]);
    expect!["model `eurusd` v1.0.0 has moved on: expected `testing` at row version 2, found `testing` at row version 3"].assert_eq(&stale);
    let wrong = world.refusal(vec![go(0, ModelStatus::Staging, 3, Move::StartCanary)]);
    expect!["model `eurusd` v1.0.0 has moved on: expected `staging` at row version 3, found `testing` at row version 3"].assert_eq(&wrong);
    let illegal = world.refusal(vec![go(0, ModelStatus::Testing, 3, Move::Promote)]);
    expect!["cannot move model `eurusd` v1.0.0: a model that is `testing` cannot `promote`"]
        .assert_eq(&illegal);
    assert_eq!(world.model(0).row_version, 3);
}

#[test]
fn a_version_is_used_once() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    let mut again = new_model(&run, 0);
    again.id = model_id(9);
    let refusal = world.refusal(vec![Change::Reserve(Box::new(again))]);
    expect!["model `eurusd` v1.0.0 has moved on: expected an unused version, found one that is `testing`"].assert_eq(&refusal);
}

#[test]
fn an_artifact_is_sealed_once() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    world.commit(vec![artifact(0, "weights 0")]);
    let refusal = world.refusal(vec![artifact(0, "other weights")]);
    assert!(refusal.contains("expected no artifact"), "{refusal}");
    assert_eq!(world.model(0).artifact_digest, Some(digest("weights 0")));
}

#[test]
fn a_model_that_comes_back_says_why_and_is_quarantined() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(canaried(&run, 0));
    let Change::Move(mut back) = go(0, ModelStatus::Canary, 5, Move::RollBack) else { panic!() };
    back.quarantined = Some(true);
    back.reason = "harm".to_owned();
    world.commit(vec![Change::Move(back)]);
    let model = world.model(0);
    assert_eq!(model.status, ModelStatus::Draft);
    assert_eq!(model.status_reason.as_deref(), Some("harm"));
    assert!(model.quarantined);
    assert_eq!(model.artifact_digest, Some(digest("weights 0")));
}

#[test]
fn two_productions_and_two_canaries_are_refused() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(promoted(&run, 0));
    world.commit(canaried(&run, 1));
    let second = world.refusal(vec![go(1, ModelStatus::Canary, 5, Move::Promote)]);
    expect!["slot `platform/eurusd EUR/USD 1h` has moved on: expected no model in `production`, found v1.0.0"].assert_eq(&second);
    let canary = world.refusal(canaried(&run, 2));
    expect!["slot `platform/eurusd EUR/USD 1h` has moved on: expected no model in `canary`, found v1.0.1"].assert_eq(&canary);
    assert_eq!(world.store.model(&model_id(2)).unwrap(), None);
}

#[test]
fn readers_always_see_exactly_one_production() {
    const PROMOTIONS: u32 = 12;
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(promoted(&run, 0));
    let done = AtomicBool::new(false);
    let mut reading = world.reader();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut looks = 0;
            while !done.load(Ordering::SeqCst) || looks == 0 {
                let facts = reading.slot(&slot()).unwrap();
                let serving =
                    facts.versions.iter().filter(|m| m.status == ModelStatus::Production).count();
                assert_eq!(serving, 1);
                assert!(facts.production.is_some());
                looks += 1;
            }
        });
        for patch in 1..=PROMOTIONS {
            world.commit(canaried(&run, patch));
            world.commit(vec![
                go(patch - 1, ModelStatus::Production, 6, Move::Supersede),
                go(patch, ModelStatus::Canary, 5, Move::Promote),
                route(u64::from(patch), Some(patch)),
            ]);
        }
        done.store(true, Ordering::SeqCst);
        reader.join().unwrap();
    });
    let facts = world.store.slot(&slot()).unwrap();
    assert_eq!(facts.generation(), u64::from(PROMOTIONS));
    assert_eq!(facts.production.unwrap().version, version(PROMOTIONS));
    let old = world.model(0);
    assert_eq!(
        (old.status, old.status_reason.as_deref()),
        (ModelStatus::Archived, Some("supersede"))
    );
    assert!(world.store.verify_all().unwrap().found.is_empty());
}

#[test]
fn a_slot_has_one_rollout_at_a_time() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    world.commit(vec![deploy("first", "canary", 0)]);
    let busy = world.refusal(vec![deploy("second", "ramp", 0)]);
    let busy = busy.replace(deployment_id("first").as_str(), "FIRST");
    expect!["slot `platform/eurusd EUR/USD 1h` has moved on: expected no rollout under way, found canary `FIRST`, which is `active`"].assert_eq(&busy);
    // A shadow answers nobody.
    world.commit(vec![deploy("shadow", "shadow", 0)]);
    assert_eq!(world.store.slot(&slot()).unwrap().live.unwrap().id, deployment_id("first"));
    world.commit(vec![rollout("first", 1, Some(("inconclusive", "out of bars")))]);
    assert_eq!(world.store.slot(&slot()).unwrap().live.unwrap().id, deployment_id("shadow"));
    world.commit(vec![deploy("second", "ramp", 0)]);
    let all = world.store.deployments(&DeploymentsOf::Model(model_id(0))).unwrap();
    let kinds: Vec<_> = all.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["canary", "shadow", "ramp"]);
    assert_eq!(world.store.deployments(&DeploymentsOf::Run(run)).unwrap(), all);
}

#[test]
fn a_rollout_moves_on_from_what_its_writer_saw() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    world.commit(vec![deploy("first", "canary", 0), rollout("first", 1, None)]);
    let (row, _) = world.store.rollout(&deployment_id("first")).unwrap().unwrap();
    assert_eq!((row.row_version, row.traffic.points(), row.routing_epoch), (2, 1_000, 2));
    assert_eq!((row.accrued, row.state), (Duration::from_hours(3), json!({ "events": 3 })));
    let stale = world.refusal(vec![rollout("first", 1, None)]);
    assert!(stale.ends_with("expected row version 1 under way, found row version 2"), "{stale}");
    world.commit(vec![rollout("first", 2, Some(("promoted", "no harm")))]);
    let (row, _) = world.store.rollout(&deployment_id("first")).unwrap().unwrap();
    assert_eq!(row.decision, Some(("promoted".to_owned(), "no harm".to_owned())));
    assert_eq!(row.finished_at, Some(at(20)));
    let over = world.refusal(vec![rollout("first", 3, None)]);
    assert!(over.ends_with("found that it ended as `promoted`"), "{over}");
}

#[test]
fn a_route_is_the_next_generation_or_none() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(promoted(&run, 0));
    world.commit(vec![route(1, Some(0)), route(2, None)]);
    for stale in [1, 2, 4] {
        assert!(world.try_commit(vec![route(stale, None)]).is_err());
    }
    let routes = world.store.routes(&slot()).unwrap();
    assert_eq!(routes.iter().map(|r| r.row.generation).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(routes[0].row.production, Some(model_id(0)));
    assert_eq!(world.store.slot(&slot()).unwrap().generation(), 2);
}

#[test]
fn the_same_evaluation_is_one_row_with_the_newest_answer() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    let mut row = EvaluationRow {
        model: model_id(0),
        kind: "latency".to_owned(),
        dataset: None,
        window: None,
        baseline: None,
        metrics: json!({}),
        baseline_metrics: None,
        spec_digest: digest("spec"),
        verdict: "error".to_owned(),
    };
    world.commit(vec![Change::Evaluate(row.clone())]);
    row.verdict = "pass".to_owned();
    row.metrics = json!({ "p95": "12ms" });
    world.commit(vec![Change::Evaluate(row.clone())]);
    let on_data = EvaluationRow {
        dataset: Some(digest("bars")),
        window: Some((at(1), at(2))),
        baseline_metrics: Some(json!({ "accuracy": 0.5 })),
        ..row.clone()
    };
    world.commit(vec![Change::Evaluate(on_data.clone())]);
    let found: Vec<_> =
        world.store.evaluations(&model_id(0)).unwrap().into_iter().map(|e| e.row).collect();
    assert_eq!(found, [row, on_data]);
}
