//! Rollbacks on a registry with two versions that have served one after the other.

use super::*;
use serde_json::json;
use std::cell::Cell;
use suho_domain::Slot;
use suho_domain::{Digest, Name, RunStatus, Scope};
use suho_driver::ports::{NewRun, PlanText};
use suho_driver::registry::{DatasetRow, NewModel};
use suho_store::Access;
use tempfile::TempDir;

fn at(hours: i64) -> Instant {
    Instant::from_micros(0).plus(Duration::from_hours(hours))
}

fn slot() -> Slot {
    Slot {
        scope: Scope::Platform,
        model: Name::new("trend").unwrap(),
        symbol: "EUR/USD".parse().unwrap(),
        timeframe: "1h".parse().unwrap(),
    }
}

fn id(patch: u32) -> ModelId {
    ModelId::derive(&["trend", &patch.to_string()])
}

/// A database in which v1.0.0 and then v1.0.1 were promoted, in a run each, at these hours.
struct Registry {
    _folder: TempDir,
    store: SqliteStore,
}

impl Registry {
    fn new(hours: &[i64]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), Access::Engine).unwrap();
        let registry = Self { _folder: folder, store };
        for (patch, hour) in (0..).zip(hours) {
            registry.promote(patch, at(*hour));
        }
        registry
    }

    fn promote(&self, patch: u32, at: Instant) {
        let mut store = &self.store;
        let run = store.create_run(&NewRun {
            pipeline: Name::new("fx").unwrap(),
            environment: "default".to_owned(),
            plan_digest: Digest::of(b"plan"),
            plan: PlanText::from(&json!({})),
            as_of: at,
            created_at: at,
            created_by: "ana".to_owned(),
        });
        let run = run.unwrap().id;
        let moved = |patch, from, row_version, attempted, reason: &str| {
            Change::Move(MoveModel {
                model: id(patch),
                from,
                row_version,
                attempted,
                reason: reason.to_owned(),
                detail: None,
                quarantined: None,
                deployment: None,
                actor: "engine".to_owned(),
            })
        };
        let mut changes = made(patch, &run);
        let way = [
            (ModelStatus::Draft, Move::Train),
            (ModelStatus::Training, Move::Seal),
            (ModelStatus::Testing, Move::Stage),
            (ModelStatus::Staging, Move::StartCanary),
        ];
        for ((from, attempted), row_version) in way.into_iter().zip(1..) {
            changes.push(moved(patch, from, row_version, attempted, "passed"));
        }
        if let Some(old) = patch.checked_sub(1) {
            let from = ModelStatus::Production;
            changes.push(moved(old, from, 6, Move::Supersede, SUPERSEDED));
        }
        changes.push(moved(patch, ModelStatus::Canary, 5, Move::Promote, "promoted"));
        changes.push(Change::Route(RouteRow {
            slot: slot(),
            generation: u64::from(patch) + 1,
            production: Some(id(patch)),
            candidate: None,
            deployment: None,
        }));
        let commit = Commit {
            run,
            after_seq: 0,
            recorded_at: at,
            effective_at: at,
            events: vec![suho_scheduler::Event::RunStarted { at }],
            changes,
            status: RunStatus::Running,
        };
        store.commit(&commit).unwrap();
    }

    fn roll_back(&self, model: &str, to: Option<&str>, hour: i64) -> Result<String, RollbackError> {
        let to = to.map(|to| to.parse().unwrap());
        let asked = Asked { model, to, by: "ana", why: "it loses", at: at(hour) };
        roll_back(&self.store, &asked, &|_| Ok(())).map(|done| match done {
            RolledBack::Abort { from, .. } => format!("abort {}", from.name),
            RolledBack::Restore { from, to } => format!("{} -> {}", from.name, to.name),
            RolledBack::None { why } => why,
        })
    }

    /// What an error's code is.
    fn refused(&self, model: &str, to: Option<&str>, hour: i64) -> String {
        match self.roll_back(model, to, hour) {
            Err(RollbackError::Refused(refusal)) => refusal.code,
            other => panic!("{other:?}"),
        }
    }

    fn serving(&self) -> String {
        let slot = (&self.store).slot(&slot()).unwrap();
        let route = self.store.routes(&slot.production.as_ref().unwrap().slot).unwrap();
        let row = slot.production.unwrap();
        assert_eq!(route.last().unwrap().row.production.as_ref(), Some(&row.id));
        row.version.to_string()
    }
}

