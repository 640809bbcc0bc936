//! The part of a plan that makes and proves a model, and lets nobody serve with it.

use crate::content;
use crate::plan::{Node, Plan, Role};
use std::collections::BTreeSet;
use suho_domain::Name;

/// The end of a run that only a rollout comes to.
const ROLLBACK: &str = "rollback";

impl Plan {
    /// The plan without its rollouts and promotions: whoever carries it out changes nothing that
    /// serves. With them go all steps that need one, and the questions to people that only such a
    /// step waits for. Answers the names of what is left out, too, in order.
    ///
    /// A plan without a rollout stays as it is, to the byte.
    #[must_use]
    pub fn without_rollout(&self) -> (Self, Vec<Name>) {
        let mut out: BTreeSet<&Name> = BTreeSet::new();
        for node in &self.nodes {
            let needs_one = node.needs.iter().any(|need| out.contains(need));
            if node.role == Role::Rollout || node.kind.as_str() == "promote" || needs_one {
                out.insert(&node.name);
            }
        }
        // From the last one on: a question before a question is as idle.
        for node in self.nodes.iter().rev().filter(|node| node.kind.as_str() == "approve") {
            let mut followers = self.nodes.iter().filter(|it| it.needs.contains(&node.name));
            let is_last = followers.clone().next().is_none();
            if !is_last && followers.all(|it| out.contains(&it.name)) {
                out.insert(&node.name);
            }
        }
        if out.is_empty() {
            return (self.clone(), Vec::new());
        }
        let is_in = |node: &&Node| !out.contains(&node.name);
        let nodes: Vec<_> = self.nodes.iter().filter(is_in).cloned().collect();
        let handlers = self.handlers.iter().filter(|it| it.event.as_str() != ROLLBACK);
        let handlers: Vec<_> = handlers.cloned().collect();
        let digest = content::of_plan(&self.pipeline, &self.settings, &nodes, &handlers);
        let out = self.nodes.iter().map(|node| &node.name).filter(|name| out.contains(name));
        let out = out.cloned().collect();
        (Self { digest, nodes, handlers, ..self.clone() }, out)
    }
}

#[cfg(test)]
mod tests;
