//! Attributes that are left open and follow from what flows: the data set of a backtest is the one
//! its model was trained on; how far labels look ahead is the model's to say.

use super::StepParts;
use crate::Type;
use crate::elaborate::Typed;
use crate::program::{Access, Expr};
use crate::{Phase, Signature};
use std::collections::BTreeMap;
use suho_domain::{Name, Stage, Value};

/// Sets what is left open and follows.
pub(super) fn fill(steps: &mut [StepParts<'_>]) {
    // What follows is read from the steps as they were written, then put in.
    let by_name = Steps::of(steps);
    let following: Vec<Vec<Following>> = steps.iter().map(|step| follows(step, &by_name)).collect();
    for (step, following) in steps.iter_mut().zip(following) {
        for (name, expr, phase) in following {
            put(step, name, expr, phase);
        }
    }
}

/// An attribute, what it is when it is left open, and when that is known.
type Following = (&'static str, Expr, Phase);

/// What follows for `step`.
fn follows(step: &StepParts<'_>, steps: &Steps<'_, '_>) -> Vec<Following> {
    let mut following = Vec::new();
    if let Some(set) = open_data(step).and_then(|model| steps.trained_on(model)) {
        following.push(("data", Expr::Output { step: set, path: Vec::new() }, Phase::Run));
    }
    if let Some(spec) = steps.labels_for(step) {
        let target = field(&spec, "target");
        following.push(("horizon", field(&target, "horizon"), Phase::Plan));
        following.push(("label", field(&spec, "label"), Phase::Plan));
        following.push(("sequence", field(&spec, "sequence"), Phase::Plan));
    }
    if let Some(spec) = steps.succeeded_by(step) {
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

/// The steps of a pipeline, so that thousands of them can be asked for each other.
pub(super) struct Steps<'s, 'a> {
    all: &'s [StepParts<'a>],
    by_name: BTreeMap<&'s Name, &'s StepParts<'a>>,
    /// Those that train, in the order written, by the data set they learn from.
    training: BTreeMap<&'s Name, Vec<&'s StepParts<'a>>>,
}

impl<'s, 'a> Steps<'s, 'a> {
    pub(super) fn of(all: &'s [StepParts<'a>]) -> Self {
        let mut training: BTreeMap<&Name, Vec<&StepParts<'_>>> = BTreeMap::new();
        for step in all.iter().filter(|step| is_training(step.signature)) {
            if let Some(Expr::Output { step: set, .. }) = step.set("train").map(|typed| &typed.expr)
            {
                training.entry(set).or_default().push(step);
            }
        }
        Self { all, by_name: all.iter().map(|step| (&step.name, step)).collect(), training }
    }

    /// The step called `name`.
    pub(super) fn get(&self, name: &Name) -> Option<&'s StepParts<'a>> {
        self.by_name.get(name).copied()
    }

    /// The step whose output `expr` is.
    fn source(&self, expr: &Expr) -> Option<&'s StepParts<'a>> {
        let Expr::Output { step, .. } = expr else { return None };
        self.get(step)
    }

    /// The step that trained `model`, through whatever passed it on.
    fn trained_by(&self, model: &Expr) -> Option<&'s StepParts<'a>> {
        let mut step = self.source(model)?;
        // At most once through every step: a circle has no beginning.
        for _ in self.all {
            if is_training(step.signature) {
                return Some(step);
            }
            step = self.source(&step.set("model")?.expr)?;
        }
        None
    }

    /// The data set that `model` was trained on.
    pub(super) fn trained_on(&self, model: &Expr) -> Option<Name> {
        match &self.trained_by(model)?.set("train")?.expr {
            Expr::Output { step, .. } => Some(step.clone()),
            _ => None,
        }
    }

    /// What the models trained on the data set `step` are, where all agree and it is known in time.
    fn labels_for(&self, step: &StepParts<'_>) -> Option<Expr> {
        let mut specs = self
            .training
            .get(&step.name)?
            .iter()
            .filter_map(|each| each.set("model"))
            .filter(|spec| spec.phase == Phase::Plan)
            .map(|spec| &spec.expr);
        let first = specs.next()?;
        let agrees = |other: &Expr| {
            ["target", "label", "sequence"]
                .into_iter()
                .all(|name| field(other, name) == field(first, name))
        };
        specs.all(agrees).then(|| first.clone())
    }

    /// What the model trained to follow the one in production is, for its lookup.
    fn succeeded_by(&self, step: &StepParts<'_>) -> Option<Expr> {
        let looks_up = step.signature.outputs.iter().any(|port| port.name == "self");
        looks_up.then_some(())?;
        let successor = self.all.iter().find(|each| {
            is_training(each.signature)
                && each.set("version").is_some_and(|version| {
                    crate::flow::steps_in(&version.expr).contains(&step.name)
                })
        })?;
        let spec = successor.set("model").filter(|spec| spec.phase == Phase::Plan)?;
        (spec.expr != Expr::Value(Value::None)).then(|| spec.expr.clone())
    }
}

fn is_training(signature: &Signature) -> bool {
    let trained = Type::Model(Stage::Trained);
    signature.inputs.iter().any(|port| port.name == "train")
        && signature.outputs.iter().any(|port| port.ty == trained)
}
