//! A line that is no statement, what is left over after one, and the head of a block.

use super::brace::Braces;
use super::{apart, bracket, foreign, line, value};
use crate::ast::{Expr, ExprKind, Rule as RuleStmt, Span, Spanned, StmtKind};
use crate::error::SyntaxError;
use crate::grammar::Rule;
use crate::token::{Kind, Token, spoken};
use crate::tree::Syntax;
use crate::word;

/// How each statement of its own word is written.
const FORMS: [(&str, &str); 22] = [
    ("edition", "edition 2026"),
    ("use", "use \"./model.suho\" { name }"),
    ("let", "let name = value"),
    ("param", "param name: Type = value"),
    ("secret", "secret name = env(\"NAME\")"),
    ("in", "in name: Type"),
    ("out", "out name: Type"),
    ("given", "given step.metric = value"),
    ("record", "record Name { … }"),
    ("step", "step name { … }"),
    ("resource", "resource name { … }"),
    ("metric", "metric name: Type = value"),
    ("enum", "enum Name { … }"),
    ("require", "require metric > value"),
    ("rollback", "rollback when condition for 5m"),
    ("hold", "hold when condition for 12h"),
    ("fire", "fire when condition for 5m"),
    ("resolve", "resolve when condition"),
    ("compare", "compare metric { … }"),
    ("check", "check condition"),
    ("expect", "expect condition"),
    ("invariant", "invariant condition"),
];

/// Whether what follows a name was meant to be `=`.
pub(crate) fn means_equals(text: &str) -> bool {
    let text = text.trim_start();
    [":", "==", "=>", "->"].iter().any(|mark| text.starts_with(mark))
}

/// What a broken line was meant to be, where that is plain; its value stays missing, so that nobody
/// misses the attribute or the rule besides.
pub(crate) fn meant(node: Syntax<'_>) -> Option<StmtKind> {
    let tokens = spoken(node.text(), node.span().start);
    let (first, second) = (tokens.first()?, tokens.get(1)?);
    let missing = Expr { kind: ExprKind::Missing, span: node.span() };
    if first.kind != Kind::Word {
        return None;
    }
    if means_equals(second.text) || second.is("=") {
        let name = Spanned { node: first.text.to_owned(), span: first.span };
        return Some(StmtKind::Attribute { path: vec![name], value: missing });
    }
    let verb = word::nearest(first.text, &word::VERBS)?;
    Some(StmtKind::Rule(RuleStmt {
        verb: Spanned { node: verb.to_owned(), span: first.span },
        when: second.is("when"),
        condition: missing,
        clauses: Vec::new(),
        body: None,
    }))
}

/// What is wrong with a line that is no statement; none where that was told with the line before.
pub(super) fn explain(node: Syntax<'_>, braces: &mut Braces) -> Option<SyntaxError> {
    let tokens = spoken(node.text(), node.span().start);
    let Some(first) = tokens.first() else {
        return Some(SyntaxError::syntax("this text is too involved to be read", node.span()));
    };
    if first.is("{") && std::mem::take(&mut braces.headless) {
        return None;
    }
    let second = tokens.get(1);
    let whole = node.tree().text();
    let told = line::comment(whole, first, braces)
        .or_else(|| foreign::mark(whole, first))
        .or_else(|| documentation(first))
        .or_else(|| line::meant(whole, node.span(), &tokens, braces))
        .or_else(|| equals(node, first, second?))
        .or_else(|| misspelt(first, second))
        .or_else(|| value::open_text(&tokens))
        .or_else(|| unpaired(node, &tokens, braces))
        .or_else(|| form(node, first))
        .or_else(|| headless(node.tree().text(), &tokens, braces))
        .or_else(|| unset(first, second?));
    Some(told.unwrap_or_else(|| unknown(first)))
}

/// `"""…"""` where a statement should stand.
fn documentation(first: &Token<'_>) -> Option<SyntaxError> {
    let text = first.text.strip_prefix("\"\"\"").filter(|_| first.kind == Kind::Text)?;
    let lines =
        text.trim_end_matches('"').trim().lines().map(|line| format!("/// {}", line.trim()));
    let written = lines.collect::<Vec<_>>().join("\n");
    let error = SyntaxError::syntax("documentation stands in `///` lines", first.span);
    Some(error.label("a text is no statement").fix("write `///`", first.span, written.trim_end()))
}

/// Brackets that do not pair; a `{` among them accounts for the blocks that it leaves open.
fn unpaired(node: Syntax<'_>, tokens: &[Token<'_>], braces: &mut Braces) -> Option<SyntaxError> {
    let (error, brace) = bracket::unpaired(node.tree(), tokens)?;
    if brace {
        braces.open_until = Some(node.span().end);
    }
    Some(error)
}

