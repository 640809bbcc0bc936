//! What a run does, one story a test.

use super::*;
use crate::{HandlerEvent, KILL_AGAIN, LOST_MAX, Lack, SkipReason};
use suho_domain::{RunStatus, StepStatus};

fn started(run: Run) -> Run {
    after(run, [Event::RunStarted { at: minute(0) }])
}

fn cancel(at: Instant) -> Event {
    Event::CancelRequested { by: "ann".to_owned(), why: "wrong data".to_owned(), at }
}

fn statuses(run: &Run) -> Vec<(&str, StepStatus)> {
    run.steps().map(|step| (step.spec.name.as_str(), step.status)).collect()
}

/// Obeys until nothing is due at `at`; attempts do not end by themselves.
fn settle(run: &mut Run, at: Instant) {
    for _ in 0..100 {
        if obey(run, at).is_empty() {
            return;
        }
    }
    panic!("something is always due: {:?}", run.due(at));
}

#[test]
fn nothing_is_due_before_a_run_began() {
    let run = run_of(pipeline());
    assert_eq!(run.status(), RunStatus::Queued);
    assert_eq!((run.due(minute(9)), run.next_timer()), (vec![], None));
}

#[test]
fn a_run_without_steps_succeeds() {
    let mut run = started(run_of(vec![]));
    settle(&mut run, minute(0));
    assert_eq!(run.status(), RunStatus::Succeeded);
    assert!(run.is_finished());
}

#[test]
fn slots_bound_the_attempts_at_work_in_plan_order() {
    let steps = ["a", "b", "c", "d"].map(|text| step(text, &[], Work::Attempt));
    let mut run = started(run_of(steps.into()));
    obey(&mut run, minute(0));
    let expected = [
        ("a", StepStatus::Running),
        ("b", StepStatus::Running),
        ("c", StepStatus::Queued),
        ("d", StepStatus::Queued),
    ];
    assert_eq!(statuses(&run), expected);
    assert_eq!(run.due(minute(1)), []);
    let run = after(run, [succeeded("b", 1, minute(1))]);
    assert_eq!(run.due(minute(1)), [Command::Start { step: name("c"), attempt: 1 }]);
}

#[test]
fn a_failure_skips_what_follows_and_lets_the_rest_finish() {
    let mut steps = vec![step("other", &[], Work::Attempt)];
    steps.extend(pipeline());
    let mut run = started(run_of(steps));
    obey(&mut run, minute(0));
    let mut run = after(run, [failed("data", 1, FailureClass::User, minute(1))]);
    settle(&mut run, minute(1));
    assert_eq!(run.status(), RunStatus::Running, "`other` is still at work");
    let mut run = after(run, [succeeded("other", 1, minute(2))]);
    settle(&mut run, minute(2));
    assert_eq!(run.status(), RunStatus::Failed);
    let others = statuses(&run);
    assert_eq!(others[0].1, StepStatus::Succeeded);
    assert_eq!(others[1].1, StepStatus::Failed);
    assert!(others[2..].iter().all(|(_, status)| *status == StepStatus::Skipped));
    let view = run.step(&name("train")).unwrap();
    assert_eq!(view.message, Some("`data` came to nothing"));
    assert_eq!(run.step(&name("data")).unwrap().message, Some("user: no"));
}

#[test]
fn a_gate_that_says_no_rejects_the_run() {
    let steps = vec![step("gate", &[], Work::Instant), step("live", &["gate"], Work::Instant)];
    let mut run = started(run_of(steps));
    let (step, reason, at) = (name("gate"), "accuracy 0.61".to_owned(), minute(1));
    let event = Event::StepRejected { step, reason, outputs: outputs(), at };
    run.apply(&event).unwrap();
    settle(&mut run, minute(1));
    assert_eq!(run.status(), RunStatus::Rejected);
    let view = run.step(&name("gate")).unwrap();
    assert_eq!((view.message, view.outputs), (Some("accuracy 0.61"), &outputs()));
}

#[test]
fn a_rollout_decides_how_the_run_ends() {
    for (verdict, status) in [
        (Verdict::Promoted, RunStatus::Succeeded),
        (Verdict::RolledBack { reason: "harm".to_owned() }, RunStatus::RolledBack),
        (Verdict::Inconclusive { reason: "no traffic".to_owned() }, RunStatus::Inconclusive),
    ] {
        let mut run = started(run_of(vec![step("canary", &[], Work::Rollout)]));
        obey(&mut run, minute(0));
        assert_eq!(statuses(&run), [("canary", StepStatus::Baking)]);
        assert_eq!((run.due(minute(9_999)), run.next_timer()), (vec![], None));
        let (step, attempt, at) = (name("canary"), 1, minute(9_999));
        let event = Event::RolloutEnded { step, attempt, verdict, outputs: outputs(), at };
        run.apply(&event).unwrap();
        settle(&mut run, minute(9_999));
        assert_eq!(run.status(), status);
    }
}

