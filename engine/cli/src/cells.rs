//! `suho run MATRIX`: every cell is a run of its own. Here they come one after another; a daemon is
//! given as many at a time as the matrix says.

use crate::answer::Notation;
use crate::args::Run;
use crate::compile::{Called, Found};
use crate::failure::Failure;
use crate::page::Report;
use crate::refusal;
use crate::rehearse::INTERRUPTED;
use crate::running::{Given, LOOK_AGAIN, Local, await_end, give};
use crate::table::table;
use crate::terminal::{Terminal, err, out};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use suho_daemon::Place;
use suho_domain::{Fault, Slot};
use suho_driver::Candidate;
use suho_driver::ports::Store as _;
use suho_plan::Plan;
use suho_store::{Access, SqliteStore};

/// What became of one cell.
struct Ended {
    cell: String,
    code: u8,
    status: String,
    run: Json,
}

/// The name of a cell, for people.
fn name(called: &Called<'_>) -> String {
    called.cell.clone().unwrap_or_else(|| called.pipeline.to_owned())
}

/// Carries out every cell here, one after another. One whose answer is no does not stop the others;
/// a world that fails does, and so does Ctrl-C.
pub(crate) fn here(
    args: &Run,
    found: &Found,
    calls: &[Called<'_>],
    local: &Local<'_>,
    terminal: Terminal,
) -> Result<u8, Failure> {
    // All are planned before any begins: a mistake in the last one is no surprise after days.
    let plans: Vec<Plan> =
        calls.iter().map(|call| local.plan(found, call)).collect::<Result<_, _>>()?;
    apart(calls, &plans)?;
    let mut ended = Vec::new();
    for (number, (call, plan)) in calls.iter().zip(&plans).enumerate() {
        let cell = name(call);
        if !terminal.is_quiet {
            err(&format!("{cell}  ({} of {})\n", number + 1, calls.len()));
        }
        let quiet = args.output.notation().is_some();
        let (report, code) = local.carry(args, found, plan, terminal)?;
        if !quiet {
            out(&report.written(args.output));
        }
        ended.push(of_report(cell, &report, code));
        if code == INTERRUPTED || code == Fault::World.exit_code() {
            break;
        }
    }
    Ok(close(args, &ended, calls))
}

fn of_report(cell: String, report: &Report, code: u8) -> Ended {
    let run = report.json().get("run").cloned().unwrap_or_default();
    let status = run.get("status").and_then(Json::as_str).unwrap_or_default().to_owned();
    Ended { cell, code, status, run }
}

/// Gives every cell to the daemon, at most `parallel` of a matrix at a time.
pub(crate) fn given(
    args: &Run,
    place: &Place,
    found: &Found,
    calls: &[Called<'_>],
    terminal: Terminal,
) -> Result<u8, Failure> {
    let parallel = calls.iter().find_map(|call| call.matrix?.parallel);
    let most = parallel.map_or(calls.len(), |most| usize::try_from(most).unwrap_or(usize::MAX));
    if most < calls.len() && !terminal.is_quiet {
        err(&format!("at most {most} at a time: the others are given as these end\n"));
    }
    let refused = |error| refusal::failure(&error);
    let state = found.project.state(&args.env);
    let mut rows: Vec<Given> = Vec::new();
    for call in calls {
        let store = SqliteStore::open(&state, Access::Read).map_err(refused)?;
        while open(&store, &rows)? >= most {
            std::thread::sleep(LOOK_AGAIN);
        }
        let cell = name(call);
        let given = give(place, &cell, found, &state)?;
        if !terminal.is_quiet && args.output.notation().is_none() {
            let short = given.row.id.short();
            out(&format!("{cell} is the daemon's; `suho status {short}` shows it\n"));
        }
        rows.push(given);
    }
    if !args.wait && !args.follow {
        if let Some(notation) = args.output.notation() {
            let runs = calls
                .iter()
                .zip(&rows)
                .map(|(call, given)| json!({ "cell": name(call), "run": given.answer.get("run") }));
            out(&notation.page(&page(calls, &runs.collect::<Vec<_>>())));
        }
        return Ok(0);
    }
    let mut ended = Vec::new();
    for (call, given) in calls.iter().zip(&rows) {
        let store = SqliteStore::open(&state, Access::Read).map_err(refused)?;
        let (report, code) = await_end(args, &found.project, &state, &store, &given.row, terminal)?;
        if args.output.notation().is_none() {
            out(&report.written(args.output));
        }
        ended.push(of_report(name(call), &report, code));
        if code == INTERRUPTED {
            break;
        }
    }
    Ok(close(args, &ended, calls))
}

/// How many of `given` are not over.
fn open(store: &SqliteStore, given: &[Given]) -> Result<usize, Failure> {
    let mut open = 0;
    for given in given {
        let (row, _) = { store }.load(&given.row.id).map_err(|error| refusal::failure(&error))?;
        open += usize::from(!row.status.is_terminal());
    }
    Ok(open)
}

/// The last words: what became of each; and the exit code, the gravest of theirs.
fn close(args: &Run, ended: &[Ended], calls: &[Called<'_>]) -> u8 {
    let left = calls.iter().skip(ended.len()).map(name);
    if let Some(notation) = args.output.notation() {
        tell(notation, ended, calls);
    } else {
        let rows = ended.iter().map(|it| vec![it.cell.clone(), it.status.clone()]);
        let rows = rows.chain(left.map(|cell| vec![cell, "not begun".to_owned()]));
        out(&format!("\n{}", table("", &["CELL", "STATUS"], &rows.collect::<Vec<_>>())));
    }
    ended.iter().map(|it| it.code).max().unwrap_or(0)
}

fn tell(notation: Notation, ended: &[Ended], calls: &[Called<'_>]) {
    let cells = ended.iter().map(|it| json!({ "cell": it.cell, "run": it.run }));
    out(&notation.page(&page(calls, &cells.collect::<Vec<_>>())));
}

/// The shape that the run of a matrix answers with.
fn page(calls: &[Called<'_>], cells: &[Json]) -> Json {
    let matrix = calls.iter().find_map(|call| Some(&call.matrix?.name));
    json!({ "version": 1, "matrix": matrix, "cells": cells })
}

/// Refuses cells that would make models of one name for different places: the second would be taken
/// for a version of the first.
pub(crate) fn apart(calls: &[Called<'_>], plans: &[Plan]) -> Result<(), Failure> {
    let clash = clash(plans).map(|(first, second, slot)| {
        let cell = |at: usize| calls.get(at).map(name).unwrap_or_default();
        let message = format!(
            "`{}` and `{}` would both make a model `{}`, and a name is one symbol's and one timeframe's",
            cell(first),
            cell(second),
            slot.model
        );
        Failure::user("slot-change", message).help(
            "give each model a name of its own: `let b = a with { name = \"b\", target = … }`, and \
             `axes = { spec = [a, b] }`",
        )
    });
    clash.map_or(Ok(()), Err)
}

/// The first two plans whose models have one name and different places.
pub(crate) fn clash<'p>(plans: impl IntoIterator<Item = &'p Plan>) -> Option<(usize, usize, Slot)> {
    let mut taken: BTreeMap<(String, String), (usize, Slot)> = BTreeMap::new();
    for (at, plan) in plans.into_iter().enumerate() {
        let candidate = Candidate::of(plan, suho_steps::FEATURE_VERSION).ok().flatten();
        let Some(slot) = candidate.map(|candidate| candidate.slot) else { continue };
        let key = (slot.scope.folder(), slot.model.to_string());
        match taken.get(&key) {
            Some((first, of)) if *of != slot => return Some((*first, at, slot)),
            Some(_) => {}
            None => drop(taken.insert(key, (at, slot))),
        }
    }
    None
}
