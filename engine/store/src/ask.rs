//! Questions to other people's databases: one SELECT, read only, within bounds.
//!
//! Nothing here knows what the answer is about. The database is never written to: SQLite is opened
//! read only, PostgreSQL is asked in a session that only reads; that the statement is one SELECT is
//! looked at first, so that people read a sentence and not a driver's.

mod postgres;
mod sqlite;
mod statement;

use std::fmt;
use std::path::Path;
use std::time::Duration;
use suho_domain::Fault;
use tokio::runtime::Builder;

/// A database to ask.
#[derive(Clone, Copy)]
pub enum Asked<'a> {
    /// An SQLite file.
    Sqlite(&'a Path),
    /// A PostgreSQL server, by its URL with user and password.
    Postgres(&'a str),
}

/// How much may be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Most rows; an answer has one more where there are more.
    pub rows_max: usize,
    /// Longest time for the whole answer.
    pub time_max: Duration,
}

/// What a database answered: the names of the columns, and rows as long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// In the order of the query; none known where there is no row.
    pub columns: Vec<String>,
    /// One value a column.
    pub rows: Vec<Vec<Cell>>,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text; of other types, how the database writes it.
    Text(String),
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// More, or something else, than one SELECT. `User`.
    #[error("a query is one SELECT: {0}")]
    Statement(&'static str),
    /// There is no such database, or nobody is let in. `User`.
    #[error("cannot open the database")]
    Open(#[source] sqlx::Error),
    /// The database did not understand. `User`.
    #[error("the database refuses the query")]
    Refused(#[source] sqlx::Error),
    /// It took too long. `World`.
    #[error("the database did not answer within {} s", .0.as_secs_f64())]
    Slow(Duration),
    /// The connection, or the machine. `World`.
    #[error("cannot ask the database")]
    World(#[source] sqlx::Error),
    /// There is no runtime for the driver. `World`.
    #[error("cannot start the database's driver")]
    Runtime(#[source] std::io::Error),
}

impl AskError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Statement(_) | Self::Open(_) | Self::Refused(_) => Fault::User,
            Self::Slow(_) | Self::World(_) | Self::Runtime(_) => Fault::World,
        }
    }
}

/// What `database` answers to `sql`, one SELECT.
///
/// # Errors
/// When it is something else, the database cannot be opened or refuses, or takes too long.
pub fn ask(database: Asked<'_>, sql: &str, bounds: Bounds) -> Result<Answer, AskError> {
    let sql = statement::bounded(sql, bounds.rows_max)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(AskError::Runtime)?;
    runtime.block_on(async {
        let answer = async {
            match database {
                Asked::Sqlite(path) => sqlite::ask(path, sql, bounds.time_max).await,
                Asked::Postgres(url) => postgres::ask(url, sql, bounds.time_max).await,
            }
        };
        // The database is told the same limit and stops by itself; this is for one that does not.
        let patience = bounds.time_max.saturating_add(Duration::from_secs(5));
        let answer = tokio::time::timeout(patience, answer).await;
        answer.unwrap_or(Err(AskError::Slow(bounds.time_max)))
    })
}

/// Never with the password.
impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.debug_tuple("Postgres").finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests;
