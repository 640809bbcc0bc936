//! Runs: numbered within (environment, pipeline), named by that number.

use crate::connection::Connection;
use crate::error::{Doing as _, stored};
use crate::fields::{Fields, Row};
use crate::people;
use crate::query::query;
use crate::rows::RunFilter;
use crate::transaction::{begin, finish};
use suho_domain::{Digest, Name, RunId, RunStatus, canonical};
use suho_driver::ports::{NewRun, PlanText, RunRow, StoreError};

/// The environment whose runs have the same ids on every machine, so that a rehearsal is
/// repeatable to the byte. All others derive theirs from the database's own id.
const REHEARSAL: &str = "rehearsal";
/// How many runs an ambiguous name lists.
const CANDIDATES_MAX: u32 = 5;

/// The right to number runs, which one transaction at a time has.
pub(crate) const NUMBERS: &str = "the numbers of runs";

/// Begins a run: the next number of its pipeline in its environment.
pub(crate) async fn create(conn: &mut Connection, new: &NewRun) -> Result<RunRow, StoreError> {
    let doing = format!("begin a run of `{}`", new.pipeline);
    let mut tx = begin(conn, &doing).await?;
    let work = insert(&mut tx, new, &doing).await;
    finish(tx, work, &doing).await
}

/// Creates a run within a transaction.
pub(crate) async fn insert(
    conn: &mut Connection,
    new: &NewRun,
    doing: &str,
) -> Result<RunRow, StoreError> {
    conn.alone(NUMBERS).await.doing(doing)?;
    let last: i64 =
        query("SELECT coalesce(max(number), 0) FROM runs WHERE environment = $1 AND pipeline = $2")
            .bind(&new.environment)
            .bind(new.pipeline.as_str())
            .value(&mut *conn)
            .await
            .doing(doing)?;
    let number = last.unsigned_abs().saturating_add(1);
    let instance = if new.environment == REHEARSAL {
        REHEARSAL.to_owned()
    } else {
        query("SELECT id FROM instance").value(&mut *conn).await.doing(doing)?
    };
    let number_text = number.to_string();
    let parts = [instance.as_str(), &new.environment, new.pipeline.as_str(), &number_text];
    let row = RunRow {
        id: RunId::derive(&parts),
        number,
        pipeline: new.pipeline.clone(),
        environment: new.environment.clone(),
        status: RunStatus::Queued,
        plan_digest: new.plan_digest.clone(),
        plan: new.plan.clone(),
        as_of: new.as_of,
        created_at: new.created_at,
        created_by: new.created_by.clone(),
        ended_at: None,
    };
    let exclusion = row.plan.setting("concurrency");
    query(
        "INSERT INTO runs (run_id, number, pipeline, environment, status, plan_digest, plan, \
         as_of, created_at, created_by, exclusion) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(row.id.as_str())
    .bind(stored(number))
    .bind(row.pipeline.as_str())
    .bind(&row.environment)
    .bind(row.status.word())
    .bind(row.plan_digest.as_str())
    .bind(row.plan.as_str())
    .bind(row.as_of.micros())
    .bind(row.created_at.micros())
    .bind(&new.created_by)
    .bind(exclusion.as_ref().map(canonical::json))
    .execute(&mut *conn)
    .await
    .doing(doing)?;
    people::tell_of_freeze(conn, &row.id, doing).await?;
    Ok(row)
}

/// The run `id`.
pub(crate) async fn find(conn: &mut Connection, id: &RunId) -> Result<Option<RunRow>, StoreError> {
    let row = query("SELECT * FROM runs WHERE run_id = $1")
        .bind(id.as_str())
        .fetch_optional(conn)
        .await
        .doing(format_args!("read run `{id}`"))?;
    row.as_ref().map(read).transpose()
}

/// The newest runs that `filter` matches, newest first.
pub(crate) async fn list(
    conn: &mut Connection,
    filter: &RunFilter,
    limit: u32,
) -> Result<Vec<RunRow>, StoreError> {
    let rows = query(
        "SELECT * FROM runs WHERE ($1 IS NULL OR environment = $1) \
         AND ($2 IS NULL OR pipeline = $2) AND ($3 IS NULL OR status = $3) \
         ORDER BY rowid DESC LIMIT $4",
    )
    .bind(filter.environment.as_deref())
    .bind(filter.pipeline.as_ref().map(Name::as_str))
    .bind(filter.status.map(RunStatus::word))
    .bind(limit)
    .fetch_all(conn)
    .await
    .doing("list the runs")?;
    rows.iter().map(read).collect()
}

/// The runs that `filter` matches, newest first, from after the run `after` on.
pub(crate) async fn page(
    conn: &mut Connection,
    filter: &RunFilter,
    after: Option<&RunId>,
    limit: u32,
) -> Result<Vec<RunRow>, StoreError> {
    let rows = query(
        "SELECT * FROM runs WHERE ($1 IS NULL OR environment = $1) \
         AND ($2 IS NULL OR pipeline = $2) AND ($3 IS NULL OR status = $3) \
         AND ($4 IS NULL OR rowid < (SELECT rowid FROM runs WHERE run_id = $4)) \
         ORDER BY rowid DESC LIMIT $5",
    )
    .bind(filter.environment.as_deref())
    .bind(filter.pipeline.as_ref().map(Name::as_str))
    .bind(filter.status.map(RunStatus::word))
    .bind(after.map(RunId::as_str))
    .bind(limit)
    .fetch_all(conn)
    .await
    .doing("list the runs")?;
    rows.iter().map(read).collect()
}

/// The newest run of the same plan that has not ended.
pub(crate) async fn unfinished(
    conn: &mut Connection,
    environment: &str,
    pipeline: &Name,
    plan: &Digest,
) -> Result<Option<RunRow>, StoreError> {
    let row = query(
        "SELECT * FROM runs WHERE environment = $1 AND pipeline = $2 AND plan_digest = $3 \
         AND ended_at IS NULL ORDER BY number DESC LIMIT 1",
    )
    .bind(environment)
    .bind(pipeline.as_str())
    .bind(plan.as_str())
    .fetch_optional(conn)
    .await
    .doing(format_args!("look for an unfinished run of `{pipeline}`"))?;
    row.as_ref().map(read).transpose()
}

/// The run a person means: `@latest`, an id, or the beginning of one.
pub(crate) async fn named(conn: &mut Connection, name: &str) -> Result<RunRow, StoreError> {
    if name == "@latest" {
        let latest = list(conn, &RunFilter::ANY, 1).await?.into_iter().next();
        return latest.ok_or_else(|| StoreError::Missing("run yet".to_owned()));
    }
    let rows = query(
        "SELECT * FROM runs WHERE $1 <> '' AND substr(run_id, 1, length($1)) = $1 \
         ORDER BY rowid DESC LIMIT $2",
    )
    .bind(name)
    .bind(CANDIDATES_MAX.saturating_add(1))
    .fetch_all(conn)
    .await
    .doing(format_args!("look for run `{name}`"))?;
    let runs = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let called = |run: &RunRow| format!("`{}` ({} #{})", run.id.short(), run.pipeline, run.number);
    single("run", name, runs, called)
}

/// The only one of `found`; else an error that lists what `name` could mean.
pub(crate) fn single<T>(
    noun: &str,
    name: &str,
    found: Vec<T>,
    called: impl Fn(&T) -> String,
) -> Result<T, StoreError> {
    let mut candidates: Vec<String> = found.iter().map(called).collect();
    let mut found = found.into_iter();
    match (found.next(), candidates.len()) {
        (None, _) => Err(StoreError::Missing(format!("{noun} `{name}`"))),
        (Some(only), 1) => Ok(only),
        (Some(_), _) => {
            let max = usize::try_from(CANDIDATES_MAX).unwrap_or(usize::MAX);
            if candidates.len() > max {
                candidates.truncate(max);
                candidates.push("…".to_owned());
            }
            let list = candidates.join(", ");
            Err(StoreError::Missing(format!("single {noun} `{name}`: it could be {list}")))
        }
    }
}

/// Reads a row of `runs`.
pub(crate) fn read(row: &Row) -> Result<RunRow, StoreError> {
    let unnamed = Fields::of(row, "a run");
    let id: RunId = unnamed.parsed("run_id")?;
    let what = format!("run `{id}`");
    let fields = Fields::of(row, &what);
    Ok(RunRow {
        id,
        number: fields.number("number")?,
        pipeline: fields.parsed("pipeline")?,
        environment: fields.get("environment")?,
        status: fields.word("status", RunStatus::from_word)?,
        plan_digest: fields.parsed("plan_digest")?,
        plan: PlanText::from(fields.get::<String>("plan")?),
        as_of: fields.instant("as_of")?,
        created_at: fields.instant("created_at")?,
        created_by: fields.get("created_by")?,
        ended_at: fields.instant_or_none("ended_at")?,
    })
}
