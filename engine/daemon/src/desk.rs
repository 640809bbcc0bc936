//! What people and programs ask of a daemon while it works: from many threads, each answer durable
//! before it is given.

use crate::apply::{self, Summary, changes, digest_of, happen};
use crate::backfill::{Backfill, BackfillError, Wish, prepare};
use crate::clock::Time;
use crate::daemon::Wake;
use crate::desired::{Refusal, World, desired, plan_in, world_of};
use crate::error::DaemonError;
use crate::retraining::RetrainingError;
use crate::rollback::RollbackError;
use crate::workplace::{Text, Workplace};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, PoisonError, RwLock};
use suho_check::Program;
use suho_domain::{Digest, Instant, Name, RunStatus};
use suho_driver::ports::{NewRun, RunRow, StoreError};
use suho_driver::{AnswerError, EngineError};
use suho_plan::{Binding, Expr};
use suho_scheduler::ScheduleEvent;
use suho_store::{
    NewApplication, ScheduleChange, ScheduleRow, SqliteStore, Submission, SubmissionKey,
};

/// How often a change of a schedule that somebody else moved on is tried again.
const TRIES_MAX: usize = 8;

/// A pipeline, and what a cell gives it.
type Call = (Name, BTreeMap<Name, Expr>);

/// The text in force.
pub(crate) struct Live {
    pub(crate) program: Program,
    pub(crate) world: World,
    digest: Digest,
}

/// Where requests are taken.
pub(crate) struct Desk {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) workplace: Arc<dyn Workplace>,
    pub(crate) time: Arc<dyn Time>,
    pub(crate) environment: String,
    /// The state folder.
    pub(crate) folder: PathBuf,
    pub(crate) wake: Sender<Wake>,
    pub(crate) live: RwLock<Option<Arc<Live>>>,
}

/// The pipeline of the one cell that `asked` names, `majors[symbol=EUR/USD]`, and what that gives it;
/// none where `asked` names no matrix.
fn cell(program: &Program, asked: &str) -> Result<Option<Call>, Refusal> {
    let (name, key) =
        asked.strip_suffix(']').and_then(|it| it.split_once('[')).unwrap_or((asked, ""));
    let Some(matrix) = program.matrices.get(name) else { return Ok(None) };
    let mut cells = suho_plan::cells(matrix).into_iter();
    if let Some((_, call)) = cells.find(|(each, _)| each == key) {
        return Ok(Some((matrix.run.pipeline.clone(), call)));
    }
    let message = format!("`{asked}` is no cell of the matrix `{name}`");
    let first = matrix.cells.first().map(|cell| cell.key.as_str()).unwrap_or_default();
    let help = format!("a run is of one cell, as `{name}[{first}]`");
    Err(Refusal::user("unknown-cell", message).help(help))
}

/// Why a request was not met.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeskError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Somebody's answer is not taken.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl From<BackfillError> for DeskError {
    fn from(error: BackfillError) -> Self {
        match error {
            BackfillError::Refused(refusal) => refusal.into(),
            BackfillError::Store(error) => error.into(),
        }
    }
}

impl From<RollbackError> for DeskError {
    fn from(error: RollbackError) -> Self {
        match error {
            RollbackError::Refused(refusal) => refusal.into(),
            RollbackError::Store(error) => error.into(),
        }
    }
}

impl From<RetrainingError> for DeskError {
    fn from(error: RetrainingError) -> Self {
        match error {
            RetrainingError::Refused(refusal) => refusal.into(),
            RetrainingError::Store(error) => error.into(),
        }
    }
}

/// How far a change is carried out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Depth {
    /// It is only shown.
    Preview,
    /// It is made.
    Full,
}

impl Desk {
    /// Somebody wrote to the store what the conductor has to look at.
    pub(crate) fn wake(&self, wake: Wake) {
        // The conductor is gone only when the daemon is.
        drop(self.wake.send(wake));
    }

    pub(crate) fn live(&self) -> Option<Arc<Live>> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in the text as it stands at its source. A broken one changes nothing but for an alarm.
    pub(crate) fn reload(&self, by: &str) -> Result<Summary, DaemonError> {
        let text = self.workplace.read()?;
        match self.apply(&text, by) {
            Err(DaemonError::Text(refusal)) => {
                let message = format!("the pipelines in force stay: {}", refusal.message);
                let now = self.time.now();
                self.store.alarm("critical", "broken-pipelines", message.trim_end(), now)?;
                Err(DaemonError::Text(refusal))
            }
            applied => applied,
        }
    }

