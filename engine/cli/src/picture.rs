//! Diagnostics as pictures for people and as JSON for programs.

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use serde_json::{Value as Json, json};
use suho_check::{Diagnostic, Severity};

/// The files that diagnostics speak of: name and text, by their ids.
pub(crate) type Sources = [(String, String)];

/// Every diagnostic drawn in its source, with the ways out of it.
pub(crate) fn draw(diagnostics: &[Diagnostic], sources: &Sources, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Always => Renderer::styled(),
        Colour::Never => Renderer::plain(),
    };
    let pictures = diagnostics.iter().filter_map(|diagnostic| {
        let groups = groups(diagnostic, sources)?;
        Some(renderer.render(&groups))
    });
    pictures.map(|picture| format!("{picture}\n\n")).collect()
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Colour {
    Always,
    Never,
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Option<Vec<Group<'a>>> {
    let (path, text) = sources.get(diagnostic.file.0)?;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let snippet = |path: &'a str, text: &'a str| Snippet::source(text).path(path);
    let primary = AnnotationKind::Primary.span(diagnostic.span.start..diagnostic.span.end);
    let mut main = snippet(path, text).annotation(primary.label(diagnostic.label.as_str()));
    let mut elsewhere = Vec::new();
    for (file, span, words) in &diagnostic.notes {
        let context = AnnotationKind::Context.span(span.start..span.end).label(words.as_str());
        if *file == diagnostic.file {
            main = main.annotation(context);
        } else if let Some((path, text)) = sources.get(file.0) {
            elsewhere.push(snippet(path, text).annotation(context));
        }
    }
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut groups = vec![elsewhere.into_iter().fold(title.element(main), Group::element)];
    for help in &diagnostic.help {
        let title = Level::HELP.secondary_title(help.message.as_str());
        groups.push(if help.edits.is_empty() {
            Group::with_title(title)
        } else {
            let patches = help.edits.iter();
            let patches =
                patches.map(|edit| Patch::new(edit.span.start..edit.span.end, edit.text.as_str()));
            let patched = Snippet::source(text.as_str()).path(path.as_str());
            title.element(patched.patches(patches))
        });
    }
    Some(groups)
}

/// The shape that `suho check -o json` answers with.
pub(crate) fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Json {
    let each = |diagnostic: &Diagnostic| {
        let (file, text) = sources.get(diagnostic.file.0).cloned().unwrap_or_default();
        let place = |offset: usize| {
            let (line, column) = suho_syntax::line_column(&text, offset);
            json!({ "line": line, "column": column })
        };
        let edit = |edit: &suho_check::Edit| json!({ "start": place(edit.span.start), "end": place(edit.span.end), "text": edit.text });
        let help = |help: &suho_check::Help| json!({ "message": help.message, "edits": help.edits.iter().map(edit).collect::<Vec<_>>() });
        json!({
            "code": diagnostic.code,
            "severity": match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            "message": diagnostic.message,
            "file": file,
            "start": place(diagnostic.span.start),
            "end": place(diagnostic.span.end),
            "help": diagnostic.help.iter().map(help).collect::<Vec<_>>(),
        })
    };
    json!({ "version": 1, "diagnostics": diagnostics.iter().map(each).collect::<Vec<_>>() })
}
