//! Values as other languages write them: what is meant, and how it is written here.

use super::habit::Break;
use crate::ast::Span;
use crate::error::{Edit, SyntaxError};
use crate::token::{Kind, Token};
use crate::tree::Syntax;

/// Words of other languages for what has one here.
const WORDS: [(&str, &str); 11] = [
    ("True", "true"),
    ("TRUE", "true"),
    ("False", "false"),
    ("FALSE", "false"),
    ("None", "none"),
    ("null", "none"),
    ("Null", "none"),
    ("NULL", "none"),
    ("nil", "none"),
    ("undefined", "none"),
    ("NaN", "none"),
];

/// Operators of other languages and ours.
const OPERATORS: [(&str, &str); 17] = [
    ("&&", "and"),
    ("&", "and"),
    ("AND", "and"),
    ("||", "or"),
    ("|", "or"),
    ("OR", "or"),
    ("!", "not"),
    ("===", "=="),
    ("!==", "!="),
    ("=>", ">="),
    ("=<", "<="),
    ("<>", "!="),
    (">>", ">"),
    ("<<", "<"),
    (":=", "=="),
    ("?:", "??"),
    ("~=", "=="),
];

/// Signs that keyboards and word processors put in, and ours.
const SIGNS: [(&str, &str); 12] = [
    ("–", "-"),
    ("—", "-"),
    ("−", "-"),
    ("×", "*"),
    ("·", "*"),
    ("÷", "/"),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("∧", "and"),
    ("∨", "or"),
    ("¬", "not "),
];

/// Quotes that are none here, and what may close them.
const QUOTES: [(&str, &[&str], &str); 6] = [
    ("“", &["”", "“"], "\""),
    ("„", &["“", "”"], "\""),
    ("”", &["”"], "\""),
    ("‘", &["’", "‘"], "\""),
    ("«", &["»"], "\""),
    ("`", &["`"], ""),
];

/// Operations that there are none of.
const MISSING: [(&str, &str); 6] = [
    ("%", "there is no remainder; a percentage is written without a blank, `10%`"),
    ("^", "there are no powers"),
    ("**", "there are no powers"),
    ("->", "there are no functions; use `let`, a comprehension, or a pipeline with parameters"),
    ("++", "a value never changes; give the new one a name with `let`"),
    ("+=", "a value never changes; give the new one a name with `let`"),
];

/// Whether a name is another language's word for a value of ours.
pub(crate) fn is_foreign(name: &str) -> bool {
    WORDS.iter().any(|(theirs, _)| *theirs == name)
}

/// `True`, `None`.
pub(super) fn word(name: Syntax<'_>) -> Option<SyntaxError> {
    let (theirs, ours) = WORDS.iter().find(|(theirs, _)| *theirs == name.text())?;
    let error = SyntaxError::syntax(format!("`{theirs}` is written `{ours}`"), name.span());
    Some(error.label("another language's word").fix(format!("write `{ours}`"), name.span(), ours))
}

/// Marks that end or quote things elsewhere, on whatever line.
pub(super) fn mark(whole: &str, found: &Token<'_>) -> Option<SyntaxError> {
    let wrong = |message: &str| SyntaxError::syntax(message, found.span);
    if let Some(error) = quoted(whole, found) {
        return Some(error);
    }
    Some(match (found.kind, found.text) {
        (Kind::Quoted, text) => {
            let inside = text.trim_matches('\'').replace('"', "\\\"");
            wrong("strings stand in double quotes").fix(
                format!("write `\"{inside}\"`"),
                found.span,
                &format!("\"{inside}\""),
            )
        }
        (_, ";") => {
            wrong("statements end with their line, without `;`").fix("remove it", found.span, "")
        }
        (_, "#") => wrong("comments begin with `//`").fix("write `//`", found.span, "//"),
        (_, "\\") => wrong("lines are not continued by `\\`")
            .label("a line may end after an operator, a comma or an opening bracket")
            .fix("remove it", found.span, ""),
        (Kind::Mark, text) if !text.is_ascii() => {
            let error = wrong(&format!("unexpected character `{text}`"));
            let error = error.label("not a character of the language");
            match SIGNS.iter().find(|(theirs, _)| *theirs == text) {
                Some((_, ours)) => error.fix(format!("write `{}`", ours.trim()), found.span, ours),
                None if text.trim().is_empty() => error.fix("write a blank", found.span, " "),
                None => error,
            }
        }
        _ => return None,
    })
}

