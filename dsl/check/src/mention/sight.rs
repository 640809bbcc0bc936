//! The names in sight of a place, each with what it stands for.

use super::meaning::{Key, Meaning, PortOf};
use crate::diagnostic::At;
use crate::elaborate::{Elaborator, Scope};
use crate::symbol::{Named, Symbol};
use crate::{FileId, Type};
use std::collections::BTreeSet;

/// A name in sight.
#[derive(Clone, Debug, PartialEq)]
pub struct InSight {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub meaning: Meaning,
    /// The type of its value; [`Type::Unknown`] where it has none.
    pub ty: Type,
    /// Where it is given.
    pub given: Option<At>,
}

impl Elaborator<'_> {
    /// What the bare name `name` stands for in `scope`, and where that is given.
    pub(crate) fn meaning_of(
        &self,
        name: &str,
        scope: &Scope<'_>,
    ) -> Option<(Meaning, Option<At>)> {
        if let Some((_, _, at)) = scope.bound.iter().rev().find(|it| it.0.as_str() == name) {
            return Some((Meaning::Bound, *at));
        }
        if let Some(meaning) = self.own_meaning(name, scope) {
            return Some((meaning, None));
        }
        if let Some(pipeline) = scope.pipeline {
            if let Some((_, at)) = pipeline.params.get(name) {
                let meaning = Meaning::Param(pipeline.name.to_owned(), name.to_owned());
                return Some((meaning, Some(*at)));
            }
            if let Some((_, _, at)) = pipeline.lets.get(name) {
                return Some((Meaning::Let, Some(*at)));
            }
            if let Some(step) = pipeline.steps.get(name) {
                let kind = step.signature.map_or("", |signature| signature.kind.as_str());
                return Some((Meaning::Step(kind.to_owned()), Some(step.at)));
            }
        }
        let is_ambient = match name {
            "event" => scope.is_handler,
            "run" => scope.is_test,
            _ => false,
        };
        if is_ambient {
            return Some((Meaning::Ambient(name.to_owned()), None));
        }
        let named = self.symbols.get(scope.file, name)?;
        Some((meaning(&named), Some(named.at)))
    }

    /// In a rule: the attributes of its own block, and the metrics it may speak of.
    fn own_meaning(&self, name: &str, scope: &Scope<'_>) -> Option<Meaning> {
        let rule = scope.rule.as_ref()?;
        let kind = rule.signature.kind.as_str();
        if let Some(port) = rule.signature.inputs.iter().find(|port| port.name == name) {
            let key = Some(Key::Input(kind.to_owned(), name.to_owned()));
            let set = rule.inputs.get(name).map(|typed| typed.expr.clone());
            let port = PortOf { port: port.clone(), of: kind.to_owned(), key, set };
            return Some(Meaning::Port(Box::new(port)));
        }
        if name == crate::elaborate::REFERENCE && self.library.watches.contains_key(kind) {
            return Some(Meaning::Ambient(name.to_owned()));
        }
        let is_metric = rule.signature.metrics.iter().any(|metric| metric == name);
        is_metric.then(|| Meaning::Metric(name.to_owned()))
    }

    /// Every name in sight of `scope` with what it stands for, the nearest first.
    pub(super) fn in_sight_of(&mut self, scope: &Scope<'_>) -> Vec<InSight> {
        let mut names: Vec<String> =
            self.names_in_sight(scope).into_iter().map(str::to_owned).collect();
        let ambient = [("event", scope.is_handler), ("run", scope.is_test)];
        names.extend(ambient.into_iter().filter(|it| it.1).map(|it| it.0.to_owned()));
        if scope.rule.is_some() && self.own_meaning(crate::elaborate::REFERENCE, scope).is_some() {
            names.push(crate::elaborate::REFERENCE.to_owned());
        }
        let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
        for name in names {
            let Some((meaning, given)) = self.meaning_of(&name, scope) else { continue };
            if !seen.insert(name.clone()) {
                continue;
            }
            let at = At::new(scope.file, suho_syntax::ast::Span::default());
            let ty = self.in_sight(&name, at, scope).map_or(Type::Unknown, |typed| typed.ty);
            all.push(InSight { name, meaning, ty, given });
        }
        all
    }

    /// The names that `file` gives to those who use it.
    pub(super) fn given_by(&mut self, file: FileId) -> Vec<InSight> {
        let scope = Scope::of_file(file);
        let mut given = self.in_sight_of(&scope);
        given.retain(|name| name.given.is_some_and(|at| at.file == file));
        given
    }
}

/// What a name of a file stands for.
pub(crate) fn meaning(named: &Named<'_>) -> Meaning {
    let kind = |instance: &suho_syntax::ast::Instance| {
        instance.kind.first().map(|kind| kind.node.clone()).unwrap_or_default()
    };
    match named.symbol {
        Symbol::Let(..) => Meaning::Let,
        Symbol::Secret(..) => Meaning::Secret,
        Symbol::Resource(instance) => Meaning::Resource(kind(instance)),
        Symbol::Pipeline(instance) => {
            let name = instance.name.as_ref().map(|name| name.node.clone());
            Meaning::Pipeline(name.unwrap_or_default())
        }
        Symbol::Monitor(instance) => Meaning::Block(kind(instance)),
        Symbol::Definition(it) => match &*it.keyword.node {
            "step" | "resource" => Meaning::Kind(it.name.node.clone()),
            "metric" => Meaning::Metric(it.name.node.clone()),
            _ => Meaning::Type(it.name.node.clone()),
        },
    }
}
