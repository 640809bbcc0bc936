//! Results kept under the digest of what they were made from.

use crate::connection::Connection;
use crate::error::{Doing as _, refused};
use crate::fields::{Fields, Row};
use crate::log::Stamp;
use crate::query::{Query, query};
use suho_domain::{Digest, Name, Record, canonical};
use suho_driver::ports::{CacheEntry, StoreError};

/// Keys that one statement looks up at most.
const KEYS_PER_STATEMENT: usize = 64;

/// A result to keep.
pub(crate) struct Made<'a> {
    /// The content key.
    pub(crate) key: &'a Digest,
    /// The step's kind.
    pub(crate) kind: &'a Name,
    /// The step.
    pub(crate) step: &'a Name,
    /// What it made.
    pub(crate) outputs: &'a Record,
    /// From what, untagged.
    pub(crate) inputs: &'a serde_json::Value,
}

/// Keeps a result. The same key again, as after `--force`, keeps the newest.
pub(crate) async fn keep(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    made: &Made<'_>,
) -> Result<(), StoreError> {
    let doing = format!("keep the result of step `{}`", made.step);
    let outputs = serde_json::to_string(made.outputs).map_err(|error| refused(&doing, error))?;
    query(
        "INSERT INTO step_cache \
         (key, kind, step, pipeline, outputs, inputs, run_id, made_at) \
         SELECT $1, $2, $3, pipeline, $4, $5, run_id, $7 FROM runs WHERE run_id = $6 \
         ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, step = excluded.step, \
         pipeline = excluded.pipeline, outputs = excluded.outputs, inputs = excluded.inputs, \
         run_id = excluded.run_id, made_at = excluded.made_at",
    )
    .bind(made.key.as_str())
    .bind(made.kind.as_str())
    .bind(made.step.as_str())
    .bind(outputs)
    .bind(canonical::json(made.inputs))
    .bind(stamp.run.as_str())
    .bind(stamp.recorded_at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(doing)
}

/// The results kept under `keys`; those that there are.
pub(crate) async fn find(
    conn: &mut Connection,
    keys: &[Digest],
) -> Result<Vec<CacheEntry>, StoreError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS_PER_STATEMENT) {
        let places = (1..=keys.len()).map(|place| format!("${place}")).collect::<Vec<_>>();
        let sql = format!("SELECT * FROM step_cache WHERE key IN ({})", places.join(", "));
        // One or all of them is what is asked most of the time.
        let is_kept = [1, KEYS_PER_STATEMENT].contains(&keys.len());
        let query = Query::composed(sql, is_kept);
        let query = keys.iter().fold(query, |query, key| query.bind(key.as_str()));
        let rows = query.fetch_all(conn).await.doing("look up results")?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
    Ok(found)
}

/// Results of one step of one pipeline, newest first.
pub(crate) async fn of_step(
    conn: &mut Connection,
    pipeline: &Name,
    step: &Name,
    limit: u32,
) -> Result<Vec<CacheEntry>, StoreError> {
    let rows = query(
        "SELECT * FROM step_cache WHERE pipeline = $1 AND step = $2 ORDER BY made_at DESC, rowid DESC LIMIT $3",
    )
    .bind(pipeline.as_str())
    .bind(step.as_str())
    .bind(limit)
    .fetch_all(conn)
    .await
    .doing(format_args!("look up the results of step `{step}`"))?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<CacheEntry, StoreError> {
    let fields = Fields::of(row, "a kept result");
    Ok(CacheEntry {
        key: fields.parsed("key")?,
        kind: fields.parsed("kind")?,
        outputs: fields.json("outputs")?,
        run: fields.parsed("run_id")?,
        step: fields.parsed("step")?,
        inputs: fields.json("inputs")?,
        made_at: fields.instant("made_at")?,
    })
}
