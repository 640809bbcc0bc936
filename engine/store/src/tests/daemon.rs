//! What a daemon keeps: schedules and their decisions, submissions, runs in its custody.

use super::*;
use crate::{NewApplication, ScheduleChange, ScheduleRow, Submission, SubmissionKey};
use suho_scheduler::{Choice, Decision, Priority, Schedule, ScheduleEvent, ScheduleKey, TickSkip};

const ENVIRONMENT: &str = "default";

fn schedule() -> Schedule {
    let (pipeline, schedule) = (name("quickstart"), name("hourly"));
    Schedule::new(ScheduleKey { scope: Scope::Platform, pipeline, schedule })
}

fn application(schedules: Vec<ScheduleChange>) -> NewApplication {
    NewApplication {
        environment: ENVIRONMENT.to_owned(),
        digest: digest("text"),
        origin: "folder".to_owned(),
        revision: None,
        files: vec![("a.suho".to_owned(), "edition 2026\n".to_owned())],
        by: "ada".to_owned(),
        at: at(0),
        schedules,
    }
}

/// A store with one schedule.
fn scheduled() -> (World, ScheduleRow) {
    let world = World::new();
    let plan = Some((digest("plan"), (&json!({ "steps": [] })).into()));
    let change = ScheduleChange { plan, ..ScheduleChange::new(schedule()) };
    world.store.apply(&application(vec![change])).unwrap();
    let row = world.store.schedules(ENVIRONMENT).unwrap().remove(0);
    (world, row)
}

fn decided(tick: i64) -> Decision {
    let not_before = at(tick);
    let choice = Choice::Run { not_before };
    Decision { first: at(tick), last: at(tick), ticks: 1, choice }
}

/// A change that decides about `tick` and begins its run.
fn fires(row: &ScheduleRow, tick: i64) -> ScheduleChange {
    let mut change = ScheduleChange::of(row);
    change.events.push(ScheduleEvent::Looked { at: at(tick) });
    change.decisions.push(decided(tick));
    change.starts.push((at(tick), new_run(ENVIRONMENT)));
    change
}

fn runs(world: &World) -> usize {
    let filter =
        crate::RunFilter { environment: Some(ENVIRONMENT.to_owned()), ..crate::RunFilter::ANY };
    world.store.runs(&filter, 100).unwrap().len()
}

#[test]
fn a_text_in_force_reads_back_whole() {
    let (world, row) = scheduled();
    let kept = world.store.application(ENVIRONMENT).unwrap().unwrap();
    let new = application(Vec::new());
    assert_eq!((kept.files, kept.digest, kept.by), (new.files, new.digest, new.by));
    assert_eq!(world.store.application("other").unwrap(), None);
    assert_eq!(
        world.store.plan_of_schedule(row.id).unwrap(),
        (digest("plan"), (&json!({ "steps": [] })).into())
    );
}

#[test]
fn a_decision_and_its_run_are_there_together_or_not_at_all() {
    let (world, row) = scheduled();
    let begun = world.store.move_schedule(&fires(&row, 5), ENVIRONMENT, at(5)).unwrap();
    let decisions = world.store.decisions(row.id, 9).unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0].run.as_ref(), Some(&begun[0].id));
    // The same tick again, by somebody who has seen the newest row: nothing is written.
    let row = world.store.schedules(ENVIRONMENT).unwrap().remove(0);
    let error = world.store.move_schedule(&fires(&row, 5), ENVIRONMENT, at(6)).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    assert_eq!(runs(&world), 1);
    assert_eq!(world.store.schedules(ENVIRONMENT).unwrap(), [row]);
}

#[test]
fn who_has_not_seen_the_newest_row_moves_nothing() {
    let (world, stale) = scheduled();
    world.store.move_schedule(&fires(&stale, 5), ENVIRONMENT, at(5)).unwrap();
    let error = world.store.move_schedule(&fires(&stale, 6), ENVIRONMENT, at(6)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the schedule `platform/quickstart/hourly` has moved on: expected row version 1, found \
         another"
    );
    assert_eq!(runs(&world), 1);
    // Neither does a text that was compared with the old row: it comes into force whole or not.
    let error = world.store.apply(&application(vec![ScheduleChange::of(&stale)])).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
}

