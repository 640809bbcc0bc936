//! Completion: what could be written at the cursor, what fits best first.
//!
//! A word of ours is put where the cursor is and the text is read again; what the checker notes at
//! that word is what is wanted. Where the line is still open its brackets are closed first.

mod context;
mod items;
mod units;

use crate::snapshot::{Snapshot, Source};
use context::{Context, block_start, word};
use lsp_types::{CompletionItem, Position};
use suho_check::{FileId, Probe, Type, Wanted};
use suho_syntax::ast::Span;

/// A word that nobody writes.
const WORD: &str = "zq_here_zq";

/// How the editor takes what is offered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Insert {
    /// As plain text.
    Plain,
    /// As text with places to fill in.
    Snippet,
}

/// What could be written at `position` of `file`.
pub fn complete(
    snapshot: &Snapshot,
    file: FileId,
    position: Position,
    insert: Insert,
) -> Vec<CompletionItem> {
    let Some(source) = snapshot.source(file) else { return Vec::new() };
    let text = source.text().as_str();
    let at = source.text().offset(position);
    let context = Context::of(text, block_start(snapshot.statements(file), at), at);
    if context.is_comment || context.is_new_name(text, at) {
        return Vec::new();
    }
    if let Some(quote) = context.quote {
        return in_text(snapshot, file, source, quote, at);
    }
    let here = word(text, at);
    let before = text.get(line_start(text, here.start)..here.start).unwrap_or_default().trim();
    if before == "@" {
        return items::marks(insert);
    }
    let is_pipeline = context::kind_around(snapshot.statements(file), at) == Some("pipeline");
    if before == "on" && is_pipeline {
        return items::events(insert);
    }
    let typed = text.get(here.start..at).unwrap_or_default();
    if typed.starts_with(|c: char| c.is_ascii_digit()) {
        let here = Span { start: number(text, here.start), ..here };
        let expected = expected(snapshot, file, source, here, &context);
        let typed = Span { start: here.start, end: at };
        return units::after(source.text(), typed, expected.as_ref());
    }
    let Some(probe) = probe(snapshot, file, source, here, &context) else { return Vec::new() };
    match probe.wanted {
        Some(Wanted::Module) if before == "use" => items::modules(snapshot, "std."),
        Some(wanted) => items::of(snapshot, &wanted, insert),
        None => Vec::new(),
    }
}

/// Where the line of `at` begins.
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// What the checker notes at a word put in the place of `here`; none where nothing could stand there.
pub(crate) fn probe(
    snapshot: &Snapshot,
    file: FileId,
    source: &Source,
    here: Span,
    context: &Context,
) -> Option<Probe> {
    let text = source.text().as_str();
    // Only the statement around the cursor is read again, however large the file is.
    // What stands before the cursor on its line belongs to it, though it may be whole by itself.
    let line = Span { start: line_start(text, here.start), ..here };
    let around = context::statement(snapshot.statements(file), line, text.len());
    let before = text.get(around.start..here.start)?;
    let after = text.get(here.end..around.end)?;
    let (_, below) = after.split_once('\n').unwrap_or_default();
    // A string that is open at the cursor is not closed by more than its quote.
    let closers = context.closers.as_str();
    let closed = format!("{closers}\n{below}");
    let attempts = [
        [before, WORD, after].concat(),
        [before, WORD, " = 0", after].concat(),
        [before, WORD, &closed].concat(),
        [before, WORD, " = 0", &closed].concat(),
    ];
    attempts.iter().find_map(|attempt| {
        let tree = suho_syntax::parse(attempt).file;
        let program = &snapshot.checked().program;
        let probe = snapshot.reading().probe(program, file, &tree, before.len());
        probe.filter(|probe| probe.wanted.is_some() || !probe.calls.is_empty())
    })
}

/// What the checker notes at the cursor, for the calls that it stands in.
pub(crate) fn probe_at(snapshot: &Snapshot, file: FileId, position: Position) -> Option<Probe> {
    let source = snapshot.source(file)?;
    let text = source.text().as_str();
    let at = source.text().offset(position);
    let context = Context::of(text, block_start(snapshot.statements(file), at), at);
    if context.is_comment {
        return None;
    }
    let here = match context.quote {
        Some(quote) => string(text, quote, at),
        None => word(text, at),
    };
    let context = outside(&context);
    probe(snapshot, file, source, here, &context)
}

/// The type of which a value is expected in the place of `here`.
fn expected(
    snapshot: &Snapshot,
    file: FileId,
    source: &Source,
    here: Span,
    context: &Context,
) -> Option<Type> {
    match probe(snapshot, file, source, here, context)?.wanted? {
        Wanted::Value { expected, .. } => Some(expected),
        _ => None,
    }
}

/// In a string: paths of `use`, features where columns are expected.
fn in_text(
    snapshot: &Snapshot,
    file: FileId,
    source: &Source,
    quote: usize,
    at: usize,
) -> Vec<CompletionItem> {
    let text = source.text().as_str();
    let line = text.get(..quote).unwrap_or_default();
    let line = line.rsplit('\n').next().unwrap_or_default().trim();
    let inside = Span { start: quote + 1, end: string(text, quote, at).end.saturating_sub(1) };
    let inside = Span { end: inside.end.max(at), ..inside };
    if line == "use" {
        return items::files(snapshot, source, inside);
    }
    let context = outside(&Context::of(text, block_start(snapshot.statements(file), at), at));
    let here = string(text, quote, at);
    match expected(snapshot, file, source, here, &context) {
        Some(Type::Form(form)) if form == "Column" => items::features(snapshot, source, inside),
        _ => Vec::new(),
    }
}

/// The string that begins at `quote`, up to its closing quote on the same line, or to `at`.
fn string(text: &str, quote: usize, at: usize) -> Span {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let end = line.find('"').map_or(at, |length| at + length + 1);
    Span { start: quote, end }
}

/// Where the number begins of which the digits at `start` are a part: `0.` of `0.8`.
fn number(text: &str, start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let Some(whole) = before.strip_suffix('.') else { return start };
    let digits = whole.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    if digits.len() < whole.len() { digits.len() } else { start }
}

/// `context` without the string around the cursor.
fn outside(context: &Context) -> Context {
    let closers = context.closers.strip_prefix('"').unwrap_or(&context.closers).to_owned();
    Context { closers, ..context.clone() }
}

#[cfg(test)]
mod tests;
