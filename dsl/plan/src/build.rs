//! A checked pipeline and its parameters to a plan.

use crate::fold::{Params, fold, fold_all};
use crate::plan::{Caching, Handler, Limits, Node, Plan, Role, Settings};
use crate::{content, parameter, start};
use petgraph::algo::toposort;
use petgraph::graph::DiGraph;
use std::collections::{BTreeMap, BTreeSet};
use suho_check::program::{Cell, Expr, Matrix, Pipeline, Program, Rule, Step};
use suho_domain::{Digest, Fault, Instant, Money, Name, Scope, Value};

/// Why a pipeline cannot be planned.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// There is no such pipeline.
    #[error("there is no pipeline `{wanted}`; there is {}", listed(.known))]
    UnknownPipeline {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A parameter without default was not given.
    #[error("`{pipeline}` needs the parameter `{name}`; give it with `-p {name}=VALUE`")]
    MissingParameter {
        /// The pipeline.
        pipeline: Name,
        /// The parameter.
        name: Name,
    },
    /// There is no such parameter.
    #[error("`{pipeline}` has no parameter `{name}`; it takes {}", listed(.known))]
    UnknownParameter {
        /// The pipeline.
        pipeline: Name,
        /// What was given.
        name: String,
        /// What it takes.
        known: Vec<String>,
    },
    /// A parameter's text is no value of its type.
    #[error("the parameter `{name}` cannot be `{text}`: it takes {wanted}")]
    BadParameter {
        /// The parameter.
        name: Name,
        /// What was given.
        text: String,
        /// What it takes.
        wanted: String,
    },
    /// Something that must be known when planning is not.
    #[error("`{what}` of `{step}` must be known when planning")]
    NotConstant {
        /// The step.
        step: String,
        /// The attribute.
        what: String,
    },
    /// A setting is no value it can have.
    #[error("`{what}` cannot be `{found}`: {wanted}")]
    BadSetting {
        /// The setting.
        what: String,
        /// What it is set to.
        found: String,
        /// What it can be.
        wanted: String,
    },
    /// A parameter breaks a condition of a step's kind.
    #[error("`{step}` needs `{check}`, and {given} ({place})")]
    BrokenCheck {
        /// The step.
        step: Name,
        /// The condition, as the kind's signature writes it.
        check: String,
        /// What the parameters are that it speaks of: ``"`share` is 90%"``.
        given: String,
        /// Where the step stands, as `FILE:LINE`.
        place: String,
    },
    /// Days before the run's start that no calendar has.
    #[error("`{name}` cannot be `{text}`: no calendar goes back so far")]
    TooFar {
        /// The parameter.
        name: Name,
        /// What it is.
        text: String,
    },
    /// The checker let a cycle through.
    #[error("the steps of `{0}` need each other in a circle")]
    Cycle(Name),
}

impl PlanError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        if let Self::Cycle(_) = self { Fault::Bug } else { Fault::User }
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

/// Where a pipeline's parameters get their values from, the strongest first.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// Name and text, from the command line; the last of a name counts.
    pub arguments: &'a [(String, String)],
    /// The `env` block whose `PIPELINE.PARAM = …` count. One that no file declares sets nothing.
    pub environment: Option<&'a str>,
    /// What a call gives, as a matrix' cell does, by parameter: weaker than the command line,
    /// stronger than the environment.
    pub call: Option<&'a BTreeMap<Name, Expr>>,
    /// What becomes of a parameter that nothing gives a value.
    pub unbound: Unbound,
    /// When the run starts; `last(2y)` ends on that day. Where that is not known yet, as for the
    /// runs of a schedule, the plan has to be [`started`](Plan::started) before it can be run.
    pub start: Option<Instant>,
}

/// What becomes of a parameter that nothing gives a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unbound {
    /// There is no plan.
    Refused,
    /// It stands in the plan by its name. Such a plan can be compared and drawn, not run.
    Open,
}

