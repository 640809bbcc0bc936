//! A plan's shadow, canary or ramp as the controller's specification.

use crate::candidate::Candidate;
use std::num::NonZeroU32;
use suho_domain::units::Decimal;
use suho_domain::{BasisPoints, Duration, Fault, NotBasisPoints, Ratio, Value};
use suho_plan::{BinaryOp, Expr, Node, Plan, Rule, Verb};
use suho_rollout::{
    Accept, Block, Canary, Comparison, Guardrails, Level, NotARollout, Ramp, Shadow, Spec, Stage,
    Test,
};

/// Labels are waited for half an hour longer than they are due (domain §8.6).
const GRACE_BEYOND_HORIZON: Duration = Duration::from_minutes(30);
/// Requests a shadow or canary needs before it can say anything.
const REQUESTS_MIN: u64 = 200;
/// Blocks are three horizons long: what overlapping labels correlate over (domain §8.3).
const BLOCK_HORIZONS: u32 = 3;
/// A canary is extended up to two weeks of market hours (domain §8.8).
const CANARY_MAX: Duration = Duration::from_hours(336);
/// A shadow without traffic is waited for so long.
const SHADOW_MAX: Duration = Duration::from_hours(72);

/// Why a rollout's declaration is no rollout.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ControllerError {
    /// An attribute must be known when planning, or is of another kind.
    #[error("`{attribute}` of `{step}` must be known when planning")]
    Late {
        /// The step.
        step: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// A share that traffic cannot have.
    #[error("`{attribute}` of `{step}`: {source}")]
    Share {
        /// The step.
        step: String,
        /// The attribute.
        attribute: &'static str,
        /// Why.
        source: NotBasisPoints,
    },
    /// It contradicts itself.
    #[error("`{step}`: {source}")]
    Not {
        /// The step.
        step: String,
        /// Why.
        source: NotARollout,
    },
}

impl ControllerError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// Whether there is a model to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum Baseline {
    /// There is none: the first model of its slot.
    None,
    /// There is one; for a ramp, with the blocks its canary has looked at.
    Some(Vec<Block>),
}

/// The specification of `node`, and the rules it lists in the specification's order.
///
/// # Errors
/// When an attribute is not known when planning, or the rollout cannot be done.
pub fn spec(
    plan: &Plan,
    node: &Node,
    candidate: &Candidate,
    baseline: &Baseline,
) -> Result<(Spec, Vec<Rule>), ControllerError> {
    let attributes = Attributes { node };
    let grace = candidate.horizon.plus(GRACE_BEYOND_HORIZON);
    let (stage, market_max) = match node.kind.as_str() {
        "shadow" => (Stage::Shadow(shadow(&attributes)?), SHADOW_MAX),
        "canary" => (Stage::Canary(canary(&attributes, grace)?), CANARY_MAX),
        _ => (Stage::Ramp(ramp(plan, &attributes, grace)?), CANARY_MAX),
    };
    let rules: Vec<Rule> = node
        .rules
        .iter()
        .filter(|rule| rule.verb != Verb::Compare && floor_of(rule).is_none())
        .cloned()
        .collect();
    let spec = Spec {
        comparison: comparison(node, candidate, baseline),
        rules: rules.iter().map(declared).collect(),
        guardrails: guardrails(node),
        market_max,
        stage,
    };
    let planned = spec.duration();
    let spec = Spec { market_max: longer(market_max, planned), ..spec };
    spec.check().map_err(|source| ControllerError::Not { step: node.name.to_string(), source })?;
    Ok((spec, rules))
}

fn longer(a: Duration, b: Duration) -> Duration {
    if a > b { a } else { b }
}

struct Attributes<'a> {
    node: &'a Node,
}

impl Attributes<'_> {
    fn value(&self, attribute: &'static str) -> Result<&Value, ControllerError> {
        match self.node.inputs.get(attribute) {
            Some(Expr::Value(value)) => Ok(value),
            _ => Err(self.late(attribute)),
        }
    }

    fn late(&self, attribute: &'static str) -> ControllerError {
        ControllerError::Late { step: self.node.name.to_string(), attribute }
    }

    fn duration(&self, attribute: &'static str) -> Result<Duration, ControllerError> {
        match self.value(attribute)? {
            Value::Duration(duration) => Ok(*duration),
            _ => Err(self.late(attribute)),
        }
    }

    fn share(
        &self,
        value: &Value,
        attribute: &'static str,
    ) -> Result<BasisPoints, ControllerError> {
        match value {
            Value::Ratio(ratio) => BasisPoints::of(*ratio).map_err(|source| {
                let step = self.node.name.to_string();
                ControllerError::Share { step, attribute, source }
            }),
            _ => Err(self.late(attribute)),
        }
    }
}

fn shadow(attributes: &Attributes<'_>) -> Result<Shadow, ControllerError> {
    let speaks = |metric: &str| speaks_of(attributes.node, metric);
    let default = Shadow {
        duration: attributes.duration("duration")?,
        requests_min: REQUESTS_MIN,
        error_rate_max: Some(percent(1)),
        latency_p95_max: Some(Duration::from_millis(250)),
        dropped_max: percent(1),
    };
    Ok(Shadow {
        error_rate_max: default.error_rate_max.filter(|_| !speaks("error_rate")),
        latency_p95_max: default.latency_p95_max.filter(|_| !speaks("latency")),
        ..default
    })
}

fn canary(attributes: &Attributes<'_>, grace: Duration) -> Result<Canary, ControllerError> {
    let events_min = match attributes.value("min_events")? {
        Value::Int(events) => u64::try_from(*events).unwrap_or(0),
        _ => return Err(attributes.late("min_events")),
    };
    Ok(Canary {
        share: attributes.share(attributes.value("share")?, "share")?,
        duration: attributes.duration("duration")?,
        label_grace: grace,
        events_min,
        requests_min: REQUESTS_MIN,
        accuracy_floor: attributes.node.rules.iter().find_map(floor_of),
    })
}

