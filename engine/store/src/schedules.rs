//! Schedules: their state, the decision about every tick, and the runs that follow from them.
//!
//! A change is a compare-and-set on the schedule's row. The new state, what happened, the decisions
//! and the runs that begin are one transaction: after a crash all are there or none.

use crate::applications::stored_or_none;
use crate::connection::Connection;
use crate::error::{Doing as _, conflict, refused, stored};
use crate::fields::{Fields, Row};
use crate::people;
use crate::query::query;
use crate::runs;
use crate::transaction::{begin, finish};
use serde_json::Value as Json;
use suho_domain::{Digest, Instant, RunId, RunStatus};
use suho_driver::ports::{NewRun, PlanText, RunRow, StoreError};
use suho_scheduler::{Choice, Decision, Schedule, ScheduleEvent, ScheduleKey};

/// A schedule's row.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleRow {
    /// Its number.
    pub id: u64,
    /// How it stands.
    pub schedule: Schedule,
    /// Digest of the plan that its runs carry out.
    pub plan_digest: Digest,
    /// Counts its changes; every write names the one it saw.
    pub row_version: u64,
}

/// A schedule whose row cannot be read: it is left alone, and the others go on.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct DamagedSchedule {
    /// Whose pipeline it is, as [`suho_domain::Scope::key`] writes it.
    pub scope_key: String,
    /// The pipeline.
    pub pipeline: String,
    /// Its name there.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// What happens to one schedule in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleChange {
    /// The row version that the writer saw; `None` when there was no row.
    pub seen: Option<u64>,
    /// How the schedule stands afterwards.
    pub schedule: Schedule,
    /// What happened, in order.
    pub events: Vec<ScheduleEvent>,
    /// What was decided, in order.
    pub decisions: Vec<Decision>,
    /// The runs that begin, each for its tick.
    pub starts: Vec<(Instant, NewRun)>,
    /// The ticks whose runs are asked to end, because a later one waits.
    pub cancels: Vec<Instant>,
    /// The ticks whose runs have ended, as the schedule knows from now on.
    pub settled: Vec<Instant>,
    /// The plan its runs carry out from now on, with its digest; `None` leaves what is there.
    pub plan: Option<(Digest, PlanText)>,
}

impl ScheduleChange {
    /// Nothing happens yet to the schedule in `row`.
    pub fn of(row: &ScheduleRow) -> Self {
        Self { seen: Some(row.row_version), ..Self::new(row.schedule.clone()) }
    }

    /// Nothing happens yet to a schedule that has no row.
    pub const fn new(schedule: Schedule) -> Self {
        Self {
            seen: None,
            schedule,
            events: Vec::new(),
            decisions: Vec::new(),
            starts: Vec::new(),
            cancels: Vec::new(),
            settled: Vec::new(),
            plan: None,
        }
    }
}

/// A decision as it stands in the ledger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DecisionRow {
    /// What became of which ticks.
    pub decision: Decision,
    /// When it was decided.
    pub decided_at: Instant,
    /// The run, once it began.
    pub run: Option<RunId>,
}

/// A run of a schedule that has ended without its schedule knowing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unsettled {
    /// The schedule's number.
    pub schedule: u64,
    /// Whose run it is.
    pub tick: Instant,
    /// How it ended.
    pub status: RunStatus,
    /// When.
    pub ended_at: Instant,
}

/// Makes `change` in a transaction of its own; answers the runs that began, in order.
pub(crate) async fn turn(
    conn: &mut Connection,
    new: &ScheduleChange,
    environment: &str,
    at: Instant,
) -> Result<Vec<RunRow>, StoreError> {
    let doing = format!("move on the schedule `{}`", new.schedule.key());
    let mut tx = begin(conn, &doing).await?;
    let work = change(&mut tx, new, environment, None, at).await;
    finish(tx, work, &doing).await
}

/// Makes `change` within a transaction; answers the runs that began, in order.
pub(crate) async fn change(
    conn: &mut Connection,
    change: &ScheduleChange,
    environment: &str,
    application: Option<u64>,
    at: Instant,
) -> Result<Vec<RunRow>, StoreError> {
    let doing = format!("move on the schedule `{}`", change.schedule.key());
    let id = keep(conn, change, environment, application, &doing).await?;
    append(conn, id, &change.events, &doing).await?;
    people::enter_holds(conn, change.schedule.key(), &change.events).await?;
    for decision in &change.decisions {
        decide(conn, id, decision, at, &doing).await?;
    }
    let mut begun = Vec::with_capacity(change.starts.len());
    for (tick, new) in &change.starts {
        let run = runs::insert(conn, new, &doing).await?;
        let entered = query(
            "UPDATE decisions SET run_id = $3 WHERE schedule_id = $1 AND first = $2 \
             AND choice = 'run' AND run_id IS NULL",
        )
        .bind(stored(id))
        .bind(tick.micros())
        .bind(run.id.as_str())
        .execute(&mut *conn)
        .await
        .doing(&doing)?;
        once(entered, change.schedule.key(), *tick)?;
        begun.push(run);
    }
    for tick in &change.cancels {
        cancel(conn, id, change.schedule.key(), *tick, at, &doing).await?;
    }
    for tick in &change.settled {
        let settled = query(
            "UPDATE decisions SET settled_at = $3 WHERE schedule_id = $1 AND first = $2 \
             AND run_id IS NOT NULL AND settled_at IS NULL",
        )
        .bind(stored(id))
        .bind(tick.micros())
        .bind(at.micros())
        .execute(&mut *conn)
        .await
        .doing(&doing)?;
        once(settled, change.schedule.key(), *tick)?;
    }
    Ok(begun)
}

