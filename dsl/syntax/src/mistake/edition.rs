//! `edition 2026`, first and once.

use crate::ast::Span;
use crate::error::{Edit, Help, SyntaxError};
use crate::grammar::Rule;
use crate::tree::{Syntax, Tree};
use crate::word;

/// The only edition so far.
const EDITION: &str = "2026";

/// What is wrong with a file's edition.
pub(super) fn mistakes(tree: &Tree<'_>) -> Vec<SyntaxError> {
    let Some(file) = tree.root() else { return Vec::new() };
    let first = file.children().find(|child| child.rule() != Rule::comment);
    let mut errors = Vec::new();
    match first {
        Some(node) if node.rule() == Rule::edition => errors.extend(year(node)),
        Some(node) if is_misspelt(node) => {}
        _ => errors.push(missing(tree)),
    }
    let is_first = |node: Syntax<'_>| first.is_some_and(|first| first.span() == node.span());
    let others = tree.nodes().filter(|node| node.rule() == Rule::edition && !is_first(*node));
    let others: Vec<_> = others.collect();
    if let [late, ..] = others.as_slice()
        && errors.iter().any(|error| error.span == start(tree))
    {
        // It is there, only not first: one mistake.
        return vec![misplaced(tree, *late)];
    }
    errors.extend(others.into_iter().map(|node| {
        SyntaxError::new("edition", "the edition stands once, as the first statement", node.span())
            .label("not here")
            .fix("remove it", node.span(), "")
    }));
    errors
}

/// Whether a broken first statement was meant to be the edition; it is explained as such.
fn is_misspelt(node: Syntax<'_>) -> bool {
    let first = node.text().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    node.rule() == Rule::bad && (first == "edition" || word::nearest(first, &["edition"]).is_some())
}

/// The place of the first statement.
fn start(tree: &Tree<'_>) -> Span {
    let start = tree.text().len() - tree.text().trim_start_matches('\u{FEFF}').len();
    Span { start, end: start }
}

fn missing(tree: &Tree<'_>) -> SyntaxError {
    let span = start(tree);
    SyntaxError::new("edition", "the edition is missing", span)
        .label("a file begins with its edition")
        .fix(format!("write `edition {EDITION}` first"), span, &format!("edition {EDITION}\n\n"))
}

fn misplaced(tree: &Tree<'_>, late: Syntax<'_>) -> SyntaxError {
    let first = Edit { span: start(tree), text: format!("edition {EDITION}\n\n") };
    let gone = Edit { span: late.span(), text: String::new() };
    let mut error = SyntaxError::new("edition", "the edition is the first statement", late.span())
        .label("not here");
    error.help.push(Help { message: "move it to the start".to_owned(), edits: vec![first, gone] });
    error
}

fn year(node: Syntax<'_>) -> Option<SyntaxError> {
    let year = node.child(Rule::int).filter(|year| year.text() != EDITION)?;
    let message = match (year.text().parse::<u32>(), EDITION.parse::<u32>()) {
        (Ok(asked), Ok(known)) if asked > known => {
            format!("edition {asked} needs a newer suho; this one knows {EDITION}")
        }
        _ => format!("there is no edition {}", year.text()),
    };
    let error = SyntaxError::new("edition", message, year.span()).label("unknown edition");
    Some(error.fix(format!("write `edition {EDITION}`"), year.span(), EDITION))
}
