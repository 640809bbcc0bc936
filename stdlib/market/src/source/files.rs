//! Where files of bars lie: on this machine, or wherever someone can list and fetch them.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::SourceError;

/// Files by name, as an object store or a folder keeps them. Names have `/` between their parts.
///
/// An implementation over a network answers [`SourceError::Refused`] with who has to act, and
/// [`SourceError::Missing`] for a name that is not there. Its names are whole URLs.
pub trait Files {
    /// The names of all files that begin with `prefix`, in any order.
    ///
    /// # Errors
    /// When the names cannot be had. None at all is no error.
    fn list(&self, prefix: &str) -> Result<Vec<String>, SourceError>;

    /// All bytes of one file.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn read(&self, name: &str) -> Result<Bytes, SourceError>;
}

/// The files under a folder of this machine.
#[derive(Clone, Debug)]
pub struct LocalFiles {
    root: PathBuf,
}

impl LocalFiles {
    /// The files under `root`; names are relative to it.
    pub fn under(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn add(&self, folder: &str, depth: usize, to: &mut Vec<String>) -> Result<(), SourceError> {
        /// Folders in folders, beyond which a link leads in a circle.
        const DEPTH_MAX: usize = 16;
        let path = self.root.join(folder);
        let refused = |source: io::Error| SourceError::Unreadable { path: path.clone(), source };
        let entries = match fs::read_dir(&path) {
            Err(error) if is_no_folder(&error) => return Ok(()),
            entries => entries.map_err(refused)?,
        };
        for entry in entries {
            let entry = entry.map_err(refused)?;
            let name = entry.file_name();
            // What begins with a point is hidden: a half-written file, an editor's copy.
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let name = format!("{folder}{name}");
            // Follows links.
            let about = fs::metadata(entry.path()).map_err(refused)?;
            if about.is_file() {
                to.push(name);
            } else if about.is_dir() && depth < DEPTH_MAX {
                self.add(&format!("{name}/"), depth + 1, to)?;
            }
        }
        Ok(())
    }
}

/// The file at `path`, which errors call `named`. Nothing else is opened: a pipe that nobody writes
/// to would be waited for without end.
pub(super) fn open(path: &Path, named: &Path) -> Result<File, SourceError> {
    let refused = |source| SourceError::open(named, source);
    let about = fs::metadata(path).map_err(refused)?;
    let found = match about.is_file() {
        true => return File::open(path).map_err(refused),
        false if about.is_dir() => "a folder",
        false => "a pipe or a device",
    };
    Err(SourceError::NoFile { path: named.to_owned(), found })
}

fn is_no_folder(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Files for LocalFiles {
    fn list(&self, prefix: &str) -> Result<Vec<String>, SourceError> {
        let folder = prefix.rfind('/').and_then(|end| prefix.get(..=end)).unwrap_or_default();
        let mut names = Vec::new();
        self.add(folder, 0, &mut names)?;
        names.retain(|name| name.starts_with(prefix));
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Bytes, SourceError> {
        // Errors name the file as whoever asked did.
        let refused = |source| SourceError::open(Path::new(name), source);
        let mut bytes = Vec::new();
        open(&self.root.join(name), Path::new(name))?.read_to_end(&mut bytes).map_err(refused)?;
        Ok(bytes.into())
    }
}
