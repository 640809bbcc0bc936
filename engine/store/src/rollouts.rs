//! Rollouts: a row each, which is the rollout's program counter and its slot's lock.

use crate::audit::{self, Entry};
use crate::connection::Connection;
use crate::error::{Doing as _, conflict, stored};
use crate::fields::{Fields, Row};
use crate::log::Stamp;
use crate::query::query;
use serde_json::json;
use suho_domain::{DeploymentId, Duration, ModelId, Slot, canonical};
use suho_driver::ports::{DeploymentRow, StoreError};
use suho_driver::registry::{NewDeployment, RolloutUpdate};

/// Where a rollout takes place: a shadow answers nobody, so it leaves production's place free.
fn environment(kind: &str) -> &'static str {
    if kind == "shadow" { "staging" } else { "production" }
}

/// A rollout begins, unless another one holds its place.
pub(crate) async fn deploy(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    new: &NewDeployment,
) -> Result<(), StoreError> {
    if let Some(busy) = live_in(conn, &new.slot, environment(&new.kind)).await? {
        let found = format_args!("{} `{}`, which is `{}`", busy.kind, busy.id, busy.status);
        return Err(conflict(format_args!("slot `{}`", new.slot), "no rollout under way", found));
    }
    let slot = &new.slot;
    let at = stamp.effective_at.micros();
    query(
        "INSERT INTO model_deployments (deployment_id, scope_key, model_name, target_symbol, \
         target_timeframe, model_id, baseline_model_id, environment, deployment_type, status, \
         traffic_bp, routing_salt, spec, success_criteria, analysis_state, run_id, created_at, \
         deployed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', 0, $10, $11, $12, \
         $13, $14, $15, $15)",
    )
    .bind(new.id.as_str())
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .bind(new.model.as_str())
    .bind(new.baseline.as_ref().map(ModelId::as_str))
    .bind(environment(&new.kind))
    .bind(&new.kind)
    .bind(&new.salt)
    .bind(canonical::json(&new.spec))
    .bind(canonical::json(&new.criteria))
    .bind(canonical::json(&new.state))
    .bind(stamp.run.as_str())
    .bind(at)
    .execute(&mut *conn)
    .await
    .doing(format_args!("begin {} `{}`", new.kind, new.id))?;
    let after = json!({ "kind": new.kind, "model": new.model, "baseline": new.baseline });
    let entry = Entry {
        at: stamp.recorded_at,
        actor: "engine",
        tenant: slot.scope.tenant_id(),
        action: "deploy",
        object: "deployment",
        id: new.id.as_str(),
        before: None,
        after: Some(after),
        reason: None,
    };
    audit::append(conn, &entry).await
}

/// A rollout's row moves on, if it still is as the writer saw it. A decision ends it.
pub(crate) async fn update(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    update: &RolloutUpdate,
) -> Result<(), StoreError> {
    let what = format!("rollout `{}`", update.id);
    let doing = format!("move {what} on");
    let decision = update.decision.as_ref();
    let updated = query(
        "UPDATE model_deployments SET row_version = row_version + 1, status = $3, \
         step_index = $4, traffic_bp = $5, routing_epoch = $6, accrued_us = $7, \
         analysis_state = $8, decision = $9, decision_reason = $10, finished_at = $11 \
         WHERE deployment_id = $1 AND row_version = $2 AND finished_at IS NULL",
    )
    .bind(update.id.as_str())
    .bind(stored(update.row_version))
    .bind(&update.status)
    .bind(update.step_index)
    .bind(update.traffic.points())
    .bind(stored(update.routing_epoch))
    .bind(update.accrued.micros())
    .bind(canonical::json(&update.state))
    .bind(decision.map(|(word, _)| word))
    .bind(decision.map(|(_, reason)| reason))
    .bind(decision.map(|_| stamp.effective_at.micros()))
    .execute(&mut *conn)
    .await
    .doing(&doing)?;
    let found = find(conn, &update.id).await?.ok_or_else(|| StoreError::Missing(what.clone()))?;
    if updated == 0 {
        let expected = format_args!("row version {} under way", update.row_version);
        let found = match found.decision {
            Some((word, _)) => format!("that it ended as `{word}`"),
            None => format!("row version {}", found.row_version),
        };
        return Err(conflict(what, expected, found));
    }
    match decision {
        Some((word, reason)) => end(conn, stamp, &found, word, reason).await,
        None => Ok(()),
    }
}

async fn end(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    rollout: &DeploymentRow,
    decision: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let entry = Entry {
        at: stamp.recorded_at,
        actor: "engine",
        tenant: rollout.slot.scope.tenant_id(),
        action: "decide",
        object: "deployment",
        id: rollout.id.as_str(),
        before: None,
        after: Some(json!({ "status": rollout.status, "decision": decision })),
        reason: Some(reason),
    };
    audit::append(conn, &entry).await
}

/// The rollout `id`.
pub(crate) async fn find(
    conn: &mut Connection,
    id: &DeploymentId,
) -> Result<Option<DeploymentRow>, StoreError> {
    let row = query("SELECT * FROM model_deployments WHERE deployment_id = $1")
        .bind(id.as_str())
        .fetch_optional(conn)
        .await
        .doing(format_args!("read rollout `{id}`"))?;
    row.as_ref().map(read).transpose()
}

/// The rollout that is not over in `slot`. One before users counts before one in shadow.
pub(crate) async fn live(
    conn: &mut Connection,
    slot: &Slot,
) -> Result<Option<DeploymentRow>, StoreError> {
    match live_in(conn, slot, "production").await? {
        Some(row) => Ok(Some(row)),
        None => live_in(conn, slot, "staging").await,
    }
}

async fn live_in(
    conn: &mut Connection,
    slot: &Slot,
    environment: &str,
) -> Result<Option<DeploymentRow>, StoreError> {
    let row = query(
        "SELECT * FROM model_deployments WHERE scope_key = $1 AND model_name = $2 \
         AND target_symbol = $3 AND target_timeframe = $4 AND environment = $5 \
         AND finished_at IS NULL",
    )
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .bind(environment)
    .fetch_optional(conn)
    .await
    .doing(format_args!("read the rollouts of slot `{slot}`"))?;
    row.as_ref().map(read).transpose()
}

/// Reads a row of `model_deployments`.
pub(crate) fn read(row: &Row) -> Result<DeploymentRow, StoreError> {
    let unnamed = Fields::of(row, "a rollout");
    let id: DeploymentId = unnamed.parsed("deployment_id")?;
    let what = format!("rollout `{id}`");
    let fields = Fields::of(row, &what);
    let decision: Option<String> = fields.get("decision")?;
    let reason: Option<String> = fields.get("decision_reason")?;
    Ok(DeploymentRow {
        id,
        slot: fields.slot()?,
        model: fields.parsed("model_id")?,
        baseline: fields.parsed_or_none("baseline_model_id")?,
        kind: fields.get("deployment_type")?,
        status: fields.get("status")?,
        traffic: fields.share("traffic_bp")?,
        routing_epoch: fields.number("routing_epoch")?,
        salt: fields.get("routing_salt")?,
        state: fields.json("analysis_state")?,
        accrued: Duration::from_micros(fields.get("accrued_us")?),
        decision: decision.zip(reason),
        row_version: fields.number("row_version")?,
        created_at: fields.instant("created_at")?,
        finished_at: fields.instant_or_none("finished_at")?,
    })
}
