//! `suho plan --explain PARAM`: where a value comes from, link by link.

use crate::args::Plan;
use crate::compile::checked_for;
use crate::failure::Failure;
use crate::forecasting::starts_at;
use crate::terminal::{Terminal, out};
use suho_check::{Caller, NoOrigin, Question, origins};
use suho_plan::{Binding, Unbound, build_in, explain};

/// Prints the chain of `asked`, a path like `share`, `quickstart.share` or `tenth.share`.
pub(crate) fn explain(asked: &str, args: &Plan, terminal: Terminal) -> Result<u8, Failure> {
    let found = checked_for(&args.target, &args.env, terminal)?;
    let called = found.call()?;
    let own = asked.strip_prefix(called.pipeline).and_then(|rest| rest.strip_prefix('.'));
    let path = own.unwrap_or(asked);
    let (unbound, call) = (Unbound::Open, called.call.as_ref());
    let binding = Binding { unbound, call, ..found.binding(starts_at(args)?) };
    let plan = build_in(&found.checked.program, called.pipeline, &binding)
        .map_err(|error| Failure::from_error(error.fault(), "plan", &error))?;
    let texts: Vec<_> = called
        .call
        .iter()
        .flatten()
        .map(|(name, value)| (name.to_string(), suho_plan::show(value)))
        .collect();
    let question = Question {
        pipeline: called.pipeline,
        path,
        environment: binding.environment,
        arguments: binding.arguments,
        call: called.matrix.map(|matrix| Caller { place: &matrix.place, arguments: &texts }),
    };
    let chain = origins(&found.files, &found.project, &question)
        .map_err(|none| unknown(called.pipeline, path, &none))?;
    let value = explain::value(&plan, path);
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&explain::to_json(&plan, path, value.as_ref(), &chain)));
    } else {
        out(&explain::to_text(path, value.as_ref(), &chain));
    }
    Ok(0)
}

fn unknown(pipeline: &str, path: &str, none: &NoOrigin) -> Failure {
    // A step by its name alone: what is known then are its attributes.
    if none.is_step
        && let Some(first) = none.known.first()
    {
        let message = format!("`{path}` is a step of `{pipeline}`, and no value");
        return Failure::user("unknown-value", message)
            .help(format!("name an attribute of it, as `{path}.{first}`"));
    }
    let message = format!("`{pipeline}` has no `{}` to explain in `{path}`", none.part);
    let known: Vec<_> = none.known.iter().map(|name| format!("`{name}`")).collect();
    let failure = Failure::user("unknown-value", message);
    match suho_check::nearest(&none.part, none.known.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!("there is {}", known.join(", "))),
    }
}
