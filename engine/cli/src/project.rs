//! The project on disk: its root, its files, its state, and the world that the checker sees.

use crate::failure::Failure;
use crate::keeping;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use suho_check::World;
use suho_syntax::NotText;

/// Deepest folder looked into for `.suho` files.
const DEPTH_MAX: usize = 12;
/// Most `.suho` files of one project.
const FILES_MAX: usize = 2_000;

/// The prelude's files, as the binary carries them.
pub(crate) const PRELUDE: [(&str, &str); 5] = [
    ("core.suho", include_str!("../../../stdlib/prelude/core.suho")),
    ("ml.suho", include_str!("../../../stdlib/prelude/ml.suho")),
    ("ops.suho", include_str!("../../../stdlib/prelude/ops.suho")),
    ("rollout.suho", include_str!("../../../stdlib/prelude/rollout.suho")),
    ("sim.suho", include_str!("../../../stdlib/prelude/sim.suho")),
];

/// A project: a folder with a `project.suho`, or with `.git`, or just a folder.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Project {
    /// Absolute.
    root: PathBuf,
}

impl Project {
    /// The project that `path` belongs to.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let absolute = fs::canonicalize(path).map_err(|error| {
            let message = format!("cannot find `{}`: {}", path.display(), reason(&error));
            Failure::user("no-such-file", message)
                .help("name a pipeline, a `.suho` file, or a folder that holds one")
        })?;
        let folder = if absolute.is_dir() { absolute.as_path() } else { parent(&absolute) };
        Ok(Self::around(folder))
    }

    /// The project that the folder `folder`, absolute, belongs to; it need not exist.
    pub(crate) fn around(folder: &Path) -> Self {
        let holds = |mark: &str| folder.ancestors().find(|above| above.join(mark).exists());
        let root = holds("project.suho").or_else(|| holds(".git")).unwrap_or(folder);
        Self { root: root.to_path_buf() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The state of one environment: the rehearsal's is apart from everything else, and so is one
    /// that is kept in a database of its own, or whose artifacts are elsewhere.
    pub(crate) fn state(&self, environment: &str) -> PathBuf {
        let own = self.own_state(environment);
        if environment == "rehearsal" || is_apart(&own) { own } else { self.shared_state() }
    }

    /// The states of environments, the rehearsal's left out, that are apart, by name.
    pub(crate) fn states_elsewhere(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.shared_state()) else { return Vec::new() };
        let mut found: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        found.retain(|folder| is_apart(folder) && !folder.ends_with("rehearsal"));
        found.sort();
        found
    }

    /// The folder of `environment` alone, where its state is apart.
    pub(crate) fn own_state(&self, environment: &str) -> PathBuf {
        self.shared_state().join(environment)
    }

    /// The folder of every environment whose state is not apart.
    pub(crate) fn shared_state(&self) -> PathBuf {
        self.root.join(".suho")
    }

    /// `path` as messages name it: relative to the root where it lies inside.
    pub(crate) fn named(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// The files at `paths`: name and text, folders searched, in the order of their names.
    pub(crate) fn files(&self, paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
        let mut found = Vec::new();
        for path in paths {
            if path.is_dir() {
                search(path, 0, &mut found)?;
            } else {
                found.push(path.clone());
            }
        }
        let mut files = Vec::with_capacity(found.len());
        for path in found {
            let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            // A link that somebody names is followed; one that is merely found may lead anywhere.
            let is_found = !paths.contains(&path);
            if is_found && path.is_symlink() && !real.starts_with(&self.root) {
                let message = format!("`{}` leads outside the project", path.display());
                return Err(Failure::user("no-such-file", message)
                    .help("put the file into the project, or the link out of it"));
            }
            let path = real;
            files.push((self.named(&path), read(&path)?));
        }
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Every file of the project that can be read, as far as it can be searched: for an editor, to
    /// which something is better than a refusal.
    pub(crate) fn readable(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let _whole = search(&self.root, 0, &mut found);
        let text = |path: &PathBuf| Some((self.named(path), read(path).ok()?));
        found.iter().filter_map(text).collect()
    }
}

fn is_apart(state: &Path) -> bool {
    suho_store::address::is_named(state) || keeping::is_apart(state)
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// The system's reason without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if depth > DEPTH_MAX || found.len() > FILES_MAX {
        let message = format!("too many folders below `{}`", folder.display());
        return Err(Failure::user("too-many-files", message).help("name the folder you mean"));
    }
    let entries = fs::read_dir(folder).map_err(|error| {
        Failure::world(
            "unreadable",
            format!("cannot list `{}`: {}", folder.display(), reason(&error)),
        )
    })?;
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        // A folder that is a link may lead in a circle, or out of the project.
        if path.is_dir() && path.is_symlink() {
            continue;
        }
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            search(&path, depth + 1, found)?;
        } else if path.extension().is_some_and(|kind| kind == "suho") {
            found.push(path);
        }
    }
    Ok(())
}

pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    text(path).map_err(|(code, why)| {
        Failure::user(code, format!("cannot read `{}`: {why}", path.display()))
    })
}

/// The text of a file: its code and reason where there is none. A large one is not read at all.
fn text(path: &Path) -> Result<String, (&'static str, String)> {
    let no_file = |error: std::io::Error| ("no-such-file", reason(&error));
    let metadata = fs::metadata(path).map_err(no_file)?;
    // A pipe or a device may never end, and reading it may never begin.
    if !metadata.is_file() {
        return Err(("no-such-file", "it is no regular file".to_owned()));
    }
    let most = u64::try_from(suho_syntax::BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    // It may grow while it is read: its length said before is not trusted.
    let file = fs::File::open(path).map_err(no_file)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(no_file)?;
    let read = if bytes.len() <= suho_syntax::BYTES_MAX {
        suho_syntax::decode(bytes)
    } else {
        Err(NotText::TooLarge { bytes: metadata.len().max(most.saturating_add(1)) })
    };
    read.map_err(|error| match error {
        NotText::NotUtf8 { .. } | NotText::Utf16 => ("not-utf8", error.to_string()),
        NotText::TooLarge { .. } => ("too-large", error.to_string()),
        NotText::Binary => ("not-text", error.to_string()),
    })
}

/// The file that `path` means in the file `from`, both relative to the root.
pub(crate) fn inside(from: &str, path: &str) -> Result<String, String> {
    let folder = parent(Path::new(from)).to_path_buf();
    let mut inside = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::Normal(part) => inside.push(part),
            Component::CurDir => {}
            Component::ParentDir if inside.pop() => {}
            _ => return Err(format!("`{path}` lies outside the project")),
        }
    }
    Ok(inside.to_string_lossy().into_owned())
}

impl World for Project {
    fn prelude(&self) -> Vec<(String, String)> {
        PRELUDE.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
    }

    fn read(&self, from: &str, path: &str) -> Result<(String, String), String> {
        let name = inside(from, path)?;
        let file = self.root.join(&name);
        let real = fs::canonicalize(&file)
            .map_err(|error| format!("cannot read `{path}`: {}", reason(&error)))?;
        // A link may lead anywhere; what a project is made of lies inside it.
        if !real.starts_with(&self.root) {
            return Err(format!("`{path}` leads outside the project"));
        }
        let text = text(&real).map_err(|(_, why)| format!("cannot read `{path}`: {why}"))?;
        Ok((name, text))
    }

    fn features(&self) -> Option<Vec<String>> {
        Some(suho_features::catalogue().map(|entry| entry.name).collect())
    }

    fn judge_feature(&self) -> Option<suho_check::JudgeFeature> {
        Some(crate::features::judge)
    }
}
