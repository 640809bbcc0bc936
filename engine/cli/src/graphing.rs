//! `suho graph`: a pipeline's steps and what they wait for, as a picture in text.

use crate::args::{Graph, Picture};
use crate::compile::checked;
use crate::failure::Failure;
use crate::terminal::{Terminal, out};
use suho_plan::{Binding, Unbound, build_in, graph};

/// Prints the graph. Parameters that are not given stay open: the steps are the same.
pub(crate) fn graph(args: &Graph, terminal: Terminal) -> Result<u8, Failure> {
    let found = checked(&args.target, terminal)?;
    let binding = Binding { unbound: Unbound::Open, ..found.binding() };
    let plan = build_in(&found.checked.program, &found.pipeline, &binding)
        .map_err(|error| Failure::from_error(error.fault(), "plan", &error))?;
    let text = match args.picture() {
        Picture::Text => graph::outline(&plan),
        Picture::Dot => graph::dot(&plan),
        Picture::Mermaid => graph::mermaid(&plan),
        Picture::Json => format!("{}\n", plan.to_json()),
    };
    out(&text);
    Ok(0)
}
