//! What a commit does to models: versions are reserved, artifacts sealed, models moved. Each
//! leaves a line in the audit log; each move leaves its transition as well.

use crate::audit::{self, Entry};
use crate::connection::Connection;
use crate::error::{Doing as _, conflict, refused, stored};
use crate::log::Stamp;
use crate::query::query;
use crate::{models, people};
use serde_json::json;
use suho_domain::{Digest, Instant, ModelId, ModelStatus, Move, Slot, canonical};
use suho_driver::ports::StoreError;
use suho_driver::registry::{MoveModel, NewModel};

/// T0: a version is reserved, as a draft.
pub(crate) async fn reserve(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    new: &NewModel,
) -> Result<(), StoreError> {
    let doing = format!("reserve model `{}` {}", new.slot.model, new.version);
    refuse_taken(conn, new, &doing).await?;
    let config_digest = Digest::of_json(&new.config);
    query(
        "INSERT INTO models (model_id, tenant_id, user_id, model_name, target_symbol, \
         target_timeframe, prediction_horizon, v_major, v_minor, v_patch, status, \
         parent_model_id, config_digest, config_json, architecture, hyperparameters, \
         features_used, feature_version, seed, engine_version, code_digest, pipeline_run_id, \
         created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'draft', $11, \
         $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
    )
    .bind(new.id.as_str())
    .bind(new.slot.scope.tenant_id())
    .bind(new.slot.scope.user_id())
    .bind(new.slot.model.as_str())
    .bind(new.slot.symbol.as_str())
    .bind(new.slot.timeframe.to_string())
    .bind(new.horizon.to_string())
    .bind(new.version.major)
    .bind(new.version.minor)
    .bind(new.version.patch)
    .bind(new.parent.as_ref().map(ModelId::as_str))
    .bind(config_digest.as_str())
    .bind(canonical::json(&new.config))
    .bind(canonical::json(&new.architecture))
    .bind(canonical::json(&new.hyperparameters))
    .bind(canonical::json(&json!(new.features)))
    .bind(&new.feature_version)
    .bind(new.seed)
    .bind(&new.engine_version)
    .bind(new.code_digest.as_str())
    .bind(new.run.as_str())
    .bind(&new.created_by)
    .bind(stamp.effective_at.micros())
    .execute(&mut *conn)
    .await
    .doing(&doing)?;
    let step = Step {
        model: &new.id,
        from: None,
        to: ModelStatus::Draft,
        from_row_version: 0,
        reason: "reserved",
        detail: None,
        actor: &new.created_by,
        deployment: None,
    };
    transition(conn, stamp, &step).await?;
    let after = models::image(conn, &new.id).await?;
    let entry = Entry {
        at: stamp.recorded_at,
        actor: &new.created_by,
        tenant: new.slot.scope.tenant_id(),
        action: "reserve",
        object: "model",
        id: new.id.as_str(),
        before: None,
        after: Some(after),
        reason: None,
    };
    audit::append(conn, &entry).await
}

/// A version is used once, whatever became of it (domain §2.3).
async fn refuse_taken(
    conn: &mut Connection,
    new: &NewModel,
    doing: &str,
) -> Result<(), StoreError> {
    let taken: Option<String> = query(
        "SELECT status FROM models WHERE scope_key = $1 AND model_name = $2 \
         AND v_major = $3 AND v_minor = $4 AND v_patch = $5",
    )
    .bind(new.slot.scope.key())
    .bind(new.slot.model.as_str())
    .bind(new.version.major)
    .bind(new.version.minor)
    .bind(new.version.patch)
    .value_or_none(conn)
    .await
    .doing(doing)?;
    taken.map_or(Ok(()), |status| {
        let what = format_args!("model `{}` {}", new.slot.model, new.version);
        Err(conflict(what, "an unused version", format_args!("one that is `{status}`")))
    })
}

/// What training made.
pub(crate) struct Artifact<'a> {
    /// The model.
    pub(crate) model: &'a ModelId,
    /// The sealed artifact's digest.
    pub(crate) digest: &'a Digest,
    /// Its folder in the artifact store.
    pub(crate) folder: &'a str,
    /// The snapshot it was trained on.
    pub(crate) dataset: &'a Digest,
    /// First and one-past-last bar of train and validation.
    pub(crate) trained_on: (Instant, Instant),
    /// Untagged.
    pub(crate) metrics: &'a serde_json::Value,
}

/// T2's facts, written once; the same facts again change nothing.
pub(crate) async fn set_artifact(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    artifact: &Artifact<'_>,
) -> Result<(), StoreError> {
    let model = models::expect(conn, artifact.model).await?;
    let what = models::called(&model);
    match &model.artifact_digest {
        Some(digest) if digest == artifact.digest => return Ok(()),
        Some(digest) => return Err(conflict(what, "no artifact", format_args!("`{digest}`"))),
        None => {}
    }
    query(
        "UPDATE models SET artifact_digest = $2, model_storage_path = $3, dataset_digest = $4, \
         training_data = $5, metrics = $6, trained_at = $7 WHERE model_id = $1",
    )
    .bind(artifact.model.as_str())
    .bind(artifact.digest.as_str())
    .bind(artifact.folder)
    .bind(artifact.dataset.as_str())
    .bind(canonical::json(&json!(artifact.trained_on)))
    .bind(canonical::json(artifact.metrics))
    .bind(stamp.effective_at.micros())
    .execute(&mut *conn)
    .await
    .doing(format_args!("seal the artifact of {what}"))?;
    let entry = Entry {
        at: stamp.recorded_at,
        actor: "engine",
        tenant: model.slot.scope.tenant_id(),
        action: "seal_artifact",
        object: "model",
        id: artifact.model.as_str(),
        before: None,
        after: Some(models::image(conn, artifact.model).await?),
        reason: None,
    };
    audit::append(conn, &entry).await
}

