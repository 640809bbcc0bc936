//! What stands beside a pipeline and starts its runs or watches what they made: triggers with their
//! schedules, monitors.

use crate::plan::{Node, Plan};
use crate::show::show;
use crate::walk;
use std::collections::{BTreeMap, BTreeSet};
use suho_check::Library;
use suho_check::program::{Cause, Expr, Monitor, Place, Program, Secret, Trigger, Watch};

pub use suho_check::program::Recurring;
use suho_domain::{Duration, Name, Value, Variant};

/// What stands beside a pipeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operations {
    /// What starts its runs, by name.
    pub triggers: Vec<Starts>,
    /// Who watches the models that it makes, and whose alerts start its runs, by name.
    pub monitors: Vec<Watches>,
    /// What its steps do outside of their outputs, sorted: `registry.write`, `net(host:80)`.
    pub effects: Vec<String>,
    /// The secrets that it reads, in the order in which files give them.
    pub secrets: Vec<Name>,
}

/// A trigger.
#[derive(Clone, Debug, PartialEq)]
pub struct Starts {
    /// Its name.
    pub name: Name,
    /// What it waits for, as it is written.
    pub on: String,
    /// When, where that is a matter of time.
    pub times: Option<Recurring>,
    /// What it gives the pipeline, as it is written, by parameter.
    pub arguments: BTreeMap<Name, String>,
    /// How long after the end of a run it starts no other.
    pub cooldown: Option<Duration>,
    /// Where it stands.
    pub place: Place,
}

/// A monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Watches {
    /// Its name.
    pub name: Name,
    /// Whom it watches, as it is written.
    pub model: String,
    /// How often it looks.
    pub every: Option<Duration>,
    /// Its alerts and looks for drift, in the order written.
    pub alerts: Vec<Alert>,
    /// Where it stands.
    pub place: Place,
}

/// An alert, or a look for drift.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its name.
    pub name: Name,
    /// Its kind: `alert`, `drift`.
    pub kind: Name,
    /// When it fires, as it is written.
    pub fires: String,
    /// When it looks, where that is a matter of the clock or of a market.
    pub times: Option<Recurring>,
    /// Where it stands.
    pub place: Place,
}

impl Operations {
    /// What `program` has beside `plan`.
    pub fn of(program: &Program, library: &Library, plan: &Plan) -> Self {
        let mine = |trigger: &&Trigger| trigger.run.pipeline == plan.pipeline;
        let triggers: Vec<&Trigger> = program.triggers.values().filter(mine).collect();
        let fires = |monitor: &Monitor| {
            triggers.iter().any(|trigger| match &trigger.on {
                Cause::Fired { monitor: name, .. } => *name == monitor.name,
                _ => false,
            })
        };
        let models: Vec<&str> =
            plan.nodes.iter().filter_map(|node| made(node.inputs.get("model")?)).collect();
        let sees = |monitor: &Monitor| watched(monitor).is_some_and(|name| models.contains(&name));
        let monitors = program.monitors.values().filter(|it| fires(it) || sees(it));
        Self {
            triggers: triggers.iter().map(|trigger| starts(trigger)).collect(),
            monitors: monitors.map(watches).collect(),
            effects: effects(library, plan),
            secrets: secrets(program, plan),
        }
    }
}

fn effects(library: &Library, plan: &Plan) -> Vec<String> {
    let of_kind = |node: &Node| library.steps.get(&node.kind).map(|it| it.effects.clone());
    let all = plan.nodes.iter().flat_map(|node| {
        if node.effects.is_empty() {
            of_kind(node).unwrap_or_default()
        } else {
            node.effects.clone()
        }
    });
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The secrets whose source stands somewhere in `plan`.
fn secrets(program: &Program, plan: &Plan) -> Vec<Name> {
    let of_node = |node: &'_ Node| -> Vec<Expr> {
        let inputs = node.inputs.values().cloned();
        inputs.chain(node.exec.clone()).chain(node.when.clone()).collect()
    };
    let handlers = plan.handlers.iter().flat_map(|handler| handler.attributes.values().cloned());
    let all: Vec<Expr> = plan.nodes.iter().flat_map(of_node).chain(handlers).collect();
    let reads = |secret: &&Secret| {
        all.iter().flat_map(walk::all).any(|part| match part {
            Expr::Value(value) => has(value, &secret.source),
            _ => false,
        })
    };
    program.secrets.iter().filter(reads).map(|secret| secret.name.clone()).collect()
}

/// Whether `value` is `wanted`, or has it somewhere inside.
fn has(value: &Value, wanted: &Variant) -> bool {
    match value {
        Value::Variant(variant) => {
            variant == wanted || variant.fields.values().any(|field| has(field, wanted))
        }
        Value::Record(fields) => fields.values().any(|field| has(field, wanted)),
        Value::List(items) => items.iter().any(|item| has(item, wanted)),
        _ => false,
    }
}

/// The name of the model that a step is told to make.
fn made(model: &Expr) -> Option<&str> {
    let Expr::Value(model) = model else { return None };
    model.field("name")?.as_text()
}

/// The name of the model that a monitor watches.
fn watched(monitor: &Monitor) -> Option<&str> {
    made(monitor.attributes.get("model")?)
}

fn starts(trigger: &Trigger) -> Starts {
    let times = match &trigger.on {
        Cause::Time(times) => Some(times.clone()),
        _ => None,
    };
    let arguments = trigger.run.arguments.iter();
    Starts {
        name: trigger.name.clone(),
        on: cause(&trigger.on),
        times,
        arguments: arguments.map(|(name, value)| (name.clone(), show(value))).collect(),
        cooldown: duration(trigger.attributes.get("cooldown")),
        place: trigger.place.clone(),
    }
}

fn watches(monitor: &Monitor) -> Watches {
    Watches {
        name: monitor.name.clone(),
        model: monitor.attributes.get("model").map(show).unwrap_or_default(),
        every: duration(monitor.attributes.get("every")),
        alerts: monitor.watches.iter().map(alert).collect(),
        place: monitor.place.clone(),
    }
}

fn alert(watch: &Watch) -> Alert {
    let times = match watch.attributes.get("schedule") {
        Some(Expr::Value(schedule)) => Recurring::of(schedule),
        _ => None,
    };
    Alert {
        name: watch.name.clone(),
        kind: watch.kind.clone(),
        fires: watch.fire.text.clone(),
        times,
        place: watch.place.clone(),
    }
}

fn duration(expr: Option<&Expr>) -> Option<Duration> {
    match expr {
        Some(Expr::Value(Value::Duration(duration))) => Some(*duration),
        _ => None,
    }
}

/// What a trigger waits for, as it is written.
pub(crate) fn cause(cause: &Cause) -> String {
    let quoted = |texts: &[String]| {
        texts.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(", ")
    };
    match cause {
        Cause::Fired { monitor, watch } => format!("{monitor}.{watch}"),
        Cause::Time(times) => times.to_string(),
        Cause::Manual { roles, ask } => {
            let ask: Vec<_> = ask.iter().map(Name::to_string).collect();
            format!("manual(roles: [{}], ask: [{}])", quoted(roles), ask.join(", "))
        }
        Cause::Push { branch, paths } => {
            format!("push(branch: \"{branch}\", paths: [{}])", quoted(paths))
        }
    }
}

#[cfg(test)]
mod tests;
