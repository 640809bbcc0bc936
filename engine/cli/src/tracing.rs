//! `suho plan --explain PARAM`: where a value comes from, link by link.

use crate::args::Plan;
use crate::compile::checked;
use crate::failure::Failure;
use crate::forecasting::starts_at;
use crate::terminal::{Terminal, out};
use suho_check::{NoOrigin, Question, origins};
use suho_plan::{Binding, Unbound, build_in, explain};

/// Prints the chain of `asked`, a path like `share`, `quickstart.share` or `tenth.share`.
pub(crate) fn explain(asked: &str, args: &Plan, terminal: Terminal) -> Result<u8, Failure> {
    let found = checked(&args.target, terminal)?;
    let own = asked.strip_prefix(&found.pipeline).and_then(|rest| rest.strip_prefix('.'));
    let path = own.unwrap_or(asked);
    let binding = Binding { unbound: Unbound::Open, ..found.binding(starts_at(args)?) };
    let plan = build_in(&found.checked.program, &found.pipeline, &binding)
        .map_err(|error| Failure::from_error(error.fault(), "plan", &error))?;
    let question = Question {
        pipeline: &found.pipeline,
        path,
        environment: binding.environment,
        arguments: binding.arguments,
    };
    let chain = origins(&found.files, &found.project, &question)
        .map_err(|none| unknown(&found.pipeline, path, &none))?;
    let value = explain::value(&plan, path);
    if args.output.is_json() {
        out(&format!("{:#}\n", explain::to_json(&plan, path, value.as_ref(), &chain)));
    } else {
        out(&explain::to_text(path, value.as_ref(), &chain));
    }
    Ok(0)
}

fn unknown(pipeline: &str, path: &str, none: &NoOrigin) -> Failure {
    let message = format!("`{pipeline}` has no `{}` to explain in `{path}`", none.part);
    let known: Vec<_> = none.known.iter().map(|name| format!("`{name}`")).collect();
    let failure = Failure::user("unknown-value", message);
    match suho_check::nearest(&none.part, none.known.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!("there is {}", known.join(", "))),
    }
}
