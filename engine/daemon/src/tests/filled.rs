//! Slots of a schedule that are over, and the runs that a backfill begins for them.

use super::shop::{HOURLY, Working};
use super::*;
use crate::backfill::{Action, Backfill};
use serde::Deserialize as _;
use suho_domain::RunStatus;
use suho_store::RunFilter;

const NOW: &str = "2026-03-02T10:30:00Z";

/// Asks for the slots from six to ten.
fn fill(daemon: &Working, more: &str) -> Backfill {
    let body = format!(
        r#"{{"pipeline":"nightly","from":"2026-03-02T06:00:00Z","to":"2026-03-02T10:00:00Z","by":"ana"{more}}}"#
    );
    let (status, answer) = post(&daemon.place, "/v1/backfills", &[], &body);
    assert!(status < 300, "{answer}");
    Backfill::deserialize(&answer["backfill"]).unwrap()
}

fn actions(filled: &Backfill) -> Vec<Action> {
    filled.slots.iter().map(|slot| slot.action).collect()
}

#[test]
fn each_slot_has_a_run_that_starts_with_it_however_often_it_is_asked_for() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let shown = fill(&daemon, r#","dry_run":true"#);
    assert_eq!(actions(&shown), [Action::Run; 4]);
    assert!(shown.slots.iter().all(|slot| slot.run.is_none()));
    assert_eq!(shop.store().runs(&RunFilter::ANY, 9).unwrap(), [], "nothing was begun");
    let begun = fill(&daemon, "");
    let ids: Vec<_> = begun.slots.iter().map(|slot| slot.run.clone().unwrap().id).collect();
    let again = fill(&daemon, r#","parallel":3"#);
    assert_eq!(actions(&again), [Action::Keep; 4]);
    assert_eq!(
        again.slots.iter().map(|slot| slot.run.clone().unwrap().id).collect::<Vec<_>>(),
        ids
    );
    shop.ended(4);
    daemon.leave();
    let mut runs = shop.store().runs(&RunFilter::ANY, 9).unwrap();
    runs.reverse();
    let slots: Vec<_> = runs.iter().map(|run| run.as_of.to_string()).collect();
    let expected = ["06", "07", "08", "09"].map(|hour| format!("2026-03-02T{hour}:00:00Z"));
    assert_eq!(slots, expected);
    assert!(runs.iter().all(|run| run.created_by == "backfill:hourly:ana"));
    assert!(runs.iter().all(|run| run.status == RunStatus::Succeeded));
}

#[test]
fn what_the_schedule_ran_is_not_run_again_and_what_it_skipped_is() {
    let shop = Shop::new(HOURLY, "2026-03-02T05:30:00Z");
    let daemon = shop.open();
    shop.set("2026-03-02T06:00:01Z");
    shop.ended(1);
    // Down until half past ten: of the ticks between, the newest alone is made up for.
    daemon.leave();
    shop.set(NOW);
    let daemon = shop.open();
    shop.ended(2);
    let shown = fill(&daemon, r#","dry_run":true"#);
    daemon.leave();
    assert_eq!(actions(&shown), [Action::Keep, Action::Run, Action::Run, Action::Run]);
    let first = shown.slots[0].run.as_ref().unwrap();
    assert!(!first.is_backfill);
    assert!(shown.slots[1].skipped.as_ref().unwrap().contains("missed"), "{shown:?}");
    let decisions = shop.decisions();
    assert_eq!(decisions.iter().filter(|row| row.run.is_some()).count(), 2);
}

#[test]
fn its_runs_take_turns_and_keep_nobody_else_waiting() {
    let shop = Shop::new(HOURLY, NOW);
    shop.slow(true);
    let daemon = shop.open();
    fill(&daemon, "");
    let (status, _) = post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    assert_eq!(status, 201);
    let begun = || {
        let begun = shop.bench.begun.lock().unwrap();
        let mut runs: Vec<_> = begun.keys().map(|key| key.run.clone()).collect();
        runs.dedup();
        runs.len()
    };
    // Two places: one for the first of the backfill's runs, one for the other run.
    while begun() < 2 {
        std::thread::yield_now();
    }
    let status = Some(RunStatus::Queued);
    let waiting = shop.store().runs(&RunFilter { status, ..RunFilter::ANY }, 9).unwrap();
    assert_eq!(waiting.len(), 3);
    assert!(waiting.iter().all(|run| run.created_by == "backfill:hourly:ana"));
    shop.slow(false);
    shop.ended(5);
    daemon.leave();
}

#[test]
fn a_wish_that_cannot_be_met_is_refused_with_a_reason() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let cases = [
        (
            r#""pipeline":"nobody","from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z""#,
            "unknown-pipeline",
        ),
        (
            r#""pipeline":"nightly","from":"2026-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z""#,
            "no-slots",
        ),
        (
            r#""pipeline":"nightly","from":"2027-03-02T00:00:00Z","to":"2028-03-01T00:00:00Z""#,
            "no-slots",
        ),
        (
            r#""pipeline":"nightly","from":"2020-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z""#,
            "too-many-slots",
        ),
        (
            r#""pipeline":"nightly","schedule":"x","from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z""#,
            "unknown-schedule",
        ),
    ];
    for (body, code) in cases {
        let (status, problem) = post(&daemon.place, "/v1/backfills", &[], &format!("{{{body}}}"));
        assert_eq!((status, &problem["code"]), (422, &code.into()), "{body}");
    }
    daemon.leave();
}
