//! Answers to requests, by the thousand, and the labels that come true later.

use crate::connection::Connection;
use crate::error::{Doing as _, conflict, refused};
use crate::fields::{Fields, Row};
use crate::query::{Query, query};
use suho_domain::{DeploymentId, Duration, Instant, ModelId, Slot};
use suho_driver::ports::{Prediction, StoreError};

/// Rows a statement. Enough to make the cost of a statement small beside that of its rows; the
/// text of a full one is always the same, and so is prepared once.
const ROWS_A_STATEMENT: usize = 64;

/// What a row has, in the order in which it is written.
const COLUMNS: [&str; 25] = [
    "request_id",
    "time",
    "event_time",
    "tenant_id",
    "user_id",
    "unit",
    "model_id",
    "deployment_id",
    "arm",
    "served",
    "bucket",
    "symbol",
    "timeframe",
    "horizon_us",
    "label_due_at",
    "predicted_class",
    "prob_down",
    "prob_flat",
    "prob_up",
    "confidence_score",
    "inference_latency_ms",
    "cache_hit",
    "error_code",
    "actual_class",
    "direction_correct",
];

/// What all rows of one change have in common.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// The rollout they were made for.
    pub(crate) deployment: &'a DeploymentId,
    /// Whose they are.
    pub(crate) slot: &'a Slot,
    /// How far ahead they look.
    pub(crate) horizon: Duration,
}

/// Keeps `rows`. An answer that is kept already is not kept twice.
pub(crate) async fn insert(
    conn: &mut Connection,
    batch: Batch<'_>,
    rows: &[Prediction],
) -> Result<(), StoreError> {
    if let Some(row) = rows.iter().find(|row| !is_finite(row)) {
        let what = format_args!("keep prediction `{}` of model `{}`", row.request, row.model);
        return Err(refused(what, "a figure of it is not finite"));
    }
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let inserted = statement(batch, chunk)
            .execute(&mut *conn)
            .await
            .doing(format_args!("keep predictions of rollout `{}`", batch.deployment))?;
        if inserted < chunk.len() as u64 {
            refuse_strangers(conn, batch.deployment, chunk).await?;
        }
    }
    Ok(())
}

/// SQLite would keep what is not finite as NULL, which is something else (domain §0, S19).
fn is_finite(row: &Prediction) -> bool {
    row.latency_ms.is_finite() && row.probabilities.iter().all(|p| p.is_finite())
}

fn statement<'q>(batch: Batch<'q>, rows: &'q [Prediction]) -> Query<'q> {
    let Batch { deployment, slot, horizon } = batch;
    let mut sql = format!("INSERT INTO predictions ({}) VALUES ", COLUMNS.join(", "));
    for row in 0..rows.len() {
        let places = (1..=COLUMNS.len()).map(|column| format!("${}", row * COLUMNS.len() + column));
        let places: Vec<_> = places.collect();
        sql.push_str(if row == 0 { "(" } else { ", (" });
        sql.push_str(&places.join(", "));
        sql.push(')');
    }
    sql.push_str(" ON CONFLICT (request_id, model_id) DO NOTHING");
    let timeframe = slot.timeframe.to_string();
    let query = Query::composed(sql, rows.len() == ROWS_A_STATEMENT);
    rows.iter().fold(query, |query, row| {
        let [down, flat, up] = row.probabilities.map(f64::from);
        let right = row.actual.filter(|_| row.error.is_none()).map(|actual| actual == row.class);
        query
            .bind(&row.request)
            .bind(row.time.micros())
            .bind(row.event_time.micros())
            .bind(slot.scope.tenant_id())
            .bind(slot.scope.user_id())
            .bind(&row.unit)
            .bind(row.model.as_str())
            .bind(deployment.as_str())
            .bind(&row.arm)
            .bind(row.served)
            .bind(row.bucket)
            .bind(slot.symbol.as_str())
            .bind(timeframe.clone())
            .bind(horizon.micros())
            .bind(row.label_due_at.micros())
            .bind(row.class)
            .bind(down)
            .bind(flat)
            .bind(up)
            .bind(down.max(flat).max(up))
            .bind(row.latency_ms)
            .bind(row.cache_hit)
            .bind(row.error.as_deref())
            .bind(row.actual)
            .bind(right)
    })
}

/// A row that was there already must be the same answer. One of another rollout is not, and
/// dropping ours would lose evidence in silence.
async fn refuse_strangers(
    conn: &mut Connection,
    deployment: &DeploymentId,
    rows: &[Prediction],
) -> Result<(), StoreError> {
    for row in rows {
        let kept: Option<Option<String>> =
            query("SELECT deployment_id FROM predictions WHERE request_id = $1 AND model_id = $2")
                .bind(&row.request)
                .bind(row.model.as_str())
                .value_or_none(&mut *conn)
                .await
                .doing("read a prediction")?;
        if let Some(Some(other)) = kept
            && other != deployment.as_str()
        {
            let what = format_args!("prediction `{}` of model `{}`", row.request, row.model);
            let expected = format_args!("rollout `{deployment}`");
            return Err(conflict(what, expected, format_args!("rollout `{other}`")));
        }
    }
    Ok(())
}

/// The labels of one bar came true: every answer of the rollout about that bar takes it.
pub(crate) async fn label(
    conn: &mut Connection,
    deployment: &DeploymentId,
    event_time: Instant,
    actual: i8,
    at: Instant,
) -> Result<(), StoreError> {
    query(
        "UPDATE predictions SET actual_class = $3, \
         direction_correct = CASE WHEN error_code IS NOT NULL THEN NULL \
         WHEN predicted_class = $3 THEN 1 ELSE 0 END, \
         label_version = label_version + 1, labeled_at = $4 \
         WHERE deployment_id = $1 AND event_time = $2",
    )
    .bind(deployment.as_str())
    .bind(event_time.micros())
    .bind(actual)
    .bind(at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing(format_args!("label the predictions of rollout `{deployment}`"))
}

/// The predictions made for a rollout, oldest first.
pub(crate) async fn of_deployment(
    conn: &mut Connection,
    deployment: &DeploymentId,
) -> Result<Vec<Prediction>, StoreError> {
    let rows = query(
        "SELECT request_id, time, event_time, unit, model_id, arm, served, bucket, label_due_at, \
         predicted_class, prob_down, prob_flat, prob_up, inference_latency_ms, cache_hit, \
         error_code, actual_class FROM predictions WHERE deployment_id = $1 ORDER BY time, rowid",
    )
    .bind(deployment.as_str())
    .fetch_all(conn)
    .await
    .doing(format_args!("read the predictions of rollout `{deployment}`"))?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Prediction, StoreError> {
    let fields = Fields::of(row, "a prediction");
    let probability = |column| fields.get(column).map(single);
    Ok(Prediction {
        request: fields.get("request_id")?,
        time: fields.instant("time")?,
        event_time: fields.instant("event_time")?,
        unit: fields.get("unit")?,
        model: fields.parsed::<ModelId>("model_id")?,
        arm: fields.get("arm")?,
        served: fields.flag("served")?,
        bucket: fields.number("bucket")?,
        label_due_at: fields.instant("label_due_at")?,
        class: fields.number("predicted_class")?,
        probabilities: [
            probability("prob_down")?,
            probability("prob_flat")?,
            probability("prob_up")?,
        ],
        latency_ms: fields.get("inference_latency_ms")?,
        cache_hit: fields.flag("cache_hit")?,
        error: fields.get("error_code")?,
        actual: fields.number_or_none("actual_class")?,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "it was widened from an `f32` when written")]
fn single(number: f64) -> f32 {
    number as f32
}
