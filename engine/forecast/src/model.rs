//! The model that would result: its version, and why; or why there would be none.

use crate::steps::Known;
use crate::{Facts, Force, ForecastError, Occasion, Reason};
use suho_domain::{Bump, ModelStatus, Slot, Version};
use suho_driver::Candidate;
use suho_driver::ports::SlotFacts;
use suho_plan::Plan;

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
    /// As it is where nothing is done.
    pub(crate) fn unchanged(self, nothing: &Nothing) -> Self {
        Self { version: nothing.version, bump: Bump::None, reasons: Vec::new(), ..self }
    }

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
    /// What was answered when they gave it.
    pub answer: Answered,
}

/// What was answered to the same inputs before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answered {
    /// Yes: the model serves.
    Yes,
    /// No: a gate refused it, or a rollout took it back.
    No,
}

/// Nothing is to be done when the same inputs gave the model that serves; one that was taken back,
/// which automation does not deploy again; or one that the same plan's gate refused.
pub(crate) fn nothing(
    plan: &Plan,
    known: &Known,
    slot: &SlotFacts,
    occasion: &Occasion,
    facts: &dyn Facts,
) -> Result<Option<Nothing>, ForecastError> {
    let Some(twin) = known.twin.as_ref().filter(|_| occasion.force == Force::No) else {
        return Ok(None);
    };
    let version = twin.version;
    let said = |reason: String, answer: Answered| Ok(Some(Nothing { version, reason, answer }));
    if slot.production.as_ref().is_some_and(|row| row.id == twin.id) {
        return said(format!("{version} serves the same inputs"), Answered::Yes);
    }
    if twin.status == ModelStatus::Draft && twin.quarantined {
        let reason = format!("{version} of the same inputs was taken back and is quarantined");
        return said(reason, Answered::No);
    }
    let is_refused = twin.status == ModelStatus::Archived
        && twin.status_reason.as_deref() == Some("acceptance_failed");
    let Some(run) = twin.run.as_ref().filter(|_| is_refused) else { return Ok(None) };
    // Another gate may answer otherwise; the same one cannot.
    if facts.plan_of(run)?.as_ref() != Some(&plan.digest) {
        return Ok(None);
    }
    let reason = format!(
        "the same gate refused {version} of the same inputs; `suho why {}` shows why",
        run.short()
    );
    said(reason, Answered::No)
}
