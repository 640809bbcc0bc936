//! A plan as the scheduler needs it.

use crate::{own, pool};
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use suho_domain::{FailureClass, RunId};
use suho_plan::{Handler, Node, Plan, Role};
use suho_scheduler::{Backoff, BadSpec, HandlerEvent, Limits, Line, RunSpec, StepSpec, Work};

/// Each wait is twice the one before.
const FACTOR: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

/// The run that `plan` asks for.
///
/// # Errors
/// When the plan contradicts itself: a bug of ours.
pub fn of_plan(plan: &Plan, run: &RunId) -> Result<RunSpec, BadSpec> {
    let steps = plan.nodes.iter().map(|node| step(plan, node)).collect();
    let handlers = plan.handlers.iter().filter_map(handled);
    let seed = u64::from_str_radix(run.short(), 16).unwrap_or_default();
    let limits = Limits {
        slots_max: pool::slots(plan),
        room: pool::room(plan),
        deadline: plan.settings.deadline,
        seed,
        handlers: handlers.collect(),
    };
    RunSpec::new(steps, limits)
}

/// The end of a run that `handler` is for.
pub(crate) fn handled(handler: &Handler) -> Option<HandlerEvent> {
    match handler.event.as_str() {
        "rollback" => Some(HandlerEvent::Rollback),
        "failure" => Some(HandlerEvent::Failure),
        "cancel" => Some(HandlerEvent::Cancel),
        _ => None,
    }
}

fn step(plan: &Plan, node: &Node) -> StepSpec {
    let retry_on = node.limits.retry_on.iter().filter_map(|word| FailureClass::from_word(word));
    StepSpec {
        name: node.name.clone(),
        needs: node.needs.clone(),
        optional: BTreeSet::new(),
        work: match node.role {
            Role::Decision if node.kind.as_str() == "approve" => Work::Approval,
            Role::Work => Work::Attempt,
            Role::Lookup | Role::Decision => Work::Instant,
            Role::Rollout => Work::Rollout,
        },
        attempts_max: NonZeroU32::new(node.limits.attempts).unwrap_or(NonZeroU32::MIN),
        retry_on: retry_on.collect(),
        backoff: Backoff {
            first: node.limits.backoff,
            factor: FACTOR,
            max: own::backoff_max(node),
        },
        // A rollout's time is market time and its own; only processes are killed for being slow.
        timeout: node.limits.timeout.filter(|_| node.role == Role::Work),
        effect: own::effect(node),
        takes: pool::taken(plan, node),
        line: match node.kind.as_str() {
            "canary" | "ramp" | "promote" => Line::On,
            _ => Line::Beside,
        },
    }
}
