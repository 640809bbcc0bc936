//! Steps of the user's own: what a plan says of them, as an order says it; and what this suho cannot
//! carry out, told before anything runs.

use crate::{budget, pool};
use serde_json::json;
use std::collections::BTreeMap;
use suho_domain::{Bytes, Digest, Duration, Fault, Name, Record, Value, Variant};
use suho_plan::{Caching, Expr, Limits, Node, Plan, Role};
use suho_scheduler::Effect;
use suho_step::Exec;
use suho_step::exec::{Answer, Bounds, How, Keep, Variable};

/// The input of a step of the user's own under which what carries it out stands beside its ports.
pub(crate) const EXEC: &str = "exec";
/// Raised when the same script, given the same, could do something else: the environment it finds,
/// or how its outputs are read.
const CONTRACT: u32 = 1;
/// The effect that happens once or may have happened: nobody but a person tries it again.
const ONCE: &str = "once";
/// What a step of the user's own may say it does.
const EFFECTS: [&str; 4] = ["artifacts.write", ONCE, "registry.write", "traffic"];
/// Where secrets are kept that this suho can read.
const KEPT: [&str; 2] = ["env", "file"];
/// Where secrets are kept that it cannot.
const KEPT_ELSEWHERE: [&str; 2] = ["vault", "k8s"];

/// What this suho cannot do for a step of the user's own.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{step}` {why}")]
pub struct OwnError {
    /// The step.
    pub step: Name,
    /// What it asks for and why that cannot be.
    pub why: String,
    /// Where it stands, as `FILE:LINE`.
    pub place: String,
}

impl OwnError {
    pub(crate) fn of(node: &Node, why: impl Into<String>) -> Self {
        Self { step: node.name.clone(), why: why.into(), place: place(node) }
    }

    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// Whether this suho can carry out every step of `plan` as declared.
///
/// # Errors
/// When a step asks for what this suho or its environment has not: a container, a vault, a GPU.
pub fn admit(plan: &Plan) -> Result<(), OwnError> {
    obstacles(plan).into_iter().next().map_or(Ok(()), Err)
}

/// All that this suho cannot carry out of `plan` as declared, in the order of its steps.
pub fn obstacles(plan: &Plan) -> Vec<OwnError> {
    let executor = plan.settings.executor.as_ref();
    if let Some(Value::Variant(executor)) = executor
        && executor.name != "local"
        && let Some(first) = plan.nodes.first()
    {
        let name = &executor.name;
        let why = format!("would run on `{name}`, and this suho runs steps on its own machine");
        return vec![OwnError::of(first, why)];
    }
    let obstacle = |node: &Node| {
        let Some(lack) = pool::lacks(plan, node) else { return admit_step(node).err() };
        let why = format!(
            "takes more than the environment has of {lack}; declare what the machine has: `env NAME \
             {{ executor = local(slots: 2, cores: 8, memory: 32GiB, gpus: 1) }}`"
        );
        Some(OwnError::of(node, why))
    };
    plan.nodes.iter().filter_map(obstacle).chain(budget::held(plan).err()).collect()
}

fn admit_step(node: &Node) -> Result<(), OwnError> {
    let refused = |why: String| Err(OwnError::of(node, why));
    // The default is of steps that are processes; declared, it says the same as not declared.
    let is_limited = node.limits.timeout.is_some_and(|limit| limit != Limits::TIMEOUT_DEFAULT);
    if node.role == Role::Rollout && is_limited {
        return refused(format!(
            "has a `timeout`, which is wall time, and a {} is carried out over market time; leave it \
             out, and give the pipeline a `deadline` that the whole run is bound to",
            node.kind
        ));
    }
    let Some(exec) = &node.exec else { return Ok(()) };
    let is_set =
        |field: &str| part(exec, field).is_some_and(|part| part != Expr::Value(Value::None));
    match choice(exec) {
        Some("shell") if !is_set("image") => {}
        Some("http") => {}
        Some(how) => {
            let what = if how == "shell" { "a script in an image" } else { "a container" };
            return refused(format!(
                "is {what}, and this suho starts no containers; a script without `image` runs in a \
                 sandbox on the machine itself"
            ));
        }
        None => return refused("is carried out by nothing that is known".to_owned()),
    }
    if let Some(elsewhere) = kept_elsewhere(exec) {
        return refused(format!(
            "takes a secret from `{elsewhere}`, and this suho reads secrets from `env(…)` and \
             `file(…)` alone"
        ));
    }
    let is_known = |effect: &&String| EFFECTS.contains(&effect.as_str()) || host(effect).is_some();
    if let Some(unknown) = node.effects.iter().find(|effect| !is_known(effect)) {
        return refused(format!(
            "has the effect `{unknown}`, which is none of {}, `net(\"HOST:PORT\")`",
            EFFECTS.map(|effect| format!("`{effect}`")).join(", ")
        ));
    }
    if effect(node) == Effect::Once && node.limits.attempts > 1 {
        return refused(format!(
            "has the effect `{ONCE}`, so that no attempt follows another, and asks for {} attempts",
            node.limits.attempts
        ));
    }
    Ok(())
}

/// The choice that `expr` is.
fn choice(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Variant(name, _) => Some(name),
        Expr::Value(Value::Variant(variant)) => Some(&variant.name),
        _ => None,
    }
}

