//! Strings and what they interpolate.

use super::fit::is_one;
use super::{Elaborator, Scope, Typed};
use crate::diagnostic::At;
use crate::diagnostics::{secret_leak, type_mismatch};
use crate::program::Expr;
use crate::{Phase, Type};
use suho_domain::Value;
use suho_syntax::ast::TextPart;

impl Elaborator<'_> {
    /// `"a ${x}"`; known when all of its parts are.
    pub(super) fn text(&mut self, parts: &[TextPart], at: At, scope: &Scope<'_>) -> Typed {
        let mut phase = Phase::Plan;
        let mut pieces: Vec<Expr> = Vec::new();
        for part in parts {
            let piece = match part {
                TextPart::Text(text) => Expr::Value(Value::text(&**text)),
                TextPart::Expr(expr) => {
                    let typed = self.infer(expr, &Type::Unknown, scope);
                    phase = phase.max(typed.phase);
                    self.printable(typed, scope).expr
                }
            };
            match (pieces.last_mut(), piece) {
                // Neighbours that are known become one text.
                (Some(Expr::Value(Value::Text(before))), Expr::Value(value)) => {
                    before.push_str(&value.to_string());
                }
                (_, Expr::Value(value)) => pieces.push(Expr::Value(Value::text(value.to_string()))),
                (_, piece) => pieces.push(piece),
            }
        }
        let expr = match pieces.as_slice() {
            [] => Expr::Value(Value::text("")),
            [Expr::Value(value)] => Expr::Value(value.clone()),
            _ => Expr::Text(pieces),
        };
        Typed { expr, ty: Type::Text, phase, at }
    }

    /// What may become part of a text: anything that is one thing and no secret.
    fn printable(&mut self, typed: Typed, scope: &Scope<'_>) -> Typed {
        let (typed, _) = self.present(typed, scope);
        match &typed.ty {
            Type::Secret(_) => {
                let ty = typed.ty.to_string();
                self.broken(typed.at, secret_leak::new(typed.at, &ty))
            }
            ty if !is_one(ty) => {
                let ty = typed.ty.to_string();
                self.broken(typed.at, type_mismatch::new(typed.at, "Text", &ty))
            }
            _ => typed,
        }
    }
}
