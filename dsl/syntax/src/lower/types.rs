//! Written types and parameters.

use super::{expression, path, spanned};
use crate::ast::{Param, Span, Type, TypeKind};
use crate::grammar::Rule;
use crate::tree::Syntax;

/// The type of a `type` node.
pub(super) fn written(node: Syntax<'_>) -> Type {
    let optional = node.child(Rule::opt).is_some();
    Type { kind: kind(node), optional, span: node.in_file() }
}

fn kind(node: Syntax<'_>) -> TypeKind {
    if let Some(list) = node.child(Rule::list_t) {
        let item = list.child(Rule::r#type).map_or_else(|| nothing(list.in_file()), written);
        return TypeKind::List(Box::new(item));
    }
    let Some(named) = node.child(Rule::named_t) else {
        return TypeKind::Named(Vec::new(), Vec::new());
    };
    let name = named.child(Rule::path).map(path).unwrap_or_default();
    let arguments = named.children().filter(|child| child.rule() == Rule::r#type).map(written);
    TypeKind::Named(name, arguments.collect())
}

/// The type of what has none: the grammar gives every list an item, so this is never seen.
fn nothing(span: Span) -> Type {
    Type { kind: TypeKind::Named(Vec::new(), Vec::new()), optional: false, span }
}

/// The parameters of a `params` node.
pub(super) fn params(node: Syntax<'_>) -> Vec<Param> {
    node.children().filter(|child| child.rule() == Rule::param).filter_map(param).collect()
}

fn param(node: Syntax<'_>) -> Option<Param> {
    Some(Param {
        name: spanned(node.child(Rule::ident)?),
        ty: written(node.child(Rule::r#type)?),
        default: node.child(Rule::expr).map(expression::of),
    })
}
