//! Files mended: every mistake that has an only way out which can be typed, until none is left.

use crate::{Checked, Diagnostic, Edit, Severity, World, check};
use suho_syntax::ast::Span;
use suho_syntax::{apply, line_column, only_fix, parse};

/// Times that a file is looked at anew: one fix brings the next mistake to light.
const ROUNDS_MAX: usize = 12;

/// Files mended, and what is left to say of them.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The files given, name and text, in their order.
    pub files: Vec<(String, String)>,
    /// What was mended, in the order in which it was found.
    pub mended: Vec<Mended>,
    /// What checking says of the files now.
    pub checked: Checked,
}

/// One mistake mended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mended {
    /// The file.
    pub file: String,
    /// The line it stood in when it was mended, from 1.
    pub line: usize,
    /// Its code.
    pub code: &'static str,
    /// Its sentence.
    pub message: String,
}

/// Mends the files `entry`, name and text each, as far as that needs no decision.
///
/// A diagnostic is mended when exactly one of its ways out has edits; where several have, a person
/// chooses. The files are checked again after each round, and a round that would leave more errors
/// than there were is not taken. Files that are only used stay as they are.
pub fn fix(entry: &[(String, String)], world: &dyn World) -> Fixed {
    let mut files = entry.to_vec();
    let mut mended = Vec::new();
    for (name, text) in &mut files {
        read_again(name, text, &mut mended);
    }
    let mut checked = check(&files, world);
    for _ in 0..ROUNDS_MAX {
        let (next, more) = round(&files, &checked.diagnostics);
        if more.is_empty() {
            break;
        }
        let again = check(&next, world);
        if errors(&again) > errors(&checked) {
            break;
        }
        (files, checked) = (next, again);
        mended.extend(more);
    }
    Fixed { files, mended, checked }
}

fn errors(checked: &Checked) -> usize {
    checked.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
}

/// Mends what the parser finds in a file, of which the checker tells only the first few.
fn read_again(name: &str, text: &mut String, mended: &mut Vec<Mended>) {
    for _ in 0..ROUNDS_MAX {
        let errors = parse(text).errors;
        let known =
            errors.iter().map(|error| (error.span, error.code, &*error.message, &*error.help));
        let (next, more) = mend(name, text, known);
        if more.is_empty() || parse(&next).errors.len() >= errors.len() {
            break;
        }
        mended.extend(more);
        *text = next;
    }
}

/// Every file with what can be mended at once.
fn round(files: &[(String, String)], found: &[Diagnostic]) -> (Vec<(String, String)>, Vec<Mended>) {
    let mut mended = Vec::new();
    let mut next = Vec::new();
    for (place, (name, text)) in files.iter().enumerate() {
        let mine = found.iter().filter(|found| found.file.0 == place);
        let mine = mine.map(|found| (found.span, found.code, &*found.message, &*found.help));
        let (text, more) = mend(name, text, mine);
        mended.extend(more);
        next.push((name.clone(), text));
    }
    (next, mended)
}

/// A text with all fixes that do not get into each other's way, the first ones first.
fn mend<'f>(
    name: &str,
    text: &str,
    found: impl Iterator<Item = (Span, &'static str, &'f str, &'f [crate::Help])>,
) -> (String, Vec<Mended>) {
    let mut edits: Vec<Edit> = Vec::new();
    let mut mended = Vec::new();
    for (span, code, message, help) in found {
        let Some(fix) = only_fix(help) else { continue };
        let news: Vec<&Edit> = fix.iter().filter(|edit| !edits.contains(edit)).collect();
        if news.iter().any(|new| edits.iter().any(|edit| overlap(new.span, edit.span))) {
            continue;
        }
        edits.extend(news.into_iter().cloned());
        let (line, _) = line_column(text, span.start);
        mended.push(Mended { file: name.to_owned(), line, code, message: message.to_owned() });
    }
    match apply(text, &edits) {
        Some(next) => (next, mended),
        None => (text.to_owned(), Vec::new()),
    }
}

/// Whether two edits cannot both be made; two that put something in at one place can.
fn overlap(one: Span, other: Span) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests;
