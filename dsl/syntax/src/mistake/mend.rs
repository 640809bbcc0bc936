//! What else is wrong with a statement, once its first mistake is mended.
//!
//! pest gives up at the first mistake of a statement. Where that one has an only way out, the
//! statement is read once more with it taken; what is wrong then was wrong before.

use crate::ast::Span;
use crate::edit::{apply, before, span_before};
use crate::error::{Edit, SyntaxError};
use crate::tree::Tree;

/// Mistakes of one statement that are told together.
const ROUNDS_MAX: usize = 8;

/// A statement of a file with its first mistakes mended.
#[derive(Debug)]
pub(crate) struct Mended<'t> {
    whole: &'t str,
    statement: Span,
    /// Sorted; their places are those of the statement, which begins at 0.
    edits: Vec<Edit>,
    text: String,
}

impl<'t> Mended<'t> {
    /// None where the edits overlap or reach beyond the statement.
    pub(crate) fn new(whole: &'t str, statement: Span, edits: &[Edit]) -> Option<Self> {
        let local = |edit: &Edit| {
            let start = edit.span.start.checked_sub(statement.start)?;
            let end = edit.span.end.checked_sub(statement.start)?;
            Some(Edit { span: Span { start, end }, text: edit.text.clone() })
        };
        let mut edits: Vec<Edit> = edits.iter().map(local).collect::<Option<_>>()?;
        edits.sort_by_key(|edit| edit.span);
        let text = apply(whole.get(statement.start..statement.end)?, &edits)?;
        Some(Self { whole, statement, edits, text })
    }

    /// The statement, mended.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The file it stands in.
    pub(crate) fn whole(&self) -> &str {
        self.whole
    }

    /// Where a byte of the mended statement stands in the file.
    pub(crate) fn was(&self, offset: usize) -> usize {
        self.statement.start + before(&self.edits, offset)
    }

    /// As [`Self::was`], for both ends.
    pub(crate) fn span(&self, span: Span) -> Span {
        let Span { start, end } = span_before(&self.edits, span);
        Span { start: self.statement.start + start, end: self.statement.start + end }
    }

    /// A mistake of the mended statement as one of the file.
    fn told(&self, mut error: SyntaxError) -> SyntaxError {
        error.span = self.span(error.span);
        for (span, _) in &mut error.notes {
            *span = self.span(*span);
        }
        for edit in error.help.iter_mut().flat_map(|help| &mut help.edits) {
            edit.span = self.span(edit.span);
        }
        error
    }
}

/// What is wrong with a statement beside its first mistake.
pub(super) struct Rest {
    /// The other mistakes.
    pub(super) errors: Vec<SyntaxError>,
    /// The edits that make the statement whole; none where words alone can help.
    pub(super) edits: Option<Vec<Edit>>,
}

/// What is wrong with `statement` beside `first`.
pub(super) fn rest(tree: &Tree<'_>, statement: Span, first: &SyntaxError) -> Rest {
    let mut errors: Vec<SyntaxError> = Vec::new();
    let mut edits = first.only_fix().unwrap_or_default().to_vec();
    for _ in 1..ROUNDS_MAX {
        let known = Mended::new(tree.text(), statement, &edits).filter(|_| !edits.is_empty());
        let Some(mended) = known else { break };
        let again = Tree::of_mended(&mended);
        let found = super::of_pieces(&again, 0).errors;
        let found: Vec<_> = found.into_iter().map(|error| mended.told(error)).collect();
        let Some(next) = found.first() else { return Rest { errors, edits: Some(edits) } };
        if next == first || errors.contains(next) {
            break;
        }
        let Some(more) = next.only_fix() else {
            errors.extend(found);
            break;
        };
        let more = [&edits, more].concat();
        if Mended::new(tree.text(), statement, &more).is_none() {
            // It speaks of what another edit put in.
            break;
        }
        errors.push(next.clone());
        edits = more;
    }
    Rest { errors, edits: None }
}