impl<'a> Binding<'a> {
    /// `arguments` alone; every parameter must have a value, and when the run starts is not known.
    pub const fn of(arguments: &'a [(String, String)]) -> Self {
        let unbound = Unbound::Refused;
        Self { arguments, environment: None, call: None, unbound, start: None }
    }
}

/// The runs of `matrix`: each cell's key, and what it gives the pipeline by parameter.
pub fn cells(matrix: &Matrix) -> Vec<(String, BTreeMap<Name, Expr>)> {
    let call = |cell: &Cell| {
        let own = cell.arguments.iter().filter_map(|(name, value)| {
            Some((Name::new(&**name).ok()?, Expr::Value(value.clone())))
        });
        let mut call = matrix.run.arguments.clone();
        call.extend(own);
        (cell.key.clone(), call)
    };
    matrix.cells.iter().map(call).collect()
}

/// The plan of `pipeline` with `arguments` (name and text, from the command line).
///
/// # Errors
/// When the pipeline or a parameter does not exist, or something is not known when planning.
pub fn build(
    program: &Program,
    pipeline: &str,
    arguments: &[(String, String)],
) -> Result<Plan, PlanError> {
    build_in(program, pipeline, &Binding::of(arguments))
}

/// The plan of `pipeline` with its parameters bound by `binding`.
///
/// # Errors
/// As [`build`].
pub fn build_in(
    program: &Program,
    pipeline: &str,
    binding: &Binding<'_>,
) -> Result<Plan, PlanError> {
    let known = || program.pipelines.keys().map(Name::to_string).collect();
    let unknown = || PlanError::UnknownPipeline { wanted: pipeline.to_owned(), known: known() };
    let pipeline = program.pipelines.get(pipeline).ok_or_else(unknown)?;
    let params = bind(program, pipeline, binding)?;
    let settings = settings(program, pipeline, &params, binding)?;
    let mut nodes: Vec<Node> = Vec::with_capacity(pipeline.steps.len());
    let mut above: BTreeMap<Name, Digest> = BTreeMap::new();
    for step in ordered(pipeline)? {
        let node = node((step, pipeline), &params, &above, binding.unbound)?;
        above.insert(node.name.clone(), node.content.clone());
        nodes.push(node);
    }
    let handlers: Vec<_> = pipeline
        .handlers
        .iter()
        .map(|handler| Handler {
            event: handler.event.clone(),
            attributes: fold_all(&handler.attributes, &params),
        })
        .collect();
    let (params, starting) = start::parted(params);
    let plan = Plan {
        schema: Plan::SCHEMA,
        pipeline: pipeline.name.clone(),
        doc: pipeline.doc.clone(),
        digest: content::of_plan(&pipeline.name, &settings, &nodes, &handlers),
        params,
        starting,
        settings,
        nodes,
        handlers,
        place: pipeline.place.clone(),
    };
    match binding.start {
        Some(start) => plan.started(start),
        None => Ok(plan),
    }
}

/// What the environment sets the parameter `name` of `pipeline` to, if it does.
pub(crate) fn set_by_environment<'p>(
    program: &'p Program,
    environment: Option<&str>,
    pipeline: &Name,
    name: &Name,
) -> Option<&'p Expr> {
    program.environments.get(environment?)?.get(&format!("{pipeline}.{name}"))
}

