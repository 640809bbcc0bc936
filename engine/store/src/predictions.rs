//! Answers to requests, by the thousand, and the labels that come true later.

use crate::error::{Doing as _, conflict, refused};
use crate::fields::Fields;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use suho_domain::{DeploymentId, Duration, Instant, ModelId, Slot};
use suho_driver::ports::{Prediction, StoreError};

/// Rows a statement. Enough to make the cost of a statement small beside that of its rows; the
/// text of a full one is always the same, and so is prepared once.
const ROWS_A_STATEMENT: usize = 64;

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
    conn: &mut SqliteConnection,
    batch: Batch<'_>,
    rows: &[Prediction],
) -> Result<(), StoreError> {
    if let Some(row) = rows.iter().find(|row| !is_finite(row)) {
        let what = format_args!("keep prediction `{}` of model `{}`", row.request, row.model);
        return Err(refused(what, "a figure of it is not finite"));
    }
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let inserted = statement(batch, chunk)
            .build()
            .persistent(chunk.len() == ROWS_A_STATEMENT)
            .execute(&mut *conn)
            .await
            .doing(format_args!("keep predictions of rollout `{}`", batch.deployment))?;
        if inserted.rows_affected() < chunk.len() as u64 {
            refuse_strangers(conn, batch.deployment, chunk).await?;
        }
    }
    Ok(())
}

/// SQLite would keep what is not finite as NULL, which is something else (domain §0, S19).
fn is_finite(row: &Prediction) -> bool {
    row.latency_ms.is_finite() && row.probabilities.iter().all(|p| p.is_finite())
}

fn statement<'q>(batch: Batch<'_>, rows: &'q [Prediction]) -> QueryBuilder<Sqlite> {
    let Batch { deployment, slot, horizon } = batch;
    let mut query = QueryBuilder::new(
        "INSERT INTO predictions (request_id, time, event_time, tenant_id, user_id, unit, \
         model_id, deployment_id, arm, served, bucket, symbol, timeframe, horizon_us, \
         label_due_at, predicted_class, prob_down, prob_flat, prob_up, confidence_score, \
         inference_latency_ms, cache_hit, error_code, actual_class, direction_correct) ",
    );
    let timeframe = slot.timeframe.to_string();
    query.push_values(rows, |mut values, row: &'q Prediction| {
        let [down, flat, up] = row.probabilities.map(f64::from);
        let right = row.actual.filter(|_| row.error.is_none()).map(|actual| actual == row.class);
        values
            .push_bind(&row.request)
            .push_bind(row.time.micros())
            .push_bind(row.event_time.micros())
            .push_bind(slot.scope.tenant_id())
            .push_bind(slot.scope.user_id())
            .push_bind(&row.unit)
            .push_bind(row.model.as_str())
            .push_bind(deployment.as_str())
            .push_bind(&row.arm)
            .push_bind(row.served)
            .push_bind(row.bucket)
            .push_bind(slot.symbol.as_str())
            .push_bind(&timeframe)
            .push_bind(horizon.micros())
            .push_bind(row.label_due_at.micros())
            .push_bind(row.class)
            .push_bind(down)
            .push_bind(flat)
            .push_bind(up)
            .push_bind(down.max(flat).max(up))
            .push_bind(row.latency_ms)
            .push_bind(row.cache_hit)
            .push_bind(row.error.as_deref())
            .push_bind(row.actual)
            .push_bind(right);
    });
    query.push(" ON CONFLICT (request_id, model_id) DO NOTHING");
    query
}

/// A row that was there already must be the same answer. One of another rollout is not, and
/// dropping ours would lose evidence in silence.
async fn refuse_strangers(
    conn: &mut SqliteConnection,
    deployment: &DeploymentId,
    rows: &[Prediction],
) -> Result<(), StoreError> {
    for row in rows {
        let kept: Option<Option<String>> = sqlx::query_scalar(
            "SELECT deployment_id FROM predictions WHERE request_id = ?1 AND model_id = ?2",
        )
        .bind(&row.request)
        .bind(row.model.as_str())
        .fetch_optional(&mut *conn)
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
    conn: &mut SqliteConnection,
    deployment: &DeploymentId,
    event_time: Instant,
    actual: i8,
    at: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE predictions SET actual_class = ?3, \
         direction_correct = CASE WHEN error_code IS NULL THEN predicted_class = ?3 END, \
         label_version = label_version + 1, labeled_at = ?4 \
         WHERE deployment_id = ?1 AND event_time = ?2",
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
    conn: &mut SqliteConnection,
    deployment: &DeploymentId,
) -> Result<Vec<Prediction>, StoreError> {
    let rows = sqlx::query(
        "SELECT request_id, time, event_time, unit, model_id, arm, served, bucket, label_due_at, \
         predicted_class, prob_down, prob_flat, prob_up, inference_latency_ms, cache_hit, \
         error_code, actual_class FROM predictions WHERE deployment_id = ?1 ORDER BY time, rowid",
    )
    .bind(deployment.as_str())
    .fetch_all(conn)
    .await
    .doing(format_args!("read the predictions of rollout `{deployment}`"))?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<Prediction, StoreError> {
    let fields = Fields::of(row, "a prediction");
    let probability = |column| fields.get(column).map(single);
    Ok(Prediction {
        request: fields.get("request_id")?,
        time: fields.instant("time")?,
        event_time: fields.instant("event_time")?,
        unit: fields.get("unit")?,
        model: fields.parsed::<ModelId>("model_id")?,
        arm: fields.get("arm")?,
        served: fields.get("served")?,
        bucket: fields.number("bucket")?,
        label_due_at: fields.instant("label_due_at")?,
        class: fields.number("predicted_class")?,
        probabilities: [
            probability("prob_down")?,
            probability("prob_flat")?,
            probability("prob_up")?,
        ],
        latency_ms: fields.get("inference_latency_ms")?,
        cache_hit: fields.get("cache_hit")?,
        error: fields.get("error_code")?,
        actual: fields.get::<Option<i8>>("actual_class")?,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "it was widened from an `f32` when written")]
fn single(number: f64) -> f32 {
    number as f32
}
