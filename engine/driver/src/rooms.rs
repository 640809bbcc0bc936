//! The room of a machine, shared by all runs that one daemon carries out there.

use crate::bell::Bell;
use crate::engine::Engine;
use crate::pool;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use suho_domain::{Name, RunId};
use suho_scheduler::{Claim, Pool, PoolEvent, Priority};

/// A [`Pool`] that runs reach from threads of their own.
///
/// It is told what each has and wants every time that run decides something, and rings for those
/// that may begin more than they knew. It is memory: a daemon that starts begins with none, and
/// hears of attempts at work from the runs it takes up.
#[derive(Debug, Default)]
pub struct Rooms(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    pool: Pool,
    bells: BTreeMap<RunId, Arc<Bell>>,
}

impl Rooms {
    /// `run` has and wants what `claim` says; of what it wants, the steps that may begin stay.
    /// `bell` is rung when there are more.
    pub(crate) fn say(
        &self,
        run: &RunId,
        claim: Claim,
        bell: Option<Arc<Bell>>,
        wanted: &mut Vec<(Name, u32)>,
    ) {
        let mut inside = self.inside();
        if let Some(bell) = bell {
            inside.bells.insert(run.clone(), bell);
        }
        inside.take(run, PoolEvent::Says(claim));
        wanted.retain(|(step, _)| inside.pool.may_begin(run, step));
    }

    /// Nobody carries `run` on for now; its attempts go on, and what they take is taken.
    pub fn rest(&self, run: &RunId) {
        self.inside().take(run, PoolEvent::Rests);
    }

    /// Nothing of `run` counts any more.
    pub fn leave(&self, run: &RunId) {
        let mut inside = self.inside();
        inside.bells.remove(run);
        inside.take(run, PoolEvent::Leaves);
    }

    /// A thread that died with it left what its run had said, which stays until the run is left.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn take(&mut self, run: &RunId, event: PoolEvent) {
        let told = self.pool.apply(run, event);
        let bells = told.iter().filter(|other| *other != run).filter_map(|run| self.bells.get(run));
        bells.for_each(|bell| bell.ring());
    }
}

impl Engine<'_> {
    /// Of the attempts that could begin, those for which there is room beside all other runs; and
    /// says what this one has.
    pub(crate) fn given_room(&self, mut starts: Vec<(Name, u32)>) -> Vec<(Name, u32)> {
        let Some(rooms) = self.rim.clock.rooms() else { return starts };
        let taken = |step: &Name| {
            let node = self.node(step).ok();
            node.map(|node| pool::taken(&self.plan, node)).unwrap_or_default()
        };
        let claim = Claim {
            priority: Priority::of(&self.run.created_by),
            share: pool::share(&self.plan),
            at_work: self.state.at_work().map(|(step, _)| taken(step)).collect(),
            wants: starts.iter().map(|(step, _)| (step.clone(), taken(step))).collect(),
        };
        rooms.say(&self.run.id, claim, self.rim.clock.bell(), &mut starts);
        starts
    }
}

#[cfg(test)]
mod tests;
