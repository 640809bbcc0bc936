//! Calls: choices of enums with arguments, and the functions of the language.

use super::{Elaborator, Scope, Typed};
use crate::diagnostic::At;
use crate::diagnostics::{
    missing_attribute, too_many_arguments, type_mismatch, unknown_field, unknown_name,
    unknown_variant,
};
use crate::mention::{Meaning, Owner};
use crate::near::nearest;
use crate::program::Expr;
use crate::scenario::is_of_tests;
use crate::symbol::Symbol;
use crate::{Phase, Port, Type};
use std::collections::BTreeMap;
use suho_domain::Stage;
use suho_syntax::ast::{self, Arg, ExprKind};

/// The functions there are.
const FUNCTIONS: [&str; 7] = ["increasing", "last", "len", "max", "min", "next", "sum"];
/// The enum that `next(…, bump: …)` takes.
const BUMP: &str = "Bump";

impl Elaborator<'_> {
    /// `callee(args)`.
    pub(super) fn call(
        &mut self,
        callee: &ast::Expr,
        args: &[Arg],
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        match &callee.kind {
            ExprKind::Name(name) => self.call_name(name, callee, args, at, hint, scope),
            ExprKind::Field { base, name, .. } => match &base.kind {
                ExprKind::Name(of) if self.library.enums.contains_key(of) => {
                    let base_at = At::new(scope.file, base.span);
                    self.note_word(base_at, || Meaning::Type(of.clone()));
                    let name_at = At::new(scope.file, name.span);
                    self.note_choice(name_at, &Type::Enum(of.clone()), &name.node);
                    self.variant(&Type::Enum(of.clone()), &name.node, args, at, scope)
                }
                _ => self.not_callable(callee, at, scope),
            },
            ExprKind::Missing => Typed::broken(at),
            _ => self.not_callable(callee, at, scope),
        }
    }

    fn call_name(
        &mut self,
        name: &str,
        callee: &ast::Expr,
        args: &[Arg],
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        let callee_at = At::new(scope.file, callee.span);
        self.want_value(callee_at, hint, scope);
        if self.choice_of(hint, name).is_some() {
            self.note_choice(callee_at, hint.plain(), name);
            return self.variant(hint.plain(), name, args, at, scope);
        }
        if let Type::Secret(_) = hint.plain() {
            let call = ast::Expr {
                kind: ExprKind::Call(Box::new(callee.clone()), args.to_vec()),
                span: at.span,
            };
            return self.handle(&call, hint.plain(), scope);
        }
        if FUNCTIONS.contains(&name) || (scope.is_test && is_of_tests(name)) {
            self.note_word(callee_at, || Meaning::Function(name.to_owned()));
        }
        if FUNCTIONS.contains(&name) {
            return self.function(name, args, at, scope);
        }
        if scope.is_test && is_of_tests(name) {
            return self.asked(name, args, at, scope);
        }
        if let Some(named) = self.symbols.get(scope.file, name)
            && let Symbol::Pipeline(instance) = named.symbol
        {
            let own = instance.name.as_ref().map_or(name, |own| &*own.node);
            let ty = Type::Run(suho_domain::Name::new(own).ok());
            self.note(callee_at, &ty, Some(named.at), || Meaning::Pipeline(own.to_owned()));
            return self.run(instance, named.at, args, at, scope);
        }
        if let Type::Enum(of) = hint.plain() {
            let choices = self.library.enums.get(of).into_iter().flatten();
            let known: Vec<&str> = choices.map(|choice| &*choice.name).collect();
            return self.broken(at, unknown_variant::new(callee_at, of, name, &known));
        }
        if self.place(name, scope).is_some() {
            return self.not_callable(callee, at, scope);
        }
        // Without an expectation a choice that only one enum has is clear enough.
        let mut owners = self
            .library
            .enums
            .iter()
            .filter(|(_, choices)| choices.iter().any(|choice| choice.name == name));
        if let (Some((of, _)), None) = (owners.next(), owners.next()) {
            self.note_choice(callee_at, &Type::Enum(of.clone()), name);
            return self.variant(&Type::Enum(of.clone()), name, args, at, scope);
        }
        let pipelines = self.symbols.names(scope.file).filter(|name| {
            let named = self.symbols.get(scope.file, name);
            named.is_some_and(|named| matches!(named.symbol, Symbol::Pipeline(_)))
        });
        let near = nearest(name, FUNCTIONS.into_iter().chain(pipelines));
        self.broken(at, unknown_name::function(callee_at, name, near))
    }

    fn not_callable(&mut self, callee: &ast::Expr, at: At, scope: &Scope<'_>) -> Typed {
        let callee_at = At::new(scope.file, callee.span);
        let text = format!("`{}` takes no arguments", self.sources.slice(callee_at));
        self.broken(at, type_mismatch::operator(callee_at, text))
    }

    /// Arguments by field, defaults filled in: first those without a name, in order.
    pub(crate) fn arguments(
        &mut self,
        owner: Owner<'_>,
        fields: &[Port],
        args: &[Arg],
        at: At,
        scope: &Scope<'_>,
    ) -> (BTreeMap<String, Expr>, Phase) {
        let (mut given, phase, is_whole) = self.given(owner, fields, args, at, scope);
        let missing = defaults(&mut given, fields);
        if is_whole && !missing.is_empty() {
            let what = format!("`{}`", owner.name());
            self.found.push(missing_attribute::new(at, &what, &missing));
        }
        (given, phase)
    }

    /// Arguments by field, as they are written; and whether each was for one.
    pub(super) fn given(
        &mut self,
        owner: Owner<'_>,
        fields: &[Port],
        args: &[Arg],
        at: At,
        scope: &Scope<'_>,
    ) -> (BTreeMap<String, Expr>, Phase, bool) {
        self.note_call(at, owner, fields, args);
        let mut phase = Phase::Plan;
        let mut given = BTreeMap::new();
        let mut is_whole = true;
        for (position, arg) in args.iter().enumerate() {
            let value_at = At::new(scope.file, arg.value.span);
            let field = self.argument(owner, fields, arg, position, scope);
            let Some(field) = field else {
                is_whole = false;
                continue;
            };
            let typed = self.check(&arg.value, &field.ty, scope);
            if arg.name.is_none() && matches!(arg.value.kind, ExprKind::Name(_)) {
                let open = fields.iter().skip(position);
                let is_open = |field: &&Port| {
                    !args
                        .iter()
                        .any(|arg| arg.name.as_ref().is_some_and(|name| name.node == field.name))
                };
                self.may_be_named(value_at, open.filter(is_open));
            }
            phase = phase.max(typed.phase);
            if given.insert(field.name.clone(), typed.expr).is_some() {
                let found = crate::diagnostics::duplicate::new(value_at, &field.name, at);
                self.found.push(found);
            }
        }
        (given, phase, is_whole)
    }

    /// The field that an argument is for; tells when there is none.
    fn argument<'f>(
        &mut self,
        owner: Owner<'_>,
        fields: &'f [Port],
        arg: &Arg,
        position: usize,
        scope: &Scope<'_>,
    ) -> Option<&'f Port> {
        let Some(name) = &arg.name else {
            let field = fields.get(position);
            if field.is_none() {
                let at = At::new(scope.file, arg.value.span);
                self.found.push(too_many_arguments::new(at, owner.name(), fields.len()));
            }
            return field;
        };
        let field = fields.iter().find(|field| field.name == name.node);
        let at = At::new(scope.file, name.span);
        if let Some(field) = field {
            self.note_port(at, owner, field);
        } else {
            let known: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
            let what = format!("`{}`", owner.name());
            self.found.push(unknown_field::new(at, &what, &name.node, &known));
        }
        field
    }

    /// A function of the language.
    fn function(&mut self, name: &str, args: &[Arg], at: At, scope: &Scope<'_>) -> Typed {
        if name != "next" {
            self.note_call(at, Owner::Function(name), &[], args);
        }
        match name {
            "next" => self.next(args, at, scope),
            "last" => self.last(args, at, scope),
            "min" | "max" => self.extreme(name, args, at, scope),
            _ => {
                let typed = self.only_argument(name, args, at, scope);
                let Some(typed) = typed else { return Typed::broken(at) };
                let Type::List(of) = &typed.ty else {
                    let got = typed.ty.to_string();
                    return self.broken(at, type_mismatch::new(typed.at, "a list", &got));
                };
                let ty = match name {
                    "len" => Type::Int,
                    "increasing" => Type::Bool,
                    _ => (**of).clone(),
                };
                called(name, vec![(None, typed.expr)], ty, typed.phase, at)
            }
        }
    }

    pub(crate) fn only_argument(
        &mut self,
        name: &str,
        args: &[Arg],
        at: At,
        scope: &Scope<'_>,
    ) -> Option<Typed> {
        match args {
            [only] => {
                let typed = self.infer(&only.value, &Type::Unknown, scope);
                (!typed.is_broken()).then_some(typed)
            }
            [] => {
                let missing = [("a value", &Type::Unknown)];
                self.found.push(missing_attribute::new(at, &format!("`{name}`"), &missing));
                None
            }
            _ => {
                self.found.push(too_many_arguments::new(at, name, 1));
                None
            }
        }
    }

    /// `next(baseline, bump: auto)`: the version after the one in production.
    fn next(&mut self, args: &[Arg], at: At, scope: &Scope<'_>) -> Typed {
        let port = |name: &str, ty: Type, default| Port {
            name: name.to_owned(),
            ty,
            default,
            doc: None,
            phase: Phase::Start,
        };
        let model = Type::Optional(Box::new(Type::Model(Stage::Production)));
        let auto = crate::fold::variant("auto", BTreeMap::new());
        let fields =
            [port("model", model, None), port("bump", Type::Enum(BUMP.to_owned()), Some(auto))];
        let (mut given, phase) = self.arguments(Owner::Function("next"), &fields, args, at, scope);
        let mut take = |name: &str| Some((Some(name.to_owned()), given.remove(name)?));
        let args = [take("model"), take("bump")].into_iter().flatten().collect();
        called("next", args, Type::Version, phase.max(Phase::Start), at)
    }

    /// `last(steps)` of a list, `last(2y)` before the run's start.
    fn last(&mut self, args: &[Arg], at: At, scope: &Scope<'_>) -> Typed {
        let Some(typed) = self.only_argument("last", args, at, scope) else {
            return Typed::broken(at);
        };
        match &typed.ty {
            Type::List(of) => {
                let ty = (**of).clone();
                called("last", vec![(None, typed.expr)], ty, typed.phase, at)
            }
            Type::Period | Type::Duration => {
                let ty = Type::Range(Box::new(Type::Date));
                called("last", vec![(None, typed.expr)], ty, Phase::Start, at)
            }
            other => {
                let got = other.to_string();
                self.broken(at, type_mismatch::new(typed.at, "a list or a period", &got))
            }
        }
    }

    /// `min(a, b)`.
    fn extreme(&mut self, name: &str, args: &[Arg], at: At, scope: &Scope<'_>) -> Typed {
        let mut ty = Type::Unknown;
        let mut phase = Phase::Plan;
        let mut items = Vec::new();
        for arg in args {
            let typed = self.infer(&arg.value, &ty, scope);
            let typed = self.fit(typed, &ty);
            if ty == Type::Unknown {
                ty = typed.ty.clone();
            }
            phase = phase.max(typed.phase);
            items.push((None, typed.expr));
        }
        if items.is_empty() {
            let missing = [("a value", &Type::Unknown)];
            return self.broken(at, missing_attribute::new(at, &format!("`{name}`"), &missing));
        }
        called(name, items, ty, phase, at)
    }
}

pub(super) fn called(
    name: &str,
    args: Vec<(Option<String>, Expr)>,
    ty: Type,
    phase: Phase,
    at: At,
) -> Typed {
    let expr = crate::fold::folded(Expr::Call(name.to_owned(), args));
    Typed { expr, ty, phase, at }
}

/// Enters the defaults of what is not `given`; answers what has none.
pub(super) fn defaults<'p>(
    given: &mut BTreeMap<String, Expr>,
    fields: &'p [Port],
) -> Vec<(&'p str, &'p Type)> {
    let mut missing = Vec::new();
    for field in fields {
        if given.contains_key(&field.name) {
            continue;
        }
        match &field.default {
            Some(default) => {
                given.insert(field.name.clone(), default.clone());
            }
            None => missing.push((&*field.name, &field.ty)),
        }
    }
    missing
}
