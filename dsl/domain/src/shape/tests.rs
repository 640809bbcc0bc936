use super::*;
use serde_json::json;

fn object(fields: &[(&str, Shape)]) -> Shape {
    Shape::Fields(fields.iter().map(|(name, shape)| ((*name).to_owned(), shape.clone())).collect())
}

fn said(shape: &Shape, json: &Json) -> String {
    shape.read(json).unwrap_err().to_string()
}

#[test]
fn what_a_value_is_written_as_reads_back() {
    let json = json!({
        "share": "10%", "wait": "48h", "rows": 3, "loss": 0.5, "side": "long",
        "days": ["2025-01-31"], "span": {"start": 1, "end": 2}, "note": null,
    });
    let shape = object(&[
        ("share", Shape::Ratio),
        ("wait", Shape::Duration),
        ("rows", Shape::Int),
        ("loss", Shape::Float),
        ("side", Shape::Word(vec!["long".to_owned(), "short".to_owned()])),
        ("days", Shape::List(Box::new(Shape::Date))),
        ("span", Shape::Range(Box::new(Shape::Int))),
        ("note", Shape::Optional(Box::new(Shape::Text))),
    ]);
    assert_eq!(shape.read(&json).unwrap().to_plain(), json);
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let rows = object(&[("rows", Shape::List(Box::new(Shape::Int)))]);
    assert_eq!(
        said(&rows, &json!({"rows": [1, "2"]})),
        "at `.rows[1]` should be a whole number, and is `\"2\"`"
    );
    assert_eq!(
        said(&rows, &json!({})),
        "should be an object with `rows`, and is one without `rows`"
    );
    assert_eq!(
        said(&rows, &json!({"rows": [], "more": 1})),
        "should be an object with `rows`, and is one with `more`"
    );
    assert_eq!(
        said(&Shape::Ratio, &json!(0.1)),
        "should be a ratio in quotes, as in `\"10%\"`, and is `0.1`"
    );
}

#[test]
fn a_long_value_is_cut_where_it_is_shown() {
    assert!(said(&Shape::Int, &json!("x".repeat(1_000))).len() < 150);
}
