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
mod place;
mod ps;
mod reproduce;
mod seen;
mod status;
mod verify;
mod why;
pub(crate) mod words;

pub(crate) use cancel::cancel;
pub(crate) use logs::logs;
pub(crate) use ps::ps;
pub(crate) use status::status;
pub(crate) use why::why;

use crate::args;
use crate::failure::Failure;
use crate::importing;
use crate::terminal::Terminal;

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

#[cfg(test)]
mod tests;
