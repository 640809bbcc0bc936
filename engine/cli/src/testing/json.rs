//! The answer of `suho test` for programs. Durations are texts as people write them.

use super::{Answer, Answers};
use serde_json::{Value as Json, json};
use suho_domain::fault;
use suho_simulate::{Chosen, Covered, Failure, Line, Report, Seen};

/// The version of this shape.
const VERSION: u32 = 1;

pub(super) fn of(answers: &Answers<'_>) -> Json {
    let mut page = json!({
        "version": VERSION,
        "passed": answers.passed(),
        "tests": answers.all.iter().map(answer).collect::<Vec<_>>(),
    });
    if let (Some(coverage), Some(fields)) = (&answers.coverage, page.as_object_mut()) {
        fields.insert("rules".to_owned(), coverage.rules().map(seen).collect());
    }
    page
}

fn answer(Answer { scenario, result }: &Answer<'_>) -> Json {
    let mut json = json!({
        "name": scenario.name,
        "file": scenario.place.file,
        "line": scenario.place.line,
        "pipeline": scenario.run.pipeline,
    });
    let (outcome, more) = match result {
        Err(error) => {
            let place = error.place();
            let text = fault::chain(error);
            let (file, line, help) = (&place.file, place.line, error.help());
            let error = json!({ "message": text, "file": file, "line": line, "help": help });
            ("error", json!({ "error": error }))
        }
        Ok(report) => {
            let word = if report.failure.is_some() { "failed" } else { "passed" };
            (word, of_report(report))
        }
    };
    if let (Some(fields), Json::Object(more)) = (json.as_object_mut(), more) {
        fields.insert("outcome".to_owned(), outcome.into());
        fields.extend(more);
    }
    json
}

fn of_report(report: &Report) -> Json {
    json!({
        "virtual_time": report.covered.to_string(),
        "cells": report.cells.as_ref().map(cells),
        "failure": report.failure.as_ref().map(failure),
        "warnings": report.warnings,
    })
}

fn cells(cells: &Covered) -> Json {
    json!({ "played": cells.played, "all": cells.all, "exhaustive": cells.is_exhaustive })
}

fn failure(failure: &Failure) -> Json {
    let chosen = |chosen: &Chosen| json!({ "name": chosen.name, "value": chosen.value });
    let line = |line: &Line| json!({ "after": line.after.to_string(), "text": line.text });
    json!({
        "expected": failure.expected,
        "file": failure.place.file,
        "line": failure.place.line,
        "seen": failure.seen,
        "after": failure.after.to_string(),
        "given": failure.given.iter().map(chosen).collect::<Vec<_>>(),
        "timeline": failure.timeline.iter().map(line).collect::<Vec<_>>(),
    })
}

fn seen(seen: &Seen) -> Json {
    json!({
        "pipeline": seen.pipeline,
        "step": seen.step,
        "rule": seen.rule,
        "file": seen.place.file,
        "line": seen.place.line,
        "held": seen.held,
        "did_not": seen.did_not,
        "no_data": seen.no_data,
        "not_applicable": seen.not_applicable,
        "exercised": seen.is_exercised(),
    })
}
