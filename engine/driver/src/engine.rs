//! Carrying a run out: what it is carried out with, and one run under way.
//!
//! One [round](crate::round) is one transaction. What leaves the engine (a process started, traffic moved) leaves
//! after the commit that says so, and is safe to repeat: a crash between the two repeats it.

use crate::candidate::{Candidate, CandidateError};
use crate::executor::{Executor, ExecutorError, Stop};
use crate::models;
use crate::own::{self, OwnError};
use crate::ports::{Commit, LoggedEvent, RunRow, Store, StoreError};
use crate::rollouts::Active;
use crate::round::Made;
use crate::spec;
use crate::turn::Turn;
use crate::version::VersionError;
use crate::world::{Clock, Observer, Sources, World, WorldError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use suho_domain::{AttemptKey, Digest, Fault, Instant, Name, RunId, RunStatus};
use suho_plan::{Node, Plan};
use suho_scheduler::{Event, IllegalEvent, Run};

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
    /// The candidate cannot have the version it asks for.
    #[error(transparent)]
    Version(#[from] VersionError),
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
            Self::Version(error) => error.fault(),
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
    let plan = row.plan.read().map_err(|source| EngineError::Plan { run: run.clone(), source })?;
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
    pub(crate) plan: Arc<Plan>,
    pub(crate) candidate: Option<Candidate>,
    pub(crate) state: Run,
    /// The places of the plan's nodes by their names.
    pub(crate) places: BTreeMap<Name, usize>,
    /// What the steps have made, by the state.
    pub(crate) made: Made,
    /// The last event's number in the log.
    pub(crate) seq: u64,
    /// The environment's clock at the last commit.
    pub(crate) effective: Instant,
    pub(crate) rollout: Option<Active>,
    /// Attempts that have been asked to end: those that do not are ended.
    pub(crate) asked: BTreeSet<AttemptKey>,
    /// When everything was looked at last.
    pub(crate) looked: Option<Instant>,
    /// How many events this engine has seen happen, and how often it has committed.
    pub(crate) happened: u64,
    pub(crate) commits: u64,
}

impl<'a> Engine<'a> {
    pub(crate) fn load(rim: Rim<'a>, setting: Setting, run: &RunId) -> Result<Self, EngineError> {
        let (mut row, log) = rim.store.load(run)?;
        // A plan is the larger part of a run, and is kept once.
        let plan = std::mem::take(&mut row.plan)
            .read()
            .map_err(|source| EngineError::Plan { run: run.clone(), source })?;
        let candidate = Candidate::of(&plan, &setting.feature_version)?;
        own::admit(&plan)?;
        let spec = spec::of_plan(&plan, run).map_err(|e| EngineError::Bug(e.to_string()))?;
        let state = Run::replay(spec, log.iter().map(|logged| &logged.event))?;
        let seq = log.last().map_or(0, |logged| logged.seq);
        let places = plan.nodes.iter().map(|node| node.name.clone()).zip(0..).collect();
        let effective = log.last().map_or_else(|| rim.world.now(), |logged| logged.effective_at);
        let mut engine = Self {
            rim,
            setting,
            run: row,
            plan: Arc::new(plan),
            candidate,
            state,
            places,
            made: Made::default(),
            seq,
            effective,
            rollout: None,
            asked: BTreeSet::new(),
            looked: None,
            happened: 0,
            commits: 0,
        };
        for step in engine.plan.nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>() {
            engine.note(&step);
        }
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
    pub(crate) fn stop(&mut self, key: AttemptKey) -> Result<(), EngineError> {
        let how = if self.asked.contains(&key) { Stop::Force } else { Stop::Ask };
        self.rim.executor.stop(&key, how)?;
        self.asked.insert(key);
        Ok(())
    }

    pub(crate) fn node(&self, step: &Name) -> Result<&Node, EngineError> {
        self.node_of(&self.plan, step)
    }

    /// The same in `plan`, this run's own, that somebody holds while the engine changes.
    pub(crate) fn node_of<'p>(&self, plan: &'p Plan, step: &Name) -> Result<&'p Node, EngineError> {
        let node = self.places.get(step).and_then(|place| plan.nodes.get(*place));
        node.ok_or_else(|| EngineError::Bug(format!("the plan has no step `{step}`")))
    }

    pub(crate) fn wall(&self) -> Instant {
        self.rim.clock.wall()
    }
}
