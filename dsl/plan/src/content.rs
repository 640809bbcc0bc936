//! Content digests: two steps with the same digest do the same.

use crate::plan::{Handler, Node, Settings};
use serde_json::json;
use std::collections::BTreeMap;
use suho_check::program::Expr;
use suho_domain::{Digest, Name, Record};

/// Inputs that say what a thing is called or how it is run, never what it is.
const NOT_CONTENT: &[(&str, &str)] = &[("train", "version"), ("train", "compute")];

fn is_content(kind: &str, input: &str) -> bool {
    !NOT_CONTENT.contains(&(kind, input))
}

/// The digest of `node` from the digests of what it needs.
pub(crate) fn of_node(node: &Node, above: &BTreeMap<Name, Digest>) -> Digest {
    let kind = &node.kind;
    let inputs: BTreeMap<&String, serde_json::Value> = node
        .inputs
        .iter()
        .filter(|(name, _)| is_content(kind.as_str(), name))
        .map(|(name, expr)| (name, by_content(expr, above)))
        .collect();
    let rules: Vec<_> = node
        .rules
        .iter()
        .map(|rule| {
            let lasting = rule.lasting.as_ref().map(to_json);
            let attributes: BTreeMap<_, _> =
                rule.attributes.iter().map(|(name, expr)| (name, to_json(expr))).collect();
            let condition = by_content(&rule.condition, above);
            json!([rule.verb, condition, lasting, attributes])
        })
        .collect();
    let mut content = json!({ "kind": kind, "inputs": inputs, "rules": rules });
    // The steps that suho brings along are what their kind says; one's own are what they carry out.
    if let (Some(exec), Some(fields)) = (&node.exec, content.as_object_mut()) {
        fields.insert("exec".to_owned(), by_content(exec, above));
        fields.insert("outputs".to_owned(), json!(node.outputs));
        fields.insert("effects".to_owned(), json!(node.effects));
    }
    Digest::of_json(&content)
}

/// The digest of a plan.
pub(crate) fn of_plan(
    pipeline: &Name,
    settings: &Settings,
    nodes: &[Node],
    handlers: &[Handler],
) -> Digest {
    let each = |node: &Node| match &node.when {
        None => json!([node.name, node.needs, node.content]),
        // Whether a step runs is no part of what it does, but of what the run does.
        Some(when) => json!([node.name, node.needs, node.content, when]),
    };
    let nodes: Vec<_> = nodes.iter().map(each).collect();
    // What a run may cost and what it waits for decide whether it begins, not what it does.
    let prices = BTreeMap::new();
    let settings = Settings { budget: None, prices, concurrency: None, ..settings.clone() };
    Digest::of_json(&json!({
        "pipeline": pipeline,
        "settings": settings,
        "nodes": nodes,
        "handlers": handlers,
    }))
}

/// The key under which a step's result is kept: what it does, to what, by which code.
///
/// `inputs` are the resolved values; names, versions and limits are not among what counts.
pub fn content_key(kind: &Name, inputs: &Record, code: &Digest) -> Digest {
    let inputs: BTreeMap<_, _> = inputs
        .iter()
        .filter(|(name, _)| is_content(kind.as_str(), name))
        .map(|(name, value)| (name, value.to_plain()))
        .collect();
    Digest::of_json(&json!({ "kind": kind, "inputs": inputs, "code": code }))
}

fn to_json(expr: &Expr) -> serde_json::Value {
    serde_json::to_value(expr).unwrap_or_default()
}

/// References to steps by what the steps are, not what they are called.
fn by_content(expr: &Expr, above: &BTreeMap<Name, Digest>) -> serde_json::Value {
    let mut json = to_json(expr);
    rename(&mut json, above);
    json
}

fn rename(json: &mut serde_json::Value, above: &BTreeMap<Name, Digest>) {
    use serde_json::Value as Json;
    match json {
        Json::Object(fields) => {
            let is_output = fields.contains_key("path");
            for (key, value) in fields {
                let of_step = is_output && key == "step";
                match value.as_str().filter(|_| of_step).and_then(|step| above.get(step)) {
                    Some(digest) => *value = json!(digest),
                    None => rename(value, above),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| rename(item, above)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
