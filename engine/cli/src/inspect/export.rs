//! `suho model export`: a sealed model in a format that others read.

use super::place::{State, States};
use super::verify;
use crate::args;
use crate::failure::Failure;
use crate::terminal;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use suho_artifacts::Artifacts;
use suho_domain::fault;
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
    write(path, &bytes)?;
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
    let artifacts = Artifacts::at(&state.join(verify::ARTIFACTS))
        .map_err(|error| Failure::from_error(error.fault(), error.code(), &error))?;
    suho_steps::model::load(&artifacts, folder, Some(digest.as_str()))
        .map_err(|error| Failure::from_error(error.fault(), error.code(), &error))
}

fn weights(loaded: &LoadedModel) -> Result<Vec<u8>, Failure> {
    let network = loaded.predictor().network();
    network.to_safetensors().map_err(|e| Failure::from_error(e.fault(), "not-written", &e))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let place = path.display().to_string();
    let refused = |error: &std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::user("file-exists", format!("`{place}` is there already"))
                .help("name another file, or remove that one first")
        }
        _ => Failure::world(
            "not-written",
            format!("cannot write `{place}`: {}", fault::chain(error)),
        )
        .help("check that its folder is there and can be written"),
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| refused(&error))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a model must not stand there as if it were one.
        let _best_effort = std::fs::remove_file(path);
        refused(&error)
    })
}
