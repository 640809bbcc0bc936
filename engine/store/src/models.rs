//! Model versions as read: each is held against its own history before it is believed.

use crate::connection::Connection;
use crate::error::{Doing as _, tampered};
use crate::fields::{Fields, Row};
use crate::query::query;
use serde_json::{Map, Value, json};
use suho_domain::{Digest, Instant, ModelId, ModelStatus, Slot, Version};
use suho_driver::ports::{ModelRow, StoreError};

/// Model rows with what their history says of them.
macro_rules! select_models {
    ($rest:literal) => {
        concat!(
            "SELECT m.*, \
             (SELECT count(*) FROM model_transitions t WHERE t.model_id = m.model_id) AS moves, \
             (SELECT max(t.from_row_version) FROM model_transitions t \
              WHERE t.model_id = m.model_id) AS moved_from, \
             (SELECT t.to_status FROM model_transitions t WHERE t.model_id = m.model_id \
              ORDER BY t.from_row_version DESC LIMIT 1) AS moved_to, \
             (SELECT a.after FROM audit_log a WHERE a.object_type = 'model' \
              AND a.object_id = m.model_id ORDER BY a.seq DESC LIMIT 1) AS audited \
             FROM models m ",
            $rest
        )
    };
}
pub(crate) use select_models;

const DOING: &str = "read the models";

/// The model `id`, verified.
pub(crate) async fn find(
    conn: &mut Connection,
    id: &ModelId,
) -> Result<Option<ModelRow>, StoreError> {
    let row = query(select_models!("WHERE m.model_id = $1"))
        .bind(id.as_str())
        .fetch_optional(conn)
        .await
        .doing(DOING)?;
    row.as_ref().map(read).transpose()
}

/// The model `id`, verified, or the error that there is none.
pub(crate) async fn expect(conn: &mut Connection, id: &ModelId) -> Result<ModelRow, StoreError> {
    find(conn, id).await?.ok_or_else(|| StoreError::Missing(format!("model `{id}`")))
}

/// Every version of the slot's model in its scope, oldest first, verified.
pub(crate) async fn versions(
    conn: &mut Connection,
    slot: &Slot,
) -> Result<Vec<ModelRow>, StoreError> {
    let rows =
        query(select_models!("WHERE m.scope_key = $1 AND m.model_name = $2 ORDER BY m.rowid"))
            .bind(slot.scope.key())
            .bind(slot.model.as_str())
            .fetch_all(conn)
            .await
            .doing(DOING)?;
    rows.iter().map(read).collect()
}

/// How errors call a model: ``model `eurusd` v1.0.0``.
pub(crate) fn called(row: &ModelRow) -> String {
    format!("model `{}` {}", row.slot.model, row.version)
}

/// Reads a row of [`select_models`] and holds it against its history.
pub(crate) fn read(row: &Row) -> Result<ModelRow, StoreError> {
    let unnamed = Fields::of(row, "a model");
    let name: &str = unnamed.get("model_name")?;
    let version = Version {
        major: unnamed.number("v_major")?,
        minor: unnamed.number("v_minor")?,
        patch: unnamed.number("v_patch")?,
    };
    let what = format!("model `{name}` {version}");
    let fields = Fields::of(row, &what);
    let model = fields_of_model(fields, version)?;
    verify(fields, &model, &what)?;
    against_audit(row, fields, &what)?;
    Ok(model)
}

/// What [`select_models`] adds to the columns of a model, and the order of rows where it is a column.
const BESIDE: [&str; 5] = ["moves", "moved_from", "moved_to", "audited", "rowid"];

/// Texts longer than this stand in the audit log by their digest.
const LONGEST: usize = 200;

/// The model's row as the audit log keeps it: every column by name, long texts by digest.
pub(crate) async fn image(conn: &mut Connection, id: &ModelId) -> Result<Value, StoreError> {
    let row = query("SELECT * FROM models WHERE model_id = $1")
        .bind(id.as_str())
        .fetch_one(conn)
        .await
        .doing(DOING)?;
    columns(&row, Fields::of(&row, "a model")).map(Value::Object)
}

