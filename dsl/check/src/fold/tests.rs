use super::{binary, folded, known};
use crate::program::{Access, BinaryOp, Expr, UnaryOp};
use std::collections::BTreeMap;
use suho_domain::{Name, Value};

fn ratio(text: &str) -> Value {
    Value::Ratio(text.parse().unwrap())
}

fn points(text: &str) -> Value {
    Value::Points(text.parse().unwrap())
}

fn duration(text: &str) -> Value {
    Value::Duration(text.parse().unwrap())
}

fn money(text: &str) -> Value {
    Value::Money(text.parse().unwrap())
}

#[test]
fn sums_and_products_keep_their_units() {
    let cases = [
        (ratio("65%"), BinaryOp::Subtract, points("5pp"), Some(ratio("60%"))),
        (ratio("65%"), BinaryOp::Multiply, ratio("95%"), Some(ratio("61.75%"))),
        (ratio("65%"), BinaryOp::Subtract, ratio("5%"), None),
        (duration("6h"), BinaryOp::Multiply, Value::Int(4), Some(duration("24h"))),
        (Value::Int(4), BinaryOp::Multiply, duration("6h"), Some(duration("24h"))),
        (duration("24h"), BinaryOp::Divide, duration("6h"), Some(Value::Float(4.0))),
        (Value::Int(2), BinaryOp::Multiply, ratio("50%"), Some(Value::Float(1.0))),
        (money("40 USD"), BinaryOp::Add, money("2 USD"), Some(money("42 USD"))),
        (money("40 USD"), BinaryOp::Add, money("2 EUR"), None),
        (Value::Int(i64::MAX), BinaryOp::Add, Value::Int(1), None),
        (Value::Int(1), BinaryOp::Divide, Value::Int(0), None),
        (Value::None, BinaryOp::Coalesce, Value::Int(1), Some(Value::Int(1))),
    ];
    for (left, op, right, expected) in cases {
        assert_eq!(binary(op, &left, &right), expected, "{left} {op:?} {right}");
    }
}

#[test]
fn lists_are_added_as_sets() {
    let texts = |names: &[&str]| Value::List(names.iter().map(|name| Value::text(*name)).collect());
    let sum = binary(BinaryOp::Add, &texts(&["a", "b"]), &texts(&["b", "c"]));
    assert_eq!(sum, Some(texts(&["a", "b", "c"])));
}

#[test]
fn a_comprehension_over_a_known_list_is_written_out() {
    let n = Name::new("n").unwrap();
    let list = Expr::Value(Value::List(vec![Value::Int(7), Value::Int(14)]));
    let item = Expr::Text(vec![Expr::Value(Value::text("rsi_")), Expr::Bound(n.clone())]);
    let longer = Expr::Binary(
        BinaryOp::Greater,
        Box::new((Expr::Bound(n.clone()), Expr::Value(Value::Int(7)))),
    );
    let all = Expr::Comprehension(n.clone(), Box::new((list.clone(), None, item.clone())));
    let some = Expr::Comprehension(n, Box::new((list, Some(longer), item)));
    let texts = |names: &[&str]| Value::List(names.iter().map(|name| Value::text(*name)).collect());
    assert_eq!(folded(all), Expr::Value(texts(&["rsi_7", "rsi_14"])));
    assert_eq!(folded(some), Expr::Value(texts(&["rsi_14"])));
}

#[test]
fn what_is_not_known_stays_as_it_is() {
    let share = Expr::Param(Name::new("share").unwrap());
    let negated = Expr::Unary(UnaryOp::Negate, Box::new(share));
    assert_eq!(folded(negated.clone()), negated);
    let five = |_: &Expr| Some(Value::Int(5));
    assert_eq!(known(&negated, &five), Some(Value::Int(-5)));
}

#[test]
fn nothing_has_no_fields_and_that_is_no_error() {
    let access = Access { field: "version".to_owned(), optional: true };
    let field = Expr::Field(Box::new(Expr::Value(Value::None)), access);
    assert_eq!(folded(field), Expr::Value(Value::None));
}

#[test]
fn a_changed_record_keeps_its_other_fields() {
    let base = Value::record([("a", Value::Int(1)), ("b", Value::Int(2))]);
    let fields = BTreeMap::from([("b".to_owned(), Expr::Value(Value::Int(3)))]);
    let changed = folded(Expr::With(Box::new(Expr::Value(base)), fields));
    assert_eq!(changed, Expr::Value(Value::record([("a", Value::Int(1)), ("b", Value::Int(3))])));
}
