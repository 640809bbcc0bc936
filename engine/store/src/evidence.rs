//! What is known of data and models: frozen snapshots, and what evaluations found.

use crate::connection::Connection;
use crate::error::{Doing as _, stored};
use crate::fields::{Fields, Row};
use crate::log::Stamp;
use crate::query::query;
use crate::rows::Evaluation;
use serde_json::json;
use suho_domain::{Digest, Instant, ModelId, canonical};
use suho_driver::ports::StoreError;
use suho_driver::registry::{DatasetRow, EvaluationRow};

/// A frozen snapshot becomes known. The digest is its content, so a second time says nothing new.
pub(crate) async fn seal_dataset(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    dataset: &DatasetRow,
) -> Result<(), StoreError> {
    let slot = &dataset.slot;
    query(
        "INSERT INTO dataset_snapshots (dataset_digest, scope_key, model_name, symbol, timeframe, \
         range_start, range_end, as_of, row_count, feature_version, columns_json, source_uri, \
         manifest_uri, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (dataset_digest) DO NOTHING",
    )
    .bind(dataset.digest.as_str())
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .bind(dataset.range.0.micros())
    .bind(dataset.range.1.micros())
    .bind(dataset.as_of.micros())
    .bind(stored(dataset.rows))
    .bind(&dataset.feature_version)
    .bind(canonical::json(&json!(dataset.columns)))
    .bind(&dataset.source)
    .bind(&dataset.manifest)
    .bind(stamp.effective_at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(format_args!("seal data set `{}`", dataset.digest))
}

/// What an evaluation found. The same question about the same data keeps its row and takes the
/// newest answer: a check that failed to run may have been repeated.
pub(crate) async fn evaluate(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    found: &EvaluationRow,
) -> Result<(), StoreError> {
    let dataset = found.dataset.as_ref().map(Digest::as_str);
    let id = Digest::of_json(&json!([found.model, found.kind, found.spec_digest, dataset]));
    query(
        "INSERT INTO model_evaluations (evaluation_id, model_id, kind, dataset_digest, \
         window_start, window_end, baseline_model_id, metrics, baseline_metrics, spec_digest, \
         verdict, run_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (evaluation_id) DO UPDATE SET window_start = excluded.window_start, \
         window_end = excluded.window_end, baseline_model_id = excluded.baseline_model_id, \
         metrics = excluded.metrics, baseline_metrics = excluded.baseline_metrics, \
         verdict = excluded.verdict, run_id = excluded.run_id, created_at = excluded.created_at",
    )
    .bind(id.as_str())
    .bind(found.model.as_str())
    .bind(&found.kind)
    .bind(dataset)
    .bind(found.window.map(|(start, _)| start.micros()))
    .bind(found.window.map(|(_, end)| end.micros()))
    .bind(found.baseline.as_ref().map(ModelId::as_str))
    .bind(canonical::json(&found.metrics))
    .bind(found.baseline_metrics.as_ref().map(canonical::json))
    .bind(found.spec_digest.as_str())
    .bind(&found.verdict)
    .bind(stamp.run.as_str())
    .bind(stamp.effective_at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(format_args!("keep the `{}` evaluation of model `{}`", found.kind, found.model))
}

/// All evaluations of `model`, oldest first.
pub(crate) async fn of_model(
    conn: &mut Connection,
    model: &ModelId,
) -> Result<Vec<Evaluation>, StoreError> {
    let rows = query("SELECT * FROM model_evaluations WHERE model_id = $1 ORDER BY rowid")
        .bind(model.as_str())
        .fetch_all(conn)
        .await
        .doing("read the evaluations")?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Evaluation, StoreError> {
    let fields = Fields::of(row, "an evaluation");
    let start: Option<Instant> = fields.instant_or_none("window_start")?;
    let row = EvaluationRow {
        model: fields.parsed("model_id")?,
        kind: fields.get("kind")?,
        dataset: fields.parsed_or_none("dataset_digest")?,
        window: start.zip(fields.instant_or_none("window_end")?),
        baseline: fields.parsed_or_none("baseline_model_id")?,
        metrics: fields.json("metrics")?,
        baseline_metrics: fields.json_or_none("baseline_metrics")?,
        spec_digest: fields.parsed("spec_digest")?,
        verdict: fields.get("verdict")?,
    };
    Ok(Evaluation { row, run: fields.parsed("run_id")?, at: fields.instant("created_at")? })
}
