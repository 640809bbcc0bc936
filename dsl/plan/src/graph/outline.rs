//! For people: the steps by how far they are from the beginning, and what each waits for.

use super::{Edge, edges, levels, role};
use crate::plan::{Handler, Node, Plan};
use crate::show::show;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use suho_domain::Name;

/// The plan in columns: level, name, kind, who carries it out, what it waits for.
///
/// Steps of one level wait for nothing of each other. What is waited for only by `when` or `after`
/// is marked so.
pub fn outline(plan: &Plan) -> String {
    let levels = levels(plan);
    let mut nodes: Vec<&Node> = plan.nodes.iter().collect();
    nodes.sort_by_key(|node| level(&levels, node));
    let wide = |of: fn(&Node) -> usize| plan.nodes.iter().map(of).max().unwrap_or(0);
    let (name_width, kind_width) =
        (wide(|node| node.name.as_str().len()), wide(|node| node.kind.as_str().len()));
    let depth = levels.values().max().map_or(0, |deepest| deepest + 1);
    let needs: usize = plan.nodes.iter().map(|node| node.needs.len()).sum();
    let digits = depth.to_string().len();
    let mut text = format!(
        "{}  {}, {}, {}\n",
        plan.pipeline,
        counted(plan.nodes.len(), "step"),
        counted(needs, "edge"),
        counted(depth, "level"),
    );
    let mut before = None;
    for node in nodes {
        let at = level(&levels, node);
        let head = if before == Some(at) { String::new() } else { (at + 1).to_string() };
        before = Some(at);
        let (name, kind, role) = (node.name.as_str(), node.kind.as_str(), role(node.role));
        let needs: Vec<_> = edges(node).into_iter().map(|(need, why)| marked(need, why)).collect();
        let after = if needs.is_empty() { "–".to_owned() } else { needs.join(", ") };
        let _infallible = writeln!(
            text,
            "  {head:>digits$}  {name:<name_width$}  {kind:<kind_width$}  {role:<8}  after {after}"
        );
    }
    for handler in &plan.handlers {
        text.push_str(&exit(handler));
    }
    text
}

fn level(levels: &BTreeMap<&Name, usize>, node: &Node) -> usize {
    levels.get(&node.name).copied().unwrap_or_default()
}

fn counted(many: usize, what: &str) -> String {
    if many == 1 { format!("1 {what}") } else { format!("{many} {what}s") }
}

fn marked(need: &Name, why: Edge) -> String {
    match why {
        Edge::Data => need.to_string(),
        Edge::Condition => format!("{need} (when)"),
        Edge::Order => format!("{need} (after)"),
    }
}

/// `on rollback` and what it does.
fn exit(handler: &Handler) -> String {
    let set = handler.attributes.iter().map(|(name, expr)| format!("{name} = {}", show(expr)));
    format!("  on {}: {}\n", handler.event, set.collect::<Vec<_>>().join(", "))
}
