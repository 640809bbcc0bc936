//! The token a value breaks off at, and what its author was used to write there.

use crate::ast::Span;
use crate::error::SyntaxError;
use crate::token::{Kind, Token};
use crate::word;

/// Where a value breaks off.
pub(super) struct Break<'t> {
    whole: &'t str,
    /// The tokens of the piece before the break, and the one before the piece.
    before: Vec<Token<'t>>,
    /// The token that does not fit; none at the end.
    found: Option<Token<'t>>,
    /// The one after it.
    next: Option<Token<'t>>,
}

/// Operators of other languages and ours.
const FOREIGN: [(&str, &str); 15] = [
    ("&&", "and"),
    ("&", "and"),
    ("||", "or"),
    ("|", "or"),
    ("!", "not"),
    ("===", "=="),
    ("!==", "!="),
    ("=>", ">="),
    ("=<", "<="),
    ("<>", "!="),
    (">>", ">"),
    ("<<", "<"),
    (":=", "=="),
    ("->", ">"),
    ("**", "*"),
];

impl<'t> Break<'t> {
    /// The break at `at` among `tokens`, which follow `first`.
    pub(super) fn new(
        whole: &'t str,
        first: Option<Token<'t>>,
        tokens: &[Token<'t>],
        at: usize,
    ) -> Self {
        let (before, after): (Vec<_>, Vec<_>) =
            tokens.iter().copied().partition(|token| token.span.end <= at);
        let before = first.into_iter().chain(before).collect();
        Self { whole, before, found: after.first().copied(), next: after.get(1).copied() }
    }

    /// The token that does not fit.
    pub(super) fn found(&self) -> Option<Token<'t>> {
        self.found
    }

    fn last(&self) -> Option<Token<'t>> {
        self.before.last().copied()
    }

    /// The bracket that the break stands in.
    fn bracket(&self) -> Option<&'t str> {
        let mut open = Vec::new();
        for token in self.before.iter().filter(|token| token.kind == Kind::Mark) {
            match token.text {
                "(" | "[" | "{" => open.push(token.text),
                ")" | "]" | "}" => drop(open.pop()),
                _ => {}
            }
        }
        open.last().copied()
    }

    /// What to underline: the token that does not fit, else the place after the last one.
    fn span(&self) -> Span {
        let end = self.last().map_or(0, |last| last.span.end);
        self.found.map_or(Span { start: end, end }, |found| found.span)
    }
}

/// Says what is wrong at a break.
pub(super) fn explain(place: &Break<'_>, params: bool) -> SyntaxError {
    let found = place.found;
    let told = found.and_then(|found| foreign_mark(&found)).or_else(|| {
        let found = found?;
        assigned(place, &found)
            .or_else(|| foreign_operator(place, &found))
            .or_else(|| misspelt(place, &found))
    });
    told.or_else(|| wanting(place, params))
        .or_else(|| unseparated(place, found?))
        .or_else(|| half_choice(place))
        .unwrap_or_else(|| unexpected(place))
}

/// Marks that end or quote things elsewhere.
pub(super) fn foreign_mark(found: &Token<'_>) -> Option<SyntaxError> {
    let wrong = |message: &str| SyntaxError::syntax(message, found.span);
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
        (_, "/*") => wrong("comments begin with `//` and end with their line")
            .advice("write `//` before each line"),
        (Kind::Mark, text) if !text.is_ascii() => wrong(&format!("unexpected character `{text}`"))
            .label("not a character of the language"),
        _ => return None,
    })
}

/// `=` and `:` in each other's places, and `=` for `==`.
fn assigned(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let last = place.last()?;
    match (found.text, place.bracket()) {
        ("=" | "==", None) if last.is("=") => {
            Some(SyntaxError::syntax("two `=`; remove one", found.span).label("the second").fix(
                "remove it",
                Span { start: last.span.end, end: found.span.end },
                "",
            ))
        }
        ("=", Some("(")) if last.kind == Kind::Word && !last.is_operator() => {
            let span = Span { start: last.span.end, end: blank_after(place.whole, found.span.end) };
            let written = rest_of(place);
            Some(
                SyntaxError::syntax(
                    format!("arguments are named with `:`; write `{}: {written}`", last.text),
                    found.span,
                )
                .fix(format!("write `{}: {written}`", last.text), span, ": "),
            )
        }
        (":", Some("{")) if matches!(last.kind, Kind::Word | Kind::Text | Kind::Number) => {
            let span = Span { start: last.span.end, end: blank_after(place.whole, found.span.end) };
            Some(
                SyntaxError::syntax(
                    format!("fields are set with `=`; write `{} = {}`", last.text, rest_of(place)),
                    found.span,
                )
                .fix("write `=`", span, " = "),
            )
        }
        ("=", _) if last.ends_value() => Some(
            SyntaxError::syntax("values are compared with `==`", found.span)
                .label("this sets a value")
                .fix("write `==`", found.span, "=="),
        ),
        _ => None,
    }
}

/// The token after the one that does not fit, as an example of what to write.
fn rest_of<'t>(place: &Break<'t>) -> &'t str {
    place.next.map_or("…", |next| next.text)
}

fn blank_after(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    offset + rest.len() - rest.trim_start_matches([' ', '\t']).len()
}

