//! What is offered, for each kind of place.

use super::Insert;
use crate::describe::{Description, called, describe, describe_port, kind_doc, verb_doc};
use crate::index::doc_at;
use crate::index::known::{FUNCTIONS, OF_TESTS};
use crate::snapshot::{Snapshot, Source};
use lsp_types::{
    CompletionItem, CompletionItemKind as Kind, CompletionTextEdit, Documentation,
    InsertTextFormat, MarkupContent, MarkupKind, TextEdit,
};
use suho_check::program::Verb;
use suho_check::{
    Block, FileId, InSight, Library, Meaning, Port, Type, Wanted, fields_of, outputs_of, ports_of,
};
use suho_domain::{Name, Stage};
use suho_syntax::ast::Span;

/// Statements outside of blocks that are no blocks: each with what it is for.
const TOP_WORDS: [(&str, &str); 4] = [
    ("use", "Takes names from another file, or a part of the library."),
    ("let", "Names a value."),
    ("secret", "Names a secret."),
    ("edition", "The edition of the language; the first statement of a file."),
];
/// What can go wrong with a run.
const EVENTS: [&str; 3] = ["rollback", "failure", "cancel"];

/// What could stand where `wanted` is.
pub(crate) fn of(snapshot: &Snapshot, wanted: &Wanted, insert: Insert) -> Vec<CompletionItem> {
    let library = &snapshot.checked().library;
    match wanted {
        Wanted::Statement(block) => statements(snapshot, block, insert),
        Wanted::Kind(within) => kinds(snapshot, within.as_deref(), Insert::Plain),
        Wanted::Value { expected, names, arguments } => {
            let mut items: Vec<CompletionItem> = arguments
                .iter()
                .map(|(port, _)| port_item(port, &format!("{}: ", port.name), "0"))
                .collect();
            items.extend(values(snapshot, expected, names, insert));
            items
        }
        Wanted::Field(of) => fields_of(library, of)
            .iter()
            .map(|(port, _)| port_item(port, &port.name, "0"))
            .collect(),
        Wanted::Choice(of) => choices(library, of, Insert::Plain),
        Wanted::Type => types(library),
        Wanted::Module => modules(snapshot, ""),
        Wanted::Word(words) => {
            words.iter().map(|word| item(word, Kind::FIELD, None, "0")).collect()
        }
        Wanted::Imported(from) => from.map(|from| imported(snapshot, from)).unwrap_or_default(),
    }
}

/// An item with its description.
fn item(label: &str, kind: Kind, described: Option<Description>, rank: &str) -> CompletionItem {
    let described = described.unwrap_or_default();
    let paragraphs: Vec<String> = described.doc.into_iter().chain(described.facts).collect();
    let documentation = (!paragraphs.is_empty()).then(|| {
        let value = paragraphs.join("\n\n");
        Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
    });
    let line = described.line.lines().next().unwrap_or_default().to_owned();
    CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        detail: (!line.is_empty()).then_some(line),
        documentation,
        sort_text: Some(format!("{rank}{label}")),
        ..CompletionItem::default()
    }
}

fn snippet(item: CompletionItem, text: String, insert: Insert) -> CompletionItem {
    match insert {
        Insert::Plain => item,
        Insert::Snippet => CompletionItem {
            insert_text: Some(text),
            insert_text_format: Some(InsertTextFormat::SNIPPET),
            ..item
        },
    }
}

fn port_item(port: &Port, written: &str, rank: &str) -> CompletionItem {
    let kind = Kind::FIELD;
    CompletionItem {
        insert_text: (written != port.name).then(|| written.to_owned()),
        ..item(&port.name, kind, Some(describe_port(port, "")), rank)
    }
}

// ---- statements

