//! The schema page against the plans there are, and against every shape an expression can have.

use super::*;
use crate::tests::{TINY, planned, projects};
use crate::{Binding, Unbound, build_in};
use serde_json::{Value as Json, json};
use suho_check::program::{Access, BinaryOp, UnaryOp};
use suho_domain::{Record, Variant};

/// Words of JSON Schema that [`Schema::fits`] understands; the page may use no others.
const WORDS: [&str; 17] = [
    "$defs",
    "$ref",
    "$schema",
    "additionalProperties",
    "const",
    "description",
    "enum",
    "items",
    "maxItems",
    "minItems",
    "minimum",
    "oneOf",
    "prefixItems",
    "properties",
    "required",
    "title",
    "type",
];

/// As much of JSON Schema as the page uses.
struct Schema(Json);

impl Schema {
    fn page() -> Self {
        Self(serde_json::from_str(include_str!("../../plan.schema.json")).unwrap())
    }

    fn plan(&self, json: &Json) -> Result<(), String> {
        self.fits(&self.0, json, "plan")
    }

    fn definition(&self, name: &str, json: &Json) -> Result<(), String> {
        self.fits(&self.0["$defs"][name], json, name)
    }

    fn fits(&self, schema: &Json, json: &Json, at: &str) -> Result<(), String> {
        let words = schema.as_object().ok_or_else(|| format!("{at}: no schema"))?;
        let no = |why: String| Err(format!("{at}: {why}: {json}"));
        for (word, rule) in words {
            match word.as_str() {
                "$ref" => {
                    let name = rule.as_str().unwrap().trim_start_matches("#/$defs/");
                    self.definition(name, json).map_err(|why| format!("{at}.{why}"))?;
                }
                "const" if rule != json => return no(format!("is not {rule}")),
                "enum" if !rule.as_array().unwrap().contains(json) => {
                    return no(format!("none of {rule}"));
                }
                "type" if !is_of(rule, json) => return no(format!("is no {rule}")),
                "minimum" if json.as_i64() < rule.as_i64() => return no("too small".to_owned()),
                "minItems" | "maxItems" if json.as_array().map(Vec::len) != len(rule) => {
                    return no(format!("has not {rule} items"));
                }
                "oneOf" => {
                    let each = rule.as_array().unwrap().iter();
                    let fitting = each.filter(|one| self.fits(one, json, at).is_ok()).count();
                    if fitting != 1 {
                        return no(format!("fits {fitting} of the choices"));
                    }
                }
                "required" => {
                    for name in rule.as_array().unwrap() {
                        if json.get(name.as_str().unwrap()).is_none() {
                            return no(format!("lacks {name}"));
                        }
                    }
                }
                "items" => {
                    for item in json.as_array().unwrap() {
                        self.fits(rule, item, &format!("{at}[]"))?;
                    }
                }
                "prefixItems" => {
                    for (rule, item) in
                        rule.as_array().unwrap().iter().zip(json.as_array().unwrap())
                    {
                        self.fits(rule, item, &format!("{at}[]"))?;
                    }
                }
                "properties"
                | "additionalProperties"
                | "const"
                | "enum"
                | "type"
                | "minimum"
                | "minItems"
                | "maxItems"
                | "$schema"
                | "$defs"
                | "title"
                | "description" => {}
                other => return Err(format!("{at}: the test does not know `{other}`")),
            }
        }
        self.fields(schema, json, at)
    }

    fn fields(&self, schema: &Json, json: &Json, at: &str) -> Result<(), String> {
        let Some(fields) = json.as_object() else { return Ok(()) };
        for (name, field) in fields {
            let at = format!("{at}.{name}");
            let own = schema.get("properties").and_then(|properties| properties.get(name));
            match own.or_else(|| schema.get("additionalProperties")) {
                Some(Json::Bool(false)) => return Err(format!("{at}: not in the schema")),
                Some(rule) => self.fits(rule, field, &at)?,
                None => {}
            }
        }
        Ok(())
    }
}

fn len(rule: &Json) -> Option<usize> {
    usize::try_from(rule.as_u64()?).ok()
}

fn is_of(rule: &Json, json: &Json) -> bool {
    let is = |word: &str| match word {
        "null" => json.is_null(),
        "boolean" => json.is_boolean(),
        "integer" => json.is_i64() || json.is_u64(),
        "number" => json.is_number(),
        "string" => json.is_string(),
        "array" => json.is_array(),
        "object" => json.is_object(),
        other => panic!("no type `{other}`"),
    };
    match rule {
        Json::Array(words) => words.iter().any(|word| is(word.as_str().unwrap())),
        word => is(word.as_str().unwrap()),
    }
}

