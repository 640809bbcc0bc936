//! A pipeline: its names first, then its attributes, its steps, what flows between them.

mod evidence;
mod follow;
mod handler;
mod held_out;
mod rule;
mod split;
mod step;

pub(crate) use step::StepParts;

use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::{duplicate, shadowed_name, unknown_kind};
use crate::elaborate::{Elaborator, PipelineNames, Scope, StepName, Typed};
use crate::flow::{Needs, circles};
use crate::program::{Expr, Param, Pipeline, Place};
use crate::symbol::Symbol;
use crate::ty::resolve::resolve;
use crate::{FileId, Library, Signature, library};
use std::collections::BTreeMap;
use suho_domain::{Name, Value};
use suho_syntax::ast::{Binding, ExprKind, Instance, Spanned, Stmt, StmtKind};

/// Whether `instance` is a step or something that stands beside steps.
enum Inside<'a> {
    Step,
    Handler,
    Misplaced,
    Unknown(&'a Spanned<String>),
}

impl<'a> Elaborator<'a> {
    /// The pipeline that `instance` writes.
    pub(crate) fn pipeline(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        file: FileId,
    ) -> Option<Pipeline> {
        let written = instance.name.as_ref()?;
        let name = Name::new(&*written.node).ok()?;
        let mut names = self.names(instance, file);
        let params = self.params(instance, &mut names, file);
        let scope = Scope::of_pipeline(file, &names);

        let ports = self.record_ports(library::PIPELINE);
        let attributes = self.attributes("pipeline", &instance.body, &[ports], &scope);
        let defaults: BTreeMap<Name, Value> = params
            .iter()
            .filter_map(|param| Some((param.name.clone(), constant(param, &params)?)))
            .collect();

        let outer = self.zone;
        self.zone = zone_of(&attributes).unwrap_or(outer);
        let mut steps = Vec::new();
        let mut handlers = Vec::new();
        for each in &instance.body.items {
            match &each.kind {
                StmtKind::Attribute { .. } => {}
                StmtKind::Binding { keyword: Binding::Let, name, .. } => {
                    let hint = crate::Type::Unknown;
                    let kind = ExprKind::Name(name.node.clone());
                    self.infer(&suho_syntax::ast::Expr { kind, span: name.span }, &hint, &scope);
                }
                StmtKind::Instance(inner) => match self.inside(inner, file) {
                    Inside::Step => steps.extend(self.step(inner, each, &scope)),
                    Inside::Handler => handlers.extend(self.handler(inner, &scope)),
                    Inside::Misplaced => self.misplaced(each, file, "in a pipeline"),
                    Inside::Unknown(kind) => self.unknown_step(kind, file),
                },
                _ => self.misplaced(each, file, "in a pipeline"),
            }
        }
        follow::fill(&mut steps);
        let places: BTreeMap<Name, At> =
            steps.iter().map(|step| (step.name.clone(), step.at)).collect();
        let needs: Needs =
            steps.iter().map(|step| (step.name.clone(), step.needs(&places))).collect();
        self.found.extend(circles(&needs, &places));
        let known = |expr: &Expr| match expr {
            Expr::Param(name) => defaults.get(name).cloned(),
            _ => None,
        };
        for step in &steps {
            self.keeps_checks(step, &known);
            self.split_is_sound(step, &known);
        }
        self.holds_out(&steps, &known);
        self.asks_for_evidence(&steps);
        self.is_of_its_tenant(&attributes, &steps, &known);
        self.zone = outer;
        for handler in &handlers {
            self.may_use(handler, &steps, &needs);
        }
        Some(Pipeline {
            name,
            doc: stmt.doc.clone(),
            params,
            attributes: said(attributes),
            steps: steps.into_iter().map(|step| step.lower(&needs, self.library)).collect(),
            handlers: handlers.into_iter().map(|parts| parts.handler).collect(),
            place: self.spot(At::new(file, stmt.span)),
        })
    }

    /// The place of `at` as the program holds it.
    pub(crate) fn spot(&self, at: At) -> Place {
        let file = self.sources.get(at.file).map(|source| source.name.clone());
        Place { file: file.unwrap_or_default(), line: self.sources.line(at) }
    }

