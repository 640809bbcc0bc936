//! The API's own description: OpenAPI 3.1, from one table that a test holds against the router.

use axum::Json;
use serde_json::{Map, Value as Shape, json};

/// A method, a path and what it does. Paths name their variables in braces.
pub(super) const PAGES: [(&str, &str, &str); 24] = [
    ("get", "/v1/runs", "Lists runs, newest first; `pipeline`, `status`, `limit`, `after`."),
    ("post", "/v1/runs", "Creates a run, once an `Idempotency-Key`."),
    ("get", "/v1/runs/{run}", "Shows a run, step by step."),
    ("post", "/v1/runs/{run}/cancel", "Asks a run to end."),
    ("post", "/v1/runs/{run}/retry", "Takes a run up again."),
    ("post", "/v1/runs/{run}/pause", "Begins nothing more of a run; `by`, `why`."),
    ("post", "/v1/runs/{run}/resume", "Goes on with a run; `by`, `why`."),
    ("post", "/v1/runs/{run}/approve", "Says yes to what a run asks; `by`, `why`, `step`."),
    ("post", "/v1/runs/{run}/reject", "Says no to what a run asks; `by`, `why`, `step`."),
    ("get", "/v1/approvals", "Lists what runs ask of people, and who may answer until when."),
    ("get", "/v1/freeze", "Whether the line is stopped, by whom and why."),
    ("post", "/v1/freeze", "Stops the line: no traffic up, no promotion; `by`, `why`."),
    ("post", "/v1/thaw", "Lets the line go on; `by`, `why`."),
    (
        "get",
        "/v1/runs/{run}/logs",
        "Lines that attempts wrote, as server-sent events; `step`, `follow`.",
    ),
    ("get", "/v1/schedules", "Lists schedules with their next `n` firings."),
    ("get", "/v1/schedules/{pipeline}/{schedule}", "Shows a schedule and its newest decisions."),
    ("post", "/v1/schedules/{pipeline}/{schedule}/pause", "Begins no runs until it is resumed."),
    (
        "post",
        "/v1/schedules/{pipeline}/{schedule}/resume",
        "Goes on; ticks in between stay skipped.",
    ),
    ("get", "/v1/alarms", "What the daemon has to tell, newest first."),
    ("post", "/v1/reload", "Reads the pipelines again; broken ones change nothing."),
    ("get", "/v1/openapi.json", "This page."),
    ("get", "/healthz", "Whether the process is there."),
    ("get", "/readyz", "Whether the store answers."),
    ("get", "/metrics", "Prometheus's text."),
];

/// The description.
pub(super) async fn page() -> Json<Shape> {
    let mut paths: Map<String, Shape> = Map::new();
    for (method, path, summary) in PAGES {
        let variables = path.split('/').filter_map(|part| {
            let name = part.strip_prefix('{')?.strip_suffix('}')?;
            Some(json!({
                "name": name, "in": "path", "required": true, "schema": { "type": "string" },
            }))
        });
        let page = json!({
            "summary": summary,
            "parameters": variables.collect::<Vec<_>>(),
            "responses": {
                "2XX": { "description": "done, or under way" },
                "default": {
                    "description": "refused",
                    "content": { "application/problem+json": {
                        "schema": { "$ref": "#/components/schemas/Problem" },
                    } },
                },
            },
        });
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(methods) = entry.as_object_mut() {
            methods.insert(method.to_owned(), page);
        }
    }
    let text = || json!({ "type": "string" });
    Json(json!({
        "openapi": "3.1.0",
        "info": { "title": "suho", "version": "1" },
        "paths": paths,
        "components": { "schemas": { "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "code", "detail"],
            "properties": {
                "type": text(), "title": text(), "code": text(), "detail": text(),
                "status": { "type": "integer" },
                "help": { "type": ["string", "null"] },
            },
        } } },
    }))
}
