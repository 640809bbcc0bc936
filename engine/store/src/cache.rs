//! Results kept under the digest of what they were made from.

use crate::connection::Connection;
use crate::error::{Doing as _, refused};
use crate::fields::{Fields, Row};
use crate::log::{Stamp, at_once};
use crate::query::{Query, query};
use std::collections::BTreeMap;
use suho_domain::{Digest, Name, Record, canonical};
use suho_driver::ports::{CacheEntry, StoreError};
use suho_driver::registry::Change;

/// Keys that one statement looks up at most, and results that one keeps.
const KEYS_PER_STATEMENT: usize = 64;
const RESULTS_PER_STATEMENT: usize = 16;
/// The parameters that all results of a statement share, and those of one.
const SHARED: usize = 2;
const OWN: usize = 5;

/// A result to keep.
pub(crate) struct Made<'a> {
    /// The content key.
    key: &'a Digest,
    /// The step's kind.
    kind: &'a Name,
    /// The step.
    step: &'a Name,
    /// What it made.
    outputs: &'a Record,
    /// From what, untagged.
    inputs: &'a serde_json::Value,
}

/// The result that a change keeps, if it does.
pub(crate) fn made(change: &Change) -> Option<Made<'_>> {
    match change {
        Change::Cache { key, kind, step, outputs, inputs } => {
            Some(Made { key, kind, step, outputs, inputs })
        }
        _ => None,
    }
}

/// Keeps results. The same key again, as after `--force`, keeps the newest.
pub(crate) async fn keep(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    made: &[Made<'_>],
) -> Result<(), StoreError> {
    // One statement may not write a row twice.
    let newest: BTreeMap<&Digest, &Made<'_>> = made.iter().map(|made| (made.key, made)).collect();
    let newest: Vec<_> = newest.into_values().collect();
    let mut left = newest.as_slice();
    while !left.is_empty() {
        let (made, rest) = left.split_at(at_once(left.len(), RESULTS_PER_STATEMENT));
        keep_at_once(conn, stamp, made).await?;
        left = rest;
    }
    Ok(())
}

async fn keep_at_once(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    made: &[&Made<'_>],
) -> Result<(), StoreError> {
    const DOING: &str = "keep results";
    let row = |place: usize| {
        let first = SHARED + place * OWN + 1;
        let places: Vec<_> = (first..first + OWN).map(|place| format!("${place}")).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<_> = (0..made.len()).map(row).collect();
    let sql = format!(
        "INSERT INTO step_cache \
         (key, kind, step, outputs, inputs, pipeline, run_id, made_at) \
         SELECT column1, column2, column3, column4, column5, pipeline, run_id, $2 \
         FROM runs, (VALUES {}) AS made WHERE run_id = $1 \
         ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, step = excluded.step, \
         pipeline = excluded.pipeline, outputs = excluded.outputs, inputs = excluded.inputs, \
         run_id = excluded.run_id, made_at = excluded.made_at",
        rows.join(", ")
    );
    let mut insert =
        Query::composed(sql, true).bind(stamp.run.as_str()).bind(stamp.recorded_at.micros());
    for made in made {
        let outputs = serde_json::to_string(made.outputs).map_err(|error| refused(DOING, error))?;
        insert = insert
            .bind(made.key.as_str())
            .bind(made.kind.as_str())
            .bind(made.step.as_str())
            .bind(outputs)
            .bind(canonical::json(made.inputs));
    }
    insert.execute(conn).await.map(drop).doing(DOING)
}

/// The results kept under `keys`; those that there are.
pub(crate) async fn find(
    conn: &mut Connection,
    keys: &[Digest],
) -> Result<Vec<CacheEntry>, StoreError> {
    let mut found = Vec::new();
    for keys in keys.chunks(KEYS_PER_STATEMENT) {
        // A power of two, the last key again where there are fewer: few statements, each prepared
        // once a connection.
        let places = keys.len().next_power_of_two();
        let names: Vec<_> = (1..=places).map(|place| format!("${place}")).collect();
        let sql = format!("SELECT * FROM step_cache WHERE key IN ({})", names.join(", "));
        let asked = keys.iter().chain(keys.last().into_iter().cycle()).take(places);
        let query = asked.fold(Query::composed(sql, true), |query, key| query.bind(key.as_str()));
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
