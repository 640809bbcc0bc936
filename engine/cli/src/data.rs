//! `suho data`: what is in files of bars, and one form of them from another.

mod convert;
mod describe;
pub(crate) mod form;
mod init;
pub(crate) mod source;

use crate::args::Data;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// `suho data …`.
pub(crate) fn data(command: &Data, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Data::Describe(args) => describe::describe(args),
        Data::Import(args) => convert::import(args, terminal),
        Data::Init(args) => init::init(args, terminal),
        Data::Export(args) => convert::export(args, terminal),
    }
}
