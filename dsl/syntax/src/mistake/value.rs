//! A broken value, condition or list of parameters.

use super::brace::Braces;
use super::bracket;
use super::habit::{self, Break};
use super::line;
use crate::ast::Span;
use crate::error::SyntaxError;
use crate::grammar::{self, Rule};
use crate::token::{self, Kind, Token, spoken};
use crate::tree::Syntax;

/// What is wrong with what stands after a `=` or a verb.
pub(super) fn explain(node: Syntax<'_>, braces: &mut Braces) -> SyntaxError {
    let holder = node.parent();
    let wanted = match holder.map(Syntax::rule) {
        Some(Rule::rule_d) => Rule::only_rule,
        _ => Rule::only_expr,
    };
    let start = holder.map_or_else(|| node.span().start, |holder| holder.span().start);
    let head = Span { start, end: node.span().start };
    let head = spoken(node.tree().slice(head), start);
    if holder.is_some_and(|holder| holder.rule() == Rule::edition) {
        return edition(node);
    }
    misset(node, &head).unwrap_or_else(|| broken(node, wanted, head.last().copied(), braces))
}

/// `train = candidate { … }`.
fn misset(node: Syntax<'_>, head: &[Token<'_>]) -> Option<SyntaxError> {
    let [kind, mark] = head else { return None };
    let tokens = spoken(node.text(), node.span().start);
    let [name, brace, .., close] = tokens.as_slice() else { return None };
    let is_block = name.kind == Kind::Word && brace.is("{") && close.is("}");
    let opens = node.text().lines().next().is_some_and(|line| line.trim_end().ends_with('{'));
    (kind.kind == Kind::Word && mark.is("=") && is_block && opens).then(|| {
        let between = Span { start: kind.span.end, end: name.span.start };
        let written = format!("{} {} {{", kind.text, name.text);
        SyntaxError::syntax(format!("a block has no `=`; write `{written}`"), mark.span)
            .label("not needed")
            .fix("remove it", between, " ")
    })
}

/// What is wrong with a list of parameters.
pub(super) fn params(node: Syntax<'_>) -> SyntaxError {
    broken(node, Rule::only_params, None, &mut Braces::default())
}

fn edition(node: Syntax<'_>) -> SyntaxError {
    SyntaxError::new("edition", "an edition is a year", node.span()).label("expected a year").fix(
        "write `edition 2026`",
        node.span(),
        "2026",
    )
}

/// Explains a piece that does not read as `wanted`; `before` is the token it follows.
fn broken(
    node: Syntax<'_>,
    wanted: Rule,
    before: Option<Token<'_>>,
    braces: &mut Braces,
) -> SyntaxError {
    let text = node.text();
    let tokens = spoken(text, node.span().start);
    if let Some(error) = open_text(&tokens) {
        return error;
    }
    let whole = node.tree().text();
    let foreign = tokens.iter().find(|token| matches!(token.text, "/*" | "<<"));
    let told = foreign.and_then(|found| {
        line::comment(whole, found, braces).or_else(|| line::heredoc(whole, found, braces))
    });
    if let Some(error) = told {
        return error;
    }
    if let Some((error, brace)) = bracket::unpaired(node.tree(), &tokens) {
        if brace {
            braces.open_until = Some(node.span().end);
        }
        return error;
    }
    let at = node.span().start + grammar::read(wanted, text).err().unwrap_or(text.len());
    let place = Break::new(whole, before, &tokens, at);
    // What breaks inside a string, pest reports at the string's start.
    let inside = place.found().filter(|found| found.kind == Kind::Text).and_then(|found| {
        let (dollar, inner) = token::values(found).into_iter().find(|(_, inner)| {
            let Span { start, end } = *inner;
            whole.get(start..end).is_some_and(|text| grammar::read(Rule::only_expr, text).is_err())
        })?;
        let text = whole.get(inner.start..inner.end)?;
        let at = inner.start + grammar::read(Rule::only_expr, text).err()?;
        Some(Break::new(whole, Some(dollar), &spoken(text, inner.start), at))
    });
    match wanted {
        Rule::only_params => habit::explain_params(&place),
        _ => habit::explain(&inside.unwrap_or(place)),
    }
}

/// A string that its line ends before.
pub(super) fn open_text(tokens: &[Token<'_>]) -> Option<SyntaxError> {
    let token = tokens.iter().find(|token| token.kind == Kind::OpenText)?;
    let end = Span { start: token.span.end, end: token.span.end };
    let error = if token.text.starts_with("\"\"\"") {
        let start = Span { start: token.span.start, end: token.span.start + 3 };
        SyntaxError::syntax("this text is not closed before the end of the file", start)
            .advice("write `\"\"\"` after its last line")
    } else {
        SyntaxError::syntax("this string is not closed", token.span).fix("close it", end, "\"")
    };
    Some(error.label("opened here"))
}
