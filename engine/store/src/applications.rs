//! Texts that came into force, and the schedules each declares: one transaction an application.

use crate::audit::{self, Entry};
use crate::connection::Connection;
use crate::error::{Doing as _, stored};
use crate::fields::{Fields, Row};
use crate::query::query;
use crate::schedules::{self, ScheduleChange};
use crate::transaction::{begin, finish};
use serde_json::json;
use suho_domain::{Digest, Instant};
use suho_driver::ports::StoreError;

/// A text to bring into force.
#[derive(Clone, Debug, PartialEq)]
pub struct NewApplication {
    /// The environment it holds for.
    pub environment: String,
    /// Digest of the files.
    pub digest: Digest,
    /// Where it is from: `folder`, or a repository and its branch.
    pub origin: String,
    /// The commit, where it is from one.
    pub revision: Option<String>,
    /// Every file: its name relative to the root, and its text.
    pub files: Vec<(String, String)>,
    /// Who applied it.
    pub by: String,
    /// When, by the wall clock.
    pub at: Instant,
    /// What it does to schedules.
    pub schedules: Vec<ScheduleChange>,
}

/// A text that came into force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Application {
    /// Its number, from 1, across environments.
    pub id: u64,
    /// The environment it holds for.
    pub environment: String,
    /// Digest of the files.
    pub digest: Digest,
    /// Where it is from.
    pub origin: String,
    /// The commit, where it is from one.
    pub revision: Option<String>,
    /// Every file: name and text.
    pub files: Vec<(String, String)>,
    /// Who applied it.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// Brings a text into force; answers its number.
pub(crate) async fn apply(conn: &mut Connection, new: &NewApplication) -> Result<u64, StoreError> {
    const DOING: &str = "bring the pipelines into force";
    let mut tx = begin(conn, DOING).await?;
    let work = insert(&mut tx, new, DOING).await;
    finish(tx, work, DOING).await
}

async fn insert(
    conn: &mut Connection,
    new: &NewApplication,
    doing: &str,
) -> Result<u64, StoreError> {
    let files = json!(new.files).to_string();
    let id: i64 = query(
        "INSERT INTO applications (environment, digest, origin, revision, files, applied_by, \
         applied_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING application_id",
    )
    .bind(&new.environment)
    .bind(new.digest.as_str())
    .bind(&new.origin)
    .bind(new.revision.as_deref())
    .bind(files)
    .bind(&new.by)
    .bind(new.at.micros())
    .value(&mut *conn)
    .await
    .doing(doing)?;
    let id = id.unsigned_abs();
    for change in &new.schedules {
        schedules::change(conn, change, &new.environment, Some(id), new.at).await?;
    }
    let entry = Entry {
        at: new.at,
        actor: &new.by,
        tenant: None,
        action: "apply",
        object: "pipelines",
        id: &new.environment,
        before: None,
        after: Some(json!({ "digest": new.digest, "revision": new.revision })),
        reason: Some(&new.origin),
    };
    audit::append(conn, &entry).await?;
    Ok(id)
}

/// The text in force in `environment`, if one ever was.
pub(crate) async fn newest(
    conn: &mut Connection,
    environment: &str,
) -> Result<Option<Application>, StoreError> {
    let row = query(
        "SELECT * FROM applications WHERE environment = $1 ORDER BY application_id DESC LIMIT 1",
    )
    .bind(environment)
    .fetch_optional(conn)
    .await
    .doing("read the pipelines in force")?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Application, StoreError> {
    let fields = Fields::of(row, "an application");
    Ok(Application {
        id: fields.number("application_id")?,
        environment: fields.get("environment")?,
        digest: fields.parsed("digest")?,
        origin: fields.get("origin")?,
        revision: fields.get("revision")?,
        files: fields.json("files")?,
        by: fields.get("applied_by")?,
        at: fields.instant("applied_at")?,
    })
}

/// A number as SQLite holds it, or nothing.
pub(crate) fn stored_or_none(id: Option<u64>) -> Option<i64> {
    id.map(stored)
}
