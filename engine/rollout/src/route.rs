//! Which arm answers a unit: a table with a generation, and a hash that every language can redo.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use suho_domain::{BasisPoints, DeploymentId, Fault, ModelId};

/// Buckets that units fall into, as many as there are basis points.
const BUCKETS: u64 = 10_000;

/// The bucket of `unit`, in `0..10_000`: the first eight bytes, big endian, of
/// `sha256(salt ‖ 0x00 ‖ unit)`, modulo 10,000.
///
/// `salt` is the deployment's id, so that not the same units try every candidate; `unit` is
/// `tenant/user`, or the request's id where there is no user.
pub fn bucket(salt: &str, unit: &str) -> u16 {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update([0]);
    hash.update(unit.as_bytes());
    let first = hash.finalize().into_iter().take(8);
    let number = first.fold(0_u64, |number, byte| number << 8 | u64::from(byte));
    u16::try_from(number % BUCKETS).unwrap_or(0)
}

/// Who answers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The model in production.
    Production,
    /// The model on trial.
    Candidate,
}

/// The model on trial and its share of traffic; production has the rest.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which model.
    pub model: ModelId,
    /// Which rollout: the salt of its buckets.
    pub deployment: DeploymentId,
    /// Its share. The units in it stay in it while it grows.
    pub share: BasisPoints,
}

/// Where a slot's requests go.
///
/// The shares are all of the traffic by construction: the candidate's and its complement.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RoutingTable {
    generation: u64,
    production: Option<ModelId>,
    candidate: Option<Candidate>,
}

/// A table older than the one in force, or another of the same generation. `World`: two engines, or
/// one that came back from a pause.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("generation {offered} of the routing table does not follow generation {current}")]
pub struct StaleGeneration {
    /// In force.
    pub current: u64,
    /// Refused.
    pub offered: u64,
}

impl StaleGeneration {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::World
    }
}

impl RoutingTable {
    /// The first table of a slot, generation 0; without a model in production nobody answers.
    pub const fn new(production: Option<ModelId>) -> Self {
        Self { generation: 0, production, candidate: None }
    }

    /// The next generation, with `candidate` on trial, or none.
    #[must_use]
    pub fn with_candidate(&self, candidate: Option<Candidate>) -> Self {
        let generation = self.generation.saturating_add(1);
        Self { generation, production: self.production.clone(), candidate }
    }

    /// The next generation, with the candidate in production. `None` without one that has all of
    /// the traffic: a promotion changes who is called production, never who answers.
    pub fn promoted(&self) -> Option<Self> {
        let baked = self.candidate.as_ref().filter(|on| on.share == BasisPoints::ALL)?;
        let generation = self.generation.saturating_add(1);
        Some(Self { generation, production: Some(baked.model.clone()), candidate: None })
    }

    /// Puts `next` in force.
    ///
    /// The same table again is taken silently, so that a change can be repeated until it arrives.
    ///
    /// # Errors
    /// When `next` is older, or another table of the same generation; this table then stays.
    pub fn replace(&mut self, next: Self) -> Result<(), StaleGeneration> {
        if next.generation > self.generation || next == *self {
            *self = next;
            Ok(())
        } else {
            Err(StaleGeneration { current: self.generation, offered: next.generation })
        }
    }

    /// Who answers `unit`; `None` when nobody does.
    pub fn arm(&self, unit: &str) -> Option<Arm> {
        let on_trial = self.candidate.as_ref().is_some_and(|candidate| {
            bucket(candidate.deployment.as_str(), unit) < candidate.share.points()
        });
        if on_trial {
            Some(Arm::Candidate)
        } else {
            self.production.as_ref().map(|_| Arm::Production)
        }
    }

    /// The model that answers `unit`; `None` when nobody does.
    pub fn model(&self, unit: &str) -> Option<&ModelId> {
        match self.arm(unit)? {
            Arm::Candidate => self.candidate.as_ref().map(|candidate| &candidate.model),
            Arm::Production => self.production.as_ref(),
        }
    }

    /// Grows with every change.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The model in production.
    pub const fn production(&self) -> Option<&ModelId> {
        self.production.as_ref()
    }

    /// The model on trial.
    pub const fn candidate(&self) -> Option<&Candidate> {
        self.candidate.as_ref()
    }

    /// The share of traffic of each arm: production's, then the candidate's; together 10,000.
    pub fn shares(&self) -> (BasisPoints, BasisPoints) {
        let share = self.candidate.as_ref().map_or(BasisPoints::NONE, |candidate| candidate.share);
        (share.complement(), share)
    }
}

#[cfg(test)]
mod tests;
