//! Random plans in a random world.

use super::*;
use crate::{HandlerEvent, SkipReason};
use proptest::prelude::*;
use std::collections::BTreeMap;
use suho_domain::{RunStatus, StepStatus};

/// Longest a run of at most seven steps may take, in turns of the world.
const TURNS_MAX: usize = 2_000;

/// A plan: each step's work and, as bits, which steps before it it needs.
fn plans() -> impl Strategy<Value = RunSpec> {
    let steps = prop::collection::vec((0..5_u8, any::<u8>(), 1..4_u32, any::<bool>()), 1..8);
    (steps, 1..4_u32, any::<bool>(), any::<u64>()).prop_map(|(steps, slots, timed, seed)| {
        let names: Vec<String> = (0..steps.len()).map(|place| format!("s{place}")).collect();
        let specs = steps.iter().enumerate().map(|(place, (kind, needs, attempts, optional))| {
            let needs: Vec<&str> = (0..place)
                .filter(|before| needs >> before & 1 == 1)
                .map(|before| names[before].as_str())
                .collect();
            let work = match kind {
                0 | 1 => Work::Attempt,
                2 => Work::Instant,
                3 => Work::Approval,
                _ => Work::Rollout,
            };
            let mut spec = step(&names[place], &needs, work);
            spec.attempts_max = number(*attempts);
            if *optional {
                spec.optional = spec.needs.iter().cloned().collect();
            }
            spec
        });
        let limits = Limits {
            slots_max: number(slots),
            room: Room::ENDLESS,
            deadline: timed.then_some(Duration::from_hours(5)),
            seed,
            handlers: [HandlerEvent::Failure, HandlerEvent::Rollback].into(),
        };
        RunSpec::new(specs.collect(), limits).unwrap()
    })
}

/// A world that draws from a list of choices, and is kind once it has run out of them.
struct World {
    choices: Vec<u8>,
    now: Instant,
    log: Vec<Event>,
}

impl World {
    fn choose(&mut self, of: u8) -> u8 {
        self.choices.pop().map_or(of, |choice| choice % of)
    }

    fn answer(&mut self, command: &Command) -> Event {
        let (at, choice) = (self.now, self.choose(8));
        let usual = carried_out(command, at);
        match (command.clone(), choice) {
            (Command::Start { step, .. }, 0) => {
                let source = "an earlier run".to_owned();
                Event::StepCached { step, source, outputs: outputs(), at }
            }
            (
                Command::Start { step, .. }
                | Command::Decide { step }
                | Command::Ask { step }
                | Command::BeginRollout { step, .. },
                1,
            ) => Event::StepSkipped { step, reason: SkipReason::Condition, at },
            (Command::Decide { step } | Command::BeginRollout { step, .. }, 2) => {
                let (class, message) = (FailureClass::Infrastructure, "no".to_owned());
                Event::StepFailed { step, class, message, at }
            }
            (Command::Decide { step }, 3) => {
                let reason = "no".to_owned();
                Event::StepRejected { step, reason, outputs: outputs(), at }
            }
            _ => usual,
        }
    }

    /// People hold the run or the line, and let them go. Where nothing else can move, they let go.
    fn hold(&mut self, run: &Run) -> Option<Event> {
        let (by, why, at) = ("ann".to_owned(), "why not".to_owned(), self.now);
        let is_parked = run.is_parked();
        let choice = self.choose(40);
        if run.pause().is_some() {
            return (is_parked || choice < 4).then_some(Event::Resumed { by, why, at });
        }
        if run.freeze().is_some() && (is_parked || choice < 4) {
            return Some(Event::Thawed { by, why, at });
        }
        let event = match choice {
            0 => Event::Paused { by, why, at },
            1 => Event::Frozen { by, why, at },
            _ => return None,
        };
        run.clone().apply(&event).is_ok().then_some(event)
    }

    /// Something at work ends, or a person interferes, or time passes.
    fn happen(&mut self, run: &Run) -> Option<Event> {
        let busy = |status| matches!(status, StepStatus::Running | StepStatus::Baking);
        let working: Vec<_> = run.steps().filter(|step| busy(step.status)).collect();
        let asked = run.steps().find(|step| step.asked.is_some());
        if let Some(asked) = asked.filter(|_| self.choose(3) == 0) {
            let (step, at) = (asked.spec.name.clone(), self.now);
            let (is_yes, outputs) = (self.choose(2) == 0, outputs());
            return Some(if is_yes {
                Event::StepDecided { step, outputs, at }
            } else {
                Event::StepRejected { step, reason: "no".to_owned(), outputs, at }
            });
        }
        if let Some(held) = self.hold(run) {
            return Some(held);
        }
        let interferes = self.choose(20) == 0;
        if interferes && run.status() == RunStatus::Running {
            let (by, why, at) = ("ann".to_owned(), "why not".to_owned(), self.now);
            let cancel = Event::CancelRequested { by, why, at };
            if run.clone().apply(&cancel).is_ok() {
                return Some(cancel);
            }
        }
        let (working, waits) = (
            working.into_iter().filter(|step| step.held.is_none()).collect::<Vec<_>>(),
            self.choose(3) == 0,
        );
        let waits = waits || working.is_empty();
        if waits && let Some(timer) = run.next_timer() {
            self.now = self.now.max(timer);
            return None;
        }
        self.now = self.now.plus(Duration::MINUTE);
        let at = self.now;
        let pick = usize::from(self.choose(8)) % working.len();
        let (step, attempt) = (working[pick].spec.name.clone(), working[pick].attempt);
        if working[pick].status == StepStatus::Baking {
            let verdict = match self.choose(4) {
                0 => Verdict::RolledBack { reason: "harm".to_owned() },
                1 => Verdict::Inconclusive { reason: "no traffic".to_owned() },
                _ => Verdict::Promoted,
            };
            return Some(Event::RolloutEnded { step, attempt, verdict, outputs: outputs(), at });
        }
        Some(match self.choose(10) {
            0 => Event::AttemptLost { step, attempt, at },
            class @ 1..=7 => {
                failed(step.as_str(), attempt, FailureClass::ALL[usize::from(class) - 1], at)
            }
            _ => succeeded(step.as_str(), attempt, at),
        })
    }
}

