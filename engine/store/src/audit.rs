//! The audit log: who did what to which thing, each line sealed with the hash of the one before.

use crate::connection::{Connection, Dialect};
use crate::error::{Doing as _, tampered};
use crate::fields::Fields;
use crate::query::query;
use serde_json::{Value, json};
use suho_domain::{Digest, Instant, canonical};
use suho_driver::ports::StoreError;

/// What the first line's `prev_hash` is.
const GENESIS: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// The right to add to the chain, which one transaction at a time has.
pub(crate) const CHAIN: &str = "the audit log";

/// A line to add.
pub(crate) struct Entry<'a> {
    /// When, by the wall clock.
    pub(crate) at: Instant,
    /// Who: `engine`, `ci:…`, `system`, else a person.
    pub(crate) actor: &'a str,
    /// Whose thing it is.
    pub(crate) tenant: Option<&'a str>,
    /// `reserve`, `promote`, `route`, ….
    pub(crate) action: &'a str,
    /// `model`, `deployment` or `slot`.
    pub(crate) object: &'a str,
    /// Its id.
    pub(crate) id: &'a str,
    /// What it was, as far as it changed.
    pub(crate) before: Option<Value>,
    /// What it became.
    pub(crate) after: Option<Value>,
    /// Why.
    pub(crate) reason: Option<&'a str>,
}

fn kind(actor: &str) -> &'static str {
    match actor.split(':').next() {
        Some("engine") => "engine",
        Some("ci") => "ci",
        Some("system") => "system",
        _ => "user",
    }
}

/// Adds `entry` at the end of the chain.
pub(crate) async fn append(conn: &mut Connection, entry: &Entry<'_>) -> Result<(), StoreError> {
    const DOING: &str = "append to the audit log";
    conn.alone(CHAIN).await.doing(DOING)?;
    let last = query("SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut *conn)
        .await
        .doing(DOING)?;
    let (seq, prev_hash) = match &last {
        Some(row) => {
            let fields = Fields::of(row, "the audit log");
            (fields.get::<i64>("seq")?.saturating_add(1), fields.get::<String>("hash")?)
        }
        None => (1, GENESIS.to_owned()),
    };
    let text = |value: &Option<Value>| value.as_ref().map(canonical::json);
    let (before, after) = (text(&entry.before), text(&entry.after));
    let actor_kind = kind(entry.actor);
    let hash = seal(
        &prev_hash,
        &json!({
            "seq": seq, "at": entry.at.micros(), "actor": entry.actor, "actor_kind": actor_kind,
            "tenant_id": entry.tenant, "action": entry.action, "object_type": entry.object,
            "object_id": entry.id, "decision": "allow", "before": before, "after": after,
            "reason": entry.reason, "request_id": Value::Null,
        }),
    );
    query(
        "INSERT INTO audit_log (seq, at, actor, actor_kind, tenant_id, action, object_type, \
         object_id, decision, before, after, reason, prev_hash, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'allow', $9, $10, $11, $12, $13)",
    )
    .bind(seq)
    .bind(entry.at.micros())
    .bind(entry.actor)
    .bind(actor_kind)
    .bind(entry.tenant)
    .bind(entry.action)
    .bind(entry.object)
    .bind(entry.id)
    .bind(before)
    .bind(after)
    .bind(entry.reason)
    .bind(prev_hash)
    .bind(hash.as_str())
    .execute(conn)
    .await
    .map(drop)
    .doing(DOING)
}

/// `sha256(prev_hash ‖ canonical(entry))`.
fn seal(prev_hash: &str, entry: &Value) -> Digest {
    Digest::of(format!("{prev_hash}{}", canonical::json(entry)).as_bytes())
}

/// What a walk along the chain found.
pub(crate) struct Walk {
    /// How many lines there are.
    pub(crate) lines: u64,
    /// Where the chain is broken.
    pub(crate) found: Vec<StoreError>,
}

/// Walks along the whole chain.
pub(crate) async fn walk(conn: &mut Connection) -> Result<Walk, StoreError> {
    const DOING: &str = "read the audit log";
    let rows =
        query("SELECT * FROM audit_log ORDER BY seq").fetch_all(&mut *conn).await.doing(DOING)?;
    // The counter outlives the rows it counted: it shows when the end was cut off.
    let counted = query(match conn.dialect() {
        Dialect::Sqlite => "SELECT seq FROM sqlite_sequence WHERE name = 'audit_log'",
        Dialect::Postgres => "SELECT seq FROM counters WHERE name = 'audit_log'",
    });
    let counted: Option<i64> = counted.value_or_none(conn).await.doing(DOING)?;
    let mut walk = Walk { lines: 0, found: Vec::new() };
    let (mut due, mut prev_hash) = (1_i64, GENESIS.to_owned());
    for row in &rows {
        let seq: i64 = Fields::of(row, "the audit log").get("seq")?;
        let what = format!("line {seq} of the audit log");
        let fields = Fields::of(row, &what);
        if seq != due {
            walk.found.push(tampered(&what, format_args!("line {due} should stand there")));
        }
        let (hash, entry) = (fields.get::<String>("hash")?, entry(fields)?);
        if fields.get::<&str>("prev_hash")? != prev_hash {
            walk.found.push(tampered(&what, "it does not follow the line before it"));
        } else if seal(&prev_hash, &entry).as_str() != hash {
            walk.found.push(tampered(&what, "its content does not match its hash"));
        }
        (due, prev_hash) = (seq.saturating_add(1), hash);
        walk.lines = walk.lines.saturating_add(1);
    }
    if counted.unwrap_or_default() != due.saturating_sub(1) {
        walk.found.push(tampered("the audit log", "lines at its end are missing"));
    }
    Ok(walk)
}

/// A stored line as [`append`] sealed it.
fn entry(fields: Fields<'_>) -> Result<Value, StoreError> {
    let text = |column| fields.get::<Option<String>>(column);
    Ok(json!({
        "seq": fields.get::<i64>("seq")?, "at": fields.get::<i64>("at")?,
        "actor": text("actor")?, "actor_kind": text("actor_kind")?,
        "tenant_id": text("tenant_id")?, "action": text("action")?,
        "object_type": text("object_type")?, "object_id": text("object_id")?,
        "decision": text("decision")?, "before": text("before")?, "after": text("after")?,
        "reason": text("reason")?, "request_id": text("request_id")?,
    }))
}
