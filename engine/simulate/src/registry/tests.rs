use super::Memory;
use crate::fault::Faults;
use crate::journal::Book;
use crate::time::Time;
use std::rc::Rc;
use suho_domain::{
    BasisPoints, Digest, Instant, ModelId, ModelStatus, Move, Name, RunId, RunStatus, Scope, Slot,
    Value, Version,
};
use suho_driver::ports::{Commit, ModelRow, NewRun, PlanText, Store as _, StoreError};
use suho_driver::registry::{Change, MoveModel, RouteRow};
use suho_scheduler::Event;

const NOW: Instant = Instant::from_micros(0);

fn slot() -> Slot {
    Slot {
        scope: Scope::Platform,
        model: Name::new("direction").unwrap(),
        symbol: "EUR/USD".parse().unwrap(),
        timeframe: "1h".parse().unwrap(),
    }
}

fn model(name: &str, version: &str, status: ModelStatus) -> ModelRow {
    let digest = Digest::of(name.as_bytes());
    ModelRow {
        id: ModelId::derive(&[name]),
        slot: slot(),
        version: version.parse::<Version>().unwrap(),
        status,
        status_reason: None,
        row_version: 4,
        quarantined: false,
        config_digest: digest.clone(),
        config: serde_json::Value::Null,
        dataset_digest: None,
        trained_on: None,
        artifact_digest: None,
        artifact: None,
        metrics: serde_json::Value::Null,
        seed: 0,
        code_digest: digest,
        parent: None,
        run: None,
        created_at: NOW,
        trained_at: None,
        deployed_at: None,
    }
}

/// A registry with a model that serves and one on trial, and a run.
fn registry() -> (Memory, RunId) {
    let time = Time::starting_at(NOW);
    let (faults, book) = (Rc::new(Faults::new(&Value::None, &time)), Book::new(&time));
    let models = vec![
        model("old", "v1.0.0", ModelStatus::Production),
        model("new", "v1.0.1", ModelStatus::Canary),
    ];
    let mut memory = Memory::new(models, &faults, &book);
    let run = memory.create_run(&NewRun {
        pipeline: Name::new("walk").unwrap(),
        environment: "test".to_owned(),
        plan_digest: Digest::of(b"plan"),
        plan: PlanText::default(),
        as_of: NOW,
        created_at: NOW,
        created_by: "test".to_owned(),
    });
    let run = run.unwrap().id;
    (memory, run)
}

fn moved(name: &str, from: ModelStatus, row_version: u64, attempted: Move) -> Change {
    Change::Move(MoveModel {
        model: ModelId::derive(&[name]),
        from,
        row_version,
        attempted,
        reason: "test".to_owned(),
        detail: None,
        quarantined: None,
        deployment: None,
        actor: "test".to_owned(),
    })
}

fn route(generation: u64) -> Change {
    Change::Route(RouteRow {
        slot: slot(),
        generation,
        production: Some(ModelId::derive(&["old"])),
        candidate: Some((ModelId::derive(&["new"]), BasisPoints::new(1_000).unwrap())),
        deployment: None,
    })
}

fn commit(run: &RunId, after_seq: u64, changes: Vec<Change>) -> Commit {
    Commit {
        run: run.clone(),
        after_seq,
        recorded_at: NOW,
        effective_at: NOW,
        events: vec![Event::RunStarted { at: NOW }],
        changes,
        status: RunStatus::Running,
    }
}

#[test]
fn a_writer_who_has_not_seen_the_last_line_writes_nothing() {
    let (mut memory, run) = registry();
    memory.commit(&commit(&run, 0, Vec::new())).unwrap();
    let stale = memory.commit(&commit(&run, 0, vec![route(1)]));
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    assert_eq!(memory.load(&run).unwrap().1.len(), 1);
    assert_eq!(memory.slot(&slot()).unwrap().generation(), 0);
}

#[test]
fn a_commit_is_all_or_none() {
    let (mut memory, run) = registry();
    // The route alone would do; the second production of the slot does not.
    let promote = moved("new", ModelStatus::Canary, 4, Move::Promote);
    let refused = memory.commit(&commit(&run, 0, vec![route(1), promote.clone()]));
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    let facts = memory.slot(&slot()).unwrap();
    assert_eq!((facts.generation(), facts.share()), (0, BasisPoints::NONE));
    let supersede = moved("old", ModelStatus::Production, 4, Move::Supersede);
    memory.commit(&commit(&run, 0, vec![supersede, promote, route(1)])).unwrap();
    let facts = memory.slot(&slot()).unwrap();
    assert_eq!((facts.generation(), facts.share().points()), (1, 1_000));
    assert_eq!(facts.production.unwrap().id, ModelId::derive(&["new"]));
}

#[test]
fn what_moved_on_is_not_moved_again() {
    let (mut memory, run) = registry();
    let back = |row_version| moved("new", ModelStatus::Canary, row_version, Move::RollBack);
    let stale = memory.commit(&commit(&run, 0, vec![back(3)]));
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    memory.commit(&commit(&run, 0, vec![back(4)])).unwrap();
    let row = memory.model(&ModelId::derive(&["new"])).unwrap().unwrap();
    assert_eq!((row.status, row.row_version), (ModelStatus::Draft, 5));
    let skipped = memory.commit(&commit(&run, 1, vec![route(7)]));
    assert!(matches!(skipped, Err(StoreError::Conflict { .. })), "{skipped:?}");
}
