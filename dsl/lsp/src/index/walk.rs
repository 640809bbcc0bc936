//! One walk over a file: every name with what it stands for, and, where a probe is set, what could
//! be written there.

use super::Index;
use super::given::{Givens, Key, Place};
use super::meaning::{Meaning, Mention, StepOf};
use super::names::{Named, Names, named_block};
use super::ports::{Keyed, ports_of};
use super::scope::{Scope, whole};
use crate::snapshot::Snapshot;
use std::rc::Rc;
use suho_check::{FileId, Library, Type};
use suho_syntax::ast::{
    self, Binding, Definition, Expr, ExprKind, Instance, Rule, Span, Spanned, Stmt, StmtKind, Use,
    UseSource,
};

/// The kinds that stand outside of blocks and are no resources.
const TOP: [&str; 3] = ["project", "pipeline", "env"];

/// Walks a file.
pub(crate) struct Walker<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) library: &'a Library,
    pub(super) givens: &'a Givens,
    pub(super) names: &'a Names,
    pub(super) file: FileId,
    /// Every name, in the order of the walk.
    pub(crate) mentions: Vec<Mention>,
    /// Asks what could be written at a place.
    pub(crate) probe: Option<Probe>,
}

/// A place in the text, and what the walk found out about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Probe {
    /// The byte; a word stands there.
    pub(crate) at: usize,
    /// What could be written there.
    pub(crate) wanted: Option<Wanted>,
    /// The calls around it, the outermost first.
    pub(crate) calls: Vec<Called>,
}

/// A call around the probe.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Called {
    /// The choice, the function or the pipeline called.
    pub(crate) name: String,
    /// What it is, for its documentation.
    pub(crate) meaning: Meaning,
    /// What it takes.
    pub(crate) takes: Vec<Keyed>,
    /// Which of them the probe is at.
    pub(crate) active: Option<usize>,
}

/// A block that the probe stands in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Block {
    /// Its kind; none outside of blocks.
    pub(crate) kind: Option<String>,
    /// What it takes.
    pub(crate) takes: Vec<Keyed>,
    /// What it has already.
    pub(crate) has: Vec<String>,
    /// What stands before the last `.` of the name at the probe.
    pub(crate) before: String,
}

/// What could be written at a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// A statement of a block, or a field of a record.
    Statement(Block),
    /// The kind of a block that stands in a block of `kind`, or outside.
    Kind(Option<String>),
    /// A value.
    Value {
        /// Of this type.
        expected: Type,
        /// Names in sight beside the file's.
        names: Vec<(String, Named)>,
        /// Arguments that could be named here.
        arguments: Vec<Keyed>,
    },
    /// What a value of this type has.
    Field(Type),
    /// A choice of an enum.
    Choice(String),
    /// A type.
    Type,
    /// Where a secret comes from.
    Secret,
    /// The rest of `std.…`.
    Module,
    /// A name of a file that is used; none where there is no such file.
    Imported(Option<FileId>),
}

impl<'a> Walker<'a> {
    /// Walks `file` of `snapshot`, all names known.
    pub(crate) fn of(snapshot: &'a Snapshot, index: &'a Index, file: FileId) -> Option<Self> {
        Some(Self::new(snapshot, index.givens(), file, index.names(file)?))
    }

