//! A pipeline as a page: its parameters, what waits for what, its gates as tables, its rollout.

use crate::graph::{Graph, Node, Role};
use crate::library::{kind_link, type_text, value, verb_word};
use crate::page::{Block, Page, Piece, Text, code, first_sentence, text};
use crate::written::{Attributes, attributes, is, slice};
use std::collections::BTreeMap;
use suho_check::Checked;
use suho_check::program::{Pipeline, Rule, Step};
use suho_syntax::ast::StmtKind;

/// Kinds of a rollout, in the order of a model's life.
const ROLLOUT: [&str; 4] = ["shadow", "canary", "ramp", "promote"];
/// What a rollout's table has a column for: the rest is in its rules.
const OUTLINE: [&str; 4] = ["share", "steps", "duration", "every"];

/// Steps that are drawn: nobody reads a larger picture, and the table says the same.
const DRAWN_MAX: usize = 200;

/// The page of the pipeline `name`.
pub(crate) fn page_name(name: &str) -> String {
    format!("pipeline-{name}")
}

/// The page of `pipeline`.
pub(crate) fn page(pipeline: &Pipeline, checked: &Checked) -> Page {
    let mut page = Page::new(&page_name(pipeline.name.as_str()), pipeline.name.as_str());
    page.doc(pipeline.doc.as_ref());
    let place = format!("`{}`, line {}", pipeline.place.file, pipeline.place.line);
    page.push(Block::Paragraph(text(&place)));
    let written = Written::of(pipeline, checked);
    let rows = pipeline.params.iter().map(|param| {
        let name = param.name.as_str();
        let default = match (&param.default, written.params.get(name)) {
            (Some(default), as_written) => {
                code(&as_written.cloned().or_else(|| value(default)).unwrap_or_default())
            }
            (None, _) => text("must be given"),
        };
        vec![code(name), type_text(&param.ty), default]
    });
    let rows: Vec<Vec<Text>> = rows.collect();
    if !rows.is_empty() {
        page.heading("parameters", "Parameters");
    }
    page.table(&["Parameter", "Type", "Default"], rows);
    settings(&mut page, &written);

    page.heading("steps", "Steps");
    if pipeline.steps.len() <= DRAWN_MAX {
        page.push(Block::Graph(graph(pipeline)));
    }
    let rows = pipeline.steps.iter().map(|step| {
        let needs: Vec<&str> = step.needs.iter().map(suho_domain::Name::as_str).collect();
        let doc = step.doc.as_ref().or_else(|| {
            checked.library.steps.get(&step.kind).and_then(|signature| signature.doc.as_ref())
        });
        let kind = vec![kind_link(step.kind.as_str(), checked)];
        vec![code(step.name.as_str()), kind, codes(&needs), first_sentence(doc)]
    });
    page.table(&["Step", "Kind", "Waits for", "What it does"], rows.collect());

    gates(&mut page, pipeline);
    rollout(&mut page, pipeline, &written);
    every_step(&mut page, pipeline, &written);
    handlers(&mut page, &written);
    page
}

/// Names as code, with commas between them.
pub(crate) fn codes(names: &[&str]) -> Text {
    let mut text = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            text.push(Piece::Plain(", ".to_owned()));
        }
        text.push(Piece::Code((*name).to_owned()));
    }
    text
}

// ---- as written

/// What the text says, where the program holds only what it means.
#[derive(Default)]
struct Written {
    params: BTreeMap<String, String>,
    attributes: Attributes,
    steps: BTreeMap<String, Attributes>,
    handlers: Vec<(String, Attributes)>,
}

impl Written {
    fn of(pipeline: &Pipeline, checked: &Checked) -> Self {
        let name = pipeline.name.as_str();
        let file = checked.sources.iter().find(|(name, _)| *name == pipeline.place.file);
        let Some((_, source)) = file else { return Self::default() };
        let tree = suho_syntax::parse(source).file;
        let instance = tree.items.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Instance(it) if is(it, "pipeline", name) => Some(it),
            _ => None,
        });
        let Some(instance) = instance else { return Self::default() };
        let mut written =
            Self { attributes: attributes(source, &instance.body), ..Self::default() };
        for param in &instance.params {
            if let Some(default) = &param.default {
                written.params.insert(param.name.node.clone(), slice(source, default.span));
            }
        }
        for stmt in &instance.body.items {
            let StmtKind::Instance(inner) = &stmt.kind else { continue };
            let Some(name) = &inner.name else { continue };
            let set = attributes(source, &inner.body);
            if inner.kind.first().is_some_and(|kind| kind.node == "on") {
                written.handlers.push((name.node.clone(), set));
            } else {
                written.steps.insert(name.node.clone(), set);
            }
        }
        written
    }

    fn step(&self, step: &Step) -> &[(String, String)] {
        self.steps.get(step.name.as_str()).map(Vec::as_slice).unwrap_or_default()
    }
}

// ---- sections

fn settings(page: &mut Page, written: &Written) {
    if !written.attributes.is_empty() {
        page.heading("settings", "Settings");
    }
    page.table(&["Setting", "Value"], set(&written.attributes));
}

