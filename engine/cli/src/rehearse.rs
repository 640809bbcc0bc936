//! `suho rehearse` and `suho retry`: carrying a run to its end in the built-in environment
//! `rehearsal`.

use crate::args::{Output, Rehearse, Retry, Target};
use crate::compile::{Compiled, checked};
use crate::failure::Failure;
use crate::forecasting::{foresee, to_the_minute};
use crate::keeping::{self, artifacts};
use crate::page;
use crate::project::{Project, reason};
use crate::refusal;
use crate::replay;
use crate::running;
use crate::terminal::{Terminal, err, out};
use crate::texts::NO;
use crate::watching::Watcher;
use crate::world::{Origins, Processes, WallClock, wall};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use suho_domain::{Fault, Instant, Name, RunStatus, fault};
use suho_driver::ports::{NewRun, PlanText, RunRow, StoreError};
use suho_driver::world::Clock as _;
use suho_driver::{CachePolicy, Candidate, EngineError, Rim, Setting};
use suho_forecast::{Answered, Force, Forecast};
use suho_plan::Plan;
use suho_store::{Access, SqliteStore};

/// The built-in environment.
pub(crate) const REHEARSAL: &str = "rehearsal";
/// What a shell expects of a process that Ctrl-C ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// Runs the whole pipeline now; its rollout is replayed on the held-back bars.
pub(crate) fn rehearse(args: &Rehearse, terminal: Terminal) -> Result<u8, Failure> {
    let at = to_the_minute(wall());
    let found = checked(&args.target, terminal)?;
    let kept_in = keeping::declared(&found.project, &found.checked.program, REHEARSAL);
    carry_out(found.compiled(at)?, kept_in.as_deref(), at, args, terminal)
}

/// Runs `compiled`, planned at `at`, from its beginning to its end, as `args` ask for it. What is
/// made is kept at `kept_in` where rehearsals are not to keep it in the project.
pub(crate) fn carry_out(
    compiled: Compiled,
    kept_in: Option<&str>,
    at: Instant,
    args: &Rehearse,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let state = compiled.project.state(REHEARSAL);
    if args.fresh {
        wipe(&state)?;
    }
    keeping::settle_in(&state, kept_in, REHEARSAL)?;
    let store = RefCell::new(open(&state)?);
    let force = if args.force { Force::Yes } else { Force::No };
    let artifacts = artifacts(&state);
    let foresee =
        |store, at| foresee(&compiled, Some(store), REHEARSAL, at, force, Some(&artifacts));
    let mut forecast = foresee(&store, at)?;
    verify_baseline(&forecast, &state, &store)?;
    if let Some(nothing) = &forecast.nothing {
        out(&format!("nothing to do: {}\n", nothing.reason));
        return Ok(if nothing.answer == Answered::Yes { 0 } else { NO });
    }
    let run = find_or_begin(&compiled.plan, at, args.new, &store)?;
    // A run that is taken up again sees the data of its own time.
    if run.as_of != at && forecast.data.is_some() {
        forecast = foresee(&store, run.as_of)?;
    }
    drop(store);
    let is_fresh = args.force || args.no_cache;
    let cache = if is_fresh { CachePolicy::Renew } else { CachePolicy::Use };
    let session = Session { compiled, state, forecast, cache, terminal };
    session.finish(&run, args.output)
}

/// Carries out a saved plan, of `at`, as [`carry_out`].
pub(crate) fn apply(
    compiled: Compiled,
    kept_in: Option<&str>,
    at: Instant,
    output: Output,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let target = Target { pipeline: compiled.plan.pipeline.to_string(), param: Vec::new() };
    let (fresh, new, force, no_cache) = (false, false, false, false);
    let args = Rehearse { target, fresh, new, force, no_cache, output };
    carry_out(compiled, kept_in, at, &args, terminal)
}

/// Takes a run up again: an unfinished one where it stands, one that failed or was cancelled from
/// what did not succeed, or from the step that is named.
pub(crate) fn retry(args: &Retry, terminal: Terminal) -> Result<u8, Failure> {
    if let Some(code) = running::retry(args, terminal)? {
        return Ok(code);
    }
    let here = args.place.project.clone().unwrap_or_else(|| PathBuf::from("."));
    let project = Project::of(&here)?;
    let state = project.state(REHEARSAL);
    if !state.join("suho.db").exists() {
        return Err(Failure::user("no-state", "there is no run to take up again")
            .help("`suho rehearse PIPELINE` begins one"));
    }
    let mut store = open(&state)?;
    let run = store.find_run(&args.run).map_err(|error| refusal::failure(&error))?;
    let from = args.from.as_deref().map(step).transpose()?;
    if run.status == RunStatus::Succeeded && from.is_none() {
        out(&format!("{} #{} succeeded; nothing to do\n", run.pipeline, run.number));
        return Ok(0);
    }
    if run.status.is_terminal() || run.status == RunStatus::Unknown || from.is_some() {
        suho_driver::reopen_from(&mut store, &run.id, from.as_ref(), wall())
            .map_err(|error| engine_failure(&error))?;
    }
    let session = Session::of(project, state, store, &run, terminal)?;
    session.finish(&run, args.output)
}