    /// Walks `file` of `snapshot` with these names in sight.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        givens: &'a Givens,
        file: FileId,
        names: &'a Names,
    ) -> Self {
        let library = &snapshot.checked().library;
        Self { snapshot, library, givens, names, file, mentions: Vec::new(), probe: None }
    }

    /// The whole file.
    pub(crate) fn file(&mut self, tree: &ast::File) {
        let has = Vec::new();
        for stmt in &tree.items {
            self.top(stmt, &has);
        }
    }

    fn top(&mut self, stmt: &Stmt, has: &[String]) {
        let scope = Scope::default();
        match &stmt.kind {
            StmtKind::Use(used) => self.uses(used),
            StmtKind::Definition(definition) => self.definition(definition),
            StmtKind::Instance(instance) => {
                self.kind(&instance.kind, None);
                if let Some(name) = &instance.name {
                    let (meaning, _) = named_block(self.snapshot, instance, &name.node);
                    self.give(name, meaning);
                }
                match instance.kind.first().map(|kind| &*kind.node) {
                    Some("pipeline") => self.pipeline(instance),
                    _ => self.instance(instance, &scope),
                }
            }
            StmtKind::Attribute { path, .. } if self.is_at(path_span(path)) => {
                let block = Block { has: has.to_vec(), ..Block::default() };
                self.want(Wanted::Statement(block));
            }
            _ => self.statement(stmt, None, &[], &scope),
        }
    }

    // ---- what stands outside of blocks

    fn uses(&mut self, used: &Use) {
        match &used.source {
            UseSource::Library(path) => {
                let span = path_span(path);
                if self.is_at(span) {
                    self.want(Wanted::Module);
                }
                let words: Vec<&str> = path.iter().map(|part| &*part.node).collect();
                let module = words.join(".");
                let name = format!("std/{}.suho", module.trim_start_matches("std."));
                let file = self.snapshot.library_file(&name);
                let given = file.map(|file| Place { file, span: Span::default() });
                self.mention(span, Meaning::Module(module), given);
            }
            UseSource::File(path) => {
                let from = self.snapshot.source(self.file).map_or("", |source| source.name());
                let name = crate::snapshot::inside(from, &path.node);
                let file = name.and_then(|name| self.snapshot.file(&name));
                let given = file.map(|file| Place { file, span: Span::default() });
                self.mention(path.span, Meaning::File(path.node.clone()), given);
                for each in &used.names {
                    if self.is_at(each.name.span) {
                        self.want(Wanted::Imported(file));
                    }
                    let here = each.alias.as_ref().unwrap_or(&each.name);
                    let Some(named) = self.names.get(&here.node).cloned() else { continue };
                    self.mention(each.name.span, named.meaning.clone(), named.place);
                    if let Some(alias) = &each.alias {
                        self.mention(alias.span, named.meaning, named.place);
                    }
                }
            }
        }
    }

    fn definition(&mut self, definition: &Definition) {
        let name = &definition.name;
        let meaning = match &*definition.keyword.node {
            "step" | "resource" => Meaning::Kind(name.node.clone()),
            "metric" => Meaning::Metric(name.node.clone()),
            _ => Meaning::Type(name.node.clone()),
        };
        self.give(name, meaning);
        if let Some(ty) = &definition.ty {
            self.ty(ty);
        }
        let scope = Scope::default();
        if let Some(value) = &definition.value {
            self.expr(value, &Type::Unknown, &scope);
        }
        for variant in &definition.variants {
            self.give(&variant.name, Meaning::Choice(name.node.clone(), variant.name.node.clone()));
            for param in &variant.params {
                self.ty(&param.ty);
                if let Some(default) = &param.default {
                    self.expr(default, &Type::Unknown, &scope);
                }
            }
        }
        for stmt in definition.body.iter().flat_map(|body| &body.items) {
            self.of_definition(stmt, definition, &scope);
        }
    }

    fn of_definition(&mut self, stmt: &Stmt, definition: &Definition, scope: &Scope) {
        let StmtKind::Port { direction, name, ty, default } = &stmt.kind else {
            // `rules`, `metrics`, `check`: words of the library's own.
            return self.statement(stmt, None, &[], scope);
        };
        self.ty(ty);
        let own = definition.name.node.clone();
        let key = match (&*definition.keyword.node, direction) {
            ("step", ast::Direction::In) => Key::Input(own.clone(), name.node.clone()),
            ("step", ast::Direction::Out) => Key::Output(own.clone(), name.node.clone()),
            _ => Key::Field(own.clone(), name.node.clone()),
        };
        let ports = match &key {
            Key::Output(..) => super::ports::outputs_of(self.library, &own),
            Key::Input(..) => ports_of(self.library, &own),
            _ => super::ports::fields_of(self.library, &Type::Record(own.clone())),
        };
        let port = ports.into_iter().find(|(port, _)| port.name == name.node);
        let Some((port, _)) = port else { return };
        if let Some(default) = default {
            self.expr(default, &port.ty, scope);
        }
        self.give(
            name,
            Meaning::Port { port: Box::new(port), of: own, key: Some(key), step: None },
        );
    }

    // ---- pipelines

    fn pipeline(&mut self, instance: &Instance) {
        let name = instance.name.as_ref().map_or("", |name| &*name.node);
        let mut scope = Scope {
            step: Some(StepOf { pipeline: name.to_owned(), step: None }),
            ..Scope::default()
        };
        for (param, ty) in self.params(instance, name) {
            self.ty(&param.ty);
            if let Some(default) = &param.default {
                self.expr(default, &ty, &scope);
            }
            let meaning = Meaning::Param(name.to_owned(), param.name.node.clone());
            self.give(&param.name, meaning.clone());
            let place = Some(self.place(param.name.span));
            let named = Named { place, meaning, ty, doc: None };
            Rc::make_mut(&mut scope.pipeline).entry(param.name.node.clone()).or_insert(named);
        }
        self.pipeline_names(&instance.body, &mut scope);
        self.block("pipeline", &instance.body, &scope);
    }

    /// The parameters with the types that the checker gave them.
    fn params<'i>(&self, instance: &'i Instance, name: &str) -> Vec<(&'i ast::Param, Type)> {
        let known = self.snapshot.checked().program.pipelines.get(name);
        let ty = |param: &ast::Param| {
            let params = known.into_iter().flat_map(|pipeline| &pipeline.params);
            let found = params.into_iter().find(|each| each.name.as_str() == param.name.node);
            found.map_or(Type::Unknown, |param| param.ty.clone())
        };
        instance.params.iter().map(|param| (param, ty(param))).collect()
    }

    /// The steps first: a `let` may speak of any.
    fn pipeline_names(&mut self, body: &ast::Block, scope: &mut Scope) {
        for stmt in &body.items {
            let StmtKind::Instance(instance) = &stmt.kind else { continue };
            let (Some(kind), Some(name)) = (instance.kind.first(), &instance.name) else {
                continue;
            };
            if kind.node == "on" {
                continue;
            }
            let place = Some(self.place(name.span));
            let meaning = Meaning::Step(kind.node.clone());
            let ty = whole(self.library, &kind.node);
            let named = Named { place, meaning, ty, doc: stmt.doc.clone() };
            Rc::make_mut(&mut scope.pipeline).entry(name.node.clone()).or_insert(named);
        }
        for stmt in &body.items {
            let StmtKind::Binding { name, value: Some(value), .. } = &stmt.kind else { continue };
            let ty = self.infer(value, scope);
            let place = Some(self.place(name.span));
            let named =
                Named { place, meaning: Meaning::Let(ty.clone()), ty, doc: stmt.doc.clone() };
            Rc::make_mut(&mut scope.pipeline).entry(name.node.clone()).or_insert(named);
        }
    }

    // ---- blocks

    /// An instance whose kind and name were looked at.
    fn instance(&mut self, instance: &Instance, scope: &Scope) {
        let kind = instance.kind.first().map_or("", |kind| &*kind.node);
        let mut scope = scope.clone();
        if kind == "on" {
            let ty = Type::Record("Event".to_owned());
            let meaning = Meaning::Event(ty.clone());
            let named = Named { place: None, meaning, ty, doc: None };
            scope.rule.insert("event".to_owned(), named);
        }
        if let (Some(StepOf { step, .. }), Some(name)) = (&mut scope.step, &instance.name) {
            *step = Some(name.node.clone());
        }
        self.block(kind, &instance.body, &scope);
    }

    fn block(&mut self, kind: &str, body: &ast::Block, scope: &Scope) {
        let mut takes = ports_of(self.library, kind);
        if kind == "env" {
            takes.extend(self.parameters());
        }
        let has: Vec<String> = body.items.iter().filter_map(attribute_name).collect();
        for stmt in &body.items {
            match &stmt.kind {
                StmtKind::Attribute { path, .. } if self.is_at(path_span(path)) => {
                    let first = path.split_last().map_or(&[][..], |(_, first)| first);
                    let words: Vec<&str> = first.iter().map(|part| &*part.node).collect();
                    let before = words.join(".");
                    let (takes, has) = (takes.clone(), has.clone());
                    let kind = Some(kind.to_owned());
                    self.want(Wanted::Statement(Block { kind, takes, has, before }));
                }
                StmtKind::Instance(inner) => {
                    self.kind(&inner.kind, Some(kind));
                    if let Some(name) = &inner.name {
                        self.inner_name(name, inner, kind, scope);
                    }
                    self.instance(inner, scope);
                }
                _ => self.statement(stmt, Some(kind), &takes, scope),
            }
        }
    }

    fn inner_name(&mut self, name: &Spanned<String>, inner: &Instance, kind: &str, scope: &Scope) {
        if inner.kind.first().is_some_and(|kind| kind.node == "on") {
            // What happened is one of a few words, no name of its own.
            return self.mention(name.span, Meaning::Kind("on".to_owned()), None);
        }
        let named = scope.pipeline.get(&name.node).filter(|_| kind == "pipeline");
        let own = || Meaning::Block(inner.kind.first().map_or("", |kind| &*kind.node).to_owned());
        self.give(name, named.map_or_else(own, |named| named.meaning.clone()));
    }

    /// The parameters of every pipeline, as environments set them.
    fn parameters(&self) -> Vec<Keyed> {
        let pipelines = self.snapshot.checked().program.pipelines.values();
        let params = pipelines.flat_map(|pipeline| {
            pipeline.params.iter().map(move |param| {
                let name = format!("{}.{}", pipeline.name, param.name);
                (super::ports::port(&name, param.ty.clone()), None)
            })
        });
        params.collect()
    }

    fn statement(&mut self, stmt: &Stmt, kind: Option<&str>, takes: &[Keyed], scope: &Scope) {
        match &stmt.kind {
            StmtKind::Attribute { path, value } => {
                self.attribute(path, value, kind, takes, scope);
            }
            StmtKind::Given { value, .. } => drop(self.expr(value, &Type::Unknown, scope)),
            StmtKind::Binding { keyword, name, ty, value } => {
                if let Some(ty) = ty {
                    self.ty(ty);
                }
                let named = scope.get(&name.node).or_else(|| self.names.get(&name.node).cloned());
                let meaning = named.map_or(Meaning::Let(Type::Unknown), |named| named.meaning);
                self.give(name, meaning);
                match value {
                    Some(value) if *keyword == Binding::Secret => self.secret(value),
                    Some(value) => drop(self.expr(value, &Type::Unknown, scope)),
                    None => {}
                }
            }
            StmtKind::Rule(rule) => self.rule(rule, kind, takes, scope),
            _ => {}
        }
    }

    /// `env("NAME")`: where a secret comes from.
    fn secret(&mut self, value: &Expr) {
        let name = match &value.kind {
            ExprKind::Call(callee, _) => callee,
            _ => value,
        };
        if self.is_at(name.span) {
            self.want(Wanted::Secret);
        }
        if let ExprKind::Name(source) = &name.kind {
            self.mention(name.span, Meaning::Function(source.clone()), None);
        }
    }

    fn attribute(
        &mut self,
        path: &ast::Path,
        value: &Expr,
        kind: Option<&str>,
        takes: &[Keyed],
        scope: &Scope,
    ) {
        let words: Vec<&str> = path.iter().map(|part| &*part.node).collect();
        let name = words.join(".");
        let port = takes.iter().find(|(port, _)| port.name == name);
        let ty = port.map_or(Type::Unknown, |(port, _)| port.ty.clone());
        if let Some((port, key)) = port.cloned() {
            let of = kind.unwrap_or_default().to_owned();
            let meaning = Meaning::Port { port: Box::new(port), of, key, step: scope.step.clone() };
            self.mention(path_span(path), meaning, None);
        }
        self.expr(value, &ty, scope);
    }

    fn rule(&mut self, rule: &Rule, kind: Option<&str>, takes: &[Keyed], scope: &Scope) {
        self.mention(rule.verb.span, Meaning::Verb(rule.verb.node.clone()), None);
        let mut inner = scope.clone();
        let is_own = |key: &Option<Key>| !key.as_ref().is_some_and(Key::is_of_every_step);
        for (port, key) in takes.iter().filter(|(_, key)| is_own(key)) {
            let meaning = Meaning::Port {
                port: Box::new(port.clone()),
                of: kind.unwrap_or_default().to_owned(),
                key: key.clone(),
                step: scope.step.clone(),
            };
            let place = key.as_ref().and_then(|key| self.givens.get(key)).map(|given| given.place);
            let named = Named { place, meaning, ty: port.ty.clone(), doc: port.doc.clone() };
            inner.rule.insert(port.name.clone(), named);
        }
        let signature = kind.and_then(|kind| self.library.steps.get(kind));
        for metric in signature.into_iter().flat_map(|signature| &signature.metrics) {
            let Some(known) = self.library.metrics.get(metric) else { continue };
            let given = self.givens.get(&Key::Metric(metric.clone()));
            let place = given.map(|given| given.place);
            let meaning = Meaning::Metric(metric.clone());
            let named = Named { place, meaning, ty: known.ty.clone(), doc: known.doc.clone() };
            inner.rule.insert(metric.clone(), named);
        }
        let is_condition = rule.verb.node != "compare";
        let expected = if is_condition { Type::Bool } else { Type::Unknown };
        self.expr(&rule.condition, &expected, &inner);
        for clause in &rule.clauses {
            let expected = match &*clause.keyword.node {
                "for" => Type::Duration,
                "else" => Type::Text,
                _ => Type::Unknown,
            };
            self.expr(&clause.value, &expected, scope);
        }
        if let Some(body) = &rule.body {
            self.block(&rule.verb.node, body, &inner);
        }
    }

    /// The kind of a block that stands in one of kind `within`.
    fn kind(&mut self, path: &ast::Path, within: Option<&str>) {
        let span = path_span(path);
        if self.is_at(span) {
            self.want(Wanted::Kind(within.map(str::to_owned)));
        }
        if let [kind] = path.as_slice() {
            self.mention(span, Meaning::Kind(kind.node.clone()), None);
        }
    }

    // ---- what the walk notes

    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// Whether the probe stands in `span`.
    pub(super) fn is_at(&self, span: Span) -> bool {
        self.probe.as_ref().is_some_and(|probe| span.start <= probe.at && probe.at < span.end)
    }

    /// Notes what could be written at the probe; the last one, which is the innermost, counts.
    pub(super) fn want(&mut self, wanted: Wanted) {
        if let Some(probe) = &mut self.probe {
            probe.wanted = Some(wanted);
        }
    }

    fn give(&mut self, name: &Spanned<String>, meaning: Meaning) {
        let given = Some(self.place(name.span));
        self.mentions.push(Mention { span: name.span, meaning, given, is_given: true });
    }

    pub(super) fn mention(&mut self, span: Span, meaning: Meaning, given: Option<Place>) {
        let by_key = || meaning.key().and_then(|key| self.givens.get(&key)).map(|it| it.place);
        let given = given.or_else(by_key);
        self.mentions.push(Mention { span, meaning, given, is_given: false });
    }
}

/// The kinds of blocks that stand outside of others.
pub(crate) fn top_kinds(library: &Library) -> impl Iterator<Item = &str> {
    let resources = library.resources.keys().map(suho_domain::Name::as_str);
    TOP.into_iter().chain(resources)
}

fn attribute_name(stmt: &Stmt) -> Option<String> {
    let StmtKind::Attribute { path, .. } = &stmt.kind else { return None };
    let words: Vec<&str> = path.iter().map(|part| &*part.node).collect();
    Some(words.join("."))
}

/// From the first part of a path to the last.
pub(super) fn path_span(path: &ast::Path) -> Span {
    match (path.first(), path.last()) {
        (Some(first), Some(last)) => Span { start: first.span.start, end: last.span.end },
        _ => Span::default(),
    }
}
