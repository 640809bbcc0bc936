//! Freezes a file of bars as a snapshot: `reencode IN.parquet OUT.parquet SYMBOL MINUTES`.
//!
//! `examples/data/eurusd_1h.parquet` was made by it.

use std::error::Error;
use std::path::Path;

use chrono::TimeDelta;
use suho_market::{ColumnNames, encode, read_parquet};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, symbol, minutes] = arguments.as_slice() else {
        return Err("usage: reencode IN.parquet OUT.parquet SYMBOL MINUTES".into());
    };
    let timeframe = TimeDelta::minutes(minutes.parse()?);
    let bars = read_parquet(Path::new(from), symbol, timeframe, &ColumnNames::standard())?;
    std::fs::write(to, encode(&bars)?)?;
    Ok(())
}
