//! The files that are checked together: those asked for, those they use, and the library's.

pub(crate) mod import;

use crate::cache::Cache;
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{import as refused, prelude, syntax};
use crate::{FileId, World};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use suho_syntax::ast::{self, Span, StmtKind, UseSource};

/// One file: its name relative to the project's root, its text and its tree.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) tree: Arc<ast::File>,
    /// The part of the library it is, `std.ml`; none for a file of the project.
    pub(crate) module: Option<String>,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
}

/// All files, and where each `use` of a file leads.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) files: Vec<Source>,
    /// By name.
    named: BTreeMap<String, FileId>,
    /// By the place of the path in the `use`.
    uses: BTreeMap<At, FileId>,
    /// Where the parser could not read on.
    broken: Vec<At>,
}

impl Sources {
    /// Reads `entry`, the library and every file used, each once; and what is wrong with them.
    pub(crate) fn load(
        entry: &[(String, String)],
        world: &dyn World,
        cache: &mut Cache,
    ) -> (Self, Vec<Diagnostic>) {
        let mut loader = Loader { sources: Self::default(), found: Vec::new(), cache };
        for (name, text) in entry {
            loader.push(name.clone(), text.clone(), None);
        }
        for (name, text) in world.prelude() {
            let module = name.strip_suffix(".suho").unwrap_or(&name).to_owned();
            loader.push(format!("std/{name}"), text, Some(format!("std.{module}")));
        }
        let mut at = 0;
        while at < loader.sources.files.len() {
            loader.follow(FileId(at), world);
            at += 1;
        }
        loader.refuse_circles();
        (loader.sources, loader.found)
    }

    /// The file's name, text and tree.
    pub(crate) fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0)
    }

    /// The file called `name`.
    pub(crate) fn named(&self, name: &str) -> Option<FileId> {
        self.named.get(name).copied()
    }

    /// Every file with its number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (FileId(at), source))
    }

    /// Where the `use` whose path stands at `at` leads; none where it leads nowhere.
    pub(crate) fn used_at(&self, at: At) -> Option<FileId> {
        self.uses.get(&at).copied()
    }

    /// Whether something at `at` could not be read.
    pub(crate) fn is_broken(&self, at: At) -> bool {
        let within = |each: &&At| {
            let Span { start, end } = each.span;
            each.file == at.file && at.span.start <= start && end <= at.span.end
        };
        self.broken.iter().any(|each| within(&each))
    }

    /// The text at `at`, blanks and line ends made one blank each.
    pub(crate) fn slice(&self, at: At) -> String {
        let text = self.get(at.file).and_then(|source| source.text.get(at.span.start..at.span.end));
        text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The line that `at` begins in, from 1.
    pub(crate) fn line(&self, at: At) -> usize {
        let source = self.get(at.file);
        source.map_or(1, |source| source.lines.partition_point(|start| *start <= at.span.start))
    }

    /// The parts that the library has: `std.ml`, ….
    pub(crate) fn modules(&self) -> Vec<&str> {
        self.files.iter().filter_map(|source| source.module.as_deref()).collect()
    }
}

struct Loader<'c> {
    sources: Sources,
    found: Vec<Diagnostic>,
    cache: &'c mut Cache,
}

impl Loader<'_> {
    fn push(&mut self, name: String, text: String, module: Option<String>) -> FileId {
        let file = FileId(self.sources.files.len());
        let parsed = self.cache.parse(&text);
        for error in parsed.errors.iter() {
            self.sources.broken.push(At::new(file, error.span));
            let found = syntax::found(file, error);
            self.found.push(if module.is_some() { prelude::from(found) } else { found });
        }
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect();
        self.sources.named.entry(name.clone()).or_insert(file);
        self.sources.files.push(Source { name, text, tree: parsed.tree, module, lines });
        file
    }

    /// Reads what `file` uses and has not been read.
    fn follow(&mut self, file: FileId, world: &dyn World) {
        let Some(source) = self.sources.get(file) else { return };
        let from = source.name.clone();
        let wanted: Vec<(Span, String)> = used_files(&source.tree).collect();
        for (span, path) in wanted {
            let at = At::new(file, span);
            let Some(name) = import::resolve(&from, &path) else {
                self.found.push(refused::outside(at, &path));
                continue;
            };
            let target = match self.sources.named(&name) {
                Some(target) => target,
                None => match world.read(&from, &path) {
                    Ok((_, text)) => self.push(name, text, None),
                    Err(reason) => {
                        self.found.push(refused::unreadable(at, &path, &reason));
                        continue;
                    }
                },
            };
            self.sources.uses.insert(at, target);
        }
    }

    /// Finds the `use`s that close a circle.
    fn refuse_circles(&mut self) {
        let mut done = BTreeSet::new();
        for at in 0..self.sources.files.len() {
            self.walk(FileId(at), &mut Vec::new(), &mut done);
        }
    }

    fn walk(&mut self, file: FileId, way: &mut Vec<FileId>, done: &mut BTreeSet<FileId>) {
        if done.contains(&file) {
            return;
        }
        way.push(file);
        let (first, next) = (At::new(file, Span::default()), FileId(file.0 + 1));
        let uses = self.sources.uses.range(first..At::new(next, Span::default()));
        let uses: Vec<(At, FileId)> = uses.map(|(at, target)| (*at, *target)).collect();
        for (at, target) in uses {
            let Some(start) = way.iter().position(|each| *each == target) else {
                self.walk(target, way, done);
                continue;
            };
            let circle = way.iter().skip(start).chain([&target]);
            let names = circle.filter_map(|each| self.sources.get(*each)).map(|s| &*s.name);
            let names: Vec<&str> = names.collect();
            self.found.push(refused::circle(at, &names));
        }
        way.pop();
        done.insert(file);
    }
}

fn used_files(tree: &ast::File) -> impl Iterator<Item = (Span, String)> {
    tree.items.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Use(ast::Use { source: UseSource::File(path), .. }) => {
            Some((path.span, path.node.clone()))
        }
        _ => None,
    })
}
