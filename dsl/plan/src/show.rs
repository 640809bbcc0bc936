//! Expressions and values as a person writes them in a `.suho` file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use suho_check::program::{Access, BinaryOp, Expr, UnaryOp};
use suho_domain::Value;

/// `value` as it is written: texts in quotes, whatever they hold.
pub fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::List(items) => bracketed("[", items.iter().map(written), "]"),
        Value::Record(fields) => record(fields.iter().map(|(name, it)| (name, written(it)))),
        Value::Variant(variant) => {
            // What is none is what nobody wrote.
            let set = variant.fields.iter().filter(|(_, it)| **it != Value::None);
            call(&variant.name, set.map(|(name, it)| (name, written(it))))
        }
        Value::Range(ends) => format!("{} .. {}", written(&ends.0), written(&ends.1)),
        plain => plain.to_string(),
    }
}

/// `expr` as it is written, with no more parentheses than it needs.
pub fn show(expr: &Expr) -> String {
    of(expr, Strength::Loosest)
}

/// How strongly an expression's outermost operator binds, loosest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Strength {
    Loosest,
    Or,
    And,
    Not,
    Compare,
    Coalesce,
    Range,
    Sum,
    Product,
    Tightest,
}

const fn strength(op: BinaryOp) -> Strength {
    match op {
        BinaryOp::Or => Strength::Or,
        BinaryOp::And => Strength::And,
        BinaryOp::In
        | BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessOrEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterOrEqual => Strength::Compare,
        BinaryOp::Coalesce => Strength::Coalesce,
        BinaryOp::Range => Strength::Range,
        BinaryOp::Add | BinaryOp::Subtract => Strength::Sum,
        BinaryOp::Multiply | BinaryOp::Divide => Strength::Product,
    }
}

const fn above(strength: Strength) -> Strength {
    match strength {
        Strength::Loosest => Strength::Or,
        Strength::Or => Strength::And,
        Strength::And => Strength::Not,
        Strength::Not => Strength::Compare,
        Strength::Compare => Strength::Coalesce,
        Strength::Coalesce => Strength::Range,
        Strength::Range => Strength::Sum,
        Strength::Sum => Strength::Product,
        Strength::Product | Strength::Tightest => Strength::Tightest,
    }
}

/// An operator between its operands, as it is written.
pub(crate) const fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::In => "in",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::Coalesce => "??",
        BinaryOp::Range => "..",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
    }
}

/// `expr` where nothing looser than `least` may stand without parentheses.
fn of(expr: &Expr, least: Strength) -> String {
    let (text, strength) = parts(expr);
    if strength < least { format!("({text})") } else { text }
}

fn parts(expr: &Expr) -> (String, Strength) {
    let text = match expr {
        Expr::Binary(op, sides) => {
            let own = strength(*op);
            // Comparisons do not chain; the others lean to the left.
            let left = if own == Strength::Compare { above(own) } else { own };
            let (left, right) = (of(&sides.0, left), of(&sides.1, above(own)));
            return (format!("{left} {} {right}", sign(*op)), own);
        }
        Expr::Unary(UnaryOp::Not, operand) => {
            return (format!("not {}", of(operand, Strength::Not)), Strength::Not);
        }
        Expr::Unary(UnaryOp::Negate, operand) => format!("-{}", of(operand, Strength::Tightest)),
        Expr::If(branches) => {
            let (condition, then, otherwise) = branches.as_ref();
            let (condition, then) = (show(condition), show(then));
            let text = format!("if {condition} then {then} else {}", show(otherwise));
            return (text, Strength::Loosest);
        }
        Expr::Value(value @ Value::Range(_)) => return (written(value), Strength::Range),
        Expr::Value(value) => written(value),
        Expr::Param(name) | Expr::Bound(name) => name.to_string(),
        Expr::Output { step, path } => {
            format!("{step}{}", path.iter().map(step_down).collect::<String>())
        }
        Expr::Field(base, access) => {
            format!("{}{}", of(base, Strength::Tightest), step_down(access))
        }
        Expr::Live(metric) => metric.clone(),
        Expr::List(items) => bracketed("[", items.iter().map(show), "]"),
        Expr::Record(inner) => record(fields(inner)),
        Expr::Variant(name, inner) => {
            let set = inner.iter().filter(|(_, it)| **it != Expr::Value(Value::None));
            call(name, set.map(|(name, it)| (name, show(it))))
        }
        Expr::Call(function, args) if function == "over" && args.len() == 2 => {
            let (metric, window) = (args.first(), args.last());
            let shown =
                |it: Option<&(Option<String>, Expr)>| it.map(|it| of(&it.1, Strength::Tightest));
            format!(
                "{} over {}",
                shown(metric).unwrap_or_default(),
                shown(window).unwrap_or_default()
            )
        }
        Expr::Call(function, args) => {
            let arg = |(name, arg): &(Option<String>, Expr)| match name {
                Some(name) => format!("{name}: {}", show(arg)),
                None => show(arg),
            };
            bracketed(&format!("{function}("), args.iter().map(arg), ")")
        }
        Expr::With(base, inner) => {
            format!("{} with {}", of(base, Strength::Tightest), record(fields(inner)))
        }
        Expr::Text(parts) => text(parts),
        Expr::Comprehension(name, parts) => {
            let (source, condition, item) = parts.as_ref();
            let kept =
                condition.as_ref().map_or_else(String::new, |it| format!(" if {}", show(it)));
            format!("[for {name} in {}{kept}: {}]", show(source), show(item))
        }
    };
    (text, Strength::Tightest)
}

fn step_down(access: &Access) -> String {
    format!("{}{}", if access.optional { "?." } else { "." }, access.field)
}

fn fields(inner: &BTreeMap<String, Expr>) -> impl Iterator<Item = (&String, String)> {
    inner.iter().map(|(name, expr)| (name, show(expr)))
}

fn record<'a>(fields: impl Iterator<Item = (&'a String, String)>) -> String {
    let text =
        bracketed("{ ", fields.map(|(name, value)| format!("{} = {value}", key(name))), " }");
    if text == "{  }" { "{}".to_owned() } else { text }
}

/// A field's name, in quotes where it is no word: `"EUR/USD" = 0.8pip`.
fn key(name: &str) -> String {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if is_word { name.to_owned() } else { quoted(name) }
}

/// `relu`, `adam(learning_rate: 0.001)`.
fn call<'a>(name: &str, fields: impl Iterator<Item = (&'a String, String)>) -> String {
    let args = fields.map(|(name, value)| format!("{name}: {value}"));
    let text = bracketed(&format!("{name}("), args, ")");
    text.strip_suffix("()").map(str::to_owned).unwrap_or(text)
}

fn bracketed(open: &str, items: impl Iterator<Item = String>, close: &str) -> String {
    format!("{open}{}{close}", items.collect::<Vec<_>>().join(", "))
}

/// A text with values in it.
fn text(parts: &[Expr]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Expr::Value(Value::Text(plain)) => text.push_str(&escaped(plain)),
            other => {
                let _infallible = write!(text, "${{{}}}", show(other));
            }
        }
    }
    format!("\"{text}\"")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            '"' | '\\' | '$' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
