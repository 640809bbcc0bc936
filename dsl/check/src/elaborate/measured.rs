//! `tenth.live.error_rate` in what a test expects: what is measured while a step runs.

use super::{Elaborator, Scope, Typed, field::stepped};
use crate::diagnostic::At;
use crate::diagnostics::{type_mismatch, unknown_metric};
use crate::mention::{Meaning, Wanted};
use crate::near::listed;
use crate::program::Access;
use crate::{Phase, Signature, Type};
use suho_syntax::ast::{self, ExprKind, Spanned};

/// Before a metric that is measured while a step runs.
pub(crate) const LIVE: &str = "live";

impl Elaborator<'_> {
    /// The metric `name` of `base`, where that is a step's `live`; `base.live` itself is no value.
    pub(super) fn measured(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        at: At,
        scope: &Scope<'_>,
    ) -> Option<Typed> {
        if !scope.is_test {
            return None;
        }
        if let Some(signature) = live_step(base, scope).filter(|_| name.node == LIVE) {
            let known = listed(signature.metrics.iter().map(String::as_str));
            let text = "`live` is all that is measured, and no value itself".to_owned();
            let found = type_mismatch::operator(at, text);
            return Some(self.broken(at, found.help(format!("name one of {known}"))));
        }
        let ExprKind::Field { base, name: live, .. } = &base.kind else { return None };
        let signature = live_step(base, scope).filter(|_| live.node == LIVE)?;
        let name_at = At::new(scope.file, name.span);
        if self.is_asked(name_at) {
            self.want(Wanted::Word(signature.metrics.clone()));
        }
        let step = self.infer(base, &Type::Unknown, scope).expr;
        self.note_word(At::new(scope.file, live.span), || Meaning::Ambient(LIVE.to_owned()));
        let metric = self.library.metrics.get(&name.node);
        let metric = metric.filter(|_| signature.metrics.contains(&name.node));
        let Some(ty) = metric.map(|metric| metric.ty.clone()) else {
            let found = unknown_metric::new(
                name_at,
                signature.kind.as_str(),
                &name.node,
                &signature.metrics,
            );
            return Some(self.broken(at, found));
        };
        self.note(name_at, &ty, None, || Meaning::Metric(name.node.clone()));
        let access = |field: &str| Access { field: field.to_owned(), optional: false };
        let expr = stepped(stepped(step, access(LIVE)), access(&name.node));
        Some(Typed { expr, ty, phase: Phase::Run, at })
    }
}

/// The signature of the step that `expr` names, where something is measured while it runs.
fn live_step<'s>(expr: &ast::Expr, scope: &Scope<'s>) -> Option<&'s Signature> {
    let ExprKind::Name(name) = &expr.kind else { return None };
    let step = scope.pipeline?.steps.get(&**name)?;
    step.signature.filter(|signature| !signature.metrics.is_empty())
}
