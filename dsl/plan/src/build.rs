//! A checked pipeline and its parameters to a plan.

use crate::fold::fold;
use crate::plan::{Handler, Limits, Node, Plan, Role, Settings};
use crate::{content, parameter};
use petgraph::algo::toposort;
use petgraph::graph::DiGraph;
use std::collections::BTreeMap;
use suho_check::program::{Expr, Pipeline, Program, Rule, Step};
use suho_domain::{Digest, Duration, Fault, Name, Scope, Value};

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

/// The plan of `pipeline` with `arguments` (name and text, from the command line).
///
/// # Errors
/// When the pipeline or a parameter does not exist, or something is not known when planning.
pub fn build(
    program: &Program,
    pipeline: &str,
    arguments: &[(String, String)],
) -> Result<Plan, PlanError> {
    let known = || program.pipelines.keys().map(Name::to_string).collect();
    let unknown = || PlanError::UnknownPipeline { wanted: pipeline.to_owned(), known: known() };
    let pipeline = program.pipelines.get(pipeline).ok_or_else(unknown)?;
    let params = bind(pipeline, arguments)?;
    let settings = settings(program, pipeline, &params)?;
    let mut nodes: Vec<Node> = Vec::with_capacity(pipeline.steps.len());
    let mut above: BTreeMap<Name, Digest> = BTreeMap::new();
    for step in ordered(pipeline)? {
        let node = node(step, &params, &above)?;
        above.insert(node.name.clone(), node.content.clone());
        nodes.push(node);
    }
    let folded = |attributes: &BTreeMap<String, Expr>| -> BTreeMap<String, Expr> {
        attributes.iter().map(|(name, expr)| (name.clone(), fold(expr, &params))).collect()
    };
    let handlers: Vec<_> = pipeline
        .handlers
        .iter()
        .map(|handler| Handler {
            event: handler.event.clone(),
            attributes: folded(&handler.attributes),
        })
        .collect();
    Ok(Plan {
        schema: Plan::SCHEMA,
        pipeline: pipeline.name.clone(),
        doc: pipeline.doc.clone(),
        digest: content::of_plan(&pipeline.name, &settings, &nodes, &handlers),
        params,
        settings,
        nodes,
        handlers,
        place: pipeline.place.clone(),
    })
}

fn bind(
    pipeline: &Pipeline,
    arguments: &[(String, String)],
) -> Result<BTreeMap<Name, Value>, PlanError> {
    for (name, _) in arguments {
        if !pipeline.params.iter().any(|param| param.name.as_str() == name) {
            return Err(PlanError::UnknownParameter {
                pipeline: pipeline.name.clone(),
                name: name.clone(),
                known: pipeline.params.iter().map(|param| param.name.to_string()).collect(),
            });
        }
    }
    let mut bound = BTreeMap::new();
    for param in &pipeline.params {
        let name = &param.name;
        let given = arguments.iter().rev().find(|(given, _)| given == name.as_str());
        let value = match (given, &param.default) {
            (Some((_, text)), _) => parameter::parse(&param.ty, text).map_err(|wanted| {
                PlanError::BadParameter { name: name.clone(), text: text.clone(), wanted }
            })?,
            // A default may speak of the parameters before it.
            (None, Some(default)) => {
                constant(fold(default, &bound), &pipeline.name, name.as_str())?
            }
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

fn settings(
    program: &Program,
    pipeline: &Pipeline,
    params: &BTreeMap<Name, Value>,
) -> Result<Settings, PlanError> {
    let get = |what: &str| -> Result<Option<Value>, PlanError> {
        let expr = pipeline.attributes.get(what).or_else(|| program.project.get(what));
        let value = expr.map(|expr| constant(fold(expr, params), &pipeline.name, what));
        value.transpose()
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
    })
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
        for need in &step.needs {
            if let (Some(&from), Some(&to)) = (at.get(need), at.get(&step.name)) {
                graph.add_edge(from, to, ());
            }
        }
    }
    let order = toposort(&graph, None).map_err(|_| PlanError::Cycle(pipeline.name.clone()))?;
    Ok(order.into_iter().filter_map(|index| graph.node_weight(index).copied()).collect())
}

fn node(
    step: &Step,
    params: &BTreeMap<Name, Value>,
    above: &BTreeMap<Name, Digest>,
) -> Result<Node, PlanError> {
    let folded = |exprs: &BTreeMap<String, Expr>| -> BTreeMap<String, Expr> {
        exprs.iter().map(|(name, expr)| (name.clone(), fold(expr, params))).collect()
    };
    let inputs = folded(&step.inputs);
    let rules: Vec<_> = step
        .rules
        .iter()
        .map(|rule| Rule {
            condition: fold(&rule.condition, params),
            lasting: rule.lasting.as_ref().map(|expr| fold(expr, params)),
            otherwise: rule.otherwise.as_ref().map(|expr| fold(expr, params)),
            attributes: folded(&rule.attributes),
            ..rule.clone()
        })
        .collect();
    let meta = folded(&step.meta);
    Ok(Node {
        content: content::of_node(&step.kind, &inputs, &rules, above),
        name: step.name.clone(),
        kind: step.kind.clone(),
        role: Role::of(step.kind.as_str()),
        doc: step.doc.clone(),
        needs: step.needs.clone(),
        when: meta.get("when").cloned(),
        limits: limits(step, &meta)?,
        inputs,
        rules,
        place: step.place.clone(),
    })
}

fn limits(step: &Step, meta: &BTreeMap<String, Expr>) -> Result<Limits, PlanError> {
    let get = |what: &str| {
        let value = meta.get(what).cloned().map(|expr| constant(expr, &step.name, what));
        value.transpose()
    };
    let duration = |value: Option<&Value>| match value {
        Some(Value::Duration(duration)) => Some(*duration),
        _ => None,
    };
    let retry = get("retry")?;
    let field = |name: &str| retry.as_ref().and_then(|retry| retry.field(name));
    let attempts = match field("attempts") {
        Some(Value::Int(attempts)) => u32::try_from(*attempts).unwrap_or(1).max(1),
        _ => 1,
    };
    let retry_on = match field("on") {
        Some(Value::List(classes)) => classes.iter().map(Value::to_string).collect(),
        _ if attempts > 1 => vec!["infrastructure".to_owned(), "preempted".to_owned()],
        _ => Vec::new(),
    };
    Ok(Limits {
        timeout: duration(get("timeout")?.as_ref()).or(Some(Limits::TIMEOUT_DEFAULT)),
        attempts,
        retry_on,
        backoff: duration(field("backoff")).unwrap_or(Duration::from_seconds(5)),
    })
}
