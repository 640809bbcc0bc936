//! What people ask of runs with their names on it, and the line of an environment that they stop.
//!
//! Each is one transaction with its line in the audit log. Stopping the line tells every unfinished
//! run, and a run that begins later is told with its beginning; nothing that moves traffic up can be
//! committed meanwhile, whatever an engine knows of it.

use crate::audit::{self, Entry};
use crate::connection::Connection;
use crate::error::Doing as _;
use crate::fields::Fields;
use crate::log::{self, Stamp};
use crate::query::query;
use crate::store::SqliteStore;
use crate::transaction::{begin, finish};
use serde_json::{Value as Json, json};
use suho_domain::{BasisPoints, Instant, ModelId, Name, RunId};
use suho_driver::ports::{Commit, StoreError};
use suho_driver::registry::RouteRow;
use suho_scheduler::{Hold, ScheduleEvent, ScheduleKey};

/// Something a person asks of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wish {
    /// The run.
    pub run: RunId,
    /// What for: `pause`, `resume`, `approve`, `reject`, `cancel`.
    pub kind: String,
    /// The step it is about, if it is about one.
    pub subject: Option<Name>,
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
    /// When, by the wall clock.
    pub at: Instant,
}

/// Each is one transaction on a connection of its own: another process may be the engine.
impl SqliteStore {
    /// Puts `wish` before its run and into the audit log; answers its number.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such run, else when the database refuses.
    pub fn wish(&self, wish: &Wish) -> Result<u64, StoreError> {
        self.aside("ask a run", async |conn| put(conn, wish).await)
    }

    /// Writes what a person decides about models and traffic, beside whoever is the engine: a
    /// rollback waits for nobody.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a row or the run's log has moved on; nothing is written then.
    pub fn commit_aside(&self, commit: &Commit) -> Result<(), StoreError> {
        self.aside("write a decision", async |conn| log::commit(conn, commit).await)
    }

    /// Stops the line of `environment`. `false` when it was stopped already; nothing changes then.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn freeze(&self, environment: &str, hold: &Hold) -> Result<bool, StoreError> {
        self.aside("stop the line", async |conn| freeze(conn, environment, hold).await)
    }

    /// Lets the line of `environment` go on; answers who had stopped it, if somebody had.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn thaw(
        &self,
        environment: &str,
        by: &str,
        why: &str,
        at: Instant,
    ) -> Result<Option<Hold>, StoreError> {
        let [environment, by, why] = [environment, by, why].map(str::to_owned);
        let until = Hold { by, why, since: at };
        self.aside("let the line go on", async |conn| thaw(conn, &environment, &until).await)
    }

    /// Unfinished runs of `environment` before which somebody has put a request.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn asked_runs(&self, environment: &str) -> Result<Vec<RunId>, StoreError> {
        self.read(async |conn| asked(conn, environment).await)
    }

    /// Who has stopped the line of `environment`, if somebody has.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn frozen(&self, environment: &str) -> Result<Option<Hold>, StoreError> {
        self.read(async |conn| frozen(conn, environment).await)
    }

    /// Every environment whose line is stopped.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn freezes(&self) -> Result<Vec<(String, Hold)>, StoreError> {
        self.read(async |conn| freezes(conn).await)
    }
}

async fn asked(conn: &mut Connection, environment: &str) -> Result<Vec<RunId>, StoreError> {
    let rows = query(
        "SELECT DISTINCT q.run_id FROM requests q JOIN runs r ON r.run_id = q.run_id \
         WHERE q.answered_at IS NULL AND r.ended_at IS NULL AND r.environment = $1",
    )
    .bind(environment)
    .fetch_all(conn)
    .await
    .doing("look for requests")?;
    rows.iter().map(|row| Fields::of(row, "a request").parsed("run_id")).collect()
}

