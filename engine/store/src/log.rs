//! A commit: events appended to a run's log, and what they do to everything else, in one
//! transaction.

use crate::connection::Connection;
use crate::error::{Doing as _, conflict, refused, stored};
use crate::fields::Fields;
use crate::query::{Query, query};
use crate::transaction::{begin, finish};
use crate::{audit, cache, evidence, moves, people, predictions, requests, rollouts, routes};
use suho_domain::{Instant, RunId};
use suho_driver::ports::{Commit, LoggedEvent, StoreError};
use suho_driver::registry::Change;
use suho_scheduler::Event;

/// Events that one statement appends at most. SQLite's driver looks for each parameter's name among
/// all of the statement's: more of them would cost more than another statement.
const EVENTS_PER_STATEMENT: usize = 32;
/// The parameters that all of them share, and those of one.
const SHARED: usize = 4;
const OWN: usize = 2;

/// In which run a change happens, and when.
#[derive(Clone, Copy)]
pub(crate) struct Stamp<'a> {
    /// The run.
    pub(crate) run: &'a RunId,
    /// By the wall clock.
    pub(crate) recorded_at: Instant,
    /// By the environment's clock.
    pub(crate) effective_at: Instant,
}

/// Appends events and applies changes, all or none.
pub(crate) async fn commit(conn: &mut Connection, commit: &Commit) -> Result<(), StoreError> {
    let doing = format!("append to the log of run `{}`", commit.run);
    let mut tx = begin(conn, &doing).await?;
    let work = write(&mut tx, commit, &doing).await;
    finish(tx, work, &doing).await
}

pub(crate) async fn write(
    conn: &mut Connection,
    commit: &Commit,
    doing: &str,
) -> Result<(), StoreError> {
    let Commit { run, after_seq, recorded_at, effective_at, .. } = commit;
    let stamp = Stamp { run, recorded_at: *recorded_at, effective_at: *effective_at };
    if !commit.changes.is_empty() {
        // Taken before any row, so that two writers never wait for each other.
        conn.alone(audit::CHAIN).await.doing(doing)?;
    }
    let Some(status) = append_all(conn, stamp, *after_seq, &commit.events, doing).await? else {
        let (last, _) = standing(conn, run, doing).await?;
        let what = format_args!("the log of run `{run}`");
        let [seen, found] = [after_seq, &last].map(|seq| format!("event {seq}"));
        return Err(conflict(what, seen, found));
    };
    if commit.events.iter().any(|event| matches!(event, Event::RetryRequested { .. })) {
        people::tell_of_freeze(conn, run, doing).await?;
    }
    for change in &commit.changes {
        apply(conn, stamp, change).await?;
    }
    let kept: Vec<_> = commit.changes.iter().filter_map(cache::made).collect();
    cache::keep(conn, stamp, &kept).await?;
    // A run's row holds its whole plan, and a database writes rows whole.
    if status == commit.status.word() {
        return Ok(());
    }
    query("UPDATE runs SET status = $2, ended_at = $3 WHERE run_id = $1")
        .bind(run.as_str())
        .bind(commit.status.word())
        .bind(commit.status.is_terminal().then_some(recorded_at.micros()))
        .execute(conn)
        .await
        .map(drop)
        .doing(doing)
}

/// The last event's number in the log of `run`, and the word of the run's status.
async fn standing(
    conn: &mut Connection,
    run: &RunId,
    doing: &str,
) -> Result<(u64, String), StoreError> {
    let row = query(
        "SELECT coalesce((SELECT max(seq) FROM events WHERE run_id = $1), 0) AS last, status \
         FROM runs WHERE run_id = $1",
    )
    .bind(run.as_str())
    .fetch_optional(conn)
    .await
    .doing(doing)?;
    let row = row.ok_or_else(|| StoreError::Missing(format!("run `{run}`")))?;
    let fields = Fields::of(&row, "a run");
    Ok((fields.number("last")?, fields.get("status")?))
}

/// Appends `events` after the one numbered `last`; answers the word of the run's status, or nothing
/// when that one is not the last, and then nothing may be committed.
async fn append_all(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    last: u64,
    events: &[Event],
    doing: &str,
) -> Result<Option<String>, StoreError> {
    if events.is_empty() {
        let (found, status) = standing(conn, stamp.run, doing).await?;
        return Ok((found == last).then_some(status));
    }
    let (mut seq, mut left, mut status) = (last, events, None);
    while !left.is_empty() {
        let (events, rest) = left.split_at(at_once(left.len(), EVENTS_PER_STATEMENT));
        status = append(conn, stamp, seq, events, doing).await?;
        if status.is_none() {
            return Ok(None);
        }
        (seq, left) = (seq.saturating_add(events.len() as u64), rest);
    }
    Ok(status)
}

