//! What steps come to: what the test gives, and for the rest what is healthy.

use crate::given::Givens;
use crate::healthy;
use std::collections::BTreeMap;
use suho_check::Library;
use suho_domain::{Digest, Duration, Instant, Name, Ratio, Record, Value};
use suho_plan::{Expr, Node, Plan, Role};

/// Days of bars before the run that models are trained on.
const TRAINED: Duration = Duration::from_hours(500 * 24);
/// Days of bars before the run that models are tested on.
const TESTED: Duration = Duration::from_hours(100 * 24);

/// Makes what steps come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outputs<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) library: &'a Library,
    pub(crate) givens: &'a Givens,
    /// When the run starts.
    pub(crate) start: Instant,
}

impl Outputs<'_> {
    /// The lookup of production, if a model serves.
    pub(crate) fn lookup(&self) -> Option<&Name> {
        let name = self.plan.of_kind("production").next().map(|node| &node.name)?;
        (!self.givens.is_none(name)).then_some(name)
    }

    /// The accuracy of the model that serves.
    pub(crate) fn baseline_accuracy(&self) -> Ratio {
        let scored = self.plan.of_kind("evaluate").next();
        let scored = scored.and_then(|node| self.given(&node.name, &["baseline", "accuracy"]));
        let served = || self.lookup().and_then(|name| self.given(name, &["accuracy"]));
        match scored.or_else(served) {
            Some(Value::Ratio(ratio)) => ratio,
            _ => healthy::BASELINE_ACCURACY,
        }
    }

    fn given(&self, step: &Name, path: &[&str]) -> Option<Value> {
        let mut outputs = self.givens.outputs(step);
        outputs.find(|(given, _)| *given == path).map(|(_, value)| value)
    }

    /// Whether it is known what the place at `path` of the work of `node` comes to.
    pub(crate) fn knows(&self, node: &Node, path: &[String]) -> bool {
        let Some(first) = path.first() else { return true };
        let kind = node.kind.as_str();
        let is_ours = node.exec.is_none();
        let is_whole = matches!(
            (kind, first.as_str()),
            ("evaluate", "baseline" | "window")
                | ("dataset", "train" | "validation" | "test" | "window" | "digest")
                | ("train", "model")
                | ("backtest", "window")
        );
        self.givens.speaks_of(&node.name, path)
            || (is_ours
                && (is_whole || healthy::output(kind, first, healthy::BASELINE_ACCURACY).is_some()))
    }

    /// What the work of `node` comes to; `identity` is who the candidate is, for `train`.
    pub(crate) fn of(&self, node: &Node, identity: Option<&Value>) -> Record {
        let mut outputs = Record::new();
        let signature = self.library.steps.get(&node.kind);
        for port in signature.into_iter().flat_map(|signature| &signature.outputs) {
            let own = self.own(node, &port.name, identity);
            let baseline = self.baseline_accuracy();
            let healthy = || healthy::output(node.kind.as_str(), &port.name, baseline);
            let value = own.or_else(healthy);
            let nothing = || healthy::placeholder(&port.ty, self.library, self.start);
            outputs.insert(port.name.clone(), value.unwrap_or_else(nothing));
        }
        for (path, value) in self.givens.outputs(&node.name) {
            put(&mut outputs, path, value);
        }
        if let Some(Value::Record(latency)) = outputs.get_mut("latency") {
            let given = |part: &str| self.given(&node.name, &["latency", part]);
            let parts = healthy::latencies(given).into_iter();
            latency.extend(parts.map(|(part, value)| (part.to_owned(), value)));
        }
        outputs
    }

    /// What follows from the run.
    fn own(&self, node: &Node, name: &str, identity: Option<&Value>) -> Option<Value> {
        match (node.kind.as_str(), name) {
            ("dataset", "digest") => Some(digest(&node.name)),
            ("dataset" | "evaluate" | "backtest", "window") => Some(self.days(TESTED)),
            ("dataset", "train" | "validation" | "test") => Some(self.rows(&node.name, name)),
            ("train", "model") => {
                let told = |name: &str| identity.and_then(|identity| identity.field(name)).cloned();
                let or_empty = |name: &str| told(name).unwrap_or_else(|| Value::text(""));
                Some(Value::record([
                    ("id", or_empty("id")),
                    ("name", or_empty("name")),
                    ("version", told("version").unwrap_or(Value::None)),
                    ("digest", digest(&node.name)),
                    ("artifact", Value::text(node.name.as_str())),
                    ("dataset", digest(&node.name)),
                    ("trained_on", self.days(TRAINED)),
                ]))
            }
            ("evaluate", "baseline") => Some(self.rescored(node)),
            _ => None,
        }
    }

    /// The scores of the model that serves on the rows of `node`; none where there is none.
    fn rescored(&self, node: &Node) -> Value {
        let is_asked = !matches!(node.inputs.get("against"), None | Some(Expr::Value(Value::None)));
        if !is_asked || self.lookup().is_none() {
            return Value::None;
        }
        let baseline = self.baseline_accuracy();
        let mut scores = Record::new();
        for port in self.library.records.get("Scores").into_iter().flatten() {
            let value = healthy::output("evaluate", &port.name, baseline);
            let nothing = || healthy::placeholder(&port.ty, self.library, self.start);
            scores.insert(port.name.clone(), value.unwrap_or_else(nothing));
        }
        scores.insert("accuracy".to_owned(), Value::Ratio(baseline));
        Value::Record(scores)
    }

    fn days(&self, before: Duration) -> Value {
        let from = self.start.plus(Duration::ZERO.minus(before));
        Value::Range(Box::new((Value::Instant(from), Value::Instant(self.start))))
    }

    fn rows(&self, dataset: &Name, part: &str) -> Value {
        Value::record([
            ("window", self.days(TESTED)),
            ("rows", Value::Int(3_000)),
            ("digest", digest(dataset)),
            ("dataset", digest(dataset)),
            ("folder", Value::text(dataset.as_str())),
            ("split", Value::text(part)),
            ("first", Value::Int(0)),
            ("last", Value::Int(2_999)),
        ])
    }

    /// What all steps come to before anything has run: what a rule would be held against.
    pub(crate) fn all(&self) -> BTreeMap<Name, Value> {
        let nodes = self.plan.nodes.iter().filter(|node| node.role == Role::Work);
        let made = |node: &Node| (node.name.clone(), Value::Record(self.of(node, None)));
        nodes.map(made).collect()
    }
}

fn digest(of: &Name) -> Value {
    Value::text(Digest::of(of.as_str().as_bytes()).as_str())
}

/// Sets the place at `path` below `fields`.
fn put(fields: &mut Record, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        fields.insert(first.clone(), value);
        return;
    }
    let inner = fields.entry(first.clone()).or_insert(Value::None);
    if !matches!(inner, Value::Record(_)) {
        *inner = Value::Record(Record::new());
    }
    if let Value::Record(inner) = inner {
        put(inner, rest, value);
    }
}