/// The step called `name`.
pub(crate) fn step(name: &str) -> Result<Name, Failure> {
    Name::new(name).map_err(|error| Failure::from_error(Fault::User, "unknown-step", &error))
}

/// Carries a run to its end whose engine is dead, when its state is free; answers whether it was.
/// What was asked of the run meanwhile is heard first.
pub(crate) fn settle(
    project: Project,
    state: &Path,
    run: &RunRow,
    terminal: Terminal,
) -> Result<Option<RunStatus>, Failure> {
    let store = match SqliteStore::open(state, Access::Engine) {
        Ok(store) => store,
        Err(StoreError::Locked { .. }) => return Ok(None),
        Err(error) => return Err(refusal::failure(&error)),
    };
    let session = Session::of(project, state.to_path_buf(), store, run, terminal)?;
    session.carry(run, Terminal { is_quiet: true, ..terminal }, false).map(Some)
}

pub(crate) fn open(state: &Path) -> Result<SqliteStore, Failure> {
    SqliteStore::open(state, Access::Engine).map_err(|error| refusal::failure(&error))
}

/// The state of `environment`, opened by the one engine that works on it.
pub(crate) fn lead(state: &Path, environment: &str) -> Result<SqliteStore, Failure> {
    let store = open(state)?;
    let refused = |error| refusal::failure(&error);
    let holder = format!("`suho`, process {}", std::process::id());
    if store.lead(environment, &holder).map_err(refused)?.is_some() {
        return Ok(store);
    }
    let leader = store.leader(environment).map_err(refused)?;
    let leader = leader.unwrap_or_else(|| "another engine".to_owned());
    let message = format!("{leader} leads `{environment}` in `{}`", store.called());
    Err(Failure::world("led", message).help("give the run to the daemon that leads, or end it"))
}

/// Forgets every earlier rehearsal. Only what suho made is removed.
fn wipe(state: &Path) -> Result<(), Failure> {
    if !state.exists() {
        return Ok(());
    }
    // Whoever holds the lock is at work in there.
    keeping::forget(state, &open(state)?)?;
    std::fs::remove_dir_all(state).map_err(|error| {
        let message = format!("cannot remove `{}`: {}", state.display(), reason(&error));
        Failure::world("unwritable", message)
    })
}

/// The model that serves is what a candidate would be compared with, and what a rollback would
/// restore: it must be what was sealed, before anything is built on it.
fn verify_baseline(
    forecast: &Forecast,
    state: &Path,
    store: &RefCell<SqliteStore>,
) -> Result<(), Failure> {
    use suho_driver::ports::Store as _;
    let Some(model) = &forecast.model else { return Ok(()) };
    let facts = store.borrow_mut().slot(&model.slot).map_err(|error| refusal::failure(&error))?;
    let Some(row) = facts.production else { return Ok(()) };
    replay::load(&artifacts(state), &row).map(drop).map_err(|error| refusal::of_world(&error))
}

/// The unfinished run of the same plan, or a new one.
fn find_or_begin(
    plan: &Plan,
    at: Instant,
    is_new: bool,
    store: &RefCell<SqliteStore>,
) -> Result<RunRow, Failure> {
    let mut store = store.borrow_mut();
    let unfinished = store.unfinished(REHEARSAL, &plan.pipeline, &plan.digest);
    match unfinished.map_err(|error| refusal::failure(&error))? {
        Some(run) if !is_new => Ok(run),
        _ => begin(plan, at, &mut store),
    }
}

fn begin(plan: &Plan, as_of: Instant, store: &mut SqliteStore) -> Result<RunRow, Failure> {
    use suho_driver::ports::Store as _;
    let text =
        PlanText::of(plan).map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))?;
    let run = NewRun {
        pipeline: plan.pipeline.clone(),
        environment: REHEARSAL.to_owned(),
        plan_digest: plan.digest.clone(),
        plan: text,
        as_of,
        created_at: wall(),
        created_by: actor(),
    };
    store.create_run(&run).map_err(|error| refusal::failure(&error))
}

/// Who runs it, as the system says.
pub(crate) fn actor() -> String {
    #[expect(clippy::disallowed_methods, reason = "the command line is where it is read")]
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    user.unwrap_or_else(|_| "terminal".to_owned())
}

