//! What a file holds: document symbols, workspace symbols, what can be folded, and the lenses above
//! pipelines. All from the tree.

use crate::snapshot::{Snapshot, Source};
use crate::url::Addresses;
use lsp_types::{
    CodeLens, Command, DocumentSymbol, FoldingRange, FoldingRangeKind, Location, SymbolInformation,
    SymbolKind,
};
use suho_check::FileId;
use suho_syntax::ast::{
    Binding, Block, Expr, ExprKind, Instance, Rule, Span, Spanned, Stmt, StmtKind,
};

/// Symbols that a search over the project answers at most.
const SYMBOLS_MAX: usize = 500;

/// What a file gives, blocks with what stands in them.
pub fn document_symbols(snapshot: &Snapshot, file: FileId) -> Vec<DocumentSymbol> {
    let Some(source) = snapshot.source(file) else { return Vec::new() };
    snapshot.statements(file).iter().filter_map(|stmt| symbol(source, stmt)).collect()
}

/// A statement as a symbol: its name, what it is, its name's place, what stands in it.
struct Shape<'s> {
    name: String,
    detail: String,
    kind: SymbolKind,
    place: Span,
    inside: Option<&'s Block>,
}

fn shape(stmt: &Stmt) -> Option<Shape<'_>> {
    let of = |name: &Spanned<String>, detail: &str, kind| Shape {
        name: name.node.clone(),
        detail: detail.to_owned(),
        kind,
        place: name.span,
        inside: None,
    };
    match &stmt.kind {
        StmtKind::Instance(instance) => instance_shape(instance),
        StmtKind::Definition(definition) => {
            let kind = match &*definition.keyword.node {
                "enum" => SymbolKind::ENUM,
                "metric" => SymbolKind::EVENT,
                "step" => SymbolKind::FUNCTION,
                _ => SymbolKind::STRUCT,
            };
            let shape = of(&definition.name, &definition.keyword.node, kind);
            Some(Shape { inside: definition.body.as_ref(), ..shape })
        }
        StmtKind::Binding { keyword, name, .. } => {
            let word = match keyword {
                Binding::Let => "let",
                Binding::Param => "param",
                Binding::Secret => "secret",
            };
            Some(of(name, word, SymbolKind::CONSTANT))
        }
        StmtKind::Port { name, .. } => Some(of(name, "", SymbolKind::FIELD)),
        _ => None,
    }
}

fn instance_shape(instance: &Instance) -> Option<Shape<'_>> {
    let kind = instance.kind.first()?;
    let symbol = match &*kind.node {
        "pipeline" => SymbolKind::CLASS,
        "project" | "env" => SymbolKind::NAMESPACE,
        "model" | "features" | "costs" | "channel" => SymbolKind::OBJECT,
        "on" | "trigger" => SymbolKind::EVENT,
        _ => SymbolKind::METHOD,
    };
    let name = instance.name.as_ref().unwrap_or(kind);
    Some(Shape {
        name: name.node.clone(),
        detail: kind.node.clone(),
        kind: symbol,
        place: name.span,
        inside: Some(&instance.body),
    })
}

fn symbol(source: &Source, stmt: &Stmt) -> Option<DocumentSymbol> {
    let Shape { name, detail, kind, place, inside } = shape(stmt)?;
    let children = inside.into_iter().flat_map(|body| &body.items);
    let children: Vec<_> = children.filter_map(|stmt| symbol(source, stmt)).collect();
    // Editors refuse an empty name.
    let name = if name.is_empty() { detail.clone() } else { name };
    #[expect(deprecated, reason = "the field must be set to build the protocol's type")]
    Some(DocumentSymbol {
        name,
        detail: (!detail.is_empty()).then_some(detail),
        kind,
        tags: None,
        deprecated: None,
        range: source.text().range(stmt.span),
        selection_range: source.text().range(place),
        children: (!children.is_empty()).then_some(children),
    })
}

/// Everything in the project whose name holds the letters of `query` in their order.
pub fn workspace_symbols(
    snapshot: &Snapshot,
    query: &str,
    addresses: Addresses,
) -> Vec<SymbolInformation> {
    let mut found = Vec::new();
    for (file, source) in snapshot.sources().filter(|(_, source)| !source.is_library()) {
        let Some(uri) = addresses.of(snapshot, source) else { continue };
        let mut open: Vec<(&Stmt, Option<String>)> =
            snapshot.statements(file).iter().rev().map(|stmt| (stmt, None)).collect();
        while let Some((stmt, within)) = open.pop() {
            let Some(Shape { name, kind, place, inside, .. }) = shape(stmt) else { continue };
            let below = inside.into_iter().flat_map(|body| body.items.iter().rev());
            open.extend(below.map(|stmt| (stmt, Some(name.clone()))));
            if found.len() >= SYMBOLS_MAX || !holds(&name, query) {
                continue;
            }
            let location = Location { uri: uri.clone(), range: source.text().range(place) };
            #[expect(deprecated, reason = "the field must be set to build the protocol's type")]
            let symbol = SymbolInformation {
                name,
                kind,
                tags: None,
                deprecated: None,
                location,
                container_name: within,
            };
            found.push(symbol);
        }
    }
    found
}