/// Of so many rows those that the next statement takes, at most `most`: a power of two, so that there
/// are few statements, and each is prepared once a connection.
pub(crate) fn at_once(rows: usize, most: usize) -> usize {
    let largest = 1 << rows.checked_ilog2().unwrap_or(0);
    rows.min(largest).min(most)
}

/// As [`append_all`], in one statement.
async fn append(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    last: u64,
    events: &[Event],
    doing: &str,
) -> Result<Option<String>, StoreError> {
    let row = |place: usize| {
        let kind = SHARED + place * OWN + 1;
        format!("({}, ${kind}, ${})", place + 1, kind + 1)
    };
    let rows: Vec<_> = (0..events.len()).map(row).collect();
    // Asked in the same breath: is this where the log ends, and how does the run stand?
    let sql = format!(
        "INSERT INTO events (run_id, seq, kind, payload, recorded_at, effective_at) \
         SELECT $1, $2 + column1, column2, column3, $3, $4 FROM (VALUES {}) AS added \
         WHERE (SELECT coalesce(max(seq), 0) FROM events WHERE run_id = $1) = $2 \
         AND EXISTS (SELECT 1 FROM runs WHERE run_id = $1) \
         RETURNING (SELECT status FROM runs WHERE run_id = $1) AS status",
        rows.join(", ")
    );
    let mut insert = Query::composed(sql, true)
        .bind(stamp.run.as_str())
        .bind(stored(last))
        .bind(stamp.recorded_at.micros())
        .bind(stamp.effective_at.micros());
    for event in events {
        let payload = serde_json::to_string(event).map_err(|error| refused(doing, error))?;
        insert = insert.bind(event.word()).bind(payload);
    }
    let added = insert.fetch_all(conn).await.doing(doing)?;
    added.first().map(|row| Fields::of(row, "a run").get("status")).transpose()
}

async fn apply(conn: &mut Connection, stamp: Stamp<'_>, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::SealDataset(row) => evidence::seal_dataset(conn, stamp, row).await,
        Change::Reserve(new) => moves::reserve(conn, stamp, new).await,
        Change::Move(change) => moves::move_model(conn, stamp, change).await,
        Change::SetArtifact { model, digest, folder, dataset, trained_on, metrics } => {
            let trained_on = *trained_on;
            let artifact = moves::Artifact { model, digest, folder, dataset, trained_on, metrics };
            moves::set_artifact(conn, stamp, &artifact).await
        }
        Change::Evaluate(row) => evidence::evaluate(conn, stamp, row).await,
        Change::Deploy(new) => rollouts::deploy(conn, stamp, new).await,
        Change::Rollout(update) => rollouts::update(conn, stamp, update).await,
        Change::Route(row) => routes::route(conn, stamp, row).await,
        Change::Predictions { deployment, slot, horizon, rows } => {
            let batch = predictions::Batch { deployment, slot, horizon: *horizon };
            predictions::insert(conn, batch, rows).await
        }
        Change::Label { deployment, event_time, actual, at } => {
            predictions::label(conn, deployment, *event_time, *actual, *at).await
        }
        // All of a commit's together.
        Change::Cache { .. } => Ok(()),
        Change::Answer { request } => requests::answer(conn, stamp, *request).await,
        Change::Notice { severity, message, model } => {
            requests::notice(conn, stamp, severity, message, model.as_ref()).await
        }
    }
}

/// A run's whole log, in order and without gaps.
pub(crate) async fn read(
    conn: &mut Connection,
    run: &RunId,
) -> Result<Vec<LoggedEvent>, StoreError> {
    let rows = query("SELECT * FROM events WHERE run_id = $1 ORDER BY seq")
        .bind(run.as_str())
        .fetch_all(conn)
        .await
        .doing(format_args!("read the log of run `{run}`"))?;
    let what = format!("the log of run `{run}`");
    let mut log = Vec::with_capacity(rows.len());
    for (due, row) in (1_u64..).zip(&rows) {
        let fields = Fields::of(row, &what);
        let seq: u64 = fields.number("seq")?;
        if seq != due {
            let detail = format_args!("event {seq} stands where event {due} should");
            return Err(crate::error::tampered(&what, detail));
        }
        log.push(LoggedEvent {
            seq,
            recorded_at: fields.instant("recorded_at")?,
            effective_at: fields.instant("effective_at")?,
            event: fields.json("payload")?,
        });
    }
    Ok(log)
}
