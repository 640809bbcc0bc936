//! Brackets of a broken piece that do not pair.

use crate::ast::Span;
use crate::error::SyntaxError;
use crate::token::{Kind, Token};
use crate::tree::Tree;

/// The first bracket that is not closed or closes nothing, and whether it is a `{` left open.
pub(super) fn unpaired(tree: &Tree<'_>, tokens: &[Token<'_>]) -> Option<(SyntaxError, bool)> {
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Mark) {
        let Some(opener) = opener(token.text) else {
            if matches!(token.text, "(" | "[" | "{" | "${") {
                open.push(at);
            }
            continue;
        };
        match open.last().and_then(|last| tokens.get(*last)) {
            Some(last) if last.text.ends_with(opener) => drop(open.pop()),
            Some(last) => {
                let at = open.last().copied().unwrap_or_default();
                return Some((unclosed(tree, tokens, at, Some(token)), last.text == "{"));
            }
            None => return Some((closes_nothing(token), false)),
        }
    }
    let at = *open.last()?;
    let brace = tokens.get(at).is_some_and(|token| token.text == "{");
    Some((unclosed(tree, tokens, at, None), brace))
}

fn opener(closer: &str) -> Option<&'static str> {
    Some(match closer {
        ")" => "(",
        "]" => "[",
        "}" => "{",
        _ => return None,
    })
}

fn closer(opener: &str) -> &'static str {
    match opener {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

/// The bracket at `at` is not closed; `found` is what stands where it should have been.
fn unclosed(
    tree: &Tree<'_>,
    tokens: &[Token<'_>],
    at: usize,
    found: Option<&Token<'_>>,
) -> SyntaxError {
    let Some(bracket) = tokens.get(at) else {
        return SyntaxError::syntax("a bracket is not closed", Span::default());
    };
    let (line, column) = tree.place(bracket.span.start);
    let callee = at
        .checked_sub(1)
        .and_then(|before| tokens.get(before))
        .filter(|before| before.kind == Kind::Word && before.span.end == bracket.span.start);
    let owner = callee.map(|name| format!(" of `{}{}`", name.text, bracket.text));
    let message =
        format!("`{}`{} at {line}:{column} is not closed", bracket.text, owner.unwrap_or_default());
    let end = match found {
        Some(found) => found.span.start,
        None => tokens.last().map_or(bracket.span.end, |last| last.span.end),
    };
    let missing = closer(bracket.text);
    let place = Span { start: end, end: found.map_or(end, |found| found.span.end) };
    SyntaxError::syntax(message, place)
        .label(format!("expected `{missing}`"))
        .note(bracket.span, "opened here")
        .advice(format!("write the missing `{missing}`"))
}

fn closes_nothing(token: &Token<'_>) -> SyntaxError {
    SyntaxError::syntax(format!("`{}` closes nothing", token.text), token.span)
        .label("nothing is open")
        .fix("remove it", token.span, "")
}
