//! How deep a text may nest: refused before it is parsed, for the parser and all who read its tree
//! go down recursively.

use crate::ast::Span;
use crate::error::SyntaxError;
use crate::token::{Kind, Token, tokens};
use crate::tree::Tree;

/// Brackets inside each other.
pub(crate) const BRACKETS_MAX: usize = 128;
/// Brackets and operators on top of each other in one expression.
pub(crate) const HEIGHT_MAX: usize = 256;

/// The first bracket that is too deep.
pub(crate) fn too_deep(text: &str) -> Option<SyntaxError> {
    let mut depth = 0_usize;
    for token in tokens(text, 0) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth + within(token) > BRACKETS_MAX {
            let span = match token.kind {
                Kind::Mark => token.span,
                _ => Span { start: token.span.start, end: token.span.start },
            };
            return Some(
                SyntaxError::syntax(format!("nested more than {BRACKETS_MAX} brackets deep"), span)
                    .label("too deep")
                    .advice("give an inner part a name with `let`"),
            );
        }
    }
    None
}

/// An expression that goes up too high.
pub(crate) fn too_high<'t>(tree: &'t Tree<'t>) -> Option<SyntaxError> {
    let node = tree.higher_than(HEIGHT_MAX)?;
    let message = format!("more than {HEIGHT_MAX} operations on top of each other");
    Some(
        SyntaxError::syntax(message, node.span())
            .label("too involved")
            .advice("give a part of it a name with `let`"),
    )
}

/// What the values inside a string can add at most.
fn within(token: Token<'_>) -> usize {
    match token.kind {
        Kind::Text | Kind::OpenText if token.text.contains("${") => {
            token.text.matches(['(', '[', '{']).count()
        }
        _ => 0,
    }
}
