//! What the command line asks.

use super::*;
use crate::{ModelFilter, RunFilter};
use expect_test::expect;

#[test]
fn runs_are_listed_newest_first_and_filtered() {
    let mut world = World::new();
    world.store.create_run(&new_run("rehearsal")).unwrap();
    world.store.create_run(&new_run("live")).unwrap();
    world.commit(vec![]);
    let list = |filter: &RunFilter, limit| -> Vec<(String, u64)> {
        let rows = world.store.runs(filter, limit).unwrap();
        rows.into_iter().map(|row| (row.environment, row.number)).collect()
    };
    let row = |environment: &str, number| (environment.to_owned(), number);
    let all = [row("live", 1), row("rehearsal", 2), row("rehearsal", 1)];
    assert_eq!(list(&RunFilter::ANY, 9), all);
    assert_eq!(list(&RunFilter::ANY, 1), all[..1]);
    let environment = Some("live".to_owned());
    assert_eq!(list(&RunFilter { environment, ..RunFilter::ANY }, 9), all[..1]);
    let status = Some(RunStatus::Running);
    assert_eq!(list(&RunFilter { status, ..RunFilter::ANY }, 9), all[2..]);
}

#[test]
fn a_run_is_found_by_what_a_person_types() {
    let mut world = World::new();
    let second = world.store.create_run(&new_run("rehearsal")).unwrap();
    assert_eq!(world.store.find_run("@latest").unwrap(), second);
    assert_eq!(world.store.find_run(second.id.short()).unwrap(), second);
    assert_eq!(world.store.find_run(world.run.id.as_str()).unwrap(), world.run);
    let said = |name| world.store.find_run(name).unwrap_err().to_string();
    expect!["there is no run `zz`"].assert_eq(&said("zz"));
    expect!["there is no run ``"].assert_eq(&said(""));
    for _ in 0..14 {
        world.store.create_run(&new_run("rehearsal")).unwrap();
    }
    // Sixteen ids begin with sixteen digits at most: some digit begins two, or one begins all.
    let ambiguous = ('0'..='9').chain('a'..='f').find_map(|digit| {
        let error = world.store.find_run(&digit.to_string()).err()?.to_string();
        error.contains("it could be").then_some(error)
    });
    expect!["there is no single run `0`: it could be `0cc92b03` (quickstart #10), `023d5248` (quickstart #6)"].assert_eq(&ambiguous.unwrap());
}

#[test]
fn the_same_plan_finds_its_unfinished_run() {
    let mut world = World::new();
    let unfinished = |world: &World, plan: &str| {
        let found = world.store.unfinished("rehearsal", &name("quickstart"), &digest(plan));
        found.unwrap().map(|run| run.number)
    };
    assert_eq!(unfinished(&world, "plan"), Some(1));
    assert_eq!(unfinished(&world, "another plan"), None);
    let mut end = world.commit_of(vec![]);
    end.status = RunStatus::Succeeded;
    world.store.commit(&end).unwrap();
    assert_eq!(unfinished(&world, "plan"), None);
}

#[test]
fn a_model_is_found_by_what_a_person_types() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    world.commit(trained(&run, 1));
    let found = |world: &World, name: &str| world.store.find_model(name).map(|m| m.version);
    assert_eq!(found(&world, "eurusd").unwrap(), version(1));
    world.commit(vec![
        go(0, ModelStatus::Testing, 3, Move::Stage),
        go(0, ModelStatus::Staging, 4, Move::StartCanary),
        go(0, ModelStatus::Canary, 5, Move::Promote),
    ]);
    assert_eq!(found(&world, "eurusd").unwrap(), version(0));
    assert_eq!(found(&world, "eurusd@v1.0.1").unwrap(), version(1));
    assert_eq!(found(&world, model_id(1).short()).unwrap(), version(1));
    for nobody in ["eurusd@v2.0.0", "eurusd@latest", "gbpusd", "", "@"] {
        assert!(matches!(found(&world, nobody), Err(StoreError::Missing(_))), "{nobody}");
    }
}

#[test]
fn a_name_in_two_scopes_is_not_guessed() {
    let mut world = World::new();
    let run = world.run.id.clone();
    let mut theirs = new_model(&run, 1);
    theirs.slot.scope = Scope::tenant("acme").unwrap();
    theirs.version = version(0);
    world.commit(trained(&run, 0));
    world.commit(vec![Change::Reserve(Box::new(theirs))]);
    let said = world.store.find_model("eurusd").unwrap_err().to_string();
    expect!["there is no single model `eurusd`: it could be `5f4d4606` (platform/eurusd EUR/USD 1h v1.0.0), `df513759` (acme/eurusd EUR/USD 1h v1.0.0)"].assert_eq(&said);
}

#[test]
fn models_and_their_moves_are_listed() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    world.commit(vec![Change::Reserve(Box::new(new_model(&run, 1)))]);
    let list = |filter: &ModelFilter| -> Vec<Version> {
        world.store.models(filter).unwrap().into_iter().map(|m| m.version).collect()
    };
    assert_eq!(list(&ModelFilter::ANY), [version(0), version(1)]);
    let status = Some(ModelStatus::Draft);
    assert_eq!(list(&ModelFilter { status, ..ModelFilter::ANY }), [version(1)]);
    let run = Some(RunId::derive(&["other"]));
    assert_eq!(list(&ModelFilter { run, ..ModelFilter::ANY }), []);
    let moves = world.store.transitions(&model_id(0)).unwrap();
    let told: Vec<_> = moves
        .iter()
        .map(|m| format!("{}: {:?} -> {}", m.from_row_version, m.from.map(ModelStatus::word), m.to))
        .collect();
    expect![[r#"
        0: None -> draft
        1: Some("draft") -> training
        2: Some("training") -> testing"#]]
    .assert_eq(&told.join("\n"));
}