fn bind(
    program: &Program,
    pipeline: &Pipeline,
    binding: &Binding<'_>,
) -> Result<Params, PlanError> {
    for (name, _) in binding.arguments {
        if !pipeline.params.iter().any(|param| param.name.as_str() == name) {
            return Err(PlanError::UnknownParameter {
                pipeline: pipeline.name.clone(),
                name: name.clone(),
                known: pipeline.params.iter().map(|param| param.name.to_string()).collect(),
            });
        }
    }
    let mut bound = Params::new();
    for param in &pipeline.params {
        let name = &param.name;
        let given = binding.arguments.iter().rev().find(|(given, _)| given == name.as_str());
        let called = binding.call.and_then(|call| call.get(name));
        let set = called
            .or_else(|| set_by_environment(program, binding.environment, &pipeline.name, name));
        let value = match (given, set.or(param.default.as_ref())) {
            (Some((_, text)), _) => {
                parameter::given(program, &param.ty, text).map_err(|wanted| {
                    PlanError::BadParameter { name: name.clone(), text: text.clone(), wanted }
                })?
            }
            // A default may speak of the parameters before it.
            (None, Some(expr)) => match (fold(expr, &bound), binding.unbound) {
                (value @ Expr::Value(_), _) => value,
                (open, _) if start::is_known_then(&open) => open,
                (_, Unbound::Open) => continue,
                (open, Unbound::Refused) => {
                    Expr::Value(constant(open, &pipeline.name, name.as_str())?)
                }
            },
            (None, None) if binding.unbound == Unbound::Open => continue,
            (None, None) => {
                let (pipeline, name) = (pipeline.name.clone(), name.clone());
                return Err(PlanError::MissingParameter { pipeline, name });
            }
        };
        bound.insert(name.clone(), value);
    }
    Ok(bound)
}

fn constant(expr: Expr, step: &Name, what: &str) -> Result<Value, PlanError> {
    match expr {
        Expr::Value(value) => Ok(value),
        _ => Err(PlanError::NotConstant { step: step.to_string(), what: what.to_owned() }),
    }
}

/// The value of what must be known when planning, if it is set at all.
fn known(
    expr: Option<Expr>,
    step: &Name,
    what: &str,
    unbound: Unbound,
) -> Result<Option<Value>, PlanError> {
    match (expr, unbound) {
        (Some(Expr::Value(value)), _) => Ok(Some(value)),
        (None, _) | (Some(_), Unbound::Open) => Ok(None),
        (Some(open), Unbound::Refused) => constant(open, step, what).map(Some),
    }
}

fn settings(
    program: &Program,
    pipeline: &Pipeline,
    params: &Params,
    binding: &Binding<'_>,
) -> Result<Settings, PlanError> {
    let unbound = binding.unbound;
    let get = |what: &str| -> Result<Option<Value>, PlanError> {
        let expr = pipeline.attributes.get(what).or_else(|| program.project.get(what));
        known(expr.map(|expr| fold(expr, params)), &pipeline.name, what, unbound)
    };
    let scope = match get("scope")? {
        None => Scope::Platform,
        Some(value) => scope(&value)?,
    };
    Ok(Settings {
        timezone: get("timezone")?.map_or_else(|| "UTC".to_owned(), |zone| zone.to_string()),
        calendar: get("calendar")?.map(|calendar| calendar.to_string()),
        scope,
        deadline: match get("deadline")? {
            Some(Value::Duration(deadline)) => Some(deadline),
            _ => None,
        },
        executor: known(
            said(program, binding.environment, "executor").map(|expr| fold(expr, params)),
            &pipeline.name,
            "executor",
            unbound,
        )?,
        prices: prices(program, binding.environment, params),
        budget: match get("budget")? {
            Some(Value::Money(budget)) => Some(budget),
            _ => None,
        },
        // Its key may speak of what is known when the run starts.
        concurrency: pipeline.attributes.get("concurrency").map(|expr| fold(expr, params)),
    })
}

/// What `environment` says of `what`, if it does.
fn said<'p>(program: &'p Program, environment: Option<&str>, what: &str) -> Option<&'p Expr> {
    program.environments.get(environment?)?.get(what)
}

/// What an hour of each machine costs in `environment`.
fn prices(
    program: &Program,
    environment: Option<&str>,
    params: &Params,
) -> BTreeMap<String, Money> {
    let written = said(program, environment, "prices").map(|expr| fold(expr, params));
    let Some(Expr::Value(Value::Record(prices))) = written else { return BTreeMap::new() };
    let price = |(machine, price): (String, Value)| match price {
        Value::Money(price) => Some((machine, price)),
        _ => None,
    };
    prices.into_iter().filter_map(price).collect()
}

