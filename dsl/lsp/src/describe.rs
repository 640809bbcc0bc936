//! What a name stands for, in words: one line as it would be declared, its documentation, and what
//! else is known of it. Hover, completion and signature help show the same.

use crate::index::known::{FUNCTIONS, OF_TESTS, ambient};
use crate::snapshot::Snapshot;
use std::fmt::Write as _;
use suho_check::program::{Expr, Param};
use suho_check::{Better, Key, Meaning, Metric, Phase, Port, PortOf, Type};
use suho_domain::Value;

/// A name, described.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Description {
    /// As it would be declared: `in batch_size: Int = 32`.
    pub(crate) line: String,
    /// Its documentation.
    pub(crate) doc: Option<String>,
    /// Sentences about it.
    pub(crate) facts: Vec<String>,
}

impl Description {
    fn new(line: impl Into<String>) -> Self {
        Self { line: line.into(), doc: None, facts: Vec::new() }
    }

    fn doc(self, doc: Option<&String>) -> Self {
        Self { doc: doc.cloned(), ..self }
    }

    fn fact(mut self, fact: impl Into<String>) -> Self {
        self.facts.push(fact.into());
        self
    }

    /// All of it as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("```suho\n{}\n```\n", self.line);
        let doc = self.doc.iter().chain(&self.facts);
        for paragraph in doc {
            let _infallible = write!(text, "\n{paragraph}\n");
        }
        text
    }
}

/// What `meaning`, whose value is of type `ty`, is; none where there is nothing to say.
pub(crate) fn describe(snapshot: &Snapshot, meaning: &Meaning, ty: &Type) -> Option<Description> {
    let library = &snapshot.checked().library;
    let given = |key: Key| snapshot.index().givens().get(&key).and_then(|it| it.doc.clone());
    Some(match meaning {
        Meaning::Kind(kind) => describe_kind(snapshot, kind)?,
        Meaning::Port(of) => {
            let PortOf { port, of, key, set } = &**of;
            let described = describe_port(port, of);
            // An output that a metric is named after is measured by it.
            let metric = library.metrics.get(&port.name).filter(|metric| {
                matches!(key, Some(Key::Output(..) | Key::Field(..))) && metric.ty == port.ty
            });
            let described = match metric {
                Some(metric) => measured(described, metric),
                None => described,
            };
            match set.as_ref().and_then(value_fact) {
                Some(fact) => described.fact(fact),
                None => described,
            }
        }
        Meaning::Pipeline(name) => describe_pipeline(snapshot, name)?,
        Meaning::Param(pipeline, name) => describe_param(snapshot, pipeline, name)?,
        Meaning::Secret => Description::new("secret")
            .fact("Cannot be compared, printed or put into a text: it goes to a `Secret` port."),
        Meaning::Step(kind) => {
            let doc = library.steps.get(kind.as_str()).and_then(|it| it.doc.as_ref());
            Description::new(format!("step: {kind}")).doc(doc)
        }
        Meaning::Resource(kind) => {
            let doc = library.resources.get(kind.as_str()).and_then(|it| it.doc.as_ref());
            Description::new(format!("resource: {kind}")).doc(doc)
        }
        Meaning::Block(kind) => Description::new(kind.clone()),
        Meaning::Bound => Description::new(format!("element: {ty}")),
        Meaning::Ambient(name) => {
            let line = match ty {
                Type::Unknown | Type::Fields(_) => name.clone(),
                ty => format!("{name}: {ty}"),
            };
            Description::new(line).fact(ambient(name)?)
        }
        Meaning::Metric(name) => describe_metric(name, library.metrics.get(name)?),
        Meaning::Choice(of, name) => {
            let choice = library.enums.get(of)?.iter().find(|choice| choice.name == *name)?;
            let line = format!("{of}.{}", called(name, &choice.fields));
            Description::new(line).doc(choice.doc.as_ref())
        }
        Meaning::Type(name) => {
            let doc = given(Key::Type(name.clone()));
            let word = if library.enums.contains_key(name) { "enum" } else { "record" };
            Description::new(format!("{word} {name}")).doc(doc.as_ref())
        }
        Meaning::Function(name) => {
            let (_, line, doc) =
                FUNCTIONS.iter().chain(&OF_TESTS).find(|(each, ..)| each == name)?;
            Description::new(*line).fact(*doc)
        }
        Meaning::Literal => Description::new(ty.to_string()),
        Meaning::Let if *ty == Type::Unknown => return None,
        Meaning::Constant(_) | Meaning::Plain(_) | Meaning::File(_) => return None,
        Meaning::Let => Description::new(format!("let: {ty}")),
        Meaning::Verb(verb) => Description::new(verb.clone()).fact(verb_doc(verb)?),
        Meaning::Module(module) => Description::new(format!("use {module}")),
    })
}

