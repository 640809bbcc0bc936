//! What people do to a daemon's runs: hold them, are asked, stop the line.

use super::shop::HOURLY;
use super::*;
use suho_domain::RunStatus;
use suho_store::RunFilter;

const NOW: &str = "2026-03-02T10:30:00Z";

/// Two steps, and people who are asked in between.
const ASKING: &str = r#"edition 2026

use std.rollout

pipeline careful() {
  shell first {
    script = "true"
  }

  approve sign_off {
    question = "Is the vendor's restatement to be trusted?"
    by       = ["bob", "cid"]
    within   = 24h
    after    = [first]
  }

  shell second {
    script = "true"
    after  = [sign_off]
  }
}
"#;

fn begin(daemon: &super::shop::Working, pipeline: &str) -> String {
    let body = format!(r#"{{"pipeline":"{pipeline}","by":"ann"}}"#);
    let (status, run) = post(&daemon.place, "/v1/runs", &[], &body);
    assert_eq!(status, 201, "{run}");
    run["run"]["id"].as_str().unwrap().to_owned()
}

fn get(daemon: &super::shop::Working, path: &str) -> serde_json::Value {
    serde_json::from_str(&asks(&daemon.place, &format!("GET {path}"), &[], "").1).unwrap()
}

fn says(daemon: &super::shop::Working, path: &str, by: &str) -> (u16, serde_json::Value) {
    let body = format!(r#"{{"by":"{by}","why":"the desk asked for it"}}"#);
    post(&daemon.place, path, &[], &body)
}

fn ends(shop: &Shop, carried: usize) -> Vec<RunStatus> {
    shop.ended(carried).into_iter().map(|(_, _, status)| status).collect()
}

#[test]
fn a_run_waits_for_the_people_that_it_names_and_goes_on_with_their_yes() {
    let shop = Shop::new(ASKING, NOW);
    let daemon = shop.open();
    let run = begin(&daemon, "careful");
    assert_eq!(ends(&shop, 1), [RunStatus::Waiting]);
    let asked = &get(&daemon, "/v1/approvals")["approvals"][0];
    assert_eq!((&asked["run"], &asked["step"]), (&run.as_str().into(), &"sign_off".into()));
    assert_eq!(asked["of"], serde_json::json!(["bob", "cid"]));
    assert_eq!(asked["until"], "2026-03-03T10:30:00Z");
    let path = format!("/v1/runs/{run}/approve");
    for (by, code) in [("ann", "self-approval"), ("dan", "not-asked")] {
        let (status, problem) = says(&daemon, &path, by);
        assert_eq!((status, &problem["code"]), (409, &code.into()), "{problem}");
    }
    assert_eq!(post(&daemon.place, &path, &[], r#"{"by":" ","why":"x"}"#).0, 400);
    assert_eq!(says(&daemon, &path, "cid").0, 202);
    assert_eq!(ends(&shop, 2), [RunStatus::Waiting, RunStatus::Succeeded]);
    let (status, problem) = says(&daemon, &path, "bob");
    assert_eq!((status, &problem["code"]), (409, &"nothing-asked".into()));
    daemon.leave();
}

#[test]
fn a_no_ends_the_run_and_what_follows_is_not_done() {
    let shop = Shop::new(ASKING, NOW);
    let daemon = shop.open();
    let run = begin(&daemon, "careful");
    ends(&shop, 1);
    assert_eq!(says(&daemon, &format!("/v1/runs/{run}/reject"), "bob").0, 202);
    assert_eq!(ends(&shop, 2)[1], RunStatus::Rejected);
    let page = get(&daemon, &format!("/v1/runs/{run}"));
    assert_eq!(page["run"]["steps"][1]["message"], "bob: the desk asked for it");
    assert_eq!(page["run"]["steps"][2]["status"], "skipped");
    daemon.leave();
}

#[test]
fn silence_ends_the_run_when_its_time_is_over_also_under_the_next_daemon() {
    let shop = Shop::new(ASKING, NOW);
    let daemon = shop.open();
    begin(&daemon, "careful");
    ends(&shop, 1);
    daemon.leave();
    let daemon = shop.open();
    assert_eq!(ends(&shop, 2)[1], RunStatus::Waiting);
    shop.set("2026-03-03T10:30:01Z");
    assert_eq!(ends(&shop, 3)[2], RunStatus::Rejected);
    daemon.leave();
}

#[test]
fn a_paused_run_begins_nothing_until_it_is_resumed() {
    let shop = Shop::new(HOURLY, NOW);
    shop.slow(true);
    let daemon = shop.open();
    let run = begin(&daemon, "nightly");
    while shop.bench.begun.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(says(&daemon, &format!("/v1/runs/{run}/pause"), "bob").0, 202);
    let status = || get(&daemon, &format!("/v1/runs/{run}"))["run"]["status"].clone();
    while status() != "paused" {
        std::thread::yield_now();
    }
    // What is at work goes on to its end, and then nothing is.
    shop.slow(false);
    assert_eq!(ends(&shop, 1), [RunStatus::Paused]);
    assert_eq!(shop.bench.begun.lock().unwrap().len(), 1);
    daemon.leave();
    let daemon = shop.open();
    assert_eq!(ends(&shop, 2)[1], RunStatus::Paused);
    assert_eq!(says(&daemon, &format!("/v1/runs/{run}/resume"), "bob").0, 202);
    assert_eq!(ends(&shop, 3)[2], RunStatus::Succeeded);
    daemon.leave();
    assert_eq!(shop.store().verify_all().unwrap().found.len(), 0);
}

#[test]
fn a_request_that_another_process_wrote_is_heard_by_the_next_turn() {
    let shop = Shop::new(ASKING, NOW);
    let daemon = shop.open();
    begin(&daemon, "careful");
    ends(&shop, 1);
    let store = shop.store();
    let row = store.runs(&RunFilter::ANY, 1).unwrap().remove(0);
    let (by, why, at) = ("bob".to_owned(), "by hand".to_owned(), shop.now());
    let subject = Some(suho_domain::Name::new("sign_off").unwrap());
    let wish = suho_store::Wish { run: row.id, kind: "approve".to_owned(), subject, by, why, at };
    store.wish(&wish).unwrap();
    // Any turn: here a clock that is set makes one.
    shop.set("2026-03-02T10:31:00Z");
    assert_eq!(ends(&shop, 2)[1], RunStatus::Succeeded);
    daemon.leave();
}

#[test]
fn a_stopped_line_says_who_stopped_it_and_lets_work_beside_it_go_on() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    assert_eq!(get(&daemon, "/v1/freeze")["frozen"], serde_json::Value::Null);
    let (status, line) = says(&daemon, "/v1/freeze", "ann");
    assert_eq!((status, &line["frozen"]["by"]), (200, &"ann".into()));
    begin(&daemon, "nightly");
    assert_eq!(ends(&shop, 1), [RunStatus::Succeeded]);
    assert_eq!(says(&daemon, "/v1/thaw", "bob").1["frozen"], serde_json::Value::Null);
    daemon.leave();
}

#[test]
fn a_schedule_is_held_with_a_name_and_a_reason() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let path = "/v1/schedules/nightly/hourly";
    let (status, held) = says(&daemon, &format!("{path}/pause"), "ann");
    assert_eq!(
        (status, &held["schedule"]["paused"]),
        (200, &"by ann: the desk asked for it".into())
    );
    says(&daemon, &format!("{path}/resume"), "bob");
    assert_eq!(get(&daemon, path)["schedule"]["paused"], serde_json::Value::Null);
    daemon.leave();
    // The application, the pause, the resumption.
    assert_eq!(shop.store().verify_all().unwrap().audit_lines, 3);
}
