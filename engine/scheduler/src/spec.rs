//! What a run is made of: its steps, what they wait for, and how often each may be tried.

use crate::{FailureClass, Room};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use suho_domain::{Duration, Fault, Name};

/// Who does a step's work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Work {
    /// An executor, attempt by attempt. Takes one of the run's slots.
    Attempt,
    /// The engine, at once: a gate, a promotion, the look-up of production.
    Instant,
    /// The rollout controller, over market time: shadow, canary, ramp.
    Rollout,
    /// A person, who is asked.
    Approval,
}

/// What a step has to do with the line, everybody's way to production, which people can stop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Line {
    /// Nothing: it goes on.
    Beside,
    /// It moves traffic or promotes: it waits until the line goes on.
    On,
}

/// Whether an attempt that may have done its work can be repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// It can: the same inputs give the same artifact.
    Repeatable,
    /// It cannot: no attempt follows another, and when one is lost or stopped only an operator can
    /// tell what happened.
    Once,
}

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Backoff {
    /// Before the second attempt.
    pub first: Duration,
    /// By how much each wait is longer than the one before. 1 is a constant wait.
    pub factor: NonZeroU32,
    /// Longest wait.
    pub max: Duration,
}

impl Backoff {
    /// The wait after `failures` counted failures (from 1), between half and all of what the
    /// backoff grants.
    ///
    /// The jitter is a hash of `seed`, `step` and `attempt`: steps that failed together do not come
    /// back together, and a replay waits exactly as long.
    pub fn wait(&self, failures: u32, seed: u64, step: &Name, attempt: u32) -> Duration {
        let max = self.max.nanos().max(0);
        let mut granted = self.first.nanos().clamp(0, max);
        for _ in 1..failures {
            // From the longest wait, and from none, it grows no further.
            if granted == max || granted == 0 || self.factor == NonZeroU32::MIN {
                break;
            }
            granted = granted.saturating_mul(self.factor.get().into()).min(max);
        }
        let half = granted / 2;
        let spread = u64::try_from(granted - half).unwrap_or(0).saturating_add(1);
        let jitter = i64::try_from(jitter(seed, step, attempt) % spread).unwrap_or(0);
        Duration::from_nanos(half.saturating_add(jitter))
    }
}

/// FNV-1a over the parts, then the finaliser of SplitMix64, so that every bit depends on each.
fn jitter(seed: u64, step: &Name, attempt: u32) -> u64 {
    let parts = [&seed.to_le_bytes()[..], step.as_str().as_bytes(), &attempt.to_le_bytes()[..]];
    let hash = parts.concat().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// One step of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StepSpec {
    /// Its name, unique in the run.
    pub name: Name,
    /// The steps it waits for: those whose outputs it reads and those it is to come `after`.
    pub needs: Vec<Name>,
    /// Those of [`needs`](Self::needs) that may be skipped by their condition: it reads them as
    /// optional.
    pub optional: BTreeSet<Name>,
    /// Who does its work.
    pub work: Work,
    /// How often it may be tried, the first time included. At least 1.
    pub attempts_max: NonZeroU32,
    /// The failures after which it is tried again.
    ///
    /// An attempt that is preempted is tried again in any case, up to [`crate::LOST_MAX`] times
    /// and without counting; listed here it counts like any other failure, and only
    /// [`attempts_max`](Self::attempts_max) bounds it.
    pub retry_on: BTreeSet<FailureClass>,
    /// The wait between attempts.
    pub backoff: Backoff,
    /// Longest time one attempt may take, or people may take to answer.
    pub timeout: Option<Duration>,
    /// Whether an attempt that may have done its work can be repeated.
    pub effect: Effect,
    /// What an attempt takes of the machine, beside a slot.
    pub takes: Room,
    /// Whether it waits while the line is stopped.
    pub line: Line,
}

/// What bounds a run as a whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Attempts at work at the same time.
    pub slots_max: NonZeroU32,
    /// What attempts at work may take together.
    pub room: Room,
    /// Longest time from the run's start, or from its latest retry, to its end.
    pub deadline: Option<Duration>,
    /// What the jitter of waits is derived from; the run's own, so that runs spread.
    pub seed: u64,
    /// The exit blocks the pipeline declares.
    pub handlers: BTreeSet<crate::HandlerEvent>,
}

/// The steps of a run in plan order, and its limits.
///
/// Invariant: names are unique and a step needs only steps before it, so there is no cycle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunSpec {
    steps: Vec<StepSpec>,
    /// For each step the places of what it needs.
    needs: Vec<Vec<usize>>,
    places: BTreeMap<Name, usize>,
    limits: Limits,
}

/// Why steps are no run. The plan came out wrong: a `Bug`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadSpec {
    /// Two steps have one name.
    #[error("two steps are named `{0}`")]
    Twice(Name),
    /// A step waits for one that does not come before it.
    #[error("step `{step}` needs `{need}`, which does not come before it")]
    Need {
        /// The step.
        step: Name,
        /// What it needs.
        need: Name,
    },
}

impl BadSpec {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::Bug
    }
}

impl RunSpec {
    /// The run of `steps`, given in plan order.
    ///
    /// # Errors
    /// When two steps share a name, or one needs a step that does not come before it.
    pub fn new(steps: Vec<StepSpec>, limits: Limits) -> Result<Self, BadSpec> {
        let mut places = BTreeMap::new();
        let mut needs = Vec::with_capacity(steps.len());
        for (place, step) in steps.iter().enumerate() {
            let find = |need: &Name| {
                let missing = || BadSpec::Need { step: step.name.clone(), need: need.clone() };
                places.get(need).copied().ok_or_else(missing)
            };
            needs.push(step.needs.iter().map(find).collect::<Result<Vec<_>, _>>()?);
            if places.insert(step.name.clone(), place).is_some() {
                return Err(BadSpec::Twice(step.name.clone()));
            }
        }
        Ok(Self { steps, needs, places, limits })
    }

    /// The steps in plan order.
    pub fn steps(&self) -> &[StepSpec] {
        &self.steps
    }

    /// What bounds the run.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The place of the step named `name`.
    pub(crate) fn place(&self, name: &Name) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The places of what the step at `place` needs.
    pub(crate) fn needs(&self, place: usize) -> &[usize] {
        self.needs.get(place).map(Vec::as_slice).unwrap_or_default()
    }
}
