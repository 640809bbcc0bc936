//! For Mermaid, which pages of Markdown draw.

use super::{Edge, edges};
use crate::plan::{Plan, Role};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use suho_domain::Name;

/// The plan as a Mermaid flowchart. Steps are numbered, for a step may be called `end`, which
/// Mermaid cannot bear.
pub fn mermaid(plan: &Plan) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let ids: BTreeMap<&Name, usize> =
        plan.nodes.iter().enumerate().map(|(id, node)| (&node.name, id)).collect();
    for (id, node) in plan.nodes.iter().enumerate() {
        let (open, close) = match node.role {
            Role::Work => ("(", ")"),
            Role::Lookup => ("[(", ")]"),
            Role::Decision => ("{", "}"),
            Role::Rollout => ("[[", "]]"),
        };
        let (name, kind) = (&node.name, &node.kind);
        let _infallible = writeln!(text, "  s{id}{open}\"{name}<br/>{kind}\"{close}");
    }
    for (id, node) in plan.nodes.iter().enumerate() {
        for (need, why) in edges(node) {
            let Some(from) = ids.get(need) else { continue };
            let arrow = match why {
                Edge::Data => "-->",
                Edge::Condition => "-. when .->",
                Edge::Order => "-. after .->",
            };
            let _infallible = writeln!(text, "  s{from} {arrow} s{id}");
        }
    }
    text
}
