//! The engine dies after each event of a run; the run comes to the same end.

use super::*;
use suho_domain::{RunStatus, StepStatus};

/// How each step's counted attempts end, one after another; then it succeeds.
fn script(step: &str) -> &'static [Option<FailureClass>] {
    match step {
        "data" => &[Some(FailureClass::Infrastructure), None],
        "bt" => &[Some(FailureClass::Timeout), None],
        _ => &[None],
    }
}

/// Drives `run` to its end, one event at a time, from `log` on.
fn finish(run: &mut Run, log: &mut Vec<Event>) {
    let mut now = log.last().map_or_else(|| minute(0), Event::at);
    while !run.is_finished() {
        let event = next_event(run, log, &mut now);
        run.apply(&event).unwrap();
        log.push(event);
        assert!(log.len() < 1_000, "the run does not come to an end");
    }
}

fn next_event(run: &Run, log: &[Event], now: &mut Instant) -> Event {
    if log.is_empty() {
        return Event::RunStarted { at: *now };
    }
    if let Some(command) = run.due(*now).first() {
        return carried_out(command, *now);
    }
    *now = now.plus(Duration::MINUTE);
    let mut steps = run.steps();
    let working =
        steps.find(|step| matches!(step.status, StepStatus::Running | StepStatus::Baking));
    let Some(view) = working else {
        // Only time can bring it on.
        *now = (*now).max(run.next_timer().unwrap());
        return carried_out(run.due(*now).first().unwrap(), *now);
    };
    let (step, attempt, at) = (view.spec.name.clone(), view.attempt, *now);
    if view.status == StepStatus::Baking {
        let verdict = Verdict::Promoted;
        return Event::RolloutEnded { step, attempt, verdict, outputs: outputs(), at };
    }
    let failures = log.iter().filter(
        |event| matches!(event, Event::AttemptFailed { step, .. } if *step == view.spec.name),
    );
    match script(step.as_str()).get(failures.count()).copied().flatten() {
        Some(class) => failed(step.as_str(), attempt, class, at),
        None => succeeded(step.as_str(), attempt, at),
    }
}

/// Which step ended how, and how the run did; attempts differ by those that were lost.
fn end(run: &Run) -> (RunStatus, Vec<(String, StepStatus)>) {
    let steps = run.steps().map(|step| (step.spec.name.to_string(), step.status)).collect();
    (run.status(), steps)
}

#[test]
fn a_run_comes_to_the_same_end_wherever_the_engine_dies() {
    let mut undisturbed = run_of(pipeline());
    let mut whole = Vec::new();
    finish(&mut undisturbed, &mut whole);
    assert_eq!(undisturbed.status(), RunStatus::Succeeded);
    assert_eq!(whole.len(), 18, "start, 6 attempts of 4 steps, 2 decisions, 1 rollout, end");

    for survived in 0..=whole.len() {
        let mut log = whole[..survived].to_vec();
        let spec = RunSpec::new(pipeline(), limits()).unwrap();
        let mut run = Run::replay(spec, &log).unwrap();
        let at = log.last().map_or_else(|| minute(0), Event::at);
        let running: Vec<Event> = run
            .steps()
            .filter(|step| step.status == StepStatus::Running)
            .map(|step| (step.spec.name.clone(), step.attempt))
            .map(|(step, attempt)| Event::AttemptLost { step, attempt, at })
            .collect();
        for lost in running {
            run.apply(&lost).unwrap();
            log.push(lost);
        }
        finish(&mut run, &mut log);
        assert_eq!(end(&run), end(&undisturbed), "died after {survived} events");
        let spec = RunSpec::new(pipeline(), limits()).unwrap();
        assert_eq!(Run::replay(spec, &log).unwrap(), run, "died after {survived} events");
    }
}

#[test]
fn an_attempt_that_survives_the_engine_goes_on() {
    let mut run = run_of(pipeline());
    run.apply(&Event::RunStarted { at: minute(0) }).unwrap();
    let log = obey(&mut run, minute(0));
    let mut all = vec![Event::RunStarted { at: minute(0) }];
    all.extend(log);
    let replayed = Run::replay(run.spec().clone(), &all).unwrap();
    assert_eq!(replayed.due(minute(1)), [], "nothing is started a second time");
    let run = after(replayed, [succeeded("data", 1, minute(2))]);
    assert_eq!(run.due(minute(2)), [Command::Start { step: name("train"), attempt: 1 }]);
}
