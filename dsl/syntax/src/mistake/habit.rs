//! The token a value breaks off at, and what should have stood there.

use super::{amount, apart, foreign};
use crate::ast::Span;
use crate::error::SyntaxError;
use crate::token::{Kind, Token};
use crate::word;

/// Where a value breaks off.
pub(super) struct Break<'t> {
    whole: &'t str,
    /// The tokens of the piece before the break, and the one before the piece.
    before: Vec<Token<'t>>,
    /// The token that does not fit, if any is left, and those behind it.
    after: Vec<Token<'t>>,
}

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
        Self { whole, before, after }
    }

    /// The token that does not fit.
    pub(super) fn found(&self) -> Option<Token<'t>> {
        self.after.first().copied()
    }

    /// The one behind that.
    pub(super) fn next(&self) -> Option<Token<'t>> {
        self.after.get(1).copied()
    }

    /// The token that does not fit and all behind it.
    pub(super) fn after(&self) -> &[Token<'t>] {
        &self.after
    }

    /// The token before the break.
    pub(super) fn last(&self) -> Option<Token<'t>> {
        self.before.last().copied()
    }

    /// The one before that.
    pub(super) fn before_last(&self) -> Option<Token<'t>> {
        self.before.iter().rev().nth(1).copied()
    }

    /// Where the value begins that breaks.
    pub(super) fn start(&self) -> Option<usize> {
        self.before.get(1).map(|token| token.span.start)
    }

    /// Where the operand before the break begins: behind the nearest word or bracket that one can
    /// stand behind.
    pub(super) fn operand(&self) -> Option<usize> {
        let begins = |token: &&Token<'_>| {
            let word = matches!(token.text, "and" | "or" | "not" | "when" | "if" | "then" | "else");
            word || matches!(token.text, "(" | "[" | "{" | "," | "=" | ":")
        };
        let head = self.before.iter().rposition(|token| begins(&token)).unwrap_or(0);
        self.before.get(head + 1).map(|token| token.span.start)
    }

    /// The bracket that the break stands in.
    pub(super) fn open(&self) -> Option<Token<'t>> {
        let mut open = Vec::new();
        for token in self.before.iter().filter(|token| token.kind == Kind::Mark) {
            match token.text {
                "(" | "[" | "{" | "${" => open.push(*token),
                ")" | "]" | "}" => drop(open.pop()),
                _ => {}
            }
        }
        open.pop()
    }

    /// Its text.
    pub(super) fn bracket(&self) -> Option<&'t str> {
        self.open().map(|open| open.text)
    }

    /// The text of `span`.
    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.whole.get(span.start..span.end).unwrap_or_default()
    }

    /// How many blanks stand at `offset`.
    pub(super) fn blank_after(&self, offset: usize) -> usize {
        let rest = self.whole.get(offset..).unwrap_or_default();
        rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    /// Where the blanks before `offset` begin.
    pub(super) fn trimmed_end(&self, offset: usize) -> usize {
        self.whole.get(..offset).unwrap_or_default().trim_end_matches([' ', '\t']).len()
    }

    /// A word with the blanks that keep it apart from the neighbours of `span`.
    pub(super) fn spaced(&self, span: Span, word: &str) -> String {
        let glued = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != '(');
        let before = self.whole.get(..span.start).and_then(|text| text.chars().next_back());
        let after = self.whole.get(span.end..).and_then(|text| text.chars().next());
        let blank = |glued: bool| if glued { " " } else { "" };
        format!("{}{word}{}", blank(glued(before)), blank(glued(after)))
    }

    /// What to underline: the token that does not fit, else the place after the last one.
    fn span(&self) -> Span {
        let end = self.last().map_or(0, |last| last.span.end);
        self.found().map_or(Span { start: end, end }, |found| found.span)
    }
}

/// Says what is wrong at a break.
pub(super) fn explain(place: &Break<'_>) -> SyntaxError {
    let found = place.found();
    amount::value(place)
        .or_else(|| foreign::mark(place.whole, &found?))
        .or_else(|| foreign::value(place))
        .or_else(|| conditional_verb(place))
        .or_else(|| assigned(place, &found?))
        .or_else(|| apart(place))
        .or_else(|| misspelt(place, &found?))
        .or_else(|| wanting(place))
        .or_else(|| unseparated(place, found?))
        .or_else(|| half_choice(place))
        .unwrap_or_else(|| unexpected(place))
}

/// Says what is wrong where a list of parameters breaks.
pub(super) fn explain_params(place: &Break<'_>) -> SyntaxError {
    let (last, found) = (place.last(), place.found());
    let told = found.and_then(|found| foreign::mark(place.whole, &found));
    let told = told.or_else(|| untyped(place, last?, found?));
    told.or_else(|| indexed_type(place, last?)).unwrap_or_else(|| {
        let after = last.map_or("(", |last| last.text);
        match last.filter(|last| last.is("=")) {
            Some(_) => SyntaxError::syntax("expected a value after `=`", place.span())
                .label("expected a value"),
            None => SyntaxError::syntax(
                format!("expected a parameter, as `share: Ratio = 10%`, after `{after}`"),
                place.span(),
            )
            .label("expected a parameter"),
        }
    })
}

