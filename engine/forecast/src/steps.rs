//! Which step would run and which would be cached, and why.

use crate::{Facts, Force, ForecastError, Occasion, Sight};
use std::collections::BTreeMap;
use suho_domain::{Digest, Instant, ModelStatus, Name, Record, Value};
use suho_driver::ports::{CacheEntry, ModelRow, SlotFacts};
use suho_driver::{Candidate, Surroundings, id_of, inputs, value_of};
use suho_plan::{Node, Plan, Role, operands};

/// What would become of a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// It would be done.
    Run,
    /// An earlier result would be taken.
    Cached,
    /// Nothing is to be done at all.
    Skip,
}

impl Action {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Cached => "cached",
            Self::Skip => "skip",
        }
    }
}

/// What is said of what only a service knows.
const UNSEEN: &str = "not known before the run: planning asks no service";

/// One step, forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: Name,
    /// Its kind.
    pub kind: Name,
    /// What it waits for.
    pub needs: Vec<Name>,
    /// What would become of it.
    pub action: Action,
    /// Why.
    pub reason: String,
}

/// What is known before anything runs.
pub(crate) struct Known {
    pub(crate) steps: Vec<Step>,
    /// Outputs that are known: lookups and cached results.
    pub(crate) outputs: BTreeMap<Name, Value>,
    /// The data set's inputs, when they are known.
    pub(crate) dataset: Option<Record>,
    /// The model that a cached `train` would give, or that the same inputs gave before.
    pub(crate) twin: Option<ModelRow>,
}

impl suho_plan::Facts for Known {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.outputs.get(name)
    }
    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}

impl Known {
    /// The digest of the candidate's snapshot, when it is known.
    pub(crate) fn dataset_digest(&self, candidate: &Candidate) -> Option<Digest> {
        let outputs = self.outputs.get(candidate.dataset.as_ref()?)?;
        outputs.field("digest")?.as_text()?.parse().ok()
    }
}

/// Every step in order: what it is given decides whether its result is there already.
pub(crate) fn walk(
    plan: &Plan,
    candidate: Option<&Candidate>,
    slot: &SlotFacts,
    until: Option<Instant>,
    occasion: &Occasion,
    facts: &dyn Facts,
) -> Result<Known, ForecastError> {
    let steps = Vec::with_capacity(plan.nodes.len());
    let mut known = Known { steps, outputs: BTreeMap::new(), dataset: None, twin: None };
    for node in &plan.nodes {
        let (action, reason) = match node.role {
            Role::Lookup if occasion.sight == Sight::Files => (Action::Run, UNSEEN.to_owned()),
            Role::Lookup => lookup(node, slot, &mut known),
            Role::Decision | Role::Rollout => (Action::Run, decision(node)),
            Role::Work => {
                let around =
                    Surroundings { candidate, sources: facts, until, code: &occasion.code };
                work(plan, node, around, occasion, facts, &mut known)?
            }
        };
        known.steps.push(Step {
            name: node.name.clone(),
            kind: node.kind.clone(),
            needs: node.needs.clone(),
            action,
            reason,
        });
    }
    Ok(known)
}

fn lookup(node: &Node, slot: &SlotFacts, known: &mut Known) -> (Action, String) {
    let (value, reason) = match &slot.production {
        Some(row) => (value_of(row), format!("finds {} {}", row.slot.model, row.version)),
        None => (Value::None, "finds none: nothing serves this slot yet".to_owned()),
    };
    known.outputs.insert(node.name.clone(), value);
    (Action::Run, reason)
}

fn decision(node: &Node) -> String {
    match node.kind.as_str() {
        "gate" => "decides on what the steps before it measure".to_owned(),
        "approve" => "asks people, and waits for one of them".to_owned(),
        "promote" => "makes the candidate production and archives the one before it".to_owned(),
        _ => "gathers evidence; never cached".to_owned(),
    }
}

