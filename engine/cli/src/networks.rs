//! The networks that a plan would train: whether their layers fit, and what they take.

use crate::failure::Failure;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_domain::{Fault, Name, Value};
use suho_driver::OwnError;
use suho_plan::{Facts, Node, Plan, evaluate};
use suho_steps::preview;

/// The kinds of step that train a network.
const TRAINING: [&str; 2] = ["train", "cross_validate"];

/// A network that a step would train.
pub(crate) struct Network {
    step: Name,
    size: preview::Network,
    batch_size: usize,
}

/// The networks of all steps whose model is known before anything runs.
pub(crate) fn of(plan: &Plan) -> Result<Vec<Network>, Failure> {
    let mut networks = Vec::new();
    for node in TRAINING.iter().flat_map(|kind| plan.of_kind(kind)) {
        let known = |input: &str| evaluate(node.inputs.get(input)?, &Nothing).ok();
        let (Some(model), Some(Value::Int(rows))) = (known("model"), known("batch_size")) else {
            continue;
        };
        let batch_size = usize::try_from(rows).unwrap_or(1);
        let network = preview::network(&model, batch_size).map_err(|error| {
            let name = model.field("name").and_then(Value::as_text).unwrap_or_default();
            let message = format!("the network of `{name}` cannot be built: {error}");
            let place = format!("{}:{}", node.place.file, node.place.line);
            let failure = Failure::new(Fault::User, &error.code, message).at(place);
            match &error.help {
                Some(help) => failure.help(help),
                None => failure,
            }
        })?;
        networks.push(Network { step: node.name.clone(), size: network, batch_size });
    }
    Ok(networks)
}

/// The steps that ask for a GPU where this suho knows none: known before anything runs.
pub(crate) fn without_gpus(plan: &Plan) -> Vec<OwnError> {
    let asks = |node: &&Node| matches!(&node.compute, Some(Value::Variant(it)) if it.name == "gpu");
    let lacks = plan.nodes.iter().filter(asks).filter(|_| !preview::knows_gpus());
    let obstacle = |node: &Node| {
        OwnError {
        step: node.name.clone(),
        why: "asks for a GPU, and this suho was built without them; write `compute = auto`, or build \
              suho with `--features gpu`"
            .to_owned(),
        place: format!("{}:{}", node.place.file, node.place.line),
    }
    };
    lacks.map(obstacle).collect()
}

/// What is known before a run without asking anybody.
struct Nothing;

impl Facts for Nothing {
    fn output(&self, _: &Name) -> Option<&Value> {
        None
    }

    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}

/// A line each, for people.
pub(crate) fn to_text(networks: &[Network]) -> String {
    let mut text = String::new();
    for Network { step, size, batch_size } in networks {
        let megabytes = (size.training_bytes as f64 / 1e6).max(1.0);
        let _infallible = writeln!(
            text,
            "network {step}\n  {} numbers to learn; about {megabytes:.0} MB while training in batches of \
             {batch_size}\n",
            size.parameters
        );
    }
    text
}

/// For programs.
pub(crate) fn to_json(networks: &[Network]) -> Json {
    let network = |it: &Network| {
        json!({
            "step": it.step,
            "parameters": it.size.parameters,
            "training_bytes": it.size.training_bytes,
            "batch_size": it.batch_size,
        })
    };
    networks.iter().map(network).collect()
}
