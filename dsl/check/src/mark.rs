//! `@deprecated("use …")` and its like: lines above a definition that mark it.

use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::unknown_mark;
use crate::near::nearest;
use crate::source::Sources;
use crate::{FileId, Library};
use suho_syntax::ast::{Annotation, Block, ExprKind, Span, Stmt, StmtKind, TextPart};

/// On its way out, with what to use instead.
const DEPRECATED: &str = "deprecated";
/// The marks that there are; the last two are the library's own.
const MARKS: [&str; 3] = [DEPRECATED, "controller", "within"];

/// Enters what is marked deprecated into `library`; tells of marks that mean nothing.
pub(crate) fn read(sources: &Sources, library: &mut Library) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (file, source) in sources.iter() {
        let is_library = source.module.is_some();
        for stmt in &source.tree.items {
            marks(stmt, file, is_library, library, &mut found);
        }
    }
    found
}

fn marks(
    stmt: &Stmt,
    file: FileId,
    is_library: bool,
    library: &mut Library,
    found: &mut Vec<Diagnostic>,
) {
    for mark in &stmt.annotations {
        let Some(span) = span(mark) else { continue };
        let at = At::new(file, span);
        let word = mark.path.iter().map(|part| &*part.node).collect::<Vec<_>>().join(".");
        let kind = match &stmt.kind {
            StmtKind::Definition(definition) => match &*definition.keyword.node {
                "step" | "resource" => Some(&*definition.name.node),
                _ => None,
            },
            _ => None,
        };
        match (&*word, kind) {
            (DEPRECATED, Some(kind)) => {
                if let Some(text) = instead(mark) {
                    library.deprecated.insert(kind.to_owned(), text);
                } else {
                    let place = "says what to use instead: `@deprecated(\"use `x`\")`";
                    found.push(unknown_mark::misplaced(at, &word, place));
                }
            }
            ("controller" | "within", Some(_)) if is_library => {}
            (DEPRECATED, None) => {
                let place = "stands above a step or a resource";
                found.push(unknown_mark::misplaced(at, &word, place));
            }
            ("controller" | "within", _) => {
                let place = "stands above steps of the library alone";
                found.push(unknown_mark::misplaced(at, &word, place));
            }
            _ => found.push(unknown_mark::new(at, &word, nearest(&word, MARKS))),
        }
    }
    for inner in body(stmt).iter().flat_map(|body| &body.items) {
        marks(inner, file, is_library, library, found);
    }
}

fn body(stmt: &Stmt) -> Option<&Block> {
    match &stmt.kind {
        StmtKind::Instance(instance) => Some(&instance.body),
        StmtKind::Definition(definition) => definition.body.as_ref(),
        _ => None,
    }
}

/// The word of the mark, without its `@`.
fn span(mark: &Annotation) -> Option<Span> {
    let (first, last) = (mark.path.first()?, mark.path.last()?);
    Some(Span { start: first.span.start, end: last.span.end })
}

/// The only argument, a text in which nothing is put in.
fn instead(mark: &Annotation) -> Option<String> {
    let [only] = mark.args.as_slice() else { return None };
    match &only.value.kind {
        ExprKind::Text(parts) => match parts.as_slice() {
            [TextPart::Text(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
