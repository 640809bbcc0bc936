//! What is wrong with a text and what to type instead, from the tree's broken pieces.
//!
//! One mistake, one error: each broken piece is explained once, and what follows from it (the brace
//! that a broken head left over, the block that a broken brace left open) is not told again.

mod amount;
mod apart;
mod brace;
mod bracket;
mod edition;
mod foreign;
mod habit;
mod line;
mod mend;
mod statement;
mod value;

pub(crate) use amount::is_date;
pub(crate) use foreign::is_foreign;
pub(crate) use line::is_control;
pub(crate) use mend::Mended;
pub(crate) use statement::{means_equals, meant};

use crate::ast::Span;
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::string;
use crate::tree::{Mends, Syntax, Tree};

/// The mistakes that are explained in one text. Nobody reads so many; whoever shows them counts.
pub(crate) const MISTAKES_MAX: usize = 20_000;

/// Pieces of a text whose further mistakes are looked for, beside their first.
const MENDED_MAX: usize = 500;

/// Blocks of other languages, whose names have quotes: that there are none such is enough to say.
const OTHERS: [&str; 8] =
    ["variable", "resource", "data", "module", "output", "provider", "locals", "stage"];

/// Lines that a statement goes on to by `\`, at most.
const LINES_MAX: usize = 8;

/// What is wrong with a text, and what makes it whole.
pub(crate) struct Mistakes {
    /// In the order of their places; the first [`MISTAKES_MAX`].
    pub(crate) errors: Vec<SyntaxError>,
    /// The edits that its errors propose, where these make a statement whole.
    pub(crate) mends: Mends,
}

/// The mistakes of a tree.
pub(crate) fn all(tree: &Tree<'_>) -> Mistakes {
    let Mistakes { errors, mends } = of_pieces(tree, MENDED_MAX);
    let mut errors: Vec<_> = edition::mistakes(tree).into_iter().chain(errors).collect();
    errors.truncate(MISTAKES_MAX);
    errors.sort_by_key(|error| error.span.start);
    Mistakes { errors, mends }
}

/// The mistakes of the tree's pieces; of the first `mended` broken ones not only the first mistake.
fn of_pieces(tree: &Tree<'_>, mut mended: usize) -> Mistakes {
    let (mut errors, mut mends) = (Vec::new(), Mends::new());
    let mut braces = brace::Braces::default();
    for node in tree.nodes() {
        if errors.len() >= MISTAKES_MAX {
            break;
        }
        let is_broken = matches!(node.rule(), Rule::bad | Rule::bad_expr | Rule::tail);
        if is_broken && node.span().start < braces.told_until {
            continue;
        }
        let Some(error) = explained(node, &mut braces) else { continue };
        if matches!(node.rule(), Rule::bad | Rule::bad_expr) && mended > 0 {
            mended -= 1;
            let statement = statement(node);
            if statement.end > node.span().end {
                braces.told_until = braces.told_until.max(statement.end);
            }
            let rest = mend::rest(tree, statement, &error);
            mends.extend(rest.edits.map(|edits| (statement.start, edits)));
            errors.push(error);
            errors.extend(rest.errors);
        } else {
            errors.push(error);
        }
    }
    Mistakes { errors, mends }
}

fn explained(node: Syntax<'_>, braces: &mut brace::Braces) -> Option<SyntaxError> {
    match node.rule() {
        Rule::bad => statement::explain(node, braces),
        Rule::bad_expr => Some(value::explain(node, braces)),
        Rule::tail => Some(statement::tail(node, braces)),
        Rule::bad_head => Some(statement::head(node)),
        Rule::bad_params => Some(value::params(node)),
        Rule::unclosed => braces.unclosed(node),
        Rule::stray => braces.stray(node),
        Rule::escape => escape(node),
        Rule::interp => interpolated_name(node),
        Rule::expr => chained(node).or_else(|| amount::date(node)),
        Rule::name => foreign::word(node),
        Rule::annot => above_nothing(node),
        Rule::string => quoted_name(node),
        _ => None,
    }
}

