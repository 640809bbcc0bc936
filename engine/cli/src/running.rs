//! `suho run`, and `suho retry` of such a run: by the daemon where one works on the project, else
//! here, on the same state in the same way.

use crate::args::{Output, Retry, Run};
use crate::cells;
use crate::compile::{Called, Compiled, Found, checked};
use crate::failure::Failure;
use crate::page::{self, Report};
use crate::project::Project;
use crate::refusal;
use crate::rehearse::{actor, engine_failure, exit_code, lead, stopped};
use crate::remote;
use crate::terminal::{Terminal, err, out};
use crate::watching::Watcher;
use crate::workplace::{Bench, Origin};
use crate::world::{WallClock, wall};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration as StdDuration;
use suho_check::Program;
use suho_daemon::{Place, Refusal, WallTime, World, plan_in, world_of};
use suho_domain::{Fault, Instant, RunId, RunStatus};
use suho_driver::CachePolicy;
use suho_driver::ports::{NewRun, PlanText, RunRow, Store as _};
use suho_driver::world::{Clock as _, Observer as _};
use suho_plan::{Binding, Plan};
use suho_store::{Access, SqliteStore};

/// The environment where nothing is said: this machine, by its clock.
pub(crate) const ENVIRONMENT: &str = "default";
/// How long to wait before looking whether a run went on.
pub(crate) const LOOK_AGAIN: StdDuration = StdDuration::from_millis(100);

/// `suho run PIPELINE`, or of every cell of a matrix.
pub(crate) fn run(args: &Run, terminal: Terminal) -> Result<u8, Failure> {
    let found = checked(&args.target, terminal)?;
    let state = crate::registry::settle(&found.project, &found.checked.program, &args.env)?;
    let calls = found.calls()?;
    if let Some(place) = remote::find(&state) {
        admit(args, &place)?;
        return match calls.as_slice() {
            [only] => {
                let name = only.cell.as_deref().unwrap_or(only.pipeline);
                let given = give(&place, name, &found, &state)?;
                follow(args, &found.project, &state, &given, terminal)
            }
            calls => cells::given(args, &place, &found, calls, terminal),
        };
    }
    let local = Local {
        state: &state,
        environment: &args.env,
        world: world_in(&found.checked.program, &args.env)?,
    };
    let [only] = calls.as_slice() else {
        return cells::here(args, &found, &calls, &local, terminal);
    };
    let plan = local.plan(&found, only)?;
    let (report, code) = local.carry(args, &found, &plan, terminal)?;
    out(&report.written(args.output));
    Ok(code)
}

/// Runs that this process carries out.
pub(crate) struct Local<'a> {
    state: &'a Path,
    environment: &'a str,
    world: World,
}

impl Local<'_> {
    /// The plan of a run that is asked for.
    pub(crate) fn plan(&self, found: &Found, called: &Called<'_>) -> Result<Plan, Failure> {
        let (environment, call) = (Some(self.environment), called.call.as_ref());
        let binding = Binding { environment, call, ..found.binding(wall()) };
        let plan = plan_in(&found.checked.program, called.pipeline, &binding, self.world);
        plan.map_err(unplanned)
    }

    /// Carries `plan` out: its page, and the exit code.
    pub(crate) fn carry(
        &self,
        args: &Run,
        found: &Found,
        plan: &Plan,
        terminal: Terminal,
    ) -> Result<(Report, u8), Failure> {
        let store = lead(self.state, self.environment)?;
        let row = find_or_begin(&args.env, args.new, plan, wall(), &store)?;
        let cache = if args.no_cache { CachePolicy::Renew } else { CachePolicy::Use };
        let bench = bench(found.project.clone(), self.state, cache);
        carry(&bench, store, plan, &row, args.output, terminal)
    }
}

fn bench(project: Project, state: &Path, cache: CachePolicy) -> Bench {
    let (state, time) = (state.to_path_buf(), Arc::new(WallTime));
    Bench { project, state, time, cache, text: Origin::Folder, traces: None }
}

/// Carries out a saved plan of `environment`, as `program` declares it, planned at `at`.
pub(crate) fn apply(
    compiled: Compiled,
    program: &Program,
    environment: &str,
    at: Instant,
    output: Output,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let Compiled { project, plan } = compiled;
    let state = crate::registry::settle(&project, program, environment)?;
    if remote::find(&state).is_some() {
        let message = "a daemon works on this project, and plans by itself what it carries out";
        return Err(Failure::user("daemon-plans", message)
            .help("`suho run PIPELINE` gives it the run, or end the daemon first"));
    }
    let store = lead(&state, environment)?;
    let row = find_or_begin(environment, false, &plan, at, &store)?;
    let bench = bench(project, &state, CachePolicy::Use);
    let (report, code) = carry(&bench, store, &plan, &row, output, terminal)?;
    out(&report.written(output));
    Ok(code)
}

