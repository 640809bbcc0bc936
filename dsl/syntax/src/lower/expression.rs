//! Expressions: the flat rule of the grammar becomes a tree by precedence.

use std::iter::Peekable;

use super::{inside, spanned};
use crate::ast::{Arg, BinaryOp, Expr, ExprKind, Field, Span, Spanned, TextPart, UnaryOp};
use crate::grammar::Rule;
use crate::mistake;
use crate::string;
use crate::tree::Syntax;

/// How tightly `not` holds: looser than comparisons, tighter than `and`.
const NOT: u8 = 3;
/// How tightly comparisons hold.
const COMPARISON: u8 = 4;
/// How tightly `-` before a value holds: tighter than all between values.
const NEGATE: u8 = 10;

/// The operator a text is, and how tightly it holds; the loosest is 1.
pub(crate) fn operator(text: &str) -> Option<(BinaryOp, u8)> {
    Some(match text {
        "or" => (BinaryOp::Or, 1),
        "and" => (BinaryOp::And, 2),
        "in" => (BinaryOp::In, COMPARISON),
        "==" => (BinaryOp::Equal, COMPARISON),
        "!=" => (BinaryOp::NotEqual, COMPARISON),
        "<" => (BinaryOp::Less, COMPARISON),
        "<=" => (BinaryOp::LessOrEqual, COMPARISON),
        ">" => (BinaryOp::Greater, COMPARISON),
        ">=" => (BinaryOp::GreaterOrEqual, COMPARISON),
        "??" => (BinaryOp::Coalesce, 5),
        ".." => (BinaryOp::Range, 6),
        "+" => (BinaryOp::Add, 7),
        "-" => (BinaryOp::Subtract, 7),
        "*" => (BinaryOp::Multiply, 8),
        "/" => (BinaryOp::Divide, 8),
        "over" => (BinaryOp::Over, 9),
        _ => return None,
    })
}

/// The expression of an `expr` node.
pub(crate) fn of(node: Syntax<'_>) -> Expr {
    if mistake::is_date(node) {
        return Expr { kind: ExprKind::Missing, span: node.in_file() };
    }
    let mut parts = node.children().filter(|child| child.rule() != Rule::comment).peekable();
    climb(&mut parts, 1, node.in_file())
}

/// Reads operands and every operator that holds at least as tightly as `floor`.
fn climb<'t>(
    parts: &mut Peekable<impl Iterator<Item = Syntax<'t>>>,
    floor: u8,
    whole: Span,
) -> Expr {
    let mut left = operand(parts, whole);
    while let Some(node) = parts.peek().copied()
        && let Some((op, strength)) = operator(node.text()).filter(|_| is_operator(node))
        && strength >= floor
    {
        parts.next();
        let right = climb(parts, strength + 1, whole);
        let span = Span { start: left.span.start, end: right.span.end };
        let chained = matches!(&left.kind, ExprKind::Binary(first, ..)
            if strength == COMPARISON && is_comparison(first.node));
        let op = Spanned { node: op, span: node.in_file() };
        let kind = if chained {
            // An error says so; half of it would only cause another.
            ExprKind::Missing
        } else {
            ExprKind::Binary(op, Box::new(left), Box::new(right))
        };
        left = Expr { kind, span };
    }
    left
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, NotEqual};
    matches!(op, Equal | Greater | GreaterOrEqual | In | Less | LessOrEqual | NotEqual)
}

fn is_operator(node: Syntax<'_>) -> bool {
    matches!(node.rule(), Rule::infix | Rule::lead)
}

/// A value with the operators before it and what is done to it after.
fn operand<'t>(parts: &mut Peekable<impl Iterator<Item = Syntax<'t>>>, whole: Span) -> Expr {
    let Some(node) = parts.next() else {
        return Expr { kind: ExprKind::Missing, span: whole };
    };
    if node.rule() == Rule::prefix {
        let (op, strength) = match node.text() {
            "-" => (UnaryOp::Negate, NEGATE),
            _ => (UnaryOp::Not, NOT),
        };
        let value = climb(parts, strength, whole);
        let span = Span { start: node.in_file().start, end: value.span.end };
        let op = Spanned { node: op, span: node.in_file() };
        return Expr { kind: ExprKind::Unary(op, Box::new(value)), span };
    }
    let mut value = Expr { kind: primary(node), span: node.in_file() };
    while let Some(after) = parts.next_if(|next| is_postfix(next.rule())) {
        let span = Span { start: value.span.start, end: after.in_file().end };
        value = Expr { kind: postfix(Box::new(value), after), span };
    }
    value
}

fn is_postfix(rule: Rule) -> bool {
    matches!(rule, Rule::call | Rule::index | Rule::field | Rule::with)
}

