//! What is read from the tree alone: `use`, kinds, verbs, names where they are given, types as they
//! are written.

use super::meaning::Meaning;
use super::ports::{Keyed, port, ports_of};
use super::probe::{Block, Wanted};
use super::sight::meaning;
use crate::diagnostic::At;
use crate::elaborate::Elaborator;
use crate::{FileId, Program, Type};
use suho_syntax::ast::{self, Instance, Path, Span, Spanned, Stmt, StmtKind, Use, UseSource};

impl Elaborator<'_> {
    /// Notes what the statements of `tree` say by their form.
    pub(crate) fn written(&mut self, file: FileId, tree: &ast::File, program: &Program) {
        for stmt in &tree.items {
            match &stmt.kind {
                StmtKind::Use(used) => self.written_use(file, used),
                StmtKind::Definition(definition) => self.definition(file, definition),
                StmtKind::Instance(instance) => {
                    self.written_top(file, instance);
                    self.written_block(file, instance, program);
                }
                StmtKind::Attribute { path, .. }
                    if self.is_asked(At::new(file, path_span(path))) =>
                {
                    self.want(Wanted::Statement(Block::default()));
                }
                StmtKind::Binding { ty, .. } => {
                    self.written_type(file, ty.as_ref());
                }
                _ => {}
            }
        }
    }

    fn written_use(&mut self, file: FileId, used: &Use) {
        match &used.source {
            UseSource::Library(path) => {
                let at = At::new(file, path_span(path));
                if self.is_asked(at) {
                    self.want(Wanted::Module);
                }
                let words: Vec<&str> = path.iter().map(|part| &*part.node).collect();
                let module = words.join(".");
                let known = self.sources.iter();
                let mut known = known.filter(|(_, it)| it.module.as_ref() == Some(&module));
                let given = known.next().map(|(there, _)| At::new(there, Span::default()));
                self.note(at, &Type::Unknown, given, || Meaning::Module(module.clone()));
            }
            UseSource::File(path) => self.written_names(file, used, path),
        }
    }

    fn written_names(&mut self, file: FileId, used: &Use, path: &Spanned<String>) {
        let at = At::new(file, path.span);
        let home = self.sources.get(self.home(file)).map(|source| &*source.name);
        let name = home.and_then(|home| crate::source::import::resolve(home, &path.node));
        let there = name.and_then(|name| self.sources.named(&name));
        let given = there.map(|there| At::new(there, Span::default()));
        self.note(at, &Type::Unknown, given, || Meaning::File(path.node.clone()));
        for each in &used.names {
            if self.is_asked(At::new(file, each.name.span)) {
                self.want(Wanted::Imported(there));
            }
            let here = each.alias.as_ref().unwrap_or(&each.name);
            let Some(named) = self.symbols.get(file, &here.node) else { continue };
            for name in [Some(&each.name), each.alias.as_ref()].into_iter().flatten() {
                let at = At::new(file, name.span);
                self.note(at, &Type::Unknown, Some(named.at), || meaning(&named));
            }
        }
    }

    /// A name that the file itself gives.
    fn written_name(&mut self, file: FileId, name: &Spanned<String>) {
        let at = At::new(file, name.span);
        if let Some(named) = self.symbols.get(file, &name.node).filter(|named| named.at == at) {
            self.note_given(at, || meaning(&named));
        }
    }

    fn written_top(&mut self, file: FileId, instance: &Instance) {
        self.written_kind(file, &instance.kind, None);
        let Some(name) = &instance.name else { return };
        let kind = instance.kind.first().map_or("", |kind| &*kind.node);
        // What a test is called is a text.
        if kind == "test" {
            return;
        }
        self.written_name(file, name);
        let at = At::new(file, name.span);
        self.note_given(at, || Meaning::Block(kind.to_owned()));
        for param in &instance.params {
            self.written_type(file, Some(&param.ty));
            let of = name.node.clone();
            let at = At::new(file, param.name.span);
            self.note_given(at, || Meaning::Param(of, param.name.node.clone()));
        }
    }

    fn written_block(&mut self, file: FileId, instance: &Instance, program: &Program) {
        let kind = instance.kind.first().map_or("", |kind| &*kind.node);
        for stmt in &instance.body.items {
            match &stmt.kind {
                StmtKind::Attribute { path, .. } => {
                    self.written_attribute(file, path, kind, &instance.body, program);
                }
                StmtKind::Binding { ty, .. } => self.written_type(file, ty.as_ref()),
                StmtKind::Instance(inner) => {
                    self.written_kind(file, &inner.kind, Some(kind));
                    self.written_inner(file, inner, kind);
                    self.written_block(file, inner, program);
                }
                StmtKind::Rule(rule) => {
                    let at = At::new(file, rule.verb.span);
                    self.note_word(at, || Meaning::Verb(rule.verb.node.clone()));
                    for stmt in rule.body.iter().flat_map(|body| &body.items) {
                        let (Some(body), StmtKind::Attribute { path, .. }) =
                            (&rule.body, &stmt.kind)
                        else {
                            continue;
                        };
                        self.written_attribute(file, path, &rule.verb.node, body, program);
                    }
                }
                _ => {}
            }
        }
    }

    fn written_inner(&mut self, file: FileId, inner: &Instance, within: &str) {
        let kind = inner.kind.first().map_or("", |kind| &*kind.node);
        let Some(name) = &inner.name else { return };
        let at = At::new(file, name.span);
        match within {
            // What happened is one of a few words, no name of its own.
            _ if kind == "on" => self.note_word(at, || Meaning::Kind("on".to_owned())),
            "pipeline" => self.note_given(at, || Meaning::Step(kind.to_owned())),
            _ => self.note_given(at, || Meaning::Block(kind.to_owned())),
        }
    }

    fn written_kind(&mut self, file: FileId, path: &Path, within: Option<&str>) {
        let at = At::new(file, path_span(path));
        if self.is_asked(at) {
            self.want(Wanted::Kind(within.map(str::to_owned)));
        }
        let [kind] = path.as_slice() else { return };
        // A user's own step is given where its file says.
        let own = self.symbols.get(file, &kind.node);
        let own = own.filter(|it| matches!(it.symbol, crate::symbol::Symbol::Definition(_)));
        let given = own.map(|named| named.at);
        self.note(at, &Type::Unknown, given, || Meaning::Kind(kind.node.clone()));
    }

    /// What could be set in a block, where the name of an attribute is being written.
    fn written_attribute(
        &mut self,
        file: FileId,
        path: &Path,
        kind: &str,
        body: &ast::Block,
        program: &Program,
    ) {
        if !self.is_asked(At::new(file, path_span(path))) {
            return;
        }
        let mut takes = ports_of(self.library, kind);
        if kind == "env" {
            takes.extend(parameters(program));
        }
        let first = path.split_last().map_or(&[][..], |(_, first)| first);
        let before = dotted(first);
        let has = body.items.iter().filter_map(attribute_name).collect();
        let kind = Some(kind.to_owned());
        self.want(Wanted::Statement(Block { kind, takes, has, before, is_value: false }));
    }

    /// The names in a type.
    pub(super) fn written_type(&mut self, file: FileId, ty: Option<&ast::Type>) {
        let Some(ty) = ty else { return };
        let (path, args) = match &ty.kind {
            ast::TypeKind::List(of) => return self.written_type(file, Some(of)),
            ast::TypeKind::Named(path, args) => (path, args),
        };
        let at = At::new(file, path_span(path));
        if self.is_asked(at) {
            self.want(Wanted::Type);
        }
        let [name] = path.as_slice() else { return };
        let library = self.library;
        let is_own =
            library.records.contains_key(&name.node) || library.enums.contains_key(&name.node);
        let own = || name.node.clone();
        match &*name.node {
            _ if is_own => self.note_word(at, || Meaning::Type(own())),
            kind if library.steps.contains_key(kind) => {
                self.note_word(at, || Meaning::Kind(own()));
            }
            word if crate::ty::resolve::is_known(word, library) => {
                self.note_word(at, || Meaning::Plain(own()));
            }
            _ => {}
        }
        for arg in args {
            self.written_type(file, Some(arg));
        }
    }
}

/// The parameters of every pipeline, as environments set them.
fn parameters(program: &Program) -> impl Iterator<Item = Keyed> {
    program.pipelines.values().flat_map(|pipeline| {
        pipeline.params.iter().map(move |param| {
            let name = format!("{}.{}", pipeline.name, param.name);
            (port(&name, param.ty.clone()), None)
        })
    })
}

fn attribute_name(stmt: &Stmt) -> Option<String> {
    let StmtKind::Attribute { path, .. } = &stmt.kind else { return None };
    Some(dotted(path))
}

fn dotted(path: &[Spanned<String>]) -> String {
    path.iter().map(|part| &*part.node).collect::<Vec<_>>().join(".")
}

/// From the first part of a path to the last.
pub(super) fn path_span(path: &Path) -> Span {
    match (path.first(), path.last()) {
        (Some(first), Some(last)) => Span { start: first.span.start, end: last.span.end },
        _ => Span::default(),
    }
}
