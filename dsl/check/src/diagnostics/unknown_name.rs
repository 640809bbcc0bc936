//! # A name that nothing has
//!
//! Names are looked up in the block, the pipeline and the file, with what `use` brings in; then
//! among the choices of the enum that is expected.
//!
//! Wrong:
//!
//! ```suho wrong
//! evaluate scores {
//!   model = candidat.model
//!   data  = data.test
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! evaluate scores {
//!   model = candidate.model
//!   data  = data.test
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "unknown-name";

/// Nothing is called `name`; `near` is what may have been meant.
pub(crate) fn new(at: At, name: &str, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::error(CODE, at, format!("cannot find `{name}`")).meant(near);
    let ours = match name {
        _ if near.is_some() => None,
        "var" | "vars" | "local" | "locals" | "self" | "this" | "params" | "inputs" => {
            Some(format!("names are written as they are, without `{name}.` before them"))
        }
        "env" | "ENV" | "os" | "process" => {
            Some("the environment of a process is read by `env(\"NAME\")`".to_owned())
        }
        _ => None,
    };
    ours.into_iter().fold(found, Diagnostic::help)
}

/// There is no function `name`.
pub(crate) fn function(at: At, name: &str, near: Option<&str>) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("there is no function `{name}`")).meant(near)
}

/// The file `file` that is used has nothing called `name`.
pub(crate) fn in_file(at: At, name: &str, file: &str, near: Option<&str>) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{file}` has no `{name}`")).meant(near)
}
