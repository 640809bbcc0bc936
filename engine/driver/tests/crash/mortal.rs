//! A store whose engine dies at a moment given before, and which looks after the promises at every
//! commit.

use std::cell::Cell;
use std::rc::Rc;
use suho_domain::{BasisPoints, DeploymentId, Digest, ModelId, ModelStatus, RunId, Slot};
use suho_driver::ports::{
    CacheEntry, Commit, DeploymentRow, LoggedEvent, ModelRow, NewRun, Prediction, Request, RunRow,
    SlotFacts, Store, StoreError,
};
use suho_driver::registry::Change;
use suho_scheduler::Run;
use suho_store::SqliteStore;

/// Where in a round the engine dies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Death {
    /// Nothing of the round is durable.
    BeforeCommit,
    /// The round is durable; nothing of it has left.
    AfterCommit,
    /// Something of the round has left.
    AfterEffect,
}

/// How much longer the engine lives.
#[derive(Clone, Debug)]
pub(crate) struct Lives {
    death: Option<Death>,
    left: Rc<Cell<u32>>,
    /// Moments count only from this on: an event's word and its step.
    from: Rc<Cell<Option<(&'static str, &'static str)>>>,
}

impl Lives {
    pub(crate) fn immortal() -> Self {
        Self { death: None, left: Rc::new(Cell::new(u32::MAX)), from: Rc::default() }
    }

    /// Dies at the `moment`-th moment of the kind, from 1.
    pub(crate) fn until(death: Death, moment: u32) -> Self {
        Self { death: Some(death), left: Rc::new(Cell::new(moment)), ..Self::immortal() }
    }

    /// As [`until`](Self::until), the moments counted from the first `word` of `step` on.
    pub(crate) fn after(word: &'static str, step: &'static str, death: Death, moment: u32) -> Self {
        let from = Rc::new(Cell::new(Some((word, step))));
        Self { from, ..Self::until(death, moment) }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left.get() == 0
    }

    /// Something of the kind `death` is done now; an engine that dies of it is told so.
    pub(crate) fn pass(&self, death: Death) -> Result<(), StoreError> {
        if self.death == Some(death) && self.from.get().is_none() && !self.is_over() {
            self.left.set(self.left.get() - 1);
        }
        if self.is_over() { Err(dead()) } else { Ok(()) }
    }

    /// Begins to count once what it waits for happens.
    fn heed(&self, commit: &Commit) {
        let Some((word, step)) = self.from.get() else { return };
        let is_event = commit.events.iter().any(|event| {
            event.word() == word && event.step().is_some_and(|name| name.as_str() == step)
        });
        let is_look = word == "look" && commit.events.is_empty() && is_look_at(commit, step);
        if is_event || is_look {
            self.from.set(None);
        }
    }
}

fn is_look_at(commit: &Commit, step: &str) -> bool {
    let id = DeploymentId::derive(&[commit.run.as_str(), step, "1"]);
    commit.changes.iter().any(|change| matches!(change, Change::Rollout(row) if row.id == id))
}

pub(crate) fn dead() -> StoreError {
    StoreError::Unknown { doing: "live".to_owned(), source: "the engine died".into() }
}

/// See the module.
pub(crate) struct Mortal {
    store: SqliteStore,
    run: RunId,
    lives: Lives,
    slot: Option<Slot>,
}

impl Mortal {
    pub(crate) fn new(store: SqliteStore, run: RunId, lives: Lives) -> Self {
        Self { store, run, lives, slot: None }
    }

    /// What holds after every commit.
    fn verify(&mut self) {
        let (row, log) = self.store.load(&self.run).unwrap();
        let plan = row.plan.read().unwrap();
        let spec = suho_driver::run_spec(&plan, &self.run).unwrap();
        let replayed = Run::replay(spec, log.iter().map(|logged| &logged.event)).unwrap();
        assert_eq!(row.status, replayed.status(), "the stored status is that of the log");
        let is_over = replayed.steps().all(|view| view.outcome.is_some());
        assert_eq!(is_over, replayed.ended().is_some(), "a run ends with its last step");
        for (place, logged) in (1..).zip(&log) {
            assert_eq!(logged.seq, place, "the log has no gap");
        }
        let Some(slot) = &self.slot else { return };
        let facts = self.store.slot(slot).unwrap();
        let standing = |status| facts.versions.iter().filter(|row| row.status == status).count();
        assert!(standing(ModelStatus::Production) <= 1, "one production at most");
        assert!(standing(ModelStatus::Canary) <= 1, "one canary at most");
        let declared = [0, 1_000, 5_000, 10_000].map(|share| BasisPoints::new(share).unwrap());
        assert!(declared.contains(&facts.share()), "a share nobody declared: {:?}", facts.share());
        let serves = standing(ModelStatus::Canary) == 1 && facts.live.is_some();
        assert!(facts.share() == BasisPoints::NONE || serves || facts.live.is_none());
    }
}

impl Store for Mortal {
    fn create_run(&mut self, run: &NewRun) -> Result<RunRow, StoreError> {
        self.store.create_run(run)
    }

    fn load(&mut self, run: &RunId) -> Result<(RunRow, Vec<LoggedEvent>), StoreError> {
        self.store.load(run)
    }

    fn commit(&mut self, commit: &Commit) -> Result<(), StoreError> {
        self.lives.pass(Death::BeforeCommit)?;
        self.store.commit(commit)?;
        self.verify();
        let passed = self.lives.pass(Death::AfterCommit);
        self.lives.heed(commit);
        passed
    }

    fn cached(&mut self, keys: &[Digest]) -> Result<Vec<CacheEntry>, StoreError> {
        self.store.cached(keys)
    }

    fn slot(&mut self, slot: &Slot) -> Result<SlotFacts, StoreError> {
        self.slot = Some(slot.clone());
        self.store.slot(slot)
    }

    fn model(&mut self, model: &ModelId) -> Result<Option<ModelRow>, StoreError> {
        self.store.model(model)
    }

    fn rollout(
        &mut self,
        deployment: &DeploymentId,
    ) -> Result<Option<(DeploymentRow, Vec<Prediction>)>, StoreError> {
        self.store.rollout(deployment)
    }

    fn requests(&mut self, run: &RunId) -> Result<Vec<Request>, StoreError> {
        self.store.requests(run)
    }
}
