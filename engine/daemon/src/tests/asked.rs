//! Requests over HTTP, well and badly put.

use super::shop::HOURLY;
use super::*;
use suho_domain::RunStatus;

const NOW: &str = "2026-03-02T10:30:00Z";

#[test]
fn a_submission_under_a_key_is_one_run_however_often_it_is_asked() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let body = r#"{"pipeline":"nightly","params":{"words":"once"}}"#;
    let key = ["Idempotency-Key: k1"];
    let (first, run) = post(&daemon.place, "/v1/runs", &key, body);
    let (second, again) = post(&daemon.place, "/v1/runs", &key, body);
    assert_eq!((first, second), (201, 200));
    assert_eq!(run["run"]["id"], again["run"]["id"]);
    let (other, problem) = post(&daemon.place, "/v1/runs", &key, r#"{"pipeline":"nightly"}"#);
    assert_eq!((other, &problem["code"]), (409, &"idempotency-key-reused".into()));
    daemon.leave();
    // The key holds across daemons.
    let daemon = shop.open();
    let (third, again) = post(&daemon.place, "/v1/runs", &key, body);
    assert_eq!((third, &again["run"]["id"]), (200, &run["run"]["id"]));
    daemon.leave();
}

#[test]
fn what_cannot_be_is_refused_with_a_problem() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let cases = [
        (r#"{"pipeline":"nobody"}"#, 422, "plan"),
        (r#"{"pipeline":"nightly","params":{"word":"x"}}"#, 422, "plan"),
        (r#"{"pipelines":"nightly"}"#, 422, "bad-body"),
        ("{", 400, "bad-body"),
    ];
    for (body, status, code) in cases {
        let (answered, problem) = post(&daemon.place, "/v1/runs", &[], body);
        assert_eq!((answered, &problem["code"]), (status, &code.into()), "{body}");
    }
    let paths = [
        ("GET /v1/runs/01234", 404),
        ("GET /v1/schedules/nightly/none", 404),
        ("GET /v1/nothing", 404),
        ("GET /v1/runs?status=lost", 400),
        ("GET /v1/runs?limit=many", 400),
        ("DELETE /v1/runs", 405),
    ];
    for (request, status) in paths {
        assert_eq!(asks(&daemon.place, request, &[], "").0, status, "{request}");
    }
    let long = format!("Idempotency-Key: {}", "k".repeat(300));
    assert_eq!(post(&daemon.place, "/v1/runs", &[&long], r#"{"pipeline":"nightly"}"#).0, 400);
    let large = format!(r#"{{"pipeline":"{}"}}"#, "x".repeat(70_000));
    let (status, body) = asks(&daemon.place, "POST /v1/runs", &[], &large);
    assert_eq!(status, 413);
    assert!(body.contains("a body holds 65536 bytes at most"), "{body}");
    daemon.leave();
    assert_eq!(shop.store().runs(&suho_store::RunFilter::ANY, 9).unwrap(), []);
}

#[test]
fn runs_are_listed_page_by_page_newest_first() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    for _ in 0..5 {
        post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    }
    shop.ended(5);
    let (mut numbers, mut after) = (Vec::new(), String::new());
    loop {
        let request = format!("GET /v1/runs?limit=2&pipeline=nightly{after}");
        let page: serde_json::Value =
            serde_json::from_str(&asks(&daemon.place, &request, &[], "").1).unwrap();
        let runs = page["runs"].as_array().unwrap().clone();
        numbers.extend(runs.iter().map(|run| run["number"].as_u64().unwrap()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    daemon.leave();
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
}

#[test]
fn a_run_is_cancelled_and_taken_up_again() {
    let shop = Shop::new(HOURLY, NOW);
    shop.slow(true);
    let daemon = shop.open();
    let (_, run) = post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    let path = format!("/v1/runs/{}", run["run"]["id"].as_str().unwrap());
    assert_eq!(post(&daemon.place, &format!("{path}/cancel"), &[], r#"{"why":"no"}"#).0, 202);
    assert_eq!(shop.ended(1)[0].2, RunStatus::Cancelled);
    assert_eq!(post(&daemon.place, &format!("{path}/cancel"), &[], "{}").0, 200);
    shop.slow(false);
    assert_eq!(post(&daemon.place, &format!("{path}/retry"), &[], "").0, 202);
    assert_eq!(shop.ended(2)[1].2, RunStatus::Succeeded);
    assert_eq!(post(&daemon.place, &format!("{path}/retry"), &[], "").0, 200);
    let (status, problem) =
        post(&daemon.place, &format!("{path}/retry"), &[], r#"{"from":"first"}"#);
    assert_eq!((status, &problem["code"]), (409, &"not-again".into()));
    daemon.leave();
}

#[test]
fn the_log_of_a_run_is_followed_to_its_end() {
    let shop = Shop::new(HOURLY, NOW);
    shop.slow(true);
    let daemon = shop.open();
    let (_, run) = post(&daemon.place, "/v1/runs", &[], r#"{"pipeline":"nightly"}"#);
    let id = run["run"]["id"].as_str().unwrap().to_owned();
    let folder = shop.folder.path().join("state/runs").join(&id).join("first/1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("stdout.log"), "one\ntwo\nhalf").unwrap();
    let place = daemon.place.clone();
    let path = format!("GET /v1/runs/{id}/logs?follow=true");
    let follower = std::thread::spawn(move || asks(&place, &path, &[], ""));
    shop.slow(false);
    shop.ended(1);
    let (status, lines) = follower.join().unwrap();
    daemon.leave();
    assert_eq!(status, 200);
    for line in ["one", "two", "half"] {
        assert_eq!(lines.matches(&format!("\"line\":\"{line}\"")).count(), 1, "{lines}");
    }
    assert!(lines.contains("event: end"), "{lines}");
}

#[test]
fn with_a_token_only_who_has_it_is_answered() {
    let shop = Shop::new(HOURLY, NOW);
    let mut options = shop.options();
    options.token = Some(("open sesame".to_owned(), "/token".into()));
    let (daemon, _remote) = shop.start_with(&options).unwrap();
    let place = daemon.place().clone();
    let asked = |headers: &[&str]| asks(&place, "GET /v1/runs", headers, "").0;
    assert_eq!(asked(&[]), 401);
    assert_eq!(asked(&["Authorization: Bearer sesame"]), 401);
    assert_eq!(asked(&["Authorization: open sesame"]), 401);
    assert_eq!(asked(&["Authorization: Bearer open sesame"]), 200);
    assert_eq!(asks(&place, "GET /healthz", &[], "").0, 200, "probes have none");
}

#[test]
fn a_foreign_page_changes_nothing() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let body = r#"{"pipeline":"nightly"}"#;
    assert_eq!(post(&daemon.place, "/v1/runs", &["Host: evil.example"], body).0, 403);
    assert_eq!(post(&daemon.place, "/v1/runs", &["Origin: https://evil.example"], body).0, 403);
    assert_eq!(post(&daemon.place, "/v1/runs", &["Origin: http://localhost:80"], body).0, 201);
    daemon.leave();
}

#[test]
fn probes_and_meters_are_answered() {
    let shop = Shop::new(HOURLY, NOW);
    let daemon = shop.open();
    let get = |path: &str| asks(&daemon.place, &format!("GET {path}"), &[], "");
    assert_eq!(get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(get("/readyz"), (200, "ready\n".to_owned()));
    let (status, metrics) = get("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("suho_schedules{state=\"live\"} 1\n"), "{metrics}");
    let (_, schedules) = get("/v1/schedules?n=2");
    let schedules: serde_json::Value = serde_json::from_str(&schedules).unwrap();
    let next = &schedules["schedules"][0]["next"];
    assert_eq!(next[1]["tick"], "2026-03-02T12:00:00Z", "{schedules}");
    daemon.leave();
    assert!(shop.now() == at(NOW));
}
