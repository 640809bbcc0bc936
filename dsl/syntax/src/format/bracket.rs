//! What stands in brackets, an element a line, with the comments among the elements.

use super::line;
use crate::ast::Span;
use crate::grammar::Rule;
use crate::tree::Syntax;

/// One line within brackets: an element or a comment, and the comment at its end.
pub(super) struct Line<'t> {
    pub(super) node: Syntax<'t>,
    pub(super) trailing: Option<&'t str>,
}

/// The lines of what `holder` holds, and the comment on the line of its opening bracket.
pub(super) fn lines<'t>(
    holder: Syntax<'t>,
    belongs: impl Fn(Rule) -> bool,
) -> (Option<&'t str>, Vec<Line<'t>>) {
    let mut opening = None;
    let mut lines: Vec<Line<'t>> = Vec::new();
    let mut end = holder.span().start;
    for node in holder.children() {
        let Span { start, end: node_end } = node.span();
        let same_line = !holder.tree().slice(Span { start: end, end: start }).contains('\n');
        match (node.rule(), lines.last_mut()) {
            (Rule::comment, Some(last)) if same_line && last.trailing.is_none() => {
                last.trailing = Some(comment(node));
            }
            (Rule::comment, None) if same_line && opening.is_none() => {
                opening = Some(comment(node));
            }
            (kind, _) if kind == Rule::comment || belongs(kind) => {
                lines.push(Line { node, trailing: None });
            }
            // What stands before the bracket, as the name of what is called.
            _ => {}
        }
        end = node_end;
    }
    (opening, lines)
}

/// A comment's text.
pub(super) fn comment(node: Syntax<'_>) -> &str {
    node.text().trim_end()
}

/// Brackets around lines, each written by `write` and ended by `separator`.
pub(super) fn spread<'t>(
    (open, close, separator): (&str, &str, &str),
    (opening, lines): (Option<&'t str>, Vec<Line<'t>>),
    indent: usize,
    mut write: impl FnMut(Syntax<'t>) -> String,
) -> String {
    let mut text = open.to_owned();
    if let Some(comment) = opening {
        text.push(' ');
        text.push_str(comment);
    }
    for Line { node, trailing } in lines {
        text.push_str(&line(indent + super::LEVEL));
        if node.rule() == Rule::comment {
            text.push_str(comment(node));
        } else {
            text.push_str(&write(node));
            text.push_str(separator);
        }
        if let Some(comment) = trailing {
            text.push(' ');
            text.push_str(comment);
        }
    }
    text + &line(indent) + close
}
