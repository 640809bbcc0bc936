//! `suho data import` and `export`: bars from one form into another, no number changed.

use super::form;
use super::source::{self, Read};
use crate::args::{DataExport, DataImport, Reading};
use crate::failure::Failure;
use crate::fresh;
use crate::inspect::words::many;
use crate::terminal::{Terminal, out};
use std::path::Path;
use suho_domain::Fault;
use suho_market::{
    Bars, Check, Column, ColumnNames, FileFormat, QualityRules, content_digest, encode_as, judge,
    to_csv,
};
use suho_time::Calendar;

/// Another's file in our form.
pub(super) fn import(args: &DataImport, terminal: Terminal) -> Result<u8, Failure> {
    let form = form::of(&args.to)?;
    let read = source::read(&args.from, &args.reading)?;
    write(&args.to, form, &read, &ColumnNames::standard(), terminal)
}

/// Our file as another wants it.
pub(super) fn export(args: &DataExport, terminal: Terminal) -> Result<u8, Failure> {
    let form = form::of(&args.to)?;
    let names = names(&args.columns)?;
    let DataExport { symbol, timeframe, .. } = args;
    let reading = Reading { symbol: symbol.clone(), timeframe: *timeframe, columns: Vec::new() };
    let read = source::read(&args.from, &reading)?;
    write(&args.to, form, &read, &names, terminal)
}

/// What the columns of a new file are called: each has a name of its own.
fn names(given: &[(Column, String)]) -> Result<ColumnNames, Failure> {
    let is_written = |column: &Column| !matches!(column, Column::Symbol | Column::Timeframe);
    if let Some((column, _)) = given.iter().find(|(column, _)| !is_written(column)) {
        let message = format!("a file of one series has no column `{column}`");
        return Err(Failure::user("no-such-column", message)
            .help("Parquet keeps symbol and timeframe in its metadata; leave the flag out"));
    }
    let standard = ColumnNames::standard();
    let names = given.iter().fold(standard, |names, (column, name)| names.with(*column, name));
    let mut called: Vec<&str> =
        Column::ALL.iter().filter(|column| is_written(column)).map(|c| names.name(*c)).collect();
    called.sort_unstable();
    match called.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(twice) => {
            let name = twice.first().copied().unwrap_or_default();
            let message = format!("two columns of the new file would be called `{name}`");
            Err(Failure::user("column-twice", message)
                .help("give each `--column` a name of its own"))
        }
        None => Ok(names),
    }
}

/// Writes the file, and says what is in it.
fn write(
    path: &Path,
    form: FileFormat,
    read: &Read,
    names: &ColumnNames,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let Read { bars, timeframe } = read;
    let failed = |fault: Fault, error: &dyn std::error::Error| {
        Failure::from_error(fault, "not-written", error)
    };
    let bytes = match form {
        FileFormat::Parquet => encode_as(bars, names).map_err(|e| failed(e.fault(), &e))?,
        FileFormat::Csv => to_csv(bars, names).map_err(|e| failed(e.fault(), &e))?.into_bytes(),
    };
    fresh::write(path, &bytes)?;
    if !terminal.is_quiet {
        let first = bars.time.first().map(|at| form::time(*at)).unwrap_or_default();
        let last = bars.time.last().map(|at| form::time(*at)).unwrap_or_default();
        out(&format!(
            "{}  {} of {timeframe}, {first} to {last}\ncontent {}\n",
            path.display(),
            many(u64::try_from(bars.len()).unwrap_or(u64::MAX), "bar"),
            content_digest(bars, &[])
        ));
        out(&unsound(bars));
    }
    Ok(0)
}

/// What is wrong with bars of any market, each once: it is carried over as it is, and a pipeline that
/// reads it refuses it.
fn unsound(bars: &Bars) -> String {
    let rules = QualityRules::standard().without_repairs();
    let (_, report) = judge(bars.clone(), Calendar::Always, &rules);
    let everywhere =
        [Check::Order, Check::Duplicates, Check::Finite, Check::Prices, Check::HighLow];
    let lines = report.checks.iter().filter(|check| everywhere.contains(&check.name));
    let lines = lines.filter_map(|check| {
        let first = check.examples.first()?;
        Some(format!("note: `{}` found {}, first {first}\n", check.name, check.found))
    });
    lines.collect()
}
