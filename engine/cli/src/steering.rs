//! What people do to models and their rollouts: by the daemon where one works on the state, else
//! straight in it.

use crate::args::{Retrain, Rollback, Rollout, RolloutStatus, SetWeight, Steer};
use crate::compile::{arguments, say};
use crate::failure::Failure;
use crate::inspect::place::{State, States, refused};
use crate::inspect::rollout_line;
use crate::people::put;
use crate::project::Project;
use crate::rehearse::{actor, lead};
use crate::remote;
use crate::running::{self, of_environment, unplanned};
use crate::table::table;
use crate::terminal::{Terminal, out};
use crate::workplace::{Bench, Origin, verified};
use crate::world::wall;
use serde::Deserialize as _;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration as StdDuration;
use suho_daemon::retraining::{self, Retraining, RetrainingError};
use suho_daemon::rollback::{self, RollbackError, RolledBack};
use suho_daemon::{LiveRollout, WallTime, WeightRefusal, admit_weight, live_rollouts};
use suho_domain::{BasisPoints, DeploymentId, Fault, Version};
use suho_driver::CachePolicy;
use suho_driver::ports::{ModelRow, RunRow, Store as _};
use suho_store::{SqliteStore, Submission};

/// How long to wait before looking whether a rollout went on.
const LOOK_AGAIN: StdDuration = StdDuration::from_millis(250);

/// `suho rollback MODEL -m WHY`.
pub(crate) fn rollback(args: &Rollback, terminal: Terminal) -> Result<u8, Failure> {
    let to = args.to.as_ref().map(|to| to.parse::<Version>()).transpose();
    let to = to.map_err(|error| Failure::from_error(Fault::User, "bad-version", &error))?;
    let (state, model) = States::of(&args.place)?.model(&args.model)?;
    let (by, at) = (actor(), wall());
    let done = if let Some(place) = remote::find(&state.folder) {
        let body = json!({ "model": args.model, "to": args.to, "by": by, "why": args.message });
        let answer = remote::ask(&place, "/v1/rollbacks", &body, None)?;
        let done = answer.get("rollback").map(RolledBack::deserialize).and_then(Result::ok);
        done.ok_or_else(|| Failure::new(Fault::Bug, "daemon", "the daemon answered otherwise"))?
    } else {
        let asked = rollback::Asked { model: &args.model, to, by: &by, why: &args.message, at };
        let verify = |model: &ModelRow| verified(&state.folder, model);
        rollback::roll_back(&state.store, &asked, &verify).map_err(|error| match error {
            RollbackError::Refused(refusal) => unplanned(refusal),
            RollbackError::Store(error) => refused(&error),
        })?
    };
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&json!({ "version": 1, "rollback": done })));
    } else if !terminal.is_quiet {
        out(&rolled_back(&done, &state, &model)?);
    }
    Ok(0)
}

fn rolled_back(done: &RolledBack, state: &State, model: &ModelRow) -> Result<String, Failure> {
    Ok(match done {
        RolledBack::Abort { from, run, kind } => {
            let row = state.store.find_run(run.as_str()).map_err(|error| refused(&error))?;
            let idle = state.interruption(&row).unwrap_or_default();
            let (from, run) = (&from.name, run.short());
            format!(
                "{from} is taken back from its {kind}; `suho status {run}` shows when it is \
                 done\n{idle}"
            )
        }
        RolledBack::Restore { from, to } => {
            format!("{} is taken back: {} serves {} again\n", from.name, to.name, model.slot)
        }
        RolledBack::None { why } => format!("nothing to do: {why}\n"),
    })
}

/// `suho rollout …`.
pub(crate) fn rollout(args: &Rollout, terminal: Terminal) -> Result<u8, Failure> {
    let said = match args {
        Rollout::Status(args) => return status(args),
        Rollout::Pause(args) => steer(args, "pause", "stands still")?,
        Rollout::Resume(args) => steer(args, "resume", "goes on")?,
        Rollout::Abort(args) => steer(args, "abort", "is taken back")?,
        Rollout::SetWeight(args) => set_weight(args)?,
    };
    if !terminal.is_quiet {
        out(&said);
    }
    Ok(0)
}

fn steer(args: &Steer, kind: &str, what: &str) -> Result<String, Failure> {
    let (state, live) = only(States::of(&args.place)?, args.of.as_deref())?;
    put(&state, &live.run, kind, None, &args.message)?;
    Ok(said(&state, &live, what))
}

fn set_weight(args: &SetWeight) -> Result<String, Failure> {
    let share = share(&args.share)?;
    let (state, live) = only(States::of(&args.place)?, args.of.as_deref())?;
    if let Some(place) = remote::find(&state.folder) {
        let (by, why) = (actor(), &args.message);
        let body = json!({ "basis_points": share.points(), "by": by, "why": why });
        remote::ask(&place, &format!("/v1/runs/{}/weight", live.run.id), &body, None)?;
    } else {
        admit_weight(&state.store, &live.run, share).map_err(|error| match error {
            WeightRefusal::Refused(refusal) => unplanned(refusal),
            WeightRefusal::Store(error) => refused(&error),
        })?;
        put(&state, &live.run, &suho_driver::weigh(share), None, &args.message)?;
    }
    Ok(said(&state, &live, &format!("gets {share} of the traffic")))
}