/// Attributes that are not set yet, those that must be first; then rules, then blocks.
fn statements(snapshot: &Snapshot, block: &Block, insert: Insert) -> Vec<CompletionItem> {
    let library = &snapshot.checked().library;
    let before = if block.before.is_empty() { String::new() } else { format!("{}.", block.before) };
    let open = block.takes.iter().filter(|(port, _)| !block.has.contains(&port.name));
    let mut items: Vec<CompletionItem> = open
        .filter_map(|(port, key)| {
            let name = port.name.strip_prefix(&before)?;
            let rank = match (&port.default, key) {
                (None, _) => "0",
                (Some(_), Some(key)) if key.is_of_every_step() => "2",
                (Some(_), _) => "1",
            };
            let named = Port { name: name.to_owned(), ..port.clone() };
            Some(port_item(&named, &format!("{name} = "), rank))
        })
        .collect();
    let kind = block.kind.as_deref();
    if !before.is_empty() || block.is_value {
        return items;
    }
    items.extend(kind.into_iter().flat_map(|kind| verbs(library, kind)).map(|verb| {
        let has_when = matches!(verb, "rollback" | "hold" | "fire" | "resolve");
        let when = if has_when { " when " } else { " " };
        let described = Description {
            facts: verb_doc(verb).map(str::to_owned).into_iter().collect(),
            ..Description::default()
        };
        let written = format!("{verb}{when}");
        let item = item(verb, Kind::KEYWORD, Some(described), "1");
        CompletionItem { insert_text: Some(written), ..item }
    }));
    items.extend(kinds(snapshot, kind, insert));
    if kind.is_none() {
        items.extend(TOP_WORDS.iter().map(|(word, doc)| keyword(word, doc)));
    } else if kind == Some("pipeline") {
        items.push(keyword("let", "Names a value."));
    }
    items
}

/// What stands behind `on` in a pipeline.
pub(crate) fn events(insert: Insert) -> Vec<CompletionItem> {
    let doc = kind_doc("on").unwrap_or_default();
    let event = |event| snippet(keyword(event, doc), format!("{event} {{\n  $0\n}}"), insert);
    EVENTS.map(event).into()
}

/// What stands behind `@`.
pub(crate) fn marks(insert: Insert) -> Vec<CompletionItem> {
    let item = keyword("deprecated", "Above a step or a resource: what to use instead of it.");
    vec![snippet(item, "deprecated(\"use $0\")".to_owned(), insert)]
}

fn keyword(word: &str, doc: &str) -> CompletionItem {
    let described = Description { facts: vec![doc.to_owned()], ..Description::default() };
    item(word, Kind::KEYWORD, Some(described), "4")
}

/// The words that rules in a block of `kind` begin with.
fn verbs(library: &Library, kind: &str) -> Vec<&'static str> {
    if kind == "test" {
        return vec!["given", "expect", "invariant"];
    }
    let signature = library.steps.get(kind).or_else(|| library.watches.get(kind));
    let rules = signature.map(|signature| signature.rules.as_slice()).unwrap_or_default();
    let mut verbs: Vec<&str> = rules.iter().map(|verb| verb_word(*verb)).collect();
    if verbs.contains(&"fire") {
        verbs.push("resolve");
    }
    verbs
}

fn verb_word(verb: Verb) -> &'static str {
    match verb {
        Verb::Require => "require",
        Verb::Rollback => "rollback",
        Verb::Hold => "hold",
        Verb::Compare => "compare",
        Verb::Fire => "fire",
    }
}

/// Blocks that may stand in a block of `within`, or outside of blocks.
fn kinds(snapshot: &Snapshot, within: Option<&str>, insert: Insert) -> Vec<CompletionItem> {
    let library = &snapshot.checked().library;
    let kinds: Vec<&str> = match within {
        None => top_kinds(library).collect(),
        Some("pipeline") => library.steps.keys().map(Name::as_str).collect(),
        Some("monitor") => library.watches.keys().map(Name::as_str).collect(),
        Some(_) => Vec::new(),
    };
    let mut items: Vec<CompletionItem> = kinds
        .into_iter()
        .map(|kind| {
            let described = describe(snapshot, &Meaning::Kind(kind.to_owned()), &Type::Unknown)
                .map(|described| Description { line: String::new(), ..described });
            let item = item(kind, Kind::CLASS, described, "3");
            snippet(item, template(library, kind), insert)
        })
        .collect();
    if within == Some("pipeline") {
        items.extend(EVENTS.map(|event| {
            let doc = kind_doc("on").unwrap_or_default();
            let label = format!("on {event}");
            let text = format!("{label} {{\n  $0\n}}");
            snippet(keyword(&label, doc), text, insert)
        }));
    }
    items
}

/// A block of `kind` with the attributes that it must have.
fn template(library: &Library, kind: &str) -> String {
    let ports = ports_of(library, kind);
    let needed = ports.iter().filter(|(port, _)| port.default.is_none());
    let needed: Vec<&str> = needed.map(|(port, _)| &*port.name).collect();
    let width = needed.iter().map(|name| name.len()).max().unwrap_or_default();
    let lines: String =
        (2..).zip(&needed).map(|(place, name)| format!("  {name:width$} = ${place}\n")).collect();
    let params = if kind == "pipeline" { "()" } else { "" };
    format!("{kind} ${{1:name}}{params} {{\n{lines}  $0\n}}")
}

