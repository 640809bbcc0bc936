//! What a checked program says about itself: rules that cannot work, times that cannot pass, what
//! nobody uses.
//!
//! Pure, over the program as a whole. What is not known when planning is left alone: nothing is said
//! that might be otherwise in a run, parameters at their defaults.

mod bars;
mod embargo;
mod interval;
mod logic;
mod looks;
mod rules;
mod time;
mod unused;
mod view;

use crate::diagnostic::Diagnostic;
use crate::program::Program;
use crate::source::Sources;
use crate::{FileId, Library, Severity};
use std::collections::BTreeSet;

/// What is found; `before` is what was found until now.
pub(crate) fn look(
    program: &Program,
    library: &Library,
    sources: &Sources,
    before: &[Diagnostic],
) -> Vec<Diagnostic> {
    // What is broken may be just what would use a name.
    let errors = before.iter().filter(|found| found.severity == Severity::Error);
    let broken: BTreeSet<FileId> = errors.map(|found| found.file).collect();
    let mut found = Vec::new();
    for pipeline in view::pipelines(program, library, sources) {
        for step in &pipeline.steps {
            rules::contradict(&pipeline, step, &mut found);
            rules::are_dead(&pipeline, step, &mut found);
            time::outlasts(&pipeline, step, &mut found);
            looks::never(&pipeline, step, &mut found);
            embargo::is_short(&pipeline, step, &mut found);
        }
        time::deadline(&pipeline, &mut found);
        if !broken.contains(&pipeline.file) {
            unused::outputs(&pipeline, &mut found);
            unused::lets(&pipeline, sources, &mut found);
        }
    }
    for (file, source) in sources.iter().filter(|(file, _)| !broken.contains(file)) {
        unused::uses(file, source, &mut found);
    }
    found
}

#[cfg(test)]
mod tests;
