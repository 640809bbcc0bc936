//! Bare names: what is bound, the step's own, the pipeline's, the file's, a choice of the enum.

use super::{Elaborator, Found, PipelineNames, RunNames, Scope, StepName, Typed};
use crate::diagnostic::At;
use crate::diagnostics::{ambiguous_name, cycle, missing_attribute, phase, unknown_metric};
use crate::diagnostics::{type_mismatch, unknown_field, unknown_name, unknown_variant};
use crate::mention::{Meaning, Owner, Wanted};
use crate::program::Expr;
use crate::symbol::{Named, Symbol};
use crate::ty::resolve::resolve;
use crate::{Choice, Phase, Type};
use suho_domain::{Name, Value};
use suho_syntax::ast;

/// In the rules of a monitor: what was measured when its model was promoted.
pub(crate) const REFERENCE: &str = "reference";
/// The enum of the library that lists how steps end.
pub(super) const END: &str = "End";

impl Elaborator<'_> {
    /// What the bare name `name` stands for.
    pub(super) fn name(&mut self, name: &str, at: At, hint: &Type, scope: &Scope<'_>) -> Typed {
        if let (Type::Form(form), Some(run)) = (hint.plain(), &scope.run)
            && form == "Parameter"
        {
            return self.parameter(name, at, run, hint);
        }
        self.want_value(at, hint, scope);
        let choice = self.choice_of(hint, name).is_some();
        if let Some(typed) = self.in_sight(name, at, scope) {
            if self.notes.is_some()
                && let Some((meaning, given)) = self.meaning_of(name, scope)
            {
                self.note(at, &typed.ty, given, || meaning);
            }
            if let (Type::Enum(of), true) = (hint.plain(), choice) {
                let other = self.place(name, scope);
                return self.broken(at, ambiguous_name::new(at, name, of, other));
            }
            return typed;
        }
        match (choice, name) {
            (true, _) => {
                self.note_choice(at, hint.plain(), name);
                self.variant(hint.plain(), name, &[], at, scope)
            }
            (false, "true" | "false" | "none") => {
                self.note_word(at, || Meaning::Constant(name.to_owned()));
                constant(name, at)
            }
            _ => self.unknown(name, at, hint, scope),
        }
    }

    /// The choice `name` of the enum `hint`, if it is one and has it.
    pub(super) fn choice_of(&self, hint: &Type, name: &str) -> Option<&Choice> {
        let Type::Enum(of) = hint.plain() else { return None };
        self.library.enums.get(of)?.iter().find(|choice| choice.name == name)
    }

    /// Notes the choice `name` of the enum `of`.
    pub(super) fn note_choice(&mut self, at: At, of: &Type, name: &str) {
        if let Type::Enum(of_name) = of {
            self.note(at, of, None, || Meaning::Choice(of_name.clone(), name.to_owned()));
        }
    }

    /// A parameter of the pipeline that is run, by its name.
    fn parameter(&mut self, name: &str, at: At, run: &RunNames, hint: &Type) -> Typed {
        if self.is_asked(at) {
            let names = run.params.iter().map(|param| param.name.clone()).collect();
            self.want(Wanted::Word(names));
        }
        if let Some(port) = run.params.iter().find(|param| param.name == name) {
            if let Some((_, given)) = self.symbols.pipeline(run.pipeline.as_str()) {
                self.note_port(at, Owner::Pipeline(run.pipeline.as_str(), given), port);
            }
            return Typed::value(Value::text(name), hint.plain().clone(), at);
        }
        let known: Vec<&str> = run.params.iter().map(|param| &*param.name).collect();
        let what = format!("`{}`", run.pipeline);
        self.broken(at, unknown_field::new(at, &what, name, &known))
    }

    /// The value of a name that is in sight.
    pub(crate) fn in_sight(&mut self, name: &str, at: At, scope: &Scope<'_>) -> Option<Typed> {
        if let Some((bound, ty, _)) =
            scope.bound.iter().rev().find(|(bound, ..)| bound.as_str() == name)
        {
            let expr = Expr::Bound(bound.clone());
            return Some(Typed { expr, ty: ty.clone(), phase: Phase::Plan, at });
        }
        if let Some(typed) = self.own(name, at, scope) {
            return Some(typed);
        }
        if let Some(pipeline) = scope.pipeline {
            if let Some((ty, _)) = pipeline.params.get(name) {
                let expr = Expr::Param(Name::new(name).ok()?);
                return Some(Typed { expr, ty: ty.clone(), phase: Phase::Plan, at });
            }
            if let Some((ty, value, given)) = pipeline.lets.get(name) {
                let inner = Scope { rule: None, bound: Vec::new(), ..scope.clone() };
                return Some(self.bound(name, *given, *ty, *value, at, &inner));
            }
            if let Some(step) = pipeline.steps.get(name) {
                return whole(name, *step, at);
            }
        }
        if scope.is_handler && name == "event" {
            let ty = Type::Record(crate::library::EVENT.to_owned());
            let expr = Expr::Live("event".to_owned());
            return Some(Typed { expr, ty, phase: Phase::Run, at });
        }
        if scope.is_test && name == "run" {
            let (expr, ty) = (Expr::Live("run".to_owned()), Type::Enum(END.to_owned()));
            return Some(Typed { expr, ty, phase: Phase::Run, at });
        }
        let named = self.symbols.get(scope.file, name)?;
        if let Symbol::Definition(_) = named.symbol {
            return None;
        }
        Some(self.of_file(name, named, at))
    }

    /// The step's own attributes and live metrics, inside its rules.
    fn own(&mut self, name: &str, at: At, scope: &Scope<'_>) -> Option<Typed> {
        let rule = scope.rule?;
        if let Some(input) = rule.inputs.get(name) {
            return Some(Typed { at, ..input.clone() });
        }
        if name == REFERENCE && self.library.watches.contains_key(&rule.signature.kind) {
            let types = rule.signature.metrics.iter().filter_map(|name| {
                Some((name.clone(), self.library.metrics.get(name)?.ty.clone()))
            });
            let ty = Type::Fields(types.collect());
            let expr = Expr::Live(REFERENCE.to_owned());
            return Some(Typed { expr, ty, phase: Phase::Live, at });
        }
        rule.signature.metrics.iter().find(|metric| *metric == name)?;
        let metric = self.library.metrics.get(name)?;
        let expr = Expr::Live(name.to_owned());
        Some(Typed { expr, ty: metric.ty.clone(), phase: Phase::Live, at })
    }

    /// A name of the file: its own or one that it uses.
    fn of_file(&mut self, name: &str, named: Named<'_>, at: At) -> Typed {
        let scope = Scope::of_file(named.at.file);
        match named.symbol {
            Symbol::Let(ty, value) => self.bound(name, named.at, ty, value, at, &scope),
            Symbol::Secret(ty, value) => self.secret(named.at, ty, value, at),
            Symbol::Resource(instance) => {
                self.once(name, named.at, at, |this| this.resource(instance, named.at))
            }
            Symbol::Monitor(instance) => crate::monitor::watched(instance, at),
            Symbol::Pipeline(_) => {
                let text = format!("a pipeline is run by a call: `{name}(…)`");
                self.broken(at, type_mismatch::operator(at, text))
            }
            Symbol::Definition(_) => {
                let text = format!("`{name}` is a kind, no value");
                self.broken(at, type_mismatch::operator(at, text))
            }
        }
    }

    /// The value of a name given by `let` at `given`.
    fn bound(
        &mut self,
        name: &str,
        given: At,
        ty: Option<&ast::Type>,
        value: Option<&ast::Expr>,
        at: At,
        scope: &Scope<'_>,
    ) -> Typed {
        let inner = Scope { file: given.file, ..scope.clone() };
        self.once(name, given, at, |this| {
            let Some(value) = value else {
                let what = format!("`let {name}`");
                let missing = [("a value", &Type::Unknown)];
                return this.broken(given, missing_attribute::new(given, &what, &missing));
            };
            match ty {
                Some(ty) => {
                    let ty = resolve(ty, given.file, this.library, &mut this.found);
                    this.check(value, &ty, &inner)
                }
                None => this.infer(value, &Type::Unknown, &inner),
            }
        })
    }

    /// Finds the value of the name given at `given` once; a name that needs itself is an error.
    fn once(
        &mut self,
        name: &str,
        given: At,
        at: At,
        find: impl FnOnce(&mut Self) -> Typed,
    ) -> Typed {
        match self.known.get(&given) {
            Some(Found::Done(typed)) => return Typed { at, ..typed.clone() },
            Some(Found::Busy) => {
                let circle = self.way.iter().skip_while(|(_, at)| *at != given);
                let circle: Vec<_> = circle.map(|(name, at)| (name.as_str(), *at)).collect();
                self.found.extend(cycle::new(&circle));
                return Typed::broken(at);
            }
            None => {}
        }
        self.known.insert(given, Found::Busy);
        self.way.push((name.to_owned(), given));
        let typed = find(self);
        self.way.pop();
        self.known.insert(given, Found::Done(typed.clone()));
        Typed { at, ..typed }
    }

    /// Checks a value of a file even if nothing uses it.
    pub(crate) fn visit(&mut self, name: &str, named: Named<'_>) -> Typed {
        let typed = self.of_file(name, named, named.at);
        self.note(named.at, &typed.ty, Some(named.at), || crate::mention::meaning(&named));
        typed
    }

    /// A choice of the enum `of`, with its arguments.
    pub(super) fn variant(
        &mut self,
        of: &Type,
        name: &str,
        args: &[ast::Arg],
        at: At,
        scope: &Scope<'_>,
    ) -> Typed {
        let library = self.library;
        let choices = match of {
            Type::Enum(of) => library.enums.get(of).map(Vec::as_slice).unwrap_or_default(),
            _ => &[],
        };
        let Some(choice) = choices.iter().find(|choice| choice.name == name) else {
            let known: Vec<&str> = choices.iter().map(|choice| &*choice.name).collect();
            return self.broken(at, unknown_variant::new(at, &of.to_string(), name, &known));
        };
        let of_name = of.to_string();
        let owner = Owner::Choice(&of_name, name);
        let (fields, phase) = self.arguments(owner, &choice.fields, args, at, scope);
        let expr = crate::fold::variant(name, fields);
        Typed { expr, ty: of.clone(), phase, at }
    }

    fn unknown(&mut self, name: &str, at: At, hint: &Type, scope: &Scope<'_>) -> Typed {
        if let (Some(_), None) = (self.library.metrics.get(name), scope.rule) {
            return self.broken(at, phase::metric(at, name));
        }
        if let (Some(_), Some(rule)) = (self.library.metrics.get(name), scope.rule) {
            let (kind, known) = (rule.signature.kind.as_str(), &rule.signature.metrics);
            return self.broken(at, unknown_metric::new(at, kind, name, known));
        }
        if let Type::Enum(of) = hint.plain() {
            let choices = self.library.enums.get(of).into_iter().flatten();
            let known: Vec<&str> = choices.map(|choice| &*choice.name).collect();
            return self.broken(at, unknown_variant::new(at, of, name, &known));
        }
        let near = self.meant(name, hint, scope).map(str::to_owned);
        self.broken(at, unknown_name::new(at, name, near.as_deref()))
    }

    /// Every name in sight, the nearest scope first.
    pub(crate) fn names_in_sight<'n>(&'n self, scope: &'n Scope<'_>) -> Vec<&'n str> {
        let mut names: Vec<&str> = scope.bound.iter().map(|(name, ..)| name.as_str()).collect();
        if let Some(rule) = &scope.rule {
            names.extend(rule.signature.metrics.iter().map(String::as_str));
            names.extend(rule.inputs.keys().map(String::as_str));
        }
        names.extend(scope.pipeline.into_iter().flat_map(PipelineNames::names));
        names.extend(self.symbols.names(scope.file));
        names
    }

    /// Where `name` is given.
    pub(super) fn place(&self, name: &str, scope: &Scope<'_>) -> Option<At> {
        let pipeline = scope.pipeline.and_then(|pipeline| pipeline.place(name));
        pipeline.or_else(|| self.symbols.get(scope.file, name).map(|named| named.at))
    }
}

/// `true`, `false`, `none`.
fn constant(name: &str, at: At) -> Typed {
    match name {
        "none" => Typed::value(Value::None, Type::Optional(Box::new(Type::Unknown)), at),
        _ => Typed::value(Value::Bool(name == "true"), Type::Bool, at),
    }
}

/// A step as a whole.
fn whole(name: &str, step: StepName<'_>, at: At) -> Option<Typed> {
    let Some(signature) = step.signature else { return Some(Typed::broken(at)) };
    let expr = Expr::Output { step: Name::new(name).ok()?, path: Vec::new() };
    let typed = match signature.outputs.as_slice() {
        [only] if only.name == "self" => Typed { expr, ty: only.ty.clone(), phase: only.phase, at },
        _ => Typed { expr, ty: Type::Outputs(signature.kind.clone()), phase: Phase::Run, at },
    };
    Some(typed)
}
