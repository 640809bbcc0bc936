//! The words and flags of `suho data`.

use super::bars::column;
use super::{Output, Reading};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use suho_domain::{Symbol, Timeframe};
use suho_market::Column;
use suho_time::Calendar;

/// Looks at files of bars, and turns one form into another.
#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// Makes a folder to begin with: a project that reads files of bars.
    Init(DataInit),
    /// Says what is in files of bars, and what is wrong with it.
    Describe(DataDescribe),
    /// Writes another's file of bars in our form.
    Import(DataImport),
    /// Writes a file of bars as another wants it.
    Export(DataExport),
}

#[derive(Args, Debug)]
pub(crate) struct DataInit {
    /// The folder; what lies there already is left as it is.
    pub(crate) folder: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct DataDescribe {
    /// `.parquet` or `.csv` files of bars, each a series of its own.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// When the market is open: `fx`, `xnys` or `always`; follows from the symbol when not given.
    #[arg(long, value_name = "CALENDAR")]
    pub(crate) calendar: Option<Calendar>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct DataImport {
    /// The file to read, `.parquet` or `.csv`.
    pub(crate) from: PathBuf,
    /// The new file, `.parquet` or `.csv`.
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Args, Debug)]
pub(crate) struct DataExport {
    /// The file to read, `.parquet` or `.csv`.
    pub(crate) from: PathBuf,
    /// The new file, `.parquet` or `.csv`.
    pub(crate) to: PathBuf,
    /// What is priced, such as EUR/USD.
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) symbol: Option<Symbol>,
    /// How long a bar lasts; as far as most bars are apart when not given.
    #[arg(long, value_name = "TIMEFRAME")]
    pub(crate) timeframe: Option<Timeframe>,
    /// What a column is called in the new file: `open=o`; may be given for each.
    #[arg(long = "column", value_name = "COLUMN=NAME", value_parser = column)]
    pub(crate) columns: Vec<(Column, String)>,
}
