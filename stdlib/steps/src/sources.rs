//! Bars from wherever a pipeline says they are, as of an instant.
//!
//! A file counts by its content. What a query answers is frozen under what was asked and as of when,
//! and taken from there by everyone who asks the same; nothing but the process that asks first needs
//! the database, or the secret that opens it.

mod elsewhere;
mod frozen;
pub(crate) mod query;
mod written;

pub use elsewhere::{Connections, Database, Nowhere};
pub use written::Reading;

use crate::failure;
use crate::generated::Source;
use serde::Deserialize as _;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use suho_domain::{Digest, Instant, Value};
use suho_market::{
    Bars, BarsRead, FileFormat, FileRead, Files, Lineage, LocalFiles, SourceError, read_files,
    resample,
};
use suho_step::StepError;

/// The sources of a project, each read once.
pub struct Sources<'w> {
    project: PathBuf,
    as_of: Instant,
    /// Where the answers to queries are kept: a location of artifacts.
    kept_in: Option<String>,
    connections: &'w dyn Connections,
    read: RefCell<BTreeMap<String, Rc<Found>>>,
}

/// Bars as they stand in a source, and what exactly was read.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) bars: Bars,
    pub(crate) lineage: Lineage,
    /// The same for the same files, or the same question as of the same instant.
    pub(crate) digest: Digest,
    /// The instant as of which it was read.
    pub(crate) as_of: Instant,
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("project", &self.project)
            .field("as_of", &self.as_of)
            .field("kept_in", &self.kept_in)
            .finish_non_exhaustive()
    }
}

impl<'w> Sources<'w> {
    /// The sources of the project at `project`, as of an instant. Nothing is kept.
    pub fn new(project: &Path, as_of: Instant, connections: &'w dyn Connections) -> Self {
        let project = project.to_path_buf();
        Self { project, as_of, kept_in: None, connections, read: RefCell::default() }
    }

    /// The same with answers kept among the artifacts at `location`.
    #[must_use]
    pub fn kept_in(self, location: &str) -> Self {
        Self { kept_in: Some(location.to_owned()), ..self }
    }

    /// By what `source`, a choice like `parquet(path: …)`, counts: the content of its files, or what
    /// is asked of it and as of when.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn fingerprint(&self, source: &Value, reading: &Reading) -> Result<Digest, StepError> {
        Ok(self.found(&written(source)?, reading)?.digest.clone())
    }

    /// Open times of the bars in `source`, in order; where it has shorter bars, of those that they
    /// make up.
    ///
    /// # Errors
    /// When they cannot be read, or make up none.
    pub fn bar_times(&self, source: &Value, reading: &Reading) -> Result<Vec<Instant>, StepError> {
        let source = written(source)?;
        let found = self.found(&source, reading)?;
        let mut time = found.bars.time.clone();
        time.sort_unstable();
        time.dedup();
        if found.bars.timeframe != reading.length() {
            time = made_up(time, found.bars.timeframe, reading)?;
        }
        Ok(time.into_iter().map(Instant::from_micros).collect())
    }

    /// The bars of `source` as they stand there, as long as it says that they are.
    pub(crate) fn found(&self, source: &Source, reading: &Reading) -> Result<Rc<Found>, StepError> {
        let key = format!("{source:?} {reading:?}");
        if let Some(found) = self.read.borrow().get(&key) {
            return Ok(Rc::clone(found));
        }
        source.check_columns()?;
        let found = Rc::new(match source {
            Source::Parquet { path, .. } => {
                self.files(path, FileFormat::Parquet, source, reading)?
            }
            Source::Csv { path, .. } => self.files(path, FileFormat::Csv, source, reading)?,
            Source::Clickhouse { .. } | Source::Postgres { .. } | Source::Sqlite { .. } => {
                self.asked(source, reading)?
            }
        });
        self.read.borrow_mut().insert(key, Rc::clone(&found));
        Ok(found)
    }

    fn files(
        &self,
        path: &str,
        format: FileFormat,
        source: &Source,
        reading: &Reading,
    ) -> Result<Found, StepError> {
        let (files, name) = self.place(path)?;
        // A folder, or a form like `bars/*`, has files of other kinds too: their names tell.
        let last = name.rsplit('/').next().unwrap_or_default();
        let is_named = !last.is_empty() && (last.contains('.') || !last.contains(['*', '?']));
        let format = Some(format).filter(|_| is_named);
        let names = source.names();
        let length = source.length(reading)?;
        let reading =
            suho_market::Reading { symbol: reading.symbol(), timeframe: length, names: &names };
        let BarsRead { bars, files } =
            read_files(&*files, &name, format, &reading).map_err(|error| refused(&error))?;
        let digest = of_files(&files);
        Ok(Found { bars, lineage: Lineage::Files(files), digest, as_of: self.as_of })
    }

    /// The files that `path` is among, and its name there.
    fn place(&self, path: &str) -> Result<(Box<dyn Files>, String), StepError> {
        match path.split_once("://") {
            None => {
                let is_folder = !path.ends_with('/') && self.project.join(path).is_dir();
                let name = format!("{path}{}", if is_folder { "/" } else { "" });
                Ok((Box::new(LocalFiles::under(&self.project)), name))
            }
            Some(("file", path)) => {
                Ok((Box::new(LocalFiles::under(Path::new("/"))), path.to_owned()))
            }
            Some(_) => Ok((self.connections.files(path)?, folder_or_file(path))),
        }
    }
}

