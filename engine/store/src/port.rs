//! The engine's trait on a store that somebody has to himself, beside the one on a shared store.

use crate::store::SqliteStore;
use suho_domain::{DeploymentId, Digest, ModelId, RunId, Slot};
use suho_driver::ports::{
    CacheEntry, Commit, DeploymentRow, LoggedEvent, ModelRow, NewRun, Prediction, Request, RunRow,
    SlotFacts, Store, StoreError,
};

/// Whoever has the store has all of it.
impl Store for SqliteStore {
    fn create_run(&mut self, run: &NewRun) -> Result<RunRow, StoreError> {
        (&*self).create_run(run)
    }

    fn load(&mut self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError> {
        (&*self).load(run)
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        (&*self).commit(commit)
    }

    fn cached(&mut self, keys: &[Digest]) -> Result<Vec<CacheEntry>, StoreError> {
        (&*self).cached(keys)
    }

    fn slot(&mut self, slot: &Slot) -> Result<SlotFacts, StoreError> {
        (&*self).slot(slot)
    }

    fn model(&mut self, model: &ModelId) -> Result<Option<ModelRow>, StoreError> {
        (&*self).model(model)
    }

    fn rollout(
        &mut self,
        deployment: &DeploymentId,
    ) -> Result<Option<(DeploymentRow, Vec<Prediction>)>, StoreError> {
        (&*self).rollout(deployment)
    }

    fn requests(&mut self, run: &RunId) -> Result<Vec<Request>, StoreError> {
        (&*self).requests(run)
    }
}