/// `y = 2`, `y Int`, `Int y`.
fn untyped(place: &Break<'_>, last: Token<'_>, found: Token<'_>) -> Option<SyntaxError> {
    if last.kind != Kind::Word || !matches!(place.bracket(), Some("(")) {
        return None;
    }
    let name = last.text;
    let wrong = |message: String| SyntaxError::syntax(message, found.span);
    if matches!(found.text, "=" | "," | ")") {
        return Some(
            wrong(format!("parameter `{name}` has no type"))
                .label("expected `:` and a type")
                .advice(format!("write `{name}: Type`, as `share: Ratio = 10%`")),
        );
    }
    if found.kind != Kind::Word {
        return None;
    }
    let is_type = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
    let (name, ty) = if is_type(name) { (found.text, name) } else { (name, found.text) };
    let span = Span { start: last.span.start, end: found.span.end };
    let text = format!("{name}: {ty}");
    Some(wrong("a parameter is written `name: Type`".to_owned()).label("expected `:`").fix(
        format!("write `{text}`"),
        span,
        &text,
    ))
}

/// `list[str]`, `Optional[int]`, `Dict[str, int]`.
fn indexed_type(place: &Break<'_>, last: Token<'_>) -> Option<SyntaxError> {
    let [open, of, rest @ ..] = place.after() else { return None };
    if last.kind != Kind::Word || !open.is("[") || of.kind != Kind::Word {
        return None;
    }
    let (text, close) = match (last.text, rest) {
        ("Optional", [close, ..]) if close.is("]") => (format!("{}?", of.text), close),
        (_, [close, ..]) if close.is("]") => (format!("[{}]", of.text), close),
        (_, [comma, second, close, ..]) if comma.is(",") && close.is("]") => {
            (format!("Map<{}, {}>", of.text, second.text), close)
        }
        _ => return None,
    };
    let span = Span { start: last.span.start, end: close.span.end };
    let error = SyntaxError::syntax(format!("a type is written `{text}`"), span);
    Some(error.label("a type of another language").fix(format!("write `{text}`"), span, &text))
}

/// `rollback if …`.
fn conditional_verb(place: &Break<'_>) -> Option<SyntaxError> {
    let (verb, word) = (place.before.first()?, place.before.get(1)?);
    let chooses = place.after.iter().any(|token| token.is("then"));
    (word::VERBS.contains(&verb.text) && word.is("if") && !chooses).then(|| {
        SyntaxError::syntax(format!("a rule is written `{} when condition`", verb.text), word.span)
            .label("expected `when`")
            .fix("write `when`", word.span, "when")
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
        (">", None) if last.is("=") && last.span.end == found.span.start => {
            Some(SyntaxError::syntax("attributes use `=`", found.span).label("not needed").fix(
                "remove it",
                found.span,
                "",
            ))
        }
        (",", Some(_)) if last.is(",") => {
            Some(SyntaxError::syntax("two `,`; remove one", found.span).label("the second").fix(
                "remove it",
                found.span,
                "",
            ))
        }
        ("=", Some("(")) if last.kind == Kind::Word && !last.is_operator() => {
            let span = Span {
                start: last.span.end,
                end: found.span.end + place.blank_after(found.span.end),
            };
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
            let span = Span {
                start: last.span.end,
                end: found.span.end + place.blank_after(found.span.end),
            };
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
    place.next().map_or("…", |next| next.text)
}

/// A whole value, and a statement on the same line.
fn apart(place: &Break<'_>) -> Option<SyntaxError> {
    let last = place.last().filter(|last| last.ends_value() && place.bracket().is_none())?;
    apart::statements(place.whole, last.span.end, place.after())
}

/// A word after a value that is nearly one of ours.
fn misspelt(place: &Break<'_>, found: &Token<'_>) -> Option<SyntaxError> {
    place.last().filter(Token::ends_value)?;
    let is_ours = word::AFTER_VALUE.contains(&found.text);
    let ours = (found.kind == Kind::Word && !is_ours)
        .then(|| word::nearest(found.text, &word::AFTER_VALUE))??;
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
fn wanting(place: &Break<'_>) -> Option<SyntaxError> {
    let last = place.last()?;
    let reserved =
        place.found().filter(|found| word::RESERVED.contains(&found.text) && !found.is_operator());
    let wanted = match (last.kind, last.text) {
        (Kind::Mark, "." | "?.") => "a name",
        (Kind::Word, "with") => "a record, as `{ seed = 42 }`,",
        _ if awaits_value(&last) => "a value",
        _ if place.before.len() == 1 && place.found().is_none_or(|found| !found.begins_value()) => {
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
        (None, ",") if place.next().is_none() => Some(
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
    match (place.found(), place.last()) {
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
