//! Lists, comprehensions, records and `with`.

use super::{Elaborator, Scope, Typed};
use crate::diagnostic::At;
use crate::diagnostics::{
    duplicate, missing_attribute, shadowed_name, type_mismatch, unknown_field,
};
use crate::mention::{Meaning, Owner};
use crate::program::Expr;
use crate::{Phase, Port, Type};
use std::collections::BTreeMap;
use suho_domain::Name;
use suho_syntax::ast::{self, Spanned};

/// `[for name in source if condition: item]`.
pub(super) struct Comprehension<'e> {
    pub(super) name: &'e Spanned<String>,
    pub(super) source: &'e ast::Expr,
    pub(super) condition: Option<&'e ast::Expr>,
    pub(super) item: &'e ast::Expr,
}

impl Elaborator<'_> {
    /// `[a, b]`.
    pub(super) fn list(
        &mut self,
        items: &[ast::Expr],
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        let mut of = element(hint);
        let mut phase = Phase::Plan;
        let mut exprs = Vec::new();
        for item in items {
            let typed = self.check(item, &of, scope);
            phase = phase.max(typed.phase);
            if of == Type::Unknown {
                of = typed.ty;
            }
            exprs.push(typed.expr);
        }
        let expr = crate::fold::folded(Expr::List(exprs));
        Typed { expr, ty: Type::List(Box::new(of)), phase, at }
    }

    /// `[for x in xs if c: e]`, written out where the source is known.
    pub(super) fn comprehension(
        &mut self,
        written: &Comprehension<'_>,
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        let source = self.infer(written.source, &Type::Unknown, scope);
        let bound_at = At::new(scope.file, written.name.span);
        if let Some(other) = self.place(&written.name.node, scope) {
            self.found.push(shadowed_name::new(bound_at, &written.name.node, other));
        }
        let of = match &source.ty {
            Type::List(of) => (**of).clone(),
            Type::Unknown => Type::Unknown,
            other => {
                let got = other.to_string();
                self.found.push(type_mismatch::new(source.at, "a list", &got));
                Type::Unknown
            }
        };
        let Ok(name) = Name::new(&*written.name.node) else { return Typed::broken(at) };
        self.note(bound_at, &of, Some(bound_at), || Meaning::Bound);
        let inner = scope.binding(name.clone(), of, bound_at);
        let condition = written.condition.map(|each| self.check(each, &Type::Bool, &inner));
        let item = self.infer(written.item, &element(hint), &inner);
        let phase = condition.as_ref().map_or(Phase::Plan, |condition| condition.phase);
        let phase = phase.max(source.phase).max(item.phase);
        let parts = (source.expr, condition.map(|condition| condition.expr), item.expr);
        let expr = crate::fold::folded(Expr::Comprehension(name, Box::new(parts)));
        Typed { expr, ty: Type::List(Box::new(item.ty)), phase, at }
    }

    /// `{ a = 1 }`.
    pub(super) fn record(
        &mut self,
        fields: &[ast::Field],
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        self.repeated(fields, scope);
        match hint.plain() {
            Type::Record(name) => {
                let library = self.library;
                let ports = library.records.get(name).map(Vec::as_slice).unwrap_or_default();
                let (mut given, phase) = self.fields(Owner::Record(name), ports, fields, scope);
                let missing = super::call::defaults(&mut given, ports);
                if !missing.is_empty() {
                    self.found.push(missing_attribute::new(at, &format!("`{name}`"), &missing));
                }
                let expr = crate::fold::folded(Expr::Record(given));
                Typed { expr, ty: Type::Record(name.clone()), phase, at }
            }
            Type::Map(key, value) => {
                let (mut given, mut phase) = (BTreeMap::new(), Phase::Plan);
                for field in fields {
                    let key_at = At::new(scope.file, field.key.span);
                    let text = suho_domain::Value::text(&*field.key.node);
                    self.fit(Typed::value(text, Type::Text, key_at), key);
                    let typed = self.check(&field.value, value, scope);
                    phase = phase.max(typed.phase);
                    given.insert(field.key.node.clone(), typed.expr);
                }
                let expr = crate::fold::folded(Expr::Record(given));
                Typed { expr, ty: hint.plain().clone(), phase, at }
            }
            _ => {
                let (mut given, mut types) = (BTreeMap::new(), BTreeMap::new());
                let mut phase = Phase::Plan;
                for field in fields {
                    let typed = self.infer(&field.value, &Type::Unknown, scope);
                    phase = phase.max(typed.phase);
                    types.insert(field.key.node.clone(), typed.ty);
                    given.insert(field.key.node.clone(), typed.expr);
                }
                let expr = crate::fold::folded(Expr::Record(given));
                Typed { expr, ty: Type::Fields(types), phase, at }
            }
        }
    }

    /// `base with { … }`: fields that are there, changed.
    pub(super) fn with(
        &mut self,
        base: &ast::Expr,
        fields: &[ast::Field],
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        let base = self.infer(base, hint, scope);
        let (base, _) = self.present(base, scope);
        self.repeated(fields, scope);
        if let Type::Run(Some(pipeline)) = &base.ty
            && let Some((instance, given_at)) = self.symbols.pipeline(pipeline.as_str())
        {
            let ports = self.parameters(instance, given_at);
            let owner = Owner::Pipeline(pipeline.as_str(), given_at);
            let (given, phase) = self.fields(owner, &ports, fields, scope);
            let phase = phase.max(base.phase);
            let expr = crate::fold::folded(Expr::With(Box::new(base.expr), given));
            return Typed { expr, ty: base.ty, phase, at };
        }
        let Type::Record(name) = &base.ty else {
            if base.is_broken() {
                return Typed::broken(at);
            }
            let got = base.ty.to_string();
            return self.broken(at, type_mismatch::new(base.at, "a record", &got));
        };
        let library = self.library;
        let ports = library.records.get(name).map(Vec::as_slice).unwrap_or_default();
        let (given, phase) = self.fields(Owner::Record(name), ports, fields, scope);
        let phase = phase.max(base.phase);
        let expr = crate::fold::folded(Expr::With(Box::new(base.expr), given));
        Typed { expr, ty: base.ty, phase, at }
    }

    /// The values of `fields`, each a port of `owner`.
    fn fields(
        &mut self,
        owner: Owner<'_>,
        ports: &[Port],
        fields: &[ast::Field],
        scope: &Scope<'_>,
    ) -> (BTreeMap<String, Expr>, Phase) {
        let (mut given, mut phase) = (BTreeMap::new(), Phase::Plan);
        let has: Vec<&str> = fields.iter().map(|field| &*field.key.node).collect();
        for field in fields {
            self.want_port(At::new(scope.file, field.key.span), owner, ports, &has);
            let Some(port) = ports.iter().find(|port| port.name == field.key.node) else {
                let known: Vec<&str> = ports.iter().map(|port| &*port.name).collect();
                let at = At::new(scope.file, field.key.span);
                let what = format!("`{}`", owner.name());
                self.found.push(unknown_field::new(at, &what, &field.key.node, &known));
                continue;
            };
            self.note_port(At::new(scope.file, field.key.span), owner, port);
            let typed = self.check(&field.value, &port.ty, scope);
            phase = phase.max(typed.phase);
            given.insert(field.key.node.clone(), typed.expr);
        }
        (given, phase)
    }

    fn repeated(&mut self, fields: &[ast::Field], scope: &Scope<'_>) {
        let mut seen: BTreeMap<&str, At> = BTreeMap::new();
        for field in fields {
            let at = At::new(scope.file, field.key.span);
            match seen.get(&*field.key.node) {
                Some(first) => self.found.push(duplicate::new(at, &field.key.node, *first)),
                None => {
                    seen.insert(&field.key.node, at);
                }
            }
        }
    }
}

/// What the elements of a list of type `hint` are.
fn element(hint: &Type) -> Type {
    match hint.plain() {
        Type::List(of) => (**of).clone(),
        _ => Type::Unknown,
    }
}
