//! What a run's start decides: `last(2y)` as the days before it.
//!
//! A schedule's plan is made once and its runs start later, so the plan keeps `last(2y)` as it is, and
//! each run closes it with its own start. A plan made for a known start is the same plan, closed.

use crate::build::PlanError;
use crate::content;
use crate::fold::{Params, fold};
use crate::plan::{Handler, Node, Plan};
use crate::show::show;
use crate::walk::{all, rebuilt};
use std::collections::BTreeMap;
use suho_check::days_before;
use suho_check::program::{Expr, Rule};
use suho_domain::{Digest, Instant, Name, Value};

/// The function that looks back from a run's start.
const LAST: &str = "last";

impl Plan {
    /// The plan of a run that starts at `at`: nothing in it speaks of the start any more. The days are
    /// those of the pipeline's zone.
    ///
    /// # Errors
    /// When days are asked for that no calendar has.
    pub fn started(&self, at: Instant) -> Result<Self, PlanError> {
        let zone = self.settings.timezone.as_str();
        let close = |expr: &Expr| closed(expr, at, zone);
        let mut params = self.params.clone();
        for (name, expr) in &self.starting {
            match close(expr) {
                Expr::Value(value) => drop(params.insert(name.clone(), value)),
                open => return Err(PlanError::TooFar { name: name.clone(), text: show(&open) }),
            }
        }
        let mut above: BTreeMap<Name, Digest> = BTreeMap::new();
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let node = closed_node(node, &close, &above);
            above.insert(node.name.clone(), node.content.clone());
            nodes.push(node);
        }
        let mut settings = self.settings.clone();
        settings.concurrency = settings.concurrency.as_ref().map(close);
        let handler = |handler: &Handler| Handler {
            event: handler.event.clone(),
            attributes: each(&handler.attributes, &close),
        };
        let handlers: Vec<Handler> = self.handlers.iter().map(handler).collect();
        let digest = content::of_plan(&self.pipeline, &settings, &nodes, &handlers);
        let starting = BTreeMap::new();
        Ok(Self { digest, params, starting, settings, nodes, handlers, ..self.clone() })
    }
}

/// The days of `span` before the run's start.
pub(crate) fn last(span: Value) -> Expr {
    Expr::Call(LAST.to_owned(), vec![(None, Expr::Value(span))])
}

/// Whether `expr` is known as soon as a run's start is.
pub(crate) fn is_known_then(expr: &Expr) -> bool {
    let is_known = |part: &Expr| {
        !matches!(part, Expr::Param(_) | Expr::Output { .. } | Expr::Live(_) | Expr::Bound(_))
    };
    all(expr).all(is_known) && all(expr).any(|part| span(part).is_some())
}

/// The values of parameters, and those that the start decides.
pub(crate) fn parted(params: Params) -> (BTreeMap<Name, Value>, BTreeMap<Name, Expr>) {
    let (mut known, mut starting) = (BTreeMap::new(), BTreeMap::new());
    for (name, expr) in params {
        match expr {
            Expr::Value(value) => drop(known.insert(name, value)),
            open => drop(starting.insert(name, open)),
        }
    }
    (known, starting)
}

/// The span that `expr` looks back from the start, if it does.
fn span(expr: &Expr) -> Option<&Value> {
    match expr {
        Expr::Call(function, args) if function == LAST => match args.as_slice() {
            [(_, Expr::Value(span @ (Value::Period(_) | Value::Duration(_))))] => Some(span),
            _ => None,
        },
        _ => None,
    }
}

/// `expr` with the days before `at`.
fn days(expr: &Expr, at: Instant, zone: &str) -> Expr {
    match span(expr).and_then(|span| days_before(span, at, zone)) {
        Some(days) => Expr::Value(days),
        None => rebuilt(expr, &|part| days(part, at, zone)),
    }
}

/// `expr` with the days before `at`, and all that follows from them.
fn closed(expr: &Expr, at: Instant, zone: &str) -> Expr {
    if !all(expr).any(|part| span(part).is_some()) {
        return expr.clone();
    }
    fold(&days(expr, at, zone), &Params::new())
}

fn each(
    attributes: &BTreeMap<String, Expr>,
    close: &dyn Fn(&Expr) -> Expr,
) -> BTreeMap<String, Expr> {
    attributes.iter().map(|(name, expr)| (name.clone(), close(expr))).collect()
}

fn closed_node(node: &Node, close: &dyn Fn(&Expr) -> Expr, above: &BTreeMap<Name, Digest>) -> Node {
    let rule = |rule: &Rule| Rule {
        condition: close(&rule.condition),
        lasting: rule.lasting.as_ref().map(close),
        otherwise: rule.otherwise.as_ref().map(close),
        attributes: each(&rule.attributes, close),
        ..rule.clone()
    };
    let mut closed = Node {
        inputs: each(&node.inputs, close),
        rules: node.rules.iter().map(rule).collect(),
        when: node.when.as_ref().map(close),
        exec: node.exec.as_ref().map(close),
        ..node.clone()
    };
    closed.content = content::of_node(&closed, above);
    closed
}

#[cfg(test)]
mod tests;
