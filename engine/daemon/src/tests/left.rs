//! What a daemon leaves behind, and what the next one makes of it.

use super::shop::{HOURLY, UNLUCKY};
use super::*;
use suho_domain::RunStatus;
use suho_store::RunFilter;

const NOW: &str = "2026-03-02T10:30:00Z";

#[test]
fn a_run_is_left_to_the_next_daemon_and_its_attempt_is_not_begun_again() {
    let shop = Shop::new(HOURLY, NOW);
    shop.slow(true);
    let daemon = shop.open();
    let (status, _) = post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    assert_eq!(status, 201);
    while shop.bench.begun.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    daemon.leave();
    let left = shop.store().runs(&RunFilter::ANY, 9).unwrap();
    assert_eq!(left[0].status, RunStatus::Running);
    shop.slow(false);
    let daemon = shop.open();
    assert_eq!(shop.ended(1)[0].2, RunStatus::Succeeded);
    daemon.leave();
    let begun = shop.bench.begun.lock().unwrap();
    let attempts: Vec<_> = begun.keys().map(|key| (key.step.as_str(), key.attempt)).collect();
    assert_eq!(attempts, [("first", 1), ("second", 1)]);
}

#[test]
fn a_second_daemon_is_told_who_the_first_is() {
    let shop = Shop::new(HOURLY, NOW);
    let first = shop.open();
    let refused = shop.start().unwrap_err();
    assert_eq!(refused.fault().exit_code(), 3);
    let said = refused.to_string();
    assert!(said.contains(&std::process::id().to_string()), "{said}");
    let found = crate::find(&shop.folder.path().join("state"));
    assert_eq!(found.as_ref(), Some(&first.place));
    first.leave();
    assert_eq!(crate::find(&shop.folder.path().join("state")), None);
    shop.open().leave();
}

#[test]
fn a_run_that_kills_its_thread_is_put_aside_and_the_others_go_on() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let unlucky = format!(r#"{{"pipeline":"nightly","params":{{"words":"{UNLUCKY}"}}}}"#);
    let (_, poisoned) = post(&daemon.place, "/v1/runs", &[], &unlucky);
    let (_, _) = post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    shop.ended(1);
    let id = poisoned["run"]["id"].as_str().unwrap().to_owned();
    let page = || asks(&daemon.place, &format!("GET /v1/runs/{id}"), &[], "").1;
    while page().contains("\"quarantined\":null") {
        std::thread::yield_now();
    }
    daemon.leave();
    // The next daemon leaves it alone, too.
    let daemon = shop.open();
    post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    shop.ended(2);
    daemon.leave();
    let alarms = shop.store().alarms(9).unwrap();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(alarms[0].code, "quarantined");
    assert!(alarms[0].message.contains("a bug that only one run meets"), "{alarms:?}");
}

#[test]
fn more_runs_than_places_are_all_carried_out() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    for _ in 0..7 {
        post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    }
    let ended = shop.ended(7);
    daemon.leave();
    assert!(ended.iter().all(|(_, _, status)| *status == RunStatus::Succeeded), "{ended:?}");
    let mut numbers: Vec<_> = ended.iter().map(|(_, number, _)| *number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
}
