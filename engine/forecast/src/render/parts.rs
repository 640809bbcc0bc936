//! The parts of a data set: from when to when, and the folds that it is divided into.

use crate::text::{count, local, table};
use suho_domain::{Record, Value};

/// Folds that are told one by one: a page of a plan is read, not searched.
const FOLDS_MAX: usize = 12;

/// From when to when each part decides.
pub(super) fn windows(rows: &Record, zone: &str) -> String {
    let Some(windows) = rows.get("windows") else { return String::new() };
    let line = |name: &&str| {
        let window = windows.field(name)?;
        Some(vec![(*name).to_owned(), span(window, zone)])
    };
    let lines: Vec<_> = ["train", "validation", "test"].iter().filter_map(line).collect();
    table("    ", &lines)
}

/// The folds; nothing of a split that has none.
pub(super) fn folds(rows: &Record, zone: &str) -> String {
    let Some(Value::List(folds)) = rows.get("folds").filter(|folds| !is_empty(folds)) else {
        return String::new();
    };
    let line = |fold: &Value| {
        let number = |name: &str| fold.field(name).map(count).unwrap_or_default();
        let tested = fold.field("tested_on").map(|window| span(window, zone)).unwrap_or_default();
        vec![
            number("number"),
            format!("train {}", number("train")),
            format!("validation {}", number("validation")),
            format!("test {}", number("test")),
            tested,
        ]
    };
    let shown = folds.len().min(FOLDS_MAX);
    let lines: Vec<_> = folds.iter().skip(folds.len() - shown).map(line).collect();
    let earlier = if shown < folds.len() {
        format!(", {} of them not shown", folds.len() - shown)
    } else {
        String::new()
    };
    format!(
        "  {} folds{earlier}; the model is made of the last\n{}",
        folds.len(),
        table("    ", &lines)
    )
}

fn is_empty(folds: &Value) -> bool {
    matches!(folds, Value::List(folds) if folds.is_empty())
}

fn span(window: &Value, zone: &str) -> String {
    let Value::Range(ends) = window else { return String::new() };
    match &**ends {
        (Value::Instant(start), Value::Instant(end)) => {
            format!("{} to {}", local(*start, zone), local(*end, zone))
        }
        _ => String::new(),
    }
}