async fn put(conn: &mut Connection, wish: &Wish) -> Result<u64, StoreError> {
    let doing = format!("ask run `{}` to {}", wish.run, wish.kind);
    let mut tx = begin(conn, &doing).await?;
    let work = async {
        tx.alone(audit::CHAIN).await.doing(&doing)?;
        let id: Option<i64> = query(
            "INSERT INTO requests (run_id, kind, subject, asked_by, why, asked_at) \
             SELECT run_id, $2, $3, $4, $5, $6 FROM runs WHERE run_id = $1 RETURNING request_id",
        )
        .bind(wish.run.as_str())
        .bind(&wish.kind)
        .bind(wish.subject.as_ref().map(Name::as_str))
        .bind(&wish.by)
        .bind(&wish.why)
        .bind(wish.at.micros())
        .value_or_none(&mut tx)
        .await
        .doing(&doing)?;
        let id = id.ok_or_else(|| StoreError::Missing(format!("run `{}`", wish.run)))?;
        let said = Said {
            action: &wish.kind,
            object: ("run", wish.run.as_str()),
            by: &wish.by,
            why: &wish.why,
            at: wish.at,
            after: wish.subject.as_ref().map(|step| json!({ "step": step })),
        };
        said.enter(&mut tx).await.map(|()| id.unsigned_abs())
    }
    .await;
    finish(tx, work, &doing).await
}

/// A line of the audit log about what somebody said.
struct Said<'a> {
    action: &'a str,
    object: (&'a str, &'a str),
    by: &'a str,
    why: &'a str,
    at: Instant,
    after: Option<Json>,
}

impl Said<'_> {
    async fn enter(self, conn: &mut Connection) -> Result<(), StoreError> {
        let (object, id) = self.object;
        let entry = Entry {
            at: self.at,
            actor: self.by,
            tenant: None,
            action: self.action,
            object,
            id,
            before: None,
            after: self.after,
            reason: Some(self.why),
        };
        audit::append(conn, &entry).await
    }
}

/// Enters in the audit log who holds a schedule or lets it go.
pub(crate) async fn enter_holds(
    conn: &mut Connection,
    key: &ScheduleKey,
    events: &[ScheduleEvent],
) -> Result<(), StoreError> {
    let id = key.to_string();
    for event in events {
        let (action, by, why) = match event {
            ScheduleEvent::Paused { by, why, .. } => ("pause", by, why),
            ScheduleEvent::Resumed { by, why, .. } => ("resume", by, why),
            _ => continue,
        };
        let said = Said { action, object: ("schedule", &id), by, why, at: event.at(), after: None };
        said.enter(conn).await?;
    }
    Ok(())
}

async fn freeze(conn: &mut Connection, environment: &str, hold: &Hold) -> Result<bool, StoreError> {
    let doing = format!("stop the line of `{environment}`");
    let mut tx = begin(conn, &doing).await?;
    let work = async {
        tx.alone(audit::CHAIN).await.doing(&doing)?;
        let stopped = query(
            "INSERT INTO freezes (environment, frozen_by, why, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (environment) DO NOTHING",
        )
        .bind(environment)
        .bind(&hold.by)
        .bind(&hold.why)
        .bind(hold.since.micros())
        .execute(&mut tx)
        .await
        .doing(&doing)?;
        if stopped == 0 {
            return Ok(false);
        }
        tell_all(&mut tx, environment, "freeze", hold, &doing).await?;
        said_of_line("freeze", environment, hold).enter(&mut tx).await.map(|()| true)
    }
    .await;
    finish(tx, work, &doing).await
}

async fn thaw(
    conn: &mut Connection,
    environment: &str,
    until: &Hold,
) -> Result<Option<Hold>, StoreError> {
    let doing = format!("let the line of `{environment}` go on");
    let mut tx = begin(conn, &doing).await?;
    let work = async {
        tx.alone(audit::CHAIN).await.doing(&doing)?;
        let Some(hold) = frozen(&mut tx, environment).await? else { return Ok(None) };
        query("DELETE FROM freezes WHERE environment = $1")
            .bind(environment)
            .execute(&mut tx)
            .await
            .doing(&doing)?;
        tell_all(&mut tx, environment, "thaw", until, &doing).await?;
        said_of_line("thaw", environment, until).enter(&mut tx).await.map(|()| Some(hold))
    }
    .await;
    finish(tx, work, &doing).await
}

