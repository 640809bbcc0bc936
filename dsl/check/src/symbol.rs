//! Which names a file gives, and what each stands for.

use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{duplicate, import, unknown_name};
use crate::near::nearest;
use crate::source::Sources;
use crate::{FileId, Library};
use std::collections::BTreeMap;
use suho_syntax::ast::{Binding, Definition, Expr, File, Instance, StmtKind, Type, UseSource};

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Symbol<'a> {
    /// `let x: T = e`.
    Let(Option<&'a Type>, Option<&'a Expr>),
    /// `secret x: T = e`.
    Secret(Option<&'a Type>, Option<&'a Expr>),
    /// `model x { … }`, by its kind.
    Resource(&'a Instance),
    /// `pipeline x(…) { … }`.
    Pipeline(&'a Instance),
    /// `monitor x { … }`.
    Monitor(&'a Instance),
    /// `step x { … }` and its like.
    Definition(&'a Definition),
}

/// A name that a file gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) at: At,
    pub(crate) symbol: Symbol<'a>,
}

/// The names in sight of each file: its own and those it takes from others.
#[derive(Debug, Default)]
pub(crate) struct Symbols<'a> {
    names: BTreeMap<(FileId, &'a str), Named<'a>>,
    /// All pipelines by the name they have where they stand, the first of a name.
    pipelines: BTreeMap<&'a str, (&'a Instance, At)>,
    /// All resources by kind and name, likewise.
    resources: BTreeMap<(&'a str, &'a str), (At, &'a Instance)>,
}

impl<'a> Symbols<'a> {
    /// The names of all `sources`; and what is wrong with them.
    pub(crate) fn of(sources: &'a Sources, library: &Library) -> (Self, Vec<Diagnostic>) {
        let mut symbols = Self::default();
        let mut found = Vec::new();
        for (file, source) in sources.iter() {
            symbols.of_file(file, &source.tree, source.module.is_some(), library, &mut found);
        }
        symbols.take(sources, &mut found);
        (symbols, found)
    }

    /// The names that the statements of `tree` give.
    fn of_file(
        &mut self,
        file: FileId,
        tree: &'a File,
        is_library: bool,
        library: &Library,
        found: &mut Vec<Diagnostic>,
    ) {
        for stmt in &tree.items {
            let (name, symbol) = match &stmt.kind {
                StmtKind::Binding { keyword: Binding::Let, name, ty, value } => {
                    (name, Symbol::Let(ty.as_ref(), value.as_ref()))
                }
                StmtKind::Binding { keyword: Binding::Secret, name, ty, value } => {
                    (name, Symbol::Secret(ty.as_ref(), value.as_ref()))
                }
                StmtKind::Definition(it) if !is_library => (&it.name, Symbol::Definition(it)),
                StmtKind::Instance(instance) => match symbol(instance, library) {
                    Some(named) => named,
                    None => continue,
                },
                _ => continue,
            };
            let at = At::new(file, name.span);
            match symbol {
                Symbol::Pipeline(instance) => {
                    self.pipelines.entry(&name.node).or_insert((instance, at));
                }
                Symbol::Resource(instance) => {
                    let kind = instance.kind.first().map_or("", |kind| &*kind.node);
                    self.resources.entry((kind, &name.node)).or_insert((at, instance));
                }
                _ => {}
            }
            self.give(file, &name.node, Named { at, symbol }, at, found);
        }
    }

    /// Adds `piece`, a file that is to take the place of a part of `home`: it sees its own names, and
    /// those of `home` beside.
    pub(crate) fn write(&mut self, piece: FileId, tree: &'a File, home: FileId, library: &Library) {
        self.of_file(piece, tree, false, library, &mut Vec::new());
        let names: Vec<&str> = self.names(home).collect();
        for name in names {
            if let Some(named) = self.get(home, name) {
                self.names.entry((piece, name)).or_insert(named);
            }
        }
    }

    /// What `name` stands for in `file`.
    pub(crate) fn get(&self, file: FileId, name: &str) -> Option<Named<'a>> {
        self.names.get(&(file, name)).copied()
    }

    /// The pipeline that calls itself `name`, and where it does.
    pub(crate) fn pipeline(&self, name: &str) -> Option<(&'a Instance, At)> {
        self.pipelines.get(name).copied()
    }

    /// The first resource of kind `kind` that calls itself `name`, and where it does.
    pub(crate) fn resource(&self, name: &str, kind: &str) -> Option<(At, &'a Instance)> {
        self.resources.get(&(kind, name)).copied()
    }

    /// Every name in sight of `file`.
    pub(crate) fn names(&self, file: FileId) -> impl Iterator<Item = &'a str> {
        self.names.range((file, "")..(FileId(file.0 + 1), "")).map(|((_, name), _)| *name)
    }

    fn give(
        &mut self,
        file: FileId,
        name: &'a str,
        named: Named<'a>,
        at: At,
        found: &mut Vec<Diagnostic>,
    ) {
        match self.names.get(&(file, name)) {
            // A definition given twice was told of when the library was made.
            Some(Named { symbol: Symbol::Definition(_), .. })
                if matches!(named.symbol, Symbol::Definition(_)) => {}
            Some(first) => found.push(duplicate::new(at, name, first.at)),
            None => {
                self.names.insert((file, name), named);
            }
        }
    }

    /// Follows each `use`: names are taken as the used file gives them itself.
    fn take(&mut self, sources: &'a Sources, found: &mut Vec<Diagnostic>) {
        let own: BTreeMap<(FileId, &str), Named<'a>> = self.names.clone();
        let known = sources.modules();
        for (file, source) in sources.iter() {
            for stmt in &source.tree.items {
                let StmtKind::Use(used) = &stmt.kind else { continue };
                if let Some(alias) = &used.alias {
                    found.push(import::alias(At::new(file, alias.span)));
                }
                match &used.source {
                    UseSource::Library(path) => {
                        let span = path.first().zip(path.last()).map(|(first, last)| {
                            suho_syntax::ast::Span { start: first.span.start, end: last.span.end }
                        });
                        let parts: Vec<&str> = path.iter().map(|part| &*part.node).collect();
                        let module = parts.join(".");
                        if !known.contains(&&*module) {
                            let at = At::new(file, span.unwrap_or(stmt.span));
                            found.push(import::module(at, &module, &known));
                        }
                    }
                    UseSource::File(path) => {
                        let Some(target) = sources.used_at(At::new(file, path.span)) else {
                            continue;
                        };
                        for each in &used.names {
                            let at = At::new(file, each.name.span);
                            let name = &*each.name.node;
                            let Some(named) = own.get(&(target, name)) else {
                                let there = own.keys().filter(|(f, _)| *f == target);
                                let near = nearest(name, there.map(|(_, name)| *name));
                                found.push(unknown_name::in_file(at, name, &path.node, near));
                                continue;
                            };
                            let here = each.alias.as_ref().unwrap_or(&each.name);
                            self.give(file, &here.node, *named, at, found);
                        }
                    }
                }
            }
        }
    }
}

/// The name that a block gives its file, if it gives one.
fn symbol<'a>(
    instance: &'a Instance,
    library: &Library,
) -> Option<(&'a suho_syntax::ast::Spanned<String>, Symbol<'a>)> {
    let name = instance.name.as_ref()?;
    let [kind] = instance.kind.as_slice() else { return None };
    match &*kind.node {
        "pipeline" => Some((name, Symbol::Pipeline(instance))),
        "monitor" => Some((name, Symbol::Monitor(instance))),
        kind if library.resources.contains_key(kind) => Some((name, Symbol::Resource(instance))),
        _ => None,
    }
}
