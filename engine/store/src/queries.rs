//! The command line's questions.

use crate::connection::Connection;
use crate::error::Doing as _;
use crate::fields::{Fields, Row};
use crate::models::select_models;
use crate::query::query;
use crate::rows::{Evaluation, ModelFilter, Notice, Route, RunFilter, Transition};
use crate::store::SqliteStore;
use crate::{cache, evidence, models, requests, rollouts, routes, runs, verify};
use suho_domain::{Digest, ModelId, ModelStatus, Name, RunId, Slot, Version};
use suho_driver::ports::{CacheEntry, DeploymentRow, ModelRow, RunRow, StoreError};

/// Whose rollouts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeploymentsOf {
    /// Those begun by a run.
    Run(RunId),
    /// Those of a candidate.
    Model(ModelId),
    /// Those that are not over.
    Live,
}

/// Each reads one snapshot, and fails when the database refuses or a row contradicts its history.
impl SqliteStore {
    /// The newest runs that `filter` matches, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn runs(&self, filter: &RunFilter, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        self.read(async |conn| runs::list(conn, filter, limit).await)
    }

    /// The run a person means: `@latest`, an id, or the beginning of one.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, or more than one: the text lists them.
    pub fn find_run(&self, name: &str) -> Result<RunRow, StoreError> {
        self.read(async |conn| runs::named(conn, name).await)
    }

    /// The newest run of the same plan that has not ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unfinished(
        &self,
        environment: &str,
        pipeline: &Name,
        plan: &Digest,
    ) -> Result<Option<RunRow>, StoreError> {
        self.read(async |conn| runs::unfinished(conn, environment, pipeline, plan).await)
    }

    /// The models that `filter` matches, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] when one contradicts its history.
    pub fn models(&self, filter: &ModelFilter) -> Result<Vec<ModelRow>, StoreError> {
        self.read(async |conn| list_models(conn, filter).await)
    }

    /// The model a person means: a name (the version in production, else the newest one),
    /// `name@v1.0.0`, or the beginning of an id.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, or more than one: the text lists them.
    pub fn find_model(&self, name: &str) -> Result<ModelRow, StoreError> {
        self.read(async |conn| named_model(conn, name).await)
    }

    /// A model's moves, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn transitions(&self, model: &ModelId) -> Result<Vec<Transition>, StoreError> {
        self.read(async |conn| transitions(conn, model).await)
    }

    /// What evaluations found of a model, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn evaluations(&self, model: &ModelId) -> Result<Vec<Evaluation>, StoreError> {
        self.read(async |conn| evidence::of_model(conn, model).await)
    }

    /// A run's or a candidate's rollouts, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn deployments(&self, of: &DeploymentsOf) -> Result<Vec<DeploymentRow>, StoreError> {
        self.read(async |conn| deployments(conn, of).await)
    }

    /// Every generation of a slot's route, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn routes(&self, slot: &Slot) -> Result<Vec<Route>, StoreError> {
        self.read(async |conn| routes::of_slot(conn, slot).await)
    }

    /// Results kept of one step of one pipeline, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn cache_entries_of_step(
        &self,
        pipeline: &Name,
        step: &Name,
        limit: u32,
    ) -> Result<Vec<CacheEntry>, StoreError> {
        self.read(async |conn| cache::of_step(conn, pipeline, step, limit).await)
    }

    /// The newest notices of one run, or of all; newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn notices(&self, run: Option<&RunId>, limit: u32) -> Result<Vec<Notice>, StoreError> {
        self.read(async |conn| requests::notices(conn, run, limit).await)
    }

    /// Holds everything in the database against its history, and the audit log against itself.
    ///
    /// # Errors
    /// When the database refuses. What does not hold is in the answer, not an error.
    pub fn verify_all(&self) -> Result<verify::Verification, StoreError> {
        self.read(async |conn| verify::all(conn).await)
    }
}

async fn list_models(
    conn: &mut Connection,
    filter: &ModelFilter,
) -> Result<Vec<ModelRow>, StoreError> {
    let rows = query(select_models!(
        "WHERE ($1 IS NULL OR m.model_name = $1) AND ($2 IS NULL OR m.status = $2) \
         AND ($3 IS NULL OR m.pipeline_run_id = $3) ORDER BY m.rowid"
    ))
    .bind(filter.name.as_ref().map(Name::as_str))
    .bind(filter.status.map(ModelStatus::word))
    .bind(filter.run.as_ref().map(RunId::as_str))
    .fetch_all(conn)
    .await
    .doing("list the models")?;
    rows.iter().map(models::read).collect()
}

