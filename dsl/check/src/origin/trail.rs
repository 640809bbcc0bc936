//! The walk from a value to where it is written.

use super::{Link, Origin, Question, definition, is_of, set};
use crate::FileId;
use crate::diagnostic::At;
use crate::library::{PIPELINE, PROJECT, STEP};
use crate::program::Place;
use crate::source::Sources;
use crate::symbol::{Symbol, Symbols};
use suho_syntax::ast::{
    Arg, Binding, Block, Direction, Expr, ExprKind, Field, Instance, Span, StmtKind, TextPart,
    Type, TypeKind,
};

/// Links of a chain; names that lead in a circle are a mistake of the checker's to tell.
const LINKS_MAX: usize = 100;

pub(super) struct Trail<'a> {
    pub(super) sources: &'a Sources,
    pub(super) symbols: &'a Symbols<'a>,
    pub(super) question: &'a Question<'a>,
    /// The pipeline's file and the pipeline.
    pub(super) file: FileId,
    pub(super) instance: &'a Instance,
    pub(super) links: Vec<Link>,
}

impl<'a> Trail<'a> {
    fn link(&mut self, origin: Origin, name: &str, (file, span): (FileId, Span), depth: usize) {
        let at = At::new(file, span);
        let source = self.sources.get(file).map(|source| source.name.clone());
        let place = Place { file: source.unwrap_or_default(), line: self.sources.line(at) };
        let text = self.sources.slice(at);
        let (name, place) = (name.to_owned(), Some(place));
        self.links.push(Link { origin, name, text, place, depth, is_overridden: false });
    }

    /// A parameter of the pipeline: the strongest of what gives it a value, then the weaker.
    pub(super) fn parameter(&mut self, name: &str, rest: &[&str], depth: usize) {
        let question = self.question;
        let given = question.arguments.iter().rev().find(|(given, _)| given == name);
        let mut is_decided = false;
        if let Some((_, text)) = given {
            self.links.push(Link {
                origin: Origin::Argument,
                name: name.to_owned(),
                text: text.clone(),
                place: None,
                depth,
                is_overridden: false,
            });
            is_decided = true;
        }
        if let Some(caller) = question.call
            && let Some((_, text)) = caller.arguments.iter().find(|(given, _)| given == name)
        {
            self.links.push(Link {
                origin: Origin::Call,
                name: name.to_owned(),
                text: text.clone(),
                place: Some(caller.place.clone()),
                depth,
                is_overridden: is_decided,
            });
            is_decided = true;
        }
        if let Some((file, value)) = self.environment(name) {
            self.given(Origin::Environment, name, (file, value), rest, depth, &mut is_decided);
        }
        let Some(param) = self.instance.params.iter().find(|param| param.name.node == name) else {
            return;
        };
        match &param.default {
            Some(default) => {
                self.given(
                    Origin::Default,
                    name,
                    (self.file, default),
                    rest,
                    depth,
                    &mut is_decided,
                );
            }
            None if !is_decided => {
                self.link(Origin::Open, name, (self.file, param.name.span), depth);
            }
            None => {}
        }
    }

