//! Schedules, followed over time, edits and absences.

use super::shop::HOURLY;
use super::*;
use crate::DaemonError;
use suho_domain::RunStatus;
use suho_scheduler::{Choice, TickSkip};

fn ticks(shop: &Shop) -> Vec<String> {
    let decisions = shop.decisions();
    let each = |row: &suho_store::DecisionRow| match (row.decision.choice, &row.run) {
        (Choice::Run { .. }, Some(_)) => format!("{} ran", row.decision.first),
        (Choice::Run { .. }, None) => format!("{} waits", row.decision.first),
        (Choice::Skip(skip), _) => {
            format!(
                "{} .. {} ({}): {skip}",
                row.decision.first, row.decision.last, row.decision.ticks
            )
        }
    };
    decisions.iter().map(each).collect()
}

#[test]
fn a_schedule_fires_once_a_slot_and_its_run_is_carried_out() {
    let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
    let daemon = shop.open();
    shop.set("2026-03-02T11:00:00Z");
    assert_eq!(shop.ended(1), [("nightly".to_owned(), 1, RunStatus::Succeeded)]);
    shop.set("2026-03-02T11:59:59Z");
    shop.set("2026-03-02T12:00:01Z");
    assert_eq!(shop.ended(2)[1], ("nightly".to_owned(), 2, RunStatus::Succeeded));
    daemon.leave();
    assert_eq!(ticks(&shop), ["2026-03-02T11:00:00Z ran", "2026-03-02T12:00:00Z ran"]);
    let runs = shop.store().runs(&suho_store::RunFilter::ANY, 10).unwrap();
    assert_eq!(runs[1].as_of, at("2026-03-02T11:00:00Z"), "a run is as of its tick");
}

#[test]
fn a_daemon_that_was_away_makes_up_for_the_latest_slot_alone() {
    let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
    shop.open().leave();
    shop.set("2026-03-02T20:10:00Z");
    let daemon = shop.open();
    shop.ended(1);
    daemon.leave();
    assert_eq!(
        ticks(&shop),
        [
            "2026-03-02T11:00:00Z .. 2026-03-02T19:00:00Z (9): it was missed, and is not caught up",
            "2026-03-02T20:00:00Z ran"
        ]
    );
}

#[test]
fn the_first_text_and_an_edit_never_fire_a_slot_before_them() {
    let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
    let daemon = shop.open();
    shop.set("2026-03-02T11:00:00Z");
    shop.ended(1);
    shop.edit("0 * * * *", "15 10 * * *");
    shop.set("2026-03-02T11:30:00Z");
    let (status, answer) = post(&daemon.place, "/v1/reload", &[], "");
    assert_eq!((status, &answer["changed"][0]), (200, &"platform/nightly/hourly".into()));
    daemon.leave();
    // 10:15 in Berlin was at 09:15 UTC.
    assert_eq!(ticks(&shop), ["2026-03-02T11:00:00Z ran"]);
    shop.set("2026-03-03T09:15:00Z");
    let daemon = shop.open();
    shop.ended(2);
    daemon.leave();
    assert_eq!(ticks(&shop)[1], "2026-03-03T09:15:00Z ran");
}

#[test]
fn a_broken_text_leaves_the_last_good_one_in_force_and_is_told() {
    let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
    let daemon = shop.open();
    shop.edit("after  = [first]", "after  = [nobody]");
    let (status, _) = post(&daemon.place, "/v1/reload", &[], "");
    assert_eq!(status, 422);
    shop.set("2026-03-02T11:00:00Z");
    shop.ended(1);
    daemon.leave();
    // Another daemon finds the same broken text, and goes on just so.
    let daemon = shop.open();
    shop.set("2026-03-02T12:00:00Z");
    shop.ended(2);
    let (_, alarms) = asks(&daemon.place, "GET /v1/alarms", &[], "");
    daemon.leave();
    assert_eq!(alarms.matches("broken-pipelines").count(), 2, "{alarms}");
    assert!(alarms.contains("nobody"), "{alarms}");
}

