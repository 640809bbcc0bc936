//! Every event in every state of a step, on one screen.

use super::*;
use crate::SkipReason;
use expect_test::expect_file;
use std::fmt::Write as _;

/// The runs in which step `x` stands in each of its states, with the words for it.
fn states() -> Vec<(&'static str, Run)> {
    let started = || Event::RunStarted { at: minute(0) };
    let begun = |attempt| Event::AttemptStarted { step: name("x"), attempt, at: minute(1) };
    let baking = || Event::RolloutStarted { step: name("x"), attempt: 1, at: minute(1) };
    let cancel =
        || Event::CancelRequested { by: "ann".to_owned(), why: "late".to_owned(), at: minute(2) };
    let infrastructure = || failed("x", 1, FailureClass::Infrastructure, minute(2));
    let kill = || Event::KillSent { step: name("x"), attempt: 1, at: minute(2) };
    let lost = || Event::AttemptLost { step: name("x"), attempt: 1, at: minute(2) };
    let (by, why) = (|| "ann".to_owned(), || "a holiday".to_owned());
    let paused = || Event::Paused { by: by(), why: why(), at: minute(1) };
    let frozen = || Event::Frozen { by: by(), why: why(), at: minute(1) };
    let asked = || {
        let (of, until, at) = (Vec::new(), Some(minute(60)), minute(1));
        Event::ApprovalAsked { step: name("x"), of, until, at }
    };
    let alone = |work| run_of(vec![step("x", &[], work)]);
    let once = || run_of(vec![StepSpec { effect: Effect::Once, ..step("x", &[], Work::Attempt) }]);
    let blocked = || run_of(vec![step("a", &[], Work::Attempt), step("x", &["a"], Work::Attempt)]);
    let need_failed = || {
        let at = minute(1);
        let begun = Event::AttemptStarted { step: name("a"), attempt: 1, at };
        [started(), begun, failed("a", 1, FailureClass::User, at)]
    };
    vec![
        ("attempt, run not begun", alone(Work::Attempt)),
        ("attempt, needs missing", after(blocked(), [started()])),
        ("attempt, need failed", after(blocked(), need_failed())),
        ("attempt, ready", after(alone(Work::Attempt), [started()])),
        ("attempt, ready, cancelled", after(alone(Work::Attempt), [started(), cancel()])),
        ("attempt, running", after(alone(Work::Attempt), [started(), begun(1)])),
        ("attempt, killed", after(alone(Work::Attempt), [started(), begun(1), kill()])),
        (
            "attempt, running, cancelled",
            after(alone(Work::Attempt), [started(), begun(1), cancel()]),
        ),
        (
            "attempt, in backoff",
            after(alone(Work::Attempt), [started(), begun(1), infrastructure()]),
        ),
        (
            "attempt, running again",
            after(alone(Work::Attempt), [started(), begun(1), infrastructure(), begun(2)]),
        ),
        ("attempt, once, running", after(once(), [started(), begun(1)])),
        ("attempt, once, unknown", after(once(), [started(), begun(1), lost()])),
        (
            "attempt, done",
            after(alone(Work::Attempt), [started(), begun(1), succeeded("x", 1, minute(2))]),
        ),
        ("instant, ready", after(alone(Work::Instant), [started()])),
        ("rollout, ready", after(alone(Work::Rollout), [started()])),
        ("rollout, baking", after(alone(Work::Rollout), [started(), baking()])),
        (
            "rollout, baking, cancelled",
            after(alone(Work::Rollout), [started(), baking(), cancel()]),
        ),
        ("rollout, baking, paused", after(alone(Work::Rollout), [started(), baking(), paused()])),
        ("rollout, ready, frozen", after(alone(Work::Rollout), [started(), frozen()])),
        ("approval, ready", after(alone(Work::Approval), [started()])),
        ("approval, asked", after(alone(Work::Approval), [started(), asked()])),
        (
            "approval, asked, cancelled",
            after(alone(Work::Approval), [started(), asked(), cancel()]),
        ),
    ]
}

/// Every event a step can have, for its first and its second attempt.
fn events() -> Vec<(String, Event)> {
    let (step, at) = (name("x"), minute(3));
    let text = || "because".to_owned();
    let mut events = vec![
        Event::StepCached { step: step.clone(), source: text(), outputs: outputs(), at },
        Event::StepDecided { step: step.clone(), outputs: outputs(), at },
        Event::StepRejected { step: step.clone(), reason: text(), outputs: outputs(), at },
        Event::ApprovalAsked { step: step.clone(), of: Vec::new(), until: None, at },
    ];
    for class in [FailureClass::User, FailureClass::Infrastructure] {
        events.push(Event::StepFailed { step: step.clone(), class, message: text(), at });
    }
    for attempt in [1, 2] {
        let step = || step.clone();
        events.push(Event::AttemptStarted { step: step(), attempt, at });
        events.push(Event::AttemptLost { step: step(), attempt, at });
        events.push(Event::KillSent { step: step(), attempt, at });
        events.push(succeeded("x", attempt, at));
        for class in [FailureClass::User, FailureClass::Infrastructure, FailureClass::Preempted] {
            events.push(failed("x", attempt, class, at));
        }
        events.push(Event::RolloutStarted { step: step(), attempt, at });
        for verdict in [
            Verdict::Promoted,
            Verdict::RolledBack { reason: text() },
            Verdict::Inconclusive { reason: text() },
        ] {
            events.push(Event::RolloutEnded {
                step: step(),
                attempt,
                verdict,
                outputs: outputs(),
                at,
            });
        }
    }
    for reason in [
        SkipReason::Condition,
        SkipReason::Need(name("a")),
        SkipReason::Cancelled,
        SkipReason::Deadline,
    ] {
        events.push(Event::StepSkipped { step: step.clone(), reason, at });
    }
    events.into_iter().map(|event| (describe(&event), event)).collect()
}

fn describe(event: &Event) -> String {
    let detail = match event {
        Event::AttemptStarted { attempt, .. }
        | Event::AttemptLost { attempt, .. }
        | Event::KillSent { attempt, .. }
        | Event::AttemptSucceeded { attempt, .. }
        | Event::RolloutStarted { attempt, .. } => attempt.to_string(),
        Event::AttemptFailed { attempt, class, .. } => format!("{attempt} {class}"),
        Event::StepFailed { class, .. } => class.to_string(),
        Event::RolloutEnded { attempt, verdict, .. } => match verdict {
            Verdict::Promoted => format!("{attempt} promoted"),
            Verdict::RolledBack { .. } => format!("{attempt} rolled_back"),
            Verdict::Inconclusive { .. } => format!("{attempt} inconclusive"),
        },
        Event::StepSkipped { reason, .. } => format!("({reason})"),
        _ => String::new(),
    };
    format!("{} {detail}", event.word()).trim_end().to_owned()
}

#[test]
fn every_event_in_every_state_of_a_step() {
    let mut table = String::new();
    for (state, run) in states() {
        writeln!(table, "{state}").unwrap();
        for (words, event) in events() {
            let mut next = run.clone();
            match next.apply(&event) {
                Ok(()) => {
                    let view = next.step(&name("x")).unwrap();
                    let ended = view.outcome.map(|outcome| format!(" ({outcome:?})"));
                    let (status, ended) = (view.status, ended.unwrap_or_default());
                    writeln!(table, "    {words}: {status}{ended}").unwrap();
                }
                Err(_) => assert_eq!(next, run, "{words} was refused in {state}"),
            }
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
}