/// A kind with all that it takes and gives.
fn describe_kind(snapshot: &Snapshot, kind: &str) -> Option<Description> {
    let library = &snapshot.checked().library;
    let known = [&library.steps, &library.resources, &library.watches];
    let Some(signature) = known.into_iter().find_map(|kinds| kinds.get(kind)) else {
        return kind_doc(kind).map(|doc| Description::new(kind).fact(doc));
    };
    let is_step = !library.resources.contains_key(kind);
    let mut line = format!("{} {kind} {{", if is_step { "step" } else { "resource" });
    for port in &signature.inputs {
        let _infallible = write!(line, "\n  in {}", declared(port));
    }
    for port in signature.outputs.iter().filter(|_| is_step) {
        let _infallible = write!(line, "\n  out {}: {}", port.name, port.ty);
    }
    line.push_str("\n}");
    let described = Description::new(line).doc(signature.doc.as_ref());
    Some(match library.deprecated.get(kind) {
        Some(instead) => described.fact(format!("Deprecated: {instead}.")),
        None => described,
    })
}

/// A port as it is declared, and when its value must be known.
pub(crate) fn describe_port(port: &Port, of: &str) -> Description {
    let described = Description::new(declared(port)).doc(port.doc.as_ref());
    let described = match of {
        "" | "argument" => described,
        of => {
            let kind = of.strip_prefix("Outputs<").and_then(|of| of.strip_suffix('>'));
            described.fact(format!("Of `{}`.", kind.unwrap_or(of)))
        }
    };
    match port.phase {
        Phase::Plan => described.fact("Must be known when planning."),
        Phase::Start => described.fact("Must be known when the run starts."),
        Phase::Run | Phase::Live => described,
    }
}

fn describe_param(snapshot: &Snapshot, pipeline: &str, name: &str) -> Option<Description> {
    let pipeline = snapshot.checked().program.pipelines.get(pipeline)?;
    let param = pipeline.params.iter().find(|param| param.name.as_str() == name)?;
    let described = Description::new(declared_param(param));
    Some(described.fact(format!("A parameter of `{}`.", pipeline.name)))
}

/// `share: Ratio = 10%`.
fn declared_param(param: &Param) -> String {
    let default = param.default.as_ref().and_then(value).map(|value| format!(" = {value}"));
    format!("{}: {}{}", param.name, param.ty, default.unwrap_or_default())
}

fn describe_pipeline(snapshot: &Snapshot, name: &str) -> Option<Description> {
    let pipeline = snapshot.checked().program.pipelines.get(name)?;
    let params: Vec<String> = pipeline.params.iter().map(declared_param).collect();
    let line = format!("pipeline {name}({})", params.join(", "));
    Some(Description::new(line).doc(pipeline.doc.as_ref()))
}

fn describe_metric(name: &str, metric: &Metric) -> Description {
    let described = Description::new(format!("metric {name}: {}", metric.ty));
    measured(described.doc(metric.doc.as_ref()), metric)
}