#[test]
fn a_failed_attempt_comes_back_after_its_wait() {
    let mut run = started(run_of(vec![step("a", &[], Work::Attempt)]));
    obey(&mut run, minute(0));
    let failure = failed("a", 1, FailureClass::Infrastructure, minute(10));
    let mut run = after(run, [failure]);
    let until = run.next_timer().unwrap();
    assert!(minute(11) <= until && until <= minute(12), "between half and all of two minutes");
    assert_eq!(run.due(until.plus(Duration::from_micros(-1))), []);
    assert_eq!(run.due(until), [Command::Start { step: name("a"), attempt: 2 }]);
    obey(&mut run, until);
    let failure = failed("a", 2, FailureClass::Infrastructure, minute(20));
    let mut run = after(run, [failure]);
    settle(&mut run, minute(20));
    assert_eq!(run.status(), RunStatus::Failed, "two attempts are all it has");
}

#[test]
fn waits_grow_to_their_longest_and_differ_between_steps() {
    let backoff =
        Backoff { first: Duration::MINUTE, factor: number(2), max: Duration::from_minutes(10) };
    for (failures, longest) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (1_000_000, 10)] {
        let longest = Duration::from_minutes(longest);
        let waits: Vec<Duration> =
            (0..50).map(|seed| backoff.wait(failures, seed, &name("a"), 1)).collect();
        assert!(waits.iter().all(|wait| *wait <= longest && wait.plus(*wait) >= longest));
        assert!(waits.iter().collect::<BTreeSet<_>>().len() > 40, "jitter spreads them");
    }
    let wait = |step, attempt| backoff.wait(1, 7, &name(step), attempt);
    assert_eq!(wait("a", 1), wait("a", 1));
    assert_ne!(wait("a", 1), wait("b", 1));
    assert_ne!(wait("a", 1), wait("a", 2));
}

#[test]
fn preemptions_do_not_count_unless_their_author_says_so() {
    let cause = FailureClass::Preempted;
    let attempts = |retry_on: &[FailureClass]| {
        let retry_on = retry_on.iter().copied().collect();
        let a = StepSpec { retry_on, timeout: None, ..step("a", &[], Work::Attempt) };
        let mut run = started(run_of(vec![a]));
        let mut now = minute(0);
        for _ in 0..100 {
            now = run.next_timer().unwrap_or(now);
            for event in obey(&mut run, now) {
                if let Event::AttemptStarted { attempt, .. } = event {
                    run.apply(&failed("a", attempt, cause, now)).unwrap();
                }
            }
        }
        run.step(&name("a")).unwrap().attempt
    };
    assert_eq!(attempts(&[]), LOST_MAX + 1);
    assert_eq!(attempts(&[cause]), 2);
}

#[test]
fn lost_attempts_are_bounded() {
    let mut run = started(run_of(vec![step("a", &[], Work::Attempt)]));
    for attempt in 1..=LOST_MAX + 1 {
        assert_eq!(run.due(minute(1)), [Command::Start { step: name("a"), attempt }]);
        obey(&mut run, minute(1));
        let event = Event::AttemptLost { step: name("a"), attempt, at: minute(1) };
        run.apply(&event).unwrap();
    }
    settle(&mut run, minute(1));
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(run.step(&name("a")).unwrap().message, Some("infrastructure: lost 6 times"));
}

#[test]
fn what_may_happen_once_only_is_unknown_when_lost() {
    let once = StepSpec { effect: Effect::Once, ..step("pay", &[], Work::Attempt) };
    let mut run = started(run_of(vec![once, step("live", &["pay"], Work::Instant)]));
    obey(&mut run, minute(0));
    let lost = Event::AttemptLost { step: name("pay"), attempt: 1, at: minute(1) };
    let run = after(run, [lost]);
    assert_eq!(run.status(), RunStatus::Unknown);
    assert_eq!((run.due(minute(99)), run.next_timer()), (vec![], None));

    let mut found = after(run.clone(), [succeeded("pay", 1, minute(2))]);
    settle(&mut found, minute(2));
    assert_eq!(found.status(), RunStatus::Succeeded);

    let again = after(run, [Event::RetryRequested { from: None, at: minute(2) }]);
    assert_eq!(again.due(minute(2)), [Command::Start { step: name("pay"), attempt: 2 }]);
}