// ---- values

/// Values in sight, those first that are of the type expected.
fn values(
    snapshot: &Snapshot,
    expected: &Type,
    names: &[InSight],
    insert: Insert,
) -> Vec<CompletionItem> {
    let library = &snapshot.checked().library;
    let mut items = Vec::new();
    if let Type::Enum(of) = expected.plain() {
        items.extend(choices(library, of, insert));
    }
    for constant in constants(expected) {
        items.push(item(constant, Kind::CONSTANT, None, "1"));
    }
    let runs = matches!(expected, Type::Run(_));
    for named in names {
        if runs && let Meaning::Pipeline(_) = named.meaning {
            let described = describe(snapshot, &named.meaning, &named.ty);
            let item = item(&named.name, Kind::FUNCTION, described, "0");
            items.push(snippet(item, format!("{}($0)", named.name), insert));
            continue;
        }
        if is_no_value(&named.meaning) {
            continue;
        }
        // A condition is made of metrics, which are none themselves.
        let is_measured = matches!(named.meaning, Meaning::Metric(_)) && *expected == Type::Bool;
        let rank = if is_measured || fits(&named.ty, expected) { "0" } else { "5" };
        let described = describe(snapshot, &named.meaning, &named.ty).map(|described| {
            let line = match &named.ty {
                Type::Unknown | Type::Fields(_) => described.line,
                ty => ty.to_string(),
            };
            let doc = named.given.and_then(|place| doc_at(snapshot, place)).or(described.doc);
            Description { line, doc, facts: Vec::new() }
        });
        items.push(item(&named.name, kind_of(&named.meaning), described, rank));
        items.extend(outputs(library, &named.name, &named.ty, expected));
    }
    items.extend(FUNCTIONS.map(|function| function_item(function, "6", insert)));
    if names.iter().any(|named| named.meaning == Meaning::Ambient("run".to_owned())) {
        items.extend(OF_TESTS.map(|function| function_item(function, "6", insert)));
    }
    items
}

fn function_item(
    (name, line, doc): (&str, &str, &str),
    rank: &str,
    insert: Insert,
) -> CompletionItem {
    let described = Description { line: line.to_owned(), doc: None, facts: vec![doc.to_owned()] };
    let item = item(name, Kind::FUNCTION, Some(described), rank);
    snippet(item, format!("{name}($0)"), insert)
}

/// The outputs of a step that are just what is expected: `candidate.model`.
fn outputs(library: &Library, name: &str, ty: &Type, expected: &Type) -> Vec<CompletionItem> {
    let Type::Outputs(kind) = ty else { return Vec::new() };
    let is_telling = matches!(
        expected.plain(),
        Type::Model(_) | Type::Dataset(_) | Type::Range(_) | Type::Artifact | Type::Record(_)
    );
    if !is_telling {
        return Vec::new();
    }
    let outputs = outputs_of(library, kind.as_str());
    let fitting = outputs.iter().filter(|(port, _)| fits(&port.ty, expected));
    fitting
        .map(|(port, _)| {
            let described = Description { line: port.ty.to_string(), ..describe_port(port, "") };
            item(&format!("{name}.{}", port.name), Kind::FIELD, Some(described), "0")
        })
        .collect()
}

/// Whether a value of type `ty` can stand where `expected` is.
fn fits(ty: &Type, expected: &Type) -> bool {
    match (ty, expected) {
        (Type::Unknown, _) => false,
        (_, Type::Unknown) => true,
        (Type::Optional(of), Type::Optional(expected)) => fits(of, expected),
        (ty, Type::Optional(expected)) => fits(ty, expected),
        (Type::Int, Type::Float) | (Type::Int | Type::Ratio, Type::Form(_)) => {
            !matches!(expected, Type::Form(form) if form != "Share")
        }
        (Type::Record(set), Type::List(of)) => {
            // A named list of features stands for its columns.
            set == "FeatureSet" && **of == Type::Form("Column".to_owned())
        }
        (ty, expected) => ty == expected,
    }
}

fn constants(expected: &Type) -> &'static [&'static str] {
    match expected {
        Type::Bool => &["true", "false"],
        Type::Optional(of) if **of == Type::Bool => &["none", "true", "false"],
        Type::Optional(_) => &["none"],
        _ => &[],
    }
}

fn is_no_value(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Pipeline(_) | Meaning::Kind(_) | Meaning::Type(_))
}

