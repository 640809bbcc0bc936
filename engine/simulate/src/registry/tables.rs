//! Models, routes and rollouts, and what a commit may do to them.

use std::fmt::Display;
use suho_domain::{BasisPoints, Digest, Duration, ModelId, ModelStatus, Slot};
use suho_driver::ports::{Commit, DeploymentRow, ModelRow, SlotFacts, StoreError};
use suho_driver::registry::{Change, MoveModel, NewDeployment, NewModel, RolloutUpdate, RouteRow};

/// The tables. Clones are how a commit is all or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    /// Oldest first.
    pub(crate) models: Vec<ModelRow>,
    /// Oldest first, of all slots.
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) rollouts: Vec<DeploymentRow>,
}

/// Somebody else wrote first.
pub(crate) fn conflict(what: &str, expected: &dyn Display, found: &dyn Display) -> StoreError {
    let (expected, found) = (expected.to_string(), found.to_string());
    StoreError::Conflict { what: what.to_owned(), expected, found }
}

/// A model that moved, and where to.
type Moved = (ModelId, ModelStatus);

impl Tables {
    pub(crate) fn slot(&self, slot: &Slot) -> SlotFacts {
        let named = |row: &&ModelRow| row.slot.scope == slot.scope && row.slot.model == slot.model;
        let serves = |row: &&ModelRow| row.slot == *slot && row.status == ModelStatus::Production;
        SlotFacts {
            production: self.models.iter().find(serves).cloned(),
            versions: self.models.iter().filter(named).cloned().collect(),
            route: self.newest(slot).cloned(),
            live: self.live(slot, |_| true).cloned(),
        }
    }

    fn newest(&self, slot: &Slot) -> Option<&RouteRow> {
        self.routes.iter().rfind(|route| route.slot == *slot)
    }

    /// The rollout that is not over. One before users counts before one in shadow.
    fn live(&self, slot: &Slot, of: impl Fn(&str) -> bool) -> Option<&DeploymentRow> {
        let is_live =
            |row: &&DeploymentRow| row.slot == *slot && row.finished_at.is_none() && of(&row.kind);
        self.rollouts.iter().filter(is_live).min_by_key(|row| row.kind == "shadow")
    }

    /// Does what `change` says; tells which model moved.
    pub(crate) fn change(
        &mut self,
        change: &Change,
        commit: &Commit,
    ) -> Result<Option<Moved>, StoreError> {
        match change {
            Change::Reserve(new) => self.reserve(new, commit).map(Some),
            Change::Move(change) => self.move_model(change, commit).map(Some),
            Change::SetArtifact { model, digest, folder, dataset, trained_on, metrics } => {
                let row = self.model(model)?;
                if row.artifact_digest.as_ref().is_some_and(|sealed| sealed != digest) {
                    return Err(conflict("the artifact", &"none", &"another one"));
                }
                row.artifact_digest = Some(digest.clone());
                row.artifact = Some(folder.clone());
                row.dataset_digest = Some(dataset.clone());
                row.trained_on = Some(*trained_on);
                row.metrics = metrics.clone();
                row.trained_at = Some(commit.effective_at);
                Ok(None)
            }
            Change::Deploy(new) => self.deploy(new, commit).map(|()| None),
            Change::Rollout(update) => self.update(update, commit).map(|()| None),
            Change::Route(route) => self.route(route).map(|()| None),
            // Records that no decision reads: a test asks the journal.
            Change::SealDataset(_)
            | Change::Evaluate(_)
            | Change::Predictions { .. }
            | Change::Label { .. }
            | Change::Cache { .. }
            | Change::Answer { .. }
            | Change::Notice { .. } => Ok(None),
        }
    }

    fn model(&mut self, id: &ModelId) -> Result<&mut ModelRow, StoreError> {
        let missing = || StoreError::Missing(format!("model `{id}`"));
        self.models.iter_mut().find(|row| row.id == *id).ok_or_else(missing)
    }