fn said_of_line<'a>(action: &'a str, environment: &'a str, hold: &'a Hold) -> Said<'a> {
    let Hold { by, why, since } = hold;
    Said { action, object: ("environment", environment), by, why, at: *since, after: None }
}

/// Puts a request before every unfinished run of `environment`.
async fn tell_all(
    conn: &mut Connection,
    environment: &str,
    kind: &str,
    hold: &Hold,
    doing: &str,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO requests (run_id, kind, asked_by, why, asked_at) \
         SELECT run_id, $2, $3, $4, $5 FROM runs WHERE environment = $1 AND ended_at IS NULL",
    )
    .bind(environment)
    .bind(kind)
    .bind(&hold.by)
    .bind(&hold.why)
    .bind(hold.since.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(doing)
}

/// Tells a run that begins, or is opened again, that the line is stopped where it is.
pub(crate) async fn tell_of_freeze(
    conn: &mut Connection,
    run: &RunId,
    doing: &str,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO requests (run_id, kind, asked_by, why, asked_at) \
         SELECT r.run_id, 'freeze', f.frozen_by, f.why, f.at \
         FROM runs r JOIN freezes f ON f.environment = r.environment WHERE r.run_id = $1",
    )
    .bind(run.as_str())
    .execute(conn)
    .await
    .map(drop)
    .doing(doing)
}

async fn frozen(conn: &mut Connection, environment: &str) -> Result<Option<Hold>, StoreError> {
    let found = freezes(conn).await?.into_iter().find(|(name, _)| name == environment);
    Ok(found.map(|(_, hold)| hold))
}

async fn freezes(conn: &mut Connection) -> Result<Vec<(String, Hold)>, StoreError> {
    let rows = query("SELECT * FROM freezes ORDER BY environment")
        .fetch_all(conn)
        .await
        .doing("look whether the line is stopped")?;
    let mut freezes = Vec::with_capacity(rows.len());
    for row in &rows {
        let fields = Fields::of(row, "a stopped line");
        let hold = Hold {
            by: fields.get("frozen_by")?,
            why: fields.get("why")?,
            since: fields.instant("at")?,
        };
        freezes.push((fields.get("environment")?, hold));
    }
    Ok(freezes)
}

/// Refuses what moves traffic up, or promotes, while the line of the run's environment is stopped.
pub(crate) async fn refuse_while_frozen(
    conn: &mut Connection,
    stamp: Stamp<'_>,
) -> Result<(), StoreError> {
    let environment: Option<String> = query("SELECT environment FROM runs WHERE run_id = $1")
        .bind(stamp.run.as_str())
        .value_or_none(conn)
        .await
        .doing("look whether the line is stopped")?;
    let Some(environment) = environment else { return Ok(()) };
    match frozen(conn, &environment).await? {
        Some(Hold { by, why, .. }) => Err(StoreError::Frozen { environment, by, why }),
        None => Ok(()),
    }
}

/// Whether `route` gives the candidate more than it had.
pub(crate) async fn is_step_up(
    conn: &mut Connection,
    route: &RouteRow,
) -> Result<bool, StoreError> {
    let Some((model, share)) = &route.candidate else { return Ok(false) };
    let slot = &route.slot;
    let row = query(
        "SELECT candidate_model_id, candidate_bp FROM routes WHERE scope_key = $1 \
         AND model_name = $2 AND target_symbol = $3 AND target_timeframe = $4 \
         ORDER BY generation DESC LIMIT 1",
    )
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .fetch_optional(conn)
    .await
    .doing(format_args!("read the route of slot `{slot}`"))?;
    let Some(row) = row else { return Ok(*share > BasisPoints::NONE) };
    let fields = Fields::of(&row, "a route");
    let before: Option<ModelId> = fields.parsed_or_none("candidate_model_id")?;
    let had = fields.share("candidate_bp")?;
    Ok(before.as_ref() != Some(model) || *share > had)
}
