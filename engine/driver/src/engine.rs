//! The loop: replay the log, do what is due, commit, dispatch, and look at what came back.
//!
//! One round is one transaction. What leaves the engine (a process started, traffic moved) leaves
//! after the commit that says so, and is safe to repeat: a crash between the two repeats it.

use crate::candidate::{Candidate, CandidateError};
use crate::executor::{Executor, ExecutorError, Stop};
use crate::models;
use crate::own::{self, OwnError};
use crate::ports::{Commit, LoggedEvent, RunRow, Store, StoreError};
use crate::registry::{Change, RouteRow};
use crate::rollouts::Active;
use crate::spec;
use crate::turn::Turn;
use crate::world::{Clock, Message, Observer, Sources, World, WorldError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use suho_domain::{AttemptKey, Digest, Duration, Fault, Instant, Name, RunId, RunStatus, Value};
use suho_plan::{Facts, Plan, Role};
use suho_rollout::Action;
use suho_scheduler::{Command, Event, IllegalEvent, Run};
use suho_step::Order;

/// What a run is carried out with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The project's root.
    pub project: PathBuf,
    /// The artifact store, a folder or URL.
    pub artifacts: String,
    /// Digest of the code of the steps: another code is another content.
    pub code: Digest,
    /// This engine's version.
    pub engine_version: String,
    /// The feature catalogue's version.
    pub feature_version: String,
    /// Who runs it.
    pub actor: String,
    /// Whether earlier results may be taken.
    pub cache: CachePolicy,
    /// Bars that open at or after this are held back from every step.
    pub until: Option<Instant>,
}

/// Whether earlier results may be taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CachePolicy {
    /// They are.
    Use,
    /// Everything is done anew; results are still kept.
    Renew,
}

/// Why a run could not be carried on. The run itself is durable and can be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The executor refused.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The world could not answer.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The plan's candidate cannot be told.
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    /// A step of the user's own asks for what this suho has not.
    #[error(transparent)]
    Own(#[from] OwnError),
    /// The run cannot be opened again as asked.
    #[error("run `{}` cannot be done again: {why}", run.short())]
    NotAgain {
        /// The run.
        run: RunId,
        /// Why not.
        why: String,
    },
    /// The stored plan cannot be read.
    #[error("cannot read the plan of run `{run}`")]
    Plan {
        /// The run.
        run: RunId,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
    /// The log contradicts itself, or we are wrong.
    #[error(transparent)]
    Illegal(#[from] IllegalEvent),
    /// The engine goes away: the run stands as its log says, and its attempts go on.
    #[error("the run was left to the next engine")]
    HandedOver,
    /// We are wrong.
    #[error("{0}")]
    Bug(String),
}

impl EngineError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Executor(_) | Self::HandedOver => Fault::World,
            Self::World(error) => error.fault,
            Self::Candidate(error) => error.fault(),
            Self::Own(error) => error.fault(),
            Self::NotAgain { .. } => Fault::User,
            Self::Plan { .. } | Self::Illegal(_) | Self::Bug(_) => Fault::Bug,
        }
    }
}

/// The rim as the loop holds it.
#[expect(missing_debug_implementations, reason = "traits of the world have none")]
pub struct Rim<'a> {
    /// The durable memory.
    pub store: &'a mut dyn Store,
    /// Where attempts run.
    pub executor: &'a mut dyn Executor,
    /// Traffic and evidence.
    pub world: &'a mut dyn World,
    /// The wall clock and the terminal.
    pub clock: &'a mut dyn Clock,
    /// Who watches.
    pub observer: &'a mut dyn Observer,
    /// Where data comes from.
    pub sources: &'a dyn Sources,
}

/// Carries `run` on to its end, from wherever its log says it stands; where its clock lets it, only
/// until nothing but people can bring it on, and its status says so.
///
/// # Errors
/// When the world refuses; what was committed stays, and the run can be taken up again.
pub fn carry_out(rim: Rim<'_>, setting: Setting, run: &RunId) -> Result<RunStatus, EngineError> {
    let mut engine = Engine::load(rim, setting, run)?;
    engine.begin()?;
    loop {
        if engine.rim.clock.is_leaving() && !engine.state.is_finished() {
            return Err(EngineError::HandedOver);
        }
        match engine.turn()? {
            Turn::Moved => {}
            Turn::Rests(at_most) => engine.rim.clock.wait(at_most),
            Turn::Over(status) => {
                engine.rim.observer.ended(status);
                return Ok(status);
            }
        }
    }
}

/// Opens a run that failed or was cancelled again: what did not succeed is done anew.
///
/// # Errors
/// When the store refuses, or the run cannot be opened again.
pub fn reopen(store: &mut dyn Store, run: &RunId, at: Instant) -> Result<(), EngineError> {
    reopen_from(store, run, None, at)
}