fn columns(row: &Row, fields: Fields<'_>) -> Result<Map<String, Value>, StoreError> {
    let names = row.columns().into_iter().filter(|name| !BESIDE.contains(name));
    names.map(|name| Ok((name.to_owned(), column(fields, name)?))).collect()
}

fn column(fields: Fields<'_>, name: &str) -> Result<Value, StoreError> {
    // The table is STRICT: what is no text is a whole number or nothing.
    if let Ok(number) = fields.get::<Option<i64>>(name) {
        return Ok(json!(number));
    }
    let text: &str = fields.get(name)?;
    let short = text.len() <= LONGEST;
    Ok(if short { json!(text) } else { json!(Digest::of(text.as_bytes())) })
}

/// The last line of the audit log about the model says what its row says, column by column.
fn against_audit(row: &Row, fields: Fields<'_>, what: &str) -> Result<(), StoreError> {
    let Some(audited) = fields.json_or_none::<Map<String, Value>>("audited")? else {
        return Err(tampered(what, "the audit log does not know it"));
    };
    for (name, value) in columns(row, fields)? {
        let logged = audited.get(&name).unwrap_or(&Value::Null);
        if *logged != value {
            let said = format_args!("its `{name}` is {value}, the audit log says {logged}");
            return Err(tampered(what, said));
        }
    }
    Ok(())
}

fn fields_of_model(fields: Fields<'_>, version: Version) -> Result<ModelRow, StoreError> {
    Ok(ModelRow {
        id: fields.parsed("model_id")?,
        slot: fields.slot()?,
        version,
        status: fields.word("status", ModelStatus::from_word)?,
        status_reason: fields.get("status_reason")?,
        row_version: fields.number("row_version")?,
        quarantined: fields.flag("quarantined")?,
        config_digest: fields.parsed("config_digest")?,
        config: fields.json("config_json")?,
        dataset_digest: fields.parsed_or_none("dataset_digest")?,
        trained_on: fields.json_or_none::<(Instant, Instant)>("training_data")?,
        artifact_digest: fields.parsed_or_none("artifact_digest")?,
        artifact: fields.get("model_storage_path")?,
        metrics: fields.json_or_none("metrics")?.unwrap_or_default(),
        seed: fields.get("seed")?,
        code_digest: fields.parsed("code_digest")?,
        parent: fields.parsed_or_none("parent_model_id")?,
        run: fields.parsed_or_none("pipeline_run_id")?,
        created_at: fields.instant("created_at")?,
        trained_at: fields.instant_or_none("trained_at")?,
        deployed_at: fields.instant_or_none("deployed_at")?,
    })
}

/// Status and row version follow from the transitions, the digest from the configuration, and a
/// model that was trained has the facts of its training.
fn verify(fields: Fields<'_>, model: &ModelRow, what: &str) -> Result<(), StoreError> {
    let status = model.status;
    let moved_to: Option<&str> = fields.get("moved_to")?;
    match moved_to {
        None => return Err(tampered(what, "it has no history")),
        Some(word) if word != status.word() => {
            let said = format_args!("its status is `{status}`, its history says `{word}`");
            return Err(tampered(what, said));
        }
        Some(_) => {}
    }
    let moves: u64 = fields.number("moves")?;
    let moved_from: u64 = fields.number("moved_from")?;
    if moves != model.row_version || moved_from.saturating_add(1) != moves {
        let said = format_args!(
            "its row version is {}, its history has {moves} moves up to row version {}",
            model.row_version,
            moved_from.saturating_add(1),
        );
        return Err(tampered(what, said));
    }
    if model.config_digest != Digest::of_json(&model.config) {
        return Err(tampered(what, "its configuration does not match its digest"));
    }
    let sealed = matches!(
        status,
        ModelStatus::Testing | ModelStatus::Staging | ModelStatus::Canary | ModelStatus::Production
    );
    let facts = model.artifact_digest.is_some()
        && model.artifact.is_some()
        && model.dataset_digest.is_some()
        && model.trained_on.is_some();
    if sealed && !facts {
        return Err(tampered(what, format_args!("it is `{status}` without a sealed artifact")));
    }
    Ok(())
}
