//! Numbers, quantities, money and dates as people write them elsewhere.

use super::habit::Break;
use crate::ast::Span;
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::token::{Kind, Token};
use crate::tree::Syntax;

/// Units as words, and ours.
const UNITS: [(&str, &[&str]); 13] = [
    ("ns", &["ns", "nanoseconds"]),
    ("us", &["us", "microseconds"]),
    ("ms", &["ms", "msec", "millis", "milliseconds"]),
    ("s", &["s", "sec", "secs", "second", "seconds"]),
    ("m", &["m", "min", "mins", "minute", "minutes"]),
    ("h", &["h", "hr", "hrs", "hour", "hours"]),
    ("d", &["d", "day", "days"]),
    ("w", &["w", "week", "weeks"]),
    ("mo", &["mo", "month", "months"]),
    ("y", &["y", "year", "years"]),
    ("%", &["percent", "pct"]),
    ("pp", &["pp", "points"]),
    ("bps", &["bp", "bps"]),
];

/// Signs of currencies and their letters.
const CURRENCIES: [(&str, &str); 4] = [("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("¥", "JPY")];

/// What is meant at a break inside a value.
pub(super) fn value(place: &Break<'_>) -> Option<SyntaxError> {
    let (last, found) = (place.last(), place.found());
    spaced_unit(place, last?, found)
        .or_else(|| money(place, last?, found?))
        .or_else(|| thousands(place, last?, found?))
        .or_else(|| fraction(place, found))
        .or_else(|| clock(last?, found?))
}

fn written(message: &str, span: Span, text: &str) -> SyntaxError {
    SyntaxError::syntax(message, span).label("written otherwise here").fix(
        format!("write `{text}`"),
        span,
        text,
    )
}

/// `5 minutes`, `10 %`.
fn spaced_unit(
    place: &Break<'_>,
    last: Token<'_>,
    found: Option<Token<'_>>,
) -> Option<SyntaxError> {
    let found = found.filter(|_| last.kind == Kind::Number)?;
    let unit = match found.text {
        // `5 % 2` is a remainder.
        "%" if place.next().is_none_or(|next| !next.begins_value()) => "%",
        word => UNITS.iter().find(|(_, words)| words.contains(&word)).map(|(unit, _)| *unit)?,
    };
    let span = Span { start: last.span.start, end: found.span.end };
    let text = format!("{}{unit}", last.text);
    Some(written("a unit follows its number without a blank", span, &text))
}

/// `$100`, `100$`, `USD 100`.
fn money(place: &Break<'_>, last: Token<'_>, found: Token<'_>) -> Option<SyntaxError> {
    let letters =
        |sign: &str| CURRENCIES.iter().find(|(each, _)| *each == sign).map(|(_, letters)| *letters);
    let is_code = |word: &str| word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
    let number = |token: &Token<'_>| token.kind == Kind::Number;
    let next = place.next().filter(number);
    let (span, amount, currency) = match (letters(found.text), next) {
        (Some(currency), Some(next)) if !number(&last) => {
            (Span { start: found.span.start, end: next.span.end }, next.text, currency)
        }
        (Some(currency), _) if number(&last) => {
            (Span { start: last.span.start, end: found.span.end }, last.text, currency)
        }
        (None, _) if is_code(last.text) && number(&found) => {
            (Span { start: last.span.start, end: found.span.end }, found.text, last.text)
        }
        _ => return None,
    };
    Some(written("money is written with its currency last", span, &format!("{amount} {currency}")))
}

/// `1,000`.
fn thousands(place: &Break<'_>, last: Token<'_>, found: Token<'_>) -> Option<SyntaxError> {
    let next = place.next()?;
    let is_group = next.text.len() == 3 && next.text.bytes().all(|b| b.is_ascii_digit());
    let together = last.span.end == found.span.start && found.span.end == next.span.start;
    let fits = found.is(",") && last.kind == Kind::Number && last.text.len() <= 3;
    (fits && is_group && together && place.bracket().is_none()).then(|| {
        let span = Span { start: last.span.start, end: next.span.end };
        let text = format!("{}_{}", last.text, next.text);
        written("digits are grouped with `_`", span, &text)
    })
}

/// `.5`, `5.`.
fn fraction(place: &Break<'_>, found: Option<Token<'_>>) -> Option<SyntaxError> {
    let last = place.last()?;
    if let Some(found) = found.filter(|found| found.is("."))
        && !last.ends_value()
        && let Some(digits) = place.next().filter(|next| next.kind == Kind::Number)
    {
        let span = Span { start: found.span.start, end: digits.span.end };
        return Some(written("numbers begin with a digit", span, &format!("0.{}", digits.text)));
    }
    let whole = place.before_last().filter(|it| it.kind == Kind::Number && last.is("."))?;
    let plain = whole.text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    (plain && whole.span.end == last.span.start).then(|| {
        let span = Span { start: whole.span.start, end: last.span.end };
        written("numbers end with a digit", span, &format!("{}.0", whole.text))
    })
}

/// `24:00:00`.
fn clock(last: Token<'_>, found: Token<'_>) -> Option<SyntaxError> {
    let together = last.kind == Kind::Number && last.span.end == found.span.start;
    (found.is(":") && together).then(|| {
        SyntaxError::syntax("there are no times of day as values", found.span)
            .label("not expected here")
            .advice(
                "write a duration, as `24h` or `7h30m`, or a schedule, as `cron(\"30 7 * * *\")`",
            )
    })
}

/// The year, month and day of `2024/01/31` or `2024-1-31`, which read as arithmetic.
fn parts(expr: Syntax<'_>) -> Option<[&str; 3]> {
    let mut children = expr.children();
    let mut next = |wanted: Rule| children.next().filter(|child| child.rule() == wanted);
    let year = next(Rule::number)?;
    let first = next(Rule::infix)?;
    let month = next(Rule::number)?;
    let second = next(Rule::infix)?;
    let day = next(Rule::number)?;
    let mark = first.text();
    let whole = Span { start: year.span().start, end: day.span().end };
    let length = [year, first, month, second, day].map(|part| part.text().len());
    let digits = |part: Syntax<'_>| part.text().bytes().all(|b| b.is_ascii_digit());
    let fits = matches!(mark, "/" | "-") && second.text() == mark && children.next().is_none();
    let fits = fits && year.text().len() == 4 && month.text().len() <= 2 && day.text().len() <= 2;
    let together = length.iter().sum::<usize>() == whole.end - whole.start;
    (fits && together && [year, month, day].into_iter().all(digits))
        .then(|| [year.text(), month.text(), day.text()])
}

/// Whether an expression was meant to be a date.
pub(crate) fn is_date(expr: Syntax<'_>) -> bool {
    parts(expr).is_some()
}

/// `2024/01/31`.
pub(super) fn date(expr: Syntax<'_>) -> Option<SyntaxError> {
    let [year, month, day] = parts(expr)?;
    let text = format!("{year}-{month:0>2}-{day:0>2}");
    Some(written("dates are written year-month-day, two digits each", expr.span(), &text))
}
