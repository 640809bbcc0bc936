//! Every event in every state, on one screen.

use expect_test::expect_file;

use super::*;

const APPLIED: &str = "2026-01-01T00:30:00Z";

/// Every hour, in order, one run at a time, until two in a row fail.
fn hourly() -> ScheduleSpec {
    let pause_after = Some(number(2));
    let (catch_up, overlap) = (CatchUp::All, Overlap::Queue);
    ScheduleSpec { catch_up, overlap, pause_after, ..spec("0 * * * *", "UTC") }
}

fn after(mut schedule: Schedule, events: &[ScheduleEvent]) -> Schedule {
    for event in events {
        schedule.apply(event).unwrap();
    }
    schedule
}

/// The first tick of [`hourly`], and the second.
const TICK: &str = "2026-01-01T01:00:00Z";
const SECOND: &str = "2026-01-01T02:00:00Z";

fn started(tick: &str) -> ScheduleEvent {
    ScheduleEvent::Started { tick: at(tick), at: at("2026-01-01T02:00:01Z") }
}

fn ended(tick: &str, status: RunStatus) -> ScheduleEvent {
    ScheduleEvent::Ended { tick: at(tick), status, at: at("2026-01-01T02:30:00Z") }
}

fn states() -> Vec<(&'static str, Schedule)> {
    let new = || applied(&hourly(), APPLIED);
    let looked = |when| ScheduleEvent::Looked { at: at(when) };
    let paused = || ScheduleEvent::Paused {
        by: "ann".to_owned(),
        why: "a holiday".to_owned(),
        at: at(SECOND),
    };
    let removed = || ScheduleEvent::Removed { at: at(SECOND) };
    vec![
        ("never applied", Schedule::new(key())),
        ("live", new()),
        ("live, one waits", after(new(), &[looked(TICK)])),
        ("live, one runs", after(new(), &[looked(TICK), started(TICK)])),
        (
            "live, one failed, one runs",
            after(
                new(),
                &[looked(SECOND), started(TICK), ended(TICK, RunStatus::Failed), started(SECOND)],
            ),
        ),
        ("live, one runs, one waits", after(new(), &[looked(TICK), started(TICK), looked(SECOND)])),
        ("paused", after(new(), &[looked(TICK), paused()])),
        ("paused, one runs", after(new(), &[looked(TICK), started(TICK), paused()])),
        ("removed, one runs", after(new(), &[looked(TICK), started(TICK), removed()])),
        ("removed, one waited", after(new(), &[looked(TICK), removed()])),
    ]
}

fn events() -> Vec<(String, ScheduleEvent)> {
    let now = at("2026-01-01T03:10:00Z");
    let by = || "ann".to_owned();
    let mut events = vec![
        ScheduleEvent::Applied { spec: Box::new(spec("30 * * * *", "UTC")), at: now },
        ScheduleEvent::Removed { at: now },
        ScheduleEvent::Paused { by: by(), why: "a holiday".to_owned(), at: now },
        ScheduleEvent::Resumed { by: by(), why: "a holiday".to_owned(), at: now },
        ScheduleEvent::Looked { at: now },
        ScheduleEvent::Looked { at: at(APPLIED) },
    ];
    for tick in [TICK, SECOND] {
        events.push(ScheduleEvent::Started { tick: at(tick), at: now });
        events.push(ScheduleEvent::CancelAsked { tick: at(tick), at: now });
        for status in
            [RunStatus::Succeeded, RunStatus::Failed, RunStatus::Cancelled, RunStatus::Running]
        {
            events.push(ScheduleEvent::Ended { tick: at(tick), status, at: now });
        }
    }
    let worded = |event: ScheduleEvent| {
        let detail = match &event {
            ScheduleEvent::Started { tick, .. } | ScheduleEvent::CancelAsked { tick, .. } => {
                format!(" {tick}")
            }
            ScheduleEvent::Ended { tick, status, .. } => format!(" {tick} {status}"),
            other => format!(" at {}", other.at()),
        };
        (format!("{}{detail}", event.word()), event)
    };
    events.into_iter().map(worded).collect()
}

#[test]
fn every_event_in_every_state_of_a_schedule() {
    let mut table = String::new();
    for (state, schedule) in states() {
        writeln!(table, "{state}").unwrap();
        for (words, event) in events() {
            let mut next = schedule.clone();
            let Ok(decisions) = next.apply(&event) else {
                assert_eq!(next, schedule, "{words} was refused in {state}");
                continue;
            };
            writeln!(table, "    {words}: {}", next.described()).unwrap();
            for line in described(&decisions).lines() {
                writeln!(table, "        {line}").unwrap();
            }
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
}

#[test]
fn an_event_that_cannot_follow_says_what_stands_in_its_way() {
    let mut schedule = applied(&hourly(), APPLIED);
    let refused = schedule.apply(&started(TICK)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`started` cannot follow: the schedule is live, 0 running, 0 waiting"
    );
    assert_eq!(refused.fault(), Fault::Bug);
}
