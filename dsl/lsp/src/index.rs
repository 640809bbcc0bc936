//! What the names in a project's files stand for, as the checker noted it, so that each can be
//! shown, followed and renamed.

mod given;
pub(crate) mod known;

pub(crate) use given::Givens;

use crate::snapshot::Snapshot;
use std::cell::OnceCell;
use suho_check::{At, FileId, Mention};
use suho_syntax::ast::{Block, Span, Stmt, StmtKind};

/// The names of all files of a project.
#[derive(Debug)]
pub(crate) struct Index {
    givens: Givens,
    /// By file: every name in it, in the order of the text; found when first asked for.
    mentions: Vec<OnceCell<Vec<Mention>>>,
}

impl Index {
    /// The names of `snapshot`.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mentions = snapshot.sources().map(|_| OnceCell::new()).collect();
        Self { givens: Givens::of(snapshot), mentions }
    }

    /// Where things of the library and of the user's definitions are given.
    pub(crate) fn givens(&self) -> &Givens {
        &self.givens
    }

    /// Every name in `file`, in the order of the text.
    pub(crate) fn mentions(&self, snapshot: &Snapshot, file: FileId) -> &[Mention] {
        self.read(snapshot, &[file]);
        self.mentions.get(file.0).and_then(OnceCell::get).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every name in every file.
    pub(crate) fn all<'i>(&'i self, snapshot: &'i Snapshot) -> impl Iterator<Item = &'i Mention> {
        let files: Vec<FileId> = snapshot.sources().map(|(file, _)| file).collect();
        self.read(snapshot, &files);
        self.mentions.iter().filter_map(OnceCell::get).flatten()
    }

    /// Asks the checker for the names of those of `files` that were not asked for yet.
    fn read(&self, snapshot: &Snapshot, files: &[FileId]) {
        let is_open = |file: &&FileId| {
            self.mentions.get(file.0).is_some_and(|mentions| mentions.get().is_none())
        };
        let open: Vec<FileId> = files.iter().filter(is_open).copied().collect();
        if open.is_empty() {
            return;
        }
        let program = &snapshot.checked().program;
        let mut found = snapshot.reading().mentions(program, &open).into_iter().peekable();
        for file in open {
            let mut mentions = Vec::new();
            while let Some(mention) = found.next_if(|mention| mention.at.file == file) {
                mentions.push(self.placed(mention));
            }
            if let Some(cell) = self.mentions.get(file.0) {
                cell.get_or_init(|| mentions);
            }
        }
    }

    /// `mention` with the place where a definition gives what it stands for.
    fn placed(&self, mention: Mention) -> Mention {
        let by_key = || Some(self.givens.get(&mention.meaning.key()?)?.place);
        let given = mention.given.or_else(by_key);
        Mention { given, ..mention }
    }

    /// The name at `offset` of `file`, or the one that ends there.
    pub(crate) fn mention_at<'i>(
        &'i self,
        snapshot: &Snapshot,
        file: FileId,
        offset: usize,
    ) -> Option<&'i Mention> {
        let touches = |mention: &&Mention| {
            let span = mention.at.span;
            span.start <= offset && offset <= span.end
        };
        let mentions = self.mentions(snapshot, file);
        let inside = mentions.iter().filter(touches).find(|mention| offset < mention.at.span.end);
        inside.or_else(|| mentions.iter().find(touches))
    }
}

/// What the author says of the name that stands at `place`.
pub(crate) fn doc_at(snapshot: &Snapshot, place: At) -> Option<String> {
    let mut items = &snapshot.reading().tree(place.file)?.items;
    loop {
        let stmt = items.iter().find(|stmt| holds(stmt.span, place.span))?;
        if name_of(stmt) == Some(place.span) {
            return stmt.doc.clone();
        }
        items = &body_of(stmt)?.items;
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn name_of(stmt: &Stmt) -> Option<Span> {
    match &stmt.kind {
        StmtKind::Binding { name, .. } | StmtKind::Port { name, .. } => Some(name.span),
        StmtKind::Instance(instance) => instance.name.as_ref().map(|name| name.span),
        StmtKind::Definition(definition) => Some(definition.name.span),
        _ => None,
    }
}

fn body_of(stmt: &Stmt) -> Option<&Block> {
    match &stmt.kind {
        StmtKind::Instance(instance) => Some(&instance.body),
        StmtKind::Definition(definition) => definition.body.as_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