#[test]
fn a_run_that_only_a_person_can_bring_on_ends_when_it_is_cancelled() {
    let once = StepSpec { effect: Effect::Once, ..step("pay", &[], Work::Attempt) };
    let mut run = started(run_of(vec![once, step("live", &["pay"], Work::Instant)]));
    obey(&mut run, minute(0));
    let lost = Event::AttemptLost { step: name("pay"), attempt: 1, at: minute(1) };
    let cancel = Event::CancelRequested { by: "a".into(), why: "b".into(), at: minute(2) };
    let mut run = after(run, [lost, cancel]);
    settle(&mut run, minute(2));
    assert_eq!(run.status(), RunStatus::Cancelled);
}

#[test]
fn attempts_share_what_the_machine_has() {
    let taking = |name: &str, cores, gpus| StepSpec {
        takes: Room { cores, memory_bytes: 1, gpus },
        ..step(name, &[], Work::Attempt)
    };
    let steps = vec![taking("a", 2, 1), taking("b", 2, 0), taking("c", 1, 1), taking("d", 1, 0)];
    let room = Room { cores: 3, memory_bytes: 8, gpus: 1 };
    let limits = Limits { slots_max: number(3), room, ..limits() };
    let mut run = started(Run::new(RunSpec::new(steps, limits).unwrap()));
    let start = |step: &str| Command::Start { step: name(step), attempt: 1 };
    // What is too large now lets smaller ones pass.
    assert_eq!(run.due(minute(0)), [start("a"), start("d")]);
    obey(&mut run, minute(0));
    let lacks = |run: &Run, step: &str| run.step(&name(step)).unwrap().lacks;
    assert_eq!((lacks(&run, "b"), lacks(&run, "c")), (Some(Lack::Cores), Some(Lack::Gpu)));
    assert_eq!(run.due(minute(0)), []);
    let run = after(run, [succeeded("a", 1, minute(1))]);
    assert_eq!((lacks(&run, "a"), lacks(&run, "b")), (None, None));
    assert_eq!(run.due(minute(1)), [start("b")]);
}

#[test]
fn an_attempt_that_takes_too_long_is_killed_until_it_ends() {
    let mut run = started(run_of(vec![step("a", &[], Work::Attempt)]));
    obey(&mut run, minute(0));
    let kill = Command::Kill { step: name("a"), attempt: 1 };
    assert_eq!(run.next_timer(), Some(minute(60)));
    assert_eq!(run.due(minute(59)), []);
    assert_eq!(run.due(minute(60)), std::slice::from_ref(&kill));
    obey(&mut run, minute(60));
    assert_eq!(run.due(minute(60)), [], "it was told");
    let again = minute(60).plus(KILL_AGAIN);
    assert_eq!(run.next_timer(), Some(again));
    assert_eq!(run.due(again), [kill]);
    let run = after(run, [failed("a", 1, FailureClass::Timeout, minute(61))]);
    assert_eq!(run.step(&name("a")).unwrap().status, StepStatus::Backoff);
}

#[test]
fn a_stale_attempt_is_refused() {
    let mut run = started(run_of(vec![step("a", &[], Work::Attempt)]));
    obey(&mut run, minute(0));
    let mut run = after(run, [Event::AttemptLost { step: name("a"), attempt: 1, at: minute(1) }]);
    obey(&mut run, minute(1));
    let before = run.clone();
    run.apply(&succeeded("a", 1, minute(2))).unwrap_err();
    assert_eq!(run, before);
    run.apply(&succeeded("a", 2, minute(2))).unwrap();
}

#[test]
fn a_cancelled_run_kills_takes_back_and_ends() {
    let steps = vec![
        step("a", &[], Work::Attempt),
        step("canary", &[], Work::Rollout),
        step("b", &["a"], Work::Attempt),
    ];
    let mut run = started(run_of(steps));
    obey(&mut run, minute(0));
    run.apply(&cancel(minute(1))).unwrap();
    let reason = SkipReason::Cancelled;
    let expected = [
        Command::Kill { step: name("a"), attempt: 1 },
        Command::AbortRollout { step: name("canary"), attempt: 1, reason: reason.clone() },
        Command::Skip { step: name("b"), reason },
    ];
    assert_eq!(run.due(minute(1)), expected);
    settle(&mut run, minute(1));
    assert_eq!(run.status(), RunStatus::Running, "until the attempt's end is known");
    let mut run = after(run, [failed("a", 1, FailureClass::Infrastructure, minute(2))]);
    settle(&mut run, minute(2));
    assert_eq!(run.status(), RunStatus::Cancelled, "a failure on the way out is not retried");
    assert!(statuses(&run).iter().all(|(_, status)| *status == StepStatus::Cancelled));
}

