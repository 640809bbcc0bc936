//! A comparison as a page for people and as JSON for programs.

use super::{Change, Compared, Diff, Kind};
use crate::show::written;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_check::program::Place;
use suho_domain::{Duration, Name};

/// The page: a line a difference, below it the case that shows it. `from` and `to` are what the
/// sides are called.
pub fn to_text(diff: &Diff, from: &str, to: &str) -> String {
    let mut text = format!("{from} → {to}\n");
    if diff.is_noop() {
        text.push_str("  NO-OP  both do the same: at most comments, layout and names differ\n");
        return text;
    }
    text.push('\n');
    let rows: Vec<(&str, String, &Change)> =
        diff.changes.iter().map(|change| (change.kind.word(), subject(change), change)).collect();
    let wide = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
    let word_width = wide(&mut rows.iter().map(|row| row.0.len()));
    let name_width = wide(&mut rows.iter().map(|row| row.1.chars().count()));
    for (word, subject, change) in rows {
        let word = word.to_uppercase();
        let place = change.places.1.as_ref().or(change.places.0.as_ref());
        let place = place.map_or_else(String::new, |it| format!("  {}:{}", it.file, it.line));
        let what = &change.what;
        let line = format!("  {word:<word_width$}  {subject:<name_width$}  {what}{place}");
        let _infallible = writeln!(text, "{line}");
        if let Some(verdict) = change.verdict {
            let case = change
                .witness
                .iter()
                .map(|(metric, value)| format!("{metric} = {}", written(value)));
            let case = case.collect::<Vec<_>>().join(", ");
            let _infallible = writeln!(text, "  {:word_width$}    {verdict}: {case}", "");
        }
    }
    for (name, compared) in &diff.pipelines {
        text.push_str(&pipeline(name, compared));
    }
    text.push_str("\nruns that have begun go on as they were planned\n");
    text
}

fn subject(change: &Change) -> String {
    match &change.pipeline {
        Some(pipeline) => format!("{pipeline}/{}", change.subject),
        None => change.subject.clone(),
    }
}

/// What a new run does anew, and how long its rollouts take.
fn pipeline(name: &Name, compared: &Compared) -> String {
    let mut text = String::new();
    if !compared.reruns.is_empty() {
        let reruns: Vec<_> = compared.reruns.iter().map(Name::as_str).collect();
        let _infallible = write!(text, "\n{name} does anew: {}\n", reruns.join(", "));
    }
    let (before, after) = compared.market_time;
    if before != after {
        let by = after.minus(before);
        let sign = if by > Duration::ZERO { "+" } else { "" };
        let _infallible =
            writeln!(text, "{name} rolls out in {before} → {after} of market time ({sign}{by})");
    }
    text
}

/// The shape that `suho diff --json` answers with, version 1. Fields may be added, never changed.
pub fn to_json(diff: &Diff, from: &str, to: &str) -> Json {
    let change = |change: &Change| {
        let case = change.witness.iter();
        let case =
            case.map(|(metric, value)| json!({ "metric": metric, "value": value.to_plain() }));
        json!({
            "kind": change.kind.word(),
            "bump": match change.kind {
                Kind::Major => Some("major"),
                Kind::Minor => Some(if change.what.starts_with("PATCH") { "patch" } else { "minor" }),
                _ => None,
            },
            "pipeline": change.pipeline,
            "subject": change.subject,
            "message": change.what,
            "before": change.before,
            "after": change.after,
            "counterexample": case.collect::<Vec<_>>(),
            "verdict": change.verdict,
            "place": { "before": place(change.places.0.as_ref()), "after": place(change.places.1.as_ref()) },
        })
    };
    let pipeline = |(name, compared): (&Name, &Compared)| {
        json!({
            "pipeline": name,
            "digest": { "before": compared.digests.0, "after": compared.digests.1 },
            "market_time": { "before": compared.market_time.0, "after": compared.market_time.1 },
            "reruns": compared.reruns,
        })
    };
    json!({
        "version": 1,
        "from": from,
        "to": to,
        "pending": !diff.is_noop(),
        "changes": diff.changes.iter().map(change).collect::<Vec<_>>(),
        "pipelines": diff.pipelines.iter().map(pipeline).collect::<Vec<_>>(),
    })
}

fn place(place: Option<&Place>) -> Json {
    place.map_or(Json::Null, |it| json!({ "file": it.file, "line": it.line }))
}
