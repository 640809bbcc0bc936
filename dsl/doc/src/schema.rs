//! The attributes of a kind as JSON Schema (draft 2020-12), of values in the plain JSON that plans
//! print: units as text, a plain choice as a string, a choice with fields as an object of one key.

use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use suho_check::{Choice, Library, Port, Type};
use suho_domain::Name;

/// The draft that schemas are of.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The record of the prelude that lists what every step takes.
const STEP: &str = "StepAttributes";

/// There is no such kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownKind(pub String);

/// The kinds that have a schema, in alphabetical order.
pub fn kinds(library: &Library) -> Vec<&str> {
    let mut kinds: Vec<&str> =
        library.steps.keys().chain(library.resources.keys()).map(Name::as_str).collect();
    kinds.sort_unstable();
    kinds
}

/// The schema of one kind, or of an object with a field for each.
///
/// # Errors
/// When there is no kind of that name.
pub fn schema(library: &Library, kind: Option<&str>) -> Result<Json, UnknownKind> {
    let mut used = Used::default();
    let mut whole = if let Some(kind) = kind {
        of_kind(library, kind, &mut used).ok_or_else(|| UnknownKind(kind.to_owned()))?
    } else {
        let fields: Map<String, Json> = kinds(library)
            .into_iter()
            .filter_map(|kind| {
                let schema = of_kind(library, kind, &mut used)?;
                Some((kind.to_owned(), Json::Object(schema)))
            })
            .collect();
        let mut whole = Map::new();
        whole.insert("type".to_owned(), json!("object"));
        whole.insert("properties".to_owned(), Json::Object(fields));
        whole
    };
    whole.insert("$schema".to_owned(), json!(DRAFT));
    whole.insert("$defs".to_owned(), Json::Object(used.definitions(library)));
    Ok(Json::Object(whole))
}

fn of_kind(library: &Library, kind: &str, used: &mut Used) -> Option<Map<String, Json>> {
    let signature = library.steps.get(kind).or_else(|| library.resources.get(kind))?;
    // What every step takes, each step takes.
    let common = library.steps.get(kind).and_then(|_| library.records.get(STEP));
    let is_own = |port: &Port| signature.inputs.iter().any(|own| own.name == port.name);
    let common = common.into_iter().flatten().filter(|port| !is_own(port));
    let ports: Vec<Port> = signature.inputs.iter().chain(common).cloned().collect();
    let mut object = object(&ports, used);
    object.insert("title".to_owned(), json!(kind));
    if let Some(doc) = &signature.doc {
        object.insert("description".to_owned(), json!(doc));
    }
    Some(object)
}

/// What is spoken of and has yet to be defined.
#[derive(Default)]
struct Used {
    names: BTreeSet<String>,
    open: Vec<String>,
    /// Whether something only another step can give is spoken of.
    references: bool,
}