    /// One of the values of a parameter; only the strongest is followed.
    fn given(
        &mut self,
        origin: Origin,
        name: &str,
        (file, value): (FileId, &'a Expr),
        rest: &[&str],
        depth: usize,
        is_decided: &mut bool,
    ) {
        self.link(origin, name, (file, value.span), depth);
        if let (true, Some(link)) = (*is_decided, self.links.last_mut()) {
            link.is_overridden = true;
            return;
        }
        *is_decided = true;
        self.follow(value, file, rest, depth);
    }

    /// What the environment sets the parameter to.
    fn environment(&self, name: &str) -> Option<(FileId, &'a Expr)> {
        let wanted = self.question.environment?;
        let key = format!("{}.{name}", self.question.pipeline);
        self.sources.iter().find_map(|(file, source)| {
            source.tree.items.iter().find_map(|stmt| match &stmt.kind {
                StmtKind::Instance(it)
                    if is_of(it, "env") && it.name.as_ref().is_some_and(|it| it.node == wanted) =>
                {
                    set(&it.body, &key).map(|(_, value)| (file, value))
                }
                _ => None,
            })
        })
    }

    /// The attribute `name` of a step of `kind`; false when there is no such attribute.
    pub(super) fn attribute(
        &mut self,
        body: &'a Block,
        kind: &str,
        name: &str,
        rest: &[&str],
    ) -> bool {
        if let Some((_, value)) = set(body, name) {
            self.link(Origin::Attribute, name, (self.file, value.span), 0);
            self.follow(value, self.file, rest, 0);
            return true;
        }
        self.port("step", kind, name, rest, 0) || self.port("record", STEP, name, rest, 0)
    }

    /// The attribute `name` of the pipeline, else of the project, else of the library.
    pub(super) fn setting(&mut self, name: &str, rest: &[&str]) -> bool {
        if let Some((_, value)) = set(&self.instance.body, name) {
            self.link(Origin::Attribute, name, (self.file, value.span), 0);
            self.follow(value, self.file, rest, 0);
            return true;
        }
        let project = self.sources.iter().find_map(|(file, source)| {
            source.tree.items.iter().find_map(|stmt| match &stmt.kind {
                StmtKind::Instance(it) if is_of(it, "project") => {
                    set(&it.body, name).map(|(_, value)| (file, value))
                }
                _ => None,
            })
        });
        if let Some((file, value)) = project {
            self.link(Origin::Attribute, name, (file, value.span), 0);
            self.follow(value, file, rest, 0);
            return true;
        }
        self.port("record", PROJECT, name, rest, 0) || self.port("record", PIPELINE, name, rest, 0)
    }

    /// The ports that a step of `kind` has.
    pub(super) fn ports(&self, kind: &str) -> Vec<String> {
        let own = definition(self.sources, "step", kind);
        let common = definition(self.sources, "record", STEP);
        let bodies = own.into_iter().chain(common).filter_map(|(_, it)| it.body.as_ref());
        let ports = bodies.flat_map(|body| &body.items).filter_map(|stmt| match &stmt.kind {
            StmtKind::Port { direction: Direction::In, name, .. } => Some(name.node.clone()),
            _ => None,
        });
        ports.collect()
    }

    /// The default of a port of the library; false when there is no such port.
    fn port(&mut self, keyword: &str, of: &str, name: &str, rest: &[&str], depth: usize) -> bool {
        let Some((file, found)) = definition(self.sources, keyword, of) else { return false };
        let items = found.body.iter().flat_map(|body| &body.items);
        for stmt in items {
            let StmtKind::Port { direction: Direction::In, name: port, ty, default } = &stmt.kind
            else {
                continue;
            };
            if port.node != name {
                continue;
            }
            match default {
                Some(default) if !is_none(default) => {
                    self.link(Origin::Library, name, (file, default.span), depth);
                    self.typed(default, file, ty, rest, depth);
                }
                // What is `none` until something else says what it is.
                Some(default) => self.link(Origin::Follows, name, (file, default.span), depth),
                None => self.link(Origin::Open, name, (file, port.span), depth),
            }
            return true;
        }
        false
    }

    /// As [`follow`](Self::follow); what a record does not set is its type's default.
    fn typed(&mut self, value: &'a Expr, file: FileId, ty: &Type, rest: &[&str], depth: usize) {
        if let (ExprKind::Record(fields), Some((first, deeper))) = (&value.kind, rest.split_first())
            && !fields.iter().any(|field| field.key.node == *first)
            && let TypeKind::Named(path, _) = &ty.kind
            && let Some(record) = path.last()
        {
            self.port("record", &record.node, first, deeper, depth);
            return;
        }
        self.follow(value, file, rest, depth);
    }

    /// Where `value`, or the field `rest` of it, is written.
    fn follow(&mut self, value: &'a Expr, file: FileId, rest: &[&str], depth: usize) {
        if self.links.len() >= LINKS_MAX {
            return;
        }
        match &value.kind {
            ExprKind::Name(name) => self.name(name, file, rest, depth),
            ExprKind::Field { base, name, .. } => {
                let path: Vec<&str> =
                    [&*name.node].into_iter().chain(rest.iter().copied()).collect();
                self.follow(base, file, &path, depth);
            }
            ExprKind::Paren(inner) => self.follow(inner, file, rest, depth),
            ExprKind::With(base, fields) => {
                if let Some((first, deeper)) = rest.split_first() {
                    match field(fields, first) {
                        Some(field) => {
                            self.link(Origin::Override, first, (file, field.value.span), depth);
                            self.follow(&field.value, file, deeper, depth);
                        }
                        None => self.follow(base, file, rest, depth),
                    }
                    return;
                }
                for field in fields {
                    self.link(Origin::Override, &field.key.node, (file, field.value.span), depth);
                }
                self.follow(base, file, rest, depth);
            }
            ExprKind::Record(fields) => {
                let Some((first, deeper)) = rest.split_first() else { return };
                if let Some(field) = field(fields, first) {
                    self.link(Origin::Field, first, (file, field.value.span), depth);
                    self.follow(&field.value, file, deeper, depth);
                }
            }
            ExprKind::Call(callee, args) => self.choice(callee, args, file, rest, depth),
            _ => self.parts(value, file, depth + 1),
        }
    }

    fn name(&mut self, name: &str, file: FileId, rest: &[&str], depth: usize) {
        if file == self.file {
            if self.instance.params.iter().any(|param| param.name.node == name) {
                return self.parameter(name, rest, depth);
            }
            let mut inner = self.instance.body.items.iter();
            let found = inner.find_map(|stmt| match &stmt.kind {
                StmtKind::Binding { keyword: Binding::Let, name: given, value, .. }
                    if given.node == name =>
                {
                    value.as_ref().map(Ok)
                }
                StmtKind::Instance(step) if super::is_called(step, name) => Some(Err(stmt.span)),
                _ => None,
            });
            match found {
                Some(Ok(value)) => {
                    self.link(Origin::Let, name, (file, value.span), depth);
                    return self.follow(value, file, rest, depth);
                }
                Some(Err(span)) => return self.output(name, (file, span), depth),
                None => {}
            }
        }
        let Some(named) = self.symbols.get(file, name) else { return };
        match named.symbol {
            Symbol::Let(_, Some(value)) => {
                self.link(Origin::Let, name, (named.at.file, value.span), depth);
                self.follow(value, named.at.file, rest, depth);
            }
            Symbol::Resource(instance) => self.resource(instance, named.at.file, rest, depth),
            _ => {}
        }
    }

    /// A step: the line it begins on says enough.
    fn output(&mut self, name: &str, (file, span): (FileId, Span), depth: usize) {
        self.link(Origin::Output, name, (file, span), depth);
        if let Some(link) = self.links.last_mut() {
            link.text = String::new();
        }
    }

    fn resource(&mut self, instance: &'a Instance, file: FileId, rest: &[&str], depth: usize) {
        let (Some(name), [kind]) = (&instance.name, instance.kind.as_slice()) else { return };
        let head = Span { start: kind.span.start, end: name.span.end };
        self.link(Origin::Resource, &name.node, (file, head), depth);
        let Some((first, deeper)) = rest.split_first() else { return };
        if let Some((_, value)) = set(&instance.body, first) {
            self.link(Origin::Attribute, first, (file, value.span), depth);
            return self.follow(value, file, deeper, depth);
        }
        let of = definition(self.sources, "resource", &kind.node);
        let record = of.and_then(|(_, it)| match &it.ty.as_ref()?.kind {
            TypeKind::Named(path, _) => path.last().map(|name| name.node.clone()),
            TypeKind::List(_) => None,
        });
        if let Some(record) = record {
            self.port("record", &record, first, deeper, depth);
        }
    }

    /// `adam(learning_rate: 0.001)`: the argument asked for, else the choice's default.
    fn choice(
        &mut self,
        callee: &'a Expr,
        args: &'a [Arg],
        file: FileId,
        rest: &[&str],
        depth: usize,
    ) {
        let Some((first, deeper)) = rest.split_first() else {
            for arg in args {
                self.parts(&arg.value, file, depth + 1);
            }
            return;
        };
        let named = |arg: &&Arg| arg.name.as_ref().is_some_and(|name| name.node == *first);
        let word = match &callee.kind {
            ExprKind::Name(name) => name,
            ExprKind::Field { name, .. } => &name.node,
            _ => return,
        };
        let variants = self.sources.iter().flat_map(|(file, source)| {
            let definitions = source.tree.items.iter().filter_map(|stmt| match &stmt.kind {
                StmtKind::Definition(it) => Some(it),
                _ => None,
            });
            definitions.flat_map(|it| &it.variants).map(move |variant| (file, variant))
        });
        let found =
            variants.filter(|(_, variant)| variant.name.node == *word).find_map(|(at, it)| {
                let place = it.params.iter().position(|param| param.name.node == *first)?;
                Some((at, place, it.params.get(place)?))
            });
        let by_place = found
            .as_ref()
            .and_then(|(_, place, _)| args.get(*place).filter(|arg| arg.name.is_none()));
        if let Some(arg) = args.iter().find(named).or(by_place) {
            self.link(Origin::Field, first, (file, arg.value.span), depth);
            self.follow(&arg.value, file, deeper, depth);
        } else if let Some((at, default)) =
            found.and_then(|(at, _, it)| Some((at, it.default.as_ref()?)))
        {
            self.link(Origin::Library, first, (at, default.span), depth);
            self.follow(default, at, deeper, depth);
        }
    }

    /// Where the names in a computation come from.
    fn parts(&mut self, value: &'a Expr, file: FileId, depth: usize) {
        for part in made_of(value) {
            match &part.kind {
                ExprKind::Name(_) | ExprKind::Field { .. } => self.follow(part, file, &[], depth),
                _ => self.parts(part, file, depth),
            }
        }
    }
}

/// The expressions that a computation is made of; a name is made of itself.
fn made_of(value: &Expr) -> Vec<&Expr> {
    match &value.kind {
        ExprKind::Name(_) | ExprKind::Field { .. } => vec![value],
        ExprKind::Text(parts) => {
            let inner = parts.iter().filter_map(|part| match part {
                TextPart::Expr(inner) => Some(inner),
                TextPart::Text(_) => None,
            });
            inner.collect()
        }
        ExprKind::List(items) => items.iter().collect(),
        ExprKind::Record(fields) => fields.iter().map(|field| &field.value).collect(),
        ExprKind::If(condition, then, otherwise) => vec![condition, then, otherwise],
        ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => vec![inner],
        ExprKind::Binary(_, left, right) | ExprKind::Index(left, right) => vec![left, right],
        ExprKind::Call(_, args) => args.iter().map(|arg| &arg.value).collect(),
        ExprKind::With(base, fields) => {
            [&**base].into_iter().chain(fields.iter().map(|field| &field.value)).collect()
        }
        ExprKind::Comprehension { source, condition, item, .. } => {
            [source, item].into_iter().chain(condition).map(|inner| &**inner).collect()
        }
        _ => Vec::new(),
    }
}

fn field<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.key.node == name)
}

fn is_none(value: &Expr) -> bool {
    matches!(&value.kind, ExprKind::Name(name) if name == "none")
}
