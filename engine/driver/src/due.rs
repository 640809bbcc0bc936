//! What a turn does: hear people, take in what ended, do what is due, commit once, dispatch.
//!
//! The run's state runs ahead of the log within a round only: whatever fails before the commit ends
//! this engine, and the next one begins at the log.

use crate::engine::{Engine, EngineError};
use crate::ports::Commit;
use crate::round::{Made, Round};
use suho_domain::{AttemptKey, Duration, Name, RunStatus, Value};
use suho_plan::Role;
use suho_scheduler::{Command, Event};

/// How much of the world a turn looks at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Glance {
    /// All attempts at work, and whatever anybody has asked: now and then, in case of a lost word.
    Everything,
    /// What somebody has told of.
    News,
}

impl Engine<'_> {
    /// Takes an interrupted run up again.
    pub(crate) fn begin(&mut self) -> Result<(), EngineError> {
        if self.state.ended().is_none() || self.state.status() == RunStatus::Succeeded {
            self.take_up_rollout()?;
        }
        // What is at work takes room, before this run decides anything.
        self.given_room(Vec::new());
        Ok(())
    }

    /// How much to look at now: everything once in the clock's patience.
    pub(crate) fn glance(&mut self) -> Glance {
        let now = self.wall();
        let patience = self.rim.clock.patience();
        let is_fresh = self.looked.is_some_and(|at| (at..at.plus(patience)).contains(&now));
        if is_fresh {
            return Glance::News;
        }
        self.looked = Some(now);
        Glance::Everything
    }

    /// Does everything that is due, and what becomes due by that.
    pub(crate) fn act(&mut self, round: &mut Round) -> Result<(), EngineError> {
        loop {
            let (before, mut starts) = (self.happened, Vec::new());
            for command in self.state.due(self.wall()) {
                self.catch_up(&command, round)?;
                if self.is_left_out(&command, round)? {
                    self.settle(round)?;
                    continue;
                }
                match command {
                    Command::Start { step, attempt } => starts.push((step, attempt)),
                    command => self.answer_to(command, round)?,
                }
                self.settle(round)?;
            }
            let starts = self.given_room(starts);
            self.start_all(starts, round)?;
            if self.happened == before {
                return Ok(());
            }
        }
    }

    fn answer_to(&mut self, command: Command, round: &mut Round) -> Result<(), EngineError> {
        match command {
            // Begun together, by whoever called.
            Command::Start { .. } => {}
            Command::Decide { step } => self.decide(&step, round)?,
            Command::Ask { step } => self.ask(&step, round)?,
            Command::Lapse { step } => self.lapse(&step, round)?,
            Command::BeginRollout { step, attempt } => self.begin_rollout(&step, attempt, round)?,
            Command::AbortRollout { step, attempt, reason } => {
                self.abort_rollout(&step, attempt, &reason.to_string(), round)?;
            }
            Command::Kill { step, attempt } => {
                let key = self.key(&step, attempt);
                round.events.push(Event::KillSent { step, attempt, at: self.wall() });
                round.kill.push(key);
            }
            Command::Skip { step, reason } => {
                round.events.push(Event::StepSkipped { step, reason, at: self.wall() });
            }
            Command::Expire => round.events.push(Event::DeadlinePassed { at: self.wall() }),
            Command::End { status } => {
                round.events.push(Event::RunEnded { status, at: self.wall() });
            }
            Command::RunHandler { event } => self.handle(event, round),
        }
        Ok(())
    }

    /// Before a command that asks the registry: what this round does to it is committed first, so
    /// that the answer is of now.
    fn catch_up(&mut self, command: &Command, round: &mut Round) -> Result<(), EngineError> {
        let asks = matches!(
            command,
            Command::Decide { .. }
                | Command::Lapse { .. }
                | Command::BeginRollout { .. }
                | Command::AbortRollout { .. }
        );
        if asks { self.commit_registry(round) } else { Ok(()) }
    }

    /// Commits `round` where it changes what the registry would answer.
    pub(crate) fn commit_registry(&mut self, round: &mut Round) -> Result<(), EngineError> {
        if round.moves_the_registry() { self.commit(std::mem::take(round)) } else { Ok(()) }
    }

    pub(crate) fn key(&self, step: &Name, attempt: u32) -> AttemptKey {
        AttemptKey { run: self.run.id.clone(), step: step.clone(), attempt }
    }

    /// Takes the round's events into the run's state.
    pub(crate) fn settle(&mut self, round: &mut Round) -> Result<(), EngineError> {
        for event in round.events.iter().skip(round.settled) {
            self.state.apply(event)?;
            self.happened = self.happened.saturating_add(1);
            if let Some(step) = event.step() {
                self.note(step);
            }
        }
        round.settled = round.events.len();
        Ok(())
    }

    /// What steps have made, as expressions ask for it.
    pub(crate) fn made(&self) -> Made {
        self.made.clone()
    }

    /// Keeps what `step` has made, if it has. A lookup that found nothing is `none`.
    pub(crate) fn note(&mut self, step: &Name) {
        let Some(view) = self.state.step(step) else { return };
        let is_lookup = self.node(step).is_ok_and(|node| node.role == Role::Lookup);
        let value = view.status.is_done().then(|| {
            let is_none = is_lookup && view.outputs.is_empty();
            if is_none { Value::None } else { Value::Record(view.outputs.clone()) }
        });
        self.made.set(step, value);
    }

    /// The run ends with its last step: nobody finds a promotion whose run is still under way.
    pub(crate) fn end_with_the_last(&mut self, round: &mut Round) -> Result<(), EngineError> {
        self.settle(round)?;
        let at = self.wall();
        if let [Command::End { status }] = self.state.due(at).as_slice() {
            round.events.push(Event::RunEnded { status: *status, at });
        }
        self.settle(round)
    }

    /// Makes a round durable, then lets its effects out.
    pub(crate) fn commit(&mut self, mut round: Round) -> Result<(), EngineError> {
        self.settle(&mut round)?;
        let effective_at = self.rim.world.now();
        let commit = Commit {
            run: self.run.id.clone(),
            after_seq: self.seq,
            recorded_at: self.wall(),
            effective_at,
            events: round.events,
            changes: round.changes,
            status: self.state.status(),
        };
        self.rim.store.commit(&commit)?;
        self.commits = self.commits.saturating_add(1);
        self.effective = effective_at;
        for (step, action) in &round.actions {
            self.rim.observer.acted(step, action);
        }
        for event in &commit.events {
            self.seq = self.seq.saturating_add(1);
            self.rim.observer.event(event, effective_at);
        }
        for message in &round.messages {
            self.rim.observer.told(message);
        }
        for order in &round.submit {
            self.rim.executor.submit(order)?;
        }
        for key in round.kill {
            self.stop(key)?;
        }
        for route in &round.routes {
            self.rim.world.route(route)?;
        }
        Ok(())
    }

    /// How long there is nothing to do: until the next timer, or until it is time to look at
    /// everything.
    pub(crate) fn rest(&self) -> Duration {
        let now = self.wall();
        let patience = self.rim.clock.patience();
        let look = self.looked.map_or(Duration::ZERO, |at| at.plus(patience).since(now));
        let timer = self.state.next_timer().map_or(look, |at| at.since(now));
        timer.min(look).max(Duration::ZERO)
    }
}
