//! Whose fault an error is: it decides the exit code and whether a retry can help.

use std::error::Error;

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The file, flag or command is wrong. Exit 2, never retried.
    User,
    /// The network, disk, database or executor refused. Exit 3, retried within bounds.
    World,
    /// suho is wrong. Exit 70, asks for a report.
    Bug,
}

impl Fault {
    /// The exit code of a process that ends with this fault. Part of the command line's contract.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::User => 2,
            Self::World => 3,
            Self::Bug => 70,
        }
    }
}

/// The whole chain of causes on one line: `cannot start: cannot open store: permission denied`.
///
/// A cause whose text its effect already ends with is not said twice.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
