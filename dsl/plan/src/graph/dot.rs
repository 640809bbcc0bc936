//! For Graphviz: `suho graph PIPELINE --format dot | dot -Tsvg`.

use super::{Edge, edges};
use crate::plan::{Plan, Role};
use std::fmt::Write as _;

/// The plan in Graphviz's language. Names stand in quotes, so that a step may be called `node`.
pub fn dot(plan: &Plan) -> String {
    let mut text = format!("digraph \"{}\" {{\n  rankdir = LR\n", plan.pipeline);
    text.push_str("  node [fontname = \"sans-serif\", shape = box, style = rounded]\n");
    for node in &plan.nodes {
        let shape = match node.role {
            Role::Work => "",
            Role::Lookup => ", shape = cylinder, style = solid",
            Role::Decision => ", shape = diamond, style = solid",
            Role::Rollout => ", peripheries = 2",
        };
        let (name, kind) = (&node.name, &node.kind);
        let _infallible = writeln!(text, "  \"{name}\" [label = \"{name}\\n{kind}\"{shape}]");
    }
    for node in &plan.nodes {
        for (need, why) in edges(node) {
            let style = match why {
                Edge::Data => "",
                Edge::Condition => " [label = \"when\", style = dashed]",
                Edge::Order => " [label = \"after\", style = dotted]",
            };
            let _infallible = writeln!(text, "  \"{need}\" -> \"{}\"{style}", node.name);
        }
    }
    text + "}\n"
}
