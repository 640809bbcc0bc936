//! What nobody uses: models that a step let pass, names that are given or taken for nothing.

use super::view::{Pipeline, Step};
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{unused_name, unused_output};
use crate::source::{Source, Sources};
use crate::{FileId, Type};
use suho_domain::Stage;
use suho_syntax::ast::{Binding, Span, StmtKind, Use, UseName};

/// Tells of steps whose model nobody takes, while another step takes one that is as far.
pub(super) fn outputs(pipeline: &Pipeline<'_>, found: &mut Vec<Diagnostic>) {
    for step in &pipeline.steps {
        let Some(stage) = made(step).filter(|stage| rank(*stage) > rank(Stage::Trained)) else {
            continue;
        };
        let name = &step.program.name;
        if pipeline.steps.iter().any(|other| other.program.needs.contains(name)) {
            continue;
        }
        let other = pipeline.steps.iter().find(|other| taken(other) == Some(stage));
        if let Some(other) = other {
            let at = pipeline.attribute(other.body, "model").unwrap_or(other.at);
            found.push(unused_output::new(step.at, name.as_str(), stage, at));
        }
    }
}

/// The stage of the model that a step makes; production is where every way ends.
fn made(step: &Step<'_>) -> Option<Stage> {
    step.signature.outputs.iter().find_map(|port| match port.ty {
        Type::Model(stage) if stage != Stage::Production => Some(stage),
        _ => None,
    })
}

/// The stage of the model that a step is given.
fn taken(step: &Step<'_>) -> Option<Stage> {
    step.signature.inputs.iter().find_map(|port| match port.ty {
        Type::Model(stage) if port.name == "model" => Some(stage),
        _ => None,
    })
}

fn rank(stage: Stage) -> Option<usize> {
    Stage::ALL.iter().position(|each| *each == stage)
}

/// Tells of `let`s of a pipeline that nothing in it speaks of.
pub(super) fn lets(pipeline: &Pipeline<'_>, sources: &Sources, found: &mut Vec<Diagnostic>) {
    let Some(source) = sources.get(pipeline.file) else { return };
    for stmt in &pipeline.body.items {
        let StmtKind::Binding { keyword: Binding::Let, name, .. } = &stmt.kind else { continue };
        if !speaks(&source.text, pipeline.body.span, stmt.span, &name.node) {
            let at = At::new(pipeline.file, name.span);
            found.push(unused_name::given(at, &name.node, line(&source.text, stmt.span)));
        }
    }
}

/// Tells of names that a file takes from others and does not speak of.
pub(super) fn uses(file: FileId, source: &Source, found: &mut Vec<Diagnostic>) {
    if source.module.is_some() {
        return;
    }
    let whole = Span { start: 0, end: source.text.len() };
    for stmt in &source.tree.items {
        let StmtKind::Use(Use { names, .. }) = &stmt.kind else { continue };
        let here = |name: &UseName| name.alias.as_ref().unwrap_or(&name.name).clone();
        let is_used = |name: &&UseName| speaks(&source.text, whole, stmt.span, &here(name).node);
        let unused: Vec<&UseName> = names.iter().filter(|name| !is_used(name)).collect();
        for name in &unused {
            let given = here(name);
            let gone = if unused.len() == names.len() {
                line(&source.text, stmt.span)
            } else {
                element(&source.text, names, name)
            };
            found.push(unused_name::taken(At::new(file, given.span), &given.node, gone));
        }
    }
}

/// Whether the word `name` stands within `whole` and outside `apart`. In a comment counts too: who
/// speaks of it there may want it.
fn speaks(text: &str, whole: Span, apart: Span, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let has = |start: usize, end: usize| {
        let part = text.get(start..end).unwrap_or_default();
        part.split(|c: char| !is_word(c)).any(|word| word == name)
    };
    has(whole.start, apart.start) || has(apart.end, whole.end)
}

/// The line of a statement that has it for itself; else the statement alone.
fn line(text: &str, stmt: Span) -> Span {
    let before = text.get(..stmt.start).unwrap_or_default();
    let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
    let rest = text.get(stmt.end..).unwrap_or_default();
    let after = rest.split_inclusive('\n').next().unwrap_or_default();
    let alone =
        before.get(..before.len() - blank).is_none_or(|it| it.is_empty() || it.ends_with('\n'));
    if alone && after.trim().is_empty() {
        Span { start: stmt.start - blank, end: stmt.end + after.len() }
    } else {
        stmt
    }
}

/// An element of a list of names, with the comma behind it, or before it where it is the last.
fn element(text: &str, names: &[UseName], name: &UseName) -> Span {
    let start = name.name.span.start;
    let end = name.alias.as_ref().map_or(name.name.span.end, |alias| alias.span.end);
    let place = names.iter().position(|each| each == name).unwrap_or_default();
    if let Some(next) = names.get(place + 1) {
        return Span { start, end: next.name.span.start };
    }
    let before = text.get(..start).unwrap_or_default();
    let trimmed = before.trim_end().trim_end_matches(',').trim_end();
    Span { start: trimmed.len(), end }
}
