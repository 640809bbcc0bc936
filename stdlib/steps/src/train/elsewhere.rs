//! Weights that were trained elsewhere, taken as the model's: nothing is trained here, and everything after
//! is the same.

use super::{Lesson, refused_weights};
use crate::failure;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_domain::Digest;
use suho_step::StepError;
use suho_train::{Device, Epoch, Fitted, Network, Stopped, assess};

/// The folder of files that are named by their content.
const FILES: &str = "files/";

/// The network of `lesson` with the weights at `path` of the artifact store, and what it comes to on the
/// lesson's rows: one epoch, numbered 0, in which nothing was learnt.
pub(super) fn taken(
    artifacts: &Artifacts,
    path: &str,
    lesson: &Lesson,
) -> Result<Fitted, StepError> {
    let at = ArtifactPath::new(path).map_err(|error| failure::of_path(&error))?;
    let bytes = artifacts.get(&at).map_err(|error| failure::of_artifacts(&error))?;
    unchanged(path, &bytes)?;
    let model = Network::from_foreign(&lesson.architecture, &bytes)
        .map_err(|error| refused_weights(path, &error))?;
    let (train_loss, _) = assess(&model, &lesson.train);
    let (validation_loss, validation_accuracy) = assess(&model, &lesson.validation);
    if !(train_loss.is_finite() && validation_loss.is_finite()) {
        let message = format!("the network with the weights of `{path}` answers no numbers");
        return Err(StepError::user("bad-weights", message).help(
            "train it on features scaled as suho does: each less its mean, over its deviation",
        ));
    }
    let epoch = Epoch {
        epoch: 0,
        epochs: 0,
        train_loss,
        validation_loss,
        validation_accuracy,
        learning_rate: 0.0,
        best_so_far: true,
    };
    Ok(Fitted {
        model,
        history: vec![epoch],
        best_epoch: 0,
        stopped: Stopped::Completed,
        device: Device::cpu().identity().clone(),
        deviation: None,
    })
}

/// Holds a file that is named by its content against its name.
fn unchanged(path: &str, bytes: &[u8]) -> Result<(), StepError> {
    let named = path.strip_prefix(FILES).and_then(|rest| rest.split('/').next());
    match named {
        Some(hex) if hex != Digest::of(bytes).hex() => {
            let message = format!("`{path}` is not what was kept under this name");
            Err(StepError::infrastructure("artifact-corrupt", message)
                .help("restore the file from a copy, or make it again"))
        }
        _ => Ok(()),
    }
}
