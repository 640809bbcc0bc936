//! Models, routes and rollouts, and what a commit may do to them.

use super::{conflict, missing};
use crate::bug::Bug;
use suho_domain::{BasisPoints, DeploymentId, Digest, Duration, ModelId, ModelStatus, Move, Slot};
use suho_driver::ports::{Commit, DeploymentRow, ModelRow, SlotFacts, StoreError};
use suho_driver::registry::{Change, MoveModel, NewDeployment, NewModel, RolloutUpdate, RouteRow};

/// See the module.
#[derive(Debug)]
pub(crate) struct Registry {
    bug: Option<Bug>,
    /// Oldest first.
    pub(crate) models: Vec<ModelRow>,
    /// Oldest first. There is one slot.
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) rollouts: Vec<DeploymentRow>,
    /// How to take back what the transaction under way has done.
    undo: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    AddedModel,
    ChangedModel(usize, Box<ModelRow>),
    AddedRollout,
    ChangedRollout(usize, Box<DeploymentRow>),
    AddedRoute,
}

impl Registry {
    pub(crate) const fn new(bug: Option<Bug>) -> Self {
        Self { bug, models: Vec::new(), routes: Vec::new(), rollouts: Vec::new(), undo: Vec::new() }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    pub(crate) fn slot(&self, slot: &Slot) -> SlotFacts {
        let serves = |row: &&ModelRow| row.status == ModelStatus::Production;
        let live = self.rollouts.iter().filter(|row| row.finished_at.is_none());
        let of_slot = |row: &&ModelRow| row.slot == *slot;
        SlotFacts {
            production: self.models.iter().filter(of_slot).find(serves).cloned(),
            versions: self.models.clone(),
            route: self.routes.last().cloned(),
            live: live.min_by_key(|row| row.kind == "shadow").cloned(),
        }
    }

    pub(crate) fn model(&self, id: &ModelId) -> Option<&ModelRow> {
        self.models.iter().find(|row| row.id == *id)
    }

    pub(crate) fn rollout(&self, id: &DeploymentId) -> Option<DeploymentRow> {
        let row = self.rollouts.iter().find(|row| row.id == *id).cloned()?;
        Some(if self.has(Bug::RolloutAnew) { anew(row) } else { row })
    }

    /// Applies the changes of `commit`, all or none.
    pub(crate) fn apply(&mut self, commit: &Commit) -> Result<(), StoreError> {
        self.undo.clear();
        let applied = commit.changes.iter().try_for_each(|change| self.change(change, commit));
        if applied.is_err() {
            while let Some(undo) = self.undo.pop() {
                self.take_back(undo);
            }
        }
        applied
    }

    fn take_back(&mut self, undo: Undo) {
        match undo {
            Undo::AddedModel => drop(self.models.pop()),
            Undo::AddedRollout => drop(self.rollouts.pop()),
            Undo::AddedRoute => drop(self.routes.pop()),
            Undo::ChangedModel(place, row) => {
                self.models.get_mut(place).into_iter().for_each(|old| old.clone_from(&row));
            }
            Undo::ChangedRollout(place, row) => {
                self.rollouts.get_mut(place).into_iter().for_each(|old| old.clone_from(&row));
            }
        }
    }

    fn change(&mut self, change: &Change, commit: &Commit) -> Result<(), StoreError> {
        match change {
            Change::Reserve(new) => self.reserve(new, commit),
            Change::Move(change) => self.move_model(change, commit),
            Change::SetArtifact { model, digest, folder, dataset, trained_on, metrics } => {
                let row = self.changed(model)?;
                if row.artifact_digest.as_ref().is_some_and(|sealed| sealed != digest) {
                    return Err(conflict("the artifact", &"none", &"another one"));
                }
                row.artifact_digest = Some(digest.clone());
                row.artifact = Some(folder.clone());
                row.dataset_digest = Some(dataset.clone());
                row.trained_on = Some(*trained_on);
                row.metrics = metrics.clone();
                row.trained_at = Some(commit.effective_at);
                Ok(())
            }
            Change::Deploy(new) => self.deploy(new, commit),
            Change::Rollout(update) => self.update(update, commit),
            Change::Route(route) => self.route(route),
            Change::SealDataset(_)
            | Change::Evaluate(_)
            | Change::Predictions { .. }
            | Change::Label { .. }
            | Change::Cache { .. }
            | Change::Answer { .. }
            | Change::Notice { .. } => Ok(()),
        }
    }

    /// The model `id`, which is about to change.
    fn changed(&mut self, id: &ModelId) -> Result<&mut ModelRow, StoreError> {
        let unknown = || missing(&format!("model `{id}`"));
        let place = self.models.iter().position(|row| row.id == *id).ok_or_else(unknown)?;
        let row = self.models.get_mut(place).ok_or_else(unknown)?;
        self.undo.push(Undo::ChangedModel(place, Box::new(row.clone())));
        Ok(row)
    }

    /// A version is used once, whatever became of it.
    fn reserve(&mut self, new: &NewModel, commit: &Commit) -> Result<(), StoreError> {
        let taken =
            |row: &&ModelRow| row.slot.model == new.slot.model && row.version == new.version;
        if let Some(row) = self.models.iter().find(taken) {
            return Err(conflict("the version", &"an unused one", &row.version));
        }
        if self.model(&new.id).is_some() {
            return Err(conflict("the model", &"a new one", &new.id));
        }
        self.undo.push(Undo::AddedModel);
        self.models.push(ModelRow {
            id: new.id.clone(),
            slot: new.slot.clone(),
            version: new.version,
            status: ModelStatus::Draft,
            status_reason: None,
            row_version: 1,
            quarantined: false,
            config_digest: Digest::of(b"config"),
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
        Ok(())
    }

    fn move_model(&mut self, change: &MoveModel, commit: &Commit) -> Result<(), StoreError> {
        if self.has(Bug::TwoProductions) && change.attempted == Move::Supersede {
            return Ok(());
        }
        let no_check = self.has(Bug::NoRowVersion);
        let no_place = self.has(Bug::TwoProductions) || no_check;
        let row = self.changed(&change.model)?;
        let seen = (row.status, row.row_version) == (change.from, change.row_version);
        if !seen && !no_check {
            return Err(conflict("the model", &change.row_version, &row.row_version));
        }
        let from = if no_check { change.from } else { row.status };
        let to = from.after(change.attempted).map_err(|illegal| StoreError::Refused {
            doing: "move a model".to_owned(),
            source: Box::new(illegal),
        })?;
        let slot = row.slot.clone();
        let is_one_a_slot = matches!(to, ModelStatus::Production | ModelStatus::Canary);
        let holds = |row: &&ModelRow| row.slot == slot && row.status == to;
        let holder = self.models.iter().find(holds).filter(|_| is_one_a_slot && !no_place);
        if let Some(holder) = holder {
            return Err(conflict("the slot", &"no such model", &holder.version));
        }
        let forgets = self.has(Bug::QuarantineLost);
        let row = self.changed(&change.model)?;
        row.status = to;
        row.row_version = row.row_version.saturating_add(1);
        row.quarantined = change.quarantined.unwrap_or(row.quarantined);
        if forgets && row.quarantined {
            // As good as new.
            row.quarantined = false;
            row.status = ModelStatus::Testing;
        }
        let explains = matches!(to, ModelStatus::Archived | ModelStatus::Draft);
        row.status_reason = explains.then(|| change.reason.clone());
        if to == ModelStatus::Production {
            row.deployed_at = Some(commit.effective_at);
        }
        Ok(())
    }

    /// A shadow answers nobody, so it leaves production's place free.
    fn deploy(&mut self, new: &NewDeployment, commit: &Commit) -> Result<(), StoreError> {
        let is_shadow = new.kind == "shadow";
        let busy =
            |row: &&DeploymentRow| row.finished_at.is_none() && (row.kind == "shadow") == is_shadow;
        if let Some(busy) = self.rollouts.iter().find(busy) {
            return Err(conflict("the slot", &"no rollout under way", &busy.kind));
        }
        self.undo.push(Undo::AddedRollout);
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
        let unknown = || missing(&format!("rollout `{}`", update.id));
        let place = self.rollouts.iter().position(|row| row.id == update.id);
        let place = place.ok_or_else(unknown)?;
        let row = self.rollouts.get_mut(place).ok_or_else(unknown)?;
        let is_seen = row.row_version == update.row_version && row.finished_at.is_none();
        if !is_seen && self.bug != Some(Bug::NoRowVersion) {
            return Err(conflict("the rollout", &update.row_version, &row.row_version));
        }
        let next = DeploymentRow {
            id: row.id.clone(),
            slot: row.slot.clone(),
            model: row.model.clone(),
            baseline: row.baseline.clone(),
            kind: row.kind.clone(),
            status: update.status.clone(),
            traffic: update.traffic,
            routing_epoch: update.routing_epoch,
            salt: row.salt.clone(),
            state: update.state.clone(),
            accrued: update.accrued,
            decision: update.decision.clone(),
            row_version: row.row_version.saturating_add(1),
            created_at: row.created_at,
            finished_at: update.decision.as_ref().map(|_| commit.effective_at),
        };
        let old = std::mem::replace(row, next);
        self.undo.push(Undo::ChangedRollout(place, Box::new(old)));
        Ok(())
    }

    /// The next generation. Any other is a writer who did not see the last one.
    fn route(&mut self, route: &RouteRow) -> Result<(), StoreError> {
        let last = self.routes.last().map_or(0, |newest| newest.generation);
        let no_check = self.has(Bug::NoGeneration) || self.has(Bug::NoRowVersion);
        if last.saturating_add(1) != route.generation && !no_check {
            return Err(conflict("the route", &route.generation.saturating_sub(1), &last));
        }
        self.undo.push(Undo::AddedRoute);
        let mut route = route.clone();
        if self.has(Bug::ShadowServes)
            && let Some(shadow) = self.models.iter().find(|row| row.status == ModelStatus::Staging)
        {
            route.candidate = Some((shadow.id.clone(), BasisPoints::ALL));
        }
        self.routes.push(route);
        Ok(())
    }
}

/// A rollout whose state says nothing of what it has routed.
fn anew(mut row: DeploymentRow) -> DeploymentRow {
    if let Some(state) = row.state.as_object_mut() {
        state.insert("generation".to_owned(), serde_json::Value::from(0));
        state.insert("share".to_owned(), serde_json::Value::from(0));
    }
    row
}
