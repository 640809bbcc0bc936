//! The files that are checked together: those asked for, those they use, and the library's.

mod import;

use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{import as refused, prelude, syntax};
use crate::{FileId, World};
use std::collections::{BTreeMap, BTreeSet};
use suho_syntax::ast::{self, Span, StmtKind, UseSource};

/// One file: its name relative to the project's root, its text and its tree.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) tree: ast::File,
    /// The part of the library it is, `std.ml`; none for a file of the project.
    pub(crate) module: Option<String>,
}

/// All files, and where each `use` of a file leads.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) files: Vec<Source>,
    /// By the place of the path in the `use`.
    uses: BTreeMap<At, FileId>,
    /// Where the parser could not read on.
    broken: Vec<At>,
    /// Where each line of each file begins, by the file's number: places are asked for by thousands.
    lines: Vec<Vec<usize>>,
}

impl Sources {
    /// Reads `entry`, the library and every file used, each once; and what is wrong with them.
    pub(crate) fn load(entry: &[(String, String)], world: &dyn World) -> (Self, Vec<Diagnostic>) {
        let mut loader = Loader::default();
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
        let lines = self.lines.get(at.file.0).map(Vec::as_slice).unwrap_or_default();
        lines.partition_point(|begin| *begin <= at.span.start).max(1)
    }

    /// The parts that the library has: `std.ml`, ….
    pub(crate) fn modules(&self) -> Vec<&str> {
        self.files.iter().filter_map(|source| source.module.as_deref()).collect()
    }
}

#[derive(Default)]
struct Loader {
    sources: Sources,
    found: Vec<Diagnostic>,
}

impl Loader {
    fn push(&mut self, name: String, text: String, module: Option<String>) -> FileId {
        let file = FileId(self.sources.files.len());
        let parsed = suho_syntax::parse(&text);
        for error in &parsed.errors {
            self.sources.broken.push(At::new(file, error.span));
            let found = syntax::found(file, error);
            self.found.push(if module.is_some() { prelude::from(found) } else { found });
        }
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        self.sources.lines.push([0].into_iter().chain(ends).collect());
        self.sources.files.push(Source { name, text, tree: parsed.file, module });
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
            let known = self.sources.iter().find(|(_, source)| source.name == name);
            let target = match known.map(|(file, _)| file) {
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
        let uses = self.sources.uses.iter().filter(|(at, _)| at.file == file);
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
