//! Attributes that are left open and follow from what flows: the data set of a backtest is the one
//! its model was trained on; how far labels look ahead is the model's to say.

use super::StepParts;
use crate::Type;
use crate::elaborate::Typed;
use crate::program::{Access, Expr};
use crate::{Phase, Signature};
use suho_domain::{Name, Stage, Value};

/// Sets what is left open and follows.
pub(super) fn fill(steps: &mut [StepParts<'_>]) {
    // What follows is read from the steps as they were written, then put in.
    let following: Vec<Vec<Following>> = steps.iter().map(|step| follows(step, steps)).collect();
    for (step, following) in steps.iter_mut().zip(following) {
        for (name, expr, phase) in following {
            put(step, name, expr, phase);
        }
    }
}

/// An attribute, what it is when it is left open, and when that is known.
type Following = (&'static str, Expr, Phase);

/// What follows for `step`.
fn follows(step: &StepParts<'_>, steps: &[StepParts<'_>]) -> Vec<Following> {
    let mut following = Vec::new();
    if let Some(set) = open_data(step).and_then(|model| trained_on(model, steps)) {
        following.push(("data", Expr::Output { step: set, path: Vec::new() }, Phase::Run));
    }
    if let Some(spec) = labels_for(step, steps) {
        let target = field(&spec, "target");
        following.push(("horizon", field(&target, "horizon"), Phase::Plan));
        following.push(("label", field(&spec, "label"), Phase::Plan));
        following.push(("sequence", field(&spec, "sequence"), Phase::Plan));
    }
    if let Some(spec) = succeeded_by(step, steps) {
        let target = field(&spec, "target");
        following.push(("symbol", field(&target, "symbol"), Phase::Plan));
        following.push(("timeframe", field(&target, "timeframe"), Phase::Plan));
    }
    following
}

/// Sets the attribute `name` of `step` where it has one that is open.
fn put(step: &mut StepParts<'_>, name: &str, expr: Expr, phase: Phase) {
    let Some(port) = step.signature.inputs.iter().find(|port| port.name == name) else { return };
    if step.set(name).is_none() {
        let typed = Typed { expr, ty: port.ty.clone(), phase, at: step.at };
        step.inputs.insert(name.to_owned(), typed);
    }
}

fn field(of: &Expr, name: &str) -> Expr {
    let access = Access { field: name.to_owned(), optional: false };
    crate::elaborate::stepped(of.clone(), access)
}

/// The model of a step whose `data` is open.
fn open_data<'s>(step: &'s StepParts<'_>) -> Option<&'s Expr> {
    let port = step.signature.inputs.iter().find(|port| port.name == "data")?;
    let is_set = matches!(&port.ty, Type::Optional(of) if matches!(**of, Type::Outputs(_)));
    (is_set && step.set("data").is_none()).then_some(())?;
    Some(&step.set("model")?.expr)
}

/// The step whose output `expr` is.
fn source<'s, 'a>(expr: &Expr, steps: &'s [StepParts<'a>]) -> Option<&'s StepParts<'a>> {
    let Expr::Output { step, .. } = expr else { return None };
    steps.iter().find(|each| each.name == *step)
}

/// The step that trained `model`, through whatever passed it on.
pub(super) fn trained_by<'s, 'a>(
    model: &Expr,
    steps: &'s [StepParts<'a>],
) -> Option<&'s StepParts<'a>> {
    let mut step = source(model, steps)?;
    // At most once through every step: a circle has no beginning.
    for _ in steps {
        if is_training(step.signature) {
            return Some(step);
        }
        step = source(&step.set("model")?.expr, steps)?;
    }
    None
}

/// The data set that `model` was trained on.
pub(super) fn trained_on(model: &Expr, steps: &[StepParts<'_>]) -> Option<Name> {
    match &trained_by(model, steps)?.set("train")?.expr {
        Expr::Output { step, .. } => Some(step.clone()),
        _ => None,
    }
}

fn is_training(signature: &Signature) -> bool {
    let trained = Type::Model(Stage::Trained);
    signature.inputs.iter().any(|port| port.name == "train")
        && signature.outputs.iter().any(|port| port.ty == trained)
}

/// What the models trained on the data set `step` are, where all agree and it is known in time.
fn labels_for(step: &StepParts<'_>, steps: &[StepParts<'_>]) -> Option<Expr> {
    let is_mine =
        |typed: &Typed| matches!(&typed.expr, Expr::Output { step: set, .. } if *set == step.name);
    let mut specs = steps
        .iter()
        .filter(|each| is_training(each.signature) && each.set("train").is_some_and(is_mine))
        .filter_map(|each| each.set("model"))
        .filter(|spec| spec.phase == Phase::Plan)
        .map(|spec| &spec.expr);
    let first = specs.next()?;
    let agrees = |other: &Expr| {
        ["target", "label", "sequence"]
            .into_iter()
            .all(|name| known(other, name) == known(first, name))
    };
    specs.all(agrees).then(|| first.clone())
}

fn known(spec: &Expr, name: &str) -> Expr {
    field(spec, name)
}

/// What the model trained to follow the one in production is, for its lookup.
fn succeeded_by(step: &StepParts<'_>, steps: &[StepParts<'_>]) -> Option<Expr> {
    let looks_up = step.signature.outputs.iter().any(|port| port.name == "self");
    looks_up.then_some(())?;
    let successor = steps.iter().find(|each| {
        is_training(each.signature)
            && each
                .set("version")
                .is_some_and(|version| crate::flow::steps_in(&version.expr).contains(&step.name))
    })?;
    let spec = successor.set("model").filter(|spec| spec.phase == Phase::Plan)?;
    (spec.expr != Expr::Value(Value::None)).then(|| spec.expr.clone())
}
