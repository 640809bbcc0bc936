//! Runs that exclude each other, and pushes that begin some.

use crate::connection::Connection;
use crate::error::{Doing as _, conflict};
use crate::fields::Fields;
use crate::query::query;
use crate::runs;
use crate::store::SqliteStore;
use crate::transaction::{begin, finish};
use serde_json::Value as Json;
use suho_domain::{Instant, RunId, RunStatus};
use suho_driver::ports::{NewRun, RunRow, StoreError};

/// An unfinished run that excludes others.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimRow {
    /// The run.
    pub run: RunId,
    /// How it stands.
    pub status: RunStatus,
    /// Its plan's `concurrency`.
    pub concurrency: Json,
}

/// A branch that moved on, and the runs that this begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    /// Where they run.
    pub environment: String,
    /// The branch.
    pub branch: String,
    /// The commit whose push was answered last, as the writer saw it.
    pub from: Option<String>,
    /// The commit that is there now.
    pub to: String,
    /// When, by the wall clock.
    pub at: Instant,
    /// The runs.
    pub runs: Vec<NewRun>,
}

/// Each is one snapshot or one transaction, and fails when the database refuses.
impl SqliteStore {
    /// Unfinished runs of `environment` that exclude others, in the order they were asked for.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn claims(&self, environment: &str) -> Result<Vec<ClaimRow>, StoreError> {
        self.read(async |conn| claims(conn, environment).await)
    }

    /// The commit of `branch` whose push was answered last.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn head(&self, environment: &str, branch: &str) -> Result<Option<String>, StoreError> {
        self.read(async |conn| head(conn, environment, branch).await)
    }

    /// Begins the runs of a push and notes that it is answered, both or neither.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else answered it; nothing is written then.
    pub fn answer_push(&self, push: &Push) -> Result<Vec<RunRow>, StoreError> {
        let doing = format!("answer a push to `{}`", push.branch);
        self.write(&doing, async |conn| answer(conn, push).await)
    }
}

async fn claims(conn: &mut Connection, environment: &str) -> Result<Vec<ClaimRow>, StoreError> {
    let rows = query(
        "SELECT run_id, status, exclusion FROM runs WHERE environment = $1 \
         AND ended_at IS NULL AND exclusion IS NOT NULL ORDER BY created_at, number",
    )
    .bind(environment)
    .fetch_all(conn)
    .await
    .doing("look for runs that exclude others")?;
    let mut claims = Vec::with_capacity(rows.len());
    for row in &rows {
        let fields = Fields::of(row, "a run");
        claims.push(ClaimRow {
            run: fields.parsed("run_id")?,
            status: fields.word("status", RunStatus::from_word)?,
            concurrency: fields.json("exclusion")?,
        });
    }
    Ok(claims)
}

async fn head(
    conn: &mut Connection,
    environment: &str,
    branch: &str,
) -> Result<Option<String>, StoreError> {
    query("SELECT revision FROM heads WHERE environment = $1 AND branch = $2")
        .bind(environment)
        .bind(branch)
        .value_or_none(conn)
        .await
        .doing("look which push was answered last")
}

async fn answer(conn: &mut Connection, push: &Push) -> Result<Vec<RunRow>, StoreError> {
    let doing = format!("answer a push to `{}`", push.branch);
    let mut tx = begin(conn, &doing).await?;
    let work = async {
        let seen = head(&mut tx, &push.environment, &push.branch).await?;
        if seen != push.from {
            let of = |revision: &Option<String>| revision.as_deref().unwrap_or("none").to_owned();
            let what = format_args!("branch `{}`", push.branch);
            return Err(conflict(what, of(&push.from), of(&seen)));
        }
        query(
            "INSERT INTO heads (environment, branch, revision, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (environment, branch) DO UPDATE SET revision = excluded.revision, \
             at = excluded.at",
        )
        .bind(&push.environment)
        .bind(&push.branch)
        .bind(&push.to)
        .bind(push.at.micros())
        .execute(&mut tx)
        .await
        .doing(&doing)?;
        let mut begun = Vec::with_capacity(push.runs.len());
        for run in &push.runs {
            begun.push(runs::insert(&mut tx, run, &doing).await?);
        }
        Ok(begun)
    }
    .await;
    finish(tx, work, &doing).await
}
