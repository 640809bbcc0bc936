//! The loop a turn at a time: for whoever drives many runs on one thread.

use crate::candidate::Candidate;
use crate::engine::{Engine, EngineError, Rim, Setting};
use crate::ports::RunRow;
use crate::rollouts::Active;
use crate::round::{Made, Round};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use suho_domain::{AttemptKey, Digest, Duration, Instant, Name, RunId, RunStatus};
use suho_plan::Plan;
use suho_scheduler::{Event, Run};

/// What a turn came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    /// Something was done; the next turn is due at once.
    Moved,
    /// Nothing is to be done for so long at most, if nothing happens.
    Rests(Duration),
    /// The run has ended, or only a person can bring it on.
    Over(RunStatus),
}

/// A run under way between two turns.
///
/// It holds nothing of the world: each turn is handed its rim. Dropped, it is what a crash of the
/// engine leaves: the run stands as its log says.
pub struct Carrying(Box<Memory>);

impl std::fmt::Debug for Carrying {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carrying").field("run", &self.0.run.id).finish_non_exhaustive()
    }
}

/// All of an engine but its rim.
struct Memory {
    setting: Setting,
    run: RunRow,
    plan: Arc<Plan>,
    candidate: Option<Candidate>,
    state: Run,
    seq: u64,
    effective: Instant,
    rollout: Option<Active>,
    keys: BTreeMap<AttemptKey, Digest>,
    asked: BTreeSet<AttemptKey>,
    places: BTreeMap<Name, usize>,
    made: Made,
    looked: Option<Instant>,
    happened: u64,
    commits: u64,
}

impl Carrying {
    /// Begins a new run, or takes an interrupted one up again.
    ///
    /// # Errors
    /// As [`carry_out`](crate::carry_out).
    pub fn begin(rim: Rim<'_>, setting: Setting, run: &RunId) -> Result<Self, EngineError> {
        let mut engine = Engine::load(rim, setting, run)?;
        engine.begin()?;
        Ok(Self(Box::new(engine.into())))
    }

    /// Does what is due now, in one round.
    ///
    /// # Errors
    /// As [`carry_out`](crate::carry_out); what was in memory is gone then.
    pub fn turn(self, rim: Rim<'_>) -> Result<(Self, Turn), EngineError> {
        let mut engine = self.0.awake(rim);
        let turn = engine.turn()?;
        Ok((Self(Box::new(engine.into())), turn))
    }
}

impl Memory {
    fn awake(self, rim: Rim<'_>) -> Engine<'_> {
        let Self { setting, run, plan, candidate, state, seq, effective, rollout, asked, .. } =
            self;
        let Self { places, made, keys, looked, happened, commits, .. } = self;
        Engine {
            rim,
            setting,
            run,
            plan,
            candidate,
            state,
            places,
            made,
            seq,
            effective,
            rollout,
            keys,
            asked,
            looked,
            happened,
            commits,
        }
    }
}

impl From<Engine<'_>> for Memory {
    fn from(engine: Engine<'_>) -> Self {
        let Engine { setting, run, plan, candidate, state, seq, effective, rollout, asked, .. } =
            engine;
        let Engine { places, made, keys, looked, happened, commits, .. } = engine;
        Self {
            setting,
            run,
            plan,
            candidate,
            state,
            seq,
            effective,
            rollout,
            keys,
            asked,
            places,
            made,
            looked,
            happened,
            commits,
        }
    }
}

impl Engine<'_> {
    /// One round: hears requests, takes in what ended, does what is due; and looks at the rollout.
    pub(crate) fn turn(&mut self) -> Result<Turn, EngineError> {
        if self.state.is_finished() {
            return Ok(Turn::Over(self.state.status()));
        }
        let (before, glance, mut round) = (self.commits, self.glance(), Round::default());
        if self.seq == 0 {
            round.events.push(Event::RunStarted { at: self.wall() });
            self.settle(&mut round)?;
        }
        self.listen(glance, &mut round)?;
        self.watch(glance, &mut round)?;
        self.act(&mut round)?;
        if !round.is_empty() {
            self.commit(round)?;
        }
        let rolls = self.roll()?;
        Ok(match self.state.status() {
            status if self.state.is_finished() => Turn::Over(status),
            _ if self.commits != before || rolls => Turn::Moved,
            // Where only a person can tell what happened, waiting tells nothing more.
            RunStatus::Unknown => Turn::Over(RunStatus::Unknown),
            // What waits for people needs nobody who waits with it.
            status if self.state.is_parked() && self.rim.clock.may_park() => Turn::Over(status),
            _ => Turn::Rests(self.rest()),
        })
    }
}
