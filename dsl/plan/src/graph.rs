//! Pictures of a plan: for people, for Graphviz, for Mermaid. Each is text and the same for the
//! same plan.

mod dot;
mod mermaid;
mod outline;

pub use dot::dot;
pub use mermaid::mermaid;
pub use outline::outline;

use crate::plan::{Node, Plan, Role};
use crate::walk::steps_in;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::Name;

/// Why one step waits for another, the strongest reason.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Edge {
    /// It uses what the other made.
    Data,
    /// It only runs if what the other made says so.
    Condition,
    /// It was told to come after.
    Order,
}

/// The steps that `node` waits for and why, in the order of their names.
pub fn edges(node: &Node) -> BTreeMap<&Name, Edge> {
    let mut used = BTreeSet::new();
    let rules = node.rules.iter().flat_map(|rule| {
        let clauses = rule.lasting.iter().chain(&rule.otherwise);
        [&rule.condition].into_iter().chain(clauses).chain(rule.attributes.values())
    });
    for expr in node.inputs.values().chain(rules) {
        used.extend(steps_in(expr));
    }
    let mut asked = BTreeSet::new();
    if let Some(when) = &node.when {
        asked.extend(steps_in(when));
    }
    let why = |need: &Name| match (used.contains(need), asked.contains(need)) {
        (true, _) => Edge::Data,
        (false, true) => Edge::Condition,
        (false, false) => Edge::Order,
    };
    node.needs.iter().map(|need| (need, why(need))).collect()
}

/// How far each step is from the beginning: 0 for those that wait for nothing.
pub fn levels(plan: &Plan) -> BTreeMap<&Name, usize> {
    let mut levels = BTreeMap::new();
    // Each stands after all it needs.
    for node in &plan.nodes {
        let above = node.needs.iter().filter_map(|need| levels.get(need));
        let level = above.max().map_or(0, |deepest: &usize| deepest + 1);
        levels.insert(&node.name, level);
    }
    levels
}

/// The role as a word.
const fn role(role: Role) -> &'static str {
    match role {
        Role::Work => "work",
        Role::Lookup => "lookup",
        Role::Decision => "decision",
        Role::Rollout => "rollout",
    }
}

#[cfg(test)]
mod tests;
