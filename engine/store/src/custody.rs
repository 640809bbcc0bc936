//! Runs as a daemon has them: those to carry on, those it cannot carry on, and what it has to tell.

use crate::connection::Connection;
use crate::error::Doing as _;
use crate::fields::{Fields, Row};
use crate::query::query;
use crate::transaction::{begin, finish};
use std::collections::BTreeMap;
use suho_domain::{Instant, RunId, RunStatus};
use suho_driver::ports::StoreError;

/// Of ended runs, the newest that are looked at for an exit block that was not carried out: an
/// engine that died in between left it.
const ENDED_LOOKED_AT: i64 = 1_000;

/// Something that the daemon has to tell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alarm {
    /// Its number, from 1.
    pub id: u64,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// Kebab-case: `broken-pipelines`, `clock-jumped`, `quarantined`.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// When, by the wall clock.
    pub at: Instant,
}

/// Runs of `environment` that are to be carried on: first those that have begun, oldest first, then
/// those that wait, by [`Priority`](suho_scheduler::Priority) and then oldest first. What happened in
/// an `unknown` run only a person can tell: a person's request is all that is due there.
pub(crate) async fn due(
    conn: &mut Connection,
    environment: &str,
    limit: u32,
) -> Result<Vec<RunId>, StoreError> {
    let rows = query(
        "SELECT run_id FROM runs WHERE environment = $1 AND ended_at IS NULL \
         AND run_id NOT IN (SELECT run_id FROM quarantine) \
         AND (status <> 'unknown' \
         OR run_id IN (SELECT run_id FROM requests WHERE answered_at IS NULL)) \
         ORDER BY CASE WHEN status <> 'queued' THEN 0 \
         WHEN substr(created_by, 1, 9) = 'backfill:' THEN 4 \
         WHEN substr(created_by, 1, 9) = 'schedule:' THEN 3 \
         WHEN substr(created_by, 1, 5) = 'push:' OR substr(created_by, 1, 8) = 'monitor:' THEN 2 \
         ELSE 1 END, rowid LIMIT $2",
    )
    .bind(environment)
    .bind(limit)
    .fetch_all(conn)
    .await
    .doing("look for unfinished runs")?;
    rows.iter().map(id).collect()
}

/// Ended runs of `environment` whose exit block was not carried out.
pub(crate) async fn unhandled(
    conn: &mut Connection,
    environment: &str,
) -> Result<Vec<RunId>, StoreError> {
    let rows = query(
        "SELECT run_id FROM runs WHERE environment = $1 AND ended_at IS NOT NULL \
         AND status NOT IN ('succeeded', 'unknown') \
         AND rowid > (SELECT coalesce(max(rowid), 0) FROM runs) - $2 \
         AND json_array_length(plan, '$.handlers') > 0 \
         AND run_id NOT IN (SELECT run_id FROM quarantine) \
         AND (SELECT kind FROM events e WHERE e.run_id = runs.run_id ORDER BY seq DESC LIMIT 1) \
         = 'run_ended' ORDER BY rowid",
    )
    .bind(environment)
    .bind(ENDED_LOOKED_AT)
    .fetch_all(conn)
    .await
    .doing("look for exit blocks that are due")?;
    rows.iter().map(id).collect()
}

/// How many runs of `environment` that have not ended stand how.
pub(crate) async fn open(
    conn: &mut Connection,
    environment: &str,
) -> Result<BTreeMap<RunStatus, u64>, StoreError> {
    let rows = query(
        "SELECT status, count(*) AS runs FROM runs WHERE environment = $1 AND ended_at IS NULL \
         GROUP BY status",
    )
    .bind(environment)
    .fetch_all(conn)
    .await
    .doing("count the unfinished runs")?;
    let each = |row: &Row| {
        let fields = Fields::of(row, "a run");
        Ok((fields.word("status", RunStatus::from_word)?, fields.number("runs")?))
    };
    rows.iter().map(each).collect()
}

fn id(row: &Row) -> Result<RunId, StoreError> {
    Fields::of(row, "a run").parsed("run_id")
}

/// Leaves a run alone until it is released, and tells why; a second time changes the reason.
pub(crate) async fn quarantine(
    conn: &mut Connection,
    run: &RunId,
    why: &str,
    at: Instant,
) -> Result<(), StoreError> {
    let doing = format!("put run `{run}` into quarantine");
    let mut tx = begin(conn, &doing).await?;
    let work = async {
        query(
            "INSERT INTO quarantine (run_id, why, at) VALUES ($1, $2, $3) \
             ON CONFLICT (run_id) DO UPDATE SET why = excluded.why, at = excluded.at",
        )
        .bind(run.as_str())
        .bind(why)
        .bind(at.micros())
        .execute(&mut tx)
        .await
        .doing(&doing)?;
        let message = format!("run {} is in quarantine: {why}", run.short());
        insert_alarm(&mut tx, "critical", "quarantined", &message, at).await
    }
    .await;
    finish(tx, work, &doing).await
}

/// Why a run is in quarantine, if it is.
pub(crate) async fn quarantined(
    conn: &mut Connection,
    run: &RunId,
) -> Result<Option<String>, StoreError> {
    query("SELECT why FROM quarantine WHERE run_id = $1")
        .bind(run.as_str())
        .value_or_none(conn)
        .await
        .doing("look into the quarantine")
}

/// Lets a run be carried on again.
pub(crate) async fn release(conn: &mut Connection, run: &RunId) -> Result<(), StoreError> {
    query("DELETE FROM quarantine WHERE run_id = $1")
        .bind(run.as_str())
        .execute(conn)
        .await
        .map(drop)
        .doing("let a run out of quarantine")
}

/// Keeps something that the daemon has to tell.
pub(crate) async fn alarm(
    conn: &mut Connection,
    severity: &str,
    code: &str,
    message: &str,
    at: Instant,
) -> Result<(), StoreError> {
    const DOING: &str = "keep an alarm";
    let mut tx = begin(conn, DOING).await?;
    let work = insert_alarm(&mut tx, severity, code, message, at).await;
    finish(tx, work, DOING).await
}

async fn insert_alarm(
    conn: &mut Connection,
    severity: &str,
    code: &str,
    message: &str,
    at: Instant,
) -> Result<(), StoreError> {
    query("INSERT INTO alarms (severity, code, message, at) VALUES ($1, $2, $3, $4)")
        .bind(severity)
        .bind(code)
        .bind(message)
        .bind(at.micros())
        .execute(conn)
        .await
        .map(drop)
        .doing("keep an alarm")
}

/// The newest alarms, newest first.
pub(crate) async fn alarms(conn: &mut Connection, limit: u32) -> Result<Vec<Alarm>, StoreError> {
    let rows = query("SELECT * FROM alarms ORDER BY alarm_id DESC LIMIT $1")
        .bind(limit)
        .fetch_all(conn)
        .await
        .doing("read the alarms")?;
    let each = |row: &Row| {
        let fields = Fields::of(row, "an alarm");
        Ok(Alarm {
            id: fields.number("alarm_id")?,
            severity: fields.get("severity")?,
            code: fields.get("code")?,
            message: fields.get("message")?,
            at: fields.instant("at")?,
        })
    };
    rows.iter().map(each).collect()
}