/// `seed: 42`, `seed == 42`.
fn equals(node: Syntax<'_>, name: &Token<'_>, mark: &Token<'_>) -> Option<SyntaxError> {
    if name.kind != Kind::Word || !means_equals(mark.text) {
        return None;
    }
    let text = node.tree().text();
    let rest = text.get(mark.span.end..node.span().end).unwrap_or_default();
    let value = rest.split("//").next().unwrap_or(rest).trim();
    let value = if value.is_empty() || value.contains('\n') { "…" } else { value };
    let written = format!("{} = {value}", name.text);
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let span = Span { start: name.span.end, end: mark.span.end + blank };
    Some(
        SyntaxError::syntax(format!("attributes use `=`; write `{written}`"), mark.span)
            .label("expected `=`")
            .fix(format!("write `{written}`"), span, " = "),
    )
}

/// `requre x > 1`.
fn misspelt(first: &Token<'_>, second: Option<&Token<'_>>) -> Option<SyntaxError> {
    if first.kind != Kind::Word || second.is_some_and(|second| second.is("{")) {
        return None;
    }
    let ours = word::nearest(first.text, word::VERBS.iter().chain(&word::HEADS))?;
    Some(
        SyntaxError::syntax(
            format!("unknown word `{}`; did you mean `{ours}`?", first.text),
            first.span,
        )
        .label("unknown word")
        .fix(format!("write `{ours}`"), first.span, ours),
    )
}

/// A statement of its own word that is not written as it should be.
fn form(node: Syntax<'_>, first: &Token<'_>) -> Option<SyntaxError> {
    if first.is("@") {
        let error = SyntaxError::syntax("this annotation cannot be read", node.span());
        return Some(error.advice("write `@name(\"text\")` on a line of its own"));
    }
    let (word, form) = FORMS.iter().find(|(word, _)| first.is(word))?;
    Some(
        SyntaxError::syntax(format!("this is not how `{word}` is written"), node.span())
            .label(format!("expected `{form}`"))
            .advice(format!("write it as `{form}`")),
    )
}

