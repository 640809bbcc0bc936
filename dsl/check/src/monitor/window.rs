//! What an alert leaves open and its metric answers: the window, how long, how much data.

use crate::elaborate::operator::OVER;
use crate::program::{BinaryOp, Expr, Rule};
use crate::rewrite::rewritten;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use suho_domain::{Duration, Value};

/// What an alert on a metric takes when it says nothing itself.
struct Usual {
    metric: &'static str,
    /// How far back the metric looks.
    over: Duration,
    /// How long it must have held.
    lasting: Duration,
    /// What there must be enough of: the attribute, and how many.
    least: (&'static str, i64),
    /// It stops below this share of the limit; none for at the limit itself.
    resolve_percent: Option<i64>,
}

/// The defaults, one table.
const USUAL: [Usual; 4] = [
    Usual {
        metric: "accuracy",
        over: Duration::from_hours(7 * 24),
        lasting: Duration::from_hours(6),
        least: ("min_events", 100),
        resolve_percent: None,
    },
    Usual {
        metric: "latency",
        over: Duration::from_minutes(5),
        lasting: Duration::from_minutes(10),
        least: ("min_requests", 50),
        resolve_percent: Some(80),
    },
    Usual {
        metric: "error_rate",
        over: Duration::from_minutes(5),
        lasting: Duration::from_minutes(3),
        least: ("min_requests", 50),
        resolve_percent: None,
    },
    // Every other metric is a count, or a share of probes: it says itself how much there was.
    Usual {
        metric: "",
        over: Duration::from_minutes(5),
        lasting: Duration::from_minutes(5),
        least: ("min_requests", 0),
        resolve_percent: None,
    },
];

fn usual(metric: &str) -> &'static Usual {
    let name = metric.split('.').next().unwrap_or(metric);
    let [accuracy, latency, error_rate, other] = &USUAL;
    [accuracy, latency, error_rate].into_iter().find(|it| it.metric == name).unwrap_or(other)
}

/// The metric that `expr` measures now: what is held against a reference does not move.
fn measured(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Live(metric) if !metric.starts_with("reference.") => Some(metric),
        Expr::Call(name, args) if name == OVER => args.first().and_then(|(_, it)| measured(it)),
        Expr::Binary(_, sides) => measured(&sides.0).or_else(|| measured(&sides.1)),
        Expr::Unary(_, operand) => measured(operand),
        _ => None,
    }
}

/// Puts every metric into a window, and fills in what follows from the one that `fire` is about.
pub(super) fn fill(
    fire: &mut Rule,
    resolve: Option<&mut Rule>,
    attributes: &mut BTreeMap<String, Expr>,
) {
    for rule in [Some(&mut *fire), resolve].into_iter().flatten() {
        rule.condition = windowed(rule.condition.clone());
    }
    let Some(metric) = measured(&fire.condition) else { return };
    let Usual { lasting, least: (enough, count), .. } = usual(metric);
    let lasting = || Expr::Value(Value::Duration(*lasting));
    fire.lasting.get_or_insert_with(lasting);
    let is_said = ["min_events", "min_requests"].iter().any(|it| attributes.contains_key(*it));
    if !is_said && *count > 0 {
        attributes.insert((*enough).to_owned(), Expr::Value(Value::Int(*count)));
    }
}

/// `expr` with every metric in a window: its own where it has one.
fn windowed(expr: Expr) -> Expr {
    rewritten(expr, &mut |expr| match expr {
        Expr::Live(metric) if !metric.starts_with("reference.") => {
            let over = Expr::Value(Value::Duration(usual(&metric).over));
            Expr::Call(OVER.to_owned(), vec![(None, Expr::Live(metric)), (None, over)])
        }
        // The window that was written holds the one that was put in just now.
        Expr::Call(name, mut args) if name == OVER => {
            if let Some((_, inner)) = args.first_mut()
                && let Expr::Call(_, within) = inner
                && let Some((_, metric)) = within.first()
            {
                *inner = metric.clone();
            }
            Expr::Call(name, args)
        }
        expr => expr,
    })
}

/// When an alert stops that says nothing itself: some way below its limit, so that it does not
/// flutter. None where it stops as soon as it no longer holds.
pub(super) fn resolve(fire: &Rule) -> Option<Rule> {
    let Expr::Binary(BinaryOp::Greater | BinaryOp::GreaterOrEqual, sides) = &fire.condition else {
        return None;
    };
    let (metric, Expr::Value(Value::Duration(limit))) = (measured(&sides.0)?, &sides.1) else {
        return None;
    };
    let percent = usual(metric).resolve_percent?;
    let limit = limit.times(Decimal::new(percent, 2))?;
    let sides = Box::new((sides.0.clone(), Expr::Value(Value::Duration(limit))));
    let condition = Expr::Binary(BinaryOp::Less, sides);
    let text = format!("resolve when {metric} < {limit}");
    Some(Rule { condition, lasting: None, text, ..fire.clone() })
}
