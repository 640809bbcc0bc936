//! The one way to write: everything or nothing, and an honest word when it cannot be known which.

use crate::error::Doing as _;
use sqlx::{Connection as _, Sqlite, SqliteConnection, Transaction};
use suho_driver::ports::StoreError;

/// SQLite's primary code of errors of the disk; extended ones have it as their last byte.
const IO_ERROR: i64 = 10;

/// Begins to write. `IMMEDIATE`, because a transaction that starts as a reader cannot always
/// become a writer and would then fail at its first write (engine §3.2).
pub(crate) async fn begin<'c>(
    conn: &'c mut SqliteConnection,
    doing: &str,
) -> Result<Transaction<'c, Sqlite>, StoreError> {
    conn.begin_with("BEGIN IMMEDIATE").await.doing(doing)
}

/// Commits what succeeded, rolls back what did not.
pub(crate) async fn finish<T: Send>(
    tx: Transaction<'_, Sqlite>,
    work: Result<T, StoreError>,
    doing: &str,
) -> Result<T, StoreError> {
    let value = match work {
        Ok(value) => value,
        Err(error) => {
            // A failed rollback leaves the connection inside a transaction, and the writer
            // replaces such a one. The first error is the one worth telling.
            drop(tx.rollback().await);
            return Err(error);
        }
    };
    match tx.commit().await {
        Ok(()) => Ok(value),
        Err(source) => {
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
