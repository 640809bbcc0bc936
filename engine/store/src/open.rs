//! Opening the state folder: as its one engine, or to read beside it.

use crate::connection::Connection;
use crate::error::{Doing as _, refused};
use crate::query::query;
use crate::schema::{self, STEPS};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::path::Path;
use std::time::Duration;
use suho_driver::ports::StoreError;

/// The database's file in the state folder.
pub(crate) const FILE: &str = "suho.db";
/// How long a writer waits for another one's transaction: a request from a second process waits
/// for the engine's commit and the other way round.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The write-ahead log is cut back to this after a checkpoint, in bytes.
const JOURNAL_SIZE_LIMIT: &str = "67108864";
/// Readers open at once.
const READERS_MAX: u32 = 2;
/// Prepared statements a connection keeps; more than there are in this crate.
const STATEMENTS_MAX: usize = 128;

/// What one wants to do with the state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Drive runs. One process at a time.
    Engine,
    /// Look, and put requests before runs. Any number of processes, beside an engine.
    Read,
}

/// The settings every connection shares (engine §3.1). Foreign keys are enforced.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS_MAX)
        .pragma("trusted_schema", "OFF")
}

/// A connection that writes. It waits for the disk at every commit.
pub(crate) async fn writer(path: &Path) -> Result<Connection, StoreError> {
    options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT)
        .connect()
        .await
        .map(Connection::from)
        .doing(format_args!("open `{}`", path.display()))
}

/// Connections that cannot write.
pub(crate) fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        // A file does not hang up.
        .test_before_acquire(false)
        .connect_lazy_with(options(path).read_only(true).pragma("query_only", "ON"))
}

/// Creates the database where there is none, brings it to our schema, and answers its writer.
pub(crate) async fn create(path: &Path) -> Result<Connection, StoreError> {
    let doing = format!("open `{}`", path.display());
    if !path.exists() {
        std::fs::File::create_new(path).map_err(|error| refused(&doing, error))?;
    }
    let mut conn = writer(path).await?;
    let health: String = query("PRAGMA quick_check(1)").value(&mut conn).await.doing(&doing)?;
    if health != "ok" {
        return Err(refused(doing, format!("the database is damaged: {health}")));
    }
    schema::migrate(&mut conn, path, STEPS).await?;
    Ok(conn)
}

/// Refuses a database whose schema is not ours.
pub(crate) async fn check(path: &Path, pool: &SqlitePool) -> Result<(), StoreError> {
    let doing = format!("open `{}`", path.display());
    let mut conn = pool.acquire().await.map(Connection::from).doing(&doing)?;
    let found = schema::version(&mut conn, path).await?;
    if schema::check(found, STEPS)? == STEPS.len() {
        return Ok(());
    }
    let said = format!("its schema is {found}, older than ours: any run brings it up to date");
    Err(refused(doing, said))
}

/// Kinds of network file systems, as `statfs` numbers them (linux/magic.h). The write-ahead log's
/// shared memory does not reach other machines.
#[cfg(target_os = "linux")]
const NETWORK: [(i64, &str); 4] =
    [(0x6969, "NFS"), (0x517B, "SMB"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB")];

/// Refuses folders on another machine's disk.
#[cfg(target_os = "linux")]
pub(crate) fn refuse_network(state_dir: &Path) -> Result<(), StoreError> {
    let doing = format!("keep the state in `{}`", state_dir.display());
    let kind = rustix::fs::statfs(state_dir).map_err(|error| refused(&doing, error))?.f_type;
    match NETWORK.iter().find(|(network, _)| *network == kind) {
        Some((_, name)) => Err(refused(
            doing,
            format!("it is on a network file system ({name}), where a database is not safe"),
        )),
        None => Ok(()),
    }
}

/// Elsewhere the kind of a file system cannot be told the same way.
#[cfg(not(target_os = "linux"))]
pub(crate) fn refuse_network(_: &Path) -> Result<(), StoreError> {
    Ok(())
}
