//! A candidate's share as a person asks for it: from the words of a request to the rollout's row.

use super::read_state;
use crate::engine::{Engine, EngineError};
use crate::ports::{DeploymentRow, Request};
use crate::registry::Change;
use crate::round::Round;
use suho_domain::{BasisPoints, Fault};
use suho_rollout::NotAWeight;

/// What the kind of such a request begins with.
const KIND: &str = "weigh:";

/// Why a rollout's candidate does not get a share.
#[derive(Debug, thiserror::Error)]
pub enum WeightError {
    /// It may not have it now.
    #[error(transparent)]
    Refused(#[from] NotAWeight),
    /// The rollout's row cannot be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl WeightError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Refused(error) => error.fault(),
            Self::Engine(error) => error.fault(),
        }
    }
}

/// The kind of the request that wants the candidate to have `share`.
pub fn weigh(share: BasisPoints) -> String {
    format!("{KIND}{}", share.points())
}

/// The share that a request of this kind wants.
pub(crate) fn wanted(kind: &str) -> Option<BasisPoints> {
    kind.strip_prefix(KIND)?.parse().ok().and_then(|points| BasisPoints::new(points).ok())
}

/// Whether the candidate of the rollout in `row` may have `share`, as far as can be told now.
///
/// # Errors
/// Why not.
pub fn may_weigh(row: &DeploymentRow, share: BasisPoints) -> Result<(), WeightError> {
    Ok(read_state(&row.state)?.controller.admits(share)?)
}

impl Engine<'_> {
    /// A person gives the candidate another share: less at once, more with the next look.
    pub(crate) fn weigh(
        &mut self,
        share: BasisPoints,
        request: &Request,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        let Some(active) = &mut self.rollout else { return Ok(()) };
        let before = active.state.share;
        // It may have ended since it was asked, or moved on.
        if active.state.controller.weigh(share).is_err() {
            return Ok(());
        }
        if share < before {
            let route = active.route(share);
            round.changes.push(Change::Route(route.clone()));
            round.routes.push(route);
        }
        round.changes.push(Change::Rollout(active.update("active", None)?));
        active.row_version += 1;
        let Request { by, why, .. } = request;
        let message = format!("`{}`: {by} gives the candidate {share}: {why}", active.node.name);
        let model = Some(active.facts.candidate.id.clone());
        round.changes.push(Change::Notice { severity: "info".to_owned(), message, model });
        Ok(())
    }
}
