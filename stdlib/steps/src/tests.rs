//! A small world for the steps: a project with real bars, a store for artifacts, and what the
//! engine would give each step.

use crate::generated::SIGNATURES;
use crate::{all, code_digest, find};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use suho_domain::{AttemptKey, Duration, Instant, ModelId, Name, Record, RunId, Value, Variant};
use suho_step::{Context, Inputs, Order, Outputs, Progress, StepError, Supervisor, trials};

/// 5,000 hourly bars of EUR/USD, in the repository.
pub(crate) const BARS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");
/// Bars of a window: short, so that the tests are.
const SEQUENCE: i64 = 12;

/// A folder with a project and a store, gone when it is dropped.
pub(crate) struct World {
    folder: tempfile::TempDir,
    attempts: Cell<u32>,
}

/// What a step said while it ran.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) progress: Vec<Progress>,
    pub(crate) log: Vec<String>,
    /// Answers "cancelled" from this question on.
    pub(crate) cancelled_from: Option<u64>,
    pub(crate) asked: Cell<u64>,
}

impl Supervisor for Heard {
    fn progress(&mut self, progress: &Progress) {
        self.progress.push(progress.clone());
    }

    fn log(&mut self, line: &str) {
        self.log.push(line.to_owned());
    }

    fn is_cancelled(&self) -> bool {
        let asked = self.asked.get();
        self.asked.set(asked + 1);
        self.cancelled_from.is_some_and(|from| asked >= from)
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("project")).unwrap();
        fs::create_dir(folder.path().join("artifacts")).unwrap();
        Self { folder, attempts: Cell::new(0) }
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    pub(crate) fn artifacts(&self) -> PathBuf {
        self.folder.path().join("artifacts")
    }

    pub(crate) fn order(&self, kind: &str, inputs: Record) -> Order {
        let attempt = self.attempts.get() + 1;
        self.attempts.set(attempt);
        Order {
            key: AttemptKey {
                run: RunId::derive(&["test", "quickstart", "1"]),
                step: Name::new(kind).unwrap(),
                attempt,
            },
            epoch: 1,
            kind: kind.to_owned(),
            inputs,
            project: self.project(),
            artifacts: self.artifacts().display().to_string(),
            logical_time: "2026-01-01T00:00:00Z".parse().unwrap(),
            seed: 7,
            timeout: None,
            exec: None,
            content: None,
        }
    }

    pub(crate) fn run(&self, kind: &str, inputs: Record) -> Result<Outputs, StepError> {
        self.run_heard(kind, inputs, &mut Heard::default())
    }

    pub(crate) fn run_heard(
        &self,
        kind: &str,
        inputs: Record,
        heard: &mut Heard,
    ) -> Result<Outputs, StepError> {
        let order = self.order(kind, inputs);
        let folder = self.folder.path().join(format!("attempt-{}", order.key.attempt));
        fs::create_dir(&folder).unwrap();
        let mut context = Context::new(&order, &folder, heard);
        find(kind).unwrap().run(&mut context, &Inputs::new(order.inputs.clone()))
    }

    /// The data set of the tests.
    pub(crate) fn data(&self) -> Record {
        self.run("dataset", dataset_inputs()).unwrap().into_record()
    }

    /// The model of the tests, trained on `data`.
    pub(crate) fn model(&self, data: &Record) -> Value {
        let outputs = self.run("train", train_inputs(data)).unwrap();
        outputs.get("model").unwrap().clone()
    }

    pub(crate) fn runs_twice_alike(&self, kind: &str, inputs: Record) {
        let order = self.order(kind, inputs);
        let attempts = self.folder.path().join("alike");
        trials::runs_twice_alike(find(kind).unwrap(), &order, &attempts).unwrap();
    }

    pub(crate) fn undone_leaves_nothing(&self, kind: &str, inputs: Record) {
        let order = self.order(kind, inputs);
        let attempts = self.folder.path().join("undone");
        trials::undone_leaves_nothing(find(kind).unwrap(), &order, &attempts).unwrap();
    }