fn said(state: &State, live: &LiveRollout, what: &str) -> String {
    let (kind, name, version) =
        (&live.row.kind, &live.candidate.slot.model, live.candidate.version);
    let idle = state.interruption(&live.run).unwrap_or_default();
    format!("the {kind} of {name} {version} {what}; `suho rollout status` shows it\n{idle}")
}

/// The rollout that is meant.
fn only(states: States, of: Option<&str>) -> Result<(State, LiveRollout), Failure> {
    let mut found = Vec::new();
    for state in states.each {
        let live = live_rollouts(&state.store).map_err(|error| refused(&error))?;
        let meant: Vec<_> = live.into_iter().filter(|live| is_meant(live, of)).collect();
        // A state can be handed on once; it is opened again for each further one.
        for live in meant {
            found.push((state.folder.clone(), live));
        }
    }
    let names: Vec<String> =
        found.iter().map(|(_, live)| format!("`{}`", live.run.id.short())).collect();
    match (found.pop(), names.len()) {
        (Some((folder, live)), 1) => Ok((State::at(folder)?, live)),
        (None, _) => {
            let of = of.map(|of| format!(" of `{of}`")).unwrap_or_default();
            Err(Failure::user("no-rollout", format!("no rollout{of} is under way")))
        }
        (Some(_), _) => {
            let message = format!("several rollouts are under way, of runs {}", names.join(", "));
            Err(Failure::user("which-rollout", message).help("name a model or a run"))
        }
    }
}

fn is_meant(live: &LiveRollout, of: Option<&str>) -> bool {
    of.is_none_or(|of| {
        let (name, version) = (&live.candidate.slot.model, live.candidate.version);
        name.as_str() == of
            || format!("{name}@{version}") == of
            || live.run.id.as_str().starts_with(of)
    })
}

