//! `suho graph`: a pipeline's steps and what they wait for, as a picture in text.

use crate::args::{Graph, Picture};
use crate::compile::{Planned, checked};
use crate::failure::Failure;
use crate::terminal::{Terminal, out};
use crate::world::wall;
use suho_plan::{Binding, Unbound, graph};

/// Prints the graph. Parameters that are not given stay open: the steps are the same.
pub(crate) fn graph(args: &Graph, terminal: Terminal) -> Result<u8, Failure> {
    let found = checked(&args.target, terminal)?;
    let binding = Binding { unbound: Unbound::Open, ..found.binding(wall()) };
    let plans = found.plans(&binding)?;
    for (number, Planned { cell, plan }) in plans.iter().enumerate() {
        let text = match args.picture() {
            Picture::Text => graph::outline(plan),
            Picture::Dot => graph::dot(plan),
            Picture::Mermaid => graph::mermaid(plan),
            Picture::Json => format!("{}\n", plan.to_json()),
        };
        // A heading each programs take for a comment; JSON has one plan a line.
        let head = match (cell, args.picture()) {
            (None, _) | (_, Picture::Json) => String::new(),
            (Some(cell), Picture::Text) => format!("{cell}\n"),
            (Some(cell), Picture::Dot) => format!("// {cell}\n"),
            (Some(cell), Picture::Mermaid) => format!("%% {cell}\n"),
        };
        let gap = if number > 0 && !head.is_empty() { "\n" } else { "" };
        out(&format!("{gap}{head}{text}"));
    }
    Ok(0)
}