fn to_json(expr: &Expr) -> Json {
    serde_json::to_value(expr).unwrap()
}

#[test]
fn every_plan_of_the_repository_is_as_the_schema_says() {
    let schema = Schema::page();
    for (project, files) in projects() {
        let files: Vec<_> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let checked = crate::tests::checked(&files);
        assert!(!checked.program.pipelines.is_empty(), "{project} has pipelines");
        for name in checked.program.pipelines.keys() {
            let open = Binding { unbound: Unbound::Open, ..Binding::of(&[]) };
            let plan = build_in(&checked.program, name.as_str(), &open).unwrap();
            let json: Json = serde_json::from_str(&plan.to_json()).unwrap();
            schema.plan(&json).unwrap_or_else(|why| panic!("{project}/{name}: {why}"));
            let again: Plan = serde_json::from_value(json).unwrap();
            assert_eq!(again, plan, "{project}/{name} reads back as it was");
        }
    }
}

#[test]
fn every_shape_of_an_expression_is_in_the_schema() {
    let schema = Schema::page();
    for expr in every_expression() {
        schema.definition("expr", &to_json(&expr)).unwrap();
    }
    for value in every_value() {
        schema.definition("value", &serde_json::to_value(&value).unwrap()).unwrap();
    }
}

#[test]
fn the_schema_has_nothing_that_a_plan_has_not() {
    let schema = Schema::page();
    let shown = |choices: &Json| choices["oneOf"].as_array().unwrap().len();
    assert_eq!(shown(&schema.0["$defs"]["expr"]), every_expression().len());
    assert_eq!(shown(&schema.0["$defs"]["value"]), every_value().len());
    let plan = serde_json::to_value(planned(TINY)).unwrap();
    let named = |json: &Json| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let of = |name: &str| named(&schema.0["$defs"][name]["properties"]);
    // A schedule's plan alone has `starting`.
    let scheduled =
        TINY.replace("pipeline tiny(", "pipeline tiny(\n  window: Range<Date> = last(2y),\n");
    let scheduled = serde_json::to_value(planned(&scheduled)).unwrap();
    schema.plan(&scheduled).unwrap();
    assert_eq!(named(&schema.0["properties"]), named(&scheduled));
    let fields = named(&scheduled).into_iter().filter(|field| field != "starting");
    assert_eq!(fields.collect::<Vec<_>>(), named(&plan));
    // What stands in the JSON only where it is said, or of the steps of one's own.
    let open = [
        "budget",
        "cache",
        "compute",
        "concurrency",
        "effects",
        "exec",
        "executor",
        "outputs",
        "prices",
    ];
    let always = |name: &str| -> Vec<String> {
        of(name).into_iter().filter(|field| !open.contains(&&**field)).collect()
    };
    assert_eq!(always("node"), named(&plan["nodes"][0]));
    assert_eq!(always("settings"), named(&plan["settings"]));
    assert_eq!(of("place"), named(&plan["place"]));
}

#[test]
fn what_a_run_may_cost_and_where_it_runs_is_in_the_plan() {
    let text = TINY.replacen(
        "\n  production ",
        "\n  budget = 40 USD\n  concurrency = { key = \"one\" }\n\n  production ",
        1,
    );
    let text = text.replacen(
        "\n  train candidate {\n",
        "\n  train candidate {\n    cache = false\n    compute = gpu(\"a\")\n",
        1,
    );
    let (plain, plan) = (planned(TINY), planned(&text));
    Schema::page().plan(&serde_json::to_value(&plan).unwrap()).unwrap();
    assert_eq!(plan.settings.budget.as_ref().unwrap().to_string(), "40 USD");
    assert!(plan.settings.concurrency.is_some());
    let node = plan.of_kind("train").next().unwrap();
    assert_eq!(node.cache, Caching::Never);
    assert_eq!(node.compute.as_ref().unwrap().to_string(), "gpu(machine: a)");
    // None of it decides what the run does.
    assert_eq!(plan.digest, plain.digest);
    let again: Plan = serde_json::from_value(serde_json::to_value(&plan).unwrap()).unwrap();
    assert_eq!(again, plan);
}