/// `suho retry RUN` of a run that is not a rehearsal's; `None` when it is one's, or nowhere.
pub(crate) fn retry(args: &Retry, terminal: Terminal) -> Result<Option<u8>, Failure> {
    let here = args.place.project.clone().unwrap_or_else(|| PathBuf::from("."));
    let project = Project::of(&here)?;
    let Some((state, row)) = newest_meant(&project, &args.run) else { return Ok(None) };
    if let Some(place) = remote::find(&state) {
        return taken_up(args, &place, &row, terminal).map(Some);
    }
    let from = args.from.as_deref().map(crate::rehearse::step).transpose()?;
    let store = lead(&state, &row.environment)?;
    if row.status == RunStatus::Succeeded && from.is_none() {
        out(&format!("{} #{} succeeded; nothing to do\n", row.pipeline, row.number));
        return Ok(Some(0));
    }
    store.release(&row.id).map_err(|error| refusal::failure(&error))?;
    if row.status.is_terminal() || row.status == RunStatus::Unknown || from.is_some() {
        suho_driver::reopen_from(&mut &store, &row.id, from.as_ref(), wall())
            .map_err(|error| engine_failure(&error))?;
    }
    let plan = read_plan(&row)?;
    let bench = bench(project, &state, CachePolicy::Use);
    let (report, code) = carry(&bench, store, &plan, &row, args.output, terminal)?;
    out(&report.written(args.output));
    Ok(Some(code))
}

/// Lets the daemon take `run` up again.
fn taken_up(args: &Retry, place: &Place, run: &RunRow, terminal: Terminal) -> Result<u8, Failure> {
    let from = args.from.as_ref().map_or_else(|| json!({}), |from| json!({ "from": from }));
    let answer = remote::ask(place, &format!("/v1/runs/{}/retry", run.id), &from, None)?;
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&answer));
    } else if run.status == RunStatus::Succeeded && args.from.is_none() {
        out(&format!("{} #{} succeeded; nothing to do\n", run.pipeline, run.number));
    } else if !terminal.is_quiet {
        out(&format!("{} is taken up by the daemon\n", called(run)));
    }
    Ok(0)
}

/// The run that `name` means and the folder of its state, if that is none that rehearsals have.
fn newest_meant(project: &Project, name: &str) -> Option<(PathBuf, RunRow)> {
    let look = |folder: PathBuf| {
        let store = SqliteStore::open(&folder, Access::Read).ok()?;
        store.find_run(name).ok().map(|run| (folder, run))
    };
    let states = [project.state(ENVIRONMENT)].into_iter().chain(project.states_elsewhere());
    let newest = states.filter_map(look).max_by_key(|(_, run)| run.created_at);
    let rehearsed = look(project.state(crate::rehearse::REHEARSAL));
    let begun = rehearsed.map(|(_, run)| run.created_at);
    newest.filter(|(_, run)| begun.is_none_or(|begun| begun <= run.created_at))
}

/// The world of `environment`; a failure where no text declares it.
pub(crate) fn world_in(program: &Program, environment: &str) -> Result<World, Failure> {
    match world_of(program, environment) {
        Some(world) => Ok(world),
        None if environment == ENVIRONMENT => Ok(World::Wall),
        None => {
            let message = format!("no `env` block declares `{environment}`");
            Err(Failure::user("unknown-environment", message)
                .help("`rehearsal` and `default` need no declaration"))
        }
    }
}

/// Why a text cannot be carried out, as a failure of the command.
pub(crate) fn unplanned(refusal: Refusal) -> Failure {
    let failure = Failure::new(refusal.fault, &refusal.code, refusal.message);
    refusal.help.into_iter().fold(failure, Failure::help)
}

/// The daemon at `place`, if it carries out `environment`.
pub(crate) fn of_environment(place: Place, environment: &str) -> Result<Place, Failure> {
    if place.environment == environment {
        return Ok(place);
    }
    let message =
        format!("the daemon here carries out `{}`, not `{environment}`", place.environment);
    Err(Failure::user("other-environment", message).help(format!("`--env {}`", place.environment)))
}

/// Refuses what the daemon at `place` does not do.
fn admit(args: &Run, place: &Place) -> Result<(), Failure> {
    of_environment(place.clone(), &args.env)?;
    if args.no_cache {
        return Err(Failure::user("no-cache", "the daemon takes earlier results where it can")
            .help("leave `--no-cache` out, or end the daemon first"));
    }
    Ok(())
}

/// A run that the daemon has taken.
pub(crate) struct Given {
    pub(crate) row: RunRow,
    pub(crate) answer: Json,
}