fn work(
    plan: &Plan,
    node: &Node,
    around: Surroundings<'_>,
    occasion: &Occasion,
    facts: &dyn Facts,
    known: &mut Known,
) -> Result<(Action, String), ForecastError> {
    let unknown = node.needs.iter().find(|need| !known.outputs.contains_key(*need));
    if let Some(need) = unknown {
        return Ok((Action::Run, format!("`{need}` runs")));
    }
    let (inputs, key) = match (inputs(plan, node, known, around), occasion.sight) {
        (Err(_), Sight::Files) => return Ok((Action::Run, UNSEEN.to_owned())),
        (found, _) => found?,
    };
    if node.kind.as_str() == "dataset" {
        known.dataset = Some(inputs.clone());
    }
    if let Some(why) = suho_driver::why_anew(node) {
        return Ok((Action::Run, format!("never cached: {why}")));
    }
    if occasion.sight == Sight::Files {
        let reason = "unless the registry keeps its result, which is not asked";
        return Ok((Action::Run, reason.to_owned()));
    }
    let entry = facts.cached(&key)?;
    let model = entry.as_ref().and_then(|entry| id_of(entry.outputs.get("model")));
    if node.kind.as_str() == "train"
        && let Some(model) = model
    {
        known.twin = facts.model(&model)?;
    }
    match entry {
        Some(_) if occasion.force == Force::Yes => Ok((Action::Run, "--force".to_owned())),
        Some(entry) => Ok(kept(node, entry, known)),
        None => Ok((Action::Run, stale(node, &inputs, facts)?)),
    }
}

/// A result is there; a model of it must still be able to go forward.
fn kept(node: &Node, entry: CacheEntry, known: &mut Known) -> (Action, String) {
    let twin = known.twin.as_ref().filter(|_| node.kind.as_str() == "train");
    if let Some(row) = twin {
        let may_go_on = row.status == ModelStatus::Production
            || (row.status == ModelStatus::Testing && !row.quarantined);
        if !may_go_on {
            let why = row.status_reason.as_deref().unwrap_or("quarantined");
            let reason = format!("{} of the same inputs is {} ({why})", row.version, row.status);
            return (Action::Run, reason);
        }
    }
    let reason = format!("same inputs as in run {}", entry.run.short());
    known.outputs.insert(node.name.clone(), Value::Record(entry.outputs));
    (Action::Cached, reason)
}

/// Why there is no result: what changed since the newest one.
fn stale(node: &Node, inputs: &Record, facts: &dyn Facts) -> Result<String, ForecastError> {
    let Some(latest) = facts.latest(&node.kind, &node.name)? else {
        return Ok("never run before".to_owned());
    };
    let now = Value::Record(inputs.clone()).to_plain();
    let changed = changes(&latest.inputs, &now);
    Ok(match changed.as_slice() {
        [] => "the code of the step changed".to_owned(),
        changed => format!("{} changed since run {}", changed.join(", "), latest.run.short()),
    })
}

/// Dotted names of what differs between two inputs, at most three.
pub(crate) fn changes(before: &serde_json::Value, after: &serde_json::Value) -> Vec<String> {
    const NAMED_MAX: usize = 3;
    let mut found = Vec::new();
    differ("", before, after, &mut found);
    if found.len() > NAMED_MAX {
        let more = found.len() - NAMED_MAX;
        found.truncate(NAMED_MAX);
        found.push(format!("{more} more"));
    }
    found
}

fn differ(path: &str, a: &serde_json::Value, b: &serde_json::Value, found: &mut Vec<String>) {
    use serde_json::Value as Json;
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in keys.into_iter().filter(|key| *key != "identity" && *key != "version") {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let none = Json::Null;
                differ(&path, a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none), found);
            }
        }
        (a, b) if a == b => {}
        _ => found.push(format!("`{path}`")),
    }
}

/// The steps where nothing is to be done: what is kept stays, the rest is left out.
pub(crate) fn left_out(steps: &[Step]) -> Vec<Step> {
    let each = |step: &Step| match step.action {
        Action::Cached => step.clone(),
        Action::Run | Action::Skip => {
            Step { action: Action::Skip, reason: "nothing to do".to_owned(), ..step.clone() }
        }
    };
    steps.iter().map(each).collect()
}

/// Each gate's criteria with the limits that are known already.
pub(crate) fn gates(plan: &Plan, known: &Known) -> Vec<(Name, Vec<(String, String)>)> {
    let limit = |rule: &suho_plan::Rule| {
        let (_, limit) = operands(rule, known).unwrap_or_default();
        let limit = if limit == "–" { "known in the run".to_owned() } else { limit };
        (rule.text.clone(), limit)
    };
    let gate = |node: &Node| {
        let floor = match node.inputs.get("floor") {
            Some(suho_plan::Expr::Value(floor)) if floor.to_string() != "none" => {
                Some((format!("floor = {floor}"), "on a first model".to_owned()))
            }
            _ => None,
        };
        let rules = floor.into_iter().chain(node.rules.iter().map(limit)).collect();
        (node.name.clone(), rules)
    };
    plan.of_kind("gate").map(gate).collect()
}
