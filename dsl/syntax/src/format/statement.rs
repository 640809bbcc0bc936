//! One statement.

use super::expression::{flat, opened, value};
use super::{LEVEL, block, column_after, fits, line};
use crate::ast::Span;
use crate::grammar::Rule;
use crate::tree::Syntax;

/// A statement in a line indented by `indent`, its first line without the indentation; `width` is
/// what the name of an attribute is filled up to.
pub(super) fn statement(node: Syntax<'_>, indent: usize, width: usize) -> String {
    if is_unclosed(node) || has_broken_head(node) {
        return as_written(node);
    }
    let body = node.children().find(|child| matches!(child.rule(), Rule::block | Rule::choices));
    let head = match body {
        _ if is_odd(node) => {
            let end = body.map_or_else(|| node.span().end, |body| body.span().start);
            let head = Span { start: node.span().start, end };
            node.tree().slice(head).trim_end().to_owned()
        }
        _ => head(node, indent, width, if body.is_some() { " {".len() } else { 0 }),
    };
    match body {
        Some(body) => {
            let column = column_after(&head, indent) + 1;
            format!("{head} {}", block::braced(body, indent, column))
        }
        None => head,
    }
}

/// A statement as its author wrote it.
pub(super) fn as_written(node: Syntax<'_>) -> String {
    node.text().trim_end().to_owned()
}

/// Whether a statement's own text, its block apart, is left as written: it is broken, or holds a
/// comment where no line of ours ends.
pub(super) fn is_odd(node: Syntax<'_>) -> bool {
    let at_home = |holder: Rule| {
        matches!(
            holder,
            Rule::list | Rule::record | Rule::call | Rule::annot | Rule::params | Rule::use_list
        )
    };
    node.children().any(|child| match child.rule() {
        Rule::block | Rule::choices => false,
        Rule::bad | Rule::bad_expr | Rule::bad_head | Rule::bad_params | Rule::tail => true,
        Rule::comment => !at_home(node.rule()) || node.child(Rule::comp).is_some(),
        _ => is_odd(child),
    }) || matches!(node.rule(), Rule::bad | Rule::stray)
}

/// Whether a statement's block has no `}`.
fn is_unclosed(node: Syntax<'_>) -> bool {
    node.children().any(|child| {
        matches!(child.rule(), Rule::block | Rule::choices) && child.child(Rule::unclosed).is_some()
    })
}

/// Whether it is uncertain where a statement's block begins.
fn has_broken_head(node: Syntax<'_>) -> bool {
    node.children().any(|child| matches!(child.rule(), Rule::bad_head | Rule::bad_params))
}

/// All of a statement but its block, which `after` characters begin.
fn head(node: Syntax<'_>, indent: usize, width: usize, after: usize) -> String {
    let mut text = String::new();
    for part in node.children() {
        let column = column_after(&text, indent);
        match part.rule() {
            Rule::block | Rule::choices | Rule::kw_as | Rule::arg | Rule::comment => {}
            Rule::eq_ => {
                if node.rule() == Rule::attr {
                    text = format!("{text:width$}");
                }
                text.push_str(" =");
            }
            Rule::colon => text.push(':'),
            Rule::params => text += &one_line_or_opened(part, indent, column, after),
            Rule::expr => {
                let column = column + 1;
                text = text + " " + &value(part, indent, column, after);
            }
            Rule::clause => text += &clause(part, indent, column, after),
            Rule::use_list => text = text + " " + &one_line_or_opened(part, indent, column + 1, 0),
            Rule::alias => text = text + " as " + part.text(),
            Rule::r#type => text = text + " " + &flat(part).unwrap_or_default(),
            Rule::path if node.rule() == Rule::annot => text = format!("@{}", part.text()),
            _ => {
                let space = if text.is_empty() { "" } else { " " };
                text = text + space + part.text();
            }
        }
    }
    if node.rule() == Rule::annot && node.text().trim_end().ends_with(')') {
        let column = column_after(&text, indent);
        text += &one_line_or_opened(node, indent, column, 0);
    }
    text
}

fn one_line_or_opened(node: Syntax<'_>, indent: usize, column: usize, after: usize) -> String {
    let text = flat(node).filter(|text| fits(text, column, after));
    text.unwrap_or_else(|| opened(node, indent, column))
}

/// `for 5m` behind a condition, on a line of its own where it does not fit.
fn clause(node: Syntax<'_>, indent: usize, column: usize, after: usize) -> String {
    let (Some(keyword), Some(expr)) = (node.child(Rule::kw_clause), node.child(Rule::expr)) else {
        return as_written(node);
    };
    let head = format!(" {} ", keyword.text());
    if let Some(text) = flat(expr).filter(|text| fits(&head, column, text.chars().count() + after))
    {
        return head + &text;
    }
    let deeper = indent + 2 * LEVEL;
    head.trim_end().to_owned() + &line(deeper) + &value(expr, deeper, deeper, after)
}
