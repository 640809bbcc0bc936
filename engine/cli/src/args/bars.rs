//! How a file of bars is named on the command line.

use clap::Args;
use std::path::PathBuf;
use suho_domain::{Symbol, Timeframe};
use suho_market::Column;

/// How a file of bars is read.
#[derive(Args, Debug)]
pub(crate) struct Reading {
    /// What is priced, such as EUR/USD.
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) symbol: Option<Symbol>,
    /// How long a bar lasts; as far as most bars are apart when not given.
    #[arg(long, value_name = "TIMEFRAME")]
    pub(crate) timeframe: Option<Timeframe>,
    /// What a column is called in the file: `open=o`; may be given for each.
    #[arg(long = "column", value_name = "COLUMN=NAME", value_parser = column)]
    pub(crate) columns: Vec<(Column, String)>,
}

/// A file of bars.
#[derive(Args, Debug)]
pub(crate) struct BarsFile {
    /// A `.parquet` or `.csv` file of bars.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// `open=o`: the column of bars, and what it is called.
pub(super) fn column(text: &str) -> Result<(Column, String), String> {
    let columns = || Column::ALL.map(|column| format!("`{column}`")).join(", ");
    match text.split_once('=') {
        Some((column, name)) if !name.is_empty() => {
            let known = Column::ALL.into_iter().find(|known| known.name() == column);
            let known = known.ok_or_else(|| format!("the columns are {}", columns()))?;
            Ok((known, name.to_owned()))
        }
        _ => Err("write it as `open=o`".to_owned()),
    }
}