/// Rows of attributes and what they are set to.
pub(crate) fn set(attributes: &[(String, String)]) -> Vec<Vec<Text>> {
    attributes.iter().map(|(name, value)| vec![code(name), code(value)]).collect()
}

fn gates(page: &mut Page, pipeline: &Pipeline) {
    let gates: Vec<&Step> =
        pipeline.steps.iter().filter(|step| step.kind.as_str() == "gate").collect();
    if !gates.is_empty() {
        page.heading("gates", "Gates");
    }
    for gate in gates {
        page.subheading(&format!("gate-{}", gate.name), gate.name.as_str());
        page.doc(gate.doc.as_ref());
        let rows = gate.rules.iter().map(|rule| {
            let otherwise = rule.otherwise.as_ref().map(|_| clause(rule, "else"));
            vec![code(&condition(rule)), code(&otherwise.unwrap_or_default())]
        });
        page.table(&["Must hold", "Else it says"], rows.collect());
    }
}

fn rollout(page: &mut Page, pipeline: &Pipeline, written: &Written) {
    let is_of_it = |step: &&Step| ROLLOUT.contains(&step.kind.as_str());
    let steps: Vec<&Step> = pipeline.steps.iter().filter(is_of_it).collect();
    if steps.is_empty() {
        return;
    }
    page.heading("rollout", "Rollout");
    let rows = steps.iter().map(|step| {
        let set = written.step(step);
        let said = |name: &str| set.iter().find(|(each, _)| each == name).map(|(_, v)| v.as_str());
        // What is not written follows from the signature.
        let default = |name: &str| step.inputs.get(name).and_then(value);
        let of = |names: [&str; 2]| {
            let found = names
                .iter()
                .find_map(|name| said(name).map(str::to_owned).or_else(|| default(name)));
            code(&found.unwrap_or_default())
        };
        vec![
            code(step.name.as_str()),
            code(step.kind.as_str()),
            of(["share", "steps"]),
            of(["duration", "every"]),
        ]
    });
    page.table(&["Step", "Kind", "Share of the traffic", "For, in market time"], rows.collect());
    for step in steps.iter().filter(|step| !step.rules.is_empty()) {
        page.subheading(&format!("rules-{}", step.name), step.name.as_str());
        page.doc(step.doc.as_ref());
        let rows = step.rules.iter().map(|rule| {
            let lasting = rule.lasting.as_ref().map(|_| clause(rule, "for"));
            vec![
                text(verb_word(rule.verb)),
                code(&condition(rule)),
                code(&lasting.unwrap_or_default()),
            ]
        });
        page.table(&["Rule", "When", "For"], rows.collect());
    }
}

/// A rule's condition as written: without its verb and its clauses.
fn condition(rule: &Rule) -> String {
    let text = rule.text.trim_start_matches(verb_word(rule.verb)).trim_start();
    let text = text.strip_prefix("when ").unwrap_or(text);
    let clause = match (&rule.lasting, &rule.otherwise) {
        (Some(_), _) => " for ",
        (None, Some(_)) => " else ",
        (None, None) => return text.to_owned(),
    };
    text.rsplit_once(clause).map_or(text, |(condition, _)| condition).to_owned()
}

/// What a rule says after `word`.
fn clause(rule: &Rule, word: &str) -> String {
    let clause = rule.text.rsplit_once(&format!(" {word} "));
    clause.map(|(_, clause)| clause.to_owned()).unwrap_or_default()
}

/// Every other step with what it is given.
fn every_step(page: &mut Page, pipeline: &Pipeline, written: &Written) {
    page.heading("attributes", "What each step is given");
    for step in &pipeline.steps {
        let rows: Vec<(String, String)> = written
            .step(step)
            .iter()
            .filter(|(name, _)| {
                !(ROLLOUT.contains(&step.kind.as_str()) && OUTLINE.contains(&name.as_str()))
            })
            .cloned()
            .collect();
        if rows.is_empty() {
            continue;
        }
        page.subheading(&format!("step-{}", step.name), step.name.as_str());
        page.table(&["Attribute", "Value"], set(&rows));
    }
}

fn handlers(page: &mut Page, written: &Written) {
    if !written.handlers.is_empty() {
        page.heading("handlers", "When it goes wrong");
    }
    for (event, attributes) in &written.handlers {
        page.subheading(&format!("on-{event}"), &format!("on {event}"));
        page.table(&["What", "Value"], set(attributes));
    }
}

fn graph(pipeline: &Pipeline) -> Graph {
    let nodes = pipeline.steps.iter().map(|step| Node {
        name: step.name.to_string(),
        kind: step.kind.to_string(),
        needs: step.needs.iter().map(ToString::to_string).collect(),
        role: match step.kind.as_str() {
            "production" => Role::Lookup,
            "gate" => Role::Decision,
            kind if ROLLOUT.contains(&kind) => Role::Rollout,
            _ => Role::Work,
        },
    });
    Graph::of(nodes.collect())
}
