//! Definition, references, rename: from a name to where it is given, and to everything that means
//! the same.

use crate::snapshot::Snapshot;
use crate::url::Addresses;
use lsp_types::{Location, Position, Range, TextEdit, Url, WorkspaceEdit};
use std::collections::BTreeMap;
use suho_check::{At, FileId};
use suho_syntax::ast::{Span, StmtKind};

/// Where the name at `position` is given.
pub fn definition(
    snapshot: &Snapshot,
    file: FileId,
    position: Position,
    addresses: Addresses,
) -> Option<Location> {
    let place = given(snapshot, file, position)?;
    location(snapshot, place, addresses)
}

/// Whether the place where a name is given counts as one that speaks of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Declaration {
    /// It does.
    Included,
    /// It does not.
    Left,
}

/// Everything in the project that means the same as the name at `position`.
pub fn references(
    snapshot: &Snapshot,
    file: FileId,
    position: Position,
    declaration: Declaration,
    addresses: Addresses,
) -> Vec<Location> {
    let Some(place) = given(snapshot, file, position) else { return Vec::new() };
    let with_declaration = declaration == Declaration::Included;
    let places = mentions(snapshot, place);
    let wanted = places.into_iter().filter(|(_, is_given)| with_declaration || !is_given);
    wanted.filter_map(|(place, _)| location(snapshot, place, addresses)).collect()
}

/// Why a name stays as it is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoRename {
    /// It is of the library or of the language, or it is no name.
    #[error("only names that the project gives can be renamed")]
    NotOurs,
    /// What is written here is another name for it.
    #[error("`{0}` is another name for `{1}`; rename that one where it is given")]
    Alias(String, String),
    /// The new text is no name.
    #[error("`{0}` is not a name: a letter, then letters, digits and `_`")]
    NotAName(String),
}

/// The piece of text that would be renamed at `position`.
///
/// # Errors
/// When what stands there cannot be renamed.
pub fn prepare_rename(
    snapshot: &Snapshot,
    file: FileId,
    position: Position,
) -> Result<Range, NoRename> {
    let (_, span) = renamed(snapshot, file, position)?;
    let source = snapshot.source(file).ok_or(NoRename::NotOurs)?;
    Ok(source.text().range(span))
}

/// The edits that give the name at `position` another one, in every file of the project.
///
/// # Errors
/// When what stands there cannot be renamed, or `name` is no name.
pub fn rename(
    snapshot: &Snapshot,
    file: FileId,
    position: Position,
    name: &str,
    addresses: Addresses,
) -> Result<WorkspaceEdit, NoRename> {
    let (place, span) = renamed(snapshot, file, position)?;
    if !is_name(name) {
        return Err(NoRename::NotAName(name.to_owned()));
    }
    let source = snapshot.source(file).ok_or(NoRename::NotOurs)?;
    let old = source.text().slice(span);
    let mut changes: BTreeMap<Url, Vec<TextEdit>> = BTreeMap::new();
    for (place, _) in mentions(snapshot, place) {
        let is_same =
            snapshot.source(place.file).is_some_and(|it| it.text().slice(place.span) == old);
        if let Some(Location { uri, range }) =
            location(snapshot, place, addresses).filter(|_| is_same)
        {
            changes.entry(uri).or_default().push(TextEdit { range, new_text: name.to_owned() });
        }
    }
    Ok(WorkspaceEdit { changes: Some(changes.into_iter().collect()), ..WorkspaceEdit::default() })
}

/// Whether a value can be given the name `name`: the parser is asked.
fn is_name(name: &str) -> bool {
    let parsed = suho_syntax::parse(&format!("edition 2026\nlet {name} = 1\n"));
    let given = parsed.file.items.iter().any(|stmt| match &stmt.kind {
        StmtKind::Binding { name: given, .. } => given.node == name,
        _ => false,
    });
    parsed.errors.is_empty() && given && suho_domain::Name::new(name).is_ok()
}

/// Where the name at `position` is given, if the project gives it, and its own place.
fn renamed(snapshot: &Snapshot, file: FileId, position: Position) -> Result<(At, Span), NoRename> {
    let source = snapshot.source(file).ok_or(NoRename::NotOurs)?;
    let offset = source.text().offset(position);
    let index = snapshot.index();
    let mention = index.mention_at(snapshot, file, offset).ok_or(NoRename::NotOurs)?;
    let place = mention.given.ok_or(NoRename::NotOurs)?;
    let home = snapshot.source(place.file).ok_or(NoRename::NotOurs)?;
    if home.is_library() || place.span == Span::default() {
        return Err(NoRename::NotOurs);
    }
    let (here, there) = (source.text().slice(mention.at.span), home.text().slice(place.span));
    if here != there {
        return Err(NoRename::Alias(here.to_owned(), there.to_owned()));
    }
    Ok((place, mention.at.span))
}

fn given(snapshot: &Snapshot, file: FileId, position: Position) -> Option<At> {
    let offset = snapshot.source(file)?.text().offset(position);
    snapshot.index().mention_at(snapshot, file, offset)?.given
}

/// Every mention of what is given at `place`, and whether it is where it is given.
fn mentions(snapshot: &Snapshot, place: At) -> Vec<(At, bool)> {
    let all = snapshot.index().all(snapshot);
    let same = all.filter(|each| each.given == Some(place));
    same.map(|each| (each.at, each.is_given())).collect()
}

/// A place as editors name it; none for the library's where they cannot open it.
fn location(snapshot: &Snapshot, place: At, addresses: Addresses) -> Option<Location> {
    let source = snapshot.source(place.file)?;
    let uri = addresses.of(snapshot, source)?;
    Some(Location { uri, range: source.text().range(place.span) })
}

#[cfg(test)]
mod tests;