    /// The failure of a step that must not succeed.
    pub(crate) fn refused(&self, kind: &str, inputs: Record) -> String {
        anywhere(self, &read(&self.run(kind, inputs).unwrap_err()))
    }

    /// Every sealed file whose path ends with `name`.
    pub(crate) fn sealed(&self, name: &str) -> Vec<PathBuf> {
        fn visit(folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    visit(&path, name, found);
                } else if path.ends_with(name) {
                    found.push(path);
                }
            }
        }
        let mut found = Vec::new();
        visit(&self.artifacts(), name, &mut found);
        found.sort();
        found
    }
}

/// Fields by name.
pub(crate) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Record {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A list of texts.
pub(crate) fn texts<const N: usize>(items: [&str; N]) -> Value {
    Value::List(items.map(Value::text).to_vec())
}

/// A choice of an enum with its fields.
pub(crate) fn choice<const N: usize>(name: &str, fields: [(&str, Value); N]) -> Value {
    let fields = self::fields(fields);
    Value::Variant(Variant { name: name.to_owned(), fields })
}

/// A plain word.
pub(crate) fn word(name: &str) -> Value {
    choice(name, [])
}

/// `record` with one field set otherwise.
pub(crate) fn changed(mut record: Record, name: &str, value: Value) -> Record {
    record.insert(name.to_owned(), value);
    record
}

/// The whole of what a user reads of a failure: class, code, sentence, next step.
pub(crate) fn read(error: &StepError) -> String {
    let help = error.help.as_deref().unwrap_or("-");
    format!("{} {}\n{error}\n{help}\n", error.class, error.code)
}

/// `text` without the folders that are other in every test.
pub(crate) fn anywhere(world: &World, text: &str) -> String {
    let project = world.project().display().to_string();
    text.replace(&project, "PROJECT").replace(BARS, "BARS")
}

fn names() -> Value {
    texts(["close", "rsi_14", "atr_14"])
}

/// What the engine gives the data set of the quickstart, with few features and short windows.
pub(crate) fn dataset_inputs() -> Record {
    let auto = || word("auto");
    let split = [
        ("train", Value::Int(5)),
        ("validation", Value::Int(1)),
        ("test", Value::Int(1)),
        ("purge", auto()),
        ("embargo", auto()),
    ];
    fields([
        ("source", file("parquet", BARS)),
        ("symbol", Value::text("EUR/USD")),
        ("timeframe", Value::text("1h")),
        ("features", names()),
        ("window", Value::None),
        ("split", choice("chronological", split)),
        ("quality", quality([("missing", word("warn")), ("weekend", word("repair"))])),
        ("calendar", Value::text("fx")),
        ("horizon", Value::Duration(Duration::from_hours(4))),
        ("label", label()),
        ("sequence", Value::Int(SEQUENCE)),
        ("until", Value::None),
        ("source_digest", Value::text("sha256:00")),
    ])
}

/// A source of files, with our own names and bars of the data set's length.
pub(crate) fn file(kind: &str, path: &str) -> Value {
    file_of(kind, path, Value::None, Value::None)
}

/// A source of files, whose columns and bars are what it says.
pub(crate) fn file_of(kind: &str, path: &str, columns: Value, timeframe: Value) -> Value {
    let fields = [("path", Value::text(path)), ("columns", columns), ("timeframe", timeframe)];
    choice(kind, fields)
}

/// What is done about bad bars: what the prelude says, but for `written`.
pub(crate) fn quality<const N: usize>(written: [(&str, Value); N]) -> Value {
    let reject = ["duplicate", "order", "high_low", "price", "missing", "weekend"];
    let rejected = reject.map(|kind| (kind, word("reject")));
    let warned = ["zero_range", "spike"].map(|kind| (kind, word("warn")));
    let all = rejected.into_iter().chain(warned).chain(written);
    Value::Record(all.map(|(name, action)| (name.to_owned(), action)).collect())
}

/// Adam of the authors, but for its learning rate.
pub(crate) fn adam(learning_rate: f64) -> Value {
    let written = [
        ("learning_rate", Value::Float(learning_rate)),
        ("beta1", Value::Float(0.9)),
        ("beta2", Value::Float(0.999)),
        ("weight_decay", Value::Float(0.0)),
        ("clip_norm", Value::None),
        ("schedule", word("constant")),
    ];
    choice("adam", written)
}

fn label() -> Value {
    choice("vol_scaled", [("k", Value::Float(0.43)), ("window", Value::Int(100))])
}

/// The model of the tests, as its author writes it.
pub(crate) fn spec() -> Record {
    let target = [
        ("symbol", Value::text("EUR/USD")),
        ("timeframe", Value::text("1h")),
        ("horizon", Value::Duration(Duration::from_hours(4))),
    ];
    let lstm = [("units", Value::Int(4)), ("dropout", Value::Ratio("20%".parse().unwrap()))];
    let dense = [
        ("units", Value::Int(4)),
        ("activation", word("relu")),
        ("dropout", Value::Ratio("0%".parse().unwrap())),
    ];
    let output = [("units", Value::Int(3)), ("activation", word("softmax"))];
    fields([
        ("name", Value::text("eurusd_direction")),
        ("family", word("lstm")),
        ("target", Value::record(target)),
        ("label", label()),
        ("classes", Value::List(["down", "flat", "up"].map(word).to_vec())),
        ("features", names()),
        ("sequence", Value::Int(SEQUENCE)),
        (
            "layers",
            Value::List(vec![
                choice("lstm", lstm),
                choice("dense", dense),
                choice("output", output),
            ]),
        ),
        ("optimizer", adam(0.01)),
        ("loss", word("categorical_crossentropy")),
    ])
}

pub(crate) fn identity(id: &str, version: &str) -> Value {
    Value::record([
        ("id", Value::text(ModelId::derive(&["test", id]).as_str())),
        ("name", Value::text("eurusd_direction")),
        ("version", Value::Version(version.parse().unwrap())),
        ("scope", Value::text("platform")),
        ("parent", Value::None),
        ("config", Value::text("{\"model_type\":\"lstm\"}")),
    ])
}

/// What the engine gives the train step of the tests.
pub(crate) fn train_inputs(data: &Record) -> Record {
    let patience = [("epochs", Value::Int(2)), ("metric", word("val_loss"))];
    fields([
        ("model", Value::Record(spec())),
        ("train", data["train"].clone()),
        ("validation", data["validation"].clone()),
        ("batch_size", Value::Int(256)),
        ("epochs", Value::Int(2)),
        ("early_stopping", choice("patience", patience)),
        ("class_weights", word("even")),
        ("label_smoothing", Value::Ratio("0%".parse().unwrap())),
        ("seed", Value::Int(42)),
        ("tuned", Value::None),
        ("ensemble", Value::Int(1)),
        ("weights", Value::None),
        ("signature", Value::None),
        ("version", Value::Version("v1.0.0".parse().unwrap())),
        ("identity", identity("candidate", "v1.0.0")),
    ])
}

pub(crate) fn costs() -> Value {
    let pips = |text: &str| Value::Pips(text.parse().unwrap());
    Value::record([
        ("name", Value::text("retail")),
        ("commission", Value::Ratio("0.35bps".parse().unwrap())),
        ("spread", Value::record([("EUR/USD", pips("0.8pip"))])),
        ("slippage", pips("0.1pip")),
        ("swap", choice("daily", [("long", pips("-0.6pip")), ("short", pips("0.2pip"))])),
    ])
}

pub(crate) fn instant(text: &str) -> Value {
    Value::Instant(text.parse::<Instant>().unwrap())
}

/// The figure of a ratio, a number or a count.
pub(crate) fn number(outputs: &Outputs, port: &str) -> f64 {
    outputs.get(port).unwrap().as_f64().unwrap()
}

#[test]
fn every_signature_is_found_once_and_nothing_else_is() {
    let names: Vec<&str> = all().map(suho_step::Step::signature).collect();
    assert_eq!(
        names,
        [
            "dataset",
            "table",
            "sweep",
            "train",
            "cross_validate",
            "leakage_scan",
            "evaluate",
            "backtest",
            "latency_probe"
        ]
    );
    assert!(names.iter().all(|name| find(name).is_some_and(|step| step.signature() == *name)));
    assert!(find("gate").is_none());
}

#[test]
fn the_code_has_one_digest() {
    assert_eq!(code_digest(), code_digest());
    assert_ne!(code_digest(), suho_domain::Digest::of(b""));
}

#[test]
fn a_model_is_made_and_judged_from_real_bars() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let inputs =
        fields([("model", model), ("data", data["test"].clone()), ("against", Value::None)]);
    let scores = world.run("evaluate", inputs).unwrap();
    let accuracy = number(&scores, "accuracy");
    assert!((0.2..0.6).contains(&accuracy), "{accuracy}");
    assert_eq!(scores.get("events"), data["test"].field("rows"));
    assert_eq!(scores.get("baseline"), Some(&Value::None));
}

