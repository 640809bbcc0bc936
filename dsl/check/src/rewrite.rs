//! An expression with parts of it replaced.

use crate::program::Expr;
use std::collections::BTreeMap;

/// `expr` with `each` applied to every part of it, the innermost first.
pub(crate) fn rewritten(expr: Expr, each: &mut dyn FnMut(Expr) -> Expr) -> Expr {
    let expr = match expr {
        Expr::Value(_) | Expr::Param(_) | Expr::Live(_) | Expr::Bound(_) | Expr::Output { .. } => {
            expr
        }
        Expr::Field(base, access) => Expr::Field(Box::new(rewritten(*base, each)), access),
        Expr::Unary(op, operand) => Expr::Unary(op, Box::new(rewritten(*operand, each))),
        Expr::List(items) => Expr::List(all(items, each)),
        Expr::Text(parts) => Expr::Text(all(parts, each)),
        Expr::Record(fields) => Expr::Record(within(fields, each)),
        Expr::Variant(name, fields) => Expr::Variant(name, within(fields, each)),
        Expr::Call(name, args) => {
            let args = args.into_iter().map(|(name, arg)| (name, rewritten(arg, each)));
            Expr::Call(name, args.collect())
        }
        Expr::With(base, fields) => {
            let base = Box::new(rewritten(*base, each));
            Expr::With(base, within(fields, each))
        }
        Expr::If(parts) => {
            let (condition, then, otherwise) = *parts;
            let condition = rewritten(condition, each);
            Expr::If(Box::new((condition, rewritten(then, each), rewritten(otherwise, each))))
        }
        Expr::Binary(op, sides) => {
            let (left, right) = *sides;
            let left = rewritten(left, each);
            Expr::Binary(op, Box::new((left, rewritten(right, each))))
        }
        Expr::Comprehension(name, parts) => {
            let (source, condition, item) = *parts;
            let source = rewritten(source, each);
            let condition = condition.map(|condition| rewritten(condition, each));
            Expr::Comprehension(name, Box::new((source, condition, rewritten(item, each))))
        }
    };
    each(expr)
}

fn all(items: Vec<Expr>, each: &mut dyn FnMut(Expr) -> Expr) -> Vec<Expr> {
    items.into_iter().map(|item| rewritten(item, each)).collect()
}

fn within(
    fields: BTreeMap<String, Expr>,
    each: &mut dyn FnMut(Expr) -> Expr,
) -> BTreeMap<String, Expr> {
    fields.into_iter().map(|(name, field)| (name, rewritten(field, each))).collect()
}
