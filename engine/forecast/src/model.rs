//! The model that would result: its version, and why; or why there would be none.

use crate::steps::Known;
use crate::{Force, Occasion, Reason};
use suho_domain::{Bump, ModelStatus, Slot, Version};
use suho_driver::Candidate;
use suho_driver::ports::SlotFacts;

/// The model that would result.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its slot.
    pub slot: Slot,
    /// How far ahead it looks.
    pub horizon: suho_domain::Duration,
    /// The version that serves now.
    pub current: Option<Version>,
    /// The version it would get.
    pub version: Version,
    /// How far that moves.
    pub bump: Bump,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Model {
    pub(crate) fn new(
        candidate: &Candidate,
        slot: &SlotFacts,
        version: Version,
        bump: Bump,
        reasons: Vec<Reason>,
    ) -> Self {
        Self {
            slot: candidate.slot.clone(),
            horizon: candidate.horizon,
            current: slot.production.as_ref().map(|row| row.version),
            version,
            bump,
            reasons,
        }
    }
}

/// Why there is nothing to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Nothing {
    /// The version that the same inputs gave.
    pub version: Version,
    /// In words.
    pub reason: String,
}

/// Nothing is to be done when the same inputs gave the model that serves, or one that was taken
/// back: automation does not deploy that again.
pub(crate) fn nothing(known: &Known, slot: &SlotFacts, occasion: &Occasion) -> Option<Nothing> {
    let twin = known.twin.as_ref().filter(|_| occasion.force == Force::No)?;
    let version = twin.version;
    let serves = slot.production.as_ref().is_some_and(|row| row.id == twin.id);
    if serves {
        return Some(Nothing { version, reason: format!("{version} serves the same inputs") });
    }
    let taken_back = twin.status == ModelStatus::Draft && twin.quarantined;
    taken_back.then(|| Nothing {
        version,
        reason: format!("{version} of the same inputs was taken back and is quarantined"),
    })
}