#[test]
fn the_schema_refuses_what_is_no_plan() {
    let schema = Schema::page();
    let plan = serde_json::to_value(planned(TINY)).unwrap();
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut plan = plan.clone();
        change(&mut plan);
        schema.plan(&plan)
    };
    assert_eq!(changed(&|_| {}), Ok(()));
    assert!(changed(&|plan| plan["schema"] = json!(2)).is_err());
    assert!(changed(&|plan| plan["nodes"][0]["role"] = json!("boss")).is_err());
    assert!(changed(&|plan| plan["nodes"][0]["secret"] = json!(1)).is_err());
    assert!(changed(&|plan| plan["nodes"][1]["inputs"]["source"] = json!({ "live": 1 })).is_err());
    assert!(changed(&|plan| drop(plan.as_object_mut().unwrap().remove("digest"))).is_err());
}

#[test]
fn the_page_uses_no_word_that_is_not_tested() {
    fn words(schema: &Json, is_names: bool, found: &mut Vec<String>) {
        match schema {
            Json::Object(fields) => {
                for (word, inner) in fields {
                    if !is_names {
                        found.push(word.clone());
                    }
                    words(inner, !is_names && (word == "properties" || word == "$defs"), found);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| words(item, false, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    words(&Schema::page().0, false, &mut found);
    found.retain(|word| !WORDS.contains(&&**word));
    assert_eq!(found, Vec::<String>::new());
}

/// One expression of each shape. The `match` is here so that a new shape does not compile unseen.
fn every_expression() -> Vec<Expr> {
    let name = || Name::new("it").unwrap();
    let one = || Expr::Value(Value::Int(1));
    let access = || Access { field: "x".to_owned(), optional: true };
    let fields = || BTreeMap::from([("a".to_owned(), one())]);
    let all = vec![
        one(),
        Expr::Param(name()),
        Expr::Output { step: name(), path: vec![access()] },
        Expr::Field(Box::new(one()), access()),
        Expr::Live("latency.p95".to_owned()),
        Expr::List(vec![one()]),
        Expr::Record(fields()),
        Expr::Variant("adam".to_owned(), fields()),
        Expr::Call("next".to_owned(), vec![(None, one()), (Some("bump".to_owned()), one())]),
        Expr::With(Box::new(one()), fields()),
        Expr::Text(vec![one()]),
        Expr::If(Box::new((one(), one(), one()))),
        Expr::Unary(UnaryOp::Not, Box::new(one())),
        Expr::Binary(BinaryOp::Coalesce, Box::new((one(), one()))),
        Expr::Comprehension(name(), Box::new((one(), None, one()))),
        Expr::Bound(name()),
    ];
    let is_known = |expr: &Expr| match expr {
        Expr::Value(_)
        | Expr::Param(_)
        | Expr::Output { .. }
        | Expr::Field(..)
        | Expr::Live(_)
        | Expr::List(_)
        | Expr::Record(_)
        | Expr::Variant(..)
        | Expr::Call(..)
        | Expr::With(..)
        | Expr::Text(_)
        | Expr::If(_)
        | Expr::Unary(..)
        | Expr::Binary(..)
        | Expr::Comprehension(..)
        | Expr::Bound(_) => true,
    };
    assert!(all.iter().all(is_known));
    all
}

fn every_value() -> Vec<Value> {
    let fields = || Record::from([("a".to_owned(), Value::None)]);
    let all = vec![
        Value::None,
        Value::Undefined("why".to_owned()),
        Value::Bool(true),
        Value::Int(1),
        Value::Float(0.5),
        Value::text("a"),
        Value::Ratio("10%".parse().unwrap()),
        Value::Points("5pp".parse().unwrap()),
        Value::Duration("5m".parse().unwrap()),
        Value::Period("2y".parse().unwrap()),
        Value::Date("2025-01-01".parse().unwrap()),
        Value::Instant("2025-01-01T10:00:00Z".parse().unwrap()),
        Value::Range(Box::new((Value::Int(1), Value::Int(2)))),
        Value::Money("40 USD".parse().unwrap()),
        Value::Pips("0.8pip".parse().unwrap()),
        Value::Version("v1.0.0".parse().unwrap()),
        Value::Bytes("16GiB".parse().unwrap()),
        Value::List(vec![Value::None]),
        Value::Record(fields()),
        Value::Variant(Variant { name: "relu".to_owned(), fields: fields() }),
    ];
    let is_known = |value: &Value| match value {
        Value::None
        | Value::Undefined(_)
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Ratio(_)
        | Value::Points(_)
        | Value::Duration(_)
        | Value::Period(_)
        | Value::Date(_)
        | Value::Instant(_)
        | Value::Range(_)
        | Value::Money(_)
        | Value::Pips(_)
        | Value::Version(_)
        | Value::Bytes(_)
        | Value::List(_)
        | Value::Record(_)
        | Value::Variant(_) => true,
    };
    assert!(all.iter().all(is_known));
    all
}
