//! `suho test`.

use super::Output;
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Test {
    /// Files and folders; the project's when none is given.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only tests with this in their names.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Says which rules were seen to hold and not to hold; warns of those that were not.
    #[arg(long)]
    pub(crate) coverage: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}