/// `5%`, `12.5%`: hundredths of a percent, exactly.
fn share(text: &str) -> Result<BasisPoints, Failure> {
    let points = || -> Option<u16> {
        let (whole, part) = text
            .strip_suffix('%')?
            .split_once('.')
            .unwrap_or_else(|| (text.strip_suffix('%').unwrap_or_default(), ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if part.len() > 2 || !is_digits(part) || !is_digits(whole) {
            return None;
        }
        let whole: u16 = whole.parse().ok()?;
        let part: u16 = format!("{part:0<2}").parse().ok()?;
        whole.checked_mul(100)?.checked_add(part)
    };
    points().and_then(|points| BasisPoints::new(points).ok()).ok_or_else(|| {
        Failure::user("bad-share", format!("`{text}` is no share of traffic"))
            .help("write it like 5% or 12.5%")
    })
}

/// `suho rollout status [-w]`.
fn status(args: &RolloutStatus) -> Result<u8, Failure> {
    let mut before: BTreeMap<DeploymentId, String> = BTreeMap::new();
    let mut shown = None;
    loop {
        let states = States::of(&args.place)?;
        let (mut lines, mut page) = (BTreeMap::new(), Vec::new());
        for state in &states.each {
            for live in live_rollouts(&state.store).map_err(|error| refused(&error))? {
                if is_meant(&live, args.of.as_deref()) {
                    page.push(as_json(&live));
                    lines.insert(live.row.id.clone(), line(&live));
                }
            }
            for id in before.keys().filter(|id| !lines.contains_key(*id)) {
                out(&ended(&state.store, id)?);
            }
        }
        let text = match args.output.notation() {
            Some(notation) => notation.page(&json!({ "version": 1, "rollouts": page })),
            None if lines.is_empty() => "no rollout is under way\n".to_owned(),
            None => lines.values().cloned().collect(),
        };
        if shown.as_ref() != Some(&text) && (before.is_empty() || !lines.is_empty()) {
            out(&text);
        }
        if !args.watch || lines.is_empty() {
            return Ok(0);
        }
        shown = Some(text);
        before = lines;
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// How a rollout that was watched ended.
fn ended(store: &SqliteStore, id: &DeploymentId) -> Result<String, Failure> {
    let found = { store }.rollout(id).map_err(|error| refused(&error))?;
    let Some((row, _)) = found else { return Ok(String::new()) };
    let why = match &row.decision {
        Some((_, why)) if !why.is_empty() => format!(": {why}"),
        _ => String::new(),
    };
    Ok(format!("the {} of {} is over, {}{why}\n", row.kind, row.slot.model, row.status))
}

fn line(live: &LiveRollout) -> String {
    let LiveRollout { row, candidate, run } = live;
    let name = format!("{} {}", candidate.slot.model, candidate.version);
    let of = format!("run {} ({} #{}, {})", run.id.short(), run.pipeline, run.number, run.status);
    let said = rollout_line(row);
    table("", &[], &[vec![name, of, said]])
}

fn as_json(live: &LiveRollout) -> Json {
    let LiveRollout { row, candidate, run } = live;
    json!({
        "id": row.id,
        "kind": row.kind,
        "status": row.status,
        "model": {
            "id": candidate.id,
            "name": candidate.slot.model,
            "version": candidate.version.to_string(),
        },
        "slot": row.slot.to_string(),
        "traffic_basis_points": row.traffic.points(),
        "accrued": row.accrued,
        "created_at": row.created_at,
        "run": { "id": run.id, "pipeline": run.pipeline, "number": run.number, "status": run.status },
    })
}

/// `suho retrain MODEL -m WHY`.
pub(crate) fn retrain(args: &Retrain, terminal: Terminal) -> Result<u8, Failure> {
    let params = arguments(&args.param)?;
    let (state, model) = States::of(&args.place)?.model(&args.model)?;
    let no_run = || Failure::user("no-run", format!("no run has made `{}`", args.model));
    let maker = model.run.as_ref().ok_or_else(no_run)?;
    let maker = state.store.find_run(maker.as_str()).map_err(|error| refused(&error))?;
    if let Some(place) = remote::find(&state.folder) {
        let place = of_environment(place, &maker.environment)?;
        let params: serde_json::Map<String, Json> =
            params.into_iter().map(|(name, text)| (name, json!(text))).collect();
        let body = json!({
            "model": args.model, "trigger": args.trigger, "params": params, "by": actor(),
            "why": args.message,
        });
        let answer = remote::ask(&place, "/v1/retrainings", &body, None)?;
        let id = answer.pointer("/run/id").and_then(Json::as_str).unwrap_or_default();
        let run = state.store.find_run(id).map_err(|error| refused(&error))?;
        let is_new = answer.get("new").and_then(Json::as_bool).unwrap_or_default();
        if let Some(notation) = args.output.notation() {
            out(&notation.page(&answer));
        } else if !terminal.is_quiet {
            out(&begun(&run, is_new));
        }
        return Ok(0);
    }
    retrain_here(args, &params, &state, &maker, terminal)
}

fn begun(run: &RunRow, is_new: bool) -> String {
    let (short, called) = (run.id.short(), format!("{} #{}", run.pipeline, run.number));
    let what = if is_new { "begins" } else { "is under way already" };
    format!("{called} (run {short}) {what}; `suho status {short}` shows it\n")
}

/// Without a daemon: as `suho run` does.
fn retrain_here(
    args: &Retrain,
    params: &[(String, String)],
    state: &State,
    maker: &RunRow,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let here = args.place.project.clone().unwrap_or_else(|| PathBuf::from("."));
    let project = Project::of(&here)?;
    let checked = suho_check::check(&project.files(&[project.root().to_path_buf()])?, &project);
    say(&checked, Terminal { is_quiet: true, ..terminal })?;
    let environment = maker.environment.as_str();
    let world = running::world_in(&checked.program, environment)?;
    let by = actor();
    let asked = retraining::Asked {
        model: &args.model,
        trigger: args.trigger.as_deref(),
        params,
        by: &by,
        at: wall(),
    };
    let prepared =
        retraining::prepare(&state.store, &checked.program, (environment, world), &asked);
    let prepared = prepared.map_err(|error| match error {
        RetrainingError::Refused(refusal) => unplanned(refusal),
        RetrainingError::Store(error) => refused(&error),
    })?;
    let (key, new) = match prepared {
        Retraining::UnderWay(run) => {
            out(&(begun(&run, false) + &state.interruption(&run).unwrap_or_default()));
            return Ok(0);
        }
        Retraining::Begins { key, run, .. } => (key, run),
    };
    let store = lead(&state.folder, environment)?;
    let run = match store.submit(Some(&key), &new).map_err(|error| refused(&error))? {
        Submission::New(run) => {
            let opened = State { folder: state.folder.clone(), store };
            put(&opened, &run, "retrain", None, &args.message)?;
            return carry(args, project, opened, &run, terminal);
        }
        Submission::Known(run) => run,
        Submission::Other(run) => store.find_run(run.as_str()).map_err(|error| refused(&error))?,
    };
    out(&begun(&run, false));
    Ok(0)
}

fn carry(
    args: &Retrain,
    project: Project,
    state: State,
    run: &RunRow,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let plan = run.plan.read().map_err(|error| Failure::from_error(Fault::Bug, "plan", &error))?;
    let State { folder, store } = state;
    let (time, cache) = (Arc::new(WallTime), CachePolicy::Use);
    let bench = Bench { project, state: folder, time, cache, text: Origin::Folder, traces: None };
    let (report, code) = running::carry(&bench, store, &plan, run, args.output, terminal)?;
    out(&report.written(args.output));
    Ok(code)
}