    /// T0. A version is used once, whatever became of it.
    fn reserve(&mut self, new: &NewModel, commit: &Commit) -> Result<Moved, StoreError> {
        let taken = |row: &ModelRow| {
            row.slot.scope == new.slot.scope
                && row.slot.model == new.slot.model
                && row.version == new.version
        };
        if let Some(row) = self.models.iter().find(|row| taken(row)) {
            return Err(conflict("the version", &"an unused one", &row.version));
        }
        self.models.push(ModelRow {
            id: new.id.clone(),
            slot: new.slot.clone(),
            version: new.version,
            status: ModelStatus::Draft,
            status_reason: None,
            row_version: 1,
            quarantined: false,
            config_digest: Digest::of_json(&new.config),
            config: new.config.clone(),
            dataset_digest: None,
            trained_on: None,
            artifact_digest: None,
            artifact: None,
            metrics: serde_json::Value::Null,
            seed: new.seed,
            code_digest: new.code_digest.clone(),
            parent: new.parent.clone(),
            run: Some(new.run.clone()),
            created_at: commit.effective_at,
            trained_at: None,
            deployed_at: None,
        });
        Ok((new.id.clone(), ModelStatus::Draft))
    }

    fn move_model(&mut self, change: &MoveModel, commit: &Commit) -> Result<Moved, StoreError> {
        let row = self.model(&change.model)?;
        if (row.status, row.row_version) != (change.from, change.row_version) {
            let seen = |status, version| format!("`{status}` at row version {version}");
            let expected = seen(change.from, change.row_version);
            return Err(conflict("the model", &expected, &seen(row.status, row.row_version)));
        }
        let to = row.status.after(change.attempted).map_err(|illegal| StoreError::Refused {
            doing: "move a model".to_owned(),
            source: Box::new(illegal),
        })?;
        let slot = row.slot.clone();
        let is_one_a_slot = matches!(to, ModelStatus::Production | ModelStatus::Canary);
        let holds = |row: &&ModelRow| row.slot == slot && row.status == to;
        if let Some(holder) = self.models.iter().find(holds).filter(|_| is_one_a_slot) {
            return Err(conflict("the slot", &format!("no model in `{to}`"), &holder.version));
        }
        let row = self.model(&change.model)?;
        row.status = to;
        row.row_version = row.row_version.saturating_add(1);
        row.quarantined = change.quarantined.unwrap_or(row.quarantined);
        let explains = matches!(to, ModelStatus::Archived | ModelStatus::Draft);
        row.status_reason = explains.then(|| change.reason.clone());
        if to == ModelStatus::Production {
            row.deployed_at = Some(commit.effective_at);
        }
        Ok((change.model.clone(), to))
    }

    /// A shadow answers nobody, so it leaves production's place free.
    fn deploy(&mut self, new: &NewDeployment, commit: &Commit) -> Result<(), StoreError> {
        let is_shadow = new.kind == "shadow";
        if let Some(busy) = self.live(&new.slot, |kind| (kind == "shadow") == is_shadow) {
            return Err(conflict("the slot", &"no rollout under way", &busy.kind));
        }
        self.rollouts.push(DeploymentRow {
            id: new.id.clone(),
            slot: new.slot.clone(),
            model: new.model.clone(),
            baseline: new.baseline.clone(),
            kind: new.kind.clone(),
            status: "active".to_owned(),
            traffic: BasisPoints::NONE,
            routing_epoch: 0,
            salt: new.salt.clone(),
            state: new.state.clone(),
            accrued: Duration::ZERO,
            decision: None,
            row_version: 1,
            created_at: commit.effective_at,
            finished_at: None,
        });
        Ok(())
    }

    fn update(&mut self, update: &RolloutUpdate, commit: &Commit) -> Result<(), StoreError> {
        let missing = || StoreError::Missing(format!("rollout `{}`", update.id));
        let row = self.rollouts.iter_mut().find(|row| row.id == update.id).ok_or_else(missing)?;
        if row.row_version != update.row_version || row.finished_at.is_some() {
            return Err(conflict("the rollout", &update.row_version, &row.row_version));
        }
        row.row_version = row.row_version.saturating_add(1);
        row.status.clone_from(&update.status);
        row.traffic = update.traffic;
        row.routing_epoch = update.routing_epoch;
        row.accrued = update.accrued;
        row.state = update.state.clone();
        row.decision.clone_from(&update.decision);
        row.finished_at = update.decision.as_ref().map(|_| commit.effective_at);
        Ok(())
    }

    /// The next generation. Any other is a writer who did not see the last one.
    fn route(&mut self, route: &RouteRow) -> Result<(), StoreError> {
        let last = self.newest(&route.slot).map_or(0, |newest| newest.generation);
        if last.saturating_add(1) != route.generation {
            return Err(conflict("the route", &route.generation.saturating_sub(1), &last));
        }
        self.routes.push(route.clone());
        Ok(())
    }
}
