//! Blocks: attributes against ports, and the kinds that blocks may be of.

use crate::diagnostic::At;
use crate::diagnostics::{
    deprecated, duplicate, missing_attribute, phase, unknown_attribute, unknown_kind,
};
use crate::elaborate::{Elaborator, Scope, Typed};
use crate::flow::steps_in;
use crate::near::nearest;
use crate::program::Expr;
use crate::{FileId, Phase, Port, Type};
use std::collections::BTreeMap;
use suho_domain::Value;
use suho_syntax::ast::{Binding, Block, Instance, Span, Stmt, StmtKind, UseSource};

impl<'a> Elaborator<'a> {
    /// The attributes of `block`, each checked against its port, the first of its name in `ports`.
    /// Statements that are none are left to the caller.
    pub(crate) fn attributes(
        &mut self,
        kind: &str,
        block: &Block,
        ports: &[&[Port]],
        scope: &Scope<'_>,
    ) -> BTreeMap<String, Typed> {
        let ports = || ports.iter().copied().flatten();
        let mut given: BTreeMap<String, Typed> = BTreeMap::new();
        let mut places: BTreeMap<String, At> = BTreeMap::new();
        for stmt in &block.items {
            let StmtKind::Attribute { path, value } = &stmt.kind else { continue };
            let Some(last) = path.last() else { continue };
            let first = path.first().map_or(last.span.start, |part| part.span.start);
            let at = At::new(scope.file, Span { start: first, end: last.span.end });
            let name = path.iter().map(|part| &*part.node).collect::<Vec<_>>().join(".");
            let Some(port) = ports().find(|port| port.name == name) else {
                let known: Vec<&str> = ports().map(|port| &*port.name).collect();
                self.found.push(unknown_attribute::new(at, kind, &name, &known));
                // What it is set to may be wrong by itself.
                self.infer(value, &Type::Unknown, scope);
                continue;
            };
            let typed = self.check(value, &port.ty, scope);
            if path.len() > 1 {
                self.note_setting(scope.file, path);
            } else {
                self.note_attribute(at, kind, port, Some(&typed.expr));
            }
            if let Some(first) = places.get(&name) {
                self.found.push(duplicate::new(at, &name, *first));
                continue;
            }
            self.timely(&typed, port, scope);
            places.insert(name.clone(), at);
            given.insert(name, typed);
        }
        given
    }

    /// Tells when `typed` is known too late for `port`.
    fn timely(&mut self, typed: &Typed, port: &Port, scope: &Scope<'_>) {
        if typed.phase <= port.phase || typed.is_broken() {
            return;
        }
        let step = steps_in(&typed.expr).into_iter().next();
        let place = step.as_ref().and_then(|step| scope.pipeline?.place(step.as_str()));
        let step = step.as_ref().map(|step| (step.as_str(), place));
        self.found.push(phase::new(typed.at, &port.name, port.phase, typed.phase, step));
    }

    /// Adds the defaults of `ports`; tells what has none and is not in the block `body`.
    pub(crate) fn complete(
        &mut self,
        what: &str,
        at: At,
        given: &mut BTreeMap<String, Typed>,
        ports: &[Port],
        body: Option<Span>,
    ) {
        let mut missing = Vec::new();
        for port in ports {
            if given.contains_key(&port.name) {
                continue;
            }
            let typed = if let Some(default) = &port.default {
                Typed { expr: default.clone(), ty: port.ty.clone(), phase: Phase::Plan, at }
            } else {
                missing.push((&*port.name, &port.ty));
                Typed::broken(at)
            };
            given.insert(port.name.clone(), typed);
        }
        // What cannot be read in the block may be just what is missing.
        let is_broken = body.is_some_and(|body| self.sources.is_broken(At::new(at.file, body)));
        if !missing.is_empty() && !is_broken {
            self.found.push(missing_attribute::new(at, what, &missing));
        }
    }

    /// The value of a resource: its attributes and its name.
    pub(crate) fn resource(&mut self, instance: &Instance, given_at: At) -> Typed {
        let Some(kind) = instance.kind.first() else { return Typed::broken(given_at) };
        self.use_kind(&kind.node, At::new(given_at.file, kind.span));
        let library = self.library;
        let Some(signature) = library.resources.get(kind.node.as_str()) else {
            return Typed::broken(given_at);
        };
        let scope = Scope::of_file(given_at.file);
        let mut given = self.attributes(&kind.node, &instance.body, &[&signature.inputs], &scope);
        let name = instance.name.as_ref().map_or("", |name| &*name.node);
        let what = format!("`{} {name}`", kind.node);
        let body = Some(instance.body.span);
        self.complete(&what, given_at, &mut given, &signature.inputs, body);
        self.only_attributes(&kind.node, &instance.body, given_at.file);
        let ty = signature.outputs.first().map_or(Type::Unknown, |port| port.ty.clone());
        let phase = given.values().map(|typed| typed.phase).max().unwrap_or(Phase::Plan);
        let mut fields: BTreeMap<String, Expr> =
            given.into_iter().map(|(name, typed)| (name, typed.expr)).collect();
        fields.insert("name".to_owned(), Expr::Value(Value::text(name)));
        Typed { expr: crate::fold::folded(Expr::Record(fields)), ty, phase, at: given_at }
    }

