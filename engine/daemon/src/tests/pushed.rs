//! Pushes to the followed branch, and the runs that they begin.

use super::*;
use suho_domain::RunStatus;
use suho_store::RunFilter;

const NOW: &str = "2026-03-02T10:30:00Z";

const TRIGGERED: &str = r#"edition 2026

use std.ops

pipeline rebuild(words: Text = "again") {
  shell only {
    script = "true"
    env    = { WORDS = words }
  }
}

trigger pushed {
  on  = push(branch: "main", paths: ["models/**"])
  run = rebuild(words: "pushed")
}

trigger elsewhere {
  on  = push(branch: "release")
  run = rebuild()
}
"#;

fn reload(daemon: &super::shop::Working) -> serde_json::Value {
    post(&daemon.place, "/v1/reload", &[], "{}").1
}

fn begun(shop: &Shop) -> Vec<(u64, String)> {
    let runs = shop.store().runs(&RunFilter::ANY, 9).unwrap();
    runs.into_iter().map(|run| (run.number, run.created_by)).collect()
}

#[test]
fn a_push_begins_its_run_once_whoever_is_the_daemon() {
    let shop = Shop::new(TRIGGERED, NOW);
    shop.push("one", &["models/a.suho"]);
    let daemon = shop.open();
    reload(&daemon);
    // What was there before anybody followed it is no push.
    assert_eq!(begun(&shop), []);
    shop.push("two", &["README.md"]);
    reload(&daemon);
    assert_eq!(begun(&shop), []);
    shop.push("three", &["README.md", "models/a.suho"]);
    reload(&daemon);
    reload(&daemon);
    assert_eq!(shop.ended(1)[0].2, RunStatus::Succeeded);
    daemon.leave();
    let daemon = shop.open();
    reload(&daemon);
    daemon.leave();
    assert_eq!(begun(&shop), [(1, "push:pushed".to_owned())]);
}

#[test]
fn a_push_while_nobody_looked_is_answered_by_the_next_daemon() {
    let shop = Shop::new(TRIGGERED, NOW);
    shop.push("one", &[]);
    shop.open().leave();
    shop.push("two", &["models/a.suho"]);
    let daemon = shop.open();
    assert_eq!(shop.ended(1)[0].2, RunStatus::Succeeded);
    daemon.leave();
}

#[test]
fn a_trigger_that_nobody_here_can_fire_is_told_of() {
    let shop = Shop::new(TRIGGERED, NOW);
    shop.push("one", &[]);
    let daemon = shop.open();
    let notes = reload(&daemon)["notes"].clone();
    daemon.leave();
    let elsewhere = "trigger `elsewhere` is not in force: it waits for pushes to `release`, and \
                     this daemon follows `main`";
    assert_eq!(notes, serde_json::json!([elsewhere]));
}