#[test]
fn skipped_ticks_are_one_row_and_begin_no_run() {
    let (world, row) = scheduled();
    let choice = Choice::Skip(TickSkip::CatchUp);
    let skipped = Decision { first: at(1), last: at(9), ticks: 9, choice };
    let mut change = ScheduleChange::of(&row);
    change.decisions.push(skipped);
    world.store.move_schedule(&change, ENVIRONMENT, at(9)).unwrap();
    assert_eq!(world.store.decisions(row.id, 9).unwrap()[0].decision, skipped);
    let row = world.store.schedules(ENVIRONMENT).unwrap().remove(0);
    let mut change = ScheduleChange::of(&row);
    change.starts.push((at(1), new_run(ENVIRONMENT)));
    let error = world.store.move_schedule(&change, ENVIRONMENT, at(9)).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    assert_eq!(runs(&world), 0);
}

#[test]
fn the_end_of_a_run_is_told_until_its_schedule_knows() {
    let (world, row) = scheduled();
    let begun = world.store.move_schedule(&fires(&row, 5), ENVIRONMENT, at(5)).unwrap();
    assert_eq!(world.store.unsettled(ENVIRONMENT).unwrap(), []);
    let end = Commit {
        run: begun[0].id.clone(),
        after_seq: 0,
        recorded_at: at(8),
        effective_at: at(8),
        events: vec![started(6)],
        changes: Vec::new(),
        status: RunStatus::Succeeded,
    };
    (&world.store).commit(&end).unwrap();
    let told = world.store.unsettled(ENVIRONMENT).unwrap();
    assert_eq!(
        (told[0].tick, told[0].status, told[0].ended_at),
        (at(5), RunStatus::Succeeded, at(8))
    );
    let row = world.store.schedules(ENVIRONMENT).unwrap().remove(0);
    let settled = ScheduleChange { settled: vec![at(5)], ..ScheduleChange::of(&row) };
    world.store.move_schedule(&settled, ENVIRONMENT, at(9)).unwrap();
    assert_eq!(world.store.unsettled(ENVIRONMENT).unwrap(), []);
}

#[test]
fn a_run_in_the_way_is_asked_to_end_once_it_is_named() {
    let (world, row) = scheduled();
    let begun = world.store.move_schedule(&fires(&row, 5), ENVIRONMENT, at(5)).unwrap();
    let row = world.store.schedules(ENVIRONMENT).unwrap().remove(0);
    let cancel = ScheduleChange { cancels: vec![at(5)], ..ScheduleChange::of(&row) };
    world.store.move_schedule(&cancel, ENVIRONMENT, at(6)).unwrap();
    let asked = (&world.store).requests(&begun[0].id).unwrap();
    assert_eq!((asked[0].kind.as_str(), asked[0].by.as_str()), ("cancel", "schedule:hourly"));
}

#[test]
fn a_key_is_one_run_and_another_body_is_none() {
    let world = World::new();
    let key = |body: &str| SubmissionKey { key: "k".to_owned(), body: digest(body) };
    let submit = |body: &str| world.store.submit(Some(&key(body)), &new_run(ENVIRONMENT)).unwrap();
    let Submission::New(first) = submit("a") else { panic!("the first is new") };
    assert_eq!(submit("a"), Submission::Known(first.clone()));
    assert_eq!(submit("b"), Submission::Other(first.id));
    assert_eq!(runs(&world), 1);
    for _ in 0..2 {
        assert!(matches!(world.store.submit(None, &new_run(ENVIRONMENT)), Ok(Submission::New(_))));
    }
    assert_eq!(runs(&world), 3);
}