fn ramp(
    plan: &Plan,
    attributes: &Attributes<'_>,
    grace: Duration,
) -> Result<Ramp, ControllerError> {
    let Value::List(steps) = attributes.value("steps")? else {
        return Err(attributes.late("steps"));
    };
    let steps: Result<Vec<_>, _> =
        steps.iter().map(|step| attributes.share(step, "steps")).collect();
    let canary = plan.of_kind("canary").next();
    let before = match canary.and_then(|canary| canary.inputs.get("duration")) {
        Some(Expr::Value(Value::Duration(duration))) => duration.plus(grace),
        _ => Duration::ZERO,
    };
    let every = attributes.duration("every")?;
    Ok(Ramp { steps: steps?, every, before, label_grace: grace })
}

/// Built-in guardrails that no declared rule on the same metric replaces (domain §8.7).
fn guardrails(node: &Node) -> Guardrails {
    let unless = |metric: &str| !speaks_of(node, metric);
    Guardrails {
        error_rate_max: Some(percent(5)).filter(|_| unless("error_rate")),
        latency_p95_max: Some(Duration::from_millis(250)).filter(|_| unless("latency")),
        uptime_min: Some(Ratio::new(Decimal::new(999, 3))).filter(|_| unless("uptime")),
    }
}

fn percent(hundredths: i64) -> Ratio {
    Ratio::new(Decimal::new(hundredths, 2))
}

/// Whether a declared rule of `node` speaks of `metric`, or of a part of it as `latency.p95`.
fn speaks_of(node: &Node, metric: &str) -> bool {
    node.rules
        .iter()
        .filter(|rule| rule.verb != Verb::Compare)
        .any(|rule| mentions(&rule.condition, metric))
}

fn mentions(expr: &Expr, metric: &str) -> bool {
    match expr {
        Expr::Live(live) => live.split('.').next() == Some(metric),
        Expr::Binary(_, sides) => mentions(&sides.0, metric) || mentions(&sides.1, metric),
        Expr::Unary(_, operand) => mentions(operand, metric),
        _ => false,
    }
}

/// An absolute floor under live accuracy: judged by Wilson's bound, never as a point.
fn floor_of(rule: &Rule) -> Option<Ratio> {
    let Expr::Binary(BinaryOp::GreaterOrEqual | BinaryOp::Greater, sides) = &rule.condition else {
        return None;
    };
    match (rule.verb, sides.as_ref()) {
        (Verb::Require, (Expr::Live(metric), Expr::Value(Value::Ratio(floor))))
            if metric == "accuracy" =>
        {
            Some(*floor)
        }
        _ => None,
    }
}

fn declared(rule: &Rule) -> suho_rollout::Rule {
    let verb = match rule.verb {
        Verb::Rollback => suho_rollout::Verb::Rollback,
        Verb::Hold => suho_rollout::Verb::Hold,
        Verb::Require | Verb::Compare | Verb::Fire => suho_rollout::Verb::Require,
    };
    let lasting = match &rule.lasting {
        Some(Expr::Value(Value::Duration(lasting))) => Some(*lasting),
        _ => None,
    };
    suho_rollout::Rule { verb, text: condition_text(rule), lasting }
}

/// A rule's text without its verb.
pub fn condition_text(rule: &Rule) -> String {
    let text = rule.text.as_str();
    let verbs = ["require ", "rollback when ", "hold when ", "compare "];
    verbs.iter().find_map(|verb| text.strip_prefix(verb)).unwrap_or(text).to_owned()
}

fn comparison(node: &Node, candidate: &Candidate, baseline: &Baseline) -> Option<Comparison> {
    let Baseline::Some(earlier) = baseline else { return None };
    if node.kind.as_str() == "shadow" {
        return None;
    }
    let declared = node.rules.iter().find(|rule| rule.verb == Verb::Compare);
    let attribute = |name: &str| match declared.and_then(|rule| rule.attributes.get(name)) {
        Some(Expr::Value(Value::Variant(variant))) => Some(variant),
        _ => None,
    };
    let is_ramp = node.kind.as_str() == "ramp";
    let alpha = match attribute("test").and_then(|test| test.fields.get("alpha")) {
        Some(Value::Ratio(alpha)) => *alpha,
        // A ramp spends an error probability of its own (domain §9).
        _ if is_ramp => percent(1),
        _ => percent(5),
    };
    let alpha = Level::new(alpha).ok()?;
    let test = match attribute("test").map(|test| test.name.as_str()) {
        Some("always_valid") => Test::AlwaysValid { alpha },
        _ => Test::GroupSequential { alpha },
    };
    let accept = match attribute("accept").map(|accept| (accept.name.as_str(), &accept.fields)) {
        Some(("superior", _)) => Accept::Superior,
        Some(("non_inferior", fields)) => match fields.get("margin") {
            Some(Value::Points(margin)) => Accept::NonInferior { margin: *margin },
            _ => Accept::NoHarm,
        },
        _ => Accept::NoHarm,
    };
    let bar = candidate.slot.timeframe.duration();
    let horizon = candidate.horizon.nanos() / bar.nanos().max(1);
    let horizon = u32::try_from(horizon).ok().and_then(NonZeroU32::new)?;
    Some(Comparison {
        test,
        accept,
        block_bars: horizon.saturating_mul(NonZeroU32::new(BLOCK_HORIZONS)?),
        bar,
        events_per_bar: NonZeroU32::MIN,
        earlier: earlier.clone(),
    })
}
