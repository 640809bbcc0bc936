//! A text cut into words, numbers, strings and marks, whether they make sense together or not: what
//! a mistake is explained with, and what nesting is counted on before anything is parsed.

use crate::ast::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `train`.
    Word,
    /// `42`, `5%`, `1_000ms`.
    Number,
    /// `"…"` or `"""…"""`, closed.
    Text,
    /// A string that its line, or the file, ends before.
    OpenText,
    /// `'…'`, which is no string of ours.
    Quoted,
    /// One or more characters of punctuation that belong together.
    Mark,
    /// `// …`.
    Comment,
    /// The end of a line.
    Eol,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'t> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its text.
    pub(crate) text: &'t str,
    /// Where it stands in the file.
    pub(crate) span: Span,
}

/// Marks of more than one character, ours and those of other languages, longest first.
const MARKS: [&str; 26] = [
    "===", "!==", "==", "!=", "<=", ">=", "=>", "=<", "<>", ">>", "<<", "&&", "||", "??", "?.",
    "..", ":=", "+=", "-=", "**", "->", "/*", "*/", "${", "?:", "++",
];

/// The tokens of `text`, which stands at `offset` in its file. Together they are all but the blanks.
pub(crate) fn tokens(text: &str, offset: usize) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\u{FEFF}']).len();
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let (kind, length) = first(rest);
        let span = Span { start: offset + at, end: offset + at + length };
        at += length;
        Some(Token { kind, text: rest.get(..length).unwrap_or(rest), span })
    })
}

/// The tokens that say something: no comments, no ends of lines.
pub(crate) fn spoken(text: &str, offset: usize) -> Vec<Token<'_>> {
    let says = |token: &Token<'_>| !matches!(token.kind, Kind::Comment | Kind::Eol);
    tokens(text, offset).filter(says).collect()
}

/// The kind and the length of the first token of a text that begins with no blank.
fn first(rest: &str) -> (Kind, usize) {
    let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    match rest.chars().next() {
        Some('\n') => (Kind::Eol, 1),
        Some('/') if rest.starts_with("//") => (Kind::Comment, line(rest)),
        Some('"') if rest.starts_with("\"\"\"") => raw(rest),
        Some('"') => string(rest),
        Some('\'') => quoted(rest),
        Some(c) if c.is_ascii_digit() => (Kind::Number, number(rest)),
        Some(c) if c.is_alphabetic() || c == '_' => {
            (Kind::Word, run(|c| c.is_alphanumeric() || c == '_'))
        }
        Some(c) => {
            let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
            (Kind::Mark, mark.map_or_else(|| c.len_utf8(), |mark| mark.len()))
        }
        None => (Kind::Eol, rest.len().max(1)),
    }
}

/// The length of the rest of the line.
fn line(rest: &str) -> usize {
    let end = rest.find('\n').unwrap_or(rest.len());
    let line = rest.get(..end).unwrap_or(rest);
    line.strip_suffix('\r').unwrap_or(line).len()
}

fn raw(rest: &str) -> (Kind, usize) {
    match rest.get(3..).and_then(|inside| inside.find("\"\"\"")) {
        Some(length) => (Kind::Text, length + 6),
        None => (Kind::OpenText, rest.len()),
    }
}

/// A string up to its closing quote, over `${ }` and the strings in them; else up to its line's end.
fn string(rest: &str) -> (Kind, usize) {
    // What is open, innermost last: a quote or a `${`.
    let mut open = vec!['"'];
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match (c, open.last()) {
            ('\n', _) => break,
            ('\\', Some('"')) => drop(chars.next_if(|(_, next)| *next != '\n')),
            ('"', Some('"')) | ('}', Some('{')) => drop(open.pop()),
            ('"', _) => open.push('"'),
            ('$', Some('"')) if chars.next_if(|(_, next)| *next == '{').is_some() => open.push('{'),
            ('{', Some('{')) => open.push('{'),
            _ => {}
        }
        if open.is_empty() {
            return (Kind::Text, at + 1);
        }
    }
    (Kind::OpenText, line(rest).max(1))
}

fn quoted(rest: &str) -> (Kind, usize) {
    let line = rest.get(..line(rest)).unwrap_or(rest);
    match line.get(1..).and_then(|inside| inside.find('\'')) {
        Some(length) => (Kind::Quoted, length + 2),
        None => (Kind::Mark, 1),
    }
}

/// Digits with what is glued to them: a unit, a fraction, an exponent, `_`.
fn number(rest: &str) -> usize {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut chars = rest.chars().peekable();
    let (mut end, mut last) = (0_usize, ' ');
    while let Some(c) = chars.next() {
        let next = is_digit(chars.peek().copied());
        let fraction = c == '.' && next;
        let sign = matches!(c, '+' | '-') && matches!(last, 'e' | 'E') && next;
        // Before a sign, `e` is the exponent's only if nothing but the number stands before it.
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_');
        let before = rest.get(..end.saturating_sub(1)).unwrap_or_default();
        let exponent = sign && before.chars().all(plain);
        if !(c.is_alphanumeric() || c == '_' || c == '%' || fraction || exponent) {
            break;
        }
        (end, last) = (end + c.len_utf8(), c);
    }
    end.max(1)
}

/// The values put into a string: each `${` with the place of what follows it up to its `}`.
pub(crate) fn values(string: Token<'_>) -> Vec<(Token<'_>, Span)> {
    let mut values = Vec::new();
    let mut end = 0;
    for (at, text) in string.text.match_indices("${").filter(|_| string.kind == Kind::Text) {
        if at < end {
            continue;
        }
        let start = string.span.start + at + text.len();
        let mut depth = 0_usize;
        let inside = string.text.get(at + text.len()..).unwrap_or_default();
        let close = tokens(inside, start).find(|token| {
            match token.text {
                "{" | "${" => depth += 1,
                "}" if depth == 0 => return true,
                "}" => depth -= 1,
                _ => {}
            }
            false
        });
        let Some(close) = close else { break };
        end = close.span.end - string.span.start;
        let span = Span { start: string.span.start + at, end: start };
        let dollar = Token { kind: Kind::Mark, text, span };
        values.push((dollar, Span { start, end: close.span.start }));
    }
    values
}

impl Token<'_> {
    /// Whether it is this mark or word.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Word | Kind::Mark)
    }

    /// Whether a value may end with it.
    pub(crate) fn ends_value(&self) -> bool {
        match self.kind {
            Kind::Word => !crate::word::RESERVED.contains(&self.text),
            Kind::Mark => matches!(self.text, ")" | "]" | "}"),
            Kind::Number | Kind::Text => true,
            _ => false,
        }
    }

    /// Whether a value may begin with it, and nothing else may.
    pub(crate) fn begins_value(&self) -> bool {
        match self.kind {
            Kind::Word => !crate::word::RESERVED.contains(&self.text) && !self.is_operator(),
            Kind::Number | Kind::Text => true,
            Kind::Mark => self.text == "[",
            _ => false,
        }
    }

    /// Whether a value must follow it.
    pub(crate) fn is_operator(&self) -> bool {
        match self.kind {
            Kind::Word => matches!(self.text, "and" | "or" | "not" | "in" | "over"),
            Kind::Mark => crate::lower::operator(self.text).is_some(),
            _ => false,
        }
    }
}
