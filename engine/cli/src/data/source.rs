//! Bars from the file that a command names: flags say how it is read, and where they do not, the
//! bars themselves say how long they are and of what.

use crate::args::Reading;
use crate::connections::Objects;
use crate::failure::Failure;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::path::Path;
use suho_domain::{Duration, Symbol, Timeframe};
use suho_market::{Bars, ColumnNames, Files, LocalFiles, SourceError, read_files};

/// Bars as they stand in a file, and how long each lasts.
pub(crate) struct Read {
    /// Their symbol is empty where nothing tells it.
    pub(crate) bars: Bars,
    pub(crate) timeframe: Timeframe,
}

/// The bars of `file`: one file, or a folder or pattern of files that are one series.
pub(crate) fn read(file: &Path, reading: &Reading) -> Result<Read, Failure> {
    let standard = ColumnNames::standard();
    let names =
        reading.columns.iter().fold(standard, |names, (column, name)| names.with(*column, name));
    let bars = found(file, reading, &names)?;
    let timeframe = match reading.timeframe {
        Some(given) => given,
        None => told(&bars, file)?,
    };
    Ok(Read { bars: Bars { timeframe: length(timeframe), ..bars }, timeframe })
}

/// A bar's length as chrono counts it.
fn length(timeframe: Timeframe) -> TimeDelta {
    TimeDelta::minutes(timeframe.minutes().into())
}

/// Reads; again when the bars turn out to be longer than supposed, or of the one symbol there is.
fn found(file: &Path, given: &Reading, names: &ColumnNames) -> Result<Bars, Failure> {
    // Others write bars as a folder that is called like a file.
    let is_folder = file.is_dir();
    let name = format!("{}{}", file.display(), if is_folder { "/" } else { "" });
    let files = files(&name)?;
    let mut symbol = given.symbol.as_ref().map_or("", Symbol::as_str).to_owned();
    let mut timeframe = given.timeframe.map(length);
    loop {
        let reading = suho_market::Reading {
            symbol: &symbol,
            timeframe: timeframe.unwrap_or(TimeDelta::minutes(1)),
            names,
        };
        match read_files(&*files, &name, None, &reading) {
            Ok(read) => return Ok(read.bars),
            Err(SourceError::Spacing { found, .. }) if timeframe.is_none() => {
                timeframe = Some(found);
            }
            Err(SourceError::NoSuchRows { wanted, there, .. })
                if symbol.is_empty() && wanted.is_empty() && there.len() == 1 =>
            {
                symbol = there.concat();
            }
            Err(error) => return Err(refused(&error, file)),
        }
    }
}

/// The files that `name` is among.
fn files(name: &str) -> Result<Box<dyn Files>, Failure> {
    if name.starts_with("s3://") {
        let objects = Objects::of(name).map_err(|error| {
            Failure::from_error(error.fault(), error.code(), &error).help(error.help())
        })?;
        return Ok(Box::new(objects));
    }
    // A pattern without a folder is of this one.
    let is_pattern = name.contains(['*', '?']) && !name.contains('/');
    let root = if is_pattern { "." } else { "" };
    Ok(Box::new(LocalFiles::under(Path::new(root))))
}

/// How long a bar lasts by how far most of them are apart.
fn told(bars: &Bars, file: &Path) -> Result<Timeframe, Failure> {
    let place = file.display();
    let Some(apart) = usual_distance(&bars.time).map(Duration::from_micros) else {
        let message =
            format!("`{place}` does not tell how long a bar lasts: no bar follows another");
        return Err(Failure::user("unknown-timeframe", message).help("write `--timeframe 1h`"));
    };
    Timeframe::from_duration(apart).map_err(|_| {
        let message = format!(
            "most bars of `{place}` are {apart} apart, which is no length of a bar: whole minutes \
             that divide a day"
        );
        Failure::user("wrong-timeframe", message)
            .help("resample the bars to a length such as 1m, 1h or 1d")
    })
}

/// How far most bars that follow each other are apart, in µs; the smaller of equals. Bars that are
/// repeated or out of order tell nothing.
fn usual_distance(times: &[i64]) -> Option<i64> {
    let mut seen: BTreeMap<i64, usize> = BTreeMap::new();
    for (before, time) in times.iter().zip(times.iter().skip(1)) {
        let distance = time.saturating_sub(*before);
        if distance > 0 {
            *seen.entry(distance).or_default() += 1;
        }
    }
    let most = seen.values().copied().max()?;
    seen.into_iter().find(|(_, count)| *count == most).map(|(distance, _)| distance)
}

/// What a reader said, in the words of a command: it knows flags, not a pipeline's `source = …`.
fn refused(error: &SourceError, file: &Path) -> Failure {
    let place = error.place().path.display();
    let user = |message: String| Failure::user(error.code(), message);
    let failure = match error {
        SourceError::Missing { .. } => user(format!("there is no file `{place}`"))
            .help("name a `.parquet` or `.csv` file of bars, or a folder of them"),
        SourceError::NoMatch { .. } if !file.is_file() => {
            user(format!("no file of bars matches `{}`", file.display()))
                .help("name a `.parquet` or `.csv` file of bars, or a folder of them")
        }
        SourceError::UnknownFormat { .. } | SourceError::NoMatch { .. } => {
            let message = format!("`{}` is neither `.parquet` nor `.csv`", file.display());
            Failure::user("unknown-format", message).help("name the file by what it holds")
        }
        SourceError::NoFile { .. } => user(error.to_string())
            .help("name a `.parquet` or `.csv` file of bars, or a folder of them"),
        SourceError::NotParquet { .. } => user(format!("`{place}` is not a Parquet file"))
            .help("name a text file `.csv`, or take another copy"),
        SourceError::ColumnMissing { column, wanted, there, nearest, .. }
            if !there.iter().all(String::is_empty) =>
        {
            let there: Vec<String> = there.iter().map(|name| format!("`{name}`")).collect();
            let name = nearest.as_deref().unwrap_or("NAME");
            user(format!("`{place}` has no column `{wanted}`; it has {}", there.join(", ")))
                .help(format!("write `--column {column}={name}` for the column that is meant"))
        }
        SourceError::NoSuchRows { wanted, there, .. } if wanted.is_empty() => {
            user(format!("`{place}` has bars of several symbols: {}", there.join(", ")))
                .help(format!("write `--symbol {}`", there.first().map_or("", String::as_str)))
        }
        SourceError::Spacing { found, .. } => {
            let minutes = u32::try_from(found.num_minutes()).unwrap_or(0);
            let failure = Failure::from_error(error.fault(), error.code(), error);
            match Timeframe::from_minutes(minutes) {
                Ok(there) if length(there) == *found => {
                    failure.help(format!("write `--timeframe {there}`"))
                }
                _ => failure.help("resample the bars to a length such as 1m, 1h or 1d"),
            }
        }
        _ => Failure::from_error(error.fault(), error.code(), error).help(error.help()),
    };
    let (row, column) = (error.place().row, error.place().column);
    match (row, column) {
        (Some(row), Some(column)) => failure.at(format!("{place}, row {row}, column `{column}`")),
        (Some(row), None) => failure.at(format!("{place}, row {row}")),
        _ => failure,
    }
}

#[cfg(test)]
mod tests;
