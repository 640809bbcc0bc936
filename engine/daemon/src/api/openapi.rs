//! The API's own description: OpenAPI 3.1, made of the list that the router is made of.

use super::pages::{Field, Page, pages};
use axum::Json;
use serde_json::{Map, Value as Shape, json};

/// The description.
pub(super) async fn page() -> Json<Shape> {
    let mut paths: Map<String, Shape> = Map::new();
    for page in pages() {
        let entry = paths.entry(page.path).or_insert_with(|| json!({}));
        if let Some(methods) = entry.as_object_mut() {
            methods.insert(page.method.to_owned(), described(&page));
        }
    }
    let text = || json!({ "type": "string" });
    Json(json!({
        "openapi": "3.1.0",
        "info": { "title": "suho", "version": "1" },
        "paths": paths,
        "security": [{ "token": [] }, {}],
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "code", "detail"],
                "properties": {
                    "type": text(), "title": text(), "code": text(), "detail": text(),
                    "status": { "type": "integer" },
                    "help": { "type": ["string", "null"] },
                },
            } },
        },
    }))
}

fn described(page: &Page) -> Shape {
    let variables = page.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(json!({
            "name": name, "in": "path", "required": true, "schema": { "type": "string" },
        }))
    });
    let mut parameters: Vec<_> = variables.collect();
    if page.method == "get" {
        let in_query = |field: &Field| {
            json!({
                "name": field.name, "in": "query", "required": field.is_required,
                "schema": { "type": field.kind },
            })
        };
        parameters.extend(page.takes.iter().map(in_query));
    }
    if (page.method, page.path) == ("post", "/v1/runs") {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "minLength": 1, "maxLength": 256 },
        }));
    }
    let mut described = json!({
        "summary": page.summary,
        "parameters": parameters,
        "responses": {
            "2XX": answer(page.path),
            "default": {
                "description": "refused",
                "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                } },
            },
        },
    });
    if page.method == "post"
        && !page.takes.is_empty()
        && let Some(fields) = described.as_object_mut()
    {
        fields.insert("requestBody".to_owned(), body(page.takes));
    }
    described
}

/// What a good answer is.
fn answer(path: &str) -> Shape {
    let kind = match path {
        "/healthz" | "/readyz" | "/metrics" => "text/plain",
        _ if path.ends_with("/logs") => "text/event-stream",
        _ => "application/json",
    };
    json!({ "description": "done, or under way", "content": { (kind): {} } })
}

fn body(takes: &[Field]) -> Shape {
    let required: Vec<_> =
        takes.iter().filter(|field| field.is_required).map(|field| field.name).collect();
    let properties: Map<String, Shape> =
        takes.iter().map(|field| (field.name.to_owned(), json!({ "type": field.kind }))).collect();
    json!({
        "required": !required.is_empty(),
        "content": { "application/json": { "schema": {
            "type": "object",
            "required": required,
            "properties": properties,
            "additionalProperties": false,
        } } },
    })
}
