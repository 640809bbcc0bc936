//! The one way to write: everything or nothing, and an honest word when it cannot be known which.

use crate::connection::{Connection, Fate, Purpose};
use crate::error::{Doing as _, refused};
use crate::lease;
use std::ops::{Deref, DerefMut};
use suho_driver::ports::StoreError;

/// SQLite's primary code of errors of the disk; extended ones have it as their last byte.
const IO_ERROR: i64 = 10;

/// A connection inside a transaction. Whoever begins one hands it to [`finish`].
#[must_use]
pub(crate) struct Transaction<'c>(&'c mut Connection);

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.0
    }
}

/// Begins to write; for an engine only as long as it leads.
pub(crate) async fn begin<'c>(
    conn: &'c mut Connection,
    doing: &str,
) -> Result<Transaction<'c>, StoreError> {
    conn.begin(Purpose::Write).await.doing(doing)?;
    if let Some(lead) = conn.lead().cloned()
        && let Err(error) = lease::hold(conn, &lead, doing).await
    {
        drop(conn.rollback().await);
        return Err(error);
    }
    Ok(Transaction(conn))
}

/// Commits what succeeded, rolls back what did not.
pub(crate) async fn finish<T: Send>(
    tx: Transaction<'_>,
    work: Result<T, StoreError>,
    doing: &str,
) -> Result<T, StoreError> {
    let Transaction(conn) = tx;
    let value = match work {
        Ok(value) => value,
        Err(error) => {
            // A failed rollback leaves the connection inside a transaction, and the store
            // replaces such a one. The first error is the one worth telling.
            drop(conn.rollback().await);
            return Err(error);
        }
    };
    let Err(source) = conn.commit().await else { return Ok(value) };
    match conn.fate().await {
        Fate::Committed => Ok(value),
        Fate::Aborted => Err(refused(doing, source)),
        Fate::Unknown => {
            Err(StoreError::Unknown { doing: doing.to_owned(), source: Box::new(source) })
        }
    }
}

/// Whether a COMMIT failed in the disk. What the kernel holds is then no longer what the disk
/// holds, and no later commit may build on it.
pub(crate) fn lost_the_disk<T>(result: &Result<T, StoreError>) -> bool {
    let Err(StoreError::Unknown { source, .. }) = result else { return false };
    source
        .downcast_ref::<sqlx::Error>()
        .and_then(sqlx::Error::as_database_error)
        .and_then(|error| error.code()?.parse::<i64>().ok())
        .is_some_and(|code| code & 0xff == IO_ERROR)
}
