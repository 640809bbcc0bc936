//! `suho run`, and `suho retry` of such a run: by the daemon where one works on the project, else
//! here, on the same state in the same way.

use crate::args::{Output, Retry, Run};
use crate::compile::checked;
use crate::failure::Failure;
use crate::page;
use crate::project::Project;
use crate::refusal;
use crate::rehearse::{actor, engine_failure, exit_code, lead, stopped};
use crate::remote;
use crate::terminal::{Terminal, out};
use crate::watching::Watcher;
use crate::workplace::{Bench, Origin};
use crate::world::{WallClock, wall};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration as StdDuration;
use suho_daemon::{Place, WallTime, World, plan_in, world_of};
use suho_domain::{Fault, RunId, RunStatus};
use suho_driver::CachePolicy;
use suho_driver::ports::{NewRun, RunRow, Store as _};
use suho_driver::world::Observer as _;
use suho_plan::{Binding, Plan};
use suho_store::{Access, SqliteStore};

/// The environment where nothing is said: this machine, by its clock.
pub(crate) const ENVIRONMENT: &str = "default";
/// How long to wait before looking whether a run went on.
const LOOK_AGAIN: StdDuration = StdDuration::from_millis(100);

/// `suho run PIPELINE`.
pub(crate) fn run(args: &Run, terminal: Terminal) -> Result<u8, Failure> {
    let found = checked(&args.target, terminal)?;
    let state = crate::registry::settle(&found.project, &found.checked.program, &args.env)?;
    if let Some(place) = remote::find(&state) {
        return give(args, &place, &found.pipeline, found.arguments(), &found.project, terminal);
    }
    let program = &found.checked.program;
    let world = match world_of(program, &args.env) {
        Some(world) => world,
        None if args.env == ENVIRONMENT => World::Wall,
        None => {
            let message = format!("no `env` block declares `{}`", args.env);
            return Err(Failure::user("unknown-environment", message)
                .help("`rehearsal` and `default` need no declaration"));
        }
    };
    let called = found.call()?;
    let binding = Binding {
        environment: Some(&args.env),
        call: called.call.as_ref(),
        ..found.binding(wall())
    };
    let plan = plan_in(program, called.pipeline, &binding, world);
    let plan = plan.map_err(|refusal| {
        let failure = Failure::new(refusal.fault, &refusal.code, refusal.message);
        refusal.help.into_iter().fold(failure, Failure::help)
    })?;
    let store = lead(&state, &args.env)?;
    let row = find_or_begin(args, &plan, &store)?;
    let cache = if args.no_cache { CachePolicy::Renew } else { CachePolicy::Use };
    let time = Arc::new(WallTime);
    let bench = Bench { project: found.project, state, time, cache, text: Origin::Folder };
    carry(&bench, store, &plan, &row, args.output, terminal)
}

