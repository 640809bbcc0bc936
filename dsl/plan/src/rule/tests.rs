use super::*;
use crate::{Access, BinaryOp, Place, Verb};
use std::collections::BTreeMap;
use suho_domain::{Name, Value};

/// One step `quality`, and one live metric.
struct Seen(Value);

impl Facts for Seen {
    fn output(&self, name: &Name) -> Option<&Value> {
        (name.as_str() == "quality").then_some(&self.0)
    }
    fn live(&self, name: &str) -> Option<Value> {
        (name == "latency.p95").then(|| Value::Undefined("no inference yet".to_owned()))
    }
}

fn seen(baseline: Value) -> Seen {
    let accuracy = Value::measured_ratio(0.62);
    Seen(Value::record([("accuracy", accuracy), ("baseline", baseline)]))
}

fn output(fields: &[(&str, bool)]) -> Expr {
    let path = fields
        .iter()
        .map(|(field, optional)| Access { field: (*field).to_owned(), optional: *optional })
        .collect();
    Expr::Output { step: Name::new("quality").unwrap(), path }
}

fn require(left: Expr, op: BinaryOp, right: Expr) -> Rule {
    Rule {
        verb: Verb::Require,
        condition: Expr::Binary(op, Box::new((left, right))),
        lasting: None,
        otherwise: None,
        attributes: BTreeMap::new(),
        text: "require …".to_owned(),
        place: Place::default(),
    }
}

fn baseline_less_five_points() -> Expr {
    let five = Expr::Value(Value::Points("5pp".parse().unwrap()));
    let baseline = output(&[("baseline", false), ("accuracy", true)]);
    Expr::Binary(BinaryOp::Subtract, Box::new((baseline, five)))
}

#[test]
fn a_rule_against_no_baseline_is_not_applicable() {
    let rule = require(
        output(&[("accuracy", false)]),
        BinaryOp::GreaterOrEqual,
        baseline_less_five_points(),
    );
    assert!(matches!(answer(&rule, &seen(Value::None)), Answer::NotApplicable(_)));
    let scored =
        |accuracy: f64| seen(Value::record([("accuracy", Value::measured_ratio(accuracy))]));
    assert_eq!(answer(&rule, &scored(0.67)), Answer::True);
    assert_eq!(answer(&rule, &scored(0.670_001)), Answer::False);
}

#[test]
fn what_is_undefined_is_no_data_and_decides_nothing() {
    let limit = Expr::Value(Value::Duration("250ms".parse().unwrap()));
    let slow = require(Expr::Live("latency.p95".to_owned()), BinaryOp::Less, limit.clone());
    assert_eq!(answer(&slow, &seen(Value::None)), Answer::NoData("no inference yet".to_owned()));
    let unknown = require(Expr::Live("uptime".to_owned()), BinaryOp::Less, limit);
    assert!(matches!(answer(&unknown, &seen(Value::None)), Answer::NoData(_)));
}

#[test]
fn one_side_that_decides_alone_decides_whatever_else_is_missing() {
    let missing = Expr::Binary(
        BinaryOp::Less,
        Box::new((Expr::Live("uptime".to_owned()), Expr::Value(Value::measured_ratio(0.5)))),
    );
    let holds = Expr::Value(Value::Bool(true));
    let either = require(missing.clone(), BinaryOp::Or, holds.clone());
    assert_eq!(answer(&either, &seen(Value::None)), Answer::True);
    let both = require(missing, BinaryOp::And, holds);
    assert!(matches!(answer(&both, &seen(Value::None)), Answer::NoData(_)));
}

#[test]
fn figures_are_short_unless_that_hides_what_decides() {
    let ratio = |number: f64| Value::measured_ratio(number);
    assert_eq!(apart(&ratio(0.400_662_251), &ratio(0.62)), ("40.07%".into(), "62%".into()));
    assert_eq!(
        apart(&ratio(0.619_999_9), &ratio(0.62)),
        ("61.99999%".to_owned(), "62%".to_owned())
    );
}
