//! The words of `suho export`, `suho doctor` and `suho audit`.

use super::{Output, Seat};
use clap::{Args, Subcommand, ValueEnum};

/// How history is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Form {
    /// One JSON object a line.
    #[default]
    Jsonl,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Form,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// Derives the state of every run and schedule anew from what happened, and holds everything
    /// against its history.
    #[arg(long, required = true)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Looks at the log of who did what.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Walks along the chain of hashes: no line was changed, added or taken out.
    Verify(AuditVerify),
}

#[derive(Args, Debug)]
pub(crate) struct AuditVerify {
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}