/// As [`reopen`], and the step `from` with all that follows it is done anew in any case.
///
/// # Errors
/// When the store refuses, the run cannot be opened again, or not from there.
pub fn reopen_from(
    store: &mut dyn Store,
    run: &RunId,
    from: Option<&Name>,
    at: Instant,
) -> Result<(), EngineError> {
    let (row, log) = store.load(run)?;
    let plan: Plan = serde_json::from_value(row.plan)
        .map_err(|source| EngineError::Plan { run: run.clone(), source })?;
    let spec = spec::of_plan(&plan, run).map_err(|e| EngineError::Bug(e.to_string()))?;
    let mut state = Run::replay(spec, log.iter().map(|logged| &logged.event))?;
    let refused = |why: String| EngineError::NotAgain { run: run.clone(), why };
    if let Some(unknown) = from.filter(|from| state.step(from).is_none()) {
        return Err(refused(format!("it has no step `{unknown}`")));
    }
    if !state.may_retry() {
        return Err(refused(format!("it is `{}`", state.status())));
    }
    let train = taken_back(store, &plan, &state)?;
    if let (Some(from), Some(train)) = (from, &train)
        && !is_before(&plan, from, train)
    {
        let why =
            format!("its model was taken back, so that it begins again at `{train}` or before");
        return Err(refused(why));
    }
    let event = Event::RetryRequested { from: from.cloned().or(train), at };
    state.apply(&event)?;
    let last = log.last();
    Ok(store.commit(&Commit {
        run: run.clone(),
        after_seq: last.map_or(0, |logged| logged.seq),
        recorded_at: at,
        effective_at: last.map_or(at, |logged| logged.effective_at),
        events: vec![event],
        changes: Vec::new(),
        status: state.status(),
    })?)
}

/// Whether `step` is `later`, or something that `later` waits for.
fn is_before(plan: &Plan, step: &Name, later: &Name) -> bool {
    let (mut open, mut seen) = (vec![later], BTreeSet::new());
    while let Some(next) = open.pop() {
        if next == step {
            return true;
        }
        if seen.insert(next) {
            open.extend(plan.node(next.as_str()).into_iter().flat_map(|node| &node.needs));
        }
    }
    false
}

/// The step that trained the candidate, if a rollout has taken the candidate back: such a version
/// never goes forward again, so that another one has to be made.
fn taken_back(store: &mut dyn Store, plan: &Plan, state: &Run) -> Result<Option<Name>, StoreError> {
    let Some(train) = plan.of_kind("train").next().map(|node| &node.name) else { return Ok(None) };
    let model = state.step(train).and_then(|view| models::id_of(view.outputs.get("model")));
    let Some(id) = model else { return Ok(None) };
    let is_held = store.model(&id)?.is_some_and(|row| row.quarantined);
    Ok(is_held.then(|| train.clone()))
}

/// One run under way.
pub(crate) struct Engine<'a> {
    pub(crate) rim: Rim<'a>,
    pub(crate) setting: Setting,
    pub(crate) run: RunRow,
    pub(crate) plan: Plan,
    pub(crate) candidate: Option<Candidate>,
    pub(crate) state: Run,
    /// The last event's number in the log.
    pub(crate) seq: u64,
    /// The environment's clock at the last commit.
    pub(crate) effective: Instant,
    pub(crate) rollout: Option<Active>,
    /// Attempts that have been asked to end: those that do not are ended.
    pub(crate) asked: BTreeSet<AttemptKey>,
}

/// What one round does, gathered before it is committed.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) events: Vec<Event>,
    pub(crate) changes: Vec<Change>,
    /// Dispatched once the commit stands.
    pub(crate) submit: Vec<Order>,
    pub(crate) kill: Vec<AttemptKey>,
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) messages: Vec<Message>,
    /// What a rollout's controller did.
    pub(crate) actions: Vec<(Name, Action)>,
}

/// What the steps have made so far.
pub(crate) struct Made(BTreeMap<Name, Value>);

impl Made {
    pub(crate) fn new(values: BTreeMap<Name, Value>) -> Self {
        Self(values)
    }
}

impl Facts for Made {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.0.get(name)
    }
    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}

impl<'a> Engine<'a> {
    pub(crate) fn load(rim: Rim<'a>, setting: Setting, run: &RunId) -> Result<Self, EngineError> {
        let (row, log) = rim.store.load(run)?;
        let plan: Plan = serde_json::from_value(row.plan.clone())
            .map_err(|source| EngineError::Plan { run: run.clone(), source })?;
        let candidate = Candidate::of(&plan, &setting.feature_version)?;
        own::admit(&plan)?;
        let spec = spec::of_plan(&plan, run).map_err(|e| EngineError::Bug(e.to_string()))?;
        let state = Run::replay(spec, log.iter().map(|logged| &logged.event))?;
        let seq = log.last().map_or(0, |logged| logged.seq);
        let effective = log.last().map_or_else(|| rim.world.now(), |logged| logged.effective_at);
        let mut engine = Self {
            rim,
            setting,
            run: row,
            plan,
            candidate,
            state,
            seq,
            effective,
            rollout: None,
            asked: BTreeSet::new(),
        };
        engine.stop_again(&log)?;
        Ok(engine)
    }

