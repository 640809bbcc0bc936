//! # A `use` that cannot be followed
//!
//! `use "./file.suho" { a, b }` takes names from a file, by a path relative to the file it stands
//! in and inside the project. `use std.ml` takes a part of the library. Files may not use each
//! other in a circle.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.mll
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ml
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::{listed, nearest};

/// The code.
pub(crate) const CODE: &str = "import";

/// The file cannot be read.
pub(crate) fn unreadable(at: At, path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("cannot use `{path}`: {reason}"))
}

/// The path leads out of the project.
pub(crate) fn outside(at: At, path: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("`{path}` lies outside the project"))
        .help("only files below the folder of `project.suho` can be used")
}

/// The files use each other in a circle, which the `use` at `at` closes.
pub(crate) fn circle(at: At, files: &[&str]) -> Diagnostic {
    let way: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    Diagnostic::error(CODE, at, format!("files use each other in a circle: {}", way.join(" → ")))
        .help("move what both need to a third file")
}

/// The library has no part `module`.
pub(crate) fn module(at: At, module: &str, known: &[&str]) -> Diagnostic {
    let near = nearest(module, known.iter().copied());
    let found = Diagnostic::error(CODE, at, format!("the library has no `{module}`"));
    match near {
        Some(_) => found.meant(near),
        None => found.help(format!("it has {}", listed(known.iter().copied()))),
    }
}

/// A file or part of the library would be given another name as a whole.
pub(crate) fn alias(at: At) -> Diagnostic {
    Diagnostic::error(CODE, at, "names are taken one by one, not all under one name")
        .help("write `use \"./file.suho\" { name, other as alias }`")
}