    /// Every name the pipeline gives, parameters excepted.
    fn names<'s>(&mut self, instance: &'s Instance, file: FileId) -> PipelineNames<'s>
    where
        'a: 's,
    {
        let name = instance.name.as_ref().map_or("", |name| &*name.node);
        let mut names = PipelineNames { name, ..PipelineNames::default() };
        for stmt in &instance.body.items {
            match &stmt.kind {
                StmtKind::Binding { keyword: Binding::Let, name, ty, value } => {
                    let at = At::new(file, name.span);
                    if self.is_free(&name.node, at, &names) {
                        names.lets.insert(&name.node, (ty.as_ref(), value.as_ref(), at));
                    }
                }
                StmtKind::Instance(inner)
                    if !matches!(self.inside(inner, file), Inside::Handler) =>
                {
                    let Some(name) = &inner.name else { continue };
                    let at = At::new(file, name.span);
                    if self.is_free(&name.node, at, &names) {
                        let kind = inner.kind.first().map_or("", |kind| &*kind.node);
                        let signature = self.step_kind(kind, file);
                        let against = against(inner);
                        names.steps.insert(&name.node, StepName { signature, at, against });
                    }
                }
                _ => {}
            }
        }
        names
    }

    /// Whether `name` may be given at `at`; tells when it may not.
    fn is_free(&mut self, name: &str, at: At, names: &PipelineNames<'_>) -> bool {
        if let Some(first) = names.place(name) {
            self.found.push(duplicate::new(at, name, first));
            return false;
        }
        let other = self.symbols.get(at.file, name);
        // Kinds do not get in the way of what is of a kind.
        if let Some(other) = other.filter(|it| !matches!(it.symbol, Symbol::Definition(_))) {
            self.found.push(shadowed_name::new(at, name, other.at));
        }
        true
    }

    /// The file that defines the step `kind`, which `file` does not use, and the path to it from there.
    fn elsewhere(&self, kind: &str, file: FileId) -> Option<(String, String)> {
        self.library.steps.get(kind)?;
        let here = &self.sources.get(file)?.name;
        let defines = |source: &crate::source::Source| {
            source.tree.items.iter().any(|stmt| match &stmt.kind {
                StmtKind::Definition(it) => it.name.node == kind,
                _ => false,
            })
        };
        let there = self.sources.iter().find(|(_, source)| defines(source))?.1;
        Some((there.name.clone(), crate::source::import::between(here, &there.name)))
    }

    /// The parameters; a default may use those before it and the file's names.
    fn params<'s>(
        &mut self,
        instance: &'s Instance,
        names: &mut PipelineNames<'s>,
        file: FileId,
    ) -> Vec<Param> {
        let mut params = Vec::new();
        let mut before = PipelineNames { name: names.name, ..PipelineNames::default() };
        for param in &instance.params {
            let at = At::new(file, param.name.span);
            let ty = resolve(&param.ty, file, self.library, &mut self.found);
            let scope = Scope::of_pipeline(file, &before);
            let default = param.default.as_ref().map(|it| self.check(it, &ty, &scope).expr);
            if self.is_free(&param.name.node, at, names) {
                names.params.insert(&param.name.node, (ty.clone(), at));
                before.params.insert(&param.name.node, (ty.clone(), at));
                if let Ok(name) = Name::new(&*param.name.node) {
                    params.push(Param { name, ty, default });
                }
            }
        }
        params
    }

    /// The step that `word` means in `file`: one of the library, or one that the file gives or uses.
    pub(crate) fn step_kind(&self, word: &str, file: FileId) -> Option<&'a Signature> {
        let library = self.library;
        if self.modules.contains_key(word) {
            return library.steps.get(word);
        }
        match self.symbols.get(file, word)?.symbol {
            Symbol::Definition(it) => library.steps.get(it.name.node.as_str()),
            _ => None,
        }
    }

    fn inside<'i>(&self, instance: &'i Instance, file: FileId) -> Inside<'i> {
        let [kind] = instance.kind.as_slice() else { return Inside::Misplaced };
        match &*kind.node {
            "on" => Inside::Handler,
            word if self.step_kind(word, file).is_some() => Inside::Step,
            word if OUTSIDE.contains(&word) => Inside::Misplaced,
            word if self.library.resources.contains_key(word) => Inside::Misplaced,
            word if self.library.watches.contains_key(word) => Inside::Misplaced,
            _ => Inside::Unknown(kind),
        }
    }

    fn unknown_step(&mut self, kind: &Spanned<String>, file: FileId) {
        let library: &Library = self.library;
        let at = At::new(file, kind.span);
        if let Some((other, path)) = self.elsewhere(&kind.node, file) {
            let insert = self.heads_end(file);
            self.found.push(unknown_kind::not_used(at, &kind.node, &other, &path, insert));
            return;
        }
        let known = library.steps.keys().map(Name::as_str).chain(["on"]);
        self.no_kind(&kind.node, at, known);
    }
}

/// Kinds of blocks that stand in no pipeline.
const OUTSIDE: [&str; 7] = ["pipeline", "project", "env", "monitor", "trigger", "matrix", "test"];

/// The name that the attribute `against` is set to, for suggestions.
fn against(instance: &Instance) -> Option<&str> {
    instance.body.items.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Attribute { path, value } => match (path.as_slice(), &value.kind) {
            ([key], ExprKind::Name(name)) if key.node == "against" => Some(&**name),
            _ => None,
        },
        _ => None,
    })
}

/// The zone that `attributes` set.
pub(crate) fn zone_of(attributes: &BTreeMap<String, Typed>) -> Option<chrono_tz::Tz> {
    match &attributes.get("timezone")?.expr {
        Expr::Value(Value::Text(zone)) => suho_time::parse_zone(zone).ok(),
        _ => None,
    }
}

/// A parameter's default, earlier parameters' defaults put in.
fn constant(param: &Param, params: &[Param]) -> Option<Value> {
    let before = |expr: &Expr| match expr {
        Expr::Param(name) => {
            let position = params.iter().position(|each| each.name == param.name)?;
            let earlier = params.get(..position)?;
            constant(earlier.iter().find(|each| each.name == *name)?, earlier)
        }
        _ => None,
    };
    crate::fold::known(param.default.as_ref()?, &before)
}

/// `typed`'s value, if it is known.
pub(crate) fn value_of(typed: &Typed, known: &dyn Fn(&Expr) -> Option<Value>) -> Option<Value> {
    crate::fold::known(&typed.expr, known)
}
