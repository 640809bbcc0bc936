//! Tree to typed program and diagnostics. Checking never stops at the first mistake.

mod diagnostic;
pub mod program;
mod ty;

pub use diagnostic::{Diagnostic, Edit, FileId, Help, Severity};
pub use program::Program;
pub use ty::{Better, Choice, Library, Metric, Phase, Port, Signature, Type};

/// All of the outside that checking needs.
pub trait World {
    /// The files of the prelude: name (`ml.suho`) and text.
    fn prelude(&self) -> Vec<(String, String)>;

    /// The text of the file that `path` names in a `use` of the file `from`; both relative to the
    /// project's root. An error is one sentence fragment for the reader.
    ///
    /// # Errors
    /// When there is no such file inside the root, or it cannot be read.
    fn read(&self, from: &str, path: &str) -> Result<(String, String), String>;

    /// The names of every feature of the catalogue; `None` where the caller does not know them and
    /// feature names go unchecked.
    fn features(&self) -> Option<Vec<String>>;
}

/// What checking gives.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What could be understood. Complete when no diagnostic is an error.
    pub program: Program,
    /// Signatures in force.
    pub library: Library,
    /// Everything wrong, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The files looked at: name and text, by [`FileId`].
    pub sources: Vec<(String, String)>,
}
