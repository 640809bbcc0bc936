//! Operators: which types go together, and what comes of them.

use super::fit::{FEATURES, mismatch, with_unit};
use super::{Elaborator, Scope, Typed, meant};
use crate::Type;
use crate::diagnostic::At;
use crate::diagnostics::{
    ambiguous_ratio, currency_mix, rule_not_allowed, secret_leak, type_mismatch, unit_mismatch,
};
use crate::program::{Access, BinaryOp, Expr, UnaryOp};
use suho_domain::Value;
use suho_syntax::ast::{self, Spanned};

/// The function that looks at a metric in a window: `over(accuracy, 7d)`.
pub(crate) const OVER: &str = "over";

impl Elaborator<'_> {
    /// `-x`, `not x`.
    pub(super) fn unary(
        &mut self,
        operator: &Spanned<ast::UnaryOp>,
        operand: &ast::Expr,
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        let mut inner = scope.clone();
        if let (ast::UnaryOp::Not, Some(rule)) = (operator.node, &mut inner.rule) {
            rule.verb = None;
        }
        let typed = self.infer(operand, hint, &inner);
        let (typed, was_optional) = self.present(typed, scope);
        if typed.is_broken() {
            return Typed::broken(at);
        }
        let (operator, fits) = match operator.node {
            ast::UnaryOp::Not => (UnaryOp::Not, typed.ty == Type::Bool),
            ast::UnaryOp::Negate => (
                UnaryOp::Negate,
                matches!(
                    typed.ty,
                    Type::Int
                        | Type::Float
                        | Type::Ratio
                        | Type::Points
                        | Type::Pips
                        | Type::Duration
                        | Type::Money
                ),
            ),
        };
        if !fits {
            let word = if operator == UnaryOp::Not { "not" } else { "-" };
            let text = format!("`{word}` does not take a `{}`", typed.ty);
            return self.broken(at, type_mismatch::operator(typed.at, text));
        }
        let expr = crate::fold::folded(Expr::Unary(operator, Box::new(typed.expr)));
        let ty = optionally(typed.ty, was_optional);
        Typed { expr, ty, phase: typed.phase, at }
    }

    /// `left operator right`.
    pub(super) fn binary(
        &mut self,
        operator: &Spanned<ast::BinaryOp>,
        left: &ast::Expr,
        right: &ast::Expr,
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        let Some(op) = lowered(operator.node) else {
            return self.over(operator, left, right, at, scope);
        };
        let sides = match op {
            BinaryOp::And | BinaryOp::Or => {
                let left = self.check(left, &Type::Bool, scope);
                (left, self.check(right, &Type::Bool, scope), Type::Bool)
            }
            BinaryOp::Coalesce => self.coalesced(left, right, hint, scope),
            BinaryOp::Equal | BinaryOp::NotEqual => self.equal(left, right, scope),
            BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual => self.ordered((op, operator.span), left, right, scope),
            BinaryOp::In => self.contained(left, right, scope),
            BinaryOp::Range => self.range(left, right, hint, scope),
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                self.arithmetic((op, operator.span), left, right, hint, scope)
            }
        };
        let (left, right, ty) = sides;
        if left.is_broken() || right.is_broken() || ty == Type::Unknown {
            return Typed::broken(at);
        }
        let phase = left.phase.max(right.phase);
        let expr = crate::fold::folded(Expr::Binary(op, Box::new((left.expr, right.expr))));
        Typed { expr, ty, phase, at }
    }

    /// `accuracy over 7d`: a metric in a window of its own, in the rules of a monitor.
    fn over(
        &mut self,
        operator: &Spanned<ast::BinaryOp>,
        left: &ast::Expr,
        right: &ast::Expr,
        at: At,
        scope: &Scope<'_>,
    ) -> Typed {
        let kind = scope.rule.map(|rule| &rule.signature.kind);
        if !kind.is_some_and(|kind| self.library.watches.contains_key(kind)) {
            let at = At::new(scope.file, operator.span);
            return self.broken(at, rule_not_allowed::clause(at, "this condition", "over"));
        }
        let left = self.infer(left, &Type::Unknown, scope);
        let right = self.check(right, &Type::Duration, scope);
        if left.is_broken() || right.is_broken() {
            return Typed::broken(at);
        }
        if !matches!(left.expr, Expr::Live(_)) {
            let got = left.ty.to_string();
            return self.broken(at, type_mismatch::new(left.at, "a live metric", &got));
        }
        let expr = Expr::Call(OVER.to_owned(), vec![(None, left.expr), (None, right.expr)]);
        Typed { expr, ty: left.ty, phase: left.phase, at }
    }

    /// `x ?? other`.
    fn coalesced(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> (Typed, Typed, Type) {
        let left = self.infer(left, hint, scope);
        let inner = left.ty.plain().clone();
        let right = self.infer(right, &inner, scope);
        let is_optional = matches!(right.ty, Type::Optional(_));
        let ty = optionally(inner.clone(), is_optional);
        let right = self.fit(right, &ty);
        (left, right, ty)
    }

    fn equal(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &Scope<'_>,
    ) -> (Typed, Typed, Type) {
        let is_asked = matches!(&right.kind, ast::ExprKind::Name(name) if name == "none");
        let left = self.infer(left, &Type::Unknown, scope);
        let left = if scope.is_test && !is_asked { ended(left) } else { left };
        let right = self.infer(right, &left.ty, scope);
        // Whether something is there may be asked anywhere: `baseline == none`.
        let is_none = |typed: &Typed| typed.expr == Expr::Value(Value::None);
        if is_none(&left) || is_none(&right) {
            return (left, right, Type::Bool);
        }
        let (left, _) = self.present(left, scope);
        let (right, _) = self.present(right, scope);
        self.comparable(left, right)
    }

    fn ordered(
        &mut self,
        (op, operator): (BinaryOp, ast::Span),
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &Scope<'_>,
    ) -> (Typed, Typed, Type) {
        let left = self.infer(left, &Type::Unknown, scope);
        let right = self.infer(right, &left.ty, scope);
        let (left, _) = self.present(left, scope);
        let (right, _) = self.present(right, scope);
        let has_order = matches!(
            left.ty,
            Type::Unknown
                | Type::Int
                | Type::Float
                | Type::Ratio
                | Type::Points
                | Type::Duration
                | Type::Period
                | Type::Date
                | Type::Instant
                | Type::Money
                | Type::Pips
                | Type::Bytes
                | Type::Version
        );
        if !has_order {
            let text = format!("a `{}` is neither more nor less than another", left.ty);
            let at = At::new(scope.file, operator);
            let mut found = type_mismatch::operator(at, text);
            if let Type::Record(_) = left.ty {
                found = found.help("name one of its fields, as in `latency.p95`");
            }
            self.found.push(found);
            return (Typed::broken(left.at), right, Type::Unknown);
        }
        let (left, right, ty) = self.comparable(left, right);
        if let (Type::Bool, Some(verb)) = (&ty, scope.rule.and_then(|rule| rule.verb)) {
            self.judge(verb, (op, operator), &left, &right);
        }
        (left, right, ty)
    }

    /// Two sides of a comparison, made alike.
    fn comparable(&mut self, left: Typed, right: Typed) -> (Typed, Typed, Type) {
        if left.is_broken() || right.is_broken() {
            return (left, right, Type::Unknown);
        }
        let is_secret = |typed: &Typed| matches!(typed.ty, Type::Secret(_));
        if is_secret(&left) || is_secret(&right) {
            let side = if is_secret(&left) { &left } else { &right };
            self.found.push(secret_leak::compared(side.at, &side.ty.to_string()));
            return (left, right, Type::Unknown);
        }
        if let (Expr::Value(Value::Money(a)), Expr::Value(Value::Money(b))) =
            (&left.expr, &right.expr)
            && a.currency != b.currency
        {
            self.found.push(currency_mix::new(right.at, &a.currency, &b.currency));
            return (left, right, Type::Unknown);
        }
        let is_plain = |ty: &Type| matches!(ty, Type::Int | Type::Float);
        let are_texts = matches!(
            (&left.ty, &right.ty),
            (Type::Form(_) | Type::Text, Type::Form(_) | Type::Text)
        );
        let fits = left.ty == right.ty || (is_plain(&left.ty) && is_plain(&right.ty)) || are_texts;
        if fits {
            return (left, right, Type::Bool);
        }
        let found = incomparable(&left, &right);
        let text = meant::text(&right);
        let found = self.unquoted(found, &right, text.as_deref(), &left.ty);
        self.found.push(found);
        (left, right, Type::Unknown)
    }

    fn contained(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &Scope<'_>,
    ) -> (Typed, Typed, Type) {
        let left = self.infer(left, &Type::Unknown, scope);
        let list = Type::List(Box::new(left.ty.clone()));
        let right = self.infer(right, &list, scope);
        let fits = match &right.ty {
            Type::List(of) | Type::Range(of) => **of == left.ty,
            _ => false,
        };
        if left.is_broken() || right.is_broken() {
            return (left, right, Type::Unknown);
        }
        if !fits {
            let got = right.ty.to_string();
            self.found.push(type_mismatch::new(right.at, &list.to_string(), &got));
            return (left, right, Type::Unknown);
        }
        (left, right, Type::Bool)
    }

    fn range(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> (Typed, Typed, Type) {
        let of = match hint.plain() {
            Type::Range(of) => (**of).clone(),
            _ => Type::Unknown,
        };
        let left = self.infer(left, &of, scope);
        // `0 .. 1` is a range of floats where one is expected; a date may stand for an instant.
        let left = if of == Type::Float { self.fit(left, &of) } else { left };
        let wanted = left.ty.clone();
        let right = self.check(right, &wanted, scope);
        if left.is_broken() || right.is_broken() {
            return (left, right, Type::Unknown);
        }
        if let (Expr::Value(from), Expr::Value(to)) = (&left.expr, &right.expr)
            && crate::fold::compare(from, to).is_some_and(std::cmp::Ordering::is_gt)
        {
            let text = format!("`{from} .. {to}` ends before it begins");
            self.found.push(type_mismatch::operator(right.at, text));
            return (left, right, Type::Unknown);
        }
        let ty = Type::Range(Box::new(wanted));
        (left, right, ty)
    }

    fn arithmetic(
        &mut self,
        (op, span): (BinaryOp, ast::Span),
        left: &ast::Expr,
        right: &ast::Expr,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> (Typed, Typed, Type) {
        let hint = if matches!(hint, Type::List(_)) { hint } else { &Type::Unknown };
        let left = self.infer(left, hint, scope);
        let right = self.infer(right, hint, scope);
        let (left, a) = self.present(as_columns(left), scope);
        let (right, b) = self.present(as_columns(right), scope);
        if left.is_broken() || right.is_broken() {
            return (left, right, Type::Unknown);
        }
        if let (Expr::Value(Value::Money(a)), Expr::Value(Value::Money(b))) =
            (&left.expr, &right.expr)
            && a.currency != b.currency
        {
            self.found.push(currency_mix::new(right.at, &a.currency, &b.currency));
            return (left, right, Type::Unknown);
        }
        if let Some(ty) = result(op, &left, &right) {
            return (left, right, optionally(ty, a || b));
        }
        let is_sum = matches!(op, BinaryOp::Add | BinaryOp::Subtract);
        let found = match (&left.ty, &right.ty, &right.expr) {
            (Type::Ratio, Type::Ratio, Expr::Value(Value::Ratio(ratio))) if is_sum => {
                let is_minus = op == BinaryOp::Subtract;
                ambiguous_ratio::new(left.at, span, is_minus, right.at, *ratio)
            }
            (Type::Ratio, Type::Ratio, _) if is_sum => {
                ambiguous_ratio::sum(At::new(scope.file, span))
            }
            (a, b, _) => {
                let verb = match op {
                    BinaryOp::Add => "add",
                    BinaryOp::Subtract => "subtract",
                    BinaryOp::Multiply => "multiply",
                    _ => "divide",
                };
                let found = unit_mismatch::sides(right.at, verb, &a.to_string(), &b.to_string());
                if is_sum { with_unit(found, &right, a) } else { found }
            }
        };
        self.found.push(found);
        (left, right, Type::Unknown)
    }
}

/// In a test: a step as a whole stands for how it ends.
fn ended(typed: Typed) -> Typed {
    match typed.expr {
        Expr::Output { step, path } if path.is_empty() => {
            let path = vec![Access { field: "status".to_owned(), optional: false }];
            let ty = Type::Enum(super::name::END.to_owned());
            Typed { expr: Expr::Output { step, path }, ty, ..typed }
        }
        _ => typed,
    }
}

/// What to say of two sides that cannot be compared.
fn incomparable(left: &Typed, right: &Typed) -> crate::Diagnostic {
    let is_period = (&left.ty, &right.ty) == (&Type::Duration, &Type::Period);
    if is_period || matches!(left.ty, Type::Enum(_) | Type::Bool | Type::Model(_)) {
        return mismatch(right, &left.ty);
    }
    let (a, b) = (left.ty.to_string(), right.ty.to_string());
    let found = unit_mismatch::sides(right.at, "compare", &a, &b)
        .label(format!("`{b}`"))
        .note(left.at, format!("`{a}`"));
    with_unit(found, right, &left.ty)
}

/// A set of features takes part in sums as its columns.
fn as_columns(typed: Typed) -> Typed {
    match &typed.ty {
        Type::Record(set) if set == FEATURES => {
            let access = Access { field: "columns".to_owned(), optional: false };
            let ty = Type::List(Box::new(Type::Form("Column".to_owned())));
            Typed { expr: super::field::stepped(typed.expr, access), ty, ..typed }
        }
        _ => typed,
    }
}

/// The type of `left op right`; none where it has none.
fn result(op: BinaryOp, left: &Typed, right: &Typed) -> Option<Type> {
    let is_plain = |ty: &Type| matches!(ty, Type::Int | Type::Float);
    let is_quantity = |ty: &Type| {
        matches!(ty, Type::Ratio | Type::Points | Type::Duration | Type::Money | Type::Pips)
    };
    let (a, b) = (&left.ty, &right.ty);
    match op {
        BinaryOp::Add | BinaryOp::Subtract => match (a, b) {
            (Type::Int, Type::Int) => Some(Type::Int),
            (a, b) if is_plain(a) && is_plain(b) => Some(Type::Float),
            (Type::Ratio, Type::Points) => Some(Type::Ratio),
            // The difference of two measured ratios; with a written one it is ambiguous.
            (Type::Ratio, Type::Ratio) => {
                let is_written = |typed: &Typed| matches!(typed.expr, Expr::Value(_));
                let is_difference = op == BinaryOp::Subtract;
                let measured = !is_written(left) && !is_written(right);
                (is_difference && measured).then_some(Type::Points)
            }
            (Type::Instant, Type::Duration) => Some(Type::Instant),
            (Type::List(a), Type::List(b)) if op == BinaryOp::Add => {
                let mixed = matches!((&**a, &**b), (Type::Form(_), Type::Text));
                let flipped = matches!((&**a, &**b), (Type::Text, Type::Form(_)));
                // Texts among columns are checked as columns where the sum is used.
                if a == b || flipped {
                    Some(Type::List(a.clone()))
                } else if mixed {
                    Some(Type::List(b.clone()))
                } else {
                    None
                }
            }
            (a, b) if a == b && is_quantity(a) => Some(a.clone()),
            _ => None,
        },
        BinaryOp::Multiply => match (a, b) {
            (Type::Int, Type::Int) => Some(Type::Int),
            (a, b) if is_plain(a) && is_plain(b) => Some(Type::Float),
            (Type::Ratio, Type::Ratio) => Some(Type::Ratio),
            (Type::Ratio, b) if is_plain(b) => Some(Type::Ratio),
            (a, Type::Ratio) if is_plain(a) => Some(Type::Float),
            (a, b) if is_quantity(a) && (is_plain(b) || *b == Type::Ratio) => Some(a.clone()),
            (a, b) if is_quantity(b) && (is_plain(a) || *a == Type::Ratio) => Some(b.clone()),
            _ => None,
        },
        BinaryOp::Divide => match (a, b) {
            (a, b) if is_plain(a) && is_plain(b) => Some(Type::Float),
            (a, b) if a == b && is_quantity(a) => Some(Type::Float),
            (a, b) if is_quantity(a) && is_plain(b) => Some(a.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn optionally(ty: Type, is_optional: bool) -> Type {
    match ty {
        ty @ (Type::Optional(_) | Type::Unknown) => ty,
        ty if is_optional => Type::Optional(Box::new(ty)),
        ty => ty,
    }
}

/// The program's operator for the tree's; none for `over`, which belongs to alerts.
const fn lowered(operator: ast::BinaryOp) -> Option<BinaryOp> {
    Some(match operator {
        ast::BinaryOp::Or => BinaryOp::Or,
        ast::BinaryOp::And => BinaryOp::And,
        ast::BinaryOp::In => BinaryOp::In,
        ast::BinaryOp::Equal => BinaryOp::Equal,
        ast::BinaryOp::NotEqual => BinaryOp::NotEqual,
        ast::BinaryOp::Less => BinaryOp::Less,
        ast::BinaryOp::LessOrEqual => BinaryOp::LessOrEqual,
        ast::BinaryOp::Greater => BinaryOp::Greater,
        ast::BinaryOp::GreaterOrEqual => BinaryOp::GreaterOrEqual,
        ast::BinaryOp::Coalesce => BinaryOp::Coalesce,
        ast::BinaryOp::Range => BinaryOp::Range,
        ast::BinaryOp::Add => BinaryOp::Add,
        ast::BinaryOp::Subtract => BinaryOp::Subtract,
        ast::BinaryOp::Multiply => BinaryOp::Multiply,
        ast::BinaryOp::Divide => BinaryOp::Divide,
        ast::BinaryOp::Over => return None,
    })
}
