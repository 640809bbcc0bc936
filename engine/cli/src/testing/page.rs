//! The page of `suho test` for people: a line a test, then what failed and why.

use super::{Answer, Answers};
use crate::picture::Colour;
use crate::table::{flat, table};
use crate::terminal::Terminal;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;
use suho_check::program::Place;
use suho_domain::{Duration, fault};
use suho_simulate::{Covered, Failure, Report, Seen, SimulateError};

pub(super) fn of(answers: &Answers<'_>, terminal: Terminal) -> String {
    let mut page = String::new();
    if !terminal.is_quiet {
        page.push_str(&list(answers));
    }
    for Answer { scenario, result } in &answers.all {
        match result {
            Ok(report) => {
                page.push_str(&warnings(report));
                if let Some(failure) = &report.failure {
                    let picture = failed(answers, failure, terminal.colour);
                    let _infallible = write!(page, "\n{picture}{}", story(failure));
                }
            }
            Err(error) => {
                let picture = refused(answers, &scenario.name, error, terminal.colour);
                let _infallible = write!(page, "\n{picture}");
            }
        }
    }
    if let Some(coverage) = &answers.coverage {
        page.push_str(&rules(&coverage.rules().collect::<Vec<_>>()));
    }
    if !terminal.is_quiet {
        page.push_str(&sum(answers));
    }
    page.trim_start_matches('\n').to_owned()
}

/// A line a test, under its file's name.
fn list(answers: &Answers<'_>) -> String {
    let mut files: Vec<&str> = Vec::new();
    for Answer { scenario, .. } in &answers.all {
        if !files.contains(&scenario.place.file.as_str()) {
            files.push(&scenario.place.file);
        }
    }
    let row = |Answer { scenario, result }: &Answer<'_>| {
        let (word, covered, cells) = match result {
            Err(_) => ("ERROR", String::new(), String::new()),
            Ok(report) => {
                let word = if report.failure.is_some() { "FAILED" } else { "passed" };
                let cells = report.cells.map(|cells| counted(&cells, report)).unwrap_or_default();
                (word, report.covered.to_string(), cells)
            }
        };
        vec![word.to_owned(), scenario.name.clone(), covered, cells]
    };
    let rows = |file: &str| {
        let of_file = answers.all.iter().filter(|each| each.scenario.place.file == file);
        format!("{file}\n{}", table("  ", &[], &of_file.map(row).collect::<Vec<_>>()))
    };
    files.into_iter().map(rows).collect()
}

/// `96 of 96 cells, exhaustively`.
fn counted(cells: &Covered, report: &Report) -> String {
    let all = if cells.all == u64::MAX { "very many".to_owned() } else { cells.all.to_string() };
    let how = if report.failure.is_some() {
        "until one failed"
    } else if cells.is_exhaustive {
        "exhaustively"
    } else if u64::try_from(cells.played) == Ok(cells.all) {
        "not exhaustively: more than limits decides"
    } else {
        "not exhaustively"
    };
    format!("{} of {all} cells, {how}", cells.played)
}

fn warnings(report: &Report) -> String {
    let each = report.warnings.iter().map(|warning| {
        let Place { file, line } = &report.place;
        format!("\nwarning[idle-fault]: {warning}\n  --> {file}:{line}\n")
    });
    each.collect()
}

/// What was expected and what was seen, in the file.
fn failed(answers: &Answers<'_>, failure: &Failure, colour: Colour) -> String {
    let title = asked(&failure.expected);
    let (label, notes) = match failure.seen.split_first() {
        Some((first, rest)) => (first.as_str(), rest),
        None => ("", [].as_slice()),
    };
    let given = failure.given.iter().map(|chosen| match &chosen.value {
        Some(value) => format!("given {} = {value}", chosen.name),
        None => format!("whatever {} is", chosen.name),
    });
    let notes: Vec<String> = notes.iter().cloned().chain(given).collect();
    drawn(answers, ("test-failed", &title), &failure.place, (label, &notes), colour)
}

/// What the test asks for, as the title of its failure.
fn asked(expected: &str) -> String {
    if let Some(always) = expected.strip_prefix("invariant ") {
        return format!("`{}` does not always hold", flat(always));
    }
    let ending = expected.strip_prefix("expect ").unwrap_or(expected);
    format!("`{}` did not come to be", flat(ending))
}

fn refused(answers: &Answers<'_>, test: &str, error: &SimulateError, colour: Colour) -> String {
    let title = fault::chain(error);
    let label = format!("the test \"{test}\" cannot be run");
    let notes: Vec<String> = error.help().into_iter().collect();
    drawn(answers, ("test-error", &title), error.place(), (&label, &notes), colour)
}

