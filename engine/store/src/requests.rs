//! What people ask of runs, and what runs tell people.

use crate::connection::Connection;
use crate::error::{Doing as _, conflict, stored};
use crate::fields::{Fields, Row};
use crate::log::Stamp;
use crate::query::query;
use crate::rows::Notice;
use crate::transaction::{begin, finish};
use suho_domain::{Instant, ModelId, RunId};
use suho_driver::ports::{Request, StoreError};

/// A request to put before a run.
pub(crate) struct Asked {
    /// The run.
    pub(crate) run: RunId,
    /// `cancel`.
    pub(crate) kind: String,
    /// Who asks.
    pub(crate) by: String,
    /// Why.
    pub(crate) why: String,
    /// When, by the wall clock.
    pub(crate) at: Instant,
}

/// Puts a request before a run; answers its number.
pub(crate) async fn ask(conn: &mut Connection, asked: &Asked) -> Result<u64, StoreError> {
    let doing = format!("ask run `{}` to {}", asked.run, asked.kind);
    let mut tx = begin(conn, &doing).await?;
    let id: Result<Option<i64>, StoreError> = query(
        "INSERT INTO requests (run_id, kind, asked_by, why, asked_at) \
         SELECT run_id, $2, $3, $4, $5 FROM runs WHERE run_id = $1 RETURNING request_id",
    )
    .bind(asked.run.as_str())
    .bind(&asked.kind)
    .bind(&asked.by)
    .bind(&asked.why)
    .bind(asked.at.micros())
    .value_or_none(&mut tx)
    .await
    .doing(&doing);
    let missing = || StoreError::Missing(format!("run `{}`", asked.run));
    let id = id.and_then(|id| id.ok_or_else(missing));
    finish(tx, id.map(i64::unsigned_abs), &doing).await
}

/// Requests for `run` that nobody has answered, oldest first.
pub(crate) async fn open(conn: &mut Connection, run: &RunId) -> Result<Vec<Request>, StoreError> {
    let rows = query(
        "SELECT * FROM requests WHERE run_id = $1 AND answered_at IS NULL ORDER BY request_id",
    )
    .bind(run.as_str())
    .fetch_all(conn)
    .await
    .doing(format_args!("read the requests for run `{run}`"))?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Request, StoreError> {
    let fields = Fields::of(row, "a request");
    Ok(Request {
        id: fields.number("request_id")?,
        kind: fields.get("kind")?,
        subject: fields.parsed_or_none("subject")?,
        by: fields.get("asked_by")?,
        why: fields.get("why")?,
        at: fields.instant("asked_at")?,
    })
}

/// A request is answered, once.
pub(crate) async fn answer(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    request: u64,
) -> Result<(), StoreError> {
    let updated = query(
        "UPDATE requests SET answered_at = $3 \
         WHERE request_id = $1 AND run_id = $2 AND answered_at IS NULL",
    )
    .bind(stored(request))
    .bind(stamp.run.as_str())
    .bind(stamp.recorded_at.micros())
    .execute(conn)
    .await
    .doing(format_args!("answer request {request}"))?;
    if updated == 1 {
        return Ok(());
    }
    let expected = format_args!("one for run `{}` that waits", stamp.run);
    Err(conflict(format_args!("request {request}"), expected, "none"))
}

/// Keeps something a person should hear of.
pub(crate) async fn notice(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    severity: &str,
    message: &str,
    model: Option<&ModelId>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO notices (severity, message, model_id, run_id, at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(severity)
    .bind(message)
    .bind(model.map(ModelId::as_str))
    .bind(stamp.run.as_str())
    .bind(stamp.effective_at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing("keep a notice")
}

/// The newest notices of `run`, or of every run; newest first.
pub(crate) async fn notices(
    conn: &mut Connection,
    run: Option<&RunId>,
    limit: u32,
) -> Result<Vec<Notice>, StoreError> {
    let rows = query(
        "SELECT * FROM notices WHERE $1 IS NULL OR run_id = $1 ORDER BY notice_id DESC LIMIT $2",
    )
    .bind(run.map(RunId::as_str))
    .bind(limit)
    .fetch_all(conn)
    .await
    .doing("read the notices")?;
    rows.iter().map(read_notice).collect()
}

fn read_notice(row: &Row) -> Result<Notice, StoreError> {
    let fields = Fields::of(row, "a notice");
    Ok(Notice {
        id: fields.number("notice_id")?,
        severity: fields.get("severity")?,
        message: fields.get("message")?,
        model: fields.parsed_or_none("model_id")?,
        run: fields.parsed("run_id")?,
        at: fields.instant("at")?,
    })
}