fn scope(value: &Value) -> Result<Scope, PlanError> {
    let refused = |wanted: String| PlanError::BadSetting {
        what: "scope".to_owned(),
        found: value.to_string(),
        wanted,
    };
    let Value::Variant(variant) = value else {
        return Err(refused("`platform`, `tenant(…)` or `user(…, …)`".to_owned()));
    };
    let field = |name: &str| variant.fields.get(name).map(Value::to_string).unwrap_or_default();
    match variant.name.as_str() {
        "tenant" => Scope::tenant(field("tenant")).map_err(|e| refused(e.to_string())),
        "user" => Scope::user(field("tenant"), field("user")).map_err(|e| refused(e.to_string())),
        _ => Ok(Scope::Platform),
    }
}

/// The steps, each after all it needs; among equals as written.
fn ordered(pipeline: &Pipeline) -> Result<Vec<&Step>, PlanError> {
    let mut graph = DiGraph::<&Step, ()>::new();
    let mut at = BTreeMap::new();
    // Petgraph's order takes the last root first: added backwards, equals come as written.
    for step in pipeline.steps.iter().rev() {
        at.insert(&step.name, graph.add_node(step));
    }
    for step in pipeline.steps.iter().rev() {
        for need in step.needs.iter().chain(floor(step, pipeline)) {
            if let (Some(&from), Some(&to)) = (at.get(need), at.get(&step.name)) {
                graph.add_edge(from, to, ());
            }
        }
    }
    let order = toposort(&graph, None).map_err(|_| PlanError::Cycle(pipeline.name.clone()))?;
    Ok(order.into_iter().filter_map(|index| graph.node_weight(index).copied()).collect())
}

/// The `evaluate` step that a gate's `floor` looks at, where no rule names one: the first that scores
/// the same model and does not itself wait for the gate.
fn floor<'a>(gate: &Step, pipeline: &'a Pipeline) -> Option<&'a Name> {
    let floor = gate.inputs.get("floor").filter(|_| gate.kind.as_str() == "gate")?;
    if matches!(floor, Expr::Value(Value::Variant(floor)) if floor.name == "none") {
        return None;
    }
    let model = gate.inputs.get("model")?;
    let is_its =
        |step: &&Step| step.kind.as_str() == "evaluate" && step.inputs.get("model") == Some(model);
    let mut scoring = pipeline.steps.iter().filter(is_its);
    if scoring.clone().any(|step| gate.needs.contains(&step.name)) {
        return None;
    }
    scoring.find(|step| !waits_for(step, &gate.name, pipeline)).map(|step| &step.name)
}

/// Whether `step` waits for `other`, by itself or through others.
fn waits_for(step: &Step, other: &Name, pipeline: &Pipeline) -> bool {
    let (mut open, mut seen) = (vec![&step.name], BTreeSet::new());
    while let Some(next) = open.pop() {
        if next == other {
            return true;
        }
        if seen.insert(next) {
            let found = pipeline.steps.iter().find(|step| step.name == *next);
            open.extend(found.into_iter().flat_map(|step| &step.needs));
        }
    }
    false
}

fn node(
    (step, pipeline): (&Step, &Pipeline),
    params: &Params,
    above: &BTreeMap<Name, Digest>,
    unbound: Unbound,
) -> Result<Node, PlanError> {
    keeps_checks(step, params)?;
    let inputs = fold_all(&step.inputs, params);
    let rules: Vec<_> = step
        .rules
        .iter()
        .map(|rule| Rule {
            condition: fold(&rule.condition, params),
            lasting: rule.lasting.as_ref().map(|expr| fold(expr, params)),
            otherwise: rule.otherwise.as_ref().map(|expr| fold(expr, params)),
            attributes: fold_all(&rule.attributes, params),
            ..rule.clone()
        })
        .collect();
    let meta = fold_all(&step.meta, params);
    let exec = step.exec.as_ref().map(|expr| fold(expr, params));
    let mut node = Node {
        // Of all the rest, below.
        content: Digest::of(b""),
        name: step.name.clone(),
        kind: step.kind.clone(),
        role: Role::of(step.kind.as_str()),
        doc: step.doc.clone(),
        needs: step.needs.iter().chain(floor(step, pipeline)).cloned().collect(),
        when: meta.get("when").cloned(),
        limits: limits(step, &meta, unbound)?,
        cache: caching(step, &meta, unbound)?,
        compute: compute(step, &meta, unbound)?,
        inputs,
        rules,
        exec,
        outputs: step.outputs.clone(),
        effects: step.effects.clone(),
        place: step.place.clone(),
    };
    node.content = content::of_node(&node, above);
    Ok(node)
}

