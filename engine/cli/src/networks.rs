//! The networks that a plan would train: whether their layers fit, and what they take; and what its
//! sweeps would try.

use crate::failure::Failure;
use crate::project::Project;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use suho_domain::{Fault, Name, Value};
use suho_driver::OwnError;
use suho_plan::{Expr, Facts, Node, Plan, evaluate};
use suho_steps::preview;

/// The kinds of step that train a network.
const TRAINING: [&str; 3] = ["sweep", "train", "cross_validate"];
/// Most trials of a sweep that are listed for people.
const TRIALS_MAX: usize = 12;

/// A network that a step would train.
pub(crate) struct Network {
    step: Name,
    size: preview::Network,
    batch_size: usize,
    /// What is tried, where the step is a sweep.
    sweep: Option<preview::Sweep>,
}

/// The networks of all steps whose model is known before anything runs.
pub(crate) fn of(plan: &Plan, project: &Project) -> Result<Vec<Network>, Failure> {
    let mut networks = Vec::new();
    for node in TRAINING.iter().flat_map(|kind| plan.of_kind(kind)) {
        let known = |input: &str| evaluate(node.inputs.get(input)?, &Nothing).ok();
        let (Some(model), Some(Value::Int(rows))) = (known("model"), known("batch_size")) else {
            continue;
        };
        // A graph of another program has no layers of ours; what it is, its file says.
        let is_given = node.inputs.get("weights").is_some_and(|it| *it != Expr::Value(Value::None));
        let has_layers = matches!(model.field("layers"), Some(Value::List(all)) if !all.is_empty());
        if is_given && !has_layers {
            continue;
        }
        let batch_size = usize::try_from(rows).unwrap_or(1);
        let network = preview::network(&model, batch_size).map_err(|error| {
            let name = model.field("name").and_then(Value::as_text).unwrap_or_default();
            let message = format!("the network of `{name}` cannot be built: {error}");
            let of_step = || format!("{}:{}", node.place.file, node.place.line);
            let place = declared_at(project, name).unwrap_or_else(of_step);
            let failure = Failure::new(Fault::User, &error.code, message).at(place);
            match &error.help {
                Some(help) => failure.help(help),
                None => failure,
            }
        })?;
        let sweep = match node.kind.as_str() {
            "sweep" => Some(tried(node)?),
            _ => None,
        };
        networks.push(Network { step: node.name.clone(), size: network, batch_size, sweep });
    }
    Ok(networks)
}

/// Where the model `name` is declared, as `FILE:LINE`: a block begins at the start of a line.
fn declared_at(project: &Project, name: &str) -> Option<String> {
    let files = project.files(&[project.root().to_path_buf()]).ok()?;
    let is_its = |line: &str| {
        let mut words = line.strip_prefix("model ").unwrap_or_default().split_whitespace();
        words.next().map(|word| word.trim_end_matches('{')) == Some(name)
    };
    files.iter().find_map(|(file, text)| {
        let line = text.lines().position(is_its)?;
        Some(format!("{file}:{}", line + 1))
    })
}

/// What the sweep `node` would try.
fn tried(node: &Node) -> Result<preview::Sweep, Failure> {
    let known = |(name, expr): (&String, _)| Some((name.clone(), evaluate(expr, &Nothing).ok()?));
    let inputs = node.inputs.iter().filter_map(known).collect();
    preview::sweep(&inputs).map_err(|error| {
        let place = format!("{}:{}", node.place.file, node.place.line);
        let message = format!("the sweep `{}` cannot begin: {error}", node.name);
        let failure = Failure::new(error.fault(), &error.code, message).at(place);
        error.help.iter().fold(failure, Failure::help)
    })
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
    for Network { step, size, batch_size, sweep } in networks {
        let megabytes = (size.training_bytes as f64 / 1e6).max(1.0);
        if let Some(sweep) = sweep {
            text.push_str(&trials(step, sweep));
            continue;
        }
        let _infallible = writeln!(
            text,
            "network {step}\n  {} numbers to learn; about {megabytes:.0} MB while training in batches of \
             {batch_size}\n",
            size.parameters
        );
    }
    text
}

/// What a sweep would try, for people.
fn trials(step: &Name, sweep: &preview::Sweep) -> String {
    let count = sweep.trials.len();
    let steps: Vec<String> =
        sweep.rungs.iter().map(|(trials, epochs)| format!("{trials} to epoch {epochs}")).collect();
    let mut text = format!(
        "sweep {step}\n  {count} trials: {}; {} epochs in all at most\n",
        steps.join(", the best "),
        sweep.epochs
    );
    for (at, settings) in sweep.trials.iter().take(TRIALS_MAX).enumerate() {
        let _infallible = writeln!(text, "  {:>3}  {settings}", at + 1);
    }
    if count > TRIALS_MAX {
        let _infallible = writeln!(text, "       and {} more", count - TRIALS_MAX);
    }
    text.push('\n');
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
            "trials": it.sweep.as_ref().map(|sweep| &sweep.trials),
        })
    };
    networks.iter().map(network).collect()
}
