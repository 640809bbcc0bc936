//! Edits put into a text.

use crate::ast::Span;
use crate::error::Edit;

/// `text` with `edits` put in, in whatever order they are given; none where two of them overlap or
/// one leaves the text. The same edit twice counts once; insertions at one place keep their order.
///
/// The spans are those of the text before any edit.
pub fn apply<'e>(text: &str, edits: impl IntoIterator<Item = &'e Edit>) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.into_iter().collect();
    sorted.sort_by_key(|edit| edit.span);
    sorted.dedup();
    let mut edited = String::with_capacity(text.len());
    let mut end = 0;
    for Edit { span, text: new } in sorted {
        // A part that cannot be cut out ends before it begins, or inside a character.
        edited.push_str(text.get(end..span.start)?);
        text.get(span.start..span.end)?;
        edited.push_str(new);
        end = span.end;
    }
    edited.push_str(text.get(end..)?);
    Some(edited)
}

/// Where the byte `offset` of a text with `edits` put in stood before; within what came new, the
/// place that it came to. `edits` are in the order of their places.
pub(crate) fn before(edits: &[Edit], offset: usize) -> usize {
    // How much longer the text became before the edit at hand.
    let (mut longer, mut shorter) = (0, 0);
    for Edit { span, text } in edits {
        let start = span.start + longer - shorter;
        if offset < start {
            break;
        }
        if offset < start + text.len() {
            return span.start;
        }
        longer += text.len();
        shorter += span.end - span.start;
    }
    offset + shorter - longer
}

/// As [`before`], for both ends.
pub(crate) fn span_before(edits: &[Edit], span: Span) -> Span {
    let start = before(edits, span.start);
    Span { start, end: before(edits, span.end).max(start) }
}

#[cfg(test)]
mod tests;
