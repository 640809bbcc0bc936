//! What lies outside a project: the environment's secrets, other people's databases and buckets.

use bytes::Bytes;
use std::path::PathBuf;
use std::time::Duration;
use suho_artifacts::access::Access;
use suho_artifacts::{Bucket, BucketError};
use suho_domain::{FailureClass, Fault};
use suho_market::{Files, Queries, QueryError, SourceError, Table, TableColumn};
use suho_step::StepError;
use suho_steps::sources::{Connections, Database};
use suho_store::ask::{Answer, Asked, Bounds, Cell, ask};

/// Most rows that are asked for: ten years of minutes.
const ROWS_MAX: usize = 5_000_000;
/// Longest time for an answer.
const TIME_MAX: Duration = Duration::from_mins(10);

/// What this process may reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outside;

impl Connections for Outside {
    fn variable(&self, name: &str) -> Result<String, StepError> {
        #[expect(clippy::disallowed_methods, reason = "the command line is where it is read")]
        std::env::var(name).map_err(|_| {
            StepError::user("no-secret", format!("the secret `{name}` is not in the environment"))
                .help(format!("set the variable `{name}` for whoever runs suho"))
        })
    }

    fn database(&self, database: &Database<'_>) -> Result<Box<dyn Queries>, StepError> {
        Ok(Box::new(match database {
            Database::Sqlite(path) => Reader::Sqlite(path.to_path_buf()),
            Database::Postgres(url) => Reader::Postgres((*url).to_owned()),
        }))
    }

    fn files(&self, url: &str) -> Result<Box<dyn Files>, StepError> {
        if !url.starts_with("s3://") {
            let message = format!(
                "files at `{url}` cannot be read: only paths, `file://` and `s3://` are known"
            );
            return Err(StepError::user("unknown-store", message)
                .help("copy the files into the project, or mount the store"));
        }
        let objects = Objects::of(url).map_err(|error| told(&error))?;
        Ok(Box::new(objects))
    }
}

/// What a store said before anything was read.
fn told(error: &BucketError) -> StepError {
    let message = suho_domain::fault::chain(error);
    let told = match error.fault() {
        Fault::User => StepError::user(error.code(), message),
        Fault::World => StepError::new(FailureClass::Infrastructure, error.code(), message),
        Fault::Bug => StepError::bug(error.code(), message),
    };
    told.help(error.help())
}

/// The objects of a bucket as files, by their whole URLs.
pub(crate) struct Objects {
    bucket: Bucket,
    /// What every name begins with: `s3://bucket/`.
    root: String,
}

impl Objects {
    /// Those of the bucket that `url` is in, which the environment holds the key to.
    pub(crate) fn of(url: &str) -> Result<Self, BucketError> {
        let bucket = Bucket::open(url, &Access::of_environment())?;
        let root = format!("{}/", bucket.url());
        Ok(Self { bucket, root })
    }

    fn name<'n>(&self, url: &'n str) -> &'n str {
        url.strip_prefix(&self.root).unwrap_or_default()
    }

    fn refused(url: &str, error: BucketError) -> SourceError {
        let path = PathBuf::from(url);
        match error {
            BucketError::Missing { .. } => SourceError::Missing { path },
            error => SourceError::Refused {
                path,
                fault: error.fault(),
                code: error.code(),
                help: error.help(),
                source: Box::new(error),
            },
        }
    }
}

impl Files for Objects {
    fn list(&self, prefix: &str) -> Result<Vec<String>, SourceError> {
        let names = self.bucket.list(self.name(prefix));
        let names = names.map_err(|error| Self::refused(prefix, error))?;
        Ok(names.into_iter().map(|name| format!("{}{name}", self.root)).collect())
    }

    fn read(&self, name: &str) -> Result<Bytes, SourceError> {
        self.bucket.read(self.name(name)).map_err(|error| Self::refused(name, error))
    }
}

/// A database that is asked.
enum Reader {
    Sqlite(std::path::PathBuf),
    Postgres(String),
}

impl Queries for Reader {
    fn query(&self, sql: &str, rows_max: usize) -> Result<Table, QueryError> {
        let rows_max = rows_max.min(ROWS_MAX);
        let bounds = Bounds { rows_max, time_max: TIME_MAX };
        let (asked, what) = match self {
            Self::Sqlite(path) => (Asked::Sqlite(path), format!("cannot ask `{}`", path.display())),
            // The URL holds a password.
            Self::Postgres(url) => (Asked::Postgres(url), "cannot ask PostgreSQL".to_owned()),
        };
        let answer = ask(asked, sql, bounds).map_err(|error| QueryError {
            what: what.clone(),
            fault: error.fault(),
            source: Some(Box::new(error)),
        })?;
        if answer.rows.len() > rows_max {
            let what = format!("{what}: it answers more than {rows_max} rows");
            return Err(QueryError { what, fault: Fault::User, source: None });
        }
        Ok(table(answer))
    }
}

/// The answer by columns, each of the one type that all its values have.
fn table(answer: Answer) -> Table {
    let Answer { columns, rows } = answer;
    let mut cells: Vec<Vec<Cell>> =
        columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, cell) in cells.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    Table { columns: columns.into_iter().zip(cells.into_iter().map(column)).collect() }
}

fn column(cells: Vec<Cell>) -> TableColumn {
    let is = |of: fn(&Cell) -> bool| cells.iter().all(|cell| *cell == Cell::Null || of(cell));
    if is(|cell| matches!(cell, Cell::Integer(_))) {
        let whole = |cell| if let Cell::Integer(number) = cell { Some(number) } else { None };
        return TableColumn::Integers(cells.into_iter().map(whole).collect());
    }
    if is(|cell| matches!(cell, Cell::Integer(_) | Cell::Number(_))) {
        let number = |cell| match cell {
            Cell::Integer(number) => Some(number as f64),
            Cell::Number(number) => Some(number),
            Cell::Null | Cell::Text(_) => None,
        };
        return TableColumn::Numbers(cells.into_iter().map(number).collect());
    }
    let text = |cell| match cell {
        Cell::Null => None,
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Number(number) => Some(number.to_string()),
        Cell::Text(text) => Some(text),
    };
    TableColumn::Texts(cells.into_iter().map(text).collect())
}

#[cfg(test)]
mod tests;
