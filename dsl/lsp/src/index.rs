//! What the names in a project's files stand for: read from the trees and the checker's library,
//! so that each can be shown, followed and renamed.
//!
//! The checker decides what is right and keeps no places; this keeps places and decides nothing.
//! Where a text is broken it knows less and never complains.

pub(crate) mod expression;
mod given;
pub(crate) mod known;
mod meaning;
mod names;
mod ports;
mod scope;
mod walk;

pub(crate) use given::{Key, Place};
pub(crate) use meaning::{Meaning, Mention, StepOf};
pub(crate) use names::{Named, Names};
pub(crate) use ports::{fields_of, outputs_of, ports_of};
pub(crate) use walk::{Block, Called, Probe, Walker, Wanted, top_kinds};

use crate::snapshot::Snapshot;
use given::Givens;
use std::cell::OnceCell;
use suho_check::FileId;

/// The names of all files of a project.
#[derive(Debug)]
pub(crate) struct Index {
    givens: Givens,
    /// By file: the names in its sight.
    names: Vec<Names>,
    /// By file: every name in it, in the order of the text; found when first asked for.
    mentions: Vec<OnceCell<Vec<Mention>>>,
}

impl Index {
    /// The names of `snapshot`.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let givens = Givens::of(snapshot);
        let names = names::of(snapshot, &givens);
        let mentions = names.iter().map(|_| OnceCell::new()).collect();
        Self { givens, names, mentions }
    }

    /// Where things of the library and of the user's definitions are given.
    pub(crate) fn givens(&self) -> &Givens {
        &self.givens
    }

    /// The names in sight of `file`.
    pub(crate) fn names(&self, file: FileId) -> Option<&Names> {
        self.names.get(file.0)
    }

    /// Every name in `file`, in the order of the text.
    pub(crate) fn mentions(&self, snapshot: &Snapshot, file: FileId) -> &[Mention] {
        let (Some(cell), Some(source)) = (self.mentions.get(file.0), snapshot.source(file)) else {
            return &[];
        };
        cell.get_or_init(|| {
            let Some(mut walker) = Walker::of(snapshot, self, file) else { return Vec::new() };
            walker.file(source.tree());
            let mut mentions = walker.mentions;
            mentions.sort_by_key(|mention| (mention.span, !mention.is_given));
            mentions.dedup_by_key(|mention| mention.span);
            mentions
        })
    }

    /// The name at `offset` of `file`, or the one that ends there.
    pub(crate) fn mention_at<'i>(
        &'i self,
        snapshot: &Snapshot,
        file: FileId,
        offset: usize,
    ) -> Option<&'i Mention> {
        let touches =
            |mention: &&Mention| mention.span.start <= offset && offset <= mention.span.end;
        let mentions = self.mentions(snapshot, file);
        let inside = mentions.iter().filter(touches).find(|mention| offset < mention.span.end);
        inside.or_else(|| mentions.iter().find(touches))
    }
}

#[cfg(test)]
mod tests;