/// `train candidate` without its block, or with the block's `{` on the next line.
fn headless(text: &str, tokens: &[Token<'_>], braces: &mut Braces) -> Option<SyntaxError> {
    let [kind, name] = tokens else { return None };
    if kind.kind != Kind::Word || !matches!(name.kind, Kind::Word | Kind::Text) {
        return None;
    }
    braces.headless = true;
    let span = Span { start: kind.span.start, end: name.span.end };
    let head = format!("{} {}", kind.text, name.text);
    let rest = text.get(span.end..).unwrap_or_default();
    let blank = rest.len() - rest.trim_start().len();
    if rest.trim_start().starts_with('{') {
        let brace = span.end + blank;
        return Some(
            SyntaxError::syntax(
                format!("`{{` stands on the line of `{head}`"),
                Span { start: brace, end: brace + 1 },
            )
            .label("on a line of its own")
            .fix(
                format!("write `{head} {{`"),
                Span { start: span.end, end: brace },
                " ",
            ),
        );
    }
    let between = Span { start: kind.span.end, end: name.span.start };
    Some(
        SyntaxError::syntax(format!("expected `{{` after `{head}`"), span)
            .label("a block has to follow")
            .fix("open a block", Span { start: span.end, end: span.end }, " {")
            .fix(format!("or set `{}`", kind.text), between, " = "),
    )
}

/// `seed 42`.
fn unset(name: &Token<'_>, second: &Token<'_>) -> Option<SyntaxError> {
    if name.kind != Kind::Word || !second.begins_value() {
        return None;
    }
    let span = Span { start: name.span.end, end: second.span.start };
    Some(
        SyntaxError::syntax(format!("expected `=` or a block after `{}`", name.text), second.span)
            .label("expected `=`")
            .fix(format!("write `{} = {}`", name.text, second.text), span, " = "),
    )
}

fn unknown(first: &Token<'_>) -> SyntaxError {
    if matches!(first.text, "<<" | "*" | "&") {
        return SyntaxError::syntax("nothing is merged into a block", first.span)
            .label("of another language")
            .advice("a value is taken with changes by `base with { name = value }`");
    }
    let message = match first.kind {
        Kind::Word => format!("`{}` alone is no statement", first.text),
        _ => format!("no statement begins with `{}`", shortened(first.text)),
    };
    SyntaxError::syntax(message, first.span)
        .label("expected a statement")
        .advice("write an attribute `name = value`, a rule `require metric > value`, or a block `kind name { … }`")
}

/// A token as it is quoted in a sentence.
fn shortened(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

/// What is left over on the line of a statement that is whole.
pub(super) fn tail(node: Syntax<'_>, braces: &mut Braces) -> SyntaxError {
    let tokens = spoken(node.text(), node.span().start);
    let Some(first) = tokens.first() else {
        return SyntaxError::syntax("unexpected text", node.span());
    };
    let whole = node.tree().text();
    let told = unpaired(node, &tokens, braces)
        .or_else(|| line::comment(whole, first, braces))
        .or_else(|| foreign::mark(whole, first))
        .or_else(|| misbound(first))
        .or_else(|| taken(node, &tokens))
        .or_else(|| {
            apart::statements(whole, whole.get(..first.span.start)?.trim_end().len(), &tokens)
        })
        .or_else(|| value::open_text(&tokens));
    told.unwrap_or_else(|| {
        SyntaxError::syntax(format!("unexpected `{}`", shortened(first.text)), first.span)
            .label("the statement is complete before it")
            .advice("write one statement a line")
    })
}

/// `let x := 1`.
fn misbound(first: &Token<'_>) -> Option<SyntaxError> {
    matches!(first.text, ":=" | "==" | "=>").then(|| {
        SyntaxError::syntax("a value is set with `=`", first.span).label("expected `=`").fix(
            "write `=`",
            first.span,
            "=",
        )
    })
}

/// `use "./a.suho".b`, `use "./a.suho" { * }`.
fn taken(node: Syntax<'_>, tokens: &[Token<'_>]) -> Option<SyntaxError> {
    let text = node.tree().text();
    let line = text.get(..node.span().start)?;
    let line = line.get(line.rfind('\n').map_or(0, |at| at + 1)..)?.trim_start();
    if !line.starts_with("use ") {
        return None;
    }
    match tokens {
        [dot, name] if dot.is(".") && name.kind == Kind::Word => {
            let span = Span { start: dot.span.start, end: name.span.end };
            let written = format!(" {{ {} }}", name.text);
            let error = SyntaxError::syntax("names are taken from a file in braces", span);
            Some(error.label("expected `{`").fix(
                format!("write `{}`", written.trim()),
                span,
                &written,
            ))
        }
        [open, star, ..] if open.is("{") && star.is("*") => {
            let error = SyntaxError::syntax("names are taken one by one", star.span);
            Some(error.label("not a name").advice("write the names that are used: `{ a, b }`"))
        }
        _ => None,
    }
}

/// `resource "a" "b" {`: a second name.
fn labels(node: Syntax<'_>, first: &Token<'_>, many: usize) -> Option<SyntaxError> {
    let holder = node.parent()?;
    let named = holder.children().any(|child| matches!(child.rule(), Rule::ident | Rule::string));
    (named && many == 1 && matches!(first.kind, Kind::Word | Kind::Text))
        .then(|| line::two_names(first))
}

/// What stands between a block's head and its `{` and does not belong there.
pub(super) fn head(node: Syntax<'_>) -> SyntaxError {
    let tokens = spoken(node.text(), node.span().start);
    let Some(first) = tokens.first() else {
        return SyntaxError::syntax("unexpected text", node.span());
    };
    let before = node.parent().map(|holder| {
        let head = Span { start: holder.span().start, end: node.span().start };
        spoken(node.tree().slice(head), head.start)
    });
    let name = before.as_ref().and_then(|tokens| tokens.last());
    if let Some(name) = name.filter(|_| means_equals(first.text)) {
        let rest = node.tree().text().get(first.span.end..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let span = Span { start: name.span.end, end: first.span.end + blank };
        return SyntaxError::syntax(
            format!("attributes use `=`; write `{} = {{ … }}`", name.text),
            first.span,
        )
        .label("expected `=`")
        .fix(format!("write `{} = `", name.text), span, " = ");
    }
    let control = before.as_ref().and_then(|tokens| line::control_head(tokens.first()?));
    let paired = bracket::unpaired(node.tree(), &tokens).map(|(error, _)| error);
    control
        .or(paired)
        .or_else(|| value::open_text(&tokens))
        .or_else(|| labels(node, first, tokens.len()))
        .or_else(|| foreign::mark(node.tree().text(), first))
        .unwrap_or_else(|| {
            SyntaxError::syntax(format!("unexpected `{}` before `{{`", first.text), first.span)
                .label("expected `{`")
                .advice("a block is written `kind name { … }`")
        })
}
