//! Values and types.

use super::bracket::{self, Line};
use super::{LEVEL, column_after, fits, line};
use crate::grammar::Rule;
use crate::lower;
use crate::tree::Syntax;

/// A node on one line; none where it has a comment, a text of many lines, or a record that its
/// author spread over lines.
pub(super) fn flat(node: Syntax<'_>) -> Option<String> {
    let joined = |open: &str, rule: Rule, separator: &str, close: &str| {
        let comment = node.child(Rule::comment).is_some();
        let items: Option<Vec<_>> =
            node.children().filter(|child| child.rule() == rule).map(flat).collect();
        items.filter(|_| !comment).map(|items| format!("{open}{}{close}", items.join(separator)))
    };
    match node.rule() {
        Rule::expr => flat_parts(&node.children().collect::<Vec<_>>()),
        Rule::list if node.child(Rule::comp).is_some() => joined("[", Rule::comp, "", "]"),
        Rule::list => joined("[", Rule::expr, ", ", "]"),
        Rule::call | Rule::annot => joined("(", Rule::arg, ", ", ")"),
        Rule::params => joined("(", Rule::param, ", ", ")"),
        Rule::use_list => joined("{ ", Rule::use_name, ", ", " }").map(close_empty),
        Rule::record if is_spread(node) => None,
        Rule::record => joined("{ ", Rule::pair, ", ", " }").map(close_empty),
        Rule::index => joined("[", Rule::expr, "", "]"),
        Rule::paren => joined("(", Rule::expr, "", ")"),
        Rule::with => Some(format!(" with {}", flat(node.child(Rule::record)?)?)),
        Rule::field => Some(node.text().chars().filter(|c| !c.is_whitespace()).collect()),
        Rule::arg
        | Rule::pair
        | Rule::param
        | Rule::use_name
        | Rule::comp
        | Rule::if_e
        | Rule::r#type => worded(node),
        Rule::number | Rule::quantity | Rule::money => Some(grouped(node.text())),
        Rule::string | Rule::rawstring => one_line(node),
        Rule::comment => None,
        _ => Some(node.text().to_owned()),
    }
}

fn one_line(node: Syntax<'_>) -> Option<String> {
    (!node.text().contains('\n')).then(|| node.text().to_owned())
}

fn close_empty(text: String) -> String {
    if text == "{  }" { "{}".to_owned() } else { text }
}

/// Whether the author put the first field of a record on a line of its own.
fn is_spread(record: Syntax<'_>) -> bool {
    let Some(first) = record.children().next() else { return false };
    let before = first.span().start.saturating_sub(record.span().start);
    record.text().get(..before).is_some_and(|before| before.contains('\n'))
}

