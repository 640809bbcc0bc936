//! Why a step could not do its work.

use crate::PortError;
use serde::{Deserialize, Serialize};
use std::error::Error;
use suho_domain::{FailureClass, Fault, fault};

/// A failed step, in a form that crosses the boundary of its process.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}{}", after_colon(.cause.as_deref()))]
pub struct StepError {
    /// Whether another attempt can help.
    pub class: FailureClass,
    /// Which failure, in words: `not-enough-bars`. Stable, in kebab case.
    pub code: String,
    /// What went wrong and with what, a lower-case fragment.
    pub message: String,
    /// What the user can do about it, if anything.
    #[serde(default)]
    pub help: Option<String>,
    /// The chain of causes on one line, each after a colon; types do not survive a process.
    #[serde(default)]
    pub cause: Option<String>,
}

fn after_colon(cause: Option<&str>) -> String {
    cause.map(|cause| format!(": {cause}")).unwrap_or_default()
}

impl StepError {
    /// A failure of `class`, without help or cause.
    pub fn new(class: FailureClass, code: &str, message: impl Into<String>) -> Self {
        Self { class, code: code.to_owned(), message: message.into(), help: None, cause: None }
    }

    /// The step was told to do what cannot be done.
    pub fn user(code: &str, message: impl Into<String>) -> Self {
        Self::new(FailureClass::User, code, message)
    }

    /// The disk, the network or the machine refused.
    pub fn infrastructure(code: &str, message: impl Into<String>) -> Self {
        Self::new(FailureClass::Infrastructure, code, message)
    }

    /// The step itself is wrong.
    pub fn bug(code: &str, message: impl Into<String>) -> Self {
        Self::new(FailureClass::Bug, code, message)
    }

    /// The step saw [`Context::is_cancelled`](crate::Context::is_cancelled) and stopped.
    pub fn cancelled() -> Self {
        Self::new(FailureClass::Cancelled, "cancelled", "the step was cancelled")
    }

    /// The same failure with what the user can do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same failure with `cause` and all that caused it.
    #[must_use]
    pub fn because(self, cause: &dyn Error) -> Self {
        Self { cause: Some(fault::chain(cause)), ..self }
    }

    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        self.class.fault()
    }
}

/// The checker has held every input against the step's signature, so a port that does not read is
/// a mistake of ours, but for a measurement without an answer, which is the data's.
impl From<PortError> for StepError {
    fn from(error: PortError) -> Self {
        let (class, code) = match &error {
            PortError::Missing { .. } => (FailureClass::Bug, "missing-input"),
            PortError::Mistyped { .. } => (FailureClass::Bug, "mistyped-input"),
            PortError::Undefined { .. } => (FailureClass::User, "undefined-input"),
        };
        Self::new(class, code, fault::chain(&error))
    }
}