/// The field `name` of the choice that `expr` is.
fn part(expr: &Expr, name: &str) -> Option<Expr> {
    match expr {
        Expr::Variant(_, fields) => fields.get(name).cloned(),
        Expr::Value(Value::Variant(variant)) => variant.fields.get(name).cloned().map(Expr::Value),
        _ => None,
    }
}

/// Where `exec` keeps a secret that this suho cannot read.
fn kept_elsewhere(exec: &Expr) -> Option<&'static str> {
    let of = |name: &str, has_fields: bool| {
        KEPT_ELSEWHERE.into_iter().find(|kept| has_fields && *kept == name)
    };
    let of_expr = |expr: &Expr| match expr {
        Expr::Variant(name, fields) => of(name, !fields.is_empty()),
        Expr::Value(Value::Variant(variant)) => of(&variant.name, !variant.fields.is_empty()),
        _ => None,
    };
    ["env", "headers"].into_iter().find_map(|field| match part(exec, field)? {
        Expr::Record(fields) => fields.values().find_map(of_expr),
        Expr::Value(Value::Record(fields)) => {
            fields.into_values().map(Expr::Value).find_map(|value| of_expr(&value))
        }
        _ => None,
    })
}

/// The host that the effect `net("HOST")` names.
fn host(effect: &str) -> Option<&str> {
    let named = effect.strip_prefix("net(")?.strip_suffix(')')?;
    Some(named.trim_matches('"')).filter(|host| !host.is_empty())
}

/// Whether an attempt at `node` that may have done its work can be repeated.
pub(crate) fn effect(node: &Node) -> Effect {
    if node.effects.iter().any(|effect| effect == ONCE) { Effect::Once } else { Effect::Repeatable }
}

/// Why no earlier result of `node` may be taken, if none may: what a step does outside its outputs
/// is not done by remembering them.
pub fn why_anew(node: &Node) -> Option<&'static str> {
    match (&node.exec, node.cache) {
        (_, Caching::Never) => Some("`cache = false`"),
        (Some(exec), _) if choice(exec) == Some("http") => Some("a request is made every time"),
        (Some(_), _) if !node.effects.is_empty() => Some("it has effects outside its outputs"),
        _ => None,
    }
}

/// The digest that stands for the code of `node`, a step of the user's own.
pub(crate) fn code(node: &Node) -> Digest {
    Digest::of_json(&json!([CONTRACT, node.outputs, node.effects]))
}

/// What carries out `node`, its expressions answered by `resolved`.
pub(crate) fn exec(node: &Node, resolved: &Value) -> Result<Exec, OwnError> {
    let Value::Variant(Variant { name, fields }) = resolved else {
        return Err(OwnError::of(node, "is carried out by nothing that is known"));
    };
    let text = |name: &str| fields.get(name).map(Value::to_string).unwrap_or_default();
    let how = match name.as_str() {
        "shell" => How::Shell { script: text("script"), env: variables(node, fields, "env")? },
        "http" => How::Http {
            method: text("method").to_uppercase(),
            url: text("url"),
            json: fields.get("json").filter(|json| **json != Value::None).map(Value::to_plain),
            headers: variables(node, fields, "headers")?,
            answer: if node.kind.as_str() == "http" { Answer::Whole } else { Answer::Fields },
        },
        other => {
            return Err(OwnError::of(node, format!("is a `{other}`, which nothing carries out")));
        }
    };
    Ok(Exec {
        how,
        outputs: node.outputs.clone(),
        hosts: node.effects.iter().filter_map(|effect| host(effect)).map(str::to_owned).collect(),
        bounds: Bounds { memory: memory(node), ..Bounds::default() },
        place: place(node),
    })
}

/// What is to stand in an environment or above a request. What is `none` does not stand there.
fn variables(
    node: &Node,
    fields: &Record,
    field: &str,
) -> Result<BTreeMap<String, Variable>, OwnError> {
    let mut variables = BTreeMap::new();
    let Some(Value::Record(given)) = fields.get(field) else { return Ok(variables) };
    for (name, value) in given {
        let variable = match value {
            Value::None => continue,
            Value::Undefined(why) => {
                return Err(OwnError::of(node, format!("is given no `{name}`: {why}")));
            }
            Value::Variant(Variant { name, fields }) if !fields.is_empty() => {
                Variable::Secret(keep(node, name, fields)?)
            }
            value => Variable::Text(value.to_string()),
        };
        variables.insert(name.clone(), variable);
    }
    Ok(variables)
}

fn keep(node: &Node, kept: &str, fields: &Record) -> Result<Keep, OwnError> {
    let text = |name: &str| fields.get(name).map(Value::to_string).unwrap_or_default();
    match kept {
        "env" => Ok(Keep::Env(text("name"))),
        "file" => Ok(Keep::File(text("path"))),
        other => Err(OwnError::of(
            node,
            format!("takes a secret from `{other}`, which is none of {}", KEPT.join(", ")),
        )),
    }
}

/// The memory that `compute = cpu(memory: …)` asks for.
fn memory(node: &Node) -> Option<Bytes> {
    match node.compute.as_ref()?.field("memory")? {
        Value::Bytes(bytes) => Some(*bytes),
        _ => None,
    }
}

fn place(node: &Node) -> String {
    format!("{}:{}", node.place.file, node.place.line)
}

/// The longest wait between two attempts at `node`.
pub(crate) fn backoff_max(node: &Node) -> Duration {
    node.limits.backoff_max.unwrap_or(suho_plan::Limits::BACKOFF_MAX_DEFAULT)
}

#[cfg(test)]
mod tests;