#[test]
fn a_run_cancelled_before_it_began_ends_without_beginning() {
    let mut run = after(run_of(pipeline()), [cancel(minute(0))]);
    settle(&mut run, minute(0));
    assert_eq!((run.status(), run.started()), (RunStatus::Cancelled, None));
    run.apply(&Event::RunStarted { at: minute(1) }).unwrap_err();
}

#[test]
fn a_cancel_that_comes_too_late_changes_nothing() {
    let mut run = started(run_of(vec![step("gate", &[], Work::Instant)]));
    obey(&mut run, minute(0));
    run.apply(&cancel(minute(1))).unwrap();
    settle(&mut run, minute(1));
    assert_eq!(run.status(), RunStatus::Succeeded);
}

#[test]
fn a_deadline_ends_a_run_and_moves_with_an_extended_canary() {
    let steps = vec![step("canary", &[], Work::Rollout), step("live", &["canary"], Work::Instant)];
    let deadline = Some(Duration::HOUR);
    let mut run = started(Run::new(RunSpec::new(steps, Limits { deadline, ..limits() }).unwrap()));
    obey(&mut run, minute(0));
    assert_eq!(run.next_timer(), Some(minute(60)));
    run.apply(&Event::DeadlineMoved { by: Duration::HOUR, at: minute(30) }).unwrap();
    assert_eq!(run.next_timer(), Some(minute(120)));
    assert_eq!(run.due(minute(119)), []);
    assert_eq!(run.due(minute(120)), [Command::Expire]);
    settle(&mut run, minute(120));
    assert_eq!(run.status(), RunStatus::RolledBack, "its candidate was taken back");
}

#[test]
fn a_deadline_fails_what_it_interrupts() {
    let limits = Limits { deadline: Some(Duration::MINUTE), ..limits() };
    let mut run = started(Run::new(RunSpec::new(pipeline(), limits).unwrap()));
    obey(&mut run, minute(0));
    settle(&mut run, minute(1));
    let mut run = after(run, [failed("data", 1, FailureClass::Timeout, minute(2))]);
    settle(&mut run, minute(2));
    assert_eq!(run.status(), RunStatus::Failed, "no attempt is made after the deadline");
}

#[test]
fn what_is_left_out_by_condition_is_no_failure() {
    let optional = StepSpec {
        optional: [name("tune")].into(),
        ..step("train", &["tune", "data"], Work::Attempt)
    };
    let steps = vec![
        step("data", &[], Work::Attempt),
        step("tune", &["data"], Work::Attempt),
        step("report", &["tune"], Work::Attempt),
        optional,
    ];
    let mut run = started(run_of(steps));
    let skipped =
        Event::StepSkipped { step: name("tune"), reason: SkipReason::Condition, at: minute(1) };
    run.apply(&skipped).unwrap_err();
    obey(&mut run, minute(0));
    run.apply(&succeeded("data", 1, minute(1))).unwrap();
    run.apply(&skipped).unwrap();
    settle(&mut run, minute(1));
    let mut run = after(run, [succeeded("train", 1, minute(2))]);
    settle(&mut run, minute(2));
    let expected = [
        ("data", StepStatus::Succeeded),
        ("tune", StepStatus::Skipped),
        ("report", StepStatus::Skipped),
        ("train", StepStatus::Succeeded),
    ];
    assert_eq!((run.status(), statuses(&run)), (RunStatus::Succeeded, expected.to_vec()));
}

