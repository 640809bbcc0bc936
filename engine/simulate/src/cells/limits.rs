//! The limits that something given is held against: by rules, by built-in guardrails, by the test.

use crate::given::{Givens, LIVE};
use crate::scene::Scene;
use std::collections::BTreeMap;
use suho_check::program::{Course, Given};
use suho_domain::units::Decimal;
use suho_domain::{Duration, Name, Ratio, Value};
use suho_driver::controller::{self, Baseline};
use suho_plan::{BinaryOp, Expr, Facts, Node, Role, Verb, evaluate, walk};
use suho_rollout::Stage;

/// The limits of `given`, and whether they are all there is: what is judged by statistics, or held
/// against something that varies as well, has no cells.
pub(super) fn of(scene: &Scene<'_>, given: &Given) -> (Vec<Value>, bool) {
    // How good the model is that serves shows in what is measured of both.
    let serves = scene.plan.node(given.step.as_str()).is_some_and(|node| node.role == Role::Lookup);
    let mut found = Found { limits: Vec::new(), is_exact: !serves };
    let fixed = fixed(scene);
    for node in &scene.plan.nodes {
        let own = node.name == given.step;
        let conditions = node.rules.iter().map(|rule| &rule.condition).chain(&node.when);
        for condition in conditions {
            found.compare(condition, &|part| is_it(part, given, own), &fixed);
        }
        if own {
            found.built_in(scene, node, &given.path);
        }
        if node.kind.as_str() == "gate" {
            found.floor(scene, node, given, &fixed);
        }
    }
    for expected in &scene.scenario.expectations {
        found.compare(&expected.condition, &|part| is_it(part, given, false), &fixed);
    }
    (found.limits, found.is_exact)
}

/// Whether `part` stands for what is given: a step's output, or inside its own rules a metric.
fn is_it(part: &Expr, given: &Given, own: bool) -> bool {
    match part {
        Expr::Output { step, path } => {
            *step == given.step && path.iter().map(|access| &access.field).eq(&given.path)
        }
        Expr::Live(metric) => {
            let live = given.path.split_first().filter(|(first, _)| *first == LIVE);
            own && live.is_some_and(|(_, rest)| rest.join(".") == *metric)
        }
        _ => false,
    }
}

/// What does not vary: what steps come to, but for what is any of something.
fn fixed(scene: &Scene<'_>) -> Fixed {
    let givens = Givens::new(scene.scenario, &[]).unwrap_or_default();
    let mut outputs = scene.outputs(&givens).all();
    for given in &scene.scenario.givens {
        if let (Course::Any(_), Some(Value::Record(fields))) =
            (&given.course, outputs.get_mut(&given.step))
            && let Some(first) = given.path.first()
        {
            fields.insert(first.clone(), Value::Undefined("it varies".to_owned()));
        }
    }
    Fixed(outputs)
}

struct Fixed(BTreeMap<Name, Value>);

impl Facts for Fixed {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.0.get(name)
    }

    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}

struct Found {
    limits: Vec<Value>,
    is_exact: bool,
}

impl Found {
    /// The limits in `condition`.
    fn compare(&mut self, condition: &Expr, is_it: &dyn Fn(&Expr) -> bool, fixed: &Fixed) {
        for part in walk::all(condition) {
            let Expr::Binary(op, sides) = part else { continue };
            let (left, right) = (is_it(&sides.0), is_it(&sides.1));
            let speaks = |side: &Expr| walk::all(side).any(is_it);
            let other = match (left, right) {
                (true, false) if !speaks(&sides.1) => &sides.1,
                (false, true) if !speaks(&sides.0) => &sides.0,
                (false, false) if is_comparison(*op) => {
                    self.is_exact &= !speaks(&sides.0) && !speaks(&sides.1);
                    continue;
                }
                (false, false) => continue,
                _ => {
                    self.is_exact = false;
                    continue;
                }
            };
            match evaluate(other, fixed) {
                Ok(limit) if is_comparison(*op) => self.limits.push(limit),
                // Part of a sum: the comparison around it has said that.
                Ok(_) => {}
                Err(_) => self.is_exact = false,
            }
        }
    }

    /// What the controller of `node` holds its metrics against beside its rules.
    fn built_in(&mut self, scene: &Scene<'_>, node: &Node, path: &[String]) {
        let metric = match path.split_first() {
            Some((first, rest)) if first == LIVE => rest.join("."),
            _ => return,
        };
        let spec = scene.candidate().and_then(|candidate| {
            let baseline = Baseline::Some(Vec::new());
            controller::spec(&scene.plan, node, candidate, &baseline).ok()
        });
        let (Role::Rollout, Some((spec, _))) = (node.role, spec) else { return };
        let int = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let ratio = |ratio: Option<Ratio>| ratio.map(Value::Ratio);
        let span = |span: Option<Duration>| span.map(Value::Duration);
        let rails = spec.guardrails;
        match (metric.as_str(), &spec.stage) {
            ("accuracy", Stage::Canary(_) | Stage::Ramp(_)) => self.is_exact = false,
            ("error_rate", Stage::Shadow(shadow)) => {
                self.limits.extend(ratio(shadow.error_rate_max));
            }
            ("error_rate", _) => self.limits.extend(ratio(rails.error_rate_max)),
            ("latency.p95", Stage::Shadow(shadow)) => {
                self.limits.extend(span(shadow.latency_p95_max));
            }
            ("latency.p95", _) => self.limits.extend(span(rails.latency_p95_max)),
            ("uptime", _) => {
                self.limits.extend(ratio(rails.uptime_min));
                self.limits.push(Value::Ratio(Ratio::new(Decimal::ZERO)));
            }
            ("requests", Stage::Shadow(shadow)) => {
                self.limits.extend([int(0), int(shadow.requests_min)]);
            }
            ("requests", Stage::Canary(canary)) => {
                self.limits.extend([int(0), int(canary.requests_min)]);
            }
            ("events", Stage::Canary(canary)) => self.limits.push(int(canary.events_min)),
            _ => {}
        }
        let compared = node.rules.iter().filter(|rule| rule.verb == Verb::Compare);
        let is_compared = compared
            .into_iter()
            .any(|rule| matches!(&rule.condition, Expr::Live(live) if *live == metric));
        self.is_exact &= !is_compared;
    }

    /// What a first model is held against by `gate`: the commonest class, less the margin.
    fn floor(&mut self, scene: &Scene<'_>, gate: &Node, given: &Given, fixed: &Fixed) {
        let is_accuracy = scene
            .plan
            .node(given.step.as_str())
            .is_some_and(|node| node.kind.as_str() == "evaluate" && given.path == ["accuracy"]);
        let Some(Expr::Value(floor)) = gate.inputs.get("floor") else { return };
        let majority = fixed.output(&given.step).and_then(|made| made.field("majority"));
        if let (true, Some(Value::Points(margin)), Some(Value::Ratio(majority))) =
            (is_accuracy, floor.field("margin"), majority)
        {
            let limit = majority.number().saturating_sub(margin.number());
            self.limits.push(Value::Ratio(Ratio::new(limit.normalize())));
        }
    }
}

const fn is_comparison(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual
            | BinaryOp::Equal
            | BinaryOp::NotEqual
    )
}
