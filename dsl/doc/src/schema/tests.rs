use super::{UnknownKind, kinds, schema};
use crate::tests::quickstart;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

#[test]
fn the_schema_of_a_kind() {
    let library = quickstart().library;
    let costs = schema(&library, Some("costs")).unwrap();
    expect_test::expect_file!["tests/costs.json"].assert_eq(&format!("{costs:#}"));
}

/// Every `$ref` in `json`.
fn references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("$ref", Json::String(to)) => drop(found.insert(to.clone())),
                    _ => references(value, found),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_kind_has_one_and_speaks_of_nothing_undefined() {
    let library = quickstart().library;
    let all = schema(&library, None).unwrap();
    assert_eq!(all["properties"].as_object().unwrap().len(), kinds(&library).len());
    for schema in kinds(&library).into_iter().map(|kind| schema(&library, Some(kind)).unwrap()) {
        let mut found = BTreeSet::new();
        references(&schema, &mut found);
        for reference in found {
            let place = reference.strip_prefix('#').unwrap();
            assert!(schema.pointer(place).is_some(), "{reference}");
        }
    }
}

#[test]
fn what_must_be_set_is_required_and_what_need_not_has_its_default() {
    let library = quickstart().library;
    let train = schema(&library, Some("train")).unwrap();
    assert_eq!(train["required"], json!(["model", "train", "validation", "version"]));
    assert_eq!(train["properties"]["batch_size"]["default"], 32);
    assert_eq!(train["additionalProperties"], false);
    let model = schema(&library, Some("model")).unwrap();
    let adam = &model["$defs"]["Optimizer"]["oneOf"][0]["anyOf"];
    assert_eq!(adam[0]["const"], "adam", "all of its fields have defaults");
}

#[test]
fn a_kind_that_is_none() {
    let library = quickstart().library;
    assert_eq!(schema(&library, Some("trian")), Err(UnknownKind("trian".to_owned())));
}