/// The changes that make a version, up to its artifact.
fn made(patch: u32, run: &RunId) -> Vec<Change> {
    let digest = Digest::of(b"bars");
    vec![
        Change::SealDataset(DatasetRow {
            digest: digest.clone(),
            slot: slot(),
            range: (at(0), at(9)),
            as_of: at(9),
            rows: 9,
            feature_version: "1".to_owned(),
            columns: vec!["close".to_owned()],
            source: "bars.csv".to_owned(),
            manifest: "bars.json".to_owned(),
        }),
        Change::Reserve(Box::new(NewModel {
            id: id(patch),
            slot: slot(),
            horizon: Duration::from_hours(4),
            version: Version { major: 1, minor: 0, patch },
            parent: None,
            config: json!({ "patch": patch }),
            architecture: json!([]),
            hyperparameters: json!({}),
            features: vec!["close".to_owned()],
            feature_version: "1".to_owned(),
            seed: 1,
            engine_version: "0".to_owned(),
            code_digest: Digest::of(b"code"),
            run: run.clone(),
            created_by: "ana".to_owned(),
        })),
        Change::SetArtifact {
            model: id(patch),
            digest: Digest::of(&patch.to_le_bytes()),
            folder: format!("trend/{patch}"),
            dataset: digest,
            trained_on: (at(0), at(9)),
            metrics: json!({}),
        },
    ]
}

#[test]
fn the_version_before_serves_again_once_however_often_it_is_asked() {
    let registry = Registry::new(&[10, 20]);
    assert_eq!(registry.roll_back("trend", None, 30).unwrap(), "trend v1.0.1 -> trend v1.0.0");
    assert_eq!(registry.serving(), "v1.0.0");
    for name in ["trend", "trend@v1.0.1"] {
        let again = registry.roll_back(name, None, 31).unwrap();
        assert!(again.contains("v1.0.0 serves again") || again.contains("v1.0.0 does"), "{again}");
    }
    assert_eq!(registry.serving(), "v1.0.0");
    let taken_back = registry.store.find_model(id(1).as_str()).unwrap();
    assert!(taken_back.quarantined && taken_back.status == ModelStatus::Draft);
    assert_eq!(registry.store.verify_all().unwrap().found.len(), 0);
    let last = registry.store.transitions(&id(1)).unwrap().pop().unwrap();
    assert_eq!((last.actor.as_str(), last.detail.as_deref()), ("ana", Some("it loses")));
}

#[test]
fn what_cannot_serve_again_is_refused_and_changes_nothing() {
    let first = Registry::new(&[10]);
    assert_eq!(first.refused("trend", None, 11), "nothing-before");
    let registry = Registry::new(&[10, 20]);
    assert_eq!(registry.refused("trend", Some("v9.0.0"), 21), "not-restorable");
    let week = 20 + 7 * 24;
    assert_eq!(registry.refused("trend", None, week + 1), "long-ago");
    let asked = Asked { model: "trend", to: None, by: "ana", why: "x", at: at(21) };
    let looks = Cell::new(0);
    let damaged = roll_back(&registry.store, &asked, &|model: &ModelRow| {
        looks.set(looks.get() + 1);
        assert_eq!(model.id, id(0));
        Err(Refusal::user("damaged", "its artifact was changed"))
    });
    assert!(matches!(damaged, Err(RollbackError::Refused(_))));
    assert_eq!((looks.get(), registry.serving()), (1, "v1.0.1".to_owned()));
    // Who names the version means it, however long ago it was.
    let named = registry.roll_back("trend", Some("v1.0.0"), week + 1).unwrap();
    assert_eq!(named, "trend v1.0.1 -> trend v1.0.0");
}

#[test]
fn a_stopped_line_holds_no_rollback_up() {
    let registry = Registry::new(&[10, 20]);
    let hold = suho_scheduler::Hold { by: "bob".to_owned(), why: "wait".to_owned(), since: at(21) };
    assert!(registry.store.freeze("default", &hold).unwrap());
    registry.roll_back("trend", None, 22).unwrap();
    assert_eq!(registry.serving(), "v1.0.0");
}
