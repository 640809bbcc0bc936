//! Room that several runs share: who has some, who waits for some, and whose turn is next.
//!
//! A run says again and again what it has at work and what it would begin; the pool keeps what each
//! said last, and nothing else. So nothing leaks: what a run does not say any more is free.

use crate::Room;
use crate::room::Free;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::{Name, RunId};

/// Whose turn comes first where room is scarce: from the first on, as retraining triggers are ranked
/// (domain §11).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Priority {
    /// A person asked for the run.
    Asked,
    /// Something happened that cannot wait: a push, a monitor.
    Triggered,
    /// A schedule's tick.
    Scheduled,
    /// The past is done again, and has waited all the while.
    Backfilled,
}

impl Priority {
    /// The priority of a run that `created_by` began: a person, or `schedule:NAME` and the like.
    pub fn of(created_by: &str) -> Self {
        match created_by.split_once(':').map(|(origin, _)| origin) {
            Some("schedule") => Self::Scheduled,
            Some("backfill") => Self::Backfilled,
            Some("push" | "monitor") => Self::Triggered,
            _ => Self::Asked,
        }
    }
}

/// What all runs that share a machine may take together, as one of them has it declared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Share {
    /// Attempts at work at the same time; none where nothing is declared.
    pub slots: Option<u32>,
    /// What they may take.
    pub room: Room,
}

/// What a run has and wants now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Whose turn it is where not all can begin.
    pub priority: Priority,
    /// What there is, by its plan.
    pub share: Share,
    /// What its attempts at work take.
    pub at_work: Vec<Room>,
    /// The steps that it would begin, in this order, and what each takes.
    pub wants: Vec<(Name, Room)>,
}

/// What happens to a pool.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PoolEvent {
    /// The run has and wants this, and nothing else.
    Says(Claim),
    /// Nobody carries the run on for now; its attempts go on.
    Rests,
    /// It is over, or left to itself: nothing of it counts.
    Leaves,
}

/// See the module.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pool {
    runs: BTreeMap<RunId, Standing>,
    /// Counts the steps that began to wait, so that who waited longer comes first.
    waited: u64,
}

/// A run as it said last.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Standing {
    claim: Claim,
    /// Since when each step waits.
    since: BTreeMap<Name, u64>,
    /// The steps that may begin.
    granted: BTreeSet<Name>,
}

impl Pool {
    /// Takes in what happened to `run`. Answers the runs that may begin something which they could
    /// not before: `run` itself among them, and others that are to be told.
    pub fn apply(&mut self, run: &RunId, event: PoolEvent) -> BTreeSet<RunId> {
        match (self.runs.remove(run), event) {
            (before, PoolEvent::Says(claim)) => {
                let standing = self.standing(before.as_ref(), claim);
                self.runs.insert(run.clone(), standing);
            }
            (Some(before), PoolEvent::Rests) => {
                let claim = Claim { wants: Vec::new(), ..before.claim };
                let (since, granted) = (BTreeMap::new(), BTreeSet::new());
                self.runs.insert(run.clone(), Standing { claim, since, granted });
            }
            (None, PoolEvent::Rests) | (_, PoolEvent::Leaves) => {}
        }
        self.grant()
    }

    /// Whether `step` of `run` may begin.
    pub fn may_begin(&self, run: &RunId, step: &Name) -> bool {
        self.runs.get(run).is_some_and(|standing| standing.granted.contains(step))
    }

    /// The run with `claim`: what it wanted before keeps its turn, and what it may begin.
    fn standing(&mut self, before: Option<&Standing>, claim: Claim) -> Standing {
        let (mut since, mut granted) = (BTreeMap::new(), BTreeSet::new());
        for (step, _) in &claim.wants {
            let known = before.and_then(|before| before.since.get(step)).copied();
            self.waited = self.waited.saturating_add(1);
            since.insert(step.clone(), known.unwrap_or(self.waited));
            if before.is_some_and(|before| before.granted.contains(step)) {
                granted.insert(step.clone());
            }
        }
        Standing { claim, since, granted }
    }

    /// Gives what is free to those who wait: by priority, and then by how long they have waited.
    ///
    /// Within a priority what is too large lets smaller ones pass, as within a run. Of what a more
    /// urgent one waits for, a less urgent one takes nothing.
    fn grant(&mut self) -> BTreeSet<RunId> {
        let mut taken = Taken::default();
        let mut waiting = Vec::new();
        for (run, standing) in &self.runs {
            standing.claim.at_work.iter().for_each(|room| taken.add(*room));
            for (step, room) in &standing.claim.wants {
                if standing.granted.contains(step) {
                    taken.add(*room);
                } else {
                    let since = standing.since.get(step).copied().unwrap_or(u64::MAX);
                    waiting.push((
                        (standing.claim.priority, since),
                        run.clone(),
                        step.clone(),
                        *room,
                    ));
                }
            }
        }
        waiting.sort_unstable();
        let (mut told, mut kept, mut urgent) = (BTreeSet::new(), Taken::default(), None);
        for ((priority, _), run, step, room) in waiting {
            let Some(standing) = self.runs.get_mut(&run) else { continue };
            if urgent != Some(priority) {
                // Those before it were more urgent, and what they wait for is kept for them.
                taken.join(std::mem::take(&mut kept));
                urgent = Some(priority);
            }
            if taken.leaves(standing.claim.share, room) {
                taken.add(room);
                standing.granted.insert(step);
                told.insert(run);
            } else {
                kept.add(room);
            }
        }
        told
    }
}

/// What is taken of a machine.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    slots: u32,
    cores: u32,
    memory_bytes: u64,
    gpus: u32,
}

impl Taken {
    const fn add(&mut self, room: Room) {
        let Room { cores, memory_bytes, gpus } = room;
        self.join(Self { slots: 1, cores, memory_bytes, gpus });
    }

    const fn join(&mut self, other: Self) {
        self.slots = self.slots.saturating_add(other.slots);
        self.cores = self.cores.saturating_add(other.cores);
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.gpus = self.gpus.saturating_add(other.gpus);
    }

    /// Whether `share` has room for one that takes `room` beside it.
    fn leaves(self, share: Share, room: Room) -> bool {
        let slots = share.slots.unwrap_or(u32::MAX).saturating_sub(self.slots);
        let free = Free {
            slots: usize::try_from(slots).unwrap_or(usize::MAX),
            // What nobody counts does not run out.
            room: Room {
                cores: left(share.room.cores, self.cores),
                memory_bytes: match share.room.memory_bytes {
                    u64::MAX => u64::MAX,
                    declared => declared.saturating_sub(self.memory_bytes),
                },
                gpus: left(share.room.gpus, self.gpus),
            },
        };
        free.less(room).is_ok()
    }
}

const fn left(declared: u32, taken: u32) -> u32 {
    if declared == u32::MAX { u32::MAX } else { declared.saturating_sub(taken) }
}

#[cfg(test)]
mod tests;
