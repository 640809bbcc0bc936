//! What people hold and decide: by the daemon where one works on the state, else straight into it.

use crate::args::{Answer, Freeze, Hold, Line};
use crate::failure::Failure;
use crate::inspect::place::{State, States, refused};
use crate::inspect::seen::target;
use crate::inspect::words::local;
use crate::project::Project;
use crate::rehearse::actor;
use crate::remote;
use crate::running::of_environment;
use crate::table::table;
use crate::terminal::{Terminal, out};
use crate::world::wall;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use suho_daemon::happen_to;
use suho_domain::{Fault, Name, fault};
use suho_driver::ports::RunRow;
use suho_driver::{AnswerError, standing};
use suho_scheduler::{Asked, ScheduleEvent};
use suho_store::{Access, RunFilter, SqliteStore, Wish};

/// The most questions that are listed.
const ASKED_MAX: u32 = 200;

/// `suho pause RUN|PIPELINE/SCHEDULE -m WHY`.
pub(crate) fn pause(args: &Hold, terminal: Terminal) -> Result<u8, Failure> {
    hold(args, "pause", terminal)
}

/// `suho resume RUN|PIPELINE/SCHEDULE -m WHY`.
pub(crate) fn resume(args: &Hold, terminal: Terminal) -> Result<u8, Failure> {
    hold(args, "resume", terminal)
}

fn hold(args: &Hold, kind: &str, terminal: Terminal) -> Result<u8, Failure> {
    let said = match args.of.split_once('/') {
        Some((pipeline, schedule)) => hold_schedule(args, pipeline, schedule, kind)?,
        None => hold_run(args, kind)?,
    };
    if !terminal.is_quiet {
        out(&said);
    }
    Ok(0)
}

fn hold_run(args: &Hold, kind: &str) -> Result<String, Failure> {
    let (state, run) = States::of(&args.place)?.run(&args.of)?;
    if run.status.is_terminal() {
        return Ok(format!(
            "{} is over: {}; there is nothing to {kind}\n",
            called(&run),
            run.status
        ));
    }
    put(&state, &run, kind, None, &args.message)?;
    let status = run.id.short();
    let idle = state.interruption(&run).unwrap_or_default();
    let what = match kind {
        "pause" => {
            "will stand still: what is at work goes on to its end, and nothing more of it begins"
        }
        _ => "goes on",
    };
    Ok(format!("{} {what}\n`suho status {status}` shows how it stands\n{idle}", called(&run)))
}

/// Puts a request before `run`.
pub(crate) fn put(
    state: &State,
    run: &RunRow,
    kind: &str,
    step: Option<Name>,
    why: &str,
) -> Result<(), Failure> {
    if let Some(place) = remote::find(&state.folder) {
        let body = json!({ "by": actor(), "why": why, "step": step });
        return remote::ask(&place, &format!("/v1/runs/{}/{kind}", run.id), &body, None).map(drop);
    }
    let (kind, by, why) = (kind.to_owned(), actor(), why.to_owned());
    let wish = Wish { run: run.id.clone(), kind, subject: step, by, why, at: wall() };
    state.store.wish(&wish).map(drop).map_err(|error| refused(&error))
}

