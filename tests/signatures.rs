//! The ports of the steps as Rust types, drawn from the prelude into the crate that carries them
//! out: what a step is given and gives back stands in one place, its signature.
//!
//! `BLESS=1` redraws `stdlib/steps/src/generated.rs` and the two files in its folder; a person reads
//! the diff.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use suho_check::{Choice, Library, Port, Signature, Type, World, check};
use suho_syntax::ast::StmtKind;

/// Where a secret is kept.
const SECRET: &str = "SecretSource";
/// Widest line, as in `rustfmt.toml`.
const WIDTH: usize = 100;

/// The prelude alone.
struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let entries = root().join("stdlib/prelude").read_dir().unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
    }

    fn read(&self, _from: &str, _path: &str) -> Result<(String, String), String> {
        Err("the prelude uses no files".to_owned())
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The steps that suho's own processes carry out.
fn steps(library: &Library) -> impl Iterator<Item = &Signature> {
    library.steps.values().filter(|step| !step.is_controller && step.exec.is_none())
}

/// Records and enums that ports speak of, and those that their fields speak of.
#[derive(Default)]
struct Reached {
    /// Records that a step gives: a number in them may have no answer.
    given: BTreeSet<String>,
    records: BTreeSet<String>,
    enums: BTreeSet<String>,
}

impl Reached {
    fn of(library: &Library) -> Self {
        let mut reached = Self::default();
        for step in steps(library) {
            reached.ports(&step.inputs, library, false);
            reached.ports(&step.outputs, library, true);
        }
        reached
    }

    fn ports(&mut self, ports: &[Port], library: &Library, is_given: bool) {
        for port in ports {
            self.ty(&port.ty, library, is_given);
        }
    }

    fn ty(&mut self, ty: &Type, library: &Library, is_given: bool) {
        match ty {
            Type::List(of) | Type::Optional(of) | Type::Range(of) => {
                self.ty(of, library, is_given);
            }
            Type::Map(_, of) => self.ty(of, library, is_given),
            Type::Model(_) => self.record("Model", library, is_given),
            Type::Dataset(_) => self.record("Dataset", library, is_given),
            // A step is told where a secret is kept, never what is kept there.
            Type::Secret(_) => self.ty(&Type::Enum(SECRET.to_owned()), library, is_given),
            Type::Record(name) => self.record(name, library, is_given),
            Type::Enum(name) if self.enums.insert(name.clone()) => {
                for choice in &library.enums[name] {
                    self.ports(&choice.fields, library, is_given);
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, name: &str, library: &Library, is_given: bool) {
        let is_new = self.records.insert(name.to_owned());
        let is_newly_given = is_given && self.given.insert(name.to_owned());
        if is_new || is_newly_given {
            self.ports(&library.records[name], library, is_given);
        }
    }
}

/// The Rust type of what the language calls `ty`. A number that a step gives may have no answer.
fn rust(ty: &Type, is_given: bool) -> String {
    let number = |name: &str| {
        if is_given { format!("Figure<{name}>") } else { name.to_owned() }
    };
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int => number("i64"),
        Type::Float => number("f64"),
        Type::Ratio => number("Ratio"),
        Type::Points => number("Points"),
        Type::Duration => number("Duration"),
        Type::Pips => number("Pips"),
        // An artifact is its path in the artifact store.
        Type::Text | Type::Artifact => "String".to_owned(),
        Type::Period => "Period".to_owned(),
        Type::Date => "NaiveDate".to_owned(),
        Type::Instant => "Instant".to_owned(),
        Type::Money => "Money".to_owned(),
        Type::Version => "Version".to_owned(),
        Type::Form(form) => match &**form {
            "Share" | "Symbol" | "Timeframe" => form.clone(),
            _ => "String".to_owned(),
        },
        Type::Range(of) => format!("Span<{}>", rust(of, false)),
        Type::List(of) => format!("Vec<{}>", rust(of, is_given)),
        Type::Map(key, of) => format!("BTreeMap<{}, {}>", rust(key, false), rust(of, is_given)),
        Type::Optional(of) => format!("Option<{}>", rust(of, is_given)),
        Type::Record(name) | Type::Enum(name) => name.clone(),
        Type::Secret(_) => SECRET.to_owned(),
        Type::Model(_) => "Model".to_owned(),
        Type::Dataset(_) => "Dataset".to_owned(),
        Type::Outputs(kind) => format!("{}Out", pascal(kind.as_str())),
        other => panic!("no step has a port of the type `{other}` yet"),
    }
}

/// `latency_probe` as `LatencyProbe`.
fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    };
    name.split('_').map(word).collect()
}

/// What is drawn, line by line; and what the prelude says of its records and enums.
struct Drawing {
    text: String,
    docs: BTreeMap<String, String>,
}

impl Drawing {
    fn line(&mut self, depth: usize, text: &str) {
        let line = format!("{}{text}", "    ".repeat(depth));
        assert!(line.chars().count() <= WIDTH, "wider than {WIDTH}: {line}");
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// The words of `doc`, broken where a line is full.
    fn doc(&mut self, depth: usize, doc: Option<&String>) {
        let Some(doc) = doc else { return };
        let mut line = "///".to_owned();
        for word in doc.split_whitespace() {
            if 4 * depth + line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(depth, &std::mem::replace(&mut line, "///".to_owned()));
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(depth, &line);
    }

    fn fields(&mut self, depth: usize, ports: &[Port], is_given: bool) {
        for port in ports {
            self.doc(depth, port.doc.as_ref());
            self.line(depth, &format!("{}: {},", port.name, rust(&port.ty, is_given)));
        }
    }

    fn record(&mut self, name: &str, fields: &[Port], is_given: bool) {
        self.line(0, "");
        self.line(0, if is_given { "record! {" } else { "settings! {" });
        self.doc(1, self.docs.get(name).cloned().as_ref());
        self.line(1, &format!("{name} {{"));
        self.fields(2, fields, is_given);
        self.line(1, "}");
        self.line(0, "}");
    }

    fn step(&mut self, step: &Signature) {
        let name = pascal(step.kind.as_str());
        self.line(0, "");
        self.line(0, "step! {");
        self.doc(1, step.doc.as_ref());
        self.line(1, &format!("{name}In {{"));
        self.fields(2, &step.inputs, false);
        self.line(1, "}");
        self.line(1, &format!("{name}Out {{"));
        self.fields(2, &step.outputs, true);
        self.line(1, "}");
        self.line(0, "}");
    }

    /// An enum of plain words, or one whose choices have fields.
    fn choices(&mut self, name: &str, choices: &[Choice]) {
        let is_words = choices.iter().all(|choice| choice.fields.is_empty());
        self.line(0, "");
        self.line(0, if is_words { "words! {" } else { "choices! {" });
        self.doc(1, self.docs.get(name).cloned().as_ref());
        self.line(1, &format!("{name} {{"));
        for choice in choices {
            self.doc(2, choice.doc.as_ref());
            let variant = pascal(&choice.name);
            if is_words {
                self.line(2, &format!("{variant} = \"{}\",", choice.name));
            } else if choice.fields.is_empty() {
                self.line(2, &format!("{variant},"));
            } else {
                let field = |port: &Port| format!("{}: {}", port.name, rust(&port.ty, false));
                let fields: Vec<String> = choice.fields.iter().map(field).collect();
                let line = format!("{variant} {{ {} }},", fields.join(", "));
                if 4 * 2 + line.chars().count() <= WIDTH {
                    self.line(2, &line);
                } else {
                    self.line(2, &format!("{variant} {{"));
                    for field in &fields {
                        self.line(3, &format!("{field},"));
                    }
                    self.line(2, "},");
                }
            }
        }
        self.line(1, "}");
        self.line(0, "}");
    }
}

/// What the prelude says of each record and enum: the library keeps what it says of their fields.
fn docs() -> BTreeMap<String, String> {
    let mut docs = BTreeMap::new();
    for (_, text) in Prelude.prelude() {
        for stmt in suho_syntax::parse(&text).file.items {
            if let (StmtKind::Definition(definition), Some(doc)) = (stmt.kind, stmt.doc) {
                docs.insert(definition.name.node, doc);
            }
        }
    }
    docs
}

/// How each file says where it comes from.
const DRAWN: &str = "drawn from the prelude; to draw it again:
//! `BLESS=1 cargo test -p suho-check --test signatures`.";

const STEPS: &str = "
#![expect(dead_code, reason = \"a signature is drawn whole, whatever its step looks at\")]
#![expect(clippy::struct_field_names, reason = \"the prelude names fields\")]
#![expect(clippy::enum_variant_names, reason = \"and choices\")]
#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = \"its two files name each other's types\")
)]

mod choices;
mod records;

pub(crate) use choices::*;
pub(crate) use records::*;

use crate::figure::Figure;
use crate::ports::{Span, step};
use chrono::NaiveDate;
use suho_domain::{Duration, Instant, Money, Points, Ratio, Symbol, Timeframe, Version};

/// Each step with the names of its inputs and outputs.
#[cfg(test)]
pub(crate) const SIGNATURES: &[(&str, &[&str], &[&str])] = &[
";

const RECORDS: &str = "
use super::choices::*;
use crate::figure::Figure;
use crate::ports::{Span, record, settings};
use std::collections::BTreeMap;
use suho_domain::{Duration, Instant, Pips, Points, Ratio, Symbol, Timeframe, Version};
";

const CHOICES: &str = "
use super::records::*;
use crate::ports::{choices, words};
use crate::spec::Share;
use suho_domain::{Duration, Instant, Pips, Ratio, Timeframe};
";

/// The ports of every step.
fn draw_steps(library: &Library) -> String {
    let text = format!("//! What steps are given and give back: {DRAWN}\n{STEPS}");
    let mut drawing = Drawing { text, docs: BTreeMap::new() };
    for Signature { kind, .. } in steps(library) {
        let name = pascal(kind.as_str());
        drawing.line(1, &format!("(\"{kind}\", {name}In::PORTS, {name}Out::PORTS),"));
    }
    drawing.line(0, "];");
    for step in steps(library) {
        drawing.step(step);
    }
    drawing.text
}

/// The records that those ports speak of.
fn draw_records(library: &Library) -> String {
    let text = format!("//! The records of those ports: {DRAWN}\n{RECORDS}");
    let mut drawing = Drawing { text, docs: docs() };
    let reached = Reached::of(library);
    for name in &reached.records {
        drawing.record(name, &library.records[name], reached.given.contains(name));
    }
    drawing.text
}

/// The enums that those ports and records speak of.
fn draw_choices(library: &Library) -> String {
    let text = format!("//! The enums of those ports: {DRAWN}\n{CHOICES}");
    let mut drawing = Drawing { text, docs: docs() };
    for name in &Reached::of(library).enums {
        drawing.choices(name, &library.enums[name]);
    }
    drawing.text
}

#[test]
fn the_steps_speak_of_the_ports_that_the_prelude_declares() {
    let checked = check(&[], &Prelude);
    assert_eq!(checked.diagnostics, []);
    let drawn = [
        ("generated.rs", draw_steps(&checked.library)),
        ("generated/choices.rs", draw_choices(&checked.library)),
        ("generated/records.rs", draw_records(&checked.library)),
    ];
    for (file, drawn) in drawn {
        let path = root().join("stdlib/steps/src").join(file);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap();
        assert!(there == drawn, "not as the prelude says; BLESS=1 redraws {}", path.display());
    }
}
