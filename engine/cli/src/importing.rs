//! `suho model import`: what was trained elsewhere as the candidate of a pipeline, which then goes the way
//! of every candidate: the same leakage scan, evaluation, gates and rollout.

use crate::args::{ModelImport, Rehearse};
use crate::compile::checked;
use crate::failure::Failure;
use crate::forecasting::to_the_minute;
use crate::keeping;
use crate::rehearse;
use crate::terminal::Terminal;
use crate::world::wall;
use serde_json::json;
use std::path::Path;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_domain::{Digest, Value, fault};
use suho_plan::{Expr, Plan};
use suho_steps::preview;

/// The input of `train` that what was trained elsewhere is given to.
const WEIGHTS: &str = "weights";
/// Most bytes of a file of weights: a hundred million numbers, more than any network here has.
const BYTES_MAX: u64 = 400 << 20;

/// `suho model import FILE --into PIPELINE`.
pub(crate) fn import(args: &ModelImport, terminal: Terminal) -> Result<u8, Failure> {
    let ModelImport { file, target, output } = args;
    let at = to_the_minute(wall());
    let found = checked(target, terminal)?;
    let kept_in = keeping::declared(&found.project, &found.checked.program, rehearse::REHEARSAL);
    let mut compiled = found.compiled(at)?;
    let bytes = read(file)?;
    fits(&compiled.plan, &bytes, file)?;
    let state = compiled.project.state(rehearse::REHEARSAL);
    keeping::settle_in(&state, kept_in.as_deref(), rehearse::REHEARSAL)?;
    let kept = keep(&state, &bytes, is_graph(file))?;
    given(&mut compiled.plan, &kept, is_graph(file));
    let flags = Rehearse {
        target: target.clone(),
        fresh: false,
        new: false,
        force: false,
        no_cache: false,
        output: *output,
    };
    rehearse::carry_out(compiled, kept_in.as_deref(), at, &flags, terminal)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let shown = file.display();
    let size = std::fs::metadata(file).map(|data| data.len());
    let read = size.and_then(|size| match size {
        ..=BYTES_MAX => std::fs::read(file).map(Some),
        _ => Ok(None),
    });
    match read {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => {
            let message = format!("`{shown}` has more than {} MiB", BYTES_MAX >> 20);
            Err(Failure::user("bad-weights", message))
        }
        Err(error) => {
            let message = format!("cannot read `{shown}`: {}", fault::chain(&error));
            Err(Failure::user("no-such-file", message))
        }
    }
}

/// Refuses weights that are not those of the network that `plan` would train, before anything is kept.
fn fits(plan: &Plan, bytes: &[u8], file: &Path) -> Result<(), Failure> {
    let Some(train) = plan.of_kind("train").next() else {
        let message = format!("`{}` has no `train` step to give weights to", plan.pipeline);
        return Err(Failure::user("no-train", message));
    };
    let Some(Expr::Value(model)) = train.inputs.get("model") else { return Ok(()) };
    let name = file.display().to_string();
    let fits = if is_graph(file) {
        preview::graph(model, &name, bytes)
    } else {
        preview::weights(model, &name, bytes)
    };
    fits.map_err(|error| {
        let place = format!("{}:{}", train.place.file, train.place.line);
        let failure = Failure::new(error.fault(), &error.code, error.to_string()).at(place);
        error.help.into_iter().fold(failure, Failure::help)
    })
}

/// Whether a file is a graph of another program, and not weights of our own layers.
fn is_graph(file: &Path) -> bool {
    file.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("onnx"))
}

/// Keeps the file under a name by its content; its path in the artifact store.
fn keep(state: &Path, bytes: &[u8], is_graph: bool) -> Result<String, Failure> {
    let refused = keeping::refused;
    let name = if is_graph { "model.onnx" } else { "weights.safetensors" };
    let path = format!("files/{}/{name}", Digest::of(bytes).hex());
    let path = ArtifactPath::new(path).map_err(|error| refused(&error.into()))?;
    let artifacts = Artifacts::open(&keeping::artifacts(state)).map_err(|e| refused(&e))?;
    artifacts.put_once(&path, bytes).map_err(|error| refused(&error))?;
    Ok(path.to_string())
}

/// Gives what is kept to the plan's `train` step; the plan is then another one. A graph takes the place of
/// the declared layers.
fn given(plan: &mut Plan, kept: &str, is_graph: bool) {
    let other = |digest: &Digest| Digest::of_json(&json!([digest, kept]));
    plan.digest = other(&plan.digest);
    if let Some(train) = plan.nodes.iter_mut().find(|node| node.kind.as_str() == "train") {
        train.content = other(&train.content);
        if let (true, Some(Expr::Value(Value::Record(model)))) =
            (is_graph, train.inputs.get_mut("model"))
        {
            model.insert("layers".to_owned(), Value::List(Vec::new()));
        }
        train.inputs.insert(WEIGHTS.to_owned(), Expr::Value(Value::text(kept)));
    }
}
