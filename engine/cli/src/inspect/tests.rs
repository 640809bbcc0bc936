//! A project with a rehearsal of two runs: the first goes to production, the second is refused.

mod answers;
mod pages;

use super::place::{State, States};
use super::seen::Seen;
use crate::args::Seat;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use suho_domain::{
    BasisPoints, DeploymentId, Digest, Duration, FailureClass, Instant, ModelId, ModelStatus, Move,
    Name, Ratio, Record, RunStatus, Scope, Slot, Value, Version,
};
use suho_driver::Candidate;
use suho_driver::ports::{Commit, NewRun, PlanText, RunRow, Store as _};
use suho_driver::registry::{
    Change, DatasetRow, EvaluationRow, MoveModel, NewDeployment, NewModel, RolloutUpdate, RouteRow,
};
use suho_plan::{Expr, Limits, Node, Place as Line, Plan, Role, Settings};
use suho_rollout::{Action, Guardrails, Look, Rollout, Spec, Stage};
use suho_scheduler::{Event, Verdict};
use suho_store::{Access, SqliteStore};
use tempfile::TempDir;

fn at(seconds: i64) -> Instant {
    Instant::from_micros((1_735_819_200 + seconds) * 1_000_000)
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn ratio(text: &str) -> Value {
    Value::Ratio(text.parse::<Ratio>().unwrap())
}

fn node(step: &str, kind: &str, needs: &[&str], inputs: &[(&str, Value)]) -> Node {
    let inputs =
        inputs.iter().map(|(port, value)| ((*port).to_owned(), Expr::Value(value.clone())));
    Node {
        name: name(step),
        kind: name(kind),
        role: Role::of(kind),
        doc: None,
        needs: needs.iter().map(|need| name(need)).collect(),
        inputs: inputs.collect(),
        when: None,
        rules: Vec::new(),
        exec: None,
        outputs: BTreeMap::new(),
        effects: Vec::new(),
        limits: Limits {
            timeout: None,
            attempts: 3,
            retry_on: vec!["infrastructure".to_owned()],
            backoff: Limits::BACKOFF_DEFAULT,
            backoff_max: None,
        },
        cache: suho_plan::Caching::Use,
        compute: None,
        content: digest(step),
        place: Line { file: "quickstart.suho".to_owned(), line: 1 },
    }
}

fn plan(learning_rate: f64) -> Plan {
    let adam = suho_domain::Variant {
        name: "adam".to_owned(),
        fields: Record::from([("learning_rate".to_owned(), Value::Float(learning_rate))]),
    };
    let model = Value::record([
        ("name", Value::text("eurusd")),
        (
            "target",
            Value::record([
                ("symbol", Value::text("EUR/USD")),
                ("timeframe", Value::text("1h")),
                ("horizon", Value::Duration(Duration::from_hours(4))),
            ]),
        ),
        ("sequence", Value::Int(60)),
        ("label", Value::text("up")),
        ("features", Value::List(vec![Value::text("rsi_14")])),
        ("optimizer", Value::Variant(adam)),
    ]);
    let nodes = vec![
        node("bars", "dataset", &[], &[]),
        node("fit", "train", &["bars"], &[("model", model)]),
        node("quality", "evaluate", &["fit"], &[]),
        node("proof", "gate", &["quality"], &[]),
        node("trial", "canary", &["proof"], &[]),
        node("live", "promote", &["trial"], &[]),
    ];
    let settings = Settings {
        timezone: "Asia/Tashkent".to_owned(),
        calendar: None,
        scope: Scope::Platform,
        deadline: None,
        executor: None,
        budget: None,
        prices: BTreeMap::new(),
        concurrency: None,
    };
    Plan {
        schema: Plan::SCHEMA,
        pipeline: name("quickstart"),
        doc: None,
        digest: digest(&learning_rate.to_string()),
        params: BTreeMap::new(),
        starting: BTreeMap::new(),
        settings,
        nodes,
        handlers: Vec::new(),
        place: Line { file: "quickstart.suho".to_owned(), line: 1 },
    }
}

fn slot() -> Slot {
    Slot {
        scope: Scope::Platform,
        model: name("eurusd"),
        symbol: "EUR/USD".parse().unwrap(),
        timeframe: "1h".parse().unwrap(),
    }
}

fn version(minor: u32) -> Version {
    Version { major: 1, minor, patch: 0 }
}

fn model_id(minor: u32) -> ModelId {
    ModelId::derive(&["test", &minor.to_string()])
}

fn model_value(minor: u32) -> Value {
    Value::record([
        ("id", Value::text(model_id(minor).as_str())),
        ("version", Value::Version(version(minor))),
    ])
}

fn go(minor: u32, from: ModelStatus, row_version: u64, attempted: Move, reason: &str) -> Change {
    Change::Move(MoveModel {
        model: model_id(minor),
        from,
        row_version,
        attempted,
        reason: reason.to_owned(),
        detail: None,
        quarantined: None,
        deployment: None,
        actor: "engine".to_owned(),
    })
}

fn look() -> Look {
    Look {
        block: 3,
        blocks: 4,
        information: Some(0.5),
        statistic: Some(-0.25),
        boundary: Some(-2.797),
        interval: Some((-0.031, 0.02)),
        harm: false,
    }
}

fn controller() -> Rollout {
    let canary = suho_rollout::Canary {
        share: BasisPoints::new(1_000).unwrap(),
        duration: Duration::from_hours(48),
        label_grace: Duration::from_hours(5),
        events_min: 30,
        requests_min: 200,
        accuracy_floor: None,
    };
    let guardrails = Guardrails { error_rate_max: None, latency_p95_max: None, uptime_min: None };
    Rollout::new(Spec {
        stage: Stage::Canary(canary),
        comparison: None,
        rules: Vec::new(),
        guardrails,
        market_max: Duration::from_hours(200),
    })
    .unwrap()
}

fn deployment() -> DeploymentId {
    DeploymentId::derive(&["test", "trial"])
}

fn criterion(rule: &str, value: &str, limit: &str, verdict: &str, note: &str) -> Value {
    let text = |text: &str| Value::text(text);
    Value::record([
        ("rule", text(rule)),
        ("value", text(value)),
        ("limit", text(limit)),
        ("verdict", text(verdict)),
        ("note", text(note)),
    ])
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Record {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A project whose rehearsal's state is written by hand.
struct World {
    dir: TempDir,
    store: SqliteStore,
    run: Option<RunRow>,
    seq: u64,
    clock: i64,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("project.suho"), "").unwrap();
        let store = SqliteStore::open(&rehearsal(&dir), Access::Engine).unwrap();
        Self { dir, store, run: None, seq: 0, clock: 0 }
    }

    fn place(&self) -> Seat {
        Seat { project: Some(self.dir.path().to_path_buf()), data_dir: None }
    }

    fn states(&self) -> States {
        States::of(&self.place()).unwrap()
    }

    fn latest(&self) -> (State, Seen) {
        let (mut state, row) = self.states().run("@latest").unwrap();
        let seen = Seen::load(&mut state.store, &row.id).unwrap();
        (state, seen)
    }

    fn run(&self) -> &RunRow {
        self.run.as_ref().unwrap()
    }

    fn begin(&mut self, plan: &Plan) {
        let run = self.store.create_run(&NewRun {
            pipeline: plan.pipeline.clone(),
            environment: "rehearsal".to_owned(),
            plan_digest: plan.digest.clone(),
            plan: PlanText::of(plan).unwrap(),
            as_of: at(0),
            created_at: at(self.clock),
            created_by: "ada".to_owned(),
        });
        (self.run, self.seq) = (Some(run.unwrap()), 0);
        let at = at(self.clock);
        self.commit(vec![Event::RunStarted { at }], Vec::new());
    }

    fn commit(&mut self, events: Vec<Event>, changes: Vec<Change>) {
        let ended = events.iter().find_map(|event| match event {
            Event::RunEnded { status, .. } => Some(*status),
            _ => None,
        });
        let added = u64::try_from(events.len()).unwrap();
        let commit = Commit {
            run: self.run().id.clone(),
            after_seq: self.seq,
            recorded_at: at(self.clock),
            effective_at: at(self.clock),
            events,
            changes,
            status: ended.unwrap_or(RunStatus::Running),
        };
        self.store.commit(&commit).unwrap();
        self.seq += added;
    }

    /// One attempt of `seconds`; `end` says how it went.
    fn attempt(&mut self, step: &str, attempt: u32, seconds: i64, end: Result<Record, &str>) {
        let (step, began) = (name(step), at(self.clock));
        self.commit(
            vec![Event::AttemptStarted { step: step.clone(), attempt, at: began }],
            Vec::new(),
        );
        self.clock += seconds;
        let at = at(self.clock);
        let event = match end {
            Ok(outputs) => Event::AttemptSucceeded { step, attempt, outputs, at },
            Err(message) => {
                let (class, message) = (FailureClass::Infrastructure, message.to_owned());
                Event::AttemptFailed { step, attempt, class, message, at }
            }
        };
        self.commit(vec![event], Vec::new());
    }

    fn keep(&mut self, step: &str, kind: &str, inputs: serde_json::Value) {
        let key = Digest::of_json(&json!([step, inputs]));
        let (kind, step, outputs) = (name(kind), name(step), Record::new());
        self.commit(Vec::new(), vec![Change::Cache { key, kind, step, outputs, inputs }]);
    }

    /// Reserves, trains and tests version 1.`minor`.0.
    fn train(&mut self, plan: &Plan, minor: u32, parent: Option<u32>) {
        let candidate = Candidate::of(plan, "1.0.0").unwrap().unwrap();
        let reserve = Change::Reserve(Box::new(NewModel {
            id: model_id(minor),
            slot: slot(),
            horizon: Duration::from_hours(4),
            version: version(minor),
            parent: parent.map(model_id),
            config: candidate.config,
            architecture: json!([]),
            hyperparameters: json!({}),
            features: vec!["rsi_14".to_owned()],
            feature_version: "1.0.0".to_owned(),
            seed: 0,
            engine_version: "0.1.0".to_owned(),
            code_digest: digest("code"),
            run: self.run().id.clone(),
            created_by: "engine".to_owned(),
        }));
        let dataset = Change::SealDataset(DatasetRow {
            digest: digest("bars"),
            slot: slot(),
            range: (at(0), at(6_000)),
            as_of: at(6_000),
            rows: 100,
            feature_version: "1.0.0".to_owned(),
            columns: vec!["rsi_14".to_owned()],
            source: "bars.parquet".to_owned(),
            manifest: "datasets/bars.json".to_owned(),
        });
        let artifact = Change::SetArtifact {
            model: model_id(minor),
            digest: digest(&format!("weights {minor}")),
            folder: format!("platform/eurusd/{}", version(minor)),
            dataset: digest("bars"),
            trained_on: (at(0), at(5_000)),
            metrics: json!({ "validation_loss": 0.987 }),
        };
        let evaluation = Change::Evaluate(EvaluationRow {
            model: model_id(minor),
            kind: "test".to_owned(),
            dataset: Some(digest("bars")),
            window: Some((at(5_000), at(6_000))),
            baseline: None,
            metrics: json!({ "accuracy": "58.3333%", "events": 624 }),
            baseline_metrics: None,
            spec_digest: digest("quality"),
            verdict: "none".to_owned(),
        });
        let changes = vec![
            dataset,
            reserve,
            go(minor, ModelStatus::Draft, 1, Move::Train, "training"),
            artifact,
            go(minor, ModelStatus::Training, 2, Move::Seal, "trained"),
            evaluation,
        ];
        self.commit(Vec::new(), changes);
        self.attempts_of_training(minor);
    }

    /// The attempts of `fit` and `quality`, and what is kept of the first.
    fn attempts_of_training(&mut self, minor: u32) {
        let outputs = record([
            ("model", model_value(minor)),
            ("epochs", Value::Int(41)),
            ("validation_loss", Value::Float(0.987_654)),
        ]);
        self.attempt("fit", if minor == 0 { 1 } else { 2 }, 75, Ok(outputs));
        let adam = if minor == 0 { 0.001 } else { 0.0005 };
        self.keep(
            "fit",
            "train",
            json!({
                "batch_size": 32,
                "model": { "layers": [{ "lstm": { "units": 64 } }], "optimizer": { "adam": adam } },
            }),
        );
        let scores = record([
            ("accuracy", ratio("58.3333%")),
            ("majority", ratio("41%")),
            ("events", Value::Int(3_624)),
        ]);
        self.attempt("quality", 1, 3, Ok(scores));
    }

    /// The first run until its canary is under way.
    fn first_until_canary() -> Self {
        let mut world = Self::new();
        let plan = plan(0.001);
        world.begin(&plan);
        world.attempt("bars", 1, 2, Ok(record([("rows", Value::Int(4_371))])));
        world.keep("bars", "dataset", json!({ "source": "bars.parquet" }));
        world.train(&plan, 0, None);
        let criteria = Value::List(vec![
            criterion("floor = majority(margin: 2pp)", "58.3333%", "39%", "pass", ""),
            criterion(
                "require accuracy >= baseline",
                "58.3333%",
                "",
                "not_applicable",
                "no baseline",
            ),
        ]);
        let (decided, began) = (at(world.clock), at(world.clock));
        let outputs = record([("criteria", criteria), ("model", model_value(0))]);
        let state = json!({ "controller": controller(), "history": [Action::Look(look())] });
        let changes = vec![
            go(0, ModelStatus::Testing, 3, Move::Stage, "gate_passed"),
            go(0, ModelStatus::Staging, 4, Move::StartCanary, "shadow_passed"),
            Change::Deploy(NewDeployment {
                id: deployment(),
                slot: slot(),
                model: model_id(0),
                baseline: None,
                kind: "canary".to_owned(),
                salt: "salt".to_owned(),
                spec: json!({}),
                criteria: json!([]),
                state,
            }),
        ];
        let (step, trial) = (name("proof"), name("trial"));
        world.commit(
            vec![
                Event::StepDecided { step, outputs, at: decided },
                Event::RolloutStarted { step: trial, attempt: 1, at: began },
            ],
            changes,
        );
        let share = BasisPoints::new(1_000).unwrap();
        world.rollout(1, "active", None);
        world.commit(
            Vec::new(),
            vec![Change::Route(RouteRow {
                slot: slot(),
                generation: 1,
                production: None,
                candidate: Some((model_id(0), share)),
                deployment: Some(deployment()),
            })],
        );
        world
    }

    fn rollout(&mut self, row_version: u64, status: &str, decision: Option<(&str, &str)>) {
        let state = json!({ "controller": controller(), "history": [Action::Look(look())] });
        self.commit(
            Vec::new(),
            vec![Change::Rollout(RolloutUpdate {
                id: deployment(),
                row_version,
                status: status.to_owned(),
                step_index: 0,
                traffic: BasisPoints::new(1_000).unwrap(),
                routing_epoch: 1,
                accrued: Duration::from_hours(12),
                state,
                decision: decision.map(|(word, why)| (word.to_owned(), why.to_owned())),
            })],
        );
    }

    /// The first run to its end: version 1.0.0 is production.
    fn first() -> Self {
        let mut world = Self::first_until_canary();
        world.clock += 20;
        world.rollout(2, "promoted", Some(("promote", "")));
        let history = serde_json::to_string(&[Action::Look(look())]).unwrap();
        let outputs = record([
            ("history", Value::Text(history)),
            ("requests", Value::Int(1_440)),
            ("events", Value::Int(48)),
            ("accuracy", ratio("60.4166%")),
        ]);
        let (step, live, ended) = (name("trial"), name("live"), at(world.clock));
        let promoted = record([("model", model_value(0))]);
        world.commit(
            vec![
                Event::RolloutEnded {
                    step,
                    attempt: 1,
                    verdict: Verdict::Promoted,
                    outputs,
                    at: ended,
                },
                Event::StepDecided { step: live, outputs: promoted, at: ended },
                Event::RunEnded { status: RunStatus::Succeeded, at: ended },
            ],
            vec![
                go(0, ModelStatus::Canary, 5, Move::Promote, "promoted"),
                Change::Route(RouteRow {
                    slot: slot(),
                    generation: 2,
                    production: Some(model_id(0)),
                    candidate: None,
                    deployment: None,
                }),
            ],
        );
        world
    }

    /// A second run with another learning rate: a retry, then the gate says no.
    fn second() -> Self {
        let mut world = Self::first();
        let first = world.run().id.short().to_owned();
        world.clock += 3_600;
        let plan = plan(0.0005);
        world.begin(&plan);
        let cached = Event::StepCached {
            step: name("bars"),
            source: format!("{first}/bars"),
            outputs: record([("rows", Value::Int(4_371))]),
            at: at(world.clock),
        };
        world.commit(vec![cached], Vec::new());
        world.attempt("fit", 1, 5, Err("[disk-full] cannot write `weights`:\nno space left"));
        world.clock += 10;
        world.train(&plan, 1, Some(0));
        let rule = "require quality.accuracy >= baseline.accuracy - 5pp";
        let outputs = record([(
            "criteria",
            Value::List(vec![criterion(rule, "50%", "55.4166%", "fail", "")]),
        )]);
        let (ended, reason) = (at(world.clock), format!("{rule}: 50%"));
        world.commit(
            vec![
                Event::StepRejected { step: name("proof"), reason, outputs, at: ended },
                Event::StepSkipped {
                    step: name("trial"),
                    reason: suho_scheduler::SkipReason::Need(name("proof")),
                    at: ended,
                },
                Event::StepSkipped {
                    step: name("live"),
                    reason: suho_scheduler::SkipReason::Need(name("trial")),
                    at: ended,
                },
                Event::RunEnded { status: RunStatus::Rejected, at: ended },
            ],
            vec![go(1, ModelStatus::Testing, 3, Move::Reject, "acceptance_failed")],
        );
        world
    }
}

fn rehearsal(dir: &TempDir) -> PathBuf {
    dir.path().join(".suho").join("rehearsal")
}