fn foreign_operator(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    let ours = FOREIGN.iter().find(|(theirs, _)| found.is(theirs)).map(|(_, ours)| *ours)?;
    let text = if ours.chars().all(char::is_alphabetic) {
        spaced(place.whole, found.span, ours)
    } else {
        ours.to_owned()
    };
    Some(
        SyntaxError::syntax(
            format!("unknown operator `{}`; did you mean `{ours}`?", found.text),
            found.span,
        )
        .label("not an operator")
        .fix(format!("write `{ours}`"), found.span, &text),
    )
}

/// A word with the blanks that keep it apart from its neighbours.
fn spaced(text: &str, span: Span, word: &str) -> String {
    let glued = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != '(');
    let before = text.get(..span.start).and_then(|before| before.chars().next_back());
    let after = text.get(span.end..).and_then(|after| after.chars().next());
    let (left, right) = (glued(before), glued(after));
    format!("{}{word}{}", if left { " " } else { "" }, if right { " " } else { "" })
}

/// A word after a value that is nearly one of ours.
fn misspelt(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    place.last().filter(Token::ends_value)?;
    let ours =
        (found.kind == Kind::Word).then(|| word::nearest(found.text, &word::AFTER_VALUE))??;
    Some(
        SyntaxError::syntax(
            format!("unexpected `{}`; did you mean `{ours}`?", found.text),
            found.span,
        )
        .label("unknown word")
        .fix(format!("write `{ours}`"), found.span, ours),
    )
}

/// Something must follow the last token and does not.
fn wanting(place: &Break<'_>, params: bool) -> Option<SyntaxError> {
    let last = place.last()?;
    let reserved =
        place.found.filter(|found| word::RESERVED.contains(&found.text) && !found.is_operator());
    let wanted = match (last.kind, last.text) {
        _ if params && !last.is("=") && place.bracket() == Some("(") => {
            "a parameter, as `share: Ratio = 10%`"
        }
        (Kind::Mark, "." | "?.") => "a name",
        (Kind::Word, "with") => "a record, as `{ seed = 42 }`,",
        _ if awaits_value(&last) => "a value",
        _ if place.before.len() == 1 && place.found.is_none_or(|found| !found.begins_value()) => {
            "a value"
        }
        _ => return None,
    };
    let error =
        SyntaxError::syntax(format!("expected {wanted} after `{}`", last.text), place.span());
    Some(match reserved {
        Some(word) => error.label(format!("`{}` is a word of the language, not a name", word.text)),
        None => error.label(format!("expected {}", wanted.trim_end_matches(','))),
    })
}

/// Whether a value must follow a token.
fn awaits_value(token: &Token<'_>) -> bool {
    match token.kind {
        _ if token.is_operator() => true,
        Kind::Mark => matches!(token.text, "=" | "(" | "[" | ":" | "," | "{" | "${"),
        Kind::Word => {
            matches!(token.text, "if" | "then" | "else" | "when" | "for" | "at" | "after")
        }
        _ => false,
    }
}

/// Two values without anything between them, or a comma where no list is.
fn unseparated(place: &Break<'_>, found: Token<'_>) -> Option<SyntaxError> {
    let last = place.last()?;
    let end = Span { start: last.span.end, end: last.span.end };
    match (place.bracket(), found.text) {
        (None, ",") if place.next.is_none() => Some(
            SyntaxError::syntax("statements end with their line, without `,`", found.span).fix(
                "remove it",
                found.span,
                "",
            ),
        ),
        (None, ",") => Some(
            SyntaxError::syntax("unexpected `,`", found.span)
                .label("this is no list")
                .advice("write one statement a line, and lists in `[…]`"),
        ),
        (Some("("), ",") => Some(
            SyntaxError::syntax("unexpected `,`", found.span)
                .label("this is no list")
                .advice("write lists in `[…]`"),
        ),
        (Some("(" | "["), _) if last.ends_value() && found.begins_value() => Some(
            SyntaxError::syntax(
                format!("expected `,` between `{}` and `{}`", last.text, found.text),
                found.span,
            )
            .note(end, "here")
            .fix("write `,`", end, ","),
        ),
        _ => None,
    }
}

/// `if x then y` without `else`.
fn half_choice(place: &Break<'_>) -> Option<SyntaxError> {
    let count = |word: &str| place.before.iter().filter(|token| token.is(word)).count();
    let wanted = match (count("if"), count("then"), count("else")) {
        (ifs, thens, _) if thens < ifs => "then",
        (_, thens, elses) if elses < thens => "else",
        _ => return None,
    };
    let last = place.last()?;
    Some(
        SyntaxError::syntax(format!("expected `{wanted}` after `{}`", last.text), place.span())
            .label(format!("expected `{wanted}`"))
            .advice("write `if condition then value else value`"),
    )
}

fn unexpected(place: &Break<'_>) -> SyntaxError {
    match (place.found, place.last()) {
        (Some(found), Some(last)) => SyntaxError::syntax(
            format!("unexpected `{}` after `{}`", found.text, last.text),
            found.span,
        )
        .label("not expected here"),
        (Some(found), None) => {
            SyntaxError::syntax(format!("unexpected `{}`", found.text), found.span)
        }
        (None, _) => {
            SyntaxError::syntax("this ends too early", place.span()).label("expected more")
        }
    }
}
