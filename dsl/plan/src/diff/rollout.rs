//! Gates, shadows, canaries and ramps: how much traffic how soon, on how much evidence.

use super::{Change, Kind};
use crate::plan::{Node, Plan};
use crate::show::written;
use std::cmp::Ordering;
use suho_check::program::{Expr, Verb};
use suho_domain::units::Decimal;
use suho_domain::{Duration, Points, Ratio, Value};

/// What more of an attribute means, and less.
struct Meaning {
    kind: &'static str,
    input: &'static str,
    more: Kind,
    less: Kind,
}

const fn meaning(kind: &'static str, input: &'static str, more: Kind, less: Kind) -> Meaning {
    Meaning { kind, input, more, less }
}

/// Attributes of which more or less is better or worse. A rollout that is shorter is not faster but
/// riskier: it has seen less.
const MEANINGS: [Meaning; 6] = [
    meaning("shadow", "duration", Kind::Slower, Kind::Riskier),
    meaning("shadow", "min_requests", Kind::Safer, Kind::Riskier),
    meaning("canary", "share", Kind::Riskier, Kind::Safer),
    meaning("canary", "duration", Kind::Slower, Kind::Riskier),
    meaning("canary", "min_events", Kind::Safer, Kind::Riskier),
    meaning("promote", "keep", Kind::Safer, Kind::Riskier),
];

/// Whether the attribute `input` of a step of `kind` is compared here.
pub(super) fn is_judged(kind: &str, input: &str) -> bool {
    matches!((kind, input), ("gate", "floor") | ("ramp", "steps" | "every"))
        || MEANINGS.iter().any(|it| it.kind == kind && it.input == input)
}

/// How much riskier or slower a step has become.
pub(super) fn changes(before: &Node, after: &Node) -> Vec<Change> {
    let kind = after.kind.as_str();
    let subject = after.name.as_str();
    let mut found = Vec::new();
    for Meaning { input, more, less, .. } in MEANINGS.iter().filter(|it| it.kind == kind) {
        let (old, new) = (before.inputs.get(*input), after.inputs.get(*input));
        if old == new {
            continue;
        }
        let shown = |side: Option<&Expr>| side.map_or_else(|| "none".to_owned(), crate::show);
        let kind = match order(old, new) {
            Some(Ordering::Less) => *more,
            Some(Ordering::Greater) => *less,
            _ => Kind::Undecided,
        };
        found.push(Change::moved(kind, subject, input, &shown(old), &shown(new)));
    }
    match kind {
        "ramp" => found.extend(ramp(before, after)),
        "gate" => found.extend(floor(before, after)),
        _ => {}
    }
    if matches!(kind, "canary" | "ramp") {
        found.extend(comparison(before, after));
    }
    found
}

fn order(old: Option<&Expr>, new: Option<&Expr>) -> Option<Ordering> {
    let (Some(Expr::Value(old)), Some(Expr::Value(new))) = (old, new) else { return None };
    crate::operators::compare(old, new)
}

/// Market time that the rollouts of `plan` take as declared, one after the other. Waiting for labels
/// and extensions come on top.
pub(super) fn market_time(plan: &Plan) -> Duration {
    let of = |node: &Node| match node.kind.as_str() {
        "shadow" | "canary" => duration(node, "duration").unwrap_or(Duration::ZERO),
        "ramp" => Ramp::of(node).map_or(Duration::ZERO, |ramp| ramp.whole()),
        _ => Duration::ZERO,
    };
    plan.nodes.iter().map(of).fold(Duration::ZERO, Duration::plus)
}

fn duration(node: &Node, input: &str) -> Option<Duration> {
    match node.inputs.get(input) {
        Some(Expr::Value(Value::Duration(span))) => Some(*span),
        _ => None,
    }
}

/// Shares one after the other, each for as long.
struct Ramp {
    steps: Vec<Ratio>,
    every: Duration,
}

impl Ramp {
    fn of(node: &Node) -> Option<Self> {
        let Some(Expr::Value(Value::List(steps))) = node.inputs.get("steps") else { return None };
        let ratio = |step: &Value| if let Value::Ratio(it) = step { Some(*it) } else { None };
        let steps: Option<Vec<Ratio>> = steps.iter().map(ratio).collect();
        Some(Self { steps: steps?, every: duration(node, "every")? })
    }

    fn whole(&self) -> Duration {
        self.every.times(Decimal::from(self.steps.len())).unwrap_or(Duration::ZERO)
    }

    /// When each share begins.
    fn begins(&self) -> impl Iterator<Item = Duration> {
        (0..self.steps.len()).filter_map(|step| self.every.times(Decimal::from(step)))
    }

    /// The share at `at`; all of it after the end.
    fn share(&self, at: Duration) -> Ratio {
        let begun = self.begins().zip(&self.steps).take_while(|(begin, _)| *begin <= at);
        let all = Ratio::new(Decimal::ONE);
        if at >= self.whole() { all } else { begun.last().map_or(all, |(_, share)| *share) }
    }
}

