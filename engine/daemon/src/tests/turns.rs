//! Runs that exclude each other, and a schedule that is damaged beside others that are not.

use super::*;
use suho_domain::RunStatus;
use suho_store::RunFilter;

const NOW: &str = "2026-03-02T10:30:00Z";

fn keyed(conflict: &str) -> String {
    format!(
        r#"edition 2026

use std.ops

pipeline nightly {{
  concurrency = {{ key = "desk", on_conflict = {conflict} }}

  shell only {{
    script = "true"
  }}
}}

pipeline weekly {{
  concurrency = {{ key = "desk", on_conflict = {conflict} }}

  shell only {{
    script = "true"
  }}
}}

trigger first {{
  on  = cron("0 * * * *")
  run = nightly()
}}

trigger second {{
  on  = cron("30 * * * *")
  run = nightly()
}}
"#
    )
}

fn begin(daemon: &super::shop::Working, pipeline: &str) {
    let body = format!(r#"{{"pipeline":"{pipeline}"}}"#);
    assert_eq!(post(&daemon.place, "/v1/runs", &[], &body).0, 201);
}

/// Begins a run of each pipeline while attempts do not end; then lets them end.
fn two_at_once(conflict: &str) -> Vec<(String, u64, RunStatus)> {
    let shop = Shop::new(&keyed(conflict), NOW);
    shop.slow(true);
    let daemon = shop.open();
    begin(&daemon, "nightly");
    while shop.bench.begun.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    begin(&daemon, "weekly");
    // Both turns have been: neither a place nor a wake is missing.
    for _ in 0..3 {
        asks(&daemon.place, "GET /v1/runs", &[], "");
    }
    if conflict == "reject" || conflict == "cancel_running" {
        shop.ended(1);
    } else {
        assert_eq!(shop.bench.begun.lock().unwrap().len(), 1, "one at a time");
    }
    shop.slow(false);
    let ended = shop.ended(2);
    daemon.leave();
    ended
}

fn end(pipeline: &str, status: RunStatus) -> (String, u64, RunStatus) {
    (pipeline.to_owned(), 1, status)
}

#[test]
fn a_later_run_of_the_same_key_waits_for_the_earlier_one() {
    let ended = [end("nightly", RunStatus::Succeeded), end("weekly", RunStatus::Succeeded)];
    assert_eq!(two_at_once("queue"), ended);
}

#[test]
fn a_later_run_that_is_not_to_wait_is_not_started() {
    let ended = [end("weekly", RunStatus::Cancelled), end("nightly", RunStatus::Succeeded)];
    assert_eq!(two_at_once("reject"), ended);
}

#[test]
fn a_later_run_that_takes_the_place_ends_the_earlier_one() {
    let ended = [end("nightly", RunStatus::Cancelled), end("weekly", RunStatus::Succeeded)];
    assert_eq!(two_at_once("cancel_running"), ended);
}

#[test]
fn a_damaged_schedule_is_put_aside_with_an_alarm_and_the_others_fire() {
    let shop = Shop::new(&keyed("queue"), NOW);
    shop.open().leave();
    shop.damage(r#""schedule":"first""#, r#""schedule":"fi st""#);
    let daemon = shop.open();
    shop.set("2026-03-02T11:30:00Z");
    assert_eq!(shop.ended(1), [end("nightly", RunStatus::Succeeded)]);
    let runs = shop.store().runs(&RunFilter::ANY, 9).unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].created_by, "schedule:second");
    let (_, alarms) = asks(&daemon.place, "GET /v1/alarms", &[], "");
    assert!(alarms.contains("the schedule `nightly/first` is in quarantine"), "{alarms}");
    // A text that is applied meanwhile leaves it as it is.
    shop.edit("30 * * * *", "45 * * * *");
    let (status, changed) = post(&daemon.place, "/v1/reload", &[], "{}");
    assert_eq!(
        (status, &changed["changed"]),
        (200, &serde_json::json!(["platform/nightly/second"]))
    );
    daemon.leave();
}