fn kind_of(meaning: &Meaning) -> Kind {
    match meaning {
        Meaning::Metric(_) => Kind::EVENT,
        Meaning::Port(_) => Kind::FIELD,
        Meaning::Resource(_) | Meaning::Secret => Kind::CONSTANT,
        _ => Kind::VARIABLE,
    }
}

fn choices(library: &Library, of: &str, insert: Insert) -> Vec<CompletionItem> {
    let choices = library.enums.get(of).into_iter().flatten();
    choices
        .map(|choice| {
            let described = Description {
                line: called(&choice.name, &choice.fields),
                doc: choice.doc.clone(),
                facts: Vec::new(),
            };
            let item = item(&choice.name, Kind::ENUM_MEMBER, Some(described), "0");
            if choice.fields.is_empty() {
                return item;
            }
            let needed = choice.fields.iter().filter(|field| field.default.is_none());
            let args: Vec<String> = (1..)
                .zip(needed)
                .map(|(place, field)| format!("{}: ${place}", field.name))
                .collect();
            snippet(item, format!("{}({}$0)", choice.name, args.join(", ")), insert)
        })
        .collect()
}

// ---- names of other places

fn types(library: &Library) -> Vec<CompletionItem> {
    let stages = Stage::ALL.iter().map(|stage| item(stage.word(), Kind::ENUM_MEMBER, None, "1"));
    suho_check::types(library).map(|ty| item(ty, Kind::STRUCT, None, "0")).chain(stages).collect()
}

/// The parts of the library, each with `before` in front of it.
pub(crate) fn modules(snapshot: &Snapshot, before: &str) -> Vec<CompletionItem> {
    let library = snapshot.sources().filter(|(_, source)| source.is_library());
    library
        .filter_map(|(_, source)| {
            let part = source.name().strip_prefix("std/")?.strip_suffix(".suho")?;
            Some(item(&format!("{before}{part}"), Kind::MODULE, None, "0"))
        })
        .collect()
}

/// The kinds that stand outside of blocks and are no resources.
const TOP: [&str; 7] = ["project", "pipeline", "env", "monitor", "trigger", "matrix", "test"];

/// The kinds of blocks that stand outside of others.
fn top_kinds(library: &Library) -> impl Iterator<Item = &str> {
    TOP.into_iter().chain(library.resources.keys().map(Name::as_str))
}

/// The names that a file gives.
fn imported(snapshot: &Snapshot, from: FileId) -> Vec<CompletionItem> {
    let own = snapshot.reading().given_by(from);
    own.iter()
        .map(|named| {
            let described = describe(snapshot, &named.meaning, &named.ty);
            let own = named.given.and_then(|place| doc_at(snapshot, place));
            let described = described.map(|described| Description {
                doc: own.or_else(|| described.doc.clone()),
                ..described
            });
            item(&named.name, kind_of(&named.meaning), described, "0")
        })
        .collect()
}

/// The other files of the project, as `source` would name them.
pub(crate) fn files(snapshot: &Snapshot, source: &Source, inside: Span) -> Vec<CompletionItem> {
    let others = snapshot.sources().filter(|(_, other)| !other.is_library());
    others
        .filter(|(_, other)| other.name() != source.name())
        .map(|(_, other)| {
            text_item(&relative(source.name(), other.name()), Kind::FILE, source, inside)
        })
        .collect()
}

/// The features of the catalogue.
pub(crate) fn features(snapshot: &Snapshot, source: &Source, inside: Span) -> Vec<CompletionItem> {
    let features = snapshot.features().iter();
    features.map(|feature| text_item(feature, Kind::VALUE, source, inside)).collect()
}

/// A text that takes the place of all that stands in its quotes.
fn text_item(text: &str, kind: Kind, source: &Source, inside: Span) -> CompletionItem {
    let range = source.text().range(inside);
    CompletionItem {
        filter_text: Some(text.to_owned()),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: text.to_owned() })),
        ..item(text, kind, None, "0")
    }
}

/// The path from the file `from` to the file `to`.
fn relative(from: &str, to: &str) -> String {
    let folder: Vec<&str> = from.split('/').rev().skip(1).collect();
    let folder: Vec<&str> = folder.into_iter().rev().collect();
    let target: Vec<&str> = to.split('/').collect();
    let same = folder.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let up = folder.len() - same;
    let start = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    let rest: Vec<&str> = target.into_iter().skip(same).collect();
    format!("{start}{}", rest.join("/"))
}