/// Whether `name` holds the letters of `query` in their order, whatever their case.
fn holds(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|it| it == wanted))
}

// ---- folding

/// What can be folded: blocks, brackets over several lines, runs of comments and of `use`.
pub fn folding(snapshot: &Snapshot, file: FileId) -> Vec<FoldingRange> {
    let Some(source) = snapshot.source(file) else { return Vec::new() };
    let mut spans = Vec::new();
    for stmt in snapshot.statements(file) {
        fold(stmt, &mut spans);
    }
    let mut ranges: Vec<FoldingRange> = spans
        .into_iter()
        .filter_map(|span| {
            let range = source.text().range(span);
            // The line of the closing bracket stays in sight.
            let end = range.end.line.checked_sub(1)?;
            (range.start.line < end).then(|| lines(range.start.line, end, None))
        })
        .collect();
    ranges.extend(runs(source));
    ranges.sort_by_key(|range| (range.start_line, range.end_line));
    ranges.dedup_by_key(|range| range.start_line);
    ranges
}

fn lines(start_line: u32, end_line: u32, kind: Option<FoldingRangeKind>) -> FoldingRange {
    FoldingRange { start_line, end_line, kind, ..FoldingRange::default() }
}

fn fold(stmt: &Stmt, spans: &mut Vec<Span>) {
    let mut body = |body: &Block| {
        spans.push(body.span);
        for stmt in &body.items {
            fold(stmt, spans);
        }
    };
    match &stmt.kind {
        StmtKind::Instance(instance) => body(&instance.body),
        StmtKind::Definition(definition) => match &definition.body {
            Some(block) => body(block),
            None => spans.push(stmt.span),
        },
        StmtKind::Rule(Rule { body: Some(block), .. }) => body(block),
        StmtKind::Attribute { value, .. } | StmtKind::Binding { value: Some(value), .. } => {
            fold_value(value, spans);
        }
        _ => {}
    }
}

fn fold_value(value: &Expr, spans: &mut Vec<Span>) {
    let inside: Vec<&Expr> = match &value.kind {
        ExprKind::Call(_, args) => args.iter().map(|arg| &arg.value).collect(),
        ExprKind::List(items) => items.iter().collect(),
        ExprKind::Record(fields) | ExprKind::With(_, fields) => {
            fields.iter().map(|field| &field.value).collect()
        }
        ExprKind::RawText(_) => Vec::new(),
        _ => return,
    };
    for value in inside {
        fold_value(value, spans);
    }
    spans.push(value.span);
}

/// Lines in a row that are all comments, or all `use`.
fn runs(source: &Source) -> Vec<FoldingRange> {
    let kind = |line: &str| {
        let line = line.trim_start();
        let is_use = line.starts_with("use ");
        if line.starts_with("//") {
            Some(FoldingRangeKind::Comment)
        } else {
            is_use.then_some(FoldingRangeKind::Imports)
        }
    };
    let kinds: Vec<_> = source.text().as_str().lines().map(kind).collect();
    let mut ranges = Vec::new();
    let mut start = 0_u32;
    for run in kinds.chunk_by(|a, b| a == b) {
        let length = u32::try_from(run.len()).unwrap_or(u32::MAX);
        let end = start.saturating_add(length);
        if let (Some(Some(kind)), true) = (run.first(), length > 1) {
            ranges.push(lines(start, end - 1, Some(kind.clone())));
        }
        start = end;
    }
    ranges
}

// ---- lenses

/// What can be done with what `file` holds, above its name: `plan` and `rehearse` a pipeline, `plan` a
/// matrix, `test` a test.
///
/// The editor carries out `suho.plan` and `suho.rehearse` with `FILE:NAME`, and `suho.test` with the
/// file and the test's name; the paths are absolute.
pub fn lenses(snapshot: &Snapshot, file: FileId) -> Vec<CodeLens> {
    let Some(source) = snapshot.source(file) else { return Vec::new() };
    let path = snapshot.root().join(source.name()).display().to_string();
    let lens = |name: &Spanned<String>, word: &str| {
        let arguments = match word {
            "test" => vec![path.clone().into(), name.node.clone().into()],
            _ => vec![format!("{path}:{}", name.node).into()],
        };
        let (title, command) = (word.to_owned(), format!("suho.{word}"));
        let command = Some(Command { title, command, arguments: Some(arguments) });
        CodeLens { range: source.text().range(name.span), command, data: None }
    };
    let mut lenses = Vec::new();
    for stmt in snapshot.statements(file) {
        let StmtKind::Instance(instance) = &stmt.kind else { continue };
        let (Some(kind), Some(name)) = (instance.kind.first(), &instance.name) else { continue };
        let words: &[&str] = match kind.node.as_str() {
            "pipeline" => &["plan", "rehearse"],
            "matrix" => &["plan"],
            "test" => &["test"],
            _ => &[],
        };
        lenses.extend(words.iter().map(|word| lens(name, word)));
    }
    lenses
}

#[cfg(test)]
mod tests;
