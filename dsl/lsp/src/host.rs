//! What the server asks of the machine it runs on. The binary answers with the disk, tests from
//! memory.

use std::path::{Path, PathBuf};

/// The disk and the library, as `suho check` sees them.
pub trait Host {
    /// The root of the project that `path`, absolute, belongs to.
    fn root(&self, path: &Path) -> PathBuf;

    /// The `.suho` files of a project, names relative to its root with `/`, and their texts. What
    /// cannot be read is left out.
    fn files(&self, root: &Path) -> Vec<(String, String)>;

    /// One file of a project by such a name. An error is one sentence fragment.
    ///
    /// # Errors
    /// When there is no such file inside the root, or it cannot be read.
    fn read(&self, root: &Path, name: &str) -> Result<String, String>;

    /// The files of the prelude: name (`ml.suho`) and text.
    fn prelude(&self) -> Vec<(String, String)>;

    /// The names of every feature of the catalogue, where they are known.
    fn features(&self) -> Option<Vec<String>>;

    /// What judges a name beyond that: see [`suho_check::World::judge_feature`].
    fn judge_feature(&self) -> Option<suho_check::JudgeFeature> {
        None
    }
}
