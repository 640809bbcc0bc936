//! What happened, for those who take it away or hold the present against it.

use crate::audit;
use crate::connection::Connection;
use crate::error::Doing as _;
use crate::fields::Fields;
use crate::query::query;
use crate::store::SqliteStore;
use crate::verify::Verification;
use serde_json::{Value as Json, json};
use suho_domain::{Instant, RunId};
use suho_driver::ports::StoreError;
use suho_scheduler::ScheduleEvent;

/// Each reads one snapshot, and fails when the database refuses.
impl SqliteStore {
    /// Every run, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn every_run(&self) -> Result<Vec<RunId>, StoreError> {
        self.read(async |conn| every_run(conn).await)
    }

    /// Every environment that has schedules.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn environments(&self) -> Result<Vec<String>, StoreError> {
        self.read(async |conn| {
            let rows = query("SELECT DISTINCT environment FROM schedules ORDER BY environment")
                .fetch_all(conn)
                .await
                .doing("list the environments")?;
            rows.iter().map(|row| Fields::of(row, "a schedule").get("environment")).collect()
        })
    }

    /// What happened to a schedule, in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn schedule_events(&self, schedule: u64) -> Result<Vec<ScheduleEvent>, StoreError> {
        self.read(async |conn| schedule_events(conn, schedule).await)
    }

    /// Lines of the audit log after the line `after`, at most `limit`, as JSON objects.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn audit_lines(&self, after: u64, limit: u32) -> Result<Vec<(u64, Json)>, StoreError> {
        self.read(async |conn| audit_lines(conn, after, limit).await)
    }

    /// Walks along the audit log's chain.
    ///
    /// # Errors
    /// When the database refuses. What does not hold is in the answer, not an error.
    pub fn verify_audit(&self) -> Result<Verification, StoreError> {
        self.read(async |conn| {
            let walk = audit::walk(conn).await?;
            Ok(Verification { models: 0, audit_lines: walk.lines, found: walk.found })
        })
    }
}

async fn every_run(conn: &mut Connection) -> Result<Vec<RunId>, StoreError> {
    let rows = query("SELECT run_id FROM runs ORDER BY created_at, pipeline, number")
        .fetch_all(conn)
        .await
        .doing("list the runs")?;
    rows.iter().map(|row| Fields::of(row, "a run").parsed("run_id")).collect()
}

async fn schedule_events(
    conn: &mut Connection,
    schedule: u64,
) -> Result<Vec<ScheduleEvent>, StoreError> {
    let rows = query("SELECT payload FROM schedule_events WHERE schedule_id = $1 ORDER BY seq")
        .bind(crate::error::stored(schedule))
        .fetch_all(conn)
        .await
        .doing("read what happened to a schedule")?;
    rows.iter().map(|row| Fields::of(row, "a schedule's log").json("payload")).collect()
}

async fn audit_lines(
    conn: &mut Connection,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, Json)>, StoreError> {
    let rows = query("SELECT * FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(crate::error::stored(after))
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await
        .doing("read the audit log")?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let fields = Fields::of(row, "a line of the audit log");
        let seq: u64 = fields.number("seq")?;
        let at: Instant = fields.instant("at")?;
        let text = |column| fields.get::<Option<String>>(column);
        let line = json!({
            "seq": seq, "at": at, "actor": text("actor")?, "action": text("action")?,
            "object_type": text("object_type")?, "object_id": text("object_id")?,
            "decision": text("decision")?, "reason": text("reason")?,
            "before": fields.json_or_none::<Json>("before")?,
            "after": fields.json_or_none::<Json>("after")?,
            "prev_hash": text("prev_hash")?, "hash": text("hash")?,
        });
        lines.push((seq, line));
    }
    Ok(lines)
}
