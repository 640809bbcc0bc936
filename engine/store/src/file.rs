//! The state as one file: one writer and a few readers.

use crate::connection::Connection;
use crate::error::refused;
use crate::open;
use crate::transaction::lost_the_disk;
use sqlx::sqlite::SqlitePool;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use suho_driver::ports::StoreError;

/// An opened file.
#[derive(Debug)]
pub(crate) struct File {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Connections that cannot write.
    pub(crate) readers: SqlitePool,
    /// One transaction at a time, whichever thread asks for it.
    writer: Mutex<Writer>,
}

/// The connection that writes. It travels into the task that uses it and comes back with the
/// answer, so it is owned by one task at a time.
#[derive(Debug)]
pub(crate) enum Writer {
    /// The store was opened to read.
    None,
    /// Ready for the next transaction.
    Ready(Connection),
    /// The last one was left in doubt; the next write opens another.
    Due,
    /// The disk failed a commit: only a new process may trust it again.
    Stopped,
}

/// The right to write, until it is given back.
pub(crate) struct Turn<'f> {
    writer: MutexGuard<'f, Writer>,
}

impl File {
    /// The file at `path` with what was opened of it.
    pub(crate) const fn new(path: PathBuf, readers: SqlitePool, writer: Writer) -> Self {
        Self { path, readers, writer: Mutex::new(writer) }
    }

    /// Waits for the right to write; answers it, and the connection if there is one to go on with.
    pub(crate) fn turn(&self, doing: &str) -> Result<(Turn<'_>, Option<Connection>), StoreError> {
        let mut writer = self.writer();
        let ready = match std::mem::replace(&mut *writer, Writer::Due) {
            Writer::Ready(conn) => Some(conn),
            Writer::Due => None,
            Writer::None => {
                *writer = Writer::None;
                return Err(refused(doing, "the store was opened to read"));
            }
            Writer::Stopped => {
                *writer = Writer::Stopped;
                return Err(refused(doing, "the disk failed an earlier commit: start again"));
            }
        };
        Ok((Turn { writer }, ready))
    }

    /// The writer, as the last one left it.
    pub(crate) fn take(&self) -> Writer {
        std::mem::replace(&mut *self.writer(), Writer::Due)
    }

    /// The writer. A thread that died with it left it [`Writer::Due`], which is true.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Gives the right back, with what the next one has to do.
    pub(crate) fn over(mut self, left: Writer) {
        *self.writer = left;
    }
}

impl Writer {
    /// What a transaction that ended in `result` on `conn` leaves.
    pub(crate) fn after<T>(conn: Connection, result: &Result<T, StoreError>) -> Self {
        let in_doubt = matches!(result, Err(StoreError::Unknown { .. }));
        if lost_the_disk(result) {
            Self::Stopped
        } else if in_doubt || conn.is_in_transaction() {
            Self::Due
        } else {
            Self::Ready(conn)
        }
    }
}

/// The writer to go on with: the one that is ready, else another.
pub(crate) async fn ready(
    ready: Option<Connection>,
    path: &std::path::Path,
) -> Result<Connection, StoreError> {
    match ready {
        Some(conn) => Ok(conn),
        None => open::writer(path).await,
    }
}
