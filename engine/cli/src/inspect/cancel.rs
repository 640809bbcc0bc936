//! `suho cancel`: a request before a run, which its engine answers; where that is dead, so does this
//! process.

use super::place::{States, refused};
use super::words::now;
use crate::args;
use crate::failure::Failure;
use crate::project::Project;
use crate::rehearse;
use crate::remote;
use crate::terminal::{self, Terminal};
use serde_json::json;
use std::path::Path;
use suho_domain::RunStatus;
use suho_driver::ports::{Request, RunRow, Store as _};

/// `suho cancel RUN -m WHY`.
pub(crate) fn cancel(args: &args::Cancel, terminal: Terminal) -> Result<u8, Failure> {
    let (mut state, run) = States::of(&args.place)?.run(&args.run)?;
    let said = if run.status.is_terminal() {
        over(&run)
    } else {
        let open = state.store.requests(&run.id).map_err(|error| refused(&error))?;
        let before = open.into_iter().find(|request| request.kind == "cancel");
        if before.is_none() {
            let asked = state.store.request(&run.id, "cancel", &who(), &args.message, now());
            asked.map_err(|error| refused(&error))?;
        }
        if let Some(place) = remote::find(&state.folder) {
            // It would hear of it at its next turn; so it does at once.
            remote::ask(&place, &format!("/v1/runs/{}/cancel", run.id), &json!({}), None)?;
        }
        let path = args.place.project.as_deref().unwrap_or_else(|| Path::new("."));
        let project = Project::of(path)?;
        match (rehearse::settle(project, &state.folder, &run, terminal)?, before) {
            (Some(status), _) => settled(&run, status),
            (None, Some(request)) => asked_before(&run, &request),
            (None, None) => asked_for(&run),
        }
    };
    if !terminal.is_quiet {
        terminal::out(&said);
    }
    Ok(0)
}

/// Who sits before the terminal, as far as the environment says.
fn who() -> String {
    let name = std::env::var_os("USER").or_else(|| std::env::var_os("LOGNAME"));
    let name = name.map(|name| name.to_string_lossy().into_owned());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "cli".to_owned())
}

fn called(run: &RunRow) -> String {
    format!("run `{}` ({} #{})", run.id.short(), run.pipeline, run.number)
}

fn over(run: &RunRow) -> String {
    format!("{} is over: {}; there is nothing to cancel\n", called(run), run.status)
}

fn asked_before(run: &RunRow, request: &Request) -> String {
    let Request { by, why, .. } = request;
    format!("{} is to be cancelled already, for {by}: {why}\n", called(run))
}

fn asked_for(run: &RunRow) -> String {
    let id = run.id.short();
    format!(
        "{} will be cancelled: its engine ends what is at work, takes a rollout's traffic back and \
         closes the run\n`suho status {id}` shows when it is done\n",
        called(run)
    )
}

fn settled(run: &RunRow, status: RunStatus) -> String {
    format!("{} is {status}; no engine was at work on it\n", called(run))
}