/// Quotes that are none here, with those that close them.
fn quoted(whole: &str, found: &Token<'_>) -> Option<SyntaxError> {
    let (_, closing, ours) = QUOTES.iter().find(|(open, ..)| found.text == *open)?;
    let rest = whole.get(found.span.end..)?;
    let line = rest.lines().next().unwrap_or_default();
    let ends = closing.iter().filter_map(|close| Some((line.find(close)?, close.len())));
    let (at, length) = ends.min()?;
    let inside = line.get(..at)?;
    let end = found.span.end + at;
    let close = Span { start: end, end: end + length };
    let edits = [found.span, close].map(|span| Edit { span, text: (*ours).to_owned() });
    let message = if ours.is_empty() {
        "names stand without quotes"
    } else {
        "strings stand in plain double quotes"
    };
    let span = Span { start: found.span.start, end: close.end };
    let error = SyntaxError::syntax(message, span).label("not quotes of the language");
    Some(error.fixes(format!("write `{ours}{inside}{ours}`"), edits.to_vec()))
}

/// What is meant at a break inside a value.
pub(super) fn value(place: &Break<'_>) -> Option<SyntaxError> {
    let found = place.found()?;
    placeholder(place, &found)
        .or_else(|| dollar(&found, place.next()?))
        .or_else(|| prefixed(place.last()?, &found))
        .or_else(|| ternary(place, &found))
        .or_else(|| conditional(place, &found))
        .or_else(|| comprehension(place, &found))
        .or_else(|| identity(place, &found))
        .or_else(|| not_in(place, &found))
        .or_else(|| operator(place, &found))
        .or_else(|| missing(place, &found))
}

/// `${x}` outside a string, and `{{ x }}`.
fn placeholder(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let last = place.last();
    let (open, closers) = match (last, found.text) {
        (_, "${") => (found.span, 1),
        (Some(last), "{") if last.is("{") && last.span.end == found.span.start => {
            (Span { start: last.span.start, end: found.span.end }, 2)
        }
        _ => return None,
    };
    let after = place.after().iter().filter(|token| token.span.start >= open.end);
    let mut close = after.skip_while(|token| !token.is("}")).take(closers);
    let first = close.next()?;
    let end = close.last().map_or(first.span.end, |last| last.span.end);
    let inside = place.slice(Span { start: open.end, end: first.span.start }).trim().to_owned();
    let edits = [
        Span { start: open.start, end: open.end + place.blank_after(open.end) },
        Span { start: place.trimmed_end(first.span.start), end },
    ];
    let edits = edits.map(|span| Edit { span, text: String::new() });
    let span = Span { start: open.start, end };
    let (message, label) = match closers {
        1 => ("`${…}` stands inside strings only", "here a name stands as it is"),
        _ => ("there are no templates; names stand as they are", "a template of another language"),
    };
    let error = SyntaxError::syntax(message, span).label(label);
    Some(error.fixes(format!("write `{inside}`"), edits.to_vec()))
}

/// `$x`.
fn dollar(found: &Token<'_>, next: Token<'_>) -> Option<SyntaxError> {
    let is_name = next.kind == Kind::Word && next.span.start == found.span.end;
    (found.is("$") && is_name).then(|| {
        SyntaxError::syntax("names stand without `$`", found.span).label("not part of a name").fix(
            format!("write `{}`", next.text),
            found.span,
            "",
        )
    })
}

/// `f"…{x}…"`, `r"…"`.
fn prefixed(last: Token<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let is_letter = matches!(last.text, "f" | "F" | "r" | "R" | "b" | "u" | "rf" | "fr");
    if !is_letter || found.kind != Kind::Text || last.span.end != found.span.start {
        return None;
    }
    let mut edits = vec![Edit { span: last.span, text: String::new() }];
    if last.text.contains(['f', 'F']) {
        let braces = found.text.match_indices('{').map(|(at, _)| found.span.start + at);
        edits.extend(
            braces.map(|at| Edit { span: Span { start: at, end: at }, text: "$".to_owned() }),
        );
    }
    let error = SyntaxError::syntax("strings have no letter before them", last.span)
        .label("every string takes values as `${name}`");
    Some(error.fixes("write a plain string", edits))
}

/// `c ? a : b`.
fn ternary(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let start = place.start()?;
    let colon = place.after().iter().find(|token| token.is(":"))?;
    if !found.is("?") || place.bracket().is_some() {
        return None;
    }
    let word = |span, word| Edit { span, text: place.spaced(span, word) };
    let edits = vec![
        Edit { span: Span { start, end: start }, text: "if ".to_owned() },
        word(found.span, "then"),
        word(colon.span, "else"),
    ];
    let error = SyntaxError::syntax("a choice is written `if … then … else …`", found.span)
        .label("a choice of another language");
    Some(error.fixes("write it so", edits))
}

