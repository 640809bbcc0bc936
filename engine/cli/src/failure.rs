//! How a command ends badly: one clear error with code, sentence, place and next step.

use std::error::Error;
use std::fmt::Write as _;
use suho_domain::{Fault, fault};
use suho_driver::world::WorldError;

/// Why a command ended without what was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: u8,
    code: String,
    message: String,
    place: Option<String>,
    help: Vec<String>,
}

impl Failure {
    /// A failure of `fault` with a kebab-case `code`.
    pub(crate) fn new(fault: Fault, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { exit: fault.exit_code(), code, message, place: None, help: Vec::new() }
    }

    pub(crate) fn user(code: &str, message: impl Into<String>) -> Self {
        Self::new(Fault::User, code, message)
    }

    pub(crate) fn world(code: &str, message: impl Into<String>) -> Self {
        Self::new(Fault::World, code, message)
    }

    /// From an error with its whole chain of causes.
    pub(crate) fn from_error(fault: Fault, code: &str, error: &dyn Error) -> Self {
        Self::new(fault, code, fault::chain(error))
    }

    /// Where.
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        Self { place: Some(place.into()), ..self }
    }

    /// What to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Diagnostics were already drawn; only the exit code is left to say.
    pub(crate) fn said(fault: Fault) -> Self {
        Self::new(fault, "", "")
    }

    /// The same in the words of the world, for an engine that goes on without a terminal.
    pub(crate) fn into_world(self) -> WorldError {
        let exits = [Fault::User, Fault::World, Fault::Bug];
        let fault = exits.into_iter().find(|fault| fault.exit_code() == self.exit);
        WorldError {
            code: self.code,
            message: self.message,
            help: self.help.into_iter().next(),
            fault: fault.unwrap_or(Fault::Bug),
        }
    }

    /// What is wrong, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        self.message.clone()
    }

    /// The exit code.
    pub(crate) const fn exit(&self) -> u8 {
        self.exit
    }

    /// The text for standard error; empty when everything was said.
    pub(crate) fn text(&self) -> String {
        if self.message.is_empty() {
            return String::new();
        }
        let mut text = format!("error[{}]: {}\n", self.code, self.message);
        if let Some(place) = &self.place {
            let _infallible = writeln!(text, "  --> {place}");
        }
        for help in &self.help {
            let _infallible = writeln!(text, "help: {help}");
        }
        if self.exit == Fault::Bug.exit_code() {
            text.push_str("help: this is a bug of suho; please report it with the lines above\n");
        }
        text
    }
}
