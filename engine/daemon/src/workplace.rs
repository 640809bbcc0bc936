//! What the daemon needs of the place it works in: the project's text, and hands to carry a run.

use crate::desired::Refusal;
use suho_check::Program;
use suho_domain::{AttemptKey, RunStatus};
use suho_driver::EngineError;
use suho_driver::ports::{ModelRow, RunRow};
use suho_driver::world::Clock;
use suho_store::SqliteStore;

/// The files of a project as they stood at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    /// Every file: its name relative to the root, and its text; by name.
    pub files: Vec<(String, String)>,
    /// Where it is from: `folder`, or a repository and its branch.
    pub origin: String,
    /// The commit, where it is from one.
    pub revision: Option<String>,
}

/// The place the daemon works in. It is asked from many threads at once.
pub trait Workplace: Send + Sync {
    /// The project's text as it stands now.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self) -> Result<Text, Refusal>;

    /// Whether the text has moved on since it was read, where that can be told cheaply. Asked about
    /// twice a minute.
    fn has_moved(&self) -> bool {
        false
    }

    /// The branch that is followed; none where a folder is.
    fn branch(&self) -> Option<String> {
        None
    }

    /// The files that differ between two commits of the followed branch, by their paths in the
    /// project.
    ///
    /// # Errors
    /// When it cannot be told, for example because the earlier one is gone.
    fn changed(&self, _from: &str, _to: &str) -> Result<Vec<String>, Refusal> {
        Ok(Vec::new())
    }

    /// The program that `files` are, checked as a whole. Nothing but `files` is read.
    ///
    /// # Errors
    /// When there is a mistake in them: all of them, for a person.
    fn compile(&self, files: &[(String, String)]) -> Result<Program, Refusal>;

    /// Ends the attempts at work here that `is_wanted` does not know; answers which. Asked while no
    /// run is carried out.
    fn sweep(&self, _is_wanted: &mut dyn FnMut(&AttemptKey) -> bool) -> Vec<AttemptKey> {
        Vec::new()
    }

    /// Tells whoever keeps the daemon's journal: one line.
    fn say(&self, words: &str);

    /// Whether the artifact of `model` still is what was sealed.
    ///
    /// # Errors
    /// When it is not, or not there.
    fn verify(&self, model: &ModelRow) -> Result<(), Refusal>;

    /// Carries `run` on to its end, from wherever its log says it stands, or until `clock` says
    /// that the engine goes away.
    ///
    /// # Errors
    /// As [`suho_driver::carry_out`]. The run is durable and can be taken up again.
    fn carry(
        &self,
        store: &SqliteStore,
        run: &RunRow,
        clock: &mut dyn Clock,
    ) -> Result<RunStatus, EngineError>;
}
