//! What people do to a run: they hold it, stop the line, and are asked.

use super::*;
use crate::{Asked, Denial, SkipReason};
use suho_domain::{RunStatus, StepStatus};

fn paused(at: Instant) -> Event {
    Event::Paused { by: "ann".to_owned(), why: "the vendor is down".to_owned(), at }
}

fn resumed(at: Instant) -> Event {
    Event::Resumed { by: "ann".to_owned(), why: "it is back".to_owned(), at }
}

fn frozen(at: Instant) -> Event {
    Event::Frozen { by: "bob".to_owned(), why: "payrolls".to_owned(), at }
}

fn thawed(at: Instant) -> Event {
    Event::Thawed { by: "bob".to_owned(), why: "over".to_owned(), at }
}

fn asked(of: &[&str]) -> Event {
    let of = of.iter().map(|name| (*name).to_owned()).collect();
    Event::ApprovalAsked { step: name("sign_off"), of, until: Some(minute(60)), at: minute(1) }
}

fn begun(step: &str, at: Instant) -> Event {
    Event::AttemptStarted { step: name(step), attempt: 1, at }
}

fn started(run: Run) -> Run {
    after(run, [Event::RunStarted { at: minute(0) }])
}

fn with_deadline(steps: Vec<StepSpec>, hours: i64) -> Run {
    let limits = Limits { deadline: Some(Duration::from_hours(hours)), ..limits() };
    started(Run::new(RunSpec::new(steps, limits).unwrap()))
}

#[test]
fn a_paused_run_begins_nothing_and_takes_in_what_is_at_work() {
    let steps = vec![step("a", &[], Work::Attempt), step("b", &["a"], Work::Attempt)];
    let mut run = after(started(run_of(steps)), [begun("a", minute(1)), paused(minute(2))]);
    assert_eq!((run.status(), run.is_parked()), (RunStatus::Paused, false));
    run.apply(&succeeded("a", 1, minute(3))).unwrap();
    assert_eq!((run.due(minute(4)), run.next_timer()), (Vec::new(), None));
    assert!(run.is_parked());
    let held = run.step(&name("b")).unwrap().held.unwrap().clone();
    assert_eq!((held.by.as_str(), held.why.as_str()), ("ann", "the vendor is down"));
    run.apply(&resumed(minute(9))).unwrap();
    assert_eq!(run.due(minute(9)), [Command::Start { step: name("b"), attempt: 1 }]);
}

#[test]
fn an_attempt_of_a_paused_run_is_still_killed_by_its_time_limit() {
    let steps = vec![step("a", &[], Work::Attempt)];
    let run = after(started(run_of(steps)), [begun("a", minute(1)), paused(minute(2))]);
    assert_eq!(run.next_timer(), Some(minute(61)));
    assert_eq!(run.due(minute(61)), [Command::Kill { step: name("a"), attempt: 1 }]);
}

#[test]
fn the_deadline_moves_by_the_time_that_the_run_was_held() {
    let mut run = with_deadline(vec![step("a", &[], Work::Attempt)], 1);
    // Held from minute 10 to minute 40, by one and then by both and then by the other.
    for event in [paused(minute(10)), frozen(minute(20)), resumed(minute(30))] {
        run.apply(&event).unwrap();
        assert!(!run.due(minute(90)).contains(&Command::Expire));
    }
    run.apply(&thawed(minute(40))).unwrap();
    assert!(!run.due(minute(89)).contains(&Command::Expire));
    assert!(run.due(minute(90)).contains(&Command::Expire));
}

#[test]
fn a_clock_set_back_brings_no_deadline_forward() {
    let mut run = with_deadline(vec![step("a", &[], Work::Attempt)], 1);
    run = after(run, [paused(minute(50)), resumed(minute(10))]);
    assert!(!run.due(minute(59)).contains(&Command::Expire));
    assert!(run.due(minute(60)).contains(&Command::Expire));
}

#[test]
fn a_paused_run_can_be_cancelled() {
    let steps = vec![step("a", &[], Work::Attempt)];
    let (by, why, at) = ("ann".to_owned(), "enough".to_owned(), minute(3));
    let cancel = Event::CancelRequested { by, why, at };
    let mut run = after(started(run_of(steps)), [paused(minute(2)), cancel]);
    assert_eq!(run.status(), RunStatus::Running);
    run.apply(&resumed(minute(3))).unwrap_err();
    while !run.is_finished() {
        assert_ne!(obey(&mut run, minute(4)), []);
    }
    assert_eq!(run.status(), RunStatus::Cancelled);
}

