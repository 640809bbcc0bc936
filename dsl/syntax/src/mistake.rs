//! What is wrong with a text and what to type instead, from the tree's broken pieces.
//!
//! One mistake, one error: each broken piece is explained once, and what follows from it (the brace
//! that a broken head left over, the block that a broken brace left open) is not told again.

mod brace;
mod bracket;
mod edition;
mod habit;
mod statement;
mod value;

pub(crate) use statement::{means_equals, meant};

use crate::ast::Span;
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::string;
use crate::tree::{Syntax, Tree};

/// The mistakes that are explained in one text; nobody reads more, and an editor must not wait.
pub(crate) const MISTAKES_MAX: usize = 200;

/// The mistakes of a tree, in the order of their places; the first [`MISTAKES_MAX`].
pub(crate) fn all(tree: &Tree<'_>) -> Vec<SyntaxError> {
    let mut errors: Vec<_> = edition::mistakes(tree);
    let mut braces = brace::Braces::default();
    for node in tree.nodes() {
        if errors.len() >= MISTAKES_MAX {
            break;
        }
        errors.extend(match node.rule() {
            Rule::bad => statement::explain(node, &mut braces),
            Rule::bad_expr => Some(value::explain(node, &mut braces)),
            Rule::tail => Some(statement::tail(node, &mut braces)),
            Rule::bad_head => Some(statement::head(node)),
            Rule::bad_params => Some(value::params(node)),
            Rule::unclosed => braces.unclosed(node),
            Rule::stray => braces.stray(node),
            Rule::escape => escape(node),
            Rule::interp => interpolated_name(node),
            Rule::expr => chained(node),
            _ => None,
        });
    }
    errors.truncate(MISTAKES_MAX);
    errors.sort_by_key(|error| error.span.start);
    errors
}

fn escape(node: Syntax<'_>) -> Option<SyntaxError> {
    // Broken pieces are explained as a whole.
    node.parent().filter(|parent| parent.rule() == Rule::string)?;
    match string::escaped(node.text()) {
        Some(_) => None,
        None => Some(
            SyntaxError::syntax(format!("unknown escape `{}`", node.text()), node.span())
                .label(r#"known are \n, \t, \", \\ and \$"#)
                .fix(
                    format!("write `\\{}` for a backslash", node.text()),
                    Span { start: node.span().start, end: node.span().start },
                    "\\",
                ),
        ),
    }
}

/// `${…}` where a string names something.
fn interpolated_name(node: Syntax<'_>) -> Option<SyntaxError> {
    let string = node.parent()?;
    let holder = string.parent()?.rule();
    matches!(holder, Rule::inst | Rule::use_d | Rule::pair).then(|| {
        SyntaxError::syntax("no value can be put into a name", node.span())
            .label("names are plain text")
    })
}

/// `a < b < c`.
fn chained(node: Syntax<'_>) -> Option<SyntaxError> {
    let mut before: Option<Syntax<'_>> = None;
    for part in node.children() {
        match (part.rule(), part.text()) {
            (Rule::lead, _) | (Rule::infix, "and" | "or") => before = None,
            (Rule::infix, "==" | "!=" | "<" | "<=" | ">" | ">=" | "in") => {
                let Some(first) = before.replace(part) else { continue };
                let between = Span { start: first.span().end, end: part.span().start };
                let middle = node.tree().slice(between).trim();
                let end = Span { start: between.end, end: between.end };
                return Some(
                    SyntaxError::syntax("comparisons do not chain", part.span())
                        .label("a second comparison")
                        .note(first.span(), "the first one")
                        .fix("compare twice", end, &format!("and {middle} ")),
                );
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
