//! The checker's diagnostics as editors show them, and the ways out of them as code actions.

use crate::snapshot::Snapshot;
use crate::url::Addresses;
use lsp_types::{
    CodeAction, CodeActionKind, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    Location, NumberOrString, Range, TextEdit, Url, WorkspaceEdit,
};
use std::collections::BTreeMap;
use suho_check::{FileId, Help, Severity};
use suho_syntax::ast::Span;

/// What is wrong in `file`, in the order of the places.
pub fn diagnostics(snapshot: &Snapshot, file: FileId, addresses: Addresses) -> Vec<Diagnostic> {
    let found = snapshot.checked().diagnostics.iter().filter(|found| found.file == file);
    found.filter_map(|found| diagnostic(snapshot, found, addresses)).collect()
}

fn diagnostic(
    snapshot: &Snapshot,
    found: &suho_check::Diagnostic,
    addresses: Addresses,
) -> Option<Diagnostic> {
    let text = snapshot.source(found.file)?.text();
    let severity = match found.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
    };
    let mut message = found.message.clone();
    if !found.label.is_empty() {
        message = format!("{message}: {}", found.label);
    }
    for help in &found.help {
        message = format!("{message}\nhelp: {}", help.message);
    }
    let related = found.notes.iter().filter_map(|(file, span, words)| {
        let source = snapshot.source(*file)?;
        let uri = addresses.of(snapshot, source)?;
        let location = Location { uri, range: source.text().range(*span) };
        Some(DiagnosticRelatedInformation { location, message: words.clone() })
    });
    let related: Vec<_> = related.collect();
    Some(Diagnostic {
        range: text.range(found.span),
        severity: Some(severity),
        code: Some(NumberOrString::String(found.code.to_owned())),
        source: Some("suho".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    })
}

/// The ways out of what is wrong in `range` of `file` that can be typed in.
pub fn actions(
    snapshot: &Snapshot,
    file: FileId,
    range: Range,
    addresses: Addresses,
) -> Vec<CodeAction> {
    let Some(source) = snapshot.source(file) else { return Vec::new() };
    let Some(uri) = addresses.of(snapshot, source) else { return Vec::new() };
    let asked = source.text().span(range);
    let touches = |span: Span| span.start <= asked.end && asked.start <= span.end;
    let found = snapshot.checked().diagnostics.iter().filter(|it| it.file == file);
    let mut actions = Vec::new();
    for found in found.filter(|found| touches(found.span)) {
        let shown = diagnostic(snapshot, found, addresses);
        let fixes = found.help.iter().filter(|help| !help.edits.is_empty());
        for (at, help) in fixes.enumerate() {
            let edits = edits(snapshot, file, help);
            let changes = BTreeMap::from([(uri.clone(), edits)]);
            actions.push(action(help, changes, shown.clone(), at == 0));
        }
    }
    actions
}

fn edits(snapshot: &Snapshot, file: FileId, help: &Help) -> Vec<TextEdit> {
    let Some(source) = snapshot.source(file) else { return Vec::new() };
    let edit = |edit: &suho_check::Edit| TextEdit {
        range: source.text().range(edit.span),
        new_text: edit.text.clone(),
    };
    help.edits.iter().map(edit).collect()
}

fn action(
    help: &Help,
    changes: BTreeMap<Url, Vec<TextEdit>>,
    shown: Option<Diagnostic>,
    is_first: bool,
) -> CodeAction {
    let changes = Some(changes.into_iter().collect());
    CodeAction {
        title: help.message.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: shown.map(|shown| vec![shown]),
        edit: Some(WorkspaceEdit { changes, ..WorkspaceEdit::default() }),
        is_preferred: is_first.then_some(true),
        ..CodeAction::default()
    }
}