    /// Goes on with the text that came into force last, if one ever did.
    pub(crate) fn resume(&self) -> Result<bool, DaemonError> {
        let Some(last) = self.store.application(&self.environment)? else { return Ok(false) };
        let program = self.workplace.compile(&last.files)?;
        let world = self.world(&program)?;
        self.put_into_force(Live { program, world, digest: last.digest });
        Ok(true)
    }

    fn apply(&self, text: &Text, by: &str) -> Result<Summary, DaemonError> {
        let digest = digest_of(&text.files);
        let program = self.workplace.compile(&text.files)?;
        let world = self.world(&program)?;
        let mut wanted = desired(&program, &self.environment, world)?;
        self.leave_damaged_alone(&mut wanted)?;
        self.leave_strange_branches_alone(&mut wanted);
        let pushes = std::mem::take(&mut wanted.pushes);
        let is_known = self.live().is_some_and(|live| live.digest == digest);
        let mut tries = 0;
        loop {
            let at = self.time.now();
            let rows = self.store.schedules(&self.environment)?;
            let (schedules, summary) = changes(&rows, &wanted, at)?;
            if schedules.is_empty() && (is_known || self.stands(&digest)?) {
                self.put_into_force(Live { program, world, digest });
                self.answer_push(text, &pushes)?;
                return Ok(summary);
            }
            let new = NewApplication {
                environment: self.environment.clone(),
                digest: digest.clone(),
                origin: text.origin.clone(),
                revision: text.revision.clone(),
                files: text.files.clone(),
                by: by.to_owned(),
                at,
                schedules,
            };
            tries += 1;
            match self.store.apply(&new) {
                Err(StoreError::Conflict { .. }) if tries < TRIES_MAX => {}
                applied => {
                    applied?;
                    self.put_into_force(Live { program, world, digest });
                    self.answer_push(text, &pushes)?;
                    return Ok(summary);
                }
            }
        }
    }

    /// Whether the text with `digest` came into force last.
    fn stands(&self, digest: &Digest) -> Result<bool, StoreError> {
        let last = self.store.application(&self.environment)?;
        Ok(last.is_some_and(|last| last.digest == *digest))
    }

    fn world(&self, program: &Program) -> Result<World, Refusal> {
        // Without any `env` block everything works on this machine, by its clock.
        if program.environments.is_empty() && self.environment != "rehearsal" {
            return Ok(World::Wall);
        }
        world_of(program, &self.environment).ok_or_else(|| {
            let known: Vec<_> =
                program.environments.keys().map(|name| format!("`{name}`")).collect();
            let message = format!("no `env` block declares `{}`", self.environment);
            Refusal::user("unknown-environment", message)
                .help(format!("there is `rehearsal`, {}", known.join(", ")))
        })
    }

