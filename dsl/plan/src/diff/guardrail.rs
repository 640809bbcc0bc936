//! The limits that a rollout has without declaring any (domain §8.7): a declared rule on a metric
//! takes the place of the one on it, so removing a rule does not remove every limit.

use crate::plan::Node;
use crate::walk::all;
use std::collections::BTreeMap;
use suho_check::program::{BinaryOp, Expr, Place, Rule, Verb};
use suho_domain::units::Decimal;
use suho_domain::{Duration, Ratio, Value};

/// Bad minutes in a row after which a built-in limit takes a candidate back.
const LASTING: Duration = Duration::from_minutes(3);

/// The built-in limits in force for `node`, as rules; none for what is no rollout.
pub fn guardrails(node: &Node) -> Vec<Rule> {
    let ratio =
        |thousandths: i64| Value::Ratio(Ratio::new(Decimal::new(thousandths, 3).normalize()));
    let span = |millis: i64| Value::Duration(Duration::from_millis(millis));
    let rules = match node.kind.as_str() {
        "shadow" => vec![
            rule(Verb::Require, "error_rate", BinaryOp::LessOrEqual, ratio(10)),
            rule(Verb::Require, "latency.p95", BinaryOp::LessOrEqual, span(250)),
        ],
        "canary" | "ramp" => vec![
            rule(Verb::Rollback, "error_rate", BinaryOp::Greater, ratio(50)),
            rule(Verb::Rollback, "latency.p95", BinaryOp::Greater, span(250)),
            rule(Verb::Require, "uptime", BinaryOp::GreaterOrEqual, ratio(999)),
        ],
        _ => Vec::new(),
    };
    rules.into_iter().filter(|rule| !is_declared(node, rule)).collect()
}

/// Whether a rule of `node` speaks of the metric of `built_in`, in part or as a whole.
fn is_declared(node: &Node, built_in: &Rule) -> bool {
    let metrics = |rule: &Rule| -> Vec<String> {
        let live = all(&rule.condition).filter_map(|part| match part {
            Expr::Live(metric) => metric.split('.').next().map(str::to_owned),
            _ => None,
        });
        live.collect()
    };
    let own = metrics(built_in);
    let declared = node.rules.iter().filter(|rule| rule.verb != Verb::Compare);
    declared.flat_map(metrics).any(|metric| own.contains(&metric))
}

fn rule(verb: Verb, metric: &str, op: BinaryOp, limit: Value) -> Rule {
    let sides = (Expr::Live(metric.to_owned()), Expr::Value(limit));
    let condition = Expr::Binary(op, Box::new(sides));
    let lasting = (verb == Verb::Rollback).then_some(Expr::Value(Value::Duration(LASTING)));
    Rule {
        verb,
        text: crate::show(&condition),
        condition,
        lasting,
        otherwise: None,
        attributes: BTreeMap::new(),
        place: Place::default(),
    }
}
