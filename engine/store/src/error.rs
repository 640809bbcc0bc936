//! From the database's errors to [`StoreError`].

use std::error::Error;
use std::fmt::Display;
use suho_driver::ports::StoreError;

/// Names what was being done when the database refused. The text follows "cannot".
pub(crate) trait Doing<T> {
    /// A violated unique key is a [`StoreError::Conflict`]: somebody else wrote first.
    fn doing(self, what: impl Display) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, what: impl Display) -> Result<T, StoreError> {
        self.map_err(|error| match error.as_database_error() {
            Some(database) if database.is_unique_violation() => {
                conflict(what, "no such row", database.message())
            }
            _ => refused(what, error),
        })
    }
}

/// The disk, the database or a value refused.
pub(crate) fn refused(
    doing: impl Display,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> StoreError {
    StoreError::Refused { doing: doing.to_string(), source: source.into() }
}

/// Somebody else wrote first.
pub(crate) fn conflict(
    what: impl Display,
    expected: impl Display,
    found: impl Display,
) -> StoreError {
    StoreError::Conflict {
        what: what.to_string(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

/// A row contradicts its own history.
pub(crate) fn tampered(what: impl Display, detail: impl Display) -> StoreError {
    StoreError::Tampered { what: what.to_string(), detail: detail.to_string() }
}

/// A count as SQLite holds it; one beyond its range is held at the end, which no count reaches.
pub(crate) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
