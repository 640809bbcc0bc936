//! How many attempts run at once: what steps take of a machine, and what the environment has.

use std::num::NonZeroU32;
use suho_domain::Value;
use suho_plan::{Node, Plan, Role};
use suho_scheduler::{Lack, Room, Share};

/// Attempts at work at the same time where the environment does not say.
const SLOTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

/// How many attempts of `plan` run at the same time.
pub(crate) fn slots(plan: &Plan) -> NonZeroU32 {
    number(plan, "slots").and_then(NonZeroU32::new).unwrap_or(SLOTS)
}

/// What they may take together. What the environment does not speak of is not counted, but for
/// GPUs: one that nobody has declared is not there.
pub(crate) fn room(plan: &Plan) -> Room {
    let memory = field(plan, "memory").and_then(|value| match value {
        Value::Bytes(bytes) => Some(bytes.count()),
        _ => None,
    });
    Room {
        cores: number(plan, "cores").unwrap_or(u32::MAX),
        memory_bytes: memory.unwrap_or(u64::MAX),
        gpus: number(plan, "gpus").unwrap_or(0),
    }
}

/// What all runs in the environment of `plan` share. Where it does not say how many attempts run at
/// once, that is each run's own affair.
pub(crate) fn share(plan: &Plan) -> Share {
    Share { slots: number(plan, "slots"), room: room(plan) }
}

/// What an attempt at `node` of `plan` takes.
pub(crate) fn taken(plan: &Plan, node: &Node) -> Room {
    if node.role != Role::Work {
        return Room::default();
    }
    let one = Room { cores: 1, ..Room::default() };
    let Some(Value::Variant(compute)) = &node.compute else { return one };
    let whole = |name: &str| match compute.fields.get(name) {
        Some(Value::Int(number)) => u32::try_from(*number).ok(),
        _ => None,
    };
    let memory = match compute.fields.get("memory") {
        Some(Value::Bytes(bytes)) => bytes.count(),
        _ => 0,
    };
    match compute.name.as_str() {
        "gpu" => Room { gpus: 1, ..one },
        // One of the declared, if there are any; where none is, the step goes on without.
        "auto" => Room { gpus: room(plan).gpus.min(1), ..one },
        _ => Room { cores: whole("cores").unwrap_or(1), memory_bytes: memory, gpus: 0 },
    }
}

/// What an attempt at `node` lacks even where nothing else is at work.
pub(crate) fn lacks(plan: &Plan, node: &Node) -> Option<Lack> {
    room(plan).less(taken(plan, node)).err()
}

fn field<'p>(plan: &'p Plan, name: &str) -> Option<&'p Value> {
    plan.settings.executor.as_ref()?.field(name)
}

fn number(plan: &Plan, name: &str) -> Option<u32> {
    match field(plan, name)? {
        Value::Int(number) => u32::try_from(*number).ok(),
        _ => None,
    }
}
