//! The scheduler against a world that answers its commands.

mod crash;
mod people;
mod random;
mod run;
mod table;
mod words;

use crate::{
    Backoff, Command, Effect, Event, FailureClass, Limits, Line, Room, Run, RunSpec, StepSpec,
    Verdict, Work,
};
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use suho_domain::{Duration, Instant, Name, Record, Value};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// `minutes` after the beginning of time.
fn minute(minutes: i64) -> Instant {
    Instant::from_micros(0).plus(Duration::from_minutes(minutes))
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// Two attempts, the second after an infrastructure failure or a time-out; an hour each.
fn step(text: &str, needs: &[&str], work: Work) -> StepSpec {
    StepSpec {
        name: name(text),
        needs: needs.iter().map(|need| name(need)).collect(),
        optional: BTreeSet::new(),
        work,
        attempts_max: number(2),
        retry_on: [FailureClass::Infrastructure, FailureClass::Timeout].into(),
        backoff: Backoff {
            first: Duration::from_minutes(2),
            factor: number(2),
            max: Duration::HOUR,
        },
        timeout: Some(Duration::HOUR),
        effect: Effect::Repeatable,
        takes: Room::default(),
        line: if work == Work::Rollout { Line::On } else { Line::Beside },
    }
}

fn limits() -> Limits {
    Limits {
        slots_max: number(2),
        room: Room::ENDLESS,
        deadline: None,
        seed: 7,
        handlers: BTreeSet::new(),
    }
}

fn run_of(steps: Vec<StepSpec>) -> Run {
    Run::new(RunSpec::new(steps, limits()).unwrap())
}

/// From data to production, as the example pipeline does it.
fn pipeline() -> Vec<StepSpec> {
    vec![
        step("data", &[], Work::Attempt),
        step("train", &["data"], Work::Attempt),
        step("quality", &["train"], Work::Attempt),
        step("bt", &["train"], Work::Attempt),
        step("gate", &["quality", "bt"], Work::Instant),
        step("canary", &["gate"], Work::Rollout),
        step("live", &["canary"], Work::Instant),
    ]
}

fn outputs() -> Record {
    [("rows".to_owned(), Value::Int(3))].into()
}

/// The event that carries out `command` at `at` in the simplest way.
fn carried_out(command: &Command, at: Instant) -> Event {
    match command.clone() {
        Command::Start { step, attempt } => Event::AttemptStarted { step, attempt, at },
        Command::Decide { step } => Event::StepDecided { step, outputs: outputs(), at },
        Command::BeginRollout { step, attempt } => Event::RolloutStarted { step, attempt, at },
        Command::Ask { step } => {
            let until = Some(at.plus(Duration::HOUR));
            Event::ApprovalAsked { step, of: Vec::new(), until, at }
        }
        Command::Lapse { step } => {
            let reason = "nobody answered".to_owned();
            Event::StepRejected { step, reason, outputs: Record::new(), at }
        }
        Command::AbortRollout { step, attempt, reason } => {
            let verdict = Verdict::RolledBack { reason: reason.to_string() };
            Event::RolloutEnded { step, attempt, verdict, outputs: Record::new(), at }
        }
        Command::Kill { step, attempt } => Event::KillSent { step, attempt, at },
        Command::Skip { step, reason } => Event::StepSkipped { step, reason, at },
        Command::Expire => Event::DeadlinePassed { at },
        Command::End { status } => Event::RunEnded { status, at },
        Command::RunHandler { event } => Event::HandlerRan { event, at },
    }
}

fn succeeded(step: &str, attempt: u32, at: Instant) -> Event {
    Event::AttemptSucceeded { step: name(step), attempt, outputs: outputs(), at }
}

fn failed(step: &str, attempt: u32, class: FailureClass, at: Instant) -> Event {
    Event::AttemptFailed { step: name(step), attempt, class, message: "no".to_owned(), at }
}

/// Applies `events` one after another.
fn after(mut run: Run, events: impl IntoIterator<Item = Event>) -> Run {
    for event in events {
        run.apply(&event).unwrap();
    }
    run
}

/// Carries out what is due at `at`, once.
fn obey(run: &mut Run, at: Instant) -> Vec<Event> {
    let events: Vec<Event> = run.due(at).iter().map(|command| carried_out(command, at)).collect();
    for event in &events {
        run.apply(event).unwrap();
    }
    events
}
