//! What goes wrong in a test's world: attempts that die, parts that do not answer for a while.

use crate::time::Time;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use suho_domain::{Duration, Instant, Name, Value};

/// A part of the engine's world.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// Where models, runs and events are recorded.
    Registry,
    /// Where artifacts are kept.
    Artifacts,
    /// What carries out steps.
    Executor,
    /// What answers requests.
    Inference,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registry => "registry",
            Self::Artifacts => "artifacts",
            Self::Executor => "executor",
            Self::Inference => "inference",
        })
    }
}

/// What does not answer, from when on until when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Outage {
    part: Part,
    from: Instant,
    to: Instant,
}

/// An attempt that dies.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Crash {
    step: Name,
    attempt: u32,
    has_happened: bool,
}

/// All that goes wrong in one world.
#[derive(Debug)]
pub(crate) struct Faults {
    time: Time,
    outages: Vec<Outage>,
    crashes: RefCell<Vec<Crash>>,
    /// How often the engine has begun at a step that is its own work.
    tries: RefCell<BTreeMap<Name, u32>>,
}

impl Faults {
    /// The choices of `Fault` in `listed`, in a world that starts now.
    pub(crate) fn new(listed: &Value, time: &Time) -> Self {
        let start = time.now();
        let Value::List(listed) = listed else { return Self::none(time) };
        let field = |fault: &Value, name: &str| fault.field(name).cloned();
        let span = |fault: &Value, name: &str| match field(fault, name) {
            Some(Value::Duration(span)) => span,
            _ => Duration::ZERO,
        };
        let (mut outages, mut crashes) = (Vec::new(), Vec::new());
        for fault in listed {
            if let Some(part) = field(fault, "of") {
                let part = match part.to_string().as_str() {
                    "artifacts" => Part::Artifacts,
                    "executor" => Part::Executor,
                    "inference" => Part::Inference,
                    _ => Part::Registry,
                };
                let from = start.plus(span(fault, "from"));
                outages.push(Outage { part, from, to: from.plus(span(fault, "lasting")) });
            }
            let step = field(fault, "step").and_then(|step| Name::new(step.to_string()).ok());
            if let Some(step) = step {
                let attempt = match field(fault, "attempt") {
                    Some(Value::Int(attempt)) => u32::try_from(attempt).unwrap_or(1),
                    _ => 1,
                };
                crashes.push(Crash { step, attempt, has_happened: false });
            }
        }
        Self { outages, crashes: RefCell::new(crashes), ..Self::none(time) }
    }

    fn none(time: &Time) -> Self {
        Self {
            time: time.clone(),
            outages: Vec::new(),
            crashes: RefCell::default(),
            tries: RefCell::default(),
        }
    }

    /// Whether `part` answers now; if not, why.
    pub(crate) fn answers(&self, part: Part) -> Result<(), Silence> {
        if self.is_out(part, self.time.now()) { Err(Silence(part)) } else { Ok(()) }
    }

    pub(crate) fn is_out(&self, part: Part, at: Instant) -> bool {
        let now = |outage: &&Outage| outage.part == part && outage.from <= at && at < outage.to;
        self.outages.iter().any(|outage| now(&outage))
    }

    /// Whether this attempt at `step` dies. Asked again, it has died before.
    pub(crate) fn kills(&self, step: &Name, attempt: u32) -> bool {
        let mut crashes = self.crashes.borrow_mut();
        let of_this = |crash: &&mut Crash| crash.step == *step && crash.attempt == attempt;
        let Some(crash) = crashes.iter_mut().find(of_this) else { return false };
        !std::mem::replace(&mut crash.has_happened, true)
    }

    /// Whether the engine dies at `step`, which is its own work: each time counts as an attempt.
    pub(crate) fn kills_engine(&self, step: &Name) -> bool {
        let attempt = self.life(step);
        let dies = self.kills(step, attempt);
        if dies {
            self.tries.borrow_mut().insert(step.clone(), attempt);
        }
        dies
    }

    /// Which of its lives the engine is at `step` in, from 1.
    pub(crate) fn life(&self, step: &Name) -> u32 {
        self.tries.borrow().get(step).map_or(1, |died| died.saturating_add(1))
    }

    /// Whether the engine is to die in its present life at `step`.
    pub(crate) fn is_marked(&self, step: &Name) -> bool {
        let attempt = self.life(step);
        let crashes = self.crashes.borrow();
        let dies =
            |crash: &Crash| crash.step == *step && crash.attempt == attempt && !crash.has_happened;
        crashes.iter().any(dies)
    }

    /// What was to go wrong and had no occasion to, as written.
    pub(crate) fn unused(&self) -> Vec<String> {
        let crashes = self.crashes.borrow();
        let unused = crashes.iter().filter(|crash| !crash.has_happened);
        let said = |crash: &Crash| format!("crash({}, attempt: {})", crash.step, crash.attempt);
        let crashed = unused.map(said);
        let late = self.outages.iter().filter(|outage| outage.from > self.time.now());
        crashed.chain(late.map(|outage| format!("outage({}, …)", outage.part))).collect()
    }
}

/// A part of the world does not answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the outage of `{0}` that the test asks for")]
pub(crate) struct Silence(Part);

/// The engine dies because the test asks for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the crash that the test asks for")]
pub(crate) struct Died;

#[cfg(test)]
mod tests;
