//! What a step is given: its inputs resolved, and what follows from the rest of the plan.

use crate::candidate::Candidate;
use crate::own::{self, OwnError};
use crate::world::{Sources, WorldError};
use std::borrow::Cow;
use suho_domain::{Digest, Fault, Instant, Record, Value};
use suho_plan::{Facts, Missing, Node, Plan, content_key, resolve};

/// The kind of step that reads from outside.
const DATASET: &str = "dataset";

/// What inputs are made from, beside the plan and the outputs.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "traits of the world have none")]
pub struct Surroundings<'a> {
    /// The model the plan would make.
    pub candidate: Option<&'a Candidate>,
    /// Where data comes from.
    pub sources: &'a dyn Sources,
    /// Bars that open at or after this are held back.
    pub until: Option<Instant>,
    /// Digest of the code of the steps.
    pub code: &'a Digest,
}

/// Why a step's inputs cannot be told.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InputError {
    /// An input is not known, though the step is due.
    #[error("input `{input}` of `{step}`: {missing}")]
    Missing {
        /// The step.
        step: String,
        /// The input.
        input: String,
        /// Why.
        missing: Missing,
    },
    /// The world could not answer.
    #[error(transparent)]
    World(#[from] WorldError),
    /// It is a step of the user's own, and asks for what this suho has not.
    #[error(transparent)]
    Own(#[from] OwnError),
}

impl InputError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Missing { missing: Missing::Wrong(_) | Missing::NotYet(_), .. } => Fault::Bug,
            Self::Missing { .. } => Fault::User,
            Self::World(error) => error.fault,
            Self::Own(error) => error.fault(),
        }
    }
}

/// The inputs of `node` and the key under which its result is kept.
///
/// # Errors
/// When an input is not known yet, or its source is not there.
pub fn inputs(
    plan: &Plan,
    node: &Node,
    facts: &dyn Facts,
    around: Surroundings<'_>,
) -> Result<(Record, Digest), InputError> {
    let inputs = given(plan, node, facts, around)?;
    let key = key(node, &inputs, around);
    Ok((inputs, key))
}

/// The inputs of `node`, for whoever needs no key.
pub(crate) fn given(
    plan: &Plan,
    node: &Node,
    facts: &dyn Facts,
    around: Surroundings<'_>,
) -> Result<Record, InputError> {
    let mut declared = Cow::Borrowed(&node.inputs);
    // `next(baseline)` is the registry's to answer, when the version is reserved.
    if node.kind.as_str() == "train" {
        declared.to_mut().remove("version");
    }
    // What carries out a step of the user's own is known as well as its ports are.
    if let Some(exec) = &node.exec {
        declared.to_mut().insert(own::EXEC.to_owned(), exec.clone());
    }
    let mut inputs = resolve(&declared, facts).map_err(|(input, missing)| InputError::Missing {
        step: node.name.to_string(),
        input,
        missing,
    })?;
    match node.kind.as_str() {
        DATASET => complete_dataset(plan, &mut inputs, around)?,
        "backtest" | "latency_probe" => complete_data(facts, &mut inputs, around),
        _ => {}
    }
    Ok(inputs)
}

/// The key under which the result of `node` is kept, made from `inputs`.
pub(crate) fn key(node: &Node, inputs: &Record, around: Surroundings<'_>) -> Digest {
    let own = node.exec.as_ref().map(|_| own::code(node));
    content_key(&node.kind, inputs, own.as_ref().unwrap_or(around.code))
}

/// Whether `node` reads what somebody outside may change while it does.
pub(crate) fn reads_a_source(node: &Node) -> bool {
    node.kind.as_str() == DATASET
}

/// A data set follows its model's horizon, label and sequence, and its pipeline's calendar, zone
/// and scope; its source is known by content, so that changed data is another key.
fn complete_dataset(
    plan: &Plan,
    inputs: &mut Record,
    around: Surroundings<'_>,
) -> Result<(), WorldError> {
    let mut fill = |name: &str, value: Value| {
        let is_set = inputs.get(name).is_some_and(|value| *value != Value::None);
        if !is_set {
            inputs.insert(name.to_owned(), value);
        }
    };
    if let Some(candidate) = around.candidate {
        fill("horizon", Value::Duration(candidate.horizon));
        fill("label", candidate.label.clone());
        fill("sequence", Value::Int(candidate.sequence));
    }
    fill("calendar", Value::text(calendar(plan, around.candidate)));
    fill("timezone", Value::text(plan.settings.timezone.as_str()));
    fill("scope", Value::text(plan.settings.scope.folder()));
    fill("until", around.until.map_or(Value::None, Value::Instant));
    if let Some(source) = inputs.get("source") {
        let digest = around.sources.fingerprint(source)?;
        inputs.insert("source_digest".to_owned(), Value::text(digest.as_str()));
    }
    Ok(())
}

/// The data set a model was trained on, for steps that follow their model.
fn complete_data(facts: &dyn Facts, inputs: &mut Record, around: Surroundings<'_>) {
    let is_set = inputs.get("data").is_some_and(|value| *value != Value::None);
    let dataset = around.candidate.and_then(|candidate| candidate.dataset.as_ref());
    if let (false, Some(data)) = (is_set, dataset.and_then(|name| facts.output(name))) {
        inputs.insert("data".to_owned(), data.clone());
    }
}

/// The pipeline's calendar, or the one its symbol follows: pairs and metals trade as currencies do.
pub fn calendar(plan: &Plan, candidate: Option<&Candidate>) -> String {
    let by_symbol = || match candidate.map(|candidate| candidate.slot.symbol.pair()) {
        Some(Some(_)) => "fx".to_owned(),
        _ => "always".to_owned(),
    };
    plan.settings.calendar.clone().unwrap_or_else(by_symbol)
}
