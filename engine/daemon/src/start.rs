//! A schedule's plan as that of one of its runs, which starts with a tick.

use crate::apply;
use serde_json::Value as Json;
use suho_domain::{Digest, Instant};
use suho_plan::Plan;

/// The digest and the plan of the run that starts at `tick`: days before the start (`last(2y)`) are
/// counted from it. Every other plan stays as it is, to the byte.
pub(crate) fn started(digest: &Digest, plan: &Json, tick: Instant) -> (Digest, Json) {
    let open = plan.get("starting").and_then(|_| serde_json::from_value::<Plan>(plan.clone()).ok());
    // That it can be started was looked at when the text came into force.
    match open.and_then(|open| open.started(tick).ok()) {
        Some(run) => (run.digest.clone(), apply::plan(&run)),
        None => (digest.clone(), plan.clone()),
    }
}

#[cfg(test)]
mod tests;