fn hold_schedule(
    args: &Hold,
    pipeline: &str,
    schedule: &str,
    kind: &str,
) -> Result<String, Failure> {
    let folder = folder(args.place.project.as_deref(), args.place.data_dir.as_deref(), &args.env)?;
    let changed = if let Some(place) = remote::find(&folder) {
        let body = json!({ "by": actor(), "why": args.message });
        let path = format!("/v1/schedules/{pipeline}/{schedule}/{kind}");
        remote::ask(&of_environment(place, &args.env)?, &path, &body, None).map(|_| true)?
    } else {
        // Where there is no state there is no schedule; looking must not make one.
        drop(SqliteStore::open(&folder, Access::Read).map_err(|error| refused(&error))?);
        let store = SqliteStore::open(&folder, Access::Engine).map_err(|error| refused(&error))?;
        let (by, why, at) = (actor(), args.message.clone(), wall());
        let event = match kind {
            "pause" => ScheduleEvent::Paused { by, why, at },
            _ => ScheduleEvent::Resumed { by, why, at },
        };
        happen_to(&store, &args.env, (pipeline, schedule), &event, at)
            .map_err(|error| refused(&error))?
    };
    let name = format!("`{pipeline}/{schedule}`");
    Ok(match (changed, kind) {
        (true, "pause") => {
            format!("schedule {name} begins no runs until `suho resume {pipeline}/{schedule}`\n")
        }
        (true, _) => format!("schedule {name} fires again; ticks in between stay skipped\n"),
        (false, "pause") => format!("schedule {name} is paused already\n"),
        (false, _) => format!("schedule {name} is not paused\n"),
    })
}

/// `suho approve [RUN[/STEP] -m WHY]`.
pub(crate) fn approve(args: &Answer, terminal: Terminal) -> Result<u8, Failure> {
    answer(args, "approve", terminal)
}

/// `suho reject [RUN[/STEP] -m WHY]`.
pub(crate) fn reject(args: &Answer, terminal: Terminal) -> Result<u8, Failure> {
    answer(args, "reject", terminal)
}

fn answer(args: &Answer, kind: &str, terminal: Terminal) -> Result<u8, Failure> {
    let (Some(of), Some(why)) = (&args.of, &args.message) else { return questions(args) };
    let (run, step) = target(of);
    let step = step.map(crate::rehearse::step).transpose()?;
    let (mut state, run) = States::of(&args.place)?.run(run)?;
    let found = standing(&mut state.store, &run.id);
    let found = found.map_err(|error| crate::rehearse::engine_failure(&error))?;
    let step = found.answered(step.as_ref(), &actor(), wall()).map_err(|e| denied(&e))?;
    put(&state, &run, kind, Some(step.clone()), why)?;
    let word = if kind == "approve" { "approved" } else { "rejected" };
    let idle = state.interruption(&run).unwrap_or_default();
    if let Some(notation) = args.output.notation() {
        let run = json!({ "id": run.id, "pipeline": run.pipeline, "number": run.number });
        let page = json!({ "version": 1, "run": run, "step": step, "answer": kind });
        out(&notation.page(&page));
    } else if !terminal.is_quiet {
        out(&format!("`{step}` of {} is {word}\n{idle}", called(&run)));
    }
    Ok(0)
}

fn denied(error: &AnswerError) -> Failure {
    let failure = match error {
        AnswerError::Engine(error) => return crate::rehearse::engine_failure(error),
        error => Failure::new(error.fault(), error.code(), fault::chain(error)),
    };
    failure.help("`suho approve` lists what is asked, and of whom")
}

/// What runs ask, of whom, until when.
fn questions(args: &Answer) -> Result<u8, Failure> {
    let mut questions: Vec<(RunRow, Name, Asked)> = Vec::new();
    for state in &States::of(&args.place)?.each {
        let status = Some(suho_domain::RunStatus::Waiting);
        let waiting = RunFilter { status, ..RunFilter::ANY };
        for run in state.store.runs(&waiting, ASKED_MAX).map_err(|error| refused(&error))? {
            let found = standing(&mut &state.store, &run.id);
            let found = found.map_err(|error| crate::rehearse::engine_failure(&error))?;
            let asking = found.state.steps().filter_map(|view| {
                Some((run.clone(), view.spec.name.clone(), view.asked?.clone()))
            });
            questions.extend(asking);
        }
    }
    out(&match args.output.notation() {
        Some(notation) => notation.page(&as_json(&questions)),
        None => as_text(&questions),
    });
    Ok(0)
}

