//! # Something put into a script
//!
//! A script is run as it stands. What is put into its text could be read as a part of the script, so
//! nothing is: what it needs to know stands in its environment.
//!
//! Wrong:
//!
//! ```suho wrong
//! shell greet {
//!   script = "echo ${spec.name}"
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! shell greet {
//!   script = """
//!     echo "$MODEL"
//!     """
//!   env    = { MODEL = spec.name }
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "script-interpolation";

/// The script at `at` has something put into it.
pub(crate) fn new(at: At) -> Diagnostic {
    Diagnostic::error(CODE, at, "nothing can be put into a script")
        .help("put it in `env = { NAME = … }` and read `$NAME`")
}
