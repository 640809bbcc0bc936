use super::{UnknownKind, kinds, schema};
use crate::tests::quickstart;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

#[test]
fn the_schema_of_a_kind() {
    let library = quickstart().library;
    let costs = schema(&library, Some("costs")).unwrap();
    expect_test::expect![[r##"
        {
          "$defs": {
            "Swap": {
              "oneOf": [
                {
                  "additionalProperties": false,
                  "description": "Each night, three times on Wednesdays.",
                  "properties": {
                    "daily": {
                      "additionalProperties": false,
                      "properties": {
                        "long": {
                          "pattern": "^-?\\d+(\\.\\d+)?pip$",
                          "type": "string"
                        },
                        "short": {
                          "pattern": "^-?\\d+(\\.\\d+)?pip$",
                          "type": "string"
                        }
                      },
                      "required": [
                        "long",
                        "short"
                      ],
                      "type": "object"
                    }
                  },
                  "required": [
                    "daily"
                  ],
                  "type": "object"
                }
              ]
            }
          },
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "additionalProperties": false,
          "description": "What trading costs: an assumption, stated.",
          "properties": {
            "commission": {
              "default": "0%",
              "description": "Of the notional, each side of a trade.",
              "pattern": "^-?\\d+(\\.\\d+)?(%|bps)$",
              "type": "string"
            },
            "slippage": {
              "default": "0pip",
              "description": "How much worse than the price seen the price paid is.",
              "pattern": "^-?\\d+(\\.\\d+)?pip$",
              "type": "string"
            },
            "spread": {
              "additionalProperties": {
                "pattern": "^-?\\d+(\\.\\d+)?pip$",
                "type": "string"
              },
              "description": "Between bid and ask, by symbol.",
              "type": "object"
            },
            "swap": {
              "$ref": "#/$defs/Swap",
              "default": {
                "daily": {
                  "long": "0pip",
                  "short": "0pip"
                }
              },
              "description": "What holding a position overnight costs or earns."
            }
          },
          "required": [
            "spread"
          ],
          "title": "costs",
          "type": "object"
        }"##]]
    .assert_eq(&format!("{costs:#}"));
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