async fn named_model(conn: &mut Connection, text: &str) -> Result<ModelRow, StoreError> {
    let (name, version) = match text.split_once('@') {
        Some((name, version)) => {
            let missing = |_| StoreError::Missing(format!("model `{text}`"));
            (name, Some(version.parse::<Version>().map_err(missing)?))
        }
        None => (text, None),
    };
    let rows = query(select_models!("WHERE m.model_name = $1 ORDER BY m.rowid"))
        .bind(name)
        .fetch_all(&mut *conn)
        .await
        .doing("look for a model")?;
    let mut found = rows.iter().map(models::read).collect::<Result<Vec<_>, _>>()?;
    if let Some(version) = version {
        found.retain(|model| model.version == version);
    } else if found.is_empty() {
        found = by_id(conn, text).await?;
    } else {
        found = foremost(found);
    }
    let called = |m: &ModelRow| format!("`{}` ({} {})", m.id.short(), m.slot, m.version);
    runs::single("model", text, found, called)
}

async fn by_id(conn: &mut Connection, prefix: &str) -> Result<Vec<ModelRow>, StoreError> {
    let rows = query(select_models!(
        "WHERE $1 <> '' AND substr(m.model_id, 1, length($1)) = $1 ORDER BY m.rowid"
    ))
    .bind(prefix)
    .fetch_all(conn)
    .await
    .doing("look for a model")?;
    rows.iter().map(models::read).collect()
}

/// Of each slot the version in production, else the newest.
fn foremost(models: Vec<ModelRow>) -> Vec<ModelRow> {
    let mut foremost: Vec<ModelRow> = Vec::new();
    for model in models {
        match foremost.iter_mut().find(|other| other.slot == model.slot) {
            Some(other) if other.status == ModelStatus::Production => {}
            Some(other) => *other = model,
            None => foremost.push(model),
        }
    }
    foremost
}

async fn transitions(
    conn: &mut Connection,
    model: &ModelId,
) -> Result<Vec<Transition>, StoreError> {
    let rows =
        query("SELECT * FROM model_transitions WHERE model_id = $1 ORDER BY from_row_version")
            .bind(model.as_str())
            .fetch_all(conn)
            .await
            .doing("read a model's moves")?;
    rows.iter().map(transition).collect()
}

/// Reads a row of `model_transitions`.
pub(crate) fn transition(row: &Row) -> Result<Transition, StoreError> {
    let fields = Fields::of(row, "a model's move");
    let from: Option<&str> = fields.get("from_status")?;
    Ok(Transition {
        model: fields.parsed("model_id")?,
        from: from.map(|_| fields.word("from_status", ModelStatus::from_word)).transpose()?,
        to: fields.word("to_status", ModelStatus::from_word)?,
        from_row_version: fields.number("from_row_version")?,
        reason: fields.get("reason")?,
        detail: fields.get("detail")?,
        actor: fields.get("actor")?,
        run: fields.parsed_or_none("run_id")?,
        deployment: fields.parsed_or_none("deployment_id")?,
        at: fields.instant("at")?,
    })
}

async fn deployments(
    conn: &mut Connection,
    of: &DeploymentsOf,
) -> Result<Vec<DeploymentRow>, StoreError> {
    let query = match of {
        DeploymentsOf::Run(run) => {
            query("SELECT * FROM model_deployments WHERE run_id = $1 ORDER BY rowid")
                .bind(run.as_str())
        }
        DeploymentsOf::Model(model) => {
            query("SELECT * FROM model_deployments WHERE model_id = $1 ORDER BY rowid")
                .bind(model.as_str())
        }
        DeploymentsOf::Live => {
            query("SELECT * FROM model_deployments WHERE finished_at IS NULL ORDER BY rowid")
        }
    };
    let rows = query.fetch_all(conn).await.doing("read the rollouts")?;
    rows.iter().map(rollouts::read).collect()
}