/// Gives the run of `name`, a pipeline or one cell of a matrix, to the daemon.
pub(crate) fn give(
    place: &Place,
    name: &str,
    found: &Found,
    state: &Path,
) -> Result<Given, Failure> {
    let arguments = found.arguments().iter();
    let params: serde_json::Map<String, Json> =
        arguments.map(|(name, text)| (name.clone(), json!(text))).collect();
    let body = json!({ "pipeline": name, "params": params, "by": actor() });
    // Asked again after an answer that got lost, the same run is answered.
    let key = format!("cli-{}-{}", std::process::id(), wall().micros());
    let answer = remote::ask(place, "/v1/runs", &body, Some(&key))
        .or_else(|_| remote::ask(place, "/v1/runs", &body, Some(&key)))?;
    let id = answer.pointer("/run/id").and_then(Json::as_str).unwrap_or_default();
    let id: RunId = id
        .parse()
        .map_err(|_| Failure::new(Fault::Bug, "daemon", "the daemon answered without a run"))?;
    let store = SqliteStore::open(state, Access::Read).map_err(|e| refusal::failure(&e))?;
    let (row, _) = (&store).load(&id).map_err(|error| refusal::failure(&error))?;
    Ok(Given { row, answer })
}

/// Says that the daemon has the run; waits for its end where that is asked for.
fn follow(
    args: &Run,
    project: &Project,
    state: &Path,
    given: &Given,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let Given { row, answer } = given;
    if args.wait || args.follow {
        let store = SqliteStore::open(state, Access::Read).map_err(|e| refusal::failure(&e))?;
        let (report, code) = await_end(args, project, state, &store, row, terminal)?;
        out(&report.written(args.output));
        return Ok(code);
    }
    if let Some(notation) = args.output.notation() {
        out(&notation.page(answer));
    } else if !terminal.is_quiet {
        let short = row.id.short();
        out(&format!("{} is the daemon's; `suho status {short}` shows it\n", called(row)));
    }
    Ok(0)
}

/// Waits until the daemon has carried `run` out: its page, and the exit code.
pub(crate) fn await_end(
    args: &Run,
    project: &Project,
    state: &Path,
    store: &SqliteStore,
    run: &RunRow,
    terminal: Terminal,
) -> Result<(Report, u8), Failure> {
    let plan = read_plan(run)?;
    let is_told = args.follow && args.output.notation().is_none();
    let mut watcher = is_told.then(|| Watcher::new(&plan, run, terminal, false));
    let mut told = 0;
    let clock = WallClock::new()?;
    let status = loop {
        let (row, log) = { store }.load(&run.id).map_err(|error| refusal::failure(&error))?;
        for logged in log.iter().skip(told) {
            told += 1;
            if let Some(watcher) = &mut watcher {
                watcher.event(&logged.event, logged.effective_at);
            }
        }
        if row.status.is_terminal() {
            break row.status;
        }
        let held = store.quarantined(&run.id).map_err(|error| refusal::failure(&error))?;
        if let Some(why) = held {
            return Err(Failure::world("quarantined", format!("the run cannot go on: {why}"))
                .at(called(run))
                .help(format!("mend that, then `suho retry {}`", run.id.short())));
        }
        if clock.is_interrupted() {
            let short = run.id.short();
            err(&format!("the daemon goes on with run {short}; `suho cancel {short}` ends it\n"));
            let report = page::report(project, state, &run.id)?;
            return Ok((report, exit_code(RunStatus::Cancelled)));
        }
        std::thread::sleep(LOOK_AGAIN);
    };
    if let Some(mut watcher) = watcher {
        watcher.ended(status);
    }
    let report = page::report(project, state, &run.id)?;
    let code = report.exit(exit_code(status));
    Ok((report, code))
}

/// The unfinished run of the same plan, or a new one.
fn find_or_begin(
    environment: &str,
    is_new: bool,
    plan: &Plan,
    as_of: Instant,
    store: &SqliteStore,
) -> Result<RunRow, Failure> {
    let refused = |error| refusal::failure(&error);
    let unfinished =
        store.unfinished(environment, &plan.pipeline, &plan.digest).map_err(refused)?;
    if let Some(run) = unfinished.filter(|_| !is_new) {
        return Ok(run);
    }
    let text =
        PlanText::of(plan).map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))?;
    let new = NewRun {
        pipeline: plan.pipeline.clone(),
        environment: environment.to_owned(),
        plan_digest: plan.digest.clone(),
        plan: text,
        as_of,
        created_at: wall(),
        created_by: actor(),
    };
    { store }.create_run(&new).map_err(refused)
}

/// Carries `run` out here: its page, and the exit code.
pub(crate) fn carry(
    bench: &Bench,
    store: SqliteStore,
    plan: &Plan,
    run: &RunRow,
    output: Output,
    terminal: Terminal,
) -> Result<(Report, u8), Failure> {
    let mut clock = WallClock::new()?;
    let mut watcher = Watcher::new(plan, run, terminal, output.notation().is_some());
    let carried = bench.carry_before(&store, run, &mut clock, &mut watcher);
    watcher.finish();
    let status = carried.map_err(|error| stopped(&error, run))?;
    drop(store);
    let report = page::report(&bench.project, &bench.state, &run.id)?;
    let code = report.exit(exit_code(status));
    Ok((report, code))
}

fn read_plan(run: &RunRow) -> Result<Plan, Failure> {
    run.plan.read().map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))
}

fn called(run: &RunRow) -> String {
    format!("{} #{} (run {})", run.pipeline, run.number, run.id.short())
}
