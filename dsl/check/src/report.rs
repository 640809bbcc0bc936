//! What is told of all that was found: in order, nothing twice, not too much.

use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::more_errors;
use crate::{FileId, Severity};
use std::collections::BTreeMap;

/// Errors of one file that are told before the rest is only counted.
const ERRORS_MAX: usize = 25;

/// `found` in the order of files and places, each once, at most [`ERRORS_MAX`] errors a file.
pub(crate) fn ordered(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by(|a, b| {
        (a.file, a.span, a.code, &a.message).cmp(&(b.file, b.span, b.code, &b.message))
    });
    found.dedup();
    let mut errors: BTreeMap<FileId, (usize, At)> = BTreeMap::new();
    let mut told = Vec::new();
    for each in found {
        if each.severity == Severity::Error {
            let at = At::new(each.file, each.span);
            let (count, last) = errors.entry(each.file).or_insert((0, at));
            *count += 1;
            if *count > ERRORS_MAX {
                continue;
            }
            *last = at;
        }
        told.push(each);
    }
    for (count, last) in errors.into_values().filter(|(count, _)| *count > ERRORS_MAX) {
        let position =
            told.partition_point(|each| (each.file, each.span) <= (last.file, last.span));
        told.insert(position, more_errors::new(last, count - ERRORS_MAX));
    }
    told
}
