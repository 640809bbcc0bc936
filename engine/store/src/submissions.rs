//! Runs that somebody asked for: asked again under the same key, the answer is the same run.

use crate::connection::Connection;
use crate::error::Doing as _;
use crate::fields::Fields;
use crate::query::query;
use crate::runs;
use crate::transaction::{begin, finish};
use suho_domain::{Digest, Instant, RunId};
use suho_driver::ports::{NewRun, RunRow, StoreError};

/// What became of a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Submission {
    /// A run was created.
    New(RunRow),
    /// The same was asked for before, and this is its run.
    Known(RunRow),
    /// Something else was asked for under the same key; nothing was done.
    Other(RunId),
}

/// What names a submission.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SubmissionKey {
    /// The asker's own key.
    pub key: String,
    /// Digest of what was asked for.
    pub body: Digest,
}

/// Creates `new`, once a key. Without a key each call creates a run.
pub(crate) async fn submit(
    conn: &mut Connection,
    key: Option<&SubmissionKey>,
    new: &NewRun,
) -> Result<Submission, StoreError> {
    let doing = format!("begin a run of `{}`", new.pipeline);
    let mut tx = begin(conn, &doing).await?;
    let work = insert(&mut tx, key, new, &doing).await;
    finish(tx, work, &doing).await
}

async fn insert(
    conn: &mut Connection,
    key: Option<&SubmissionKey>,
    new: &NewRun,
    doing: &str,
) -> Result<Submission, StoreError> {
    let Some(key) = key else {
        return runs::insert(conn, new, doing).await.map(Submission::New);
    };
    // Who asks at the same time waits here, and then finds the run.
    conn.alone(runs::NUMBERS).await.doing(doing)?;
    if let Some((body, run)) = known(conn, &key.key, doing).await? {
        if body != key.body {
            return Ok(Submission::Other(run));
        }
        let row = runs::find(conn, &run).await?;
        let row = row.ok_or_else(|| StoreError::Missing(format!("run `{run}`")))?;
        return Ok(Submission::Known(row));
    }
    let run = runs::insert(conn, new, doing).await?;
    enter(conn, key, &run.id, new.created_at, doing).await?;
    Ok(Submission::New(run))
}

/// What was asked for under `key`, and the run that it is.
async fn known(
    conn: &mut Connection,
    key: &str,
    doing: &str,
) -> Result<Option<(Digest, RunId)>, StoreError> {
    let row = query("SELECT * FROM submissions WHERE idempotency_key = $1")
        .bind(key)
        .fetch_optional(conn)
        .await
        .doing(doing)?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields::of(&row, "a submission");
    Ok(Some((fields.parsed("body_digest")?, fields.parsed("run_id")?)))
}

async fn enter(
    conn: &mut Connection,
    key: &SubmissionKey,
    run: &RunId,
    at: Instant,
    doing: &str,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO submissions (idempotency_key, body_digest, run_id, at) \
         VALUES ($1, $2, $3, $4)",
    )
    .bind(&key.key)
    .bind(key.body.as_str())
    .bind(run.as_str())
    .bind(at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(doing)
}

/// The runs that were asked for under keys that begin with `prefix`, by key.
pub(crate) async fn under(
    conn: &mut Connection,
    prefix: &str,
) -> Result<Vec<(String, RunRow)>, StoreError> {
    let rows = query(
        "SELECT s.idempotency_key, r.* FROM submissions s JOIN runs r ON r.run_id = s.run_id \
         WHERE substr(s.idempotency_key, 1, length($1)) = $1 ORDER BY s.idempotency_key",
    )
    .bind(prefix)
    .fetch_all(conn)
    .await
    .doing("look for what was asked for")?;
    let read = |row| {
        let key = Fields::of(row, "a submission").get("idempotency_key")?;
        Ok((key, runs::read(row)?))
    };
    rows.iter().map(read).collect()
}