#[test]
fn a_stopped_line_lets_everything_go_on_that_moves_no_traffic() {
    let mut run = started(run_of(pipeline()));
    run.apply(&frozen(minute(0))).unwrap();
    for at in 1..20 {
        let events = obey(&mut run, minute(at));
        for event in events {
            if let Event::AttemptStarted { step, attempt, at } = event {
                run.apply(&succeeded(step.as_str(), attempt, at)).unwrap();
            }
        }
    }
    assert_eq!(run.step(&name("gate")).unwrap().status, StepStatus::Succeeded);
    assert_eq!((run.status(), run.is_parked()), (RunStatus::Waiting, true));
    let canary = run.step(&name("canary")).unwrap();
    assert_eq!(canary.held.unwrap().why, "payrolls");
    run.apply(&thawed(minute(30))).unwrap();
    assert_eq!(run.due(minute(30)), [Command::BeginRollout { step: name("canary"), attempt: 1 }]);
}

#[test]
fn a_rollout_stands_still_while_the_line_is_stopped_and_is_taken_back_on_request() {
    let begun = Event::RolloutStarted { step: name("canary"), attempt: 1, at: minute(1) };
    let mut run = started(run_of(vec![step("canary", &[], Work::Rollout)]));
    run = after(run, [begun, frozen(minute(2))]);
    assert!(run.stands_still(&name("canary")));
    assert_eq!((run.status(), run.is_parked()), (RunStatus::Waiting, true));
    let (by, why, at) = ("ann".to_owned(), "harm".to_owned(), minute(3));
    run.apply(&Event::CancelRequested { by, why, at }).unwrap();
    assert!(!run.stands_still(&name("canary")));
    let reason = SkipReason::Cancelled;
    let abort = Command::AbortRollout { step: name("canary"), attempt: 1, reason };
    assert_eq!(run.due(minute(4)), [abort]);
}

#[test]
fn nobody_holds_twice_or_lets_go_of_what_nobody_holds() {
    let run = started(run_of(pipeline()));
    let refused = |before: &[Event], event: &Event| {
        after(run.clone(), before.iter().cloned()).apply(event).unwrap_err();
    };
    refused(&[], &resumed(minute(1)));
    refused(&[], &thawed(minute(1)));
    refused(&[paused(minute(1))], &paused(minute(2)));
    refused(&[frozen(minute(1))], &frozen(minute(2)));
    refused(&[paused(minute(1))], &thawed(minute(2)));
}

#[test]
fn a_run_waits_for_people_until_one_answers() {
    let steps =
        vec![step("sign_off", &[], Work::Approval), step("b", &["sign_off"], Work::Attempt)];
    let mut run = started(run_of(steps));
    assert_eq!(obey(&mut run, minute(1)).len(), 1);
    assert_eq!((run.status(), run.is_parked()), (RunStatus::Waiting, true));
    let step = name("sign_off");
    run.apply(&Event::StepDecided { step, outputs: outputs(), at: minute(5) }).unwrap();
    assert_eq!(run.due(minute(5)), [Command::Start { step: name("b"), attempt: 1 }]);
}

#[test]
fn silence_is_a_no() {
    let steps =
        vec![step("sign_off", &[], Work::Approval), step("b", &["sign_off"], Work::Attempt)];
    let mut run = after(started(run_of(steps)), [asked(&[])]);
    assert_eq!(run.next_timer(), Some(minute(60)));
    assert_eq!(run.due(minute(59)), []);
    while !run.is_finished() {
        assert_ne!(obey(&mut run, minute(60)), []);
    }
    assert_eq!(run.status(), RunStatus::Rejected);
    assert_eq!(run.step(&name("b")).unwrap().status, StepStatus::Skipped);
}

#[test]
fn only_who_is_asked_may_answer_and_never_who_began() {
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let asked = |of| Asked { of, since: minute(1), until: Some(minute(60)) };
    let anybody = asked(Vec::new());
    assert_eq!(anybody.admits("bob", "ann", minute(2)), Ok(()));
    let own = anybody.admits("ann", "ann", minute(2)).unwrap_err();
    assert_eq!(own.to_string(), "`ann` began the run, and somebody else has to decide");
    anybody.admits(" ann ", "ann", minute(2)).unwrap_err();
    let late = anybody.admits("bob", "ann", minute(60)).unwrap_err();
    assert_eq!(late, Denial::Late { until: minute(60) });
    let some = asked(of(&["bob", "cid", "ann"]));
    assert_eq!(some.admits("cid", "ann", minute(2)), Ok(()));
    let other = some.admits("dan", "ann", minute(2)).unwrap_err();
    assert_eq!(other.to_string(), "`dan` is not asked: `bob`, `cid` or `ann` may decide");
    // Who is asked by name may still not decide about their own run.
    some.admits("ann", "ann", minute(2)).unwrap_err();
}
