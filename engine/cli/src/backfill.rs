//! `suho backfill`: runs for instants of a schedule that are over and had none; by the daemon where
//! one works on the project, else here, one after another.

use crate::args::{Backfill as Args, Target};
use crate::compile::{checked, say};
use crate::failure::Failure;
use crate::inspect::words::{NONE, local, many};
use crate::page;
use crate::project::Project;
use crate::refusal;
use crate::registry;
use crate::rehearse::{actor, exit_code, lead, stopped};
use crate::remote;
use crate::running::{of_environment, unplanned, world_in};
use crate::table::table;
use crate::terminal::{Terminal, out};
use crate::watching::Watcher;
use crate::workplace::{Bench, Origin};
use crate::world::{WallClock, wall};
use chrono::{DateTime, NaiveDate};
use serde::Deserialize as _;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use suho_check::Program;
use suho_daemon::backfill::{Action, Backfill, BackfillError, Prepared, Slot, Wish, prepare};
use suho_daemon::{WallTime, World, desired};
use suho_domain::{Fault, Instant, RunStatus};
use suho_driver::CachePolicy;
use suho_driver::ports::RunRow;
use suho_driver::world::Clock as _;
use suho_store::{Access, SqliteStore, Submission};

/// `suho backfill PIPELINE --from A --to B [--dry-run]`.
pub(crate) fn backfill(args: &Args, terminal: Terminal) -> Result<u8, Failure> {
    let target = Target { pipeline: args.pipeline.clone(), param: Vec::new() };
    let found = checked(&target, terminal)?;
    let project = found.project;
    // A pipeline's schedules may stand in any file.
    let whole = suho_check::check(&project.files(&[project.root().to_path_buf()])?, &project);
    say(&whole, Terminal { is_quiet: true, ..terminal })?;
    let program = &whole.program;
    let zone = zone(program, &args.env, &found.pipeline);
    let by = actor();
    let wish = Wish {
        pipeline: &found.pipeline,
        schedule: args.schedule.as_deref(),
        from: instant("--from", &args.from, &zone)?,
        to: instant("--to", &args.to, &zone)?,
        parallel: args.parallel,
        by: &by,
    };
    let state = project.state(&args.env);
    let mut code = 0;
    let filled = if let Some(place) = remote::find(&state) {
        ask(&of_environment(place, &args.env)?, &wish, args.dry_run)?
    } else if args.dry_run {
        world_in(program, &args.env)?;
        let store = SqliteStore::open(&state, Access::Read).ok();
        prepare(store.as_ref(), &args.env, program, &wish, wall()).map_err(refused)?.preview
    } else {
        world_in(program, &args.env)?;
        // Looked at first: what cannot be makes no state.
        let store = SqliteStore::open(&state, Access::Read).ok();
        prepare(store.as_ref(), &args.env, program, &wish, wall()).map_err(refused)?;
        let state = registry::settle(&project, program, &args.env)?;
        let store = lead(&state, &args.env)?;
        let prepared = prepare(Some(&store), &args.env, program, &wish, wall()).map_err(refused)?;
        let here = Here { project, state, store, terminal };
        let (filled, worst) = here.fill(prepared, args.output.notation().is_some())?;
        code = worst;
        filled
    };
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&json!({ "version": 1, "backfill": filled })));
    } else if args.dry_run || !terminal.is_quiet {
        out(&text(&filled, args.dry_run));
    }
    Ok(code)
}

fn refused(error: BackfillError) -> Failure {
    match error {
        BackfillError::Refused(refusal) => unplanned(refusal),
        BackfillError::Store(error) => refusal::failure(&error),
    }
}

/// The zone in which dates are meant.
fn zone(program: &Program, environment: &str, pipeline: &str) -> String {
    let wanted = desired(program, environment, World::Replay).unwrap_or_default();
    let mut of_pipeline =
        wanted.schedules.iter().filter(|(key, _)| key.pipeline.as_str() == pipeline);
    let zone = of_pipeline.next().map(|(_, wanted)| wanted.spec.recurrence.zone().name());
    zone.unwrap_or("UTC").to_owned()
}

/// A date, which begins at midnight in `zone`, or an instant.
fn instant(flag: &str, text: &str, zone: &str) -> Result<Instant, Failure> {
    let minute = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z").ok();
    let day = || {
        let midnight = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?;
        let zone = suho_time::parse_zone(zone).ok()?;
        // Where midnight is skipped the day begins an hour later.
        let hours = (0..3).map(chrono::TimeDelta::hours);
        let mut starts = hours.filter_map(|by| (midnight + by).and_local_timezone(zone).earliest());
        starts.next().map(|at| at.to_utc())
    };
    let at = DateTime::parse_from_rfc3339(text).ok().or_else(minute).map(|at| at.to_utc());
    at.or_else(day).map(Instant::from_chrono).ok_or_else(|| {
        Failure::user("bad-instant", format!("`{flag} {text}` is no date or time"))
            .help("write it like 2018-02-01 or 2018-02-01T14:30Z")
    })
}

/// Lets the daemon do it.
fn ask(place: &suho_daemon::Place, wish: &Wish<'_>, is_dry: bool) -> Result<Backfill, Failure> {
    let body = json!({
        "pipeline": wish.pipeline,
        "schedule": wish.schedule,
        "from": wish.from,
        "to": wish.to,
        "parallel": wish.parallel,
        "by": wish.by,
        "dry_run": is_dry,
    });
    let answer = remote::ask(place, "/v1/backfills", &body, None)?;
    let filled = answer.get("backfill").map(Backfill::deserialize);
    filled
        .and_then(Result::ok)
        .ok_or_else(|| Failure::new(Fault::Bug, "daemon", "the daemon answered with no backfill"))
}

