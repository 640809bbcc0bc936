//! Lines as other languages write them: what is meant, and how it is written here.

use super::brace::{Braces, indentation};
use crate::ast::Span;
use crate::error::{Edit, SyntaxError};
use crate::token::{Kind, Token};

/// Words that give a value a name elsewhere.
const LETS: [&str; 9] = ["var", "const", "val", "final", "set", "local", "auto", "define", "mut"];
/// Words that begin what there is nothing like.
const CONTROL: [(&str, &str); 14] = [
    ("def", FUNCTION),
    ("fn", FUNCTION),
    ("func", FUNCTION),
    ("function", FUNCTION),
    ("class", "own records are written `record Name { … }`, own steps `step name { … }`"),
    ("return", FUNCTION),
    ("if", CHOICE),
    ("elif", CHOICE),
    ("else", CHOICE),
    ("switch", CHOICE),
    ("match", CHOICE),
    ("for", "lists are made by `[for name in list: item]`, runs side by side by `matrix`"),
    ("while", "there are no loops; steps are tried again by `retry`"),
    ("try", "failures are handled by `on failure { … }`, tried again by `retry`"),
];
const FUNCTION: &str = "write a value as `let name = …`, what takes parameters as a pipeline";
const CHOICE: &str =
    "a value is chosen by `if … then … else …`, a step is skipped by `when = condition`";