/// Refuses parameters with which `step` breaks a condition of its kind.
fn keeps_checks(step: &Step, params: &Params) -> Result<(), PlanError> {
    for check in &step.checks {
        if fold(&check.condition, params) != Expr::Value(Value::Bool(false)) {
            continue;
        }
        let mut given: Vec<String> = Vec::new();
        for part in crate::walk::all(&check.condition) {
            let Expr::Param(name) = part else { continue };
            let value = params.get(name).map(crate::show::show).unwrap_or_default();
            let said = format!("`{name}` is {value}");
            if !given.contains(&said) {
                given.push(said);
            }
        }
        return Err(PlanError::BrokenCheck {
            step: step.name.clone(),
            check: check.text.clone(),
            given: given.join(", "),
            place: format!("{}:{}", step.place.file, step.place.line),
        });
    }
    Ok(())
}

fn caching(
    step: &Step,
    meta: &BTreeMap<String, Expr>,
    unbound: Unbound,
) -> Result<Caching, PlanError> {
    let cache = known(meta.get("cache").cloned(), &step.name, "cache", unbound)?;
    Ok(if cache == Some(Value::Bool(false)) { Caching::Never } else { Caching::Use })
}

fn compute(
    step: &Step,
    meta: &BTreeMap<String, Expr>,
    unbound: Unbound,
) -> Result<Option<Value>, PlanError> {
    let compute = known(meta.get("compute").cloned(), &step.name, "compute", unbound)?;
    Ok(compute.filter(|compute| compute.to_string() != "local"))
}

fn limits(
    step: &Step,
    meta: &BTreeMap<String, Expr>,
    unbound: Unbound,
) -> Result<Limits, PlanError> {
    let get = |what: &str| known(meta.get(what).cloned(), &step.name, what, unbound);
    let duration = |value: Option<&Value>| match value {
        Some(Value::Duration(duration)) => Some(*duration),
        _ => None,
    };
    let retry = get("retry")?;
    let field = |name: &str| retry.as_ref().and_then(|retry| retry.field(name));
    // `exponential(first: 10s, limit: 10m)` or `constant(wait: 30s)`.
    let backoff = field("backoff");
    let wait = |names: &[&str]| names.iter().find_map(|name| duration(backoff?.field(name)));
    let attempts = match field("attempts") {
        Some(Value::Int(attempts)) => u32::try_from(*attempts).unwrap_or(1).max(1),
        _ => 1,
    };
    let retry_on = match field("on") {
        Some(Value::List(classes)) => classes.iter().map(Value::to_string).collect(),
        _ if attempts > 1 => vec!["infrastructure".to_owned(), "preempted".to_owned()],
        _ => Vec::new(),
    };
    let is_request = matches!(&step.exec, Some(Expr::Variant(how, _)) if how == "http")
        || matches!(&step.exec, Some(Expr::Value(Value::Variant(how))) if how.name == "http");
    let default =
        if is_request { Limits::REQUEST_TIMEOUT_DEFAULT } else { Limits::TIMEOUT_DEFAULT };
    Ok(Limits {
        timeout: duration(get("timeout")?.as_ref()).or(Some(default)),
        attempts,
        retry_on,
        backoff: wait(&["first", "wait"]).unwrap_or(Limits::BACKOFF_DEFAULT),
        backoff_max: wait(&["limit", "wait"]).filter(|max| *max != Limits::BACKOFF_MAX_DEFAULT),
    })
}

#[cfg(test)]
mod tests;
