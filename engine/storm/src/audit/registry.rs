//! Models and routes, watched commit by commit.

use super::Broken;
use crate::base::Base;
use std::collections::BTreeSet;
use suho_domain::{BasisPoints, ModelId, ModelStatus, Move};
use suho_driver::ports::{Commit, ModelRow};
use suho_driver::registry::{Change, RouteRow};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Watch {
    taken_back: BTreeSet<ModelId>,
    generation: u64,
    has_served: bool,
}

fn is_taking_back(change: &Change) -> Option<&ModelId> {
    match change {
        Change::Move(change) if matches!(change.attempted, Move::RollBack | Move::Unstage) => {
            Some(&change.model)
        }
        _ => None,
    }
}

impl Watch {
    pub(super) fn is_promotion(&self, commit: &Commit) -> bool {
        let promotes = |change: &Change| matches!(change, Change::Move(change) if change.attempted == Move::Promote);
        self.has_served && commit.changes.iter().any(promotes)
    }

    pub(super) fn taken_back_by(&self, commit: &Commit) -> u64 {
        let taken = commit.changes.iter().filter_map(is_taking_back);
        u64::try_from(taken.filter(|id| self.taken_back.contains(id)).count()).unwrap_or(0)
    }

    /// Looks at the registry after `commit`.
    pub(super) fn look(&mut self, base: &Base, commit: &Commit) -> Result<(), Broken> {
        let concerns = |change: &Change| matches!(change, Change::Move(_) | Change::Route(_));
        if !commit.changes.iter().any(concerns) {
            return Ok(());
        }
        self.taken_back.extend(commit.changes.iter().filter_map(is_taking_back).cloned());
        let models = &base.registry.models;
        let standing = |status| models.iter().filter(move |row| row.status == status);
        let production: Vec<&ModelRow> = standing(ModelStatus::Production).collect();
        let canaries = standing(ModelStatus::Canary).count();
        let retires = |change: &Change| matches!(change, Change::Move(change) if change.attempted == Move::Retire);
        self.has_served &= !commit.changes.iter().any(retires);
        self.has_served |= !production.is_empty();
        if production.len() != usize::from(self.has_served) {
            return Err(("I5", format!("{} models are production", production.len())));
        }
        if canaries > 1 {
            return Err(("I5", format!("{canaries} models are canaries")));
        }
        let serving = production.first().map(|row| &row.id);
        for route in base.registry.routes.iter().rev() {
            if route.generation <= self.generation {
                break;
            }
            self.agrees(route)?;
        }
        let routed = commit.changes.iter().filter(|change| matches!(change, Change::Route(_)));
        let rises = u64::try_from(routed.count()).unwrap_or(0);
        let Some(newest) = base.registry.routes.last() else { return Ok(()) };
        if newest.generation != self.generation.saturating_add(rises) {
            let (old, new) = (self.generation, newest.generation);
            return Err(("I5", format!("{rises} routes went from generation {old} to {new}")));
        }
        self.generation = newest.generation;
        if newest.production.as_ref() != serving {
            return Err(("I5", "the route's production is not the registry's".to_owned()));
        }
        on_trial(models, newest)
    }

    /// Of every route: nobody answers who was taken back.
    fn agrees(&self, route: &RouteRow) -> Result<(), Broken> {
        let candidate = route.candidate.iter().map(|(model, _)| model);
        let back = candidate.chain(&route.production).find(|id| self.taken_back.contains(id));
        match back {
            Some(id) => Err(("I6", format!("{} was taken back and is routed again", id.short()))),
            None => Ok(()),
        }
    }
}

/// Of the newest: who is on trial is the canary.
fn on_trial(models: &[ModelRow], route: &RouteRow) -> Result<(), Broken> {
    let Some((id, share)) = &route.candidate else { return Ok(()) };
    let is_canary = models.iter().any(|row| row.id == *id && row.status == ModelStatus::Canary);
    if !is_canary || *share == BasisPoints::NONE {
        let id = id.short();
        return Err(("I5", format!("{id} has {share} of the traffic and is no canary")));
    }
    Ok(())
}