/// Everything a run is carried out with.
struct Session {
    compiled: Compiled,
    state: PathBuf,
    forecast: Forecast,
    cache: CachePolicy,
    terminal: Terminal,
}

impl Session {
    /// To carry on `run`, by the plan it was begun with.
    fn of(
        project: Project,
        state: PathBuf,
        store: SqliteStore,
        run: &RunRow,
        terminal: Terminal,
    ) -> Result<Self, Failure> {
        let plan =
            run.plan.read().map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))?;
        let compiled = Compiled { project, plan };
        // The store is let go of with the answer: carrying the run opens it anew.
        let store = RefCell::new(store);
        let artifacts = artifacts(&state);
        let forecast =
            foresee(&compiled, Some(&store), REHEARSAL, run.as_of, Force::Yes, Some(&artifacts))?;
        Ok(Self { compiled, state, forecast, cache: CachePolicy::Use, terminal })
    }

    /// Carries the run to its end and shows its page.
    fn finish(&self, run: &RunRow, output: Output) -> Result<u8, Failure> {
        let status = self.carry(run, self.terminal, output.notation().is_some())?;
        let report = page::report(&self.compiled.project, &self.state, &run.id)?;
        out(&report.written(output));
        Ok(report.exit(exit_code(status)))
    }

    fn carry(&self, run: &RunRow, terminal: Terminal, as_json: bool) -> Result<RunStatus, Failure> {
        use suho_driver::ports::Store as _;
        let setting = self.setting();
        let store = lead(&self.state, REHEARSAL)?;
        let mut clock = WallClock::new()?;
        let mut executor = Processes::at(&self.state.join("runs"), &store, clock.bell())?;
        let mut store = &store;
        let (_, log) = store.load(&run.id).map_err(|error| refusal::failure(&error))?;
        let stands_at = log.last().map(|logged| logged.effective_at);
        let starts_at = stands_at.or(setting.until).unwrap_or(run.as_of);
        let Compiled { project, plan } = &self.compiled;
        let candidate = Candidate::of(plan, &setting.feature_version)
            .map_err(|error| Failure::from_error(error.fault(), "candidate", &error))?;
        let kept_in = Some(setting.artifacts.as_str());
        let origins = Origins::of(project, plan, candidate.as_ref(), run.as_of, kept_in)?;
        let mut world = replay::world(plan, &setting, &origins, starts_at)?;
        let mut watcher = Watcher::new(plan, run, terminal, as_json);
        let rim = Rim {
            store: &mut store,
            executor: &mut executor,
            world: &mut *world,
            clock: &mut clock,
            observer: &mut watcher,
            sources: &origins,
        };
        let carried = suho_driver::carry_out(rim, setting, &run.id);
        watcher.finish();
        carried.map_err(|error| stopped(&error, run))
    }

    fn setting(&self) -> Setting {
        Setting {
            project: self.compiled.project.root().to_path_buf(),
            artifacts: artifacts(&self.state),
            code: suho_steps::code_digest(),
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            feature_version: suho_steps::FEATURE_VERSION.to_owned(),
            actor: actor(),
            cache: self.cache,
            until: self.forecast.data.as_ref().and_then(|data| data.until),
        }
    }
}

/// The engine could not go on; what was done stays done.
pub(crate) fn stopped(error: &EngineError, run: &RunRow) -> Failure {
    let run = run.id.short();
    err(&format!("the run stays as it is; `suho retry {run}` takes it up again\n"));
    engine_failure(error).at(format!("run {run}"))
}

pub(crate) fn engine_failure(error: &EngineError) -> Failure {
    match error {
        EngineError::Store(error) => refusal::failure(error),
        EngineError::World(error) => refusal::of_world(error),
        EngineError::NotAgain { .. } => Failure::from_error(error.fault(), "not-again", error),
        EngineError::Own(own) => {
            Failure::from_error(error.fault(), "own-step", own).at(own.place.clone())
        }
        EngineError::Version(version) => {
            Failure::from_error(error.fault(), version.code(), version).help(version.help())
        }
        error => Failure::new(error.fault(), "engine", fault::chain(error)),
    }
}

/// What the end of a run means to a shell; a failure's own class decides in [`page::Report::exit`].
pub(crate) fn exit_code(status: RunStatus) -> u8 {
    match status {
        RunStatus::Succeeded => 0,
        RunStatus::Rejected | RunStatus::RolledBack | RunStatus::Inconclusive => NO,
        RunStatus::Cancelled => INTERRUPTED,
        _ => Fault::World.exit_code(),
    }
}