/// The parts of a node with the words and marks between them.
fn worded(node: Syntax<'_>) -> Option<String> {
    let mut parts = Vec::new();
    for child in node.children().filter(|child| child.rule() != Rule::eq_) {
        parts.push(match child.rule() {
            Rule::list_t => format!("[{}]", flat(child.child(Rule::r#type)?)?),
            Rule::named_t => named(child)?,
            Rule::alias => format!("as {}", child.text()),
            Rule::kw_as => continue,
            _ => flat(child)?,
        });
    }
    let part = |at: usize| parts.get(at).map(String::as_str);
    Some(match (node.rule(), parts.as_slice()) {
        (Rule::arg, [name, value]) => format!("{name}: {value}"),
        (Rule::pair, [key, value]) => format!("{key} = {value}"),
        (Rule::param, [name, colon, ty]) => format!("{name}{colon} {ty}"),
        (Rule::param, [name, colon, ty, default]) => format!("{name}{colon} {ty} = {default}"),
        (Rule::r#type, [ty, opt]) => format!("{ty}{opt}"),
        (Rule::comp, _) => {
            let colon = parts.iter().position(|part| part == ":")?;
            let (head, item) = (parts.get(..colon)?.join(" "), part(colon + 1)?);
            format!("{head}: {item}")
        }
        _ => parts.join(" "),
    })
}

fn named(node: Syntax<'_>) -> Option<String> {
    let name = node.child(Rule::path)?.text();
    let arguments = node.children().filter(|child| child.rule() == Rule::r#type).map(flat);
    let arguments: Vec<_> = arguments.collect::<Option<_>>()?;
    Some(match arguments.as_slice() {
        [] => name.to_owned(),
        some => format!("{name}<{}>", some.join(", ")),
    })
}

/// Operands and operators on one line.
fn flat_parts(parts: &[Syntax<'_>]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part.rule() {
            Rule::infix | Rule::lead => {
                text.push(' ');
                text.push_str(part.text());
                text.push(' ');
            }
            Rule::prefix if part.text() == "not" => text.push_str("not "),
            _ => text.push_str(&flat(*part)?),
        }
    }
    Some(text)
}

/// A value begun at `column` in a line indented by `indent`, with `after` characters to follow it.
pub(super) fn value(node: Syntax<'_>, indent: usize, column: usize, after: usize) -> String {
    match flat(node).filter(|text| fits(text, column, after)) {
        Some(text) => text,
        None => chain(&node.children().collect::<Vec<_>>(), indent, column, after),
    }
}

/// Operands and operators, broken at those operators that hold least.
fn chain(parts: &[Syntax<'_>], indent: usize, column: usize, after: usize) -> String {
    if let Some(text) = flat_parts(parts).filter(|text| fits(text, column, after)) {
        return text;
    }
    let strength = |part: &Syntax<'_>| match part.rule() {
        Rule::infix | Rule::lead => lower::operator(part.text()).map(|(_, strength)| strength),
        _ => None,
    };
    let Some(loosest) = parts.iter().filter_map(strength).min() else {
        return operand(parts, indent, column, after);
    };
    let mut text = String::new();
    let mut column = column;
    let mut rest = parts;
    while let Some(at) = rest.iter().position(|part| strength(part) == Some(loosest)) {
        let (Some(left), Some(operator)) = (rest.get(..at), rest.get(at)) else { break };
        text.push_str(&chain(left, indent + LEVEL, column, 0));
        let (before, behind) = match operator.text() {
            word @ ("and" | "or") => (String::new(), format!("{word} ")),
            mark => (format!(" {mark}"), String::new()),
        };
        text = text + &before + &line(indent + LEVEL) + &behind;
        column = column_after(&text, 0);
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    text + &chain(rest, indent + LEVEL, column, after)
}

/// A value without operators between: opened at the last of its brackets.
fn operand(parts: &[Syntax<'_>], indent: usize, column: usize, after: usize) -> String {
    let last = parts.iter().rposition(|part| is_bracketed(part.rule()));
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        let flat = match part.rule() {
            Rule::prefix if part.text() == "not" => Some("not ".to_owned()),
            _ => flat(*part),
        };
        let here = column_after(&text, column);
        let open = Some(at) == last && !flat.as_ref().is_some_and(|flat| fits(flat, here, after));
        text.push_str(&match flat {
            Some(flat) if !open => flat,
            _ => opened(*part, indent, here),
        });
    }
    text
}

fn is_bracketed(kind: Rule) -> bool {
    matches!(
        kind,
        Rule::list
            | Rule::record
            | Rule::call
            | Rule::with
            | Rule::paren
            | Rule::if_e
            | Rule::index
    )
}

/// A bracketed node over several lines.
pub(super) fn opened(node: Syntax<'_>, indent: usize, column: usize) -> String {
    let inner = indent + LEVEL;
    match node.rule() {
        Rule::list if node.child(Rule::comp).is_some() => {
            let comp = node.child(Rule::comp).map(|comp| comprehension(comp, inner));
            format!("[{}{}{}]", line(inner), comp.unwrap_or_default(), line(indent))
        }
        Rule::list => {
            let lines = bracket::lines(node, |kind| kind == Rule::expr);
            bracket::spread(("[", "]", ","), lines, indent, |item| value(item, inner, inner, 1))
        }
        Rule::call | Rule::annot => {
            let lines = bracket::lines(node, |kind| kind == Rule::arg);
            bracket::spread(("(", ")", ","), lines, indent, |item| argument(item, inner))
        }
        Rule::params => {
            let lines = bracket::lines(node, |kind| kind == Rule::param);
            bracket::spread(("(", ")", ","), lines, indent, |item| parameter(item, inner))
        }
        Rule::use_list => {
            let lines = bracket::lines(node, |kind| kind == Rule::use_name);
            let write = |item| flat(item).unwrap_or_default();
            bracket::spread(("{", "}", ","), lines, indent, write)
        }
        Rule::record => record(node, indent),
        Rule::with => {
            let fields = node.child(Rule::record).map(|fields| record(fields, indent));
            format!(" with {}", fields.unwrap_or_default())
        }
        Rule::paren | Rule::index => within(node, indent, column),
        Rule::if_e => choice(node, indent, column),
        _ => node.text().to_owned(),
    }
}

fn within(node: Syntax<'_>, indent: usize, column: usize) -> String {
    let Some(inner) = node.child(Rule::expr) else { return node.text().to_owned() };
    if node.rule() == Rule::index {
        // No line may end behind the bracket of an index.
        return format!("[{}]", value(inner, indent, column + 1, 1));
    }
    let deeper = indent + LEVEL;
    let text = value(inner, deeper, deeper, 0);
    format!("({}{text}{})", line(deeper), line(indent))
}

fn comprehension(comp: Syntax<'_>, indent: usize) -> String {
    if let Some(text) = flat(comp).filter(|text| fits(text, indent, 0)) {
        return text;
    }
    let mut text = String::new();
    let mut item = false;
    for part in comp.children() {
        let column = column_after(&text, indent);
        match part.rule() {
            Rule::colon => {
                item = true;
                text = text.trim_end().to_owned() + ":" + &line(indent + LEVEL);
            }
            Rule::expr if item => text += &value(part, indent + LEVEL, indent + LEVEL, 0),
            Rule::expr => text = text + &value(part, indent, column, 1) + " ",
            _ => text = text + part.text() + " ",
        }
    }
    text
}

fn choice(node: Syntax<'_>, indent: usize, column: usize) -> String {
    let mut text = String::new();
    for part in node.children() {
        match part.rule() {
            Rule::expr => {
                let column = column_after(&text, column);
                text += &value(part, indent + LEVEL, column, 0);
            }
            Rule::kw_if => text.push_str("if "),
            _ => text = text + &line(indent + LEVEL) + part.text() + " ",
        }
    }
    text
}

fn argument(arg: Syntax<'_>, indent: usize) -> String {
    let name = arg.child(Rule::ident).map(|name| format!("{}: ", name.text())).unwrap_or_default();
    let column = column_after(&name, indent);
    name + &arg.child(Rule::expr).map(|expr| value(expr, indent, column, 1)).unwrap_or_default()
}

fn parameter(param: Syntax<'_>, indent: usize) -> String {
    if let Some(text) = flat(param).filter(|text| fits(text, indent, 1)) {
        return text;
    }
    let name = param.child(Rule::ident).map(Syntax::text).unwrap_or_default();
    let ty = param.child(Rule::r#type).and_then(flat).unwrap_or_default();
    let head = format!("{name}: {ty}");
    match param.child(Rule::expr) {
        Some(default) => {
            let column = column_after(&head, indent) + " = ".len();
            format!("{head} = {}", value(default, indent, column, 1))
        }
        None => head,
    }
}

/// A record a field a line, the `=` aligned as those of attributes are.
fn record(node: Syntax<'_>, indent: usize) -> String {
    let inner = indent + LEVEL;
    let (opening, lines) = bracket::lines(node, |kind| kind == Rule::pair);
    if opening.is_none() && lines.is_empty() {
        return "{}".to_owned();
    }
    let fields: Vec<_> = lines.iter().map(|Line { node, .. }| field(*node)).collect();
    let mut widths = super::block::widths(&fields, inner).into_iter();
    bracket::spread(("{", "}", ""), (opening, lines), indent, |pair| {
        // A comment takes its width too, though it is not written here.
        let width = widths.by_ref().flatten().next().unwrap_or_default();
        let Some((key, expr)) = field(pair) else { return pair.text().to_owned() };
        format!("{key:width$} = {}", value(expr, inner, inner + width + 3, 0))
    })
}

fn field(pair: Syntax<'_>) -> Option<(String, Syntax<'_>)> {
    let key = pair
        .children()
        .find(|child| child.rule() != Rule::eq_)
        .filter(|_| pair.rule() == Rule::pair)?;
    Some((flat(key)?, pair.child(Rule::expr)?))
}

/// A number with `_` between its thousands from 10,000 on.
fn grouped(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '_')).unwrap_or(text.len());
    let (whole, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let rest = match rest.split_once(' ') {
        Some((fraction, currency)) => format!("{fraction} {}", currency.trim_start()),
        None => rest.to_owned(),
    };
    let digits: String = whole.chars().filter(|c| *c != '_').collect();
    if digits.len() < 5 {
        return whole.to_owned() + &rest;
    }
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped + &rest
}
