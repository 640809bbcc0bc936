//! Secrets: where one is kept stands in the program, what is kept there never does.

use super::{Elaborator, Scope, Typed};
use crate::diagnostic::At;
use crate::diagnostics::type_mismatch;
use crate::symbol::Symbol;
use crate::ty::resolve::resolve;
use crate::{Phase, Type};
use suho_syntax::ast::{self, ExprKind};

/// The enum of the library that lists where secrets are kept.
const SOURCES: &str = "SecretSource";

impl Elaborator<'_> {
    /// `secret x: T = env("…")`, given at `given` and used at `at`.
    pub(super) fn secret(
        &mut self,
        given: At,
        ty: Option<&ast::Type>,
        value: Option<&ast::Expr>,
        at: At,
    ) -> Typed {
        let told = self.found.len();
        let ty = ty.map_or(Type::Text, |ty| resolve(ty, given.file, self.library, &mut self.found));
        let ty = Type::Secret(Box::new(ty));
        let scope = Scope::of_file(given.file);
        let typed = value.map(|value| self.handle(value, &ty, &scope));
        // What is wrong with it is told where it is given.
        self.found.truncate(told);
        typed.map_or_else(|| Typed::broken(at), |typed| Typed { at, ..typed })
    }

    /// Where a secret of type `ty` is kept: `env("NAME")` and its like.
    pub(super) fn handle(&mut self, value: &ast::Expr, ty: &Type, scope: &Scope<'_>) -> Typed {
        let at = At::new(scope.file, value.span);
        let sources = Type::Enum(SOURCES.to_owned());
        if let ExprKind::Name(_) = &value.kind {
            self.want_value(at, &sources, scope);
        }
        let is_source = matches!(
            &value.kind,
            ExprKind::Call(callee, _)
                if matches!(&callee.kind, ExprKind::Name(name) if self.choice_of(&sources, name).is_some())
        );
        if !is_source {
            let text = "a secret is one of `env(\"NAME\")`, `vault(\"path#field\")`, \
                        `file(\"path\")`, `k8s(\"path\")`";
            return self.broken(at, type_mismatch::operator(at, text.to_owned()));
        }
        let typed = self.check(value, &sources, scope);
        if typed.is_broken() {
            return typed;
        }
        Typed { ty: ty.clone(), phase: Phase::Start, ..typed }
    }

    /// Tells of a secret that comes from nowhere known, and of its type.
    pub(crate) fn visit_secret(&mut self, symbol: Symbol<'_>, at: At) {
        let Symbol::Secret(ty, value) = symbol else { return };
        let ty = ty.map_or(Type::Text, |ty| resolve(ty, at.file, self.library, &mut self.found));
        if let Some(value) = value {
            self.handle(value, &ty, &Scope::of_file(at.file));
        } else {
            let text = "a secret says where it is kept: `= env(\"NAME\")`".to_owned();
            self.found.push(type_mismatch::operator(at, text));
        }
    }
}