    /// Asks again the attempts that were told to end: the engine may have died before it asked.
    fn stop_again(&mut self, log: &[LoggedEvent]) -> Result<(), EngineError> {
        let told = log.iter().filter_map(|logged| match &logged.event {
            Event::KillSent { step, attempt, .. } => Some((step, *attempt)),
            _ => None,
        });
        let is_at_work = |step: &Name, attempt| {
            let view = self.state.step(step);
            view.is_some_and(|view| view.attempt == attempt && view.running_since.is_some())
        };
        let still = told.filter(|(step, attempt)| is_at_work(step, *attempt));
        let keys: Vec<_> = still.map(|(step, attempt)| self.key(step, attempt)).collect();
        for key in keys {
            self.stop(key)?;
        }
        Ok(())
    }

    /// Asks an attempt to end; ends one that has been asked before.
    fn stop(&mut self, key: AttemptKey) -> Result<(), EngineError> {
        let how = if self.asked.contains(&key) { Stop::Force } else { Stop::Ask };
        self.rim.executor.stop(&key, how)?;
        self.asked.insert(key);
        Ok(())
    }

    pub(crate) fn wall(&self) -> Instant {
        self.rim.clock.wall()
    }

    /// Starts a new run; takes an interrupted one up again.
    pub(crate) fn begin(&mut self) -> Result<(), EngineError> {
        let at = self.wall();
        if self.seq == 0 {
            let event = Event::RunStarted { at };
            return self.commit(Round { events: vec![event], ..Round::default() });
        }
        if self.state.ended().is_some() && self.state.status() != RunStatus::Succeeded {
            return Ok(());
        }
        self.take_up_rollout()
    }

    /// What steps have made, as expressions ask for it. A lookup that found nothing is `none`.
    pub(crate) fn made(&self) -> Made {
        let done = self.state.steps().filter(|view| view.status.is_done());
        let value = |view: suho_scheduler::StepView<'_>| {
            let is_lookup = self
                .plan
                .node(view.spec.name.as_str())
                .is_some_and(|node| node.role == Role::Lookup);
            let value = if is_lookup && view.outputs.is_empty() {
                Value::None
            } else {
                Value::Record(view.outputs.clone())
            };
            (view.spec.name.clone(), value)
        };
        Made::new(done.map(value).collect())
    }

    /// Does everything that is due, in one transaction.
    pub(crate) fn act(&mut self) -> Result<(), EngineError> {
        let mut round = Round::default();
        for command in self.state.due(self.wall()) {
            if self.is_left_out(&command, &mut round)? {
                continue;
            }
            match command {
                Command::Start { step, attempt } => self.start(&step, attempt, &mut round)?,
                Command::Decide { step } => self.decide(&step, &mut round)?,
                Command::Ask { step } => self.ask(&step, &mut round)?,
                Command::Lapse { step } => self.lapse(&step, &mut round)?,
                Command::BeginRollout { step, attempt } => {
                    self.begin_rollout(&step, attempt, &mut round)?;
                }
                Command::AbortRollout { step, attempt, reason } => {
                    self.abort_rollout(&step, attempt, &reason.to_string(), &mut round)?;
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
                Command::RunHandler { event } => self.handle(event, &mut round),
            }
        }
        if round.events.is_empty() { Ok(()) } else { self.commit(round) }
    }

    pub(crate) fn key(&self, step: &Name, attempt: u32) -> AttemptKey {
        AttemptKey { run: self.run.id.clone(), step: step.clone(), attempt }
    }

    /// Makes a round durable, then lets its effects out.
    pub(crate) fn commit(&mut self, round: Round) -> Result<(), EngineError> {
        let (mut next, mut events) = (self.state.clone(), round.events);
        for event in &events {
            next.apply(event)?;
        }
        // The run ends with its last step: nobody finds a promotion whose run is still under way.
        let at = self.wall();
        if let [Command::End { status }] = next.due(at).as_slice() {
            let ended = Event::RunEnded { status: *status, at };
            next.apply(&ended)?;
            events.push(ended);
        }
        let effective_at = self.rim.world.now();
        let commit = Commit {
            run: self.run.id.clone(),
            after_seq: self.seq,
            recorded_at: at,
            effective_at,
            events,
            changes: round.changes,
            status: next.status(),
        };
        self.rim.store.commit(&commit)?;
        self.state = next;
        self.effective = effective_at;
        for (step, action) in &round.actions {
            self.rim.observer.acted(step, action);
        }
        for event in &commit.events {
            self.seq += 1;
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

    /// How long there is nothing to do: until the next timer, or a moment.
    pub(crate) fn rest(&self) -> Duration {
        let now = self.wall();
        let longest = self.rim.clock.patience();
        let timer = self.state.next_timer().map_or(longest, |at| at.since(now));
        timer.min(longest).max(Duration::ZERO)
    }
}
