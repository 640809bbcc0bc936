//! A value of a plan and the chain it comes from, for people and for programs.

use crate::plan::{Caching, Node, Plan};
use crate::show::show;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_check::program::{Expr, Place};
use suho_check::{Link, Origin};
use suho_domain::Value;

/// What `path` comes to in the plan: a parameter, an attribute of a step or of the pipeline, and
/// fields of it. `None` where the plan holds no value for it, as for a parameter that is not given.
pub fn value(plan: &Plan, path: &str) -> Option<Expr> {
    let mut parts = path.split('.');
    let head = parts.next()?;
    let constant = |text: Option<String>| text.map(|text| Expr::Value(Value::Text(text)));
    let whole = if let Some(value) = plan.params.get(head) {
        Some(Expr::Value(value.clone()))
    } else if let Some(node) = plan.node(head) {
        attribute(node, parts.next()?)
    } else {
        match head {
            "timezone" => constant(Some(plan.settings.timezone.clone())),
            "calendar" => constant(plan.settings.calendar.clone()),
            "scope" => constant(Some(plan.settings.scope.to_string())),
            "budget" => plan.settings.budget.clone().map(|it| Expr::Value(Value::Money(it))),
            "concurrency" => plan.settings.concurrency.clone(),
            "deadline" => plan.settings.deadline.map(|it| Expr::Value(Value::Duration(it))),
            _ => None,
        }
    };
    parts.try_fold(whole?, within)
}

fn attribute(node: &Node, name: &str) -> Option<Expr> {
    let set = match name {
        "when" => node.when.clone(),
        "cache" => Some(Expr::Value(Value::Bool(node.cache == Caching::Use))),
        "compute" => node.compute.clone().map(Expr::Value),
        "timeout" => node.limits.timeout.map(|it| Expr::Value(Value::Duration(it))),
        _ => None,
    };
    set.or_else(|| node.inputs.get(name).cloned())
}

fn within(whole: Expr, name: &str) -> Option<Expr> {
    match whole {
        Expr::Value(value) => value.field(name).cloned().map(Expr::Value),
        Expr::Record(mut fields) | Expr::Variant(_, mut fields) => fields.remove(name),
        Expr::With(base, mut fields) => fields.remove(name).or_else(|| within(*base, name)),
        _ => None,
    }
}

/// The value, and below it each link with its place; what something stronger overrides is marked.
pub fn to_text(path: &str, value: Option<&Expr>, chain: &[Link]) -> String {
    let shown = value.map_or_else(|| "not known when planning".to_owned(), show);
    let mut text = format!("{path} = {shown}\n");
    let rows: Vec<[String; 4]> = chain.iter().map(row).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    for ([origin, name, written, place], link) in rows.iter().zip(chain) {
        let [first, second, third] = widths;
        let over = if link.is_overridden { "  (overridden)" } else { "" };
        let line = format!("  {origin:<first$}  {name:<second$}  {written:<third$}  {place}{over}");
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn row(link: &Link) -> [String; 4] {
    /// Longer than any value that decides; the place leads to the rest.
    const SHOWN_MAX: usize = 60;
    let indent = "  ".repeat(link.depth);
    let mut written: String = link.text.chars().take(SHOWN_MAX).collect();
    if written.len() < link.text.len() {
        written.push('…');
    }
    let place = link.place.as_ref().map(|it| format!("{}:{}", it.file, it.line));
    [
        format!("{indent}{}", word(link.origin)),
        link.name.clone(),
        written,
        place.unwrap_or_default(),
    ]
}

const fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Argument => "command line",
        Origin::Call => "argument",
        Origin::Environment => "environment",
        Origin::Default => "default",
        Origin::Open => "not given",
        Origin::Attribute => "set to",
        Origin::Let => "let",
        Origin::Resource => "resource",
        Origin::Override => "with",
        Origin::Field => "field",
        Origin::Library => "library's default",
        Origin::Output => "made by",
        Origin::Follows => "follows",
    }
}

/// The shape that `suho plan --explain PARAM --json` answers with, version 1.
pub fn to_json(plan: &Plan, path: &str, value: Option<&Expr>, chain: &[Link]) -> Json {
    let place = |place: &Place| json!({ "file": place.file, "line": place.line });
    let link = |link: &Link| {
        json!({
            "origin": word(link.origin).replace(['\'', ' '], "_"),
            "name": link.name,
            "text": link.text,
            "place": link.place.as_ref().map(place),
            "depth": link.depth,
            "overridden": link.is_overridden,
        })
    };
    json!({
        "version": 1,
        "pipeline": plan.pipeline,
        "path": path,
        "value": value.map(show),
        "chain": chain.iter().map(link).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests;