#[test]
fn a_daemon_whose_first_text_is_broken_does_not_start() {
    let shop = Shop::new("pipeline {", "2026-03-02T10:30:00Z");
    let refused = shop.start().unwrap_err();
    assert!(matches!(refused, DaemonError::Text(_)), "{refused}");
    assert_eq!(refused.fault().exit_code(), 2);
}

#[test]
fn a_schedule_that_is_gone_from_the_text_fires_no_more_and_keeps_its_history() {
    let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
    let daemon = shop.open();
    shop.set("2026-03-02T11:00:00Z");
    shop.ended(1);
    let trigger = HOURLY.split_once("trigger").unwrap().1;
    shop.edit(&format!("trigger{trigger}"), "");
    let (_, answer) = post(&daemon.place, "/v1/reload", &[], "");
    assert_eq!(answer["removed"][0], "platform/nightly/hourly");
    shop.set("2026-03-02T15:00:00Z");
    daemon.leave();
    shop.open().leave();
    assert_eq!(ticks(&shop), ["2026-03-02T11:00:00Z ran"]);
}

#[test]
fn a_paused_schedule_skips_its_slots_until_it_is_resumed() {
    let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
    let daemon = shop.open();
    let path = "/v1/schedules/nightly/hourly";
    let (status, answer) = post(&daemon.place, &format!("{path}/pause"), &[], r#"{"by":"ann"}"#);
    assert_eq!((status, &answer["schedule"]["paused"]), (200, &"by ann: by hand".into()));
    let (again, _) = post(&daemon.place, &format!("{path}/pause"), &[], "{}");
    assert_eq!(again, 200, "asked twice is asked once");
    shop.set("2026-03-02T12:30:00Z");
    let (status, answer) = post(&daemon.place, &format!("{path}/resume"), &[], "{}");
    assert_eq!((status, &answer["schedule"]["paused"]), (200, &serde_json::Value::Null));
    shop.set("2026-03-02T13:00:00Z");
    shop.ended(1);
    daemon.leave();
    let decisions = shop.decisions();
    let skipped = decisions.iter().filter(|row| row.run.is_none());
    let paused = Choice::Skip(TickSkip::Paused);
    assert!(skipped.clone().all(|row| row.decision.choice == paused));
    assert_eq!(skipped.map(|row| row.decision.ticks).sum::<u32>(), 2);
    assert_eq!(ticks(&shop).last().unwrap(), "2026-03-02T13:00:00Z ran");
}

#[test]
fn a_slot_during_a_run_is_skipped_or_queues_or_cancels_as_the_pipeline_says() {
    let words = [
        (None, RunStatus::Succeeded, 1),
        (Some("queue"), RunStatus::Succeeded, 2),
        (Some("cancel_running"), RunStatus::Cancelled, 2),
    ];
    for (conflict, first, runs) in words {
        let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
        if let Some(conflict) = conflict {
            let said = format!("concurrency = {{ key = \"one\", on_conflict = {conflict} }}\n");
            shop.edit("  timezone =", &format!("  {said}  timezone ="));
        }
        shop.slow(true);
        let daemon = shop.open();
        shop.set("2026-03-02T11:00:00Z");
        while shop.bench.begun.lock().unwrap().is_empty() {
            std::thread::yield_now();
        }
        // The second slot comes while the first's run is under way.
        shop.set("2026-03-02T12:00:00Z");
        if first == RunStatus::Cancelled {
            assert_eq!(shop.ended(1)[0].2, first, "{conflict:?}");
        } else {
            while shop.decisions().len() < 2 {
                std::thread::yield_now();
            }
        }
        shop.slow(false);
        assert_eq!(shop.ended(runs)[0].2, first, "{conflict:?}");
        daemon.leave();
        assert_eq!(shop.store().runs(&suho_store::RunFilter::ANY, 9).unwrap().len(), runs);
    }
}
