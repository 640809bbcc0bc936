//! What people do to models and their rollouts: look, give traffic, take back, train anew.

use crate::daemon::Wake;
use crate::desired::Refusal;
use crate::desk::{Desk, DeskError};
use crate::retraining::{self, Retraining};
use crate::rollback::{self, RolledBack};
use std::collections::BTreeMap;
use suho_domain::{BasisPoints, Fault, RunId};
use suho_driver::ports::{DeploymentRow, ModelRow, RunRow, Store as _, StoreError};
use suho_driver::{may_weigh, weigh};
use suho_store::{DeploymentsOf, SqliteStore, Submission};

/// A rollout that is not over, whose it is, and the run that carries it out.
pub struct LiveRollout {
    /// Its row.
    pub row: DeploymentRow,
    /// The candidate.
    pub candidate: ModelRow,
    /// The run.
    pub run: RunRow,
}

impl std::fmt::Debug for LiveRollout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveRollout").field("id", &self.row.id).finish_non_exhaustive()
    }
}

/// The rollouts that are not over, oldest first.
///
/// # Errors
/// When the store refuses.
pub fn live_rollouts(store: &SqliteStore) -> Result<Vec<LiveRollout>, StoreError> {
    let mut live = Vec::new();
    for row in store.deployments(&DeploymentsOf::Live)? {
        let Some(candidate) = { store }.model(&row.model)? else { continue };
        let Some(run) = &candidate.run else { continue };
        let run = store.find_run(run.as_str())?;
        live.push(LiveRollout { row, candidate, run });
    }
    Ok(live)
}

/// Whether the rollout of `run` may give its candidate `share` now.
///
/// # Errors
/// Why not.
pub fn admit_weight(
    store: &SqliteStore,
    run: &RunRow,
    share: BasisPoints,
) -> Result<(), WeightRefusal> {
    let found = live_rollouts(store)?.into_iter().find(|rollout| rollout.run.id == run.id);
    let nothing = || Refusal::user("no-rollout", no_rollout(&run.id));
    let rollout = found.ok_or_else(nothing)?;
    if share > rollout.row.traffic
        && let Some(hold) = store.frozen(&run.environment)?
    {
        let message = format!("the line is stopped by {}: {}", hold.by, hold.why);
        let refusal = Refusal { fault: Fault::World, ..Refusal::user("frozen", message) };
        return Err(refusal
            .help("less is always possible; `suho freeze off` lets it go on")
            .into());
    }
    may_weigh(&rollout.row, share).map_err(|error| {
        Refusal { fault: error.fault(), ..Refusal::user("not-a-weight", error.to_string()) }.into()
    })
}

/// Why a share is not given.
#[derive(Debug, thiserror::Error)]
pub enum WeightRefusal {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is said where a run has no rollout under way.
fn no_rollout(run: &RunId) -> String {
    format!("run `{}` has no rollout under way", run.short())
}

impl Desk {
    /// Takes the candidate of the rollout of `run` back; `false` when the run is over.
    pub(crate) fn abort(&self, run: &RunRow, by: &str, why: &str) -> Result<bool, DeskError> {
        if run.status.is_terminal() {
            return Ok(false);
        }
        let mut live = live_rollouts(&self.store)?.into_iter();
        if !live.any(|rollout| rollout.run.id == run.id) {
            return Err(Refusal::user("no-rollout", no_rollout(&run.id)).into());
        }
        self.hold(run, "abort", by, why)
    }

    /// Gives the candidate of the rollout of `run` another share.
    pub(crate) fn weigh(
        &self,
        run: &RunRow,
        share: BasisPoints,
        by: &str,
        why: &str,
    ) -> Result<(), DeskError> {
        match admit_weight(&self.store, run, share) {
            Ok(()) => self.hold(run, &weigh(share), by, why).map(drop),
            Err(WeightRefusal::Refused(refusal)) => Err(refusal.into()),
            Err(WeightRefusal::Store(error)) => Err(error.into()),
        }
    }

    /// Rolls back.
    pub(crate) fn roll_back(&self, asked: &rollback::Asked<'_>) -> Result<RolledBack, DeskError> {
        let verify = |model: &ModelRow| self.workplace.verify(model);
        let done = rollback::roll_back(&self.store, asked, &verify)?;
        if let RolledBack::Abort { run, .. } = &done {
            self.wake(Wake::Told(run.clone()));
        }
        Ok(done)
    }

    /// Trains a model anew; answers the run, whether it is new, and the trigger whose run it is.
    pub(crate) fn retrain(
        &self,
        model: &str,
        trigger: Option<&str>,
        params: &BTreeMap<String, String>,
        (by, why): (&str, &str),
    ) -> Result<(RunRow, bool, Option<String>), DeskError> {
        let live = self.in_force()?;
        let params: Vec<_> = params.clone().into_iter().collect();
        let at = self.time.now();
        let asked = retraining::Asked { model, trigger, params: &params, by, at };
        let place = (self.environment.as_str(), live.world);
        match retraining::prepare(&self.store, &live.program, place, &asked)? {
            Retraining::UnderWay(run) => Ok((*run, false, None)),
            Retraining::Begins { key, run, trigger } => {
                let submitted = self.store.submit(Some(&key), &run)?;
                let (run, is_new) = match submitted {
                    Submission::New(run) => (run, true),
                    Submission::Known(run) => (run, false),
                    Submission::Other(run) => (self.store.find_run(run.as_str())?, false),
                };
                if is_new {
                    self.hold(&run, "retrain", by, why)?;
                }
                Ok((run, is_new, trigger))
            }
        }
    }
}
