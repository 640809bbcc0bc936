//! The schema's steps, forward only. Step N leaves `user_version` at N, in its own transaction.

use crate::connection::Connection;
use crate::error::{Doing as _, refused};
use crate::query::query;
use crate::transaction::{begin, finish};
use std::path::Path;
use suho_driver::ports::StoreError;

/// Every step so far. A step that was ever released is never edited.
pub(crate) const STEPS: &[&str] = &[
    include_str!("../migrations/0001_registry.sql"),
    include_str!("../migrations/0002_daemon.sql"),
    include_str!("../migrations/0003_leases.sql"),
    include_str!("../migrations/0004_people.sql"),
];

/// Brings the database at `path` to the newest of `steps`. An existing one is copied to
/// `suho.db.v<N>.bak` first.
pub(crate) async fn migrate(
    conn: &mut Connection,
    path: &Path,
    steps: &[&'static str],
) -> Result<(), StoreError> {
    let found = version(conn, path).await?;
    let done = check(found, steps)?;
    let due = steps.get(done..).unwrap_or_default();
    if due.is_empty() {
        return Ok(());
    }
    if found == 0 {
        refuse_foreign(conn, path).await?;
    } else {
        back_up(conn, path, found).await?;
    }
    for step in due {
        let doing = format!("migrate `{}`", path.display());
        let mut tx = begin(conn, &doing).await?;
        let applied = tx.script(*step).await.doing(&doing);
        finish(tx, applied, &doing).await?;
    }
    Ok(())
}

/// How many steps the database has seen.
pub(crate) async fn version(conn: &mut Connection, path: &Path) -> Result<i64, StoreError> {
    query("PRAGMA user_version").value(conn).await.doing(format_args!("open `{}`", path.display()))
}

/// How many of `steps` a database at `found` has behind it.
pub(crate) fn check(found: i64, steps: &[&str]) -> Result<usize, StoreError> {
    match usize::try_from(found) {
        Ok(done) if done <= steps.len() => Ok(done),
        _ => Err(StoreError::Newer { found, known: crate::error::stored(steps.len() as u64) }),
    }
}

/// A file with tables but without our version is somebody else's.
async fn refuse_foreign(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let tables: i64 = query("SELECT count(*) FROM sqlite_schema")
        .value(conn)
        .await
        .doing(format_args!("open `{}`", path.display()))?;
    if tables == 0 {
        return Ok(());
    }
    Err(refused(format_args!("open `{}`", path.display()), "it is another program's database"))
}

async fn back_up(conn: &mut Connection, path: &Path, found: i64) -> Result<(), StoreError> {
    let copy = path.with_extension(format!("db.v{found}.bak"));
    let doing = format!("copy the database to `{}`", copy.display());
    // A copy of this version can only be left from a migration that did not come to its end, and
    // so of the same content.
    if copy.exists() {
        std::fs::remove_file(&copy).map_err(|error| refused(&doing, error))?;
    }
    query("VACUUM INTO $1")
        .bind(copy.to_string_lossy().into_owned())
        .execute(conn)
        .await
        .map(drop)
        .doing(doing)
}
