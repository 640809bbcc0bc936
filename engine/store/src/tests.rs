//! A store in a folder of its own, and a market of one pair to fill it with.

mod daemon;
mod differential;
mod log;
mod opening;
mod people;
mod predictions;
mod questions;
mod registry;
mod server;
mod tampering;

use crate::connection::Connection;
use crate::server::Server;
use crate::{Access, SqliteStore};
use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use suho_domain::{
    DeploymentId, Digest, Duration, Instant, ModelId, ModelStatus, Move, Name, RunId, RunStatus,
    Scope, Slot, Version,
};
use suho_driver::ports::{
    Commit, ModelRow, NewRun, PlanText, Prediction, RunRow, Store as _, StoreError,
};
use suho_driver::registry::{
    Change, DatasetRow, MoveModel, NewDeployment, NewModel, RolloutUpdate, RouteRow,
};
use suho_scheduler::Event;
use tempfile::TempDir;

const MINUTE: i64 = 60_000_000;

fn at(minutes: i64) -> Instant {
    Instant::from_micros(1_735_689_600_000_000 + minutes * MINUTE)
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn slot() -> Slot {
    Slot {
        scope: Scope::Platform,
        model: name("eurusd"),
        symbol: "EUR/USD".parse().unwrap(),
        timeframe: "1h".parse().unwrap(),
    }
}

fn version(patch: u32) -> Version {
    Version { major: 1, minor: 0, patch }
}

fn model_id(patch: u32) -> ModelId {
    ModelId::derive(&["test", &version(patch).to_string()])
}

fn deployment_id(text: &str) -> DeploymentId {
    DeploymentId::derive(&["test", text])
}

fn new_run(environment: &str) -> NewRun {
    NewRun {
        pipeline: name("quickstart"),
        environment: environment.to_owned(),
        plan_digest: digest("plan"),
        plan: PlanText::from(&json!({ "steps": ["train"], "rate": 0.1 })),
        as_of: at(0),
        created_at: at(1),
        created_by: "ada".to_owned(),
    }
}

fn started(minute: i64) -> Event {
    Event::RunStarted { at: at(minute) }
}

fn new_model(run: &RunId, patch: u32) -> NewModel {
    NewModel {
        id: model_id(patch),
        slot: slot(),
        horizon: Duration::from_hours(4),
        version: version(patch),
        parent: None,
        config: json!({ "learning_rate": 0.1 + 0.2, "units": [64, 32], "seed": 1 }),
        architecture: json!([{ "lstm": { "units": 64 } }]),
        hyperparameters: json!({ "learning_rate": 0.1 + 0.2 }),
        features: vec!["rsi_14".to_owned()],
        feature_version: "1.0.0".to_owned(),
        seed: 42,
        engine_version: "0.1.0".to_owned(),
        code_digest: digest("code"),
        run: run.clone(),
        created_by: "engine".to_owned(),
    }
}

fn dataset() -> DatasetRow {
    DatasetRow {
        digest: digest("bars"),
        slot: slot(),
        range: (at(0), at(6_000)),
        as_of: at(6_000),
        rows: 100,
        feature_version: "1.0.0".to_owned(),
        columns: vec!["rsi_14".to_owned()],
        source: "bars.parquet".to_owned(),
        manifest: "datasets/bars.json".to_owned(),
    }
}

fn artifact(patch: u32, content: &str) -> Change {
    Change::SetArtifact {
        model: model_id(patch),
        digest: digest(content),
        folder: format!("platform/eurusd/{}", version(patch)),
        dataset: digest("bars"),
        trained_on: (at(0), at(5_000)),
        metrics: json!({ "val_loss": 0.9 }),
    }
}

fn go(patch: u32, from: ModelStatus, row_version: u64, attempted: Move) -> Change {
    Change::Move(MoveModel {
        model: model_id(patch),
        from,
        row_version,
        attempted,
        reason: attempted.word().to_owned(),
        detail: None,
        quarantined: None,
        deployment: None,
        actor: "engine".to_owned(),
    })
}

/// From nothing to `testing`, which is row version 3.
fn trained(run: &RunId, patch: u32) -> Vec<Change> {
    vec![
        Change::SealDataset(dataset()),
        Change::Reserve(Box::new(new_model(run, patch))),
        go(patch, ModelStatus::Draft, 1, Move::Train),
        artifact(patch, &format!("weights {patch}")),
        go(patch, ModelStatus::Training, 2, Move::Seal),
    ]
}

/// From nothing to `canary`, which is row version 5.
fn canaried(run: &RunId, patch: u32) -> Vec<Change> {
    let mut changes = trained(run, patch);
    changes.push(go(patch, ModelStatus::Testing, 3, Move::Stage));
    changes.push(go(patch, ModelStatus::Staging, 4, Move::StartCanary));
    changes
}

/// From nothing to `production`, which is row version 6.
fn promoted(run: &RunId, patch: u32) -> Vec<Change> {
    let mut changes = canaried(run, patch);
    changes.push(go(patch, ModelStatus::Canary, 5, Move::Promote));
    changes
}

fn deploy(text: &str, kind: &str, patch: u32) -> Change {
    Change::Deploy(NewDeployment {
        id: deployment_id(text),
        slot: slot(),
        model: model_id(patch),
        baseline: None,
        kind: kind.to_owned(),
        salt: "salt".to_owned(),
        spec: json!({ "for": "48h" }),
        criteria: json!(["accuracy > 0.5"]),
        state: json!({ "events": 0 }),
    })
}

fn rollout(text: &str, row_version: u64, decision: Option<(&str, &str)>) -> Change {
    Change::Rollout(RolloutUpdate {
        id: deployment_id(text),
        row_version,
        status: decision.map_or("active", |(word, _)| word).to_owned(),
        step_index: 1,
        traffic: suho_domain::BasisPoints::new(1_000).unwrap(),
        routing_epoch: 2,
        accrued: Duration::from_hours(3),
        state: json!({ "events": 3 }),
        decision: decision.map(|(word, why)| (word.to_owned(), why.to_owned())),
    })
}

fn route(generation: u64, production: Option<u32>) -> Change {
    Change::Route(RouteRow {
        slot: slot(),
        generation,
        production: production.map(model_id),
        candidate: None,
        deployment: None,
    })
}

fn prediction(request: u32, bar: i64, patch: u32) -> Prediction {
    Prediction {
        request: format!("r-{request}"),
        time: at(bar * 60 + 1),
        event_time: at(bar * 60),
        unit: format!("unit-{}", request % 7),
        model: model_id(patch),
        arm: "canary".to_owned(),
        served: true,
        bucket: 17,
        label_due_at: at(bar * 60 + 240),
        class: 1,
        probabilities: [0.1, 0.2, 0.7],
        latency_ms: 1.25,
        cache_hit: false,
        error: None,
        actual: None,
    }
}

fn predictions(deployment: &str, rows: Vec<Prediction>) -> Change {
    let deployment = deployment_id(deployment);
    Change::Predictions { deployment, slot: slot(), horizon: Duration::from_hours(4), rows }
}

/// A store with one run in it, driven by a writer who remembers how far it came.
struct World {
    dir: TempDir,
    /// The server it is on, if it is on one.
    url: Option<String>,
    store: SqliteStore,
    run: RunRow,
    seq: u64,
}

impl World {
    /// In a file, or on the server that `SUHO_POSTGRES` names: the tests are the same.
    fn new() -> Self {
        schema_of_its_own().map_or_else(Self::in_file, Self::on_server)
    }

    fn in_file() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(dir.path(), Access::Engine).unwrap();
        let run = store.create_run(&new_run("rehearsal")).unwrap();
        Self { dir, url: None, store, run, seq: 0 }
    }

    fn on_server(url: String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::connect(&url, Access::Engine).unwrap();
        let run = store.create_run(&new_run("rehearsal")).unwrap();
        Self { dir, url: Some(url), store, run, seq: 0 }
    }

    fn commit_of(&self, changes: Vec<Change>) -> Commit {
        Commit {
            run: self.run.id.clone(),
            after_seq: self.seq,
            recorded_at: at(10),
            effective_at: at(20),
            events: vec![started(2)],
            changes,
            status: RunStatus::Running,
        }
    }

    fn try_commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        let commit = self.commit_of(changes);
        self.store.commit(&commit)?;
        self.seq += 1;
        Ok(())
    }

    fn commit(&mut self, changes: Vec<Change>) {
        self.try_commit(changes).unwrap();
    }

    fn refusal(&mut self, changes: Vec<Change>) -> String {
        suho_domain::fault::chain(&self.try_commit(changes).unwrap_err())
    }

    fn model(&mut self, patch: u32) -> ModelRow {
        self.store.model(&model_id(patch)).unwrap().unwrap()
    }

    /// The same, opened to read.
    fn reader(&self) -> SqliteStore {
        let opened = match &self.url {
            Some(url) => SqliteStore::connect(url, Access::Read),
            None => SqliteStore::open(self.dir.path(), Access::Read),
        };
        opened.unwrap()
    }

    /// A connection that may write, past the store.
    async fn connection(&self) -> Connection {
        match &self.url {
            Some(url) => Connection::of(&Server::at(url).unwrap().pool()).await.unwrap(),
            None => crate::open::writer(&self.path()).await.unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("suho.db")
    }

    /// Does by hand what suho never would.
    fn meddle(&self, sql: &'static str) {
        match &self.url {
            None => meddle(self.path(), sql),
            Some(url) => on_server(url, &in_postgres(sql)),
        }
    }
}

/// The URL of a schema of this test's own on the server that `SUHO_POSTGRES` names.
fn schema_of_its_own() -> Option<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    #[expect(clippy::disallowed_methods, reason = "tests/services/postgres.sh says it so")]
    let url = std::env::var("SUHO_POSTGRES").ok()?;
    let schema = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    on_server(&url, &format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"));
    let joint = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{joint}options=-csearch_path%3D{schema}"))
}

fn on_server(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut conn = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    });
}

/// What a person who gets around the triggers and references would say to PostgreSQL.
fn in_postgres(sql: &str) -> String {
    let rest = sql.split(';').filter(|one| {
        let one = one.trim_start();
        !one.starts_with("DROP TRIGGER") && !one.starts_with("PRAGMA")
    });
    let rest: Vec<_> = rest.collect();
    let rest = rest.join(";").replace(
        "json_set(config_json, '$.units[0]', 65)",
        "jsonb_set(config_json::jsonb, '{units,0}', '65')::text",
    );
    format!("SET session_replication_role = replica; {rest}")
}

fn meddle(path: PathBuf, sql: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut conn = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    });
}