#[test]
fn runs_that_have_begun_are_due_before_those_that_wait_and_the_quarantine_is_not() {
    let world = World::new();
    let new = || match world.store.submit(None, &new_run(ENVIRONMENT)).unwrap() {
        Submission::New(run) => run.id,
        other => panic!("{other:?}"),
    };
    let (waits, begun, poisoned) = (new(), new(), new());
    let begin = Commit {
        run: begun.clone(),
        after_seq: 0,
        recorded_at: at(2),
        effective_at: at(2),
        events: vec![started(2)],
        changes: Vec::new(),
        status: RunStatus::Running,
    };
    (&world.store).commit(&begin).unwrap();
    world.store.quarantine(&poisoned, "we are wrong", at(3)).unwrap();
    let due = || world.store.due_runs(ENVIRONMENT, 9).unwrap();
    assert_eq!(due(), [begun, waits.clone()]);
    assert_eq!(world.store.quarantined(&poisoned).unwrap().as_deref(), Some("we are wrong"));
    assert_eq!(world.store.alarms(9).unwrap()[0].code, "quarantined");
    world.store.release(&poisoned).unwrap();
    assert_eq!(due()[1..], [waits, poisoned]);
    assert_eq!(world.store.open_runs(ENVIRONMENT).unwrap().values().sum::<u64>(), 3);
}

#[test]
fn of_the_runs_that_wait_the_more_urgent_are_due_first_and_then_the_older() {
    let world = World::new();
    let by = |created_by: &str| {
        let new = NewRun { created_by: created_by.to_owned(), ..new_run(ENVIRONMENT) };
        match world.store.submit(None, &new).unwrap() {
            Submission::New(run) => run,
            other => panic!("{other:?}"),
        }
    };
    let origins = ["backfill:all", "schedule:hourly", "push:main", "ada", "monitor:drift"];
    let mut runs: Vec<_> = origins.iter().chain(&origins).map(|who| by(who)).collect();
    let begun = runs.remove(0);
    let begin = Commit {
        run: begun.id.clone(),
        after_seq: 0,
        recorded_at: at(2),
        effective_at: at(2),
        events: vec![started(2)],
        changes: Vec::new(),
        status: RunStatus::Running,
    };
    (&world.store).commit(&begin).unwrap();
    // A stable sort: the older of two of the same priority stays before the younger.
    runs.sort_by_key(|run| Priority::of(&run.created_by));
    let wanted: Vec<_> = [begun].into_iter().chain(runs).map(|run| run.id).collect();
    assert_eq!(world.store.due_runs(ENVIRONMENT, 99).unwrap(), wanted);
    assert_eq!(world.store.due_runs(ENVIRONMENT, 3).unwrap(), wanted[..3]);
}

#[test]
fn a_run_that_only_people_can_judge_is_due_while_they_ask_something_of_it() {
    let world = World::new();
    let Submission::New(run) = world.store.submit(None, &new_run(ENVIRONMENT)).unwrap() else {
        panic!("it is the first")
    };
    let doubtful = Commit {
        run: run.id.clone(),
        after_seq: 0,
        recorded_at: at(2),
        effective_at: at(2),
        events: vec![started(2)],
        changes: Vec::new(),
        status: RunStatus::Unknown,
    };
    (&world.store).commit(&doubtful).unwrap();
    let due = || world.store.due_runs(ENVIRONMENT, 9).unwrap();
    assert_eq!(due(), []);
    let asked = world.store.request(&run.id, "cancel", "ada", "lunch", at(3)).unwrap();
    assert_eq!(due(), [run.id]);
    let answer = Commit {
        after_seq: 1,
        events: Vec::new(),
        changes: vec![Change::Answer { request: asked }],
        ..doubtful
    };
    (&world.store).commit(&answer).unwrap();
    assert_eq!(due(), []);
}

#[test]
fn many_threads_share_a_store() {
    let world = World::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    world.store.submit(None, &new_run(ENVIRONMENT)).unwrap();
                }
            });
        }
    });
    assert_eq!(runs(&world), 40);
    let filter =
        crate::RunFilter { environment: Some(ENVIRONMENT.to_owned()), ..crate::RunFilter::ANY };
    let mut numbers: Vec<_> =
        world.store.runs(&filter, 100).unwrap().iter().map(|run| run.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
}