/// What must hold whatever happens, seen from the log alone.
#[derive(Default)]
struct Witness {
    ended: BTreeMap<Name, bool>,
    started: BTreeSet<(Name, u32)>,
    running: BTreeSet<Name>,
    is_paused: bool,
    is_frozen: bool,
}

impl Witness {
    fn see(&mut self, spec: &RunSpec, event: &Event) {
        match event {
            Event::Paused { .. } => self.is_paused = true,
            Event::Resumed { .. } | Event::CancelRequested { .. } => self.is_paused = false,
            Event::Frozen { .. } => self.is_frozen = true,
            Event::Thawed { .. } => self.is_frozen = false,
            _ => {}
        }
        let Some(name) = event.step() else { return };
        let step = spec.steps().iter().find(|step| step.name == *name).unwrap();
        assert!(!self.ended.contains_key(name), "{event:?} after the step's end");
        let begins = match event {
            Event::AttemptStarted { attempt, .. } | Event::RolloutStarted { attempt, .. } => {
                assert!(!self.is_paused, "{event:?} while the run is held");
                let stops = self.is_frozen && step.line == Line::On;
                assert!(!stops, "{event:?} while the line is stopped");
                assert!(self.started.insert((name.clone(), *attempt)), "{event:?} twice");
                true
            }
            Event::StepCached { .. } | Event::StepDecided { .. } | Event::StepRejected { .. } => {
                true
            }
            _ => false,
        };
        if begins {
            for need in &step.needs {
                let done = self.ended.get(need).copied();
                let left_out = step.optional.contains(need) && done == Some(false);
                assert!(done == Some(true) || left_out, "{event:?} before `{need}`");
            }
        }
        match event {
            Event::AttemptStarted { .. } => {
                self.running.insert(name.clone());
                let max = usize::try_from(spec.limits().slots_max.get()).unwrap();
                assert!(self.running.len() <= max, "more attempts than slots");
            }
            Event::AttemptSucceeded { .. }
            | Event::AttemptFailed { .. }
            | Event::AttemptLost { .. } => {
                assert!(self.running.remove(name));
            }
            _ => {}
        }
    }
}

/// Lives through a run; the end is checked, and each moment on the way.
fn live(spec: &RunSpec, choices: Vec<u8>) -> (Run, Vec<Event>) {
    let mut world = World { choices, now: minute(0), log: Vec::new() };
    let mut run = Run::new(spec.clone());
    let mut witness = Witness::default();
    let mut pending = vec![Event::RunStarted { at: minute(0) }];
    for _ in 0..TURNS_MAX {
        for event in pending.drain(..) {
            // An earlier command of the same turn may have made a later one void.
            if run.apply(&event).is_err() {
                continue;
            }
            witness.see(spec, &event);
            for step in run.steps().filter(|step| step.outcome.is_some()) {
                let done = step.outcome.unwrap().is_done();
                let before = witness.ended.insert(step.spec.name.clone(), done);
                assert!(before.is_none_or(|before| before == done), "two ends");
            }
            world.log.push(event);
            if let Some(timer) = run.next_timer() {
                assert_ne!(run.due(timer), [], "a timer for nothing");
            }
        }
        if run.is_finished() {
            return (run, world.log);
        }
        let commands = run.due(world.now);
        if commands.is_empty() {
            pending.extend(world.happen(&run));
        } else {
            pending.extend(commands.iter().map(|command| world.answer(command)));
        }
    }
    panic!("no end after {TURNS_MAX} turns: {:?}", world.log);
}

proptest! {
    #[test]
    fn any_plan_comes_to_one_end_in_any_world(
        spec in plans(),
        choices in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let (run, log) = live(&spec, choices);
        prop_assert!(run.status().is_terminal());
        prop_assert!(run.steps().all(|step| step.status.is_terminal()));
        prop_assert_eq!(&Run::replay(spec, &log).unwrap(), &run);
        let all_well = run.steps().all(|step| {
            matches!(step.status, StepStatus::Succeeded | StepStatus::Cached | StepStatus::Skipped)
        });
        prop_assert!(all_well || run.status() != RunStatus::Succeeded);
    }
}