/// Asks the run of a tick to end, unless it has ended.
async fn cancel(
    conn: &mut Connection,
    id: u64,
    key: &ScheduleKey,
    tick: Instant,
    at: Instant,
    doing: &str,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO requests (run_id, kind, asked_by, why, asked_at) \
         SELECT r.run_id, 'cancel', $3, 'a later run of its schedule waits', $4 \
         FROM decisions d JOIN runs r ON r.run_id = d.run_id \
         WHERE d.schedule_id = $1 AND d.first = $2 AND r.ended_at IS NULL",
    )
    .bind(stored(id))
    .bind(tick.micros())
    .bind(format!("schedule:{}", key.schedule))
    .bind(at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(doing)
}

fn once(rows: u64, key: &ScheduleKey, tick: Instant) -> Result<(), StoreError> {
    if rows == 1 {
        return Ok(());
    }
    Err(conflict(format_args!("the decision of `{key}` about {tick}"), "one that waits", "none"))
}

/// Writes the schedule's row; answers its number.
async fn keep(
    conn: &mut Connection,
    change: &ScheduleChange,
    environment: &str,
    application: Option<u64>,
    doing: &str,
) -> Result<u64, StoreError> {
    let key = change.schedule.key();
    let state = serde_json::to_string(&change.schedule).map_err(|error| refused(doing, error))?;
    let (digest, plan) = match &change.plan {
        Some((digest, plan)) => (Some(digest.as_str()), Some(plan.as_str())),
        None => (None, None),
    };
    let query = match change.seen {
        None => query(
            "INSERT INTO schedules (environment, scope_key, pipeline, name, state, plan_digest, \
             plan, application_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING schedule_id",
        ),
        Some(_) => query(
            "UPDATE schedules SET state = $5, plan_digest = coalesce($6, plan_digest), \
             plan = coalesce($7, plan), application_id = coalesce($8, application_id), \
             row_version = row_version + 1 WHERE environment = $1 AND scope_key = $2 \
             AND pipeline = $3 AND name = $4 AND row_version = $9 RETURNING schedule_id",
        ),
    };
    let query = query
        .bind(environment)
        .bind(key.scope.key())
        .bind(key.pipeline.as_str())
        .bind(key.schedule.as_str())
        .bind(state)
        .bind(digest)
        .bind(plan)
        .bind(stored_or_none(application));
    let query = match change.seen {
        None => query,
        Some(seen) => query.bind(stored(seen)),
    };
    let id: Option<i64> = query.value_or_none(conn).await.doing(doing)?;
    id.map(i64::unsigned_abs).ok_or_else(|| {
        let expected = format_args!("row version {}", change.seen.unwrap_or_default());
        conflict(format_args!("the schedule `{key}`"), expected, "another")
    })
}

async fn append(
    conn: &mut Connection,
    id: u64,
    events: &[ScheduleEvent],
    doing: &str,
) -> Result<(), StoreError> {
    for event in events {
        let payload = serde_json::to_string(event).map_err(|error| refused(doing, error))?;
        query(
            "INSERT INTO schedule_events (schedule_id, seq, kind, payload, at) \
             SELECT $1, 1 + coalesce((SELECT max(seq) FROM schedule_events WHERE schedule_id = $1), \
             0), $2, $3, $4",
        )
        .bind(stored(id))
        .bind(event.word())
        .bind(payload)
        .bind(event.at().micros())
        .execute(&mut *conn)
        .await
        .doing(doing)?;
    }
    Ok(())
}