/// What each step gives in a pipeline that runs through.
fn given_by_each(world: &World) -> Vec<(&'static str, Record)> {
    let data = world.data();
    let trained = world.run("train", train_inputs(&data)).unwrap().into_record();
    let model = ("model", trained["model"].clone());
    let whole = ("data", Value::Record(data.clone()));
    let against = ("against", model.1.clone());
    let window = data["test"].field("window").unwrap().clone();
    let capital = Value::Money("100_000 USD".parse().unwrap());
    let scan = fields([model.clone(), whole.clone(), against.clone()]);
    let scan = changed(scan, "depth", word("usual"));
    let judge = fields([model.clone(), ("data", data["test"].clone()), against]);
    let trade = [model.clone(), whole.clone(), ("window", window)];
    let trade = changed(fields(trade), "costs", costs());
    let ask = [model, whole, ("requests", Value::Int(100)), ("warmup", Value::Int(0))];
    let run = |kind, inputs| (kind, world.run(kind, inputs).unwrap().into_record());
    let folded = crate::cross_validate::tests::folded(world);
    let others = [
        run("table", fields([("data", Value::Record(data.clone()))])),
        run("sweep", crate::sweep::tests::sweep_inputs(&data)),
        run("cross_validate", crate::cross_validate::tests::inputs(&folded)),
        run("leakage_scan", scan),
        run("evaluate", judge),
        run("backtest", changed(trade, "capital", capital)),
        run("latency_probe", fields(ask)),
    ];
    [("dataset", data), ("train", trained)].into_iter().chain(others).collect()
}

#[test]
fn every_step_gives_what_its_signature_declares_and_nothing_else() {
    let world = World::new();
    let given = given_by_each(&world);
    assert_eq!(given.len(), SIGNATURES.len());
    for (kind, outputs) in given {
        let (.., declared) = SIGNATURES.iter().find(|(name, ..)| *name == kind).unwrap();
        let declared: BTreeSet<&str> = declared.iter().copied().collect();
        let outputs: BTreeSet<&str> = outputs.keys().map(String::as_str).collect();
        assert_eq!(outputs, declared, "{kind}");
    }
}

#[test]
fn the_signatures_are_those_of_the_steps() {
    let signatures: BTreeSet<&str> = SIGNATURES.iter().map(|(kind, ..)| *kind).collect();
    let steps: BTreeSet<&str> = all().map(suho_step::Step::signature).collect();
    assert_eq!(signatures, steps);
}