/// Moves a model, if it still stands where the writer saw it.
pub(crate) async fn move_model(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    change: &MoveModel,
) -> Result<(), StoreError> {
    let model = models::expect(conn, &change.model).await?;
    let what = models::called(&model);
    if (model.status, model.row_version) != (change.from, change.row_version) {
        let seen = |status, version| format!("`{status}` at row version {version}");
        let expected = seen(change.from, change.row_version);
        return Err(conflict(what, expected, seen(model.status, model.row_version)));
    }
    let doing = format!("move {what}");
    let to = model.status.after(change.attempted).map_err(|error| refused(&doing, error))?;
    refuse_occupied(conn, &model.slot, to).await?;
    if change.attempted == Move::Promote {
        people::refuse_while_frozen(conn, stamp).await?;
    }
    write_move(conn, stamp, change, to, &doing).await?;
    let step = Step {
        model: &change.model,
        from: Some(model.status),
        to,
        from_row_version: change.row_version,
        reason: &change.reason,
        detail: change.detail.as_deref(),
        actor: &change.actor,
        deployment: change.deployment.as_ref().map(suho_domain::DeploymentId::as_str),
    };
    transition(conn, stamp, &step).await?;
    let entry = Entry {
        at: stamp.recorded_at,
        actor: &change.actor,
        tenant: model.slot.scope.tenant_id(),
        action: change.attempted.word(),
        object: "model",
        id: change.model.as_str(),
        before: Some(json!({
            "status": model.status.word(), "row_version": model.row_version,
            "quarantined": model.quarantined,
        })),
        after: Some(models::image(conn, &change.model).await?),
        reason: Some(&change.reason),
    };
    audit::append(conn, &entry).await
}

async fn write_move(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    change: &MoveModel,
    to: ModelStatus,
    doing: &str,
) -> Result<(), StoreError> {
    // Where a model goes forward the transition's reason says enough; where it ends or comes back
    // the row itself says why.
    let explains = matches!(to, ModelStatus::Archived | ModelStatus::Draft);
    let at = stamp.effective_at.micros();
    let updated = query(
        "UPDATE models SET status = $4, row_version = row_version + 1, status_reason = $5, \
         status_detail = $6, quarantined = coalesce($7, quarantined), \
         deployed_at = coalesce($8, deployed_at), archived_at = $9 \
         WHERE model_id = $1 AND row_version = $2 AND status = $3",
    )
    .bind(change.model.as_str())
    .bind(stored(change.row_version))
    .bind(change.from.word())
    .bind(to.word())
    .bind(explains.then_some(change.reason.as_str()))
    .bind(change.detail.as_deref().filter(|_| explains))
    .bind(change.quarantined)
    .bind((to == ModelStatus::Production).then_some(at))
    .bind((to == ModelStatus::Archived).then_some(at))
    .execute(conn)
    .await
    .doing(doing)?;
    if updated == 1 { Ok(()) } else { Err(conflict(doing, "one row", format_args!("{updated}"))) }
}

/// One production and one canary a slot. The unique indexes hold it; this says it in words.
async fn refuse_occupied(
    conn: &mut Connection,
    slot: &Slot,
    to: ModelStatus,
) -> Result<(), StoreError> {
    if !matches!(to, ModelStatus::Production | ModelStatus::Canary) {
        return Ok(());
    }
    let holder: Option<String> = query(
        "SELECT version FROM models WHERE scope_key = $1 AND model_name = $2 \
         AND target_symbol = $3 AND target_timeframe = $4 AND status = $5",
    )
    .bind(slot.scope.key())
    .bind(slot.model.as_str())
    .bind(slot.symbol.as_str())
    .bind(slot.timeframe.to_string())
    .bind(to.word())
    .value_or_none(conn)
    .await
    .doing("read the models")?;
    holder.map_or(Ok(()), |version| {
        let what = format_args!("slot `{slot}`");
        Err(conflict(what, format_args!("no model in `{to}`"), version))
    })
}

/// A transition to write.
struct Step<'a> {
    model: &'a ModelId,
    from: Option<ModelStatus>,
    to: ModelStatus,
    from_row_version: u64,
    reason: &'a str,
    detail: Option<&'a str>,
    actor: &'a str,
    deployment: Option<&'a str>,
}

async fn transition(
    conn: &mut Connection,
    stamp: Stamp<'_>,
    step: &Step<'_>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO model_transitions (transition_id, model_id, from_status, to_status, \
         from_row_version, reason, detail, actor, run_id, deployment_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(format!("{}/{}", step.model, step.from_row_version))
    .bind(step.model.as_str())
    .bind(step.from.map(ModelStatus::word))
    .bind(step.to.word())
    .bind(stored(step.from_row_version))
    .bind(step.reason)
    .bind(step.detail)
    .bind(step.actor)
    .bind(stamp.run.as_str())
    .bind(step.deployment)
    .bind(stamp.effective_at.micros())
    .execute(conn)
    .await
    .map(drop)
    .doing("write a model's transition")
}
