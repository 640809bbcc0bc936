//! Hover: what the name under the pointer stands for.

use crate::describe::describe;
use crate::index::doc_at;
use crate::snapshot::Snapshot;
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};
use suho_check::FileId;

/// What stands at `position` of `file`; none where nothing is known of it.
pub fn hover(snapshot: &Snapshot, file: FileId, position: Position) -> Option<Hover> {
    let text = snapshot.source(file)?.text();
    let offset = text.offset(position);
    let index = snapshot.index();
    let mention = index.mention_at(snapshot, file, offset)?;
    let mut described = describe(snapshot, &mention.meaning, &mention.ty)?;
    // What the author says of a name comes before what the library says of its kind.
    let own = mention.given.and_then(|place| doc_at(snapshot, place));
    if own.is_some() {
        described.doc = own;
    }
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: described.markdown(),
        }),
        range: Some(text.range(mention.at.span)),
    })
}

#[cfg(test)]
mod tests;