impl Used {
    fn refer(&mut self, name: &str) -> Json {
        if self.names.insert(name.to_owned()) {
            self.open.push(name.to_owned());
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    /// Definitions of all that is spoken of, and of what those speak of.
    fn definitions(mut self, library: &Library) -> Map<String, Json> {
        let mut definitions = Map::new();
        while let Some(name) = self.open.pop() {
            let definition = match (library.records.get(&name), library.enums.get(&name)) {
                (Some(fields), _) => Json::Object(object(fields, &mut self)),
                (None, Some(choices)) => one_of(choices, &mut self),
                (None, None) => json!(true),
            };
            definitions.insert(name, definition);
        }
        if self.references {
            let definition = json!({
                "description": "An output of another step, as it is written: `data.train`.",
                "type": "string",
                "pattern": r"^[A-Za-z_][A-Za-z0-9_]*(\??\.[A-Za-z_][A-Za-z0-9_]*)*$",
            });
            definitions.insert("reference".to_owned(), definition);
        }
        definitions
    }
}

fn object(ports: &[Port], used: &mut Used) -> Map<String, Json> {
    let mut properties = Map::new();
    for port in ports {
        properties.insert(port.name.clone(), of_port(port, used));
    }
    let required: Vec<&str> =
        ports.iter().filter(|port| port.default.is_none()).map(|port| &*port.name).collect();
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("properties".to_owned(), Json::Object(properties));
    object.insert("required".to_owned(), json!(required));
    object.insert("additionalProperties".to_owned(), json!(false));
    object
}

fn of_port(port: &Port, used: &mut Used) -> Json {
    let mut schema = of_type(&port.ty, used);
    let Json::Object(fields) = &mut schema else { return schema };
    if let Some(doc) = &port.doc {
        fields.insert("description".to_owned(), json!(doc));
    }
    if let Some(suho_check::program::Expr::Value(default)) = &port.default {
        fields.insert("default".to_owned(), default.to_plain());
    }
    schema
}

fn one_of(choices: &[Choice], used: &mut Used) -> Json {
    let choices: Vec<Json> = choices
        .iter()
        .map(|choice| {
            let is_word = choice.fields.iter().all(|field| field.default.is_some());
            let word = json!({ "const": choice.name });
            let fields = Json::Object(object(&choice.fields, used));
            let whole = json!({
                "type": "object",
                "properties": { choice.name.clone(): fields },
                "required": [choice.name],
                "additionalProperties": false,
            });
            let mut schema = match (choice.fields.is_empty(), is_word) {
                (true, _) => word,
                (false, true) => json!({ "anyOf": [word, whole] }),
                (false, false) => whole,
            };
            if let (Some(doc), Json::Object(fields)) = (&choice.doc, &mut schema) {
                fields.insert("description".to_owned(), json!(doc));
            }
            schema
        })
        .collect();
    json!({ "oneOf": choices })
}

fn of_type(ty: &Type, used: &mut Used) -> Json {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match ty {
        Type::Unknown => json!({}),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int => json!({ "type": "integer" }),
        Type::Float => json!({ "type": "number" }),
        Type::Text => json!({ "type": "string" }),
        Type::Ratio => text(r"^-?\d+(\.\d+)?(%|bps)$"),
        Type::Points => text(r"^-?\d+(\.\d+)?pp$"),
        Type::Pips => text(r"^-?\d+(\.\d+)?pip$"),
        Type::Duration => text(r"^-?(\d+(\.\d+)?(ns|us|ms|s|m|h|d|w))+$"),
        Type::Period => text(r"^(\d+(mo|y))+$"),
        Type::Money => text(r"^-?\d+(\.\d+)? [A-Z]{3}$"),
        Type::Version => text(r"^v\d+\.\d+\.\d+$"),
        Type::Date => json!({ "type": "string", "format": "date" }),
        Type::Instant => json!({ "type": "string", "format": "date-time" }),
        Type::Form(form) => form_schema(form),
        Type::Range(of) => {
            let of = of_type(of, used);
            json!({
                "type": "object",
                "properties": { "start": of, "end": of },
                "required": ["start", "end"],
                "additionalProperties": false,
            })
        }
        Type::List(of) => json!({ "type": "array", "items": of_type(of, used) }),
        Type::Map(_, of) => {
            json!({ "type": "object", "additionalProperties": of_type(of, used) })
        }
        Type::Optional(of) => json!({ "anyOf": [of_type(of, used), { "type": "null" }] }),
        Type::Secret(_) => json!({ "type": "string", "writeOnly": true }),
        Type::Record(name) | Type::Enum(name) => used.refer(name),
        Type::Fields(fields) => {
            let fields: Map<String, Json> =
                fields.iter().map(|(name, ty)| (name.clone(), of_type(ty, used))).collect();
            json!({ "type": "object", "properties": fields })
        }
        // What only another step can give.
        _ => {
            used.references = true;
            json!({ "$ref": "#/$defs/reference" })
        }
    }
}

/// A text with a form of its own. What a share is may also be a plain number.
fn form_schema(form: &str) -> Json {
    match form {
        "Share" => json!({ "type": ["integer", "string"] }),
        "Url" => json!({ "type": "string", "format": "uri" }),
        "Timeframe" => json!({ "type": "string", "pattern": r"^\d+(m|h|d)$" }),
        "Column" => json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]*$" }),
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}

#[cfg(test)]
mod tests;
