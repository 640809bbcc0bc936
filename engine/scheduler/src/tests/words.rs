//! The log's JSON, which lives longer than any engine.

use super::*;
use crate::{HandlerEvent, SkipReason};
use expect_test::expect;
use suho_domain::RunStatus;

fn one_of_each() -> Vec<Event> {
    let (step, at, text) = (name("x"), minute(1), || "because".to_owned());
    let s = || step.clone();
    vec![
        Event::RunStarted { at },
        Event::StepCached { step: s(), source: text(), outputs: outputs(), at },
        Event::AttemptStarted { step: s(), attempt: 1, at },
        succeeded("x", 1, at),
        failed("x", 1, FailureClass::OutOfMemory, at),
        Event::AttemptLost { step: s(), attempt: 1, at },
        Event::KillSent { step: s(), attempt: 1, at },
        Event::StepDecided { step: s(), outputs: Record::new(), at },
        Event::StepRejected { step: s(), reason: text(), outputs: Record::new(), at },
        Event::StepFailed { step: s(), class: FailureClass::Bug, message: text(), at },
        Event::RolloutStarted { step: s(), attempt: 1, at },
        Event::RolloutEnded {
            step: s(),
            attempt: 1,
            verdict: Verdict::RolledBack { reason: text() },
            outputs: Record::new(),
            at,
        },
        Event::RolloutEnded {
            step: s(),
            attempt: 1,
            verdict: Verdict::Promoted,
            outputs: Record::new(),
            at,
        },
        Event::DeadlineMoved { by: Duration::HOUR, at },
        Event::StepSkipped { step: s(), reason: SkipReason::Need(name("y")), at },
        Event::StepSkipped { step: s(), reason: SkipReason::Condition, at },
        Event::ApprovalAsked { step: s(), of: vec!["ann".to_owned()], until: Some(at), at },
        Event::Paused { by: "ann".to_owned(), why: text(), at },
        Event::Resumed { by: "ann".to_owned(), why: text(), at },
        Event::Frozen { by: "ann".to_owned(), why: text(), at },
        Event::Thawed { by: "ann".to_owned(), why: text(), at },
        Event::CancelRequested { by: "ann".to_owned(), why: text(), at },
        Event::DeadlinePassed { at },
        Event::RunEnded { status: RunStatus::RolledBack, at },
        Event::HandlerRan { event: HandlerEvent::Rollback, at },
        Event::RetryRequested { from: None, at },
    ]
}

#[test]
fn events_are_written_as_logs_hold_them() {
    let mut lines = String::new();
    for event in one_of_each() {
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
        assert!(line.contains(event.word()), "{line}");
        assert_eq!(event.at(), minute(1));
        lines.push_str(&line);
        lines.push('\n');
    }
    expect![[r#"
        {"run_started":{"at":"1970-01-01T00:01:00Z"}}
        {"step_cached":{"step":"x","source":"because","outputs":{"rows":{"int":3}},"at":"1970-01-01T00:01:00Z"}}
        {"attempt_started":{"step":"x","attempt":1,"at":"1970-01-01T00:01:00Z"}}
        {"attempt_succeeded":{"step":"x","attempt":1,"outputs":{"rows":{"int":3}},"at":"1970-01-01T00:01:00Z"}}
        {"attempt_failed":{"step":"x","attempt":1,"class":"out_of_memory","message":"no","at":"1970-01-01T00:01:00Z"}}
        {"attempt_lost":{"step":"x","attempt":1,"at":"1970-01-01T00:01:00Z"}}
        {"kill_sent":{"step":"x","attempt":1,"at":"1970-01-01T00:01:00Z"}}
        {"step_decided":{"step":"x","outputs":{},"at":"1970-01-01T00:01:00Z"}}
        {"step_rejected":{"step":"x","reason":"because","outputs":{},"at":"1970-01-01T00:01:00Z"}}
        {"step_failed":{"step":"x","class":"bug","message":"because","at":"1970-01-01T00:01:00Z"}}
        {"rollout_started":{"step":"x","attempt":1,"at":"1970-01-01T00:01:00Z"}}
        {"rollout_ended":{"step":"x","attempt":1,"verdict":{"rolled_back":{"reason":"because"}},"outputs":{},"at":"1970-01-01T00:01:00Z"}}
        {"rollout_ended":{"step":"x","attempt":1,"verdict":"promoted","outputs":{},"at":"1970-01-01T00:01:00Z"}}
        {"deadline_moved":{"by":"1h","at":"1970-01-01T00:01:00Z"}}
        {"step_skipped":{"step":"x","reason":{"need":"y"},"at":"1970-01-01T00:01:00Z"}}
        {"step_skipped":{"step":"x","reason":"condition","at":"1970-01-01T00:01:00Z"}}
        {"approval_asked":{"step":"x","of":["ann"],"until":"1970-01-01T00:01:00Z","at":"1970-01-01T00:01:00Z"}}
        {"paused":{"by":"ann","why":"because","at":"1970-01-01T00:01:00Z"}}
        {"resumed":{"by":"ann","why":"because","at":"1970-01-01T00:01:00Z"}}
        {"frozen":{"by":"ann","why":"because","at":"1970-01-01T00:01:00Z"}}
        {"thawed":{"by":"ann","why":"because","at":"1970-01-01T00:01:00Z"}}
        {"cancel_requested":{"by":"ann","why":"because","at":"1970-01-01T00:01:00Z"}}
        {"deadline_passed":{"at":"1970-01-01T00:01:00Z"}}
        {"run_ended":{"status":"rolled_back","at":"1970-01-01T00:01:00Z"}}
        {"handler_ran":{"event":"rollback","at":"1970-01-01T00:01:00Z"}}
        {"retry_requested":{"from":null,"at":"1970-01-01T00:01:00Z"}}
    "#]].assert_eq(&lines);
}

#[test]
fn failure_classes_are_read_as_they_are_written() {
    for class in FailureClass::ALL {
        assert_eq!(FailureClass::from_word(class.word()), Some(*class));
        assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{class}\""));
    }
    assert_eq!(FailureClass::from_word("bad_luck"), None);
}

#[test]
fn refusals_say_what_cannot_follow_what() {
    let mut run = after(run_of(pipeline()), [Event::RunStarted { at: minute(0) }]);
    let mut refusal = |event| run.apply(&event).unwrap_err().to_string();
    expect!["`attempt_succeeded` of step `data` cannot follow: the step is waiting"]
        .assert_eq(&refusal(succeeded("data", 1, minute(1))));
    expect!["`attempt_succeeded` is about step `date`, which the run has not"]
        .assert_eq(&refusal(succeeded("date", 1, minute(1))));
    expect!["`run_started` cannot follow: the run is `running`"]
        .assert_eq(&refusal(Event::RunStarted { at: minute(1) }));
}
