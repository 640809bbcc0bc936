//! `metric accuracy: Ratio = higher_is_better(0% .. 100%)`.

use super::Defined;
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{missing_attribute, unknown_name};
use crate::elaborate::{Elaborator, Scope};
use crate::near::nearest;
use crate::program::Expr;
use crate::ty::resolve::resolve;
use crate::{Better, Library, Metric, Type};
use suho_domain::Value;
use suho_syntax::ast::ExprKind;

const DIRECTIONS: [(&str, Better); 3] = [
    ("higher_is_better", Better::Higher),
    ("lower_is_better", Better::Lower),
    ("neither_is_better", Better::Neither),
];

/// The metric that `defined` defines.
pub(super) fn metric(
    defined: Defined<'_>,
    library: &Library,
    elaborator: &mut Elaborator<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Metric> {
    let definition = defined.definition;
    let at = At::new(defined.file, definition.name.span);
    let (Some(ty), Some(value)) = (&definition.ty, &definition.value) else {
        let what = format!("`metric {}`", definition.name.node);
        found.push(missing_attribute::new(at, &what, &[("type = direction", &Type::Unknown)]));
        return None;
    };
    let ty = resolve(ty, defined.file, library, found);
    let (word, args) = match &value.kind {
        ExprKind::Call(callee, args) => (&callee.kind, args.as_slice()),
        kind => (kind, [].as_slice()),
    };
    let ExprKind::Name(word) = word else { return None };
    let Some((_, better)) = DIRECTIONS.iter().find(|(name, _)| name == word) else {
        let near = nearest(word, DIRECTIONS.iter().map(|(name, _)| *name));
        found.push(unknown_name::function(At::new(defined.file, value.span), word, near));
        return None;
    };
    let range = Type::Range(Box::new(ty.clone()));
    let domain = args.first().and_then(|arg| {
        match elaborator.check(&arg.value, &range, &Scope::of_file(defined.file)).expr {
            Expr::Value(Value::Range(ends)) => Some(*ends),
            _ => None,
        }
    });
    Some(Metric { ty, better: *better, domain, doc: defined.stmt.doc.clone() })
}
