//! The words and flags of `suho features`.

use super::{BarsFile, Output};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use suho_domain::{Symbol, Timeframe};
use suho_features::SymbolKey;

/// Lists, explains and computes features.
#[derive(Debug, Subcommand)]
pub(crate) enum Features {
    /// Lists the catalogue.
    Ls(FeaturesLs),
    /// Says what a feature is: its formula, range, parameters and warm-up.
    Show(FeaturesShow),
    /// Computes features of the bars in a file.
    Compute(FeaturesCompute),
}

#[derive(Args, Debug)]
pub(crate) struct FeaturesLs {
    /// Only those of one group, such as `momentum`.
    #[arg(short, long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct FeaturesShow {
    /// A feature, listed or not: `rsi_14`, `rsi_9`, `rsi_14__lag_3`.
    pub(crate) name: String,
    /// Counts look-back and warm-up in bars of this length.
    #[arg(long, value_name = "TIMEFRAME")]
    pub(crate) timeframe: Option<Timeframe>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct FeaturesCompute {
    #[command(flatten)]
    pub(crate) bars: BarsFile,
    /// Which, in order: names, and `momentum.*` for a whole group.
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',', required = true)]
    pub(crate) features: Vec<String>,
    /// Another symbol's bars, of the same length, for features like `rsi_14__sym_gbpusd`; may be given
    /// for each.
    #[arg(long, value_name = "SYMBOL=FILE", value_parser = beside)]
    pub(crate) beside: Vec<BesideFile>,
    /// Writes a new `.csv` or `.parquet` file instead.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Only the last so many bars; a table shows 20 unless told otherwise.
    #[arg(long, value_name = "BARS")]
    pub(crate) tail: Option<usize>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Another symbol's file of bars.
#[derive(Clone, Debug)]
pub(crate) struct BesideFile {
    pub(crate) key: SymbolKey,
    /// The symbol, where it is written as one: its rows are taken out of a file of several.
    pub(crate) symbol: Option<Symbol>,
    pub(crate) file: PathBuf,
}

/// `GBP/USD=gbpusd.csv`, or `gbpusd=gbpusd.csv`.
fn beside(text: &str) -> Result<BesideFile, String> {
    let (symbol, file) = text.split_once('=').ok_or("write `SYMBOL=FILE`")?;
    let key = SymbolKey::of(symbol).ok_or_else(|| format!("`{symbol}` is no symbol"))?;
    Ok(BesideFile { key, symbol: Symbol::new(symbol).ok(), file: PathBuf::from(file) })
}