fn as_text(questions: &[(RunRow, Name, Asked)]) -> String {
    if questions.is_empty() {
        return "nobody is asked anything\n".to_owned();
    }
    let each = |(run, step, asked): &(RunRow, Name, Asked)| {
        let of = if asked.of.is_empty() { "anybody else".to_owned() } else { asked.of.join(", ") };
        let zone = crate::inspect::zone(run);
        vec![
            format!("{}/{step}", run.id.short()),
            format!("{} #{}", run.pipeline, run.number),
            run.created_by.clone(),
            of,
            asked.until.map_or_else(|| "for ever".to_owned(), |until| local(until, &zone)),
        ]
    };
    let rows: Vec<_> = questions.iter().map(each).collect();
    table("", &["ID", "RUN", "BEGUN BY", "WHO MAY ANSWER", "UNTIL"], &rows)
}

fn as_json(questions: &[(RunRow, Name, Asked)]) -> Json {
    let each = |(run, step, asked): &(RunRow, Name, Asked)| {
        json!({
            "run": run.id,
            "pipeline": run.pipeline,
            "number": run.number,
            "begun_by": run.created_by,
            "step": step,
            "of": asked.of,
            "since": asked.since,
            "until": asked.until,
        })
    };
    let each: Vec<_> = questions.iter().map(each).collect();
    json!({ "version": 1, "approvals": each })
}

/// `suho freeze [on|off -m WHY]`.
pub(crate) fn freeze(args: &Freeze, terminal: Terminal) -> Result<u8, Failure> {
    let folder = folder(args.place.project.as_deref(), args.place.data_dir.as_deref(), &args.env)?;
    if let (Some(line), Some(why)) = (args.line, &args.message) {
        let path = if line == Line::On { "/v1/freeze" } else { "/v1/thaw" };
        match remote::find(&folder) {
            Some(place) => {
                let body = json!({ "by": actor(), "why": why });
                remote::ask(&of_environment(place, &args.env)?, path, &body, None)?;
            }
            None => set(&folder, &args.env, line, why)?,
        }
    }
    let store = SqliteStore::open(&folder, Access::Read).map_err(|error| refused(&error))?;
    let frozen = store.frozen(&args.env).map_err(|error| refused(&error))?;
    if let Some(notation) = args.output.notation() {
        let hold = frozen
            .as_ref()
            .map(|hold| json!({ "by": hold.by, "why": hold.why, "since": hold.since }));
        let page = json!({ "version": 1, "environment": args.env, "frozen": hold });
        out(&notation.page(&page));
    } else if !terminal.is_quiet || args.line.is_none() {
        out(&match &frozen {
            Some(hold) => crate::inspect::stopped_line(&args.env, hold),
            None => format!("the line of `{}` is open\n", args.env),
        });
    }
    Ok(0)
}

fn set(folder: &Path, environment: &str, line: Line, why: &str) -> Result<(), Failure> {
    // Before the first run there is no state to stop anything in: this makes it.
    if SqliteStore::open(folder, Access::Read).is_err() {
        drop(SqliteStore::open(folder, Access::Engine).map_err(|error| refused(&error))?);
    }
    let store = SqliteStore::open(folder, Access::Read).map_err(|error| refused(&error))?;
    let (by, since) = (actor(), wall());
    let done = match line {
        Line::On => {
            let hold = suho_scheduler::Hold { by, why: why.to_owned(), since };
            store.freeze(environment, &hold).map(drop)
        }
        Line::Off => store.thaw(environment, &by, why, since).map(drop),
    };
    done.map_err(|error| refused(&error))
}

fn folder(
    project: Option<&Path>,
    data_dir: Option<&Path>,
    environment: &str,
) -> Result<PathBuf, Failure> {
    match data_dir {
        Some(folder) => std::path::absolute(folder)
            .map_err(|error| Failure::from_error(Fault::User, "no-such-file", &error)),
        None => Ok(Project::of(project.unwrap_or_else(|| Path::new(".")))?.state(environment)),
    }
}

fn called(run: &RunRow) -> String {
    format!("run `{}` ({} #{})", run.id.short(), run.pipeline, run.number)
}