/// `suho retry RUN` of a run that is not a rehearsal's; `None` when it is one's, or nowhere.
pub(crate) fn retry(args: &Retry, terminal: Terminal) -> Result<Option<u8>, Failure> {
    let here = args.place.project.clone().unwrap_or_else(|| PathBuf::from("."));
    let project = Project::of(&here)?;
    let Some((state, row)) = newest_meant(&project, &args.run) else { return Ok(None) };
    if let Some(place) = remote::find(&state) {
        remote::ask(&place, &format!("/v1/runs/{}/retry", row.id), &json!({}), None)?;
        if !terminal.is_quiet {
            out(&format!("{} is taken up by the daemon\n", called(&row)));
        }
        return Ok(Some(0));
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
    let (time, cache) = (Arc::new(WallTime), CachePolicy::Use);
    let bench = Bench { project, state, time, cache, text: Origin::Folder };
    carry(&bench, store, &plan, &row, args.output, terminal).map(Some)
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

/// Gives a run to the daemon; waits for its end when that is asked for.
fn give(
    args: &Run,
    place: &Place,
    pipeline: &str,
    arguments: &[(String, String)],
    project: &Project,
    terminal: Terminal,
) -> Result<u8, Failure> {
    if place.environment != args.env {
        let message =
            format!("the daemon here carries out `{}`, not `{}`", place.environment, args.env);
        return Err(Failure::user("other-environment", message)
            .help(format!("`--env {}`", place.environment)));
    }
    if args.no_cache {
        return Err(Failure::user("no-cache", "the daemon takes earlier results where it can")
            .help("leave `--no-cache` out, or end the daemon first"));
    }
    let params: serde_json::Map<String, Json> =
        arguments.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
    let body = json!({ "pipeline": pipeline, "params": params, "by": actor() });
    // Asked again after an answer that got lost, the same run is answered.
    let key = format!("cli-{}-{}", std::process::id(), wall().micros());
    let answer = remote::ask(place, "/v1/runs", &body, Some(&key))
        .or_else(|_| remote::ask(place, "/v1/runs", &body, Some(&key)))?;
    let id = answer.pointer("/run/id").and_then(Json::as_str).unwrap_or_default();
    let id: RunId = id
        .parse()
        .map_err(|_| Failure::new(Fault::Bug, "daemon", "the daemon answered without a run"))?;
    let state = project.state(&args.env);
    let store = SqliteStore::open(&state, Access::Read).map_err(|e| refusal::failure(&e))?;
    let (row, _) = (&store).load(&id).map_err(|error| refusal::failure(&error))?;
    if args.wait || args.follow {
        return await_end(args, project, &state, &store, &row, terminal);
    }
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&answer));
    } else if !terminal.is_quiet {
        let short = id.short();
        out(&format!("{} is the daemon's; `suho status {short}` shows it\n", called(&row)));
    }
    Ok(0)
}

/// Waits until the daemon has carried `run` out, and prints its page.
fn await_end(
    args: &Run,
    project: &Project,
    state: &Path,
    store: &SqliteStore,
    run: &RunRow,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let plan = read_plan(run)?;
    let is_told = args.follow && args.output.notation().is_none();
    let mut watcher = is_told.then(|| Watcher::new(&plan, run, terminal, false));
    let mut told = 0;
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
        std::thread::sleep(LOOK_AGAIN);
    };
    if let Some(mut watcher) = watcher {
        watcher.ended(status);
    }
    let report = page::report(project, state, &run.id)?;
    out(&report.written(args.output));
    Ok(report.exit(exit_code(status)))
}

/// The unfinished run of the same plan, or a new one.
fn find_or_begin(args: &Run, plan: &Plan, store: &SqliteStore) -> Result<RunRow, Failure> {
    let refused = |error| refusal::failure(&error);
    let unfinished = store.unfinished(&args.env, &plan.pipeline, &plan.digest).map_err(refused)?;
    if let Some(run) = unfinished.filter(|_| !args.new) {
        return Ok(run);
    }
    let json = serde_json::to_value(plan)
        .map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))?;
    let now = wall();
    let new = NewRun {
        pipeline: plan.pipeline.clone(),
        environment: args.env.clone(),
        plan_digest: plan.digest.clone(),
        plan: json,
        as_of: now,
        created_at: now,
        created_by: actor(),
    };
    { store }.create_run(&new).map_err(refused)
}

/// Carries `run` out here and prints its page.
fn carry(
    bench: &Bench,
    store: SqliteStore,
    plan: &Plan,
    run: &RunRow,
    output: Output,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let mut clock = WallClock::new()?;
    let mut watcher = Watcher::new(plan, run, terminal, output.notation().is_some());
    let carried = bench.carry_before(&store, run, &mut clock, &mut watcher);
    watcher.finish();
    let status = carried.map_err(|error| stopped(&error, run))?;
    drop(store);
    let report = page::report(&bench.project, &bench.state, &run.id)?;
    out(&report.written(output));
    Ok(report.exit(exit_code(status)))
}

fn read_plan(run: &RunRow) -> Result<Plan, Failure> {
    serde_json::from_value(run.plan.clone())
        .map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))
}

fn called(run: &RunRow) -> String {
    format!("{} #{} (run {})", run.pipeline, run.number, run.id.short())
}
