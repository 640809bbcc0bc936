//! A run as a trace.

use super::*;
use expect_test::expect;
use std::fmt::Write as _;
use suho_domain::{FailureClass, Record, RunId, RunStatus};
use suho_driver::ports::PlanText;

fn at(seconds: i64) -> Instant {
    Instant::from_micros(1_780_000_000_000_000 + seconds * 1_000_000)
}

fn run() -> RunRow {
    RunRow {
        id: RunId::derive(&["traced"]),
        number: 7,
        pipeline: "nightly".parse().unwrap(),
        environment: "live".to_owned(),
        status: RunStatus::Failed,
        plan_digest: Digest::of(b"plan"),
        plan: PlanText::from(String::new()),
        as_of: at(0),
        created_at: at(0),
        created_by: "ada".to_owned(),
        ended_at: Some(at(60)),
    }
}

fn log() -> Vec<LoggedEvent> {
    let (first, second): (Name, Name) = ("first".parse().unwrap(), "second".parse().unwrap());
    let (third, class) = ("third".parse().unwrap(), FailureClass::User);
    let (message, outputs) = ("no bars".to_owned(), Record::new());
    let events = [
        (1, Event::RunStarted { at: at(1) }),
        (1, Event::AttemptStarted { step: first.clone(), attempt: 1, at: at(1) }),
        (9, Event::AttemptLost { step: first.clone(), attempt: 1, at: at(9) }),
        (10, Event::AttemptStarted { step: first.clone(), attempt: 2, at: at(10) }),
        (11, Event::AttemptStarted { step: second.clone(), attempt: 1, at: at(11) }),
        (
            20,
            Event::AttemptSucceeded {
                step: first,
                attempt: 2,
                outputs: outputs.clone(),
                at: at(20),
            },
        ),
        (30, Event::AttemptFailed { step: second, attempt: 1, class, message, at: at(30) }),
        (31, Event::StepDecided { step: third, outputs, at: at(31) }),
        (60, Event::RunEnded { status: RunStatus::Failed, at: at(60) }),
    ];
    let logged = |((seconds, event), seq)| LoggedEvent {
        seq,
        recorded_at: at(seconds),
        effective_at: at(seconds),
        event,
    };
    events.into_iter().zip(1..).map(logged).collect()
}

#[test]
fn each_attempt_is_a_span_below_its_run() {
    let trace = of_run(&run(), &log());
    let spans = trace["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let seconds = |span: &Json, field: &str| {
        span[field].as_str().unwrap().parse::<i64>().unwrap() / 1_000_000_000 - 1_780_000_000
    };
    let mut table = String::new();
    for span in spans {
        let parent = if span["parentSpanId"] == spans[0]["spanId"] { "  " } else { "" };
        let (name, status) = (span["name"].as_str().unwrap(), &span["status"]);
        let (since, until) = (seconds(span, "startTimeUnixNano"), seconds(span, "endTimeUnixNano"));
        writeln!(table, "{parent}{name} {since}-{until} {status}").unwrap();
    }
    expect![[r#"
        nightly #7 0-60 {"code":2,"message":"the run is failed"}
          first 1-9 {"code":2,"message":"lost"}
          first 10-20 {"code":1}
          second 11-30 {"code":2,"message":"user: no bars"}
          third 31-31 {"code":1}
    "#]]
    .assert_eq(&table);
}

#[test]
fn its_ids_are_as_long_as_they_have_to_be_and_the_same_each_time() {
    let (one, other) = (of_run(&run(), &log()), of_run(&run(), &log()));
    assert_eq!(one, other);
    let spans = one["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let mut ids: Vec<_> = spans.iter().map(|span| span["spanId"].as_str().unwrap()).collect();
    assert!(spans.iter().all(|span| span["traceId"].as_str().unwrap().len() == 32));
    assert!(ids.iter().all(|id| id.len() == 16));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), spans.len());
}

#[test]
fn an_attempt_that_nobody_waited_for_ends_with_its_run() {
    let mut log = log();
    log.retain(|logged| logged.event.word() != "attempt_failed");
    let trace = of_run(&run(), &log);
    let spans = trace["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let second = spans.iter().find(|span| span["name"] == "second").unwrap();
    assert_eq!(second["endTimeUnixNano"], spans[0]["endTimeUnixNano"]);
    assert_eq!(second["status"]["code"], STATUS_ERROR);
}
