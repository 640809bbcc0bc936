//! The commands that look at state: runs, their steps and logs, models. None of them drives a run.

mod apart;
mod archive;
mod cancel;
mod export;
mod figures;
mod history;
mod life;
mod lineage;
mod logs;
mod models;
pub(crate) mod place;
mod ps;
mod reproduce;
pub(crate) mod seen;
mod status;
mod verify;
mod why;
pub(crate) mod words;

pub(crate) use cancel::cancel;
pub(crate) use logs::logs;
pub(crate) use ps::{ps, zone};
pub(crate) use status::{rollout as rollout_line, status};
pub(crate) use why::why;

use crate::args;
use crate::failure::Failure;
use crate::importing;
use crate::terminal::Terminal;
use suho_scheduler::Hold;

/// `suho model …`.
pub(crate) fn model(command: &args::Model, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        args::Model::Ls(args) => models::ls(args),
        args::Model::Show(args) => life::show(args),
        args::Model::History(args) => history::history(args),
        args::Model::Diff(args) => apart::diff(args),
        args::Model::Lineage(args) => lineage::lineage(args),
        args::Model::Verify(args) => verify::verify(args),
        args::Model::Reproduce(args) => reproduce::reproduce(args, terminal),
        args::Model::Export(args) => export::export(args),
        args::Model::Import(args) => importing::import(args, terminal),
        args::Model::Archive(args) => archive::archive(args, terminal),
    }
}

/// Who stops the line of `environment`.
pub(crate) fn stopped_line(environment: &str, hold: &Hold) -> String {
    let Hold { by, why, since } = hold;
    let since = words::local(*since, "UTC");
    format!("the line of `{environment}` is stopped since {since} by {by}: {why}\n")
}

#[cfg(test)]
mod tests;