/// An object store has no folders to look for: a name without an end such as `.parquet` is one.
fn folder_or_file(url: &str) -> String {
    let last = url.rsplit('/').next().unwrap_or_default();
    let is_folder = !last.is_empty() && !last.contains(['.', '*', '?']);
    format!("{url}{}", if is_folder { "/" } else { "" })
}

/// A source as it is written.
fn written(source: &Value) -> Result<Source, StepError> {
    Source::deserialize(source.to_plain()).map_err(|error| failure::of_json(&error))
}

/// One digest of all files: of one file its own.
fn of_files(files: &[FileRead]) -> Digest {
    match files {
        [file] => file.digest.clone(),
        files => {
            let each: Vec<_> = files.iter().map(|file| (&file.name, &file.digest)).collect();
            Digest::of_json(&serde_json::json!({ "files": each }))
        }
    }
}

/// Open times of the longer bars that bars of `length` opening at `time` make up.
fn made_up(
    time: Vec<i64>,
    length: chrono::TimeDelta,
    reading: &Reading,
) -> Result<Vec<i64>, StepError> {
    let ones = vec![1.0; time.len()];
    let bars = Bars {
        time,
        open: ones.clone(),
        high: ones.clone(),
        low: ones.clone(),
        close: ones.clone(),
        volume: ones,
        ..Bars::empty(reading.symbol(), length)
    };
    Ok(longer(&bars, reading)?.time)
}

/// The bars that are asked for, out of `bars`, which are shorter.
pub(crate) fn longer(bars: &Bars, reading: &Reading) -> Result<Bars, StepError> {
    let made = resample(bars, reading.length(), reading.calendar())
        .map_err(|error| failure::of(error.fault(), error.code(), &error))?;
    Ok(made.bars)
}

/// What a reader said, with its code and what can be done.
pub(crate) fn refused(error: &SourceError) -> StepError {
    let help = match error {
        SourceError::ColumnMissing { column, nearest, there, .. } if !there.is_empty() => {
            let name = nearest.as_deref().unwrap_or("NAME");
            format!("write `columns: {{ {column} = \"{name}\" }}` in the source")
        }
        error => error.help(),
    };
    failure::of(error.fault(), error.code(), error).help(help)
}

#[cfg(test)]
mod tests;
