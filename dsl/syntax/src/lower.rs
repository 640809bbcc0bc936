//! From the lossless tree to the tree of meaning. Total: what is broken is left out or missing, and
//! the shape of the tree is never relied on, since a broken file has another.

mod expression;
mod statement;
mod types;

pub(crate) use expression::operator;

use crate::ast::{File, Path, Span, Spanned};
use crate::grammar::Rule;
use crate::tree::{Syntax, Tree};

/// The meaning of a tree.
pub(crate) fn file(tree: &Tree<'_>) -> File {
    File { items: tree.root().map(statement::all).unwrap_or_default() }
}

/// The text of a node and where it stands.
fn spanned(node: Syntax<'_>) -> Spanned<String> {
    Spanned { node: node.text().to_owned(), span: node.in_file() }
}

/// The names of a `path`, or of the only name of anything else that holds names.
fn path(node: Syntax<'_>) -> Path {
    node.children().filter(|part| part.rule() == Rule::ident).map(spanned).collect()
}

/// The inside of a string's node without its quotes.
fn inside(node: Syntax<'_>) -> Span {
    let Span { start, end } = node.in_file();
    Span { start: start + 1, end: end.saturating_sub(1).max(start + 1) }
}

#[cfg(test)]
mod tests;
