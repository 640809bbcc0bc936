//! `suho model export`: a sealed model in a format that others read.

use super::place::{State, States};
use super::verify;
use crate::args;
use crate::failure::Failure;
use crate::fresh;
use crate::terminal;
use std::path::Path;
use suho_driver::ports::ModelRow;
use suho_steps::model::LoadedModel;

/// Writes the model to the file that is asked for, which must not be there yet.
pub(super) fn export(args: &args::ModelExport) -> Result<u8, Failure> {
    let (State { folder, store }, model) = States::of(&args.place)?.model(&args.model)?;
    verify::registry(&store)?;
    let loaded = load(&folder, &model)?;
    let (path, bytes) = match (&args.format.onnx, &args.format.safetensors) {
        (Some(path), _) => (path, loaded.predictor().to_onnx()),
        (None, Some(path)) => (path, weights(&loaded)?),
        (None, None) => {
            let help = "write `--onnx FILE` or `--safetensors FILE`";
            return Err(Failure::user("no-format", "no format was asked for").help(help));
        }
    };
    fresh::write(path, &bytes)?;
    let (slot, version) = (&model.slot, model.version);
    terminal::out(&format!(
        "{}  {} {version}, {} bytes\n",
        path.display(),
        slot.model,
        bytes.len()
    ));
    Ok(0)
}

/// The sealed artifact, every digest and its own answers verified.
fn load(state: &Path, model: &ModelRow) -> Result<LoadedModel, Failure> {
    verify::artifact(state, model)?;
    let (Some(folder), Some(digest)) = (&model.artifact, &model.artifact_digest) else {
        let message = format!("{} {} has no artifact yet", model.slot.model, model.version);
        return Err(Failure::user("no-artifact", message)
            .help("`suho model ls` says which models are trained"));
    };
    let artifacts = verify::artifacts(state)?;
    suho_steps::model::load(&artifacts, folder, Some(digest.as_str()))
        .map_err(|error| Failure::from_error(error.fault(), error.code(), &error))
}

fn weights(loaded: &LoadedModel) -> Result<Vec<u8>, Failure> {
    loaded
        .predictor()
        .to_safetensors()
        .map_err(|e| Failure::from_error(e.fault(), "not-written", &e))
}
