//! A part of the library as a page: what its file defines, in the order written.

use crate::page::{Block, Page, Piece, Text, code, first_sentence, link, text};
use suho_check::{Better, Checked, Library, Phase, Port, Signature, Type};
use suho_domain::Value;
use suho_syntax::ast::{Definition, File, StmtKind};

/// `ml.suho` as `std.ml`.
pub(crate) fn part(name: &str) -> String {
    format!("std.{}", stem(name))
}

/// The page of `ml.suho`.
pub(crate) fn page_name(name: &str) -> String {
    format!("std-{}", stem(name))
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".suho").unwrap_or(name)
}

/// What the comment at the head of a file says.
pub(crate) fn intro(source: &str) -> String {
    let lines = source.lines().skip_while(|line| !is_comment(line));
    let words: Vec<&str> = lines
        .take_while(|line| is_comment(line))
        .map(|line| line.trim_start_matches("//").trim())
        .collect();
    words.join(" ")
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//") && !line.starts_with("///")
}

/// The page of the library's file `name`.
pub(crate) fn page(name: &str, source: &str, checked: &Checked) -> Page {
    let mut page = Page::new(&page_name(name), &part(name));
    page.push(Block::Paragraph(text(&intro(source))));
    let file = suho_syntax::parse(source).file;
    define(&mut page, &definitions(&file), checked);
    page
}

/// The page of what the project itself defines.
const OWN: &str = "own";

/// The page of the kinds that the project defines; none where it defines none.
pub(crate) fn own_page(checked: &Checked) -> Option<Page> {
    let files: Vec<File> = own(checked).collect();
    let defined: Vec<_> = files.iter().flat_map(definitions).collect();
    let mut page = Page::new(OWN, "Own kinds");
    define(&mut page, &defined, checked);
    (!defined.is_empty()).then_some(page)
}

/// The list of them in the page of contents.
pub(crate) fn own_contents(page: &mut Page, checked: &Checked) {
    let files: Vec<File> = own(checked).collect();
    let rows = files.iter().flat_map(definitions).map(|(definition, doc)| {
        let name = &*definition.name.node;
        let keyword = text(&definition.keyword.node);
        vec![vec![link(name, OWN, Some(name))], keyword, first_sentence(doc)]
    });
    let rows: Vec<Vec<Text>> = rows.collect();
    if !rows.is_empty() {
        page.heading("own", "Own kinds");
    }
    page.table(&["Name", "Kind", "What it is"], rows);
}

/// The project's own files, read.
fn own(checked: &Checked) -> impl Iterator<Item = File> {
    let files = checked.sources.iter().filter(|(name, _)| !name.starts_with("std/"));
    files.map(|(_, source)| suho_syntax::parse(source).file)
}

/// What a file defines, each with its documentation.
fn definitions(file: &File) -> Vec<(&Definition, Option<&String>)> {
    let defined = file.items.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Definition(definition) => Some((definition, stmt.doc.as_ref())),
        _ => None,
    });
    defined.collect()
}

/// A section for each sort of what is `defined`.
fn define(page: &mut Page, defined: &[(&Definition, Option<&String>)], checked: &Checked) {
    let of = |keyword: &'static str| {
        defined.iter().filter(move |(definition, _)| definition.keyword.node == keyword)
    };
    let library = &checked.library;
    section(page, "steps", "Steps", of("step"), |page, name, _| {
        deprecated(page, library, name);
        let signature = library.steps.get(name).or_else(|| library.watches.get(name));
        if let Some(signature) = signature {
            step(page, signature);
        }
    });
    section(page, "resources", "Resources", of("resource"), |page, name, _| {
        deprecated(page, library, name);
        if let Some(signature) = library.resources.get(name) {
            page.doc(signature.doc.as_ref());
            takes(page, &signature.inputs);
        }
    });
    metrics(page, library, of("metric").map(|(definition, _)| &*definition.name.node));
    section(page, "records", "Records", of("record"), |page, name, doc| {
        page.doc(doc);
        takes(page, library.records.get(name).map(Vec::as_slice).unwrap_or_default());
    });
    section(page, "enums", "Choices", of("enum"), |page, name, doc| {
        page.doc(doc);
        let choices = library.enums.get(name).into_iter().flatten();
        let rows = choices.map(|choice| {
            vec![code(&called(&choice.name, &choice.fields)), doc_text(choice.doc.as_ref())]
        });
        page.table(&["Choice", "What it means"], rows.collect());
    });
}

fn section<'d>(
    page: &mut Page,
    place: &str,
    words: &str,
    defined: impl Iterator<Item = &'d (&'d Definition, Option<&'d String>)>,
    mut write: impl FnMut(&mut Page, &str, Option<&String>),
) {
    let mut defined = defined.peekable();
    if defined.peek().is_some() {
        page.heading(place, words);
    }
    for (definition, doc) in defined {
        let name = &definition.name.node;
        page.subheading(name, name);
        write(page, name, *doc);
    }
}

/// What to use instead of a kind that is on its way out.
fn deprecated(page: &mut Page, library: &Library, name: &str) {
    if let Some(instead) = library.deprecated.get(name) {
        page.push(Block::Paragraph(text(&format!("Deprecated: {instead}."))));
    }
}