/// `a if c else b`.
fn conditional(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let (start, last) = (place.start()?, place.last()?);
    let before = place.after().iter().position(|token| token.is("else"))?;
    let other = place.after().get(before)?;
    if !found.is("if") || !last.ends_value() || place.bracket().is_some() {
        return None;
    }
    let end = place.after().last()?.span.end;
    let part = |start, end| place.slice(Span { start, end }).trim();
    let text = format!(
        "if {} then {} else {}",
        part(found.span.end, other.span.start),
        part(start, last.span.end),
        part(other.span.end, end)
    );
    let error = SyntaxError::syntax("a choice is written `if … then … else …`", found.span)
        .label("a choice of another language");
    Some(error.fix(format!("write `{text}`"), Span { start, end }, &text))
}

/// `[x for n in xs if c]`.
fn comprehension(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let open = place.open().filter(|open| open.is("[") && found.is("for"))?;
    let mut depth = 0_usize;
    let close = place.after().iter().find(|token| match token.text {
        "[" | "(" | "{" => {
            depth += 1;
            false
        }
        "]" if depth == 0 => true,
        "]" | ")" | "}" => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => false,
    })?;
    let item = place.slice(Span { start: open.span.end, end: found.span.start }).trim();
    let source = place.slice(Span { start: found.span.start, end: close.span.start }).trim();
    let text = format!("{source}: {item}");
    let span = Span { start: open.span.end, end: close.span.start };
    let error = SyntaxError::syntax("a list is made by `[for name in list: item]`", found.span)
        .label("stands first");
    Some(error.fix(format!("write `[{text}]`"), span, &text))
}

/// `x is y`, `x is not y`.
fn identity(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    if !found.is("is") || !place.last()?.ends_value() {
        return None;
    }
    let next = place.next().filter(|next| next.is("not"));
    let ours = if next.is_some() { "!=" } else { "==" };
    let end = next.map_or(found.span.end, |next| next.span.end);
    let span = Span { start: found.span.start, end };
    let error = SyntaxError::syntax("values are compared with `==` and `!=`", span);
    Some(error.label("not an operator").fix(format!("write `{ours}`"), span, ours))
}

/// `x not in y`.
fn not_in(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let next = place.next().filter(|next| found.is("not") && next.is("in"))?;
    let start = place.operand()?;
    let edits = vec![
        Edit { span: Span { start, end: start }, text: "not ".to_owned() },
        Edit { span: Span { start: found.span.start, end: next.span.start }, text: String::new() },
    ];
    let error = SyntaxError::syntax("`not` stands before what it denies", found.span);
    Some(error.label("stands first").fixes("write `not x in y`", edits))
}

/// `&&`, `||`, `!`, and the like.
fn operator(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let is_negated = place.last().filter(|last| last.text == "NOT" && found.begins_value());
    let (found, theirs) = match is_negated {
        Some(last) => (last.span, "NOT"),
        None => (found.span, found.text),
    };
    let ours = match OPERATORS.iter().find(|(each, _)| *each == theirs) {
        Some((_, ours)) => *ours,
        None if theirs == "NOT" => "not",
        None => return None,
    };
    let is_tag = theirs == "!" && place.after().get(2).is_some_and(Token::begins_value);
    if is_tag || (ours != "not" && !place.last()?.ends_value()) {
        return None;
    }
    let is_word = ours.chars().all(char::is_alphabetic);
    let text = if is_word { place.spaced(found, ours) } else { ours.to_owned() };
    Some(
        SyntaxError::syntax(format!("unknown operator `{theirs}`; did you mean `{ours}`?"), found)
            .label("not an operator")
            .fix(format!("write `{ours}`"), found, &text),
    )
}

/// What there is nothing for.
fn missing(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let last = place.last()?;
    if matches!(last.text, "lambda" | "fn" | "func" | "function") && last.kind == Kind::Word {
        let error = SyntaxError::syntax("there are no functions", last.span);
        let advice = "use `let`, a comprehension, or a pipeline with parameters";
        return Some(error.label("another language's word").advice(advice));
    }
    place.last().filter(Token::ends_value)?;
    let (mark, why) = MISSING.iter().find(|(mark, _)| found.is(mark))?;
    let error = SyntaxError::syntax(format!("unknown operator `{mark}`"), found.span);
    Some(error.label("not an operator").advice(*why))
}