/// A line of a file with a mark, as the other commands draw them.
fn drawn(
    answers: &Answers<'_>,
    (id, title): (&str, &str),
    place: &Place,
    (label, notes): (&str, &[String]),
    colour: Colour,
) -> String {
    let renderer = match colour {
        Colour::Always => Renderer::styled(),
        Colour::Never => Renderer::plain(),
    };
    let source = answers.checked.sources.iter().find(|(name, _)| *name == place.file);
    let Some((path, text)) = source else { return format!("error[{id}]: {title}\n") };
    let mark = AnnotationKind::Primary.span(line(text, place.line)).label(label);
    let snippet = Snippet::source(text.as_str()).path(path.as_str()).annotation(mark);
    let group = Level::ERROR.primary_title(title).id(id).element(snippet);
    let group = notes
        .iter()
        .fold(group, |group: Group<'_>, note| group.element(Level::NOTE.message(note.as_str())));
    format!("{}\n", renderer.render(&[group]))
}

/// The bytes of a line, from 1, without the blanks around it.
fn line(text: &str, number: usize) -> Range<usize> {
    let mut start = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        if at + 1 == number {
            let indent = line.len() - line.trim_start().len();
            return start + indent..start + line.trim_end().len().max(indent);
        }
        start += line.len();
    }
    start..start
}

/// What was decided up to then.
fn story(failure: &Failure) -> String {
    let row = |line: &suho_simulate::Line| vec![format!("+{}", line.after), line.text.clone()];
    let rows: Vec<_> = failure.timeline.iter().map(row).collect();
    format!("  what was decided until +{}\n{}", failure.after, table("    ", &[], &rows))
}

/// Which rules were seen to hold and not to hold, and a warning for each that was not.
fn rules(rules: &[&Seen]) -> String {
    let pipelines: BTreeSet<_> = rules.iter().map(|seen| &seen.pipeline).collect();
    let of_pipeline = |pipeline: &suho_domain::Name| {
        let of_it: Vec<&Seen> =
            rules.iter().copied().filter(|seen| seen.pipeline == *pipeline).collect();
        let both = of_it.iter().filter(|seen| seen.is_exercised()).count();
        let head = ["step", "rule", "held", "did not", "no data", "n/a"];
        let rows: Vec<_> = of_it.iter().map(|seen| row(seen)).collect();
        let unseen = of_it.iter().filter(|seen| !seen.is_exercised()).map(|seen| unseen(seen));
        format!(
            "\nrules of {pipeline}: {both} of {} seen both ways\n{}{}",
            of_it.len(),
            table("  ", &head, &rows),
            unseen.collect::<String>(),
        )
    };
    pipelines.into_iter().map(of_pipeline).collect()
}

/// One rule, and how often it said what.
fn row(seen: &Seen) -> Vec<String> {
    let count = |count: u64| if count == 0 { "–".to_owned() } else { count.to_string() };
    vec![
        seen.step.to_string(),
        seen.rule.clone(),
        count(seen.held),
        count(seen.did_not),
        count(seen.no_data),
        count(seen.not_applicable),
    ]
}

fn unseen(seen: &Seen) -> String {
    let never = match (seen.held, seen.did_not) {
        (0, 0) => "was never answered",
        (0, _) => "was never seen to hold",
        _ => "was never seen not to hold",
    };
    let Place { file, line } = &seen.place;
    let warning = format!("`{}` of `{}` {never}", seen.rule, seen.step);
    format!("\nwarning[never-exercised]: {warning}\n  --> {file}:{line}\n")
}

fn sum(answers: &Answers<'_>) -> String {
    let (all, passed) = (answers.all.len(), answers.passed());
    let errors = answers.errors().count();
    let mut parts = vec![format!("{passed} passed")];
    if all > passed + errors {
        parts.push(format!("{} failed", all - passed - errors));
    }
    if errors > 0 {
        parts.push(format!("{errors} could not be run"));
    }
    let played = answers.all.iter().filter_map(|answer| answer.result.as_ref().ok());
    let played = played.fold(Duration::ZERO, |sum, report| sum.plus(report.played));
    let tests = if all == 1 { "1 test" } else { &format!("{all} tests") };
    let took = Duration::from_millis(answers.took.micros() / 1_000);
    format!("\n{tests}: {}; {played} of virtual time in {took}\n", parts.join(", "))
}