/// More traffic at any moment is riskier, whatever there is at others.
fn ramp(before: &Node, after: &Node) -> Option<Change> {
    let inputs = |node: &Node| {
        let one = |name: &str| node.inputs.get(name).map_or_else(String::new, crate::show);
        format!("{} every {}", one("steps"), one("every"))
    };
    let (was, is) = (inputs(before), inputs(after));
    if was == is {
        return None;
    }
    let kind = match (Ramp::of(before), Ramp::of(after)) {
        (Some(old), Some(new)) => {
            let mut moments = old.begins().chain(new.begins());
            let is_riskier = moments.any(|at| new.share(at) > old.share(at));
            match (is_riskier, new.whole() > old.whole()) {
                (true, _) => Kind::Riskier,
                (false, true) => Kind::Slower,
                (false, false) => Kind::Safer,
            }
        }
        _ => Kind::Undecided,
    };
    Some(Change::moved(kind, after.name.as_str(), "steps", &was, &is))
}

/// What a first model must beat: `majority(margin: 2pp)`, or nothing.
fn floor(before: &Node, after: &Node) -> Option<Change> {
    let (old, new) = (before.inputs.get("floor"), after.inputs.get("floor"));
    if old == new {
        return None;
    }
    let margin = |side: Option<&Expr>| match side {
        Some(Expr::Value(Value::Variant(floor))) if floor.name == "majority" => {
            match floor.fields.get("margin") {
                Some(Value::Points(margin)) => Some(Some(*margin)),
                _ => None,
            }
        }
        Some(Expr::Value(_)) | None => Some(None),
        Some(_) => None,
    };
    let kind = match (margin(old), margin(new)) {
        // No floor at all is the lowest one.
        (Some(Some(_)), Some(None)) => Kind::Loosened,
        (Some(Some(old)), Some(Some(new))) if new > old => Kind::Loosened,
        (Some(_), Some(Some(_))) => Kind::Tightened,
        _ => Kind::Undecided,
    };
    let shown = |side: Option<&Expr>| side.map_or_else(|| "none".to_owned(), crate::show);
    Some(Change::moved(kind, after.name.as_str(), "floor", &shown(old), &shown(new)))
}

/// How candidate and baseline are compared.
#[derive(Clone, Debug, PartialEq)]
struct Comparison {
    metric: String,
    test: String,
    alpha: Option<Ratio>,
    accept: String,
    margin: Option<Points>,
}

impl Comparison {
    /// As declared; else as the engine does it without being told (decisions: rules and statistics).
    fn of(node: &Node) -> Self {
        let declared = node.rules.iter().find(|rule| rule.verb == Verb::Compare);
        let attribute = |name: &str| match declared?.attributes.get(name)? {
            Expr::Value(Value::Variant(variant)) => Some(variant),
            _ => None,
        };
        let alpha = match attribute("test").and_then(|test| test.fields.get("alpha")) {
            Some(Value::Ratio(alpha)) => *alpha,
            // A ramp spends an error probability of its own.
            _ if node.kind.as_str() == "ramp" => Ratio::new(Decimal::new(1, 2)),
            _ => Ratio::new(Decimal::new(5, 2)),
        };
        let margin = match attribute("accept").and_then(|accept| accept.fields.get("margin")) {
            Some(Value::Points(margin)) => Some(*margin),
            _ => None,
        };
        let word = |name: &str, default: &str| {
            attribute(name).map_or_else(|| default.to_owned(), |it| it.name.clone())
        };
        Self {
            metric: declared.map_or_else(|| "accuracy".to_owned(), |it| crate::show(&it.condition)),
            test: word("test", "group_sequential"),
            alpha: Some(alpha),
            accept: word("accept", "no_harm"),
            margin,
        }
    }

    /// How much it asks of the candidate.
    fn strictness(&self) -> usize {
        ["no_harm", "non_inferior", "superior"]
            .iter()
            .position(|it| *it == self.accept)
            .unwrap_or(0)
    }
}

fn comparison(before: &Node, after: &Node) -> Vec<Change> {
    let (old, new) = (Comparison::of(before), Comparison::of(after));
    let subject = after.name.as_str();
    let what = format!("compare {}", new.metric);
    let mut found = Vec::new();
    if (&old.metric, &old.test) != (&new.metric, &new.test) {
        let text = |it: &Comparison| format!("{} by {}", it.metric, it.test);
        found.push(Change::moved(Kind::Changed, subject, "compare", &text(&old), &text(&new)));
    }
    if (&old.accept, old.margin) != (&new.accept, new.margin) {
        let looser = (new.strictness(), old.margin) < (old.strictness(), new.margin);
        let kind = if looser { Kind::Loosened } else { Kind::Tightened };
        let text = |it: &Comparison| match it.margin {
            Some(margin) => format!("{}({})", it.accept, written(&Value::Points(margin))),
            None => it.accept.clone(),
        };
        let what = format!("{what}: accept");
        found.push(Change::moved(kind, subject, &what, &text(&old), &text(&new)));
    }
    if old.alpha != new.alpha {
        // Harm must be shown to stop a canary; that it does well must be shown to pass one.
        let shows_harm = new.strictness() == 0;
        let looser = (new.alpha < old.alpha) == shows_harm;
        let kind = if looser { Kind::Loosened } else { Kind::Tightened };
        let text = |it: &Comparison| it.alpha.map_or_else(String::new, |alpha| alpha.to_string());
        let what = format!("{what}: alpha");
        found.push(Change::moved(kind, subject, &what, &text(&old), &text(&new)));
    }
    found
}