fn step(page: &mut Page, signature: &Signature) {
    page.doc(signature.doc.as_ref());
    takes(page, &signature.inputs);
    let rows = signature.outputs.iter().map(|port| {
        let name = if port.name == "self" { "the step itself" } else { &port.name };
        vec![code(name), code(&port.ty.to_string()), doc_text(port.doc.as_ref())]
    });
    page.table(&["Gives", "Type", "What it is"], rows.collect());
    let checks = signature.checks.iter().map(|check| vec![code(&check.text)]);
    page.table(&["Must hold"], checks.collect());
    let mut facts = Vec::new();
    if signature.is_controller {
        facts.push(text("Carried out by the engine itself."));
    }
    let rules: Vec<String> =
        signature.rules.iter().map(|verb| verb_word(*verb).to_owned()).collect();
    for (words, list) in [
        ("Rules: ", &rules),
        ("Its rules may speak of ", &signature.metrics),
        ("What it does outside its own outputs: ", &signature.effects),
    ] {
        if !list.is_empty() {
            facts.push(listed(words, list));
        }
    }
    for fact in facts {
        page.push(Block::Paragraph(fact));
    }
}

fn listed(words: &str, list: &[String]) -> Text {
    let mut text = vec![Piece::Plain(words.to_owned())];
    for (at, word) in list.iter().enumerate() {
        if at > 0 {
            text.push(Piece::Plain(", ".to_owned()));
        }
        text.push(Piece::Code(word.clone()));
    }
    text.push(Piece::Plain(".".to_owned()));
    text
}

/// What a block takes: its attributes with types and defaults.
fn takes(page: &mut Page, ports: &[Port]) {
    let rows = ports.iter().map(|port| {
        let default = match &port.default {
            Some(default) => code(&value(default).unwrap_or_else(|| "…".to_owned())),
            None => text("must be set"),
        };
        let mut doc = doc_text(port.doc.as_ref());
        if let Phase::Plan | Phase::Start = port.phase {
            let when =
                if port.phase == Phase::Plan { "when planning" } else { "when a run starts" };
            doc.push(Piece::Plain(format!(" Known {when}.")));
        }
        vec![code(&port.name), code(&port.ty.to_string()), default, doc]
    });
    page.table(&["Takes", "Type", "Default", "What it is"], rows.collect());
}

fn metrics<'d>(page: &mut Page, library: &Library, names: impl Iterator<Item = &'d str>) {
    let rows: Vec<Vec<Text>> = names
        .filter_map(|name| {
            let metric = library.metrics.get(name)?;
            let better = match metric.better {
                Better::Higher => "more",
                Better::Lower => "less",
                Better::Neither => "neither",
            };
            let domain = metric.domain.as_ref().map(|(from, to)| format!("{from} .. {to}"));
            let domain = domain.map(|domain| code(&domain)).unwrap_or_default();
            let ty = code(&metric.ty.to_string());
            Some(vec![code(name), ty, text(better), domain, doc_text(metric.doc.as_ref())])
        })
        .collect();
    if !rows.is_empty() {
        page.heading("metrics", "Metrics");
    }
    page.table(&["Metric", "Type", "Better", "Lies in", "What it is"], rows);
}

fn doc_text(doc: Option<&String>) -> Text {
    doc.map(|doc| text(doc)).unwrap_or_default()
}

/// A value as it would be written; none where it is not known.
pub(crate) fn value(expr: &suho_check::program::Expr) -> Option<String> {
    match expr {
        suho_check::program::Expr::Value(Value::Text(text)) => Some(format!("{text:?}")),
        suho_check::program::Expr::Value(value) => Some(value.to_string()),
        _ => None,
    }
}

/// `lstm(units: Int, dropout: Ratio = 0%)`.
fn called(name: &str, fields: &[Port]) -> String {
    if fields.is_empty() {
        return name.to_owned();
    }
    let declared = |port: &Port| {
        let default = port.default.as_ref().and_then(value).map(|value| format!(" = {value}"));
        format!("{}: {}{}", port.name, port.ty, default.unwrap_or_default())
    };
    let fields: Vec<String> = fields.iter().map(declared).collect();
    format!("{name}({})", fields.join(", "))
}

/// The verb as it is written.
pub(crate) fn verb_word(verb: suho_check::program::Verb) -> &'static str {
    use suho_check::program::Verb;
    match verb {
        Verb::Require => "require",
        Verb::Rollback => "rollback",
        Verb::Hold => "hold",
        Verb::Compare => "compare",
        Verb::Fire => "fire",
    }
}

/// A link to the page of a kind; the kind's name alone where no page describes it.
pub(crate) fn kind_link(kind: &str, checked: &Checked) -> Piece {
    let line = format!("step {kind} {{");
    let mut files = checked.sources.iter();
    let home = files.find(|(_, text)| text.lines().any(|each| each == line));
    match home.map(|(name, _)| name.strip_prefix("std/")) {
        Some(Some(name)) => link(kind, &page_name(name), Some(kind)),
        Some(None) => link(kind, OWN, Some(kind)),
        None => Piece::Code(kind.to_owned()),
    }
}

/// A type as code.
pub(crate) fn type_text(ty: &Type) -> Text {
    code(&ty.to_string())
}
