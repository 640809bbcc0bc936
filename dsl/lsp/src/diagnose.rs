//! The checker's diagnostics as editors show them, and the ways out of them as code actions.

use crate::layout::difference;
use crate::snapshot::Snapshot;
use crate::url::Addresses;
use lsp_types::{
    CodeAction, CodeActionKind, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    Location, NumberOrString, Range, TextEdit, Url, WorkspaceEdit,
};
use std::collections::BTreeMap;
use suho_check::{FileId, Help, Severity, World};
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

/// Everything in `file` that has one way out which can be typed, mended at once, as by
/// `suho check --fix`; none where there is nothing of the kind.
pub fn fix_all(snapshot: &Snapshot, file: FileId, addresses: Addresses) -> Option<CodeAction> {
    let source = snapshot.source(file).filter(|source| !source.is_library())?;
    let uri = addresses.of(snapshot, source)?;
    let entry = [(source.name().to_owned(), source.text().as_str().to_owned())];
    let fixed = suho_check::fix(&entry, &AsShown(snapshot));
    let (_, text) = fixed.files.into_iter().next()?;
    let edits = difference(source.text(), &text);
    if edits.is_empty() {
        return None;
    }
    let changes = Some([(uri, edits)].into_iter().collect());
    Some(CodeAction {
        title: "mend what has one way out".to_owned(),
        kind: Some(CodeActionKind::SOURCE_FIX_ALL),
        edit: Some(WorkspaceEdit { changes, ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
}

/// The files as the editor shows them.
struct AsShown<'s>(&'s Snapshot);

impl World for AsShown<'_> {
    fn prelude(&self) -> Vec<(String, String)> {
        let library = self.0.sources().filter(|(_, source)| source.is_library());
        let named = library.filter_map(|(_, source)| {
            let name = source.name().strip_prefix("std/")?;
            Some((name.to_owned(), source.text().as_str().to_owned()))
        });
        named.collect()
    }

    fn read(&self, from: &str, path: &str) -> Result<(String, String), String> {
        let name = crate::snapshot::inside(from, path);
        let file = name.as_ref().and_then(|name| self.0.file(name));
        match (name, file.and_then(|file| self.0.source(file))) {
            (Some(name), Some(source)) => Ok((name, source.text().as_str().to_owned())),
            _ => Err("there is no such file".to_owned()),
        }
    }

    fn features(&self) -> Option<Vec<String>> {
        (!self.0.features().is_empty()).then(|| self.0.features().to_vec())
    }
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
