//! Blocks that are not closed, and braces that close none.

use crate::ast::Span;
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::token::{Kind, tokens};
use crate::tree::Syntax;

/// What has been said of braces so far, so that one mistake is not told twice.
#[derive(Debug, Default)]
pub(super) struct Braces {
    /// A head without `{` was reported: its `}` is left over.
    pub(super) headless: bool,
    /// A broken piece with an open `{` was reported and ends here: so do the blocks around it.
    pub(super) open_until: Option<usize>,
    /// All that is broken up to here belongs to a mistake that was told.
    pub(super) told_until: usize,
}

impl Braces {
    /// A `}` too many.
    pub(super) fn stray(&mut self, node: Syntax<'_>) -> Option<SyntaxError> {
        (!std::mem::take(&mut self.headless)).then(|| {
            SyntaxError::syntax("`}` closes nothing", node.span())
                .label("every block is closed already")
                .fix("remove it", node.span(), "")
        })
    }

    /// A block that a top-level statement or the end of the file ends.
    pub(super) fn unclosed(&self, node: Syntax<'_>) -> Option<SyntaxError> {
        let block = node.parent()?;
        let here = node.span();
        if self.open_until.is_some_and(|until| here.start <= until) {
            return None;
        }
        if let Some(inner) = outdented(block) {
            return Some(misread(block, inner));
        }
        let text = node.tree().text();
        let next = tokens(text.get(here.start..).unwrap_or_default(), here.start)
            .find(|token| token.kind == Kind::Word);
        let before = next
            .map_or_else(|| "the end of the file".to_owned(), |word| format!("`{}`", word.text));
        let message = format!("`{{` of `{}` is not closed before {before}", owner(block));
        let end = text.get(..here.start).unwrap_or_default().trim_end().len();
        let indent = " ".repeat(indentation(text, block.span().start));
        Some(
            SyntaxError::new("unclosed-block", message, here)
                .label("expected `}`")
                .note(opening(block), "opened here")
                .fix("close it", Span { start: end, end }, &format!("\n{indent}}}")),
        )
    }
}

/// The `{` of a block.
fn opening(block: Syntax<'_>) -> Span {
    Span { start: block.span().start, end: block.span().start + 1 }
}

/// What a block is called: the words before its `{`, without parameters.
fn owner(block: Syntax<'_>) -> &str {
    let Some(parent) = block.parent() else { return "a block" };
    let head = Span { start: parent.span().start, end: block.span().start };
    let head = block.tree().slice(head);
    head.split(['(', '=', '\n']).next().unwrap_or(head).trim()
}

/// The first block or record inside `block` whose `}` stands further left than the line that it
/// opened on: it took the brace of another.
fn outdented(block: Syntax<'_>) -> Option<Syntax<'_>> {
    let text = block.tree().text();
    block.within().find(|node| {
        let Span { start, end } = node.span();
        let braced = matches!(node.rule(), Rule::block | Rule::choices | Rule::record);
        let Some(brace) = end.checked_sub(1).filter(|_| braced) else { return false };
        let line = text.get(..brace).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let blank = text.get(line..brace).is_some_and(|before| before.trim().is_empty());
        let closed = text.get(brace..end) == Some("}");
        closed && blank && indentation(text, brace) < indentation(text, start)
    })
}

fn misread(block: Syntax<'_>, inner: Syntax<'_>) -> SyntaxError {
    let end = inner.span().end;
    let brace = Span { start: end.saturating_sub(1), end };
    let message = format!("`{{` of `{}` is not closed", owner(inner));
    SyntaxError::new("unclosed-block", message, opening(inner))
        .label("not closed")
        .note(brace, format!("this `}}` stands where that of `{}` should", owner(block)))
        .advice("write the missing `}`")
}

/// How many blanks the line of `offset` begins with.
pub(super) fn indentation(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    let line = text.get(before.rfind('\n').map_or(0, |at| at + 1)..).unwrap_or_default();
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
