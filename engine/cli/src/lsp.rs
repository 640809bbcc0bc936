//! `suho lsp`: the language server on standard input and output.

use crate::args::Lsp;
use crate::project::{PRELUDE, Project};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use suho_check::World as _;
use suho_lsp::{Ended, Host};

/// Exit code that the protocol asks for when an editor leaves without saying so.
const ABRUPT: u8 = 1;

/// Answers an editor until it goes away.
pub(crate) fn lsp(args: &Lsp) -> u8 {
    // There is no other way to talk, so that it makes no difference.
    let Lsp { stdio: _accepted } = args;
    let (connection, wire) = suho_lsp::connect(BufReader::new(io::stdin()), io::stdout());
    let ended = suho_lsp::serve(&connection, &Disk, env!("CARGO_PKG_VERSION"));
    drop(connection);
    wire.close();
    match ended {
        Ended::Orderly => 0,
        Ended::Abruptly => ABRUPT,
    }
}

/// The disk, as `suho check` sees it.
struct Disk;

impl Host for Disk {
    fn root(&self, path: &Path) -> PathBuf {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        Project::around(folder).root().to_owned()
    }

    fn files(&self, root: &Path) -> Vec<(String, String)> {
        // A folder that nothing marks as a project may hold anything: what is open counts, and what
        // it uses.
        let is_marked = |mark| root.join(mark).exists();
        if is_marked("project.suho") || is_marked(".git") {
            Project::around(root).readable()
        } else {
            Vec::new()
        }
    }

    fn read(&self, root: &Path, name: &str) -> Result<String, String> {
        // A name relative to the root is a path of a `use` in a file that lies there.
        Project::around(root).read("project.suho", name).map(|(_, text)| text)
    }

    fn prelude(&self) -> Vec<(String, String)> {
        PRELUDE.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
    }

    fn features(&self) -> Option<Vec<String>> {
        Some(suho_features::catalogue().map(|entry| entry.name).collect())
    }

    fn judge_feature(&self) -> Option<suho_check::JudgeFeature> {
        Some(crate::features::judge)
    }
}
