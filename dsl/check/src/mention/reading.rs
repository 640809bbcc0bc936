//! What a check has read, kept for questions about places.

use super::meaning::Mention;
use super::notes::Notes;
use super::probe::Probe;
use super::sight::InSight;
use crate::diagnostic::At;
use crate::elaborate::Elaborator;
use crate::library::Stock;
use crate::source::Sources;
use crate::symbol::Symbols;
use crate::{FileId, Program};
use suho_syntax::ast::{self, Span};

/// What a check has read, kept for questions about places in its files.
///
/// Nothing is noted before it is asked for: who only checks pays nothing.
#[derive(Debug)]
pub struct Reading {
    sources: Sources,
    stock: Stock,
    features: Option<Vec<String>>,
}

impl Reading {
    pub(crate) fn new(sources: Sources, stock: Stock, features: Option<Vec<String>>) -> Self {
        Self { sources, stock, features }
    }

    /// The tree of a file.
    pub fn tree(&self, file: FileId) -> Option<&ast::File> {
        self.sources.get(file).map(|source| &*source.tree)
    }

    /// Where the `use` leads whose path stands at `span` of `file`.
    pub fn used(&self, file: FileId, span: Span) -> Option<FileId> {
        self.sources.used_at(At::new(file, span))
    }

    /// Every name in `files`, in the order of files and texts. `program` is what the check gave.
    ///
    /// What is broken is left out. To ask about many files at once is cheaper than one by one.
    pub fn mentions(&self, program: &Program, files: &[FileId]) -> Vec<Mention> {
        let (symbols, _) = Symbols::of(&self.sources, &self.stock.library);
        let mut elaborator = self.elaborator(&symbols, Notes::of(files));
        let trees = files.iter().filter_map(|file| Some((*file, self.tree(*file)?)));
        elaborator.again(trees, program);
        elaborator.notes.map(Notes::mentions).unwrap_or_default()
    }

    /// What could be written at the byte `at` of `piece`, statements that stand outside of blocks in
    /// a text that is to take the place of a part of `file`.
    pub fn probe(
        &self,
        program: &Program,
        file: FileId,
        piece: &ast::File,
        at: usize,
    ) -> Option<Probe> {
        // A file of its own, so that no place in it is taken for one in the file.
        let here = FileId(self.sources.files.len());
        let (mut symbols, _) = Symbols::of(&self.sources, &self.stock.library);
        symbols.write(here, piece, file, &self.stock.library);
        let span = Span { start: at, end: at };
        let mut elaborator = self.elaborator(&symbols, Notes::at(At::new(here, span), file));
        elaborator.again([(here, piece)].into_iter(), program);
        elaborator.notes.and_then(Notes::probe)
    }

    /// The names that `file` gives to those who use it.
    pub fn given_by(&self, file: FileId) -> Vec<InSight> {
        let (symbols, _) = Symbols::of(&self.sources, &self.stock.library);
        self.elaborator(&symbols, Notes::of(&[])).given_by(file)
    }

    fn elaborator<'a>(&'a self, symbols: &'a Symbols<'a>, notes: Notes) -> Elaborator<'a> {
        let Self { sources, stock, features } = self;
        let (library, modules) = (&stock.library, &stock.modules);
        let mut elaborator =
            Elaborator::new(library, sources, symbols, features.as_deref(), modules);
        elaborator.notes = Some(notes);
        elaborator
    }
}