fn postfix(base: Box<Expr>, node: Syntax<'_>) -> ExprKind {
    match node.rule() {
        Rule::call => ExprKind::Call(base, args(node)),
        Rule::index => ExprKind::Index(base, Box::new(only(node))),
        Rule::with => {
            let fields = node.child(Rule::record).map(fields).unwrap_or_default();
            ExprKind::With(base, fields)
        }
        _ => match node.child(Rule::ident).map(spanned) {
            Some(name) => ExprKind::Field { base, name, optional: node.text().starts_with('?') },
            None => ExprKind::Missing,
        },
    }
}

fn primary(node: Syntax<'_>) -> ExprKind {
    let text = node.text();
    match node.rule() {
        Rule::number => ExprKind::Number(text.to_owned()),
        Rule::quantity => ExprKind::Quantity(text.to_owned()),
        Rule::money => ExprKind::Money(text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")),
        Rule::date => ExprKind::Date(text.to_owned()),
        Rule::instant => ExprKind::Instant(text.to_owned()),
        Rule::version => ExprKind::Version(text.to_owned()),
        Rule::string => ExprKind::Text(text_parts(node)),
        Rule::rawstring => ExprKind::RawText(
            node.child(Rule::raw).map(|raw| string::unindent(raw.text())).unwrap_or_default(),
        ),
        Rule::name if mistake::is_foreign(text) => ExprKind::Missing,
        Rule::name => ExprKind::Name(text.to_owned()),
        Rule::list => list(node),
        Rule::record => ExprKind::Record(fields(node)),
        Rule::if_e => choice(node),
        Rule::paren => ExprKind::Paren(Box::new(only(node))),
        _ => ExprKind::Missing,
    }
}

/// The expressions a node holds.
fn expressions(node: Syntax<'_>) -> impl Iterator<Item = Expr> {
    node.children().filter(|child| child.rule() == Rule::expr).map(of)
}

/// The one expression a node holds.
fn only(node: Syntax<'_>) -> Expr {
    next(&mut expressions(node), node.in_file())
}

fn next(expressions: &mut impl Iterator<Item = Expr>, whole: Span) -> Expr {
    expressions.next().unwrap_or(Expr { kind: ExprKind::Missing, span: whole })
}

fn list(node: Syntax<'_>) -> ExprKind {
    let Some(comp) = node.child(Rule::comp) else {
        return ExprKind::List(expressions(node).collect());
    };
    let Some(name) = comp.child(Rule::ident).map(spanned) else {
        return ExprKind::Missing;
    };
    let mut parts = expressions(comp);
    let source = Box::new(next(&mut parts, comp.in_file()));
    let condition = comp.child(Rule::kw_if).map(|_| Box::new(next(&mut parts, comp.in_file())));
    let item = Box::new(next(&mut parts, comp.in_file()));
    ExprKind::Comprehension { name, source, condition, item }
}

fn choice(node: Syntax<'_>) -> ExprKind {
    let mut parts = expressions(node);
    let mut part = || Box::new(next(&mut parts, node.in_file()));
    ExprKind::If(part(), part(), part())
}

/// The fields of a `record` node.
fn fields(node: Syntax<'_>) -> Vec<Field> {
    node.children().filter(|child| child.rule() == Rule::pair).filter_map(pair).collect()
}

fn pair(node: Syntax<'_>) -> Option<Field> {
    let key = node.children().find_map(|child| match child.rule() {
        Rule::path | Rule::quantity => Some(spanned(child)),
        Rule::string => Some(plain_text(child)),
        _ => None,
    })?;
    Some(Field { key, value: of(node.child(Rule::expr)?) })
}

/// The arguments a node holds.
pub(super) fn args(node: Syntax<'_>) -> Vec<Arg> {
    let args = node.children().filter(|child| child.rule() == Rule::arg);
    args.filter_map(|arg| {
        Some(Arg { name: arg.child(Rule::ident).map(spanned), value: of(arg.child(Rule::expr)?) })
    })
    .collect()
}

/// The pieces of a string; neighbouring literal pieces become one.
fn text_parts(node: Syntax<'_>) -> Vec<TextPart> {
    let mut parts = Vec::new();
    for child in node.children() {
        let literal = match child.rule() {
            Rule::interp => {
                parts.push(TextPart::Expr(only(child)));
                continue;
            }
            Rule::escape => string::escaped(child.text()).map(String::from).unwrap_or_default(),
            _ => child.text().to_owned(),
        };
        match parts.last_mut() {
            Some(TextPart::Text(text)) => text.push_str(&literal),
            _ => parts.push(TextPart::Text(literal)),
        }
    }
    parts
}

/// A string where no value can be put in: its text as written, escapes resolved; the span is that
/// between the quotes.
pub(super) fn plain_text(node: Syntax<'_>) -> Spanned<String> {
    let pieces = node.children().map(|child| match child.rule() {
        Rule::escape => string::escaped(child.text()).map(String::from).unwrap_or_default(),
        _ => child.text().to_owned(),
    });
    Spanned { node: pieces.collect(), span: inside(node) }
}