#[test]
fn an_exit_block_runs_once_an_end() {
    let limits = Limits { handlers: [HandlerEvent::Failure].into(), ..limits() };
    let steps = vec![step("gate", &[], Work::Instant)];
    let mut run = started(Run::new(RunSpec::new(steps, limits).unwrap()));
    let rejected = |at| Event::StepRejected {
        step: name("gate"),
        reason: "no".to_owned(),
        outputs: Record::new(),
        at,
    };
    run.apply(&rejected(minute(1))).unwrap();
    let retry = |at| Event::RetryRequested { from: None, at };
    for round in 1..3 {
        let at = minute(round);
        obey(&mut run, at);
        assert!(!run.is_finished());
        run.apply(&retry(at)).unwrap_err();
        let handler = Command::RunHandler { event: HandlerEvent::Failure };
        assert_eq!(run.due(at), [handler]);
        let ran = Event::HandlerRan { event: HandlerEvent::Failure, at };
        run.apply(&ran).unwrap();
        run.apply(&ran).unwrap_err();
        assert_eq!((run.is_finished(), run.due(at)), (true, vec![]));
        run.apply(&retry(at)).unwrap();
        assert_eq!(run.status(), RunStatus::Running);
        run.apply(&rejected(minute(round + 1))).unwrap();
    }
}

#[test]
fn a_retry_keeps_what_is_finished_and_numbers_attempts_on() {
    let steps = vec![
        step("a", &[], Work::Attempt),
        step("b", &["a"], Work::Attempt),
        step("c", &["b"], Work::Attempt),
    ];
    let mut run = started(run_of(steps));
    obey(&mut run, minute(0));
    run.apply(&succeeded("a", 1, minute(1))).unwrap();
    obey(&mut run, minute(1));
    run.apply(&failed("b", 1, FailureClass::User, minute(2))).unwrap();
    settle(&mut run, minute(2));
    let mut ended = run;

    let retry = |from: Option<&str>| Event::RetryRequested { from: from.map(name), at: minute(3) };
    let run = after(ended.clone(), [retry(None)]);
    let waiting = StepStatus::Waiting;
    let expected = [("a", StepStatus::Succeeded), ("b", StepStatus::Queued), ("c", waiting)];
    assert_eq!(statuses(&run), expected);
    assert_eq!(run.due(minute(3)), [Command::Start { step: name("b"), attempt: 2 }]);

    let run = after(ended.clone(), [retry(Some("a"))]);
    assert_eq!(run.due(minute(3)), [Command::Start { step: name("a"), attempt: 2 }]);
    assert_eq!(run.ended(), None);

    ended.apply(&retry(Some("nobody"))).unwrap_err();
}

#[test]
fn a_retry_from_a_step_repeats_all_that_follows_it() {
    let steps = vec![
        step("a", &[], Work::Instant),
        step("b", &["a"], Work::Instant),
        step("other", &[], Work::Instant),
        step("c", &["b"], Work::Instant),
    ];
    let mut run = started(run_of(steps));
    obey(&mut run, minute(0));
    obey(&mut run, minute(0));
    let (step, reason, at) = (name("c"), "no".to_owned(), minute(0));
    let rejected = Event::StepRejected { step, reason, outputs: outputs(), at };
    run.apply(&rejected).unwrap();
    settle(&mut run, minute(0));
    run.apply(&Event::RetryRequested { from: Some(name("a")), at: minute(1) }).unwrap();
    let waiting = StepStatus::Waiting;
    let expected =
        [("a", waiting), ("b", waiting), ("other", StepStatus::Succeeded), ("c", waiting)];
    assert_eq!(statuses(&run), expected);
}

#[test]
fn what_succeeded_or_was_rolled_back_is_not_retried() {
    for verdict in [Verdict::Promoted, Verdict::RolledBack { reason: "harm".to_owned() }] {
        let mut run = started(run_of(vec![step("canary", &[], Work::Rollout)]));
        obey(&mut run, minute(0));
        let (step, attempt, at) = (name("canary"), 1, minute(1));
        let event = Event::RolloutEnded { step, attempt, verdict, outputs: outputs(), at };
        run.apply(&event).unwrap();
        settle(&mut run, minute(1));
        run.apply(&Event::RetryRequested { from: None, at: minute(2) }).unwrap_err();
    }
}

#[test]
fn steps_that_are_no_run_are_refused() {
    let refusal = |steps| RunSpec::new(steps, limits()).unwrap_err().to_string();
    let a = || step("a", &[], Work::Attempt);
    assert_eq!(refusal(vec![a(), a()]), "two steps are named `a`");
    let expected = "step `b` needs `c`, which does not come before it";
    assert_eq!(refusal(vec![a(), step("b", &["c"], Work::Attempt)]), expected);
    let own = "step `a` needs `a`, which does not come before it";
    assert_eq!(refusal(vec![step("a", &["a"], Work::Attempt)]), own);
}