    fn put_into_force(&self, live: Live) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(live));
    }

    /// The text in force; a refusal where none is.
    pub(crate) fn in_force(&self) -> Result<Arc<Live>, Refusal> {
        self.live().ok_or_else(|| {
            Refusal::user("no-pipelines", "no pipelines are in force")
                .help("mend the text; `GET /v1/alarms` says what is wrong with it")
        })
    }

    /// Begins a run for every slot of `wish` that has none, each once whoever asks; with
    /// [`Depth::Preview`] only says what would begin.
    pub(crate) fn backfill(&self, wish: &Wish<'_>, depth: Depth) -> Result<Backfill, DeskError> {
        let live = self.in_force()?;
        let (environment, now) = (self.environment.as_str(), self.time.now());
        let mut prepared = prepare(Some(&self.store), environment, &live.program, wish, now)?;
        for place in 0..prepared.preview.slots.len() {
            if depth == Depth::Preview {
                break;
            }
            let Some((key, new)) = prepared.order(place, now)? else { continue };
            match self.store.submit(Some(&key), &new)? {
                Submission::New(run) | Submission::Known(run) => prepared.begun(place, &run),
                // Keys of slots are ours; somebody used this one for a run of another kind.
                Submission::Other(_) => {}
            }
        }
        self.wake(Wake::Asked);
        Ok(prepared.preview)
    }

    /// Creates a run of `pipeline`, once a key.
    pub(crate) fn submit(
        &self,
        pipeline: &str,
        arguments: &BTreeMap<String, String>,
        key: Option<&str>,
        by: &str,
    ) -> Result<Submission, DeskError> {
        let live = self.in_force()?;
        let arguments: Vec<_> = arguments.clone().into_iter().collect();
        let (environment, now) = (&self.environment, self.time.now());
        let cell = cell(&live.program, pipeline)?;
        let (named, call) = match &cell {
            Some((pipeline, call)) => (pipeline.as_str(), Some(call)),
            None => (pipeline, None),
        };
        let (environment, start) = (Some(environment.as_str()), Some(now));
        let binding = Binding { environment, start, call, ..Binding::of(&arguments) };
        let plan = plan_in(&live.program, named, &binding, live.world)?;
        let body = Digest::of_json(&json!({ "pipeline": pipeline, "params": arguments }));
        let key = key.map(|key| SubmissionKey { key: key.to_owned(), body });
        let new = NewRun {
            pipeline: plan.pipeline.clone(),
            environment: self.environment.clone(),
            plan_digest: plan.digest.clone(),
            plan: apply::plan(&plan),
            as_of: now,
            created_at: now,
            created_by: by.to_owned(),
        };
        let submission = self.store.submit(key.as_ref(), &new)?;
        self.wake(Wake::Asked);
        Ok(submission)
    }

    /// Asks `run` to end; answers whether there was anything to end.
    pub(crate) fn cancel(&self, run: &RunRow, by: &str, why: &str) -> Result<bool, DeskError> {
        use suho_driver::ports::Store as _;
        if run.status.is_terminal() {
            return Ok(false);
        }
        let open = (&*self.store).requests(&run.id)?;
        if !open.iter().any(|request| request.kind == "cancel") {
            self.store.request(&run.id, "cancel", by, why, self.time.now())?;
        }
        self.wake(Wake::Told(run.id.clone()));
        Ok(true)
    }

    /// Takes `run` up again: out of quarantine, from what did not succeed, or from the step `from`
    /// with all that follows it. Answers whether there was anything to do.
    pub(crate) fn retry(&self, run: &RunRow, from: Option<&Name>) -> Result<bool, DeskError> {
        let was_held = self.store.quarantined(&run.id)?.is_some();
        if was_held {
            self.store.release(&run.id)?;
        }
        if run.status == RunStatus::Succeeded && from.is_none() {
            return Ok(was_held);
        }
        if run.status.is_terminal() || run.status == RunStatus::Unknown || from.is_some() {
            suho_driver::reopen_from(&mut &*self.store, &run.id, from, self.time.now())?;
        }
        self.wake(Wake::Retried(run.id.clone()));
        Ok(true)
    }

    /// The schedule called `name` of `pipeline`.
    pub(crate) fn schedule(&self, pipeline: &str, name: &str) -> Result<ScheduleRow, DeskError> {
        Ok(find_schedule(&self.store, &self.environment, pipeline, name)?)
    }

    /// Makes `event` happen to a schedule, whatever the conductor does to it meanwhile. An event
    /// that changes nothing, a second pause, is no mistake.
    pub(crate) fn happen(
        &self,
        pipeline: &str,
        name: &str,
        event: &dyn Fn(Instant) -> ScheduleEvent,
    ) -> Result<ScheduleRow, DeskError> {
        let at = self.time.now();
        happen_to(&self.store, &self.environment, (pipeline, name), &event(at), at)?;
        self.wake(Wake::Scheduled);
        self.schedule(pipeline, name)
    }
}

/// Makes `event` happen at `at` to the schedule of a pipeline and a name, whatever somebody else
/// does to it meanwhile. `false` when it changes nothing: a second pause.
///
/// # Errors
/// When there is no such schedule, or the store refuses.
pub fn happen_to(
    store: &SqliteStore,
    environment: &str,
    (pipeline, name): (&str, &str),
    event: &ScheduleEvent,
    at: Instant,
) -> Result<bool, StoreError> {
    for _ in 0..TRIES_MAX {
        let row = find_schedule(store, environment, pipeline, name)?;
        let mut change = ScheduleChange::of(&row);
        if happen(&mut change, event.clone()).is_err() {
            return Ok(false);
        }
        match store.move_schedule(&change, environment, at) {
            Err(StoreError::Conflict { .. }) => {}
            moved => return moved.map(|_| true),
        }
    }
    let doing = format!("change the schedule `{pipeline}/{name}`");
    let source = "somebody else changes it all the time".into();
    Err(StoreError::Refused { doing, source })
}

fn find_schedule(
    store: &SqliteStore,
    environment: &str,
    pipeline: &str,
    name: &str,
) -> Result<ScheduleRow, StoreError> {
    let found = store.schedules(environment)?.into_iter().find(|row| {
        let key = row.schedule.key();
        key.pipeline.as_str() == pipeline && key.schedule.as_str() == name
    });
    found.ok_or_else(|| StoreError::Missing(format!("schedule `{pipeline}/{name}`")))
}