/// This process as the engine.
struct Here {
    project: Project,
    state: PathBuf,
    store: SqliteStore,
    terminal: Terminal,
}

impl Here {
    /// Carries out a run for each slot that has none, or has one that was interrupted; answers how
    /// they ended, and the worst of their exit codes.
    fn fill(self, mut prepared: Prepared, is_json: bool) -> Result<(Backfill, u8), Failure> {
        let Self { project, state, store, terminal } = self;
        let (time, cache) = (Arc::new(WallTime), CachePolicy::Use);
        let bench = Bench { project, state, time, cache, text: Origin::Folder, traces: None };
        let mut worst = 0;
        for place in 0..prepared.preview.slots.len() {
            let Some(run) = due(&store, &prepared, place)? else { continue };
            let plan =
                run.plan.read().map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))?;
            let mut clock = WallClock::new()?;
            let mut watcher = Watcher::new(&plan, &run, terminal, is_json);
            let carried = bench.carry_before(&store, &run, &mut clock, &mut watcher);
            watcher.finish();
            let status = carried.map_err(|error| stopped(&error, &run))?;
            prepared.begun(place, &RunRow { status, ..run.clone() });
            let report = page::report(&bench.project, &bench.state, &run.id)?;
            worst = worst.max(report.exit(exit_code(status)));
            if clock.is_interrupted() {
                break;
            }
        }
        Ok((prepared.preview, worst))
    }
}

/// The run of a slot that is to be carried out now.
fn due(store: &SqliteStore, prepared: &Prepared, place: usize) -> Result<Option<RunRow>, Failure> {
    if let Some((key, new)) = prepared.order(place, wall()).map_err(refused)? {
        let submitted = store.submit(Some(&key), &new);
        return match submitted.map_err(|error| refusal::failure(&error))? {
            Submission::New(run) | Submission::Known(run) => Ok(Some(run)),
            Submission::Other(_) => Ok(None),
        };
    }
    let slot = prepared.preview.slots.get(place);
    let Some(run) = slot.and_then(|slot| slot.run.as_ref()) else { return Ok(None) };
    // One that waits for people waits on; what the schedule began is the daemon's.
    let is_interrupted = run.is_backfill
        && !run.status.is_terminal()
        && !matches!(run.status, RunStatus::Paused | RunStatus::Waiting | RunStatus::Unknown);
    let found = is_interrupted.then(|| store.find_run(run.id.as_str())).transpose();
    found.map_err(|error| refusal::failure(&error))
}

fn text(filled: &Backfill, is_dry: bool) -> String {
    let zone = &filled.timezone;
    let each = |slot: &Slot| {
        let note = slot.skipped.as_ref().map(|why| format!("the schedule began none: {why}"));
        let (becomes, run, note) = match &slot.run {
            Some(run) => {
                let by = if run.is_backfill { "a backfill" } else { "the schedule" };
                let called = format!("{} (#{})", run.id.short(), run.number);
                let is_new = slot.action == Action::Run;
                let note = if is_new { String::new() } else { format!("begun before, by {by}") };
                (run.status.to_string(), called, note)
            }
            None if slot.action == Action::Run => {
                ("run".to_owned(), NONE.to_owned(), note.unwrap_or_default())
            }
            None => ("waits".to_owned(), NONE.to_owned(), "the schedule begins it".to_owned()),
        };
        vec![local(slot.slot, zone), becomes, run, note]
    };
    let rows: Vec<_> = filled.slots.iter().map(each).collect();
    let mut text = format!("{}, schedule {}\n\n", filled.pipeline, filled.schedule);
    text.push_str(&table("  ", &["SLOT", "STATUS", "RUN", ""], &rows));
    text.push_str(&summary(filled, is_dry));
    text
}

/// What it comes to, in sentences.
fn summary(filled: &Backfill, is_dry: bool) -> String {
    let new = filled.slots.iter().filter(|slot| slot.action == Action::Run);
    let (runs, begun) = (new.clone().count(), new.filter(|slot| slot.run.is_some()).count());
    let count = |count: usize| many(u64::try_from(count).unwrap_or(u64::MAX), "run");
    let mut text = String::from("\n");
    let _infallible = if runs == 0 {
        writeln!(text, "nothing to do: every slot has a run")
    } else if is_dry {
        let steps: Vec<_> = filled.steps.iter().map(ToString::to_string).collect();
        let at_a_time = filled.parallel;
        writeln!(text, "{} would begin, {at_a_time} at a time: {}", count(runs), steps.join(", "))
    } else if begun < runs {
        let left = runs - begun;
        writeln!(text, "{} begun, {left} left; the same command goes on", count(begun))
    } else {
        writeln!(text, "{} begun", count(begun))
    };
    if filled.is_alike && runs > 1 {
        text.push_str(
            "nothing in the pipeline depends on when it starts: the runs do all the same\n",
        );
    }
    if !filled.left_out.is_empty() {
        let left_out: Vec<_> = filled.left_out.iter().map(ToString::to_string).collect();
        let left_out = left_out.join(", ");
        let _infallible =
            writeln!(text, "left out, so that nothing that serves changes: {left_out}");
    }
    let failed = filled.slots.iter().filter_map(|slot| slot.run.as_ref());
    let failed = failed.filter(|run| {
        matches!(run.status, RunStatus::Failed | RunStatus::Cancelled | RunStatus::Unknown)
    });
    for run in failed {
        let (run, status) = (run.id.short(), run.status);
        let _infallible =
            writeln!(text, "run {run} is {status}; `suho retry {run}` takes it up again");
    }
    text
}
