//! What was trained elsewhere, taken as the model: weights of the declared network, or a graph of another
//! program. Nothing is trained here, and everything after is the same.

use super::several::{Learnt, together};
use super::{Lesson, refused_graph, refused_weights};
use crate::failure;
use crate::generated::Part;
use serde::Deserialize;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_domain::Digest;
use suho_step::StepError;
use suho_train::{
    Device, Epoch, Expected, Fitted, Fitting, Network, OnnxGraph, Predictor, Stopped, assess,
};

/// The folder of files that are named by their content.
const FILES: &str = "files/";
/// Most bytes of what somebody says of their weights.
const SIGNATURE_MAX: usize = 1 << 20;

/// What the file at `path` of the artifact store answers, and what that comes to on the lesson's rows: one
/// epoch, numbered 0, in which nothing was learnt. `signature` is the path of what is said of it.
pub(super) fn taken(
    artifacts: &Artifacts,
    (path, signature): (&str, Option<&str>),
    lesson: &Lesson,
    fittings: &[Fitting],
) -> Result<Learnt, StepError> {
    if fittings.len() > 1 {
        let message = "weights that were trained elsewhere are those of one network";
        return Err(StepError::user("bad-setting", message).help("leave `ensemble` out"));
    }
    if let Some(signature) = signature {
        signed(lesson, signature, &bytes(artifacts, signature)?)?;
    }
    let bytes = bytes(artifacts, path)?;
    let Some(architecture) = &lesson.architecture else { return graph(lesson, path, &bytes) };
    let model = Network::from_foreign(architecture, &bytes)
        .map_err(|error| refused_weights(path, &error))?;
    let (train_loss, _) = assess(&model, &lesson.train);
    let (validation_loss, validation_accuracy) = assess(&model, &lesson.validation);
    let epoch = epoch(path, train_loss, (validation_loss, validation_accuracy))?;
    let fitted = Fitted {
        model,
        history: vec![epoch],
        best_epoch: 0,
        stopped: Stopped::Completed,
        device: Device::cpu().identity().clone(),
        deviation: None,
    };
    together(lesson, fittings, vec![fitted])
}

/// A graph of another program, which reads raw windows and answers with probabilities.
fn graph(lesson: &Lesson, path: &str, bytes: &[u8]) -> Result<Learnt, StepError> {
    let features: Vec<String> =
        lesson.features.iter().map(|feature| feature.name().to_owned()).collect();
    let sequence = lesson.snapshot.samples.sequence;
    let expected = Expected { sequence, features: &features, classes: &lesson.classes };
    let graph =
        OnnxGraph::from_bytes(bytes, expected).map_err(|error| refused_graph(path, &error))?;
    let predictor = Predictor::of_graph(graph);
    let assessed = |part| {
        lesson.assess(&predictor, part).map_err(|error| {
            error.help("let the graph take raw features, scale them itself, and end with `Softmax`")
        })
    };
    let (train_loss, _) = assessed(Part::Train)?;
    let best = epoch(path, train_loss, assessed(Part::Validation)?)?;
    Ok(Learnt {
        predictor,
        history: vec![best],
        best,
        stopped: Stopped::Completed,
        device: Device::cpu().identity().clone(),
        deviation: None,
        members: Vec::new(),
    })
}

fn epoch(
    path: &str,
    train_loss: f64,
    (validation_loss, validation_accuracy): (f64, f64),
) -> Result<Epoch, StepError> {
    if !(train_loss.is_finite() && validation_loss.is_finite()) {
        let message = format!("the network with the weights of `{path}` answers no numbers");
        return Err(StepError::user("bad-weights", message).help(
            "train it on features scaled as suho does: each less its mean, over its deviation",
        ));
    }
    Ok(Epoch {
        epoch: 0,
        epochs: 0,
        train_loss,
        validation_loss,
        validation_accuracy,
        learning_rate: 0.0,
        best_so_far: true,
    })
}

/// What somebody says of their weights.
#[derive(Deserialize)]
struct Said {
    features: Option<Vec<String>>,
    classes: Option<Vec<String>>,
    sequence: Option<usize>,
}

/// Holds what is said of the weights against what the model declares.
fn signed(lesson: &Lesson, path: &str, bytes: &[u8]) -> Result<(), StepError> {
    let refused = |message: String| {
        Err(StepError::user("bad-signature", message).help(
            "write `{\"features\": […], \"classes\": [\"down\", \"flat\", \"up\"], \"sequence\": 60}` as the \
             model declares them",
        ))
    };
    let said: Said = match serde_json::from_slice(bytes) {
        Ok(said) if bytes.len() <= SIGNATURE_MAX => said,
        Ok(_) => return refused(format!("the signature `{path}` has more than 1 MiB")),
        Err(error) => return refused(format!("the signature `{path}` is not to be read: {error}")),
    };
    let features: Vec<String> =
        lesson.features.iter().map(|feature| feature.name().to_owned()).collect();
    for (what, said, declared) in
        [("features", said.features, &features), ("classes", said.classes, &lesson.classes)]
    {
        if let Some(said) = said.filter(|said| said != declared) {
            let (said, declared) = (said.join(", "), declared.join(", "));
            return refused(format!(
                "the weights are for the {what} [{said}], and the model has [{declared}]"
            ));
        }
    }
    let sequence = lesson.snapshot.samples.sequence;
    match said.sequence {
        Some(said) if said != sequence => refused(format!(
            "the weights are for windows of {said} bars, and the model's have {sequence}"
        )),
        _ => Ok(()),
    }
}

/// The file at `path`, which is what its name says where that is its content.
fn bytes(artifacts: &Artifacts, path: &str) -> Result<Vec<u8>, StepError> {
    let at = ArtifactPath::new(path).map_err(|error| failure::of_path(&error))?;
    let bytes = artifacts.get(&at).map_err(|error| failure::of_artifacts(&error))?;
    unchanged(path, &bytes)?;
    Ok(bytes)
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
