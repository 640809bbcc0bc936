//! A schedule's plan as that of one of its runs, which starts with a tick.

use crate::apply;
use suho_domain::{Digest, Instant};
use suho_driver::ports::PlanText;

/// The digest and the plan of the run that starts at `tick`: days before the start (`last(2y)`) are
/// counted from it. Every other plan stays as it is, to the byte.
pub(crate) fn started(digest: &Digest, plan: &PlanText, tick: Instant) -> (Digest, PlanText) {
    let open = plan.read().ok().filter(|open| !open.starting.is_empty());
    // That it can be started was looked at when the text came into force.
    match open.and_then(|open| open.started(tick).ok()) {
        Some(run) => (run.digest.clone(), apply::plan(&run)),
        None => (digest.clone(), plan.clone()),
    }
}

#[cfg(test)]
mod tests;
