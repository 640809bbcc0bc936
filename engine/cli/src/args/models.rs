//! `suho model …`: its words and flags.

use super::{Output, Seat, Target};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Lists and shows models.
#[derive(Debug, Subcommand)]
pub(crate) enum Model {
    /// Lists models.
    Ls(ModelLs),
    /// Shows one model: its life, its proofs, its artifact.
    Show(ModelShow),
    /// Shows which model served whom, from when, by whose decision.
    History(ModelHistory),
    /// Shows what makes one model another than the other, and what each came to.
    Diff(ModelDiff),
    /// Shows what a model came from, and what came of it.
    Lineage(ModelShow),
    /// Verifies a model's artifact and its registry row.
    Verify(ModelShow),
    /// Trains a model again from the registry alone; exit 1 when another one comes of it.
    Reproduce(ModelShow),
    /// Writes a model in a format that others read.
    Export(ModelExport),
    /// Takes weights trained elsewhere as a pipeline's candidate, which goes the way of every other.
    Import(ModelImport),
    /// Withdraws a draft, or retires the model in production.
    Archive(ModelArchive),
}

#[derive(Args, Debug)]
pub(crate) struct ModelLs {
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct ModelShow {
    /// A name, NAME@VERSION, or an id.
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct ModelHistory {
    /// A name, NAME@VERSION, or an id; its slot is told of. Every slot when not given.
    pub(crate) model: Option<String>,
    /// Only who served at this instant.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct ModelDiff {
    /// A name, NAME@VERSION, or an id.
    pub(crate) before: String,
    /// The other one.
    pub(crate) after: String,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct ModelImport {
    /// Weights as safetensors of the declared network: suho's own, or PyTorch's.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct ModelArchive {
    /// A name, NAME@VERSION, or an id.
    pub(crate) model: String,
    /// Why; it stands in the model's life and in the audit log.
    #[arg(short, long)]
    pub(crate) message: String,
    /// The model in production, named once more: its place is left empty.
    #[arg(long, value_name = "NAME@VERSION")]
    pub(crate) confirm: Option<String>,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
pub(crate) struct ModelExport {
    /// A name, NAME@VERSION, or an id.
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) format: ModelFormat,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct ModelFormat {
    /// As ONNX: raw windows in, probabilities out, scaling inside.
    #[arg(long, value_name = "FILE")]
    pub(crate) onnx: Option<PathBuf>,
    /// The weights alone, as safetensors.
    #[arg(long, value_name = "FILE")]
    pub(crate) safetensors: Option<PathBuf>,
}
