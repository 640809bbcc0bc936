//! Two statements on one line.

use super::brace::indentation;
use crate::ast::Span;
use crate::error::SyntaxError;
use crate::token::{Kind, Token};
use crate::word;

/// Words that begin a statement and nothing that could go on with the one before.
const BEGINS: [&str; 6] = ["use", "let", "param", "secret", "given", "out"];

/// What is wrong where a statement that ends at `end` is followed by one of the tokens `next` on
/// the same line; none where those are the beginning of no statement.
pub(super) fn statements(whole: &str, end: usize, next: &[Token<'_>]) -> Option<SyntaxError> {
    let (comma, next) = match next {
        [comma, rest @ ..] if matches!(comma.text, "," | ";") => (Some(comma), rest),
        _ => (None, next),
    };
    let first = next.first().filter(|first| first.kind == Kind::Word)?;
    let is_one = BEGINS.contains(&first.text) || word::VERBS.contains(&first.text) || {
        let second = next.get(1)?;
        let named = matches!(second.kind, Kind::Word | Kind::Text);
        second.is("=") || second.is("{") || (named && next.get(2)?.is("{"))
    };
    let start = first.span.start;
    let between = Span { start: end, end: start };
    if !is_one || whole.get(end..start)?.contains('\n') {
        return None;
    }
    let margin = indentation(whole, end);
    let line = format!("\n{}", " ".repeat(margin));
    let error = SyntaxError::syntax("two statements on one line", first.span);
    let error = match comma {
        Some(comma) => error.note(comma.span, "statements end with their line"),
        None => error,
    };
    let error = error.label("a second one begins here");
    Some(error.fix(format!("begin a new line before `{}`", first.text), between, &line))
}