/// What a line that is no statement was meant to be.
pub(super) fn meant(
    whole: &str,
    line: Span,
    tokens: &[Token<'_>],
    braces: &mut Braces,
) -> Option<SyntaxError> {
    let first = tokens.first()?;
    let told = binding(first, tokens.get(1)?, tokens.get(2));
    told.or_else(|| import(whole, line, tokens))
        .or_else(|| item(whole, first, tokens, braces))
        .or_else(|| control(whole, first, tokens, braces))
        .or_else(|| change(first, tokens.get(1)?))
        .or_else(|| annotation(tokens))
        .or_else(|| labels(tokens))
        .or_else(|| section(whole, tokens, braces))
}

/// `/* … */`, over however many lines.
pub(super) fn comment(whole: &str, found: &Token<'_>, braces: &mut Braces) -> Option<SyntaxError> {
    if !found.is("/*") {
        return None;
    }
    let start = found.span.start;
    let rest = whole.get(start..)?;
    let inside = rest.find("*/").and_then(|end| rest.get(2..end));
    let error = SyntaxError::syntax("comments begin with `//` and end with their line", found.span)
        .label("no comment here");
    let Some(inside) = inside else { return Some(error.advice("write `//` before each line")) };
    let end = start + inside.len() + 4;
    braces.told_until = end;
    let line = whole.get(end..)?.lines().next().unwrap_or_default();
    if !line.trim().is_empty() {
        return Some(error.advice("move it to a line of its own, or to the end of this one"));
    }
    let margin = " ".repeat(indentation(whole, start));
    let lines = inside.trim().lines().map(|line| {
        let line = line.trim().trim_start_matches('*').trim();
        format!("// {line}").trim_end().to_owned()
    });
    let text = lines.collect::<Vec<_>>().join(&format!("\n{margin}"));
    Some(error.fix("write `//` before each line", Span { start, end }, &text))
}

/// `<<EOF`, and the lines up to the word alone.
pub(super) fn heredoc(whole: &str, found: &Token<'_>, braces: &mut Braces) -> Option<SyntaxError> {
    let start = found.span.start;
    let rest = whole.get(found.span.end..).filter(|_| found.is("<<"))?;
    let head = rest.lines().next().unwrap_or_default();
    let word = head.trim().trim_start_matches(['-', '~']).trim_matches(['"', '\'']);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if word.is_empty() || !word.chars().all(plain) || !word.starts_with(char::is_alphabetic) {
        return None;
    }
    let mut at = found.span.end + head.len();
    let close = whole.get(at..)?.split_inclusive('\n').find_map(|line| {
        let begins = at;
        at += line.len();
        (line.trim() == word).then(|| {
            let start = begins + line.len() - line.trim_start().len();
            Span { start, end: start + word.len() }
        })
    })?;
    braces.told_until = close.end;
    let open = Span { start, end: found.span.end + head.trim_end().len() };
    let edits = [open, close].map(|span| Edit { span, text: "\"\"\"".to_owned() });
    let error = SyntaxError::syntax("texts of several lines stand in `\"\"\"`", open);
    Some(error.label("written otherwise here").fixes("write `\"\"\"` at both ends", edits.to_vec()))
}

/// `var x = 1`.
fn binding(first: &Token<'_>, name: &Token<'_>, mark: Option<&Token<'_>>) -> Option<SyntaxError> {
    let sets = mark.is_some_and(|mark| mark.is("=") || mark.is(":"));
    (LETS.contains(&first.text) && name.kind == Kind::Word && sets).then(|| {
        SyntaxError::syntax("names are given with `let`", first.span).label("unknown word").fix(
            "write `let`",
            first.span,
            "let",
        )
    })
}

/// `import "x"`, `from x import y`.
fn import(whole: &str, line: Span, tokens: &[Token<'_>]) -> Option<SyntaxError> {
    let [first, path, rest @ ..] = tokens else { return None };
    let is_from = first.is("from") && tokens.iter().any(|token| token.is("import"));
    if !is_from && !matches!(first.text, "import" | "include" | "load" | "from") {
        return None;
    }
    if !matches!(path.kind, Kind::Word | Kind::Text) {
        return None;
    }
    let text = |start, end| whole.get(start..end).unwrap_or_default().trim();
    let error =
        SyntaxError::syntax("files and parts of the library are taken in by `use`", first.span)
            .label("unknown word");
    let Some(import) = rest.iter().find(|token| token.is("import")).filter(|_| is_from) else {
        return Some(error.fix("write `use`", first.span, "use"));
    };
    let path = text(first.span.end, import.span.start);
    let end = tokens.last()?.span.end.min(line.end);
    let names = text(import.span.end, end);
    let written = if path.starts_with("std") {
        format!("use {path}")
    } else {
        let file = path.trim_matches('"').trim_start_matches('.').replace('.', "/");
        format!("use \"./{}.suho\" {{ {names} }}", file.trim_end_matches("/suho"))
    };
    let span = Span { start: first.span.start, end };
    Some(error.fix(format!("write `{written}`"), span, &written))
}

/// `- a`, `---`.
fn item(
    whole: &str,
    first: &Token<'_>,
    tokens: &[Token<'_>],
    braces: &mut Braces,
) -> Option<SyntaxError> {
    if !first.is("-") {
        return None;
    }
    let last = tokens.last()?.span;
    let span = Span { start: first.span.start, end: last.end };
    if tokens.iter().all(|token| token.is("-")) {
        let error = SyntaxError::syntax("a file is one document", span).label("not needed");
        return Some(error.fix("remove it", span, ""));
    }
    let region = nested(whole, first.span.start, true);
    braces.told_until = region.end.max(last.end);
    let error = SyntaxError::syntax("lists stand in brackets", first.span);
    Some(error.label("an element of a list").advice("write `name = [first, second]`"))
}

/// `def f(x):`, `if x {`, and the like; what is nested in it is not looked at.
fn control(
    whole: &str,
    first: &Token<'_>,
    tokens: &[Token<'_>],
    braces: &mut Braces,
) -> Option<SyntaxError> {
    let error = control_head(first)?;
    // A name that is set, or a block of that kind, is told of elsewhere.
    tokens.get(1).filter(|second| !second.is("=") && !second.is("{") || first.is("else"))?;
    let body = nested(whole, first.span.start, false);
    braces.told_until = braces.told_until.max(body.end);
    Some(error)
}

/// `x += 1`, `x++`.
fn change(name: &Token<'_>, mark: &Token<'_>) -> Option<SyntaxError> {
    let changes = matches!(mark.text, "+=" | "-=" | "++" | "--");
    (name.kind == Kind::Word && changes).then(|| {
        SyntaxError::syntax("a value never changes", mark.span)
            .label("not a statement")
            .advice("give the new value a name of its own with `let`")
    })
}

/// `@since "2026.1"`.
fn annotation(tokens: &[Token<'_>]) -> Option<SyntaxError> {
    let [at, name, text] = tokens else { return None };
    (at.is("@") && name.kind == Kind::Word && text.kind == Kind::Text).then(|| {
        let edits = vec![
            Edit {
                span: Span { start: name.span.end, end: text.span.start },
                text: "(".to_owned(),
            },
            Edit { span: Span { start: text.span.end, end: text.span.end }, text: ")".to_owned() },
        ];
        SyntaxError::syntax("what an annotation says stands in parentheses", text.span)
            .label("expected `(`")
            .fixes(format!("write `@{}({})`", name.text, text.text), edits)
    })
}

/// `resource "a" "b" {`.
fn labels(tokens: &[Token<'_>]) -> Option<SyntaxError> {
    let [kind, first, second, brace, ..] = tokens else { return None };
    let texts = first.kind == Kind::Text && second.kind == Kind::Text;
    (kind.kind == Kind::Word && texts && brace.is("{")).then(|| two_names(second))
}

/// A block with a second name.
pub(super) fn two_names(second: &Token<'_>) -> SyntaxError {
    SyntaxError::syntax("a block has one name", second.span)
        .label("a second name")
        .advice("write `kind name { … }`")
}

/// A statement of other languages that reads as the head of a block, as `for x in xs {`.
pub(super) fn control_head(first: &Token<'_>) -> Option<SyntaxError> {
    let (word, advice) = CONTROL.iter().find(|(word, _)| first.text == *word)?;
    let error = SyntaxError::syntax(format!("there is no `{word}` statement"), first.span);
    Some(error.label("unknown statement").advice(*advice))
}

/// Whether `word` begins a statement of other languages that reads as the head of a block.
pub(crate) fn is_control(word: &str) -> bool {
    CONTROL.iter().any(|(each, _)| *each == word)
}

/// `train candidate:`, `steps:` or `pipeline p(…):` above lines that are further in.
fn section(whole: &str, tokens: &[Token<'_>], braces: &mut Braces) -> Option<SyntaxError> {
    let (head, colon) = match tokens {
        [kind, colon] => (kind, colon),
        [_, name, colon] => (name, colon),
        [kind, _, open, .., close, colon] if kind.is("pipeline") && open.is("(") => (close, colon),
        _ => return None,
    };
    let is_pipeline = head.is(")");
    let starts = tokens.first()?.span.start;
    let words =
        tokens.iter().rev().skip(1).all(|token| matches!(token.kind, Kind::Word | Kind::Text));
    let body = nested(whole, starts, true);
    if !colon.is(":") || !(words || is_pipeline) || body.start == body.end {
        return None;
    }
    let inside = whole.get(body.start..body.end)?;
    let margin = " ".repeat(indentation(whole, starts));
    if inside.trim_start().starts_with('-') {
        braces.told_until = body.end;
        let error =
            SyntaxError::syntax("lists stand in brackets", colon.span).label("expected `=`");
        let Some(items) = items(inside) else {
            return Some(error.advice(format!("write `{} = [first, second]`", head.text)));
        };
        let text = format!(" = [{items}]");
        let span = Span { start: head.span.end, end: body.end };
        return Some(error.fix(format!("write `{}{text}`", head.text), span, &text));
    }
    let close =
        Edit { span: Span { start: body.end, end: body.end }, text: format!("\n{margin}}}") };
    let open = |text: &str| {
        let span = Span { start: head.span.end, end: colon.span.end };
        vec![Edit { span, text: text.to_owned() }, close.clone()]
    };
    let error = SyntaxError::syntax("blocks stand in braces", colon.span).label("expected `{`");
    let error = error.fixes("write a block", open(" {"));
    Some(match tokens.len() {
        2 => error.fixes(format!("or set `{}` to a record", head.text), open(" = {")),
        _ => error,
    })
}

/// The elements of lines `- a`; none where one is no plain value.
fn items(lines: &str) -> Option<String> {
    let plain = |item: &&str| !item.is_empty() && !item.contains([':', '#', '{', '\'']);
    let items = lines.lines().filter(|line| !line.trim().is_empty());
    let items = items.map(|line| line.trim().strip_prefix('-').map(str::trim).filter(plain));
    items.collect::<Option<Vec<_>>>().map(|items| items.join(", "))
}

/// The lines below that of `offset` that stand further in, from the end of its line to the end of
/// the last of them that is not blank; with `items`, lines of `- …` at the same margin too.
fn nested(whole: &str, offset: usize, items: bool) -> Span {
    let margin = indentation(whole, offset);
    let rest = whole.get(offset..).unwrap_or_default();
    let start = offset + rest.find('\n').unwrap_or(rest.len());
    let (mut at, mut end) = (start, start);
    for line in whole.get(start..).unwrap_or_default().split_inclusive('\n').skip(1) {
        at += line.len();
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        let is_item = items && line.trim_start().starts_with("- ") && blank == margin;
        if line.trim().is_empty() {
            continue;
        }
        if blank <= margin && !is_item {
            break;
        }
        end = at + line.trim_end().len() - line.len() + 1;
    }
    Span { start, end: end.min(whole.len()) }
}
