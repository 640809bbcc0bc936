//! Why the replay cannot answer.

use suho_domain::Fault;
use suho_driver::world::WorldError;

/// What the caller, or suho, got wrong; nobody can help it while running.
pub(crate) fn bug(code: &str, message: impl Into<String>) -> WorldError {
    WorldError { code: code.to_owned(), message: message.into(), help: None, fault: Fault::Bug }
}

/// What the pipeline's author has to change, and how.
pub(crate) fn user(code: &str, message: impl Into<String>, help: &str) -> WorldError {
    let help = Some(help.to_owned());
    WorldError { code: code.to_owned(), message: message.into(), help, fault: Fault::User }
}