async fn decide(
    conn: &mut Connection,
    id: u64,
    decision: &Decision,
    at: Instant,
    doing: &str,
) -> Result<(), StoreError> {
    let (choice, reason, not_before) = match decision.choice {
        Choice::Run { not_before } => ("run", None, Some(not_before.micros())),
        Choice::Skip(skip) => {
            let word = serde_json::to_value(skip).map_err(|error| refused(doing, error))?;
            ("skip", word.as_str().map(str::to_owned), None)
        }
    };
    query(
        "INSERT INTO decisions (schedule_id, first, last, ticks, choice, reason, not_before, \
         decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(stored(id))
    .bind(decision.first.micros())
    .bind(decision.last.micros())
    .bind(i64::from(decision.ticks))
    .bind(choice)
    .bind(reason)
    .bind(not_before)
    .bind(at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(doing)
}

/// Every schedule of `environment`, those included that no text declares any more; by key.
pub(crate) async fn list(
    conn: &mut Connection,
    environment: &str,
) -> Result<(Vec<ScheduleRow>, Vec<DamagedSchedule>), StoreError> {
    let rows = query(
        "SELECT schedule_id, state, plan_digest, row_version, scope_key, pipeline, name \
         FROM schedules WHERE environment = $1 ORDER BY scope_key, pipeline, name",
    )
    .bind(environment)
    .fetch_all(conn)
    .await
    .doing("read the schedules")?;
    let (mut whole, mut damaged) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in &rows {
        match read(row) {
            Ok(schedule) => whole.push(schedule),
            Err(error) => {
                let fields = Fields::of(row, "a schedule");
                damaged.push(DamagedSchedule {
                    scope_key: fields.get("scope_key")?,
                    pipeline: fields.get("pipeline")?,
                    name: fields.get("name")?,
                    why: suho_domain::fault::chain(&error),
                });
            }
        }
    }
    Ok((whole, damaged))
}

fn read(row: &Row) -> Result<ScheduleRow, StoreError> {
    let fields = Fields::of(row, "a schedule");
    Ok(ScheduleRow {
        id: fields.number("schedule_id")?,
        schedule: fields.json("state")?,
        plan_digest: fields.parsed("plan_digest")?,
        row_version: fields.number("row_version")?,
    })
}

/// The plan that runs of the schedule `id` carry out, and its digest.
pub(crate) async fn plan(conn: &mut Connection, id: u64) -> Result<(Digest, PlanText), StoreError> {
    let row = query("SELECT plan_digest, plan FROM schedules WHERE schedule_id = $1")
        .bind(stored(id))
        .fetch_one(conn)
        .await
        .doing("read a schedule's plan")?;
    let fields = Fields::of(&row, "a schedule");
    Ok((fields.parsed("plan_digest")?, PlanText::from(fields.get::<String>("plan")?)))
}

/// The newest decisions of the schedule `id`, newest first.
pub(crate) async fn decisions(
    conn: &mut Connection,
    id: u64,
    limit: u32,
) -> Result<Vec<DecisionRow>, StoreError> {
    let rows = query("SELECT * FROM decisions WHERE schedule_id = $1 ORDER BY first DESC LIMIT $2")
        .bind(stored(id))
        .bind(limit)
        .fetch_all(conn)
        .await
        .doing("read a schedule's decisions")?;
    rows.iter().map(read_decision).collect()
}

fn read_decision(row: &Row) -> Result<DecisionRow, StoreError> {
    let fields = Fields::of(row, "a decision");
    let choice = match fields.instant_or_none("not_before")? {
        Some(not_before) => Choice::Run { not_before },
        None => Choice::Skip(
            fields.word("reason", |word| serde_json::from_value(Json::from(word)).ok())?,
        ),
    };
    Ok(DecisionRow {
        decision: Decision {
            first: fields.instant("first")?,
            last: fields.instant("last")?,
            ticks: fields.number("ticks")?,
            choice,
        },
        decided_at: fields.instant("decided_at")?,
        run: fields.parsed_or_none("run_id")?,
    })
}

/// Runs of schedules of `environment` that have ended without their schedules knowing, oldest tick
/// first.
pub(crate) async fn unsettled(
    conn: &mut Connection,
    environment: &str,
) -> Result<Vec<Unsettled>, StoreError> {
    let rows = query(
        "SELECT d.schedule_id, d.first, r.status, r.ended_at FROM decisions d \
         JOIN runs r ON r.run_id = d.run_id JOIN schedules s ON s.schedule_id = d.schedule_id \
         WHERE d.run_id IS NOT NULL AND d.settled_at IS NULL AND r.ended_at IS NOT NULL \
         AND s.environment = $1 ORDER BY d.schedule_id, d.first",
    )
    .bind(environment)
    .fetch_all(conn)
    .await
    .doing("look for ended runs of schedules")?;
    let each = |row: &Row| {
        let fields = Fields::of(row, "a decision");
        Ok(Unsettled {
            schedule: fields.number("schedule_id")?,
            tick: fields.instant("first")?,
            status: fields.word("status", RunStatus::from_word)?,
            ended_at: fields.instant("ended_at")?,
        })
    };
    rows.iter().map(each).collect()
}