/// With which way is better, and where it can lie.
fn measured(described: Description, metric: &Metric) -> Description {
    let described = described.fact(match metric.better {
        Better::Higher => "More is better.",
        Better::Lower => "Less is better.",
        Better::Neither => "Neither more nor less is better.",
    });
    match &metric.domain {
        Some((from, to)) => described.fact(format!("It lies in {from} .. {to}.")),
        None => described,
    }
}

/// What the checker made of an attribute: its value, or when it will be known.
fn value_fact(set: &Expr) -> Option<String> {
    if let Some(value) = value(set) {
        return Some(format!("Here, known when planning: `{value}`"));
    }
    let steps = steps_of(set);
    let named: Vec<String> = steps.iter().map(|step| format!("`{step}`")).collect();
    match named.as_slice() {
        [] => None,
        named => Some(format!("Here, known once {} has ended.", named.join(", "))),
    }
}

/// The value that `expr` is, as it would be written, if it is known already.
pub(crate) fn value(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(Value::Text(text)) => Some(format!("{text:?}")),
        Expr::Value(value) => Some(value.to_string()),
        _ => None,
    }
}

/// The steps whose outputs `expr` speaks of, each once, in order.
fn steps_of(expr: &Expr) -> Vec<String> {
    let mut steps = Vec::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Output { step, .. } => steps.push(step.to_string()),
            Expr::Field(base, _) | Expr::Unary(_, base) => open.push(base),
            Expr::List(items) | Expr::Text(items) => open.extend(items),
            Expr::Record(fields) | Expr::Variant(_, fields) => open.extend(fields.values()),
            Expr::Call(_, args) => open.extend(args.iter().map(|(_, arg)| arg)),
            Expr::With(base, fields) => {
                open.push(base);
                open.extend(fields.values());
            }
            Expr::If(parts) => open.extend([&parts.0, &parts.1, &parts.2]),
            Expr::Binary(_, parts) => open.extend([&parts.0, &parts.1]),
            Expr::Comprehension(_, parts) => {
                open.extend([&parts.0, &parts.2]);
                open.extend(&parts.1);
            }
            Expr::Value(_) | Expr::Param(_) | Expr::Live(_) | Expr::Bound(_) => {}
        }
    }
    steps.sort();
    steps.dedup();
    steps
}

/// `batch_size: Int = 32`.
pub(crate) fn declared(port: &Port) -> String {
    let default = port.default.as_ref().and_then(value).map(|value| format!(" = {value}"));
    format!("{}: {}{}", port.name, port.ty, default.unwrap_or_default())
}

/// `lstm(units: Int, dropout: Ratio = 0%)`.
pub(crate) fn called(name: &str, fields: &[Port]) -> String {
    if fields.is_empty() {
        return name.to_owned();
    }
    let fields: Vec<String> = fields.iter().map(declared).collect();
    format!("{name}({})", fields.join(", "))
}

/// What a verb of a rule does.
pub(crate) fn verb_doc(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "require" => "Must hold to go on.",
        "rollback" => "Takes the candidate back when its condition holds.",
        "hold" => "Stops the clock while its condition holds.",
        "compare" => "Compares candidate and baseline by a sequential test.",
        "fire" => "Fires the alert when its condition holds.",
        "resolve" => "Ends the alert when its condition holds.",
        "check" => "Must hold of what a step is given; known when planning.",
        "expect" => "What a test expects.",
        "invariant" => "What a test expects at every moment.",
        _ => return None,
    })
}

/// What a kind without signature is.
pub(crate) fn kind_doc(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "pipeline" => "Steps that make a model and take it to production.",
        "project" => "What holds for every pipeline of the project.",
        "env" => "Where runs keep what they know, and what time it is there.",
        "monitor" => "Watches the model in production: alerts, and looks for drift.",
        "trigger" => "What starts a run, and which.",
        "matrix" => "One pipeline, run for every combination of some parameters.",
        "test" => "A run, what its steps come to, and what must come of it.",
        "on" => "What is done when a run goes wrong: `rollback`, `failure`, `cancel`.",
        _ => return None,
    })
}