    /// Tells of everything in `block` that is no attribute.
    pub(crate) fn only_attributes(&mut self, kind: &str, block: &Block, file: FileId) {
        for stmt in &block.items {
            if !matches!(stmt.kind, StmtKind::Attribute { .. }) {
                self.misplaced(stmt, file, &format!("in `{kind}`"));
            }
        }
    }

    /// Tells that `stmt` cannot stand `place`.
    pub(crate) fn misplaced(&mut self, stmt: &Stmt, file: FileId, place: &str) {
        let (what, span) = head(stmt);
        self.found.push(unknown_kind::misplaced(At::new(file, span), &what, place));
    }

    /// Tells when the part of the library that `kind` comes from is not used in the file.
    pub(crate) fn use_kind(&mut self, kind: &str, at: At) {
        if let Some(instead) = self.library.deprecated.get(kind) {
            self.found.push(deprecated::new(at, kind, instead));
        }
        let modules = self.modules;
        if let Some(module) = modules.get(kind) {
            self.use_module(kind, module, at);
        }
    }

    /// Tells when `module`, which `kind` comes from, is not used in the file.
    pub(crate) fn use_module(&mut self, kind: &str, module: &str, at: At) {
        let Some(source) = self.sources.get(at.file) else { return };
        let is_used = source.tree.items.iter().any(|stmt| match &stmt.kind {
            StmtKind::Use(used) => match &used.source {
                UseSource::Library(path) => {
                    let parts: Vec<&str> = path.iter().map(|part| &*part.node).collect();
                    parts.join(".") == module
                }
                UseSource::File(_) => false,
            },
            _ => false,
        });
        if is_used || module == "std.core" || source.module.is_some() {
            return;
        }
        let insert = self.heads_end(at.file);
        self.found.push(unknown_kind::unused_module(at, kind, module, insert));
    }

    /// Behind the last `use` of a file, where another one can stand.
    pub(crate) fn heads_end(&self, file: FileId) -> Span {
        let items = self.sources.get(file).map(|source| source.tree.items.as_slice());
        let is_head = |stmt: &&Stmt| matches!(stmt.kind, StmtKind::Use(_) | StmtKind::Edition(_));
        let last = items.unwrap_or_default().iter().rev().find(is_head);
        let end = last.map_or(0, |stmt| stmt.span.end);
        Span { start: end, end }
    }

    /// Tells that there is no kind `kind`; `known` are those that could stand there.
    pub(crate) fn no_kind<'n>(&mut self, kind: &str, at: At, known: impl Iterator<Item = &'n str>) {
        let near = nearest(kind, known);
        self.found.push(unknown_kind::new(at, kind, near));
    }

    /// The record of the library called `name`, as ports.
    pub(crate) fn record_ports(&self, name: &str) -> &'a [Port] {
        let library = self.library;
        library.records.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What a statement is called, for people, and the place of the word that says so.
fn head(stmt: &Stmt) -> (String, Span) {
    let word = |word: &str, span| (format!("`{word}`"), span);
    match &stmt.kind {
        StmtKind::Instance(instance) => {
            let parts: Vec<&str> = instance.kind.iter().map(|part| &*part.node).collect();
            let span = instance.kind.first().map_or(stmt.span, |part| part.span);
            word(&parts.join("."), span)
        }
        StmtKind::Rule(rule) => word(&rule.verb.node, rule.verb.span),
        StmtKind::Definition(definition) => word(&definition.keyword.node, definition.keyword.span),
        StmtKind::Binding { keyword, name, .. } => {
            let keyword = match keyword {
                Binding::Let => "let",
                Binding::Param => "param",
                Binding::Secret => "secret",
            };
            word(keyword, name.span)
        }
        StmtKind::Port { name, .. } => ("a port".to_owned(), name.span),
        StmtKind::Edition(_) => word("edition", stmt.span),
        StmtKind::Use(_) => word("use", stmt.span),
        StmtKind::Given { .. } => word("given", stmt.span),
        StmtKind::Attribute { .. } => ("an attribute".to_owned(), stmt.span),
    }
}

/// Attributes as the program holds them: those that say something.
pub(crate) fn said(given: BTreeMap<String, Typed>) -> BTreeMap<String, Expr> {
    let said = given.into_iter().filter(|(_, typed)| typed.expr != Expr::Value(Value::None));
    said.map(|(name, typed)| (name, typed.expr)).collect()
}
