//! The folders of one attempt at a script, and what of the machine it gets to see.

use super::confine::{DEVICES, SANDBOX, SYSTEM, Sandbox};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use suho_step::attempt;
use suho_step::{Exec, Order};

/// More that scripts may read on this machine, as a `PATH`: interpreters in somebody's home.
const MORE_PATHS: &str = "SUHO_SANDBOX_PATHS";

/// The folders of one attempt at a script.
pub(super) struct Place<'a> {
    pub(super) folder: &'a Path,
    pub(super) script: PathBuf,
    /// Where it works: everything of the project stands in it as a link.
    pub(super) work: PathBuf,
    /// What it gives back.
    pub(super) out: PathBuf,
    /// What it needs for a while.
    pub(super) scratch: PathBuf,
}

impl<'a> Place<'a> {
    pub(super) fn prepare(
        order: &Order,
        exec: &Exec,
        script: &str,
        folder: &'a Path,
    ) -> io::Result<Self> {
        let place = Self {
            folder,
            script: folder.join("script.sh"),
            work: folder.join("work"),
            out: folder.join("out"),
            scratch: folder.join("tmp"),
        };
        for folder in [&place.work, &place.out, &place.scratch] {
            fs::create_dir_all(folder)?;
        }
        fs::write(&place.script, script)?;
        let visible = visible(&order.project, folder)?;
        for (name, path) in &visible {
            std::os::unix::fs::symlink(path, place.work.join(name))?;
        }
        let paths = |name: &str| -> Vec<PathBuf> {
            std::env::var_os(name)
                .map_or_else(Vec::new, |all| std::env::split_paths(&all).collect())
        };
        // A program outside the system's folders needs its libraries, which stand beside it.
        let beside = |path: PathBuf| {
            let around = path.parent().filter(|around| *around != Path::new("/"));
            let libraries = around
                .into_iter()
                .flat_map(|around| ["lib", "lib64", "libexec"].map(|name| around.join(name)));
            libraries.chain([path.clone()]).collect::<Vec<_>>()
        };
        let ours = [place.script.clone(), PathBuf::from(&order.artifacts)];
        let sandbox = Sandbox {
            script: place.script.clone(),
            read: SYSTEM
                .iter()
                .map(PathBuf::from)
                .chain(ours)
                .chain(paths("PATH").into_iter().flat_map(beside))
                .chain(paths(MORE_PATHS))
                .chain(visible.into_iter().map(|(_, path)| path))
                .filter(|path| path.is_absolute())
                .collect(),
            write: [&place.work, &place.out, &place.scratch]
                .into_iter()
                .cloned()
                .chain(DEVICES.iter().map(PathBuf::from))
                .collect(),
            file_bytes: exec.bounds.file_bytes,
            processes: exec.bounds.processes,
            // All of them together are watched; this is for the one that grows between two looks.
            memory_bytes: exec.bounds.memory.map(|most| most.count().saturating_mul(2)),
        };
        attempt::write_whole(&folder.join(SANDBOX), &sandbox).map_err(io::Error::other)?;
        Ok(place)
    }
}

/// What a script sees of the project: all that stands in its root, but for where the engine keeps
/// what it knows.
fn visible(project: &Path, attempt: &Path) -> io::Result<Vec<(OsString, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(project)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if name != ".suho" && !attempt.starts_with(&path) {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}
