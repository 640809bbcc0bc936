//! What lies outside the project: secrets, databases and object stores, through whoever knows them.

use std::path::Path;
use suho_market::{Files, Queries};
use suho_step::StepError;

use crate::generated::SecretSource;

/// What is outside, to whoever may use it.
pub trait Connections: Sync {
    /// The secret in the variable `name` of the engine's environment.
    ///
    /// # Errors
    /// When there is none.
    fn variable(&self, name: &str) -> Result<String, StepError>;

    /// A database that answers queries, and only that.
    ///
    /// # Errors
    /// When it cannot be reached.
    fn database(&self, database: &Database<'_>) -> Result<Box<dyn Queries>, StepError>;

    /// The objects in the bucket that `url` is in, such as `s3://bucket/bars`; their names are URLs.
    ///
    /// # Errors
    /// When this build knows no such store, or it cannot be reached.
    fn files(&self, url: &str) -> Result<Box<dyn Files>, StepError>;
}

/// A database that queries are asked of.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a URL holds a password")]
pub enum Database<'a> {
    /// An SQLite file.
    Sqlite(&'a Path),
    /// A PostgreSQL server, by its URL with user and password.
    Postgres(&'a str),
}

/// Nothing is outside: for whoever reads files of the project alone.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Connections for Nowhere {
    fn variable(&self, name: &str) -> Result<String, StepError> {
        Err(StepError::user("no-secret", format!("the secret `{name}` cannot be had here")))
    }

    fn database(&self, _: &Database<'_>) -> Result<Box<dyn Queries>, StepError> {
        Err(StepError::user("no-database", "databases cannot be asked here"))
    }

    fn files(&self, url: &str) -> Result<Box<dyn Files>, StepError> {
        Err(StepError::user("unknown-store", format!("files at `{url}` cannot be read here")))
    }
}

/// What is kept where `place` says.
pub(super) fn secret(
    project: &Path,
    connections: &dyn Connections,
    place: &SecretSource,
) -> Result<String, StepError> {
    /// A file of a secret holds a line, not a disk.
    const BYTES_MAX: u64 = 64 << 10;
    match place {
        SecretSource::Env { name } => connections.variable(name),
        SecretSource::File { path } => {
            let file = project.join(path);
            let is_small = std::fs::metadata(&file).is_ok_and(|about| about.len() <= BYTES_MAX);
            let text = std::fs::read_to_string(&file).ok().filter(|_| is_small);
            // Editors end a file with a line break that is no part of the secret.
            text.map(|text| text.trim_end_matches(['\r', '\n']).to_owned()).ok_or_else(|| {
                StepError::user("no-secret", format!("cannot read the secret in `{path}`"))
                    .help("the file holds the secret on one line, and its owner may read it")
            })
        }
        SecretSource::Vault { path } | SecretSource::K8s { path } => {
            let message = format!("this version cannot fetch the secret `{path}`");
            Err(StepError::user("no-secret", message)
                .help("give it as `env(\"NAME\")` or `file(\"path\")`"))
        }
    }
}