/// The statement that a node is, or is the broken value of, up to the end of that; with the lines
/// that a `\` at its end goes on to.
pub(crate) fn statement(node: Syntax<'_>) -> Span {
    let holder = node.parent().filter(|_| node.rule() == Rule::bad_expr);
    let start = holder.unwrap_or(node).span().start;
    let mut end = node.span().end;
    let text = node.tree().text();
    for _ in 0..LINES_MAX {
        let Some(rest) = text.get(end..).filter(|_| goes_on(text, start, end)) else { break };
        let line = rest.split_inclusive('\n').nth(1).unwrap_or_default();
        end = text.len() - rest.len() + rest.find('\n').map_or(rest.len(), |at| at + 1);
        end += line.trim_end().len();
    }
    Span { start, end }
}

/// Whether what stands in `text` between `start` and `end` ends with a `\` at the end of a line.
fn goes_on(text: &str, start: usize, end: usize) -> bool {
    let ends_line =
        text.get(end..).is_some_and(|rest| rest.trim_start_matches('\r').starts_with('\n'));
    ends_line && text.get(start..end).is_some_and(|piece| piece.trim_end().ends_with('\\'))
}

/// `@deprecated("…")` with no statement below it.
fn above_nothing(node: Syntax<'_>) -> Option<SyntaxError> {
    // What follows a statement that is mended is not to be seen there.
    if node.tree().is_mended() {
        return None;
    }
    let beside = node.parent()?.children();
    let mut below = beside.filter(|other| other.span().start > node.span().start);
    let marks = |rule| !matches!(rule, Rule::annot | Rule::comment | Rule::EOI | Rule::unclosed);
    if below.any(|other| marks(other.rule())) {
        return None;
    }
    let name = node.child(Rule::path)?.text();
    let error = SyntaxError::syntax(format!("`@{name}` marks nothing"), node.span());
    Some(error.label("no statement follows it").advice("write it above what it marks"))
}

fn escape(node: Syntax<'_>) -> Option<SyntaxError> {
    // Broken pieces are explained as a whole.
    node.parent().filter(|parent| parent.rule() == Rule::string)?;
    match string::escaped(node.text()) {
        Some(_) => None,
        None => Some(
            SyntaxError::syntax(format!("unknown escape `{}`", node.text()), node.span())
                .label(r#"known are \n, \t, \", \\ and \$"#)
                .fix(
                    format!("write `\\{}` for a backslash", node.text()),
                    Span { start: node.span().start, end: node.span().start },
                    "\\",
                ),
        ),
    }
}

/// `${…}` where a string names something.
fn interpolated_name(node: Syntax<'_>) -> Option<SyntaxError> {
    let string = node.parent()?;
    let holder = string.parent()?.rule();
    matches!(holder, Rule::inst | Rule::use_d | Rule::pair).then(|| {
        SyntaxError::syntax("no value can be put into a name", node.span())
            .label("names are plain text")
    })
}

/// `pipeline "fx" { … }`: tests alone are called by a sentence.
fn quoted_name(node: Syntax<'_>) -> Option<SyntaxError> {
    let holder = node.parent().filter(|holder| holder.rule() == Rule::inst)?;
    let kind = holder.child(Rule::path)?.text();
    let is_ours = !OTHERS.contains(&kind);
    if kind == "test" || !is_ours || node.child(Rule::interp).is_some() {
        return None;
    }
    let error = SyntaxError::syntax(format!("the name of a `{kind}` has no quotes"), node.span());
    let name = node.text().trim_matches('"');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    Some(if is_name && !is_control(name) {
        error.label("a text").fix(format!("write `{kind} {name}`"), node.span(), name)
    } else {
        error.label("a text").advice("a name is letters, digits and `_`")
    })
}

/// `a < b < c`.
fn chained(node: Syntax<'_>) -> Option<SyntaxError> {
    let mut before: Option<Syntax<'_>> = None;
    for part in node.children() {
        match (part.rule(), part.text()) {
            (Rule::lead, _) | (Rule::infix, "and" | "or") => before = None,
            (Rule::infix, "==" | "!=" | "<" | "<=" | ">" | ">=" | "in") => {
                let Some(first) = before.replace(part) else { continue };
                let between = Span { start: first.span().end, end: part.span().start };
                let middle = node.tree().slice(between).trim();
                let end = Span { start: between.end, end: between.end };
                return Some(
                    SyntaxError::syntax("comparisons do not chain", part.span())
                        .label("a second comparison")
                        .note(first.span(), "the first one")
                        .fix("compare twice", end, &format!("and {middle} ")),
                );
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
