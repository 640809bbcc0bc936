//! Runs and their logs.

use super::*;
use expect_test::expect;

#[test]
fn what_was_committed_is_read_back() {
    let mut world = World::new();
    let attempt = Event::AttemptSucceeded {
        step: name("train"),
        attempt: 1,
        outputs: [("loss".to_owned(), suho_domain::Value::Float(0.1 + 0.2))].into(),
        at: at(5),
    };
    let mut commit = world.commit_of(vec![]);
    commit.events = vec![started(2), attempt.clone()];
    world.store.commit(&commit).unwrap();

    let (run, log) = world.store.load(&world.run.id.clone()).unwrap();
    assert_eq!(run, RunRow { status: RunStatus::Running, ..world.run.clone() });
    assert_eq!(log.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(log[0].event, started(2));
    assert_eq!(log[1].event, attempt);
    assert_eq!((log[1].recorded_at, log[1].effective_at), (at(10), at(20)));
}

#[test]
fn a_run_that_ends_says_when() {
    let mut world = World::new();
    let mut commit = world.commit_of(vec![]);
    commit.status = RunStatus::Rejected;
    world.store.commit(&commit).unwrap();
    let (run, _) = world.store.load(&world.run.id.clone()).unwrap();
    assert_eq!((run.status, run.ended_at), (RunStatus::Rejected, Some(at(10))));
}

#[test]
fn rehearsals_have_the_same_ids_everywhere_and_live_runs_do_not() {
    let (mut one, mut two) = (World::new(), World::new());
    assert_eq!(one.run.id, two.run.id);
    assert_eq!(one.run.id, RunId::derive(&["rehearsal", "rehearsal", "quickstart", "1"]));
    let live = |world: &mut World| world.store.create_run(&new_run("live")).unwrap();
    assert_ne!(live(&mut one).id, live(&mut two).id);
}

#[test]
fn runs_are_numbered_within_pipeline_and_environment() {
    let mut world = World::new();
    let mut number = |environment: &str, pipeline: &str| {
        let run = NewRun { pipeline: name(pipeline), ..new_run(environment) };
        world.store.create_run(&run).unwrap().number
    };
    assert_eq!(number("rehearsal", "quickstart"), 2);
    assert_eq!(number("live", "quickstart"), 1);
    assert_eq!(number("rehearsal", "other"), 1);
    assert_eq!(number("rehearsal", "quickstart"), 3);
}

#[test]
fn a_writer_who_missed_an_event_changes_nothing() {
    let mut world = World::new();
    world.commit(vec![]);
    world.seq = 0;
    let run = world.run.id.clone();
    let refusal = world.refusal(trained(&run, 0)).replace(run.as_str(), "RUN");
    expect!["the log of run `RUN` has moved on: expected event 0, found event 1"]
        .assert_eq(&refusal);
    assert_eq!(world.store.load(&run).unwrap().1.len(), 1);
    assert_eq!(world.store.model(&model_id(0)).unwrap(), None);
}

#[test]
fn a_commit_that_conflicts_in_its_last_change_leaves_nothing() {
    let mut world = World::new();
    let run = world.run.id.clone();
    let mut changes = promoted(&run, 0);
    changes.push(route(7, Some(0)));
    let refusal = world.refusal(changes);
    expect!["the route of slot `platform/eurusd EUR/USD 1h` has moved on: expected generation 6, found generation 0"].assert_eq(&refusal);
    assert!(world.store.load(&run).unwrap().1.is_empty());
    assert_eq!(world.store.slot(&slot()).unwrap(), suho_driver::ports::SlotFacts::default());
    assert_eq!(world.store.verify_all().unwrap().audit_lines, 0);
    // And the writer goes on as if nothing had been.
    world.commit(promoted(&run, 0));
}

#[test]
fn a_run_that_is_not_there_is_missing() {
    let mut world = World::new();
    let run = RunId::derive(&["nothing"]);
    assert!(matches!(world.store.load(&run), Err(StoreError::Missing(_))));
    let commit = Commit { run, ..world.commit_of(vec![]) };
    assert!(matches!(world.store.commit(&commit), Err(StoreError::Missing(_))));
}

#[test]
fn a_transaction_that_never_committed_was_never_there() {
    let mut world = World::new();
    let run = world.run.id.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dying = world.commit_of(trained(&run, 0));
    runtime.block_on(async {
        let mut conn = world.connection().await;
        conn.begin(crate::connection::Purpose::Write).await.unwrap();
        crate::log::write(&mut conn, &dying, "die").await.unwrap();
        let models = crate::query::query("SELECT count(*) FROM models").value::<i64>(&mut conn);
        assert_eq!(models.await.unwrap(), 1);
        // The connection goes without a COMMIT, as in a process that is killed.
        drop(conn);
    });
    drop(runtime);
    assert!(world.store.load(&run).unwrap().1.is_empty());
    assert_eq!(world.store.model(&model_id(0)).unwrap(), None);
    world.commit(trained(&run, 0));
}

#[test]
fn a_commit_whose_end_is_not_known_says_so_and_the_next_one_works() {
    let mut world = World::in_file();
    // A reference that is only checked at the very end makes COMMIT itself fail.
    world.meddle(
        "CREATE TABLE late (x INTEGER REFERENCES notices (notice_id) DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER fail AFTER INSERT ON events BEGIN INSERT INTO late VALUES (99); END;",
    );
    let error = world.try_commit(vec![]).unwrap_err();
    assert!(matches!(error, StoreError::Unknown { .. }), "{error:?}");
    world.meddle("DROP TRIGGER fail");
    assert!(world.store.load(&world.run.id.clone()).unwrap().1.is_empty());
    world.commit(vec![]);
    assert_eq!(world.store.load(&world.run.id.clone()).unwrap().1.len(), 1);
}

#[test]
fn a_transaction_that_the_database_ended_itself_does_not_stop_the_writer() {
    let mut world = World::in_file();
    // As a full disk does: the transaction is gone before we can roll it back.
    world.meddle(
        "CREATE TRIGGER fail AFTER INSERT ON events BEGIN SELECT RAISE(ROLLBACK, 'gone'); END;",
    );
    let error = world.try_commit(vec![]).unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    world.meddle("DROP TRIGGER fail");
    world.commit(vec![]);
    assert_eq!(world.store.load(&world.run.id.clone()).unwrap().1.len(), 1);
}

#[test]
fn a_log_with_a_hole_is_not_read() {
    let mut world = World::new();
    world.commit(vec![]);
    world.commit(vec![]);
    world.meddle("DROP TRIGGER events_are_final_d; DELETE FROM events WHERE seq = 1");
    let error = world.store.load(&world.run.id.clone()).unwrap_err();
    assert!(error.to_string().ends_with("event 2 stands where event 1 should"), "{error}");
    assert_eq!(world.store.verify_all().unwrap().found.len(), 1);
}
