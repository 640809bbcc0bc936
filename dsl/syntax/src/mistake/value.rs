//! A broken value, condition or list of parameters.

use super::brace::Braces;
use super::bracket;
use super::habit::{self, Break};
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
    broken(node, wanted, head.last().copied(), braces)
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
    if let Some((error, brace)) = bracket::unpaired(node.tree().text(), &tokens) {
        if brace {
            braces.open_until = Some(node.span().end);
        }
        return error;
    }
    let whole = node.tree().text();
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
    habit::explain(&inside.unwrap_or(place), wanted == Rule::only_params)
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
