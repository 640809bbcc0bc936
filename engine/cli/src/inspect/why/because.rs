//! Why a step ran, was taken from the cache, or did neither.

use crate::failure::Failure;
use crate::inspect::logs::RUNS;
use crate::inspect::place::{State, refused};
use crate::inspect::seen::Seen;
use crate::inspect::status::awaited;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use suho_domain::{Name, StepStatus, Value};
use suho_driver::ports::CacheEntry;
use suho_plan::{Node, Role};
use suho_scheduler::StepView;
use suho_step::Order;
use suho_step::attempt::{ORDER, read_json};

/// Kept results of a step that are looked through for the one before this run's.
const ENTRIES_MAX: u32 = 64;
/// What `train` is given beside its inputs: who the candidate is. Never part of a kept result.
const IDENTITY: &str = "identity";

/// Why a step ran, was taken from the cache, or did neither.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub(super) enum Because {
    /// An earlier result was kept for the same inputs; `source` is `RUN/STEP`.
    Cached { source: String },
    /// It has not begun: these steps are not done.
    Waits { needs: Vec<Name> },
    /// It waits for people: they are asked, or hold it.
    People { awaited: String },
    /// It was left out.
    LeftOut,
    /// The engine does it anew in every run.
    Engine,
    /// No earlier result of this step is kept.
    First,
    /// Its inputs are others than those of the newest earlier result, kept from run `since`.
    Changed { since: String, changes: Vec<Change> },
    /// Its inputs are those of run `since`, and yet its result could not be taken.
    Same { since: String },
    /// What it was given is not kept.
    Forgotten,
}

/// One input that is not as before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Change {
    /// Where: `model.layers[0].lstm.units`.
    pub(super) path: String,
    /// What it was; null where there was nothing.
    pub(super) before: Json,
    /// What it is.
    pub(super) after: Json,
}

impl Because {
    pub(super) fn of(
        state: &State,
        seen: &Seen,
        node: &Node,
        view: &StepView<'_>,
    ) -> Result<Self, Failure> {
        if let Some(awaited) = awaited(view) {
            return Ok(Self::People { awaited });
        }
        match view.status {
            StepStatus::Cached => {
                let source = seen.source(&node.name).unwrap_or_default().to_owned();
                return Ok(Self::Cached { source });
            }
            StepStatus::Waiting | StepStatus::Queued => {
                return Ok(Self::Waits { needs: undone(seen, node) });
            }
            StepStatus::Skipped => return Ok(Self::LeftOut),
            _ if node.role != Role::Work => return Ok(Self::Engine),
            _ if view.attempt == 0 => return Ok(Self::LeftOut),
            _ => {}
        }
        let entries =
            state.store.cache_entries_of_step(&seen.row.pipeline, &node.name, ENTRIES_MAX);
        let entries = entries.map_err(|error| refused(&error))?;
        let own = entries.iter().find(|entry| entry.run == seen.row.id);
        let is_earlier = |entry: &&CacheEntry| {
            entry.run != seen.row.id && view.started.is_some_and(|start| entry.made_at <= start)
        };
        let Some(earlier) = entries.iter().find(is_earlier) else { return Ok(Self::First) };
        let given = match own {
            Some(entry) => Some(entry.inputs.clone()),
            None => ordered(state, seen, node, view)?,
        };
        let Some(given) = given else { return Ok(Self::Forgotten) };
        let (since, changes) = (earlier.run.short().to_owned(), changes(&earlier.inputs, &given));
        Ok(if changes.is_empty() { Self::Same { since } } else { Self::Changed { since, changes } })
    }
}

fn undone(seen: &Seen, node: &Node) -> Vec<Name> {
    let is_done = |name: &Name| {
        let outcome = seen.run.step(name).and_then(|view| view.outcome);
        outcome.is_some_and(suho_scheduler::Outcome::is_done)
    };
    node.needs.iter().filter(|name| !is_done(name)).cloned().collect()
}

/// What the latest attempt was given, as its folder keeps it.
fn ordered(
    state: &State,
    seen: &Seen,
    node: &Node,
    view: &StepView<'_>,
) -> Result<Option<Json>, Failure> {
    let run = state.folder.join(RUNS).join(seen.row.id.as_str());
    let path = run.join(node.name.as_str()).join(view.attempt.to_string()).join(ORDER);
    let order: Option<Order> = read_json(&path)
        .map_err(|error| Failure::from_error(error.fault(), "unreadable-attempt", &error))?;
    Ok(order.map(|order| {
        let mut inputs = order.inputs;
        inputs.remove(IDENTITY);
        Value::Record(inputs).to_plain()
    }))
}

/// The leaves that differ, with their paths, in the order of the paths.
pub(super) fn changes(before: &Json, after: &Json) -> Vec<Change> {
    let mut found = Vec::new();
    compare(String::new(), before, after, &mut found);
    found
}

fn compare(path: String, before: &Json, after: &Json, found: &mut Vec<Change>) {
    match (before, after) {
        (a, b) if a == b => {}
        (Json::Object(a), Json::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let of = |fields: &serde_json::Map<String, Json>| {
                    fields.get(key).cloned().unwrap_or_default()
                };
                compare(below, &of(a), &of(b), found);
            }
        }
        // Items of lists of one length are compared one by one; else the list is what changed.
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                compare(format!("{path}[{at}]"), a, b, found);
            }
        }
        (a, b) => found.push(Change { path, before: a.clone(), after: b.clone() }),
    }
}
