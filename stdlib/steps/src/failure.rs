//! From the errors of the crates that compute to the one that leaves a step.
//!
//! The error's own words are kept; what is added is its code and what can be done about it.

use std::error::Error;
use suho_artifacts::{ArtifactError, NotAFolder, NotAPath};
use suho_domain::{FailureClass, Fault, fault};
use suho_step::StepError;

/// The class of a failure that is `fault`'s.
pub(crate) const fn class(fault: Fault) -> FailureClass {
    match fault {
        Fault::User => FailureClass::User,
        Fault::World => FailureClass::Infrastructure,
        Fault::Bug => FailureClass::Bug,
    }
}

/// The failure that `error` is, with all that caused it, in its own words.
pub(crate) fn of(fault: Fault, code: &str, error: &dyn Error) -> StepError {
    StepError::new(class(fault), code, fault::chain(error))
}

/// The failure of the artifact store.
pub(crate) fn of_artifacts(error: &ArtifactError) -> StepError {
    let failure = of(error.fault(), error.code(), error);
    match error {
        ArtifactError::Conflict { .. } => failure.help(
            "what is sealed never changes: run again with `--new`, which reserves another version",
        ),
        ArtifactError::Corrupt { .. } | ArtifactError::CorruptManifest { .. } => failure.help(
            "the file was changed after it was sealed: restore it from a copy, or make it again",
        ),
        ArtifactError::Full { .. } => failure.help(
            "make room and run the same command again: what is done is kept, and nothing half-written counts",
        ),
        ArtifactError::Unsealed { .. } | ArtifactError::Missing { .. } => failure.help(
            "make it again with `--force`, or look whether the artifact store is the right one",
        ),
        error => match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        },
    }
}

/// A text that cannot be the path of an artifact.
pub(crate) fn of_path(error: &NotAPath) -> StepError {
    of(Fault::User, "artifact-path", error)
}

/// A name that cannot have a folder.
pub(crate) fn of_folder(error: &NotAFolder) -> StepError {
    of(error.fault(), "artifact-path", error)
        .help("name the model in lowercase words with single `_` between")
}

/// JSON of ours that cannot be written: a mistake in the step.
pub(crate) fn of_json(error: &serde_json::Error) -> StepError {
    of(Fault::Bug, "unwritable-json", error)
}
