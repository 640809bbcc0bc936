//! Reading and writing an attempt's files so that a crash leaves each whole or absent.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use suho_domain::Fault;

/// Why one of an attempt's files cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk refused to give it. `World`.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
    /// The disk refused to take it. `World`.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
    /// It holds something else than it should. `Bug`: only suho writes these files.
    #[error("cannot understand `{}`", path.display())]
    Understand {
        /// The file.
        path: PathBuf,
        /// Where it stops making sense.
        #[source]
        source: serde_json::Error,
    },
}

impl FileError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Read { .. } | Self::Write { .. } => Fault::World,
            Self::Understand { .. } => Fault::Bug,
        }
    }
}

/// The JSON in `path`; `None` when there is no such file.
///
/// # Errors
/// When the file cannot be read or holds something else.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FileError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FileError::Read { path: path.to_owned(), source }),
    };
    let understood = serde_json::from_slice(&bytes);
    understood.map(Some).map_err(|source| FileError::Understand { path: path.to_owned(), source })
}

/// Writes `content` as JSON to `path`: after a crash the file holds the old content or the new,
/// never a part. Replaces what is there.
///
/// # Errors
/// When the disk refuses; then `path` is as it was.
pub fn write_whole<T: Serialize>(path: &Path, content: &T) -> Result<(), FileError> {
    prepare(path, content, |prepared| fs::rename(prepared, path))
}

/// As [`write_whole`], but leaves a file that is already there as it is. Answers whether this call
/// made it: of several at once, exactly one does.
///
/// # Errors
/// When the disk refuses.
pub fn create_new_whole<T: Serialize>(path: &Path, content: &T) -> Result<bool, FileError> {
    let mut created = false;
    prepare(path, content, |prepared| {
        // A hard link, unlike a rename, refuses when the name is taken.
        created = match fs::hard_link(prepared, path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error),
        };
        fs::remove_file(prepared)
    })?;
    Ok(created)
}

/// Appends `content` as one line of JSON to `path`, making the file if need be. The line goes to
/// the system in one write, so that a kill cuts none in two.
///
/// # Errors
/// When the disk refuses.
pub fn append_line<T: Serialize>(path: &Path, content: &T) -> Result<(), FileError> {
    let appended = (|| {
        let mut line = serde_json::to_vec(content)?;
        line.push(b'\n');
        OpenOptions::new().create(true).append(true).open(path)?.write_all(&line)
    })();
    appended.map_err(|source| FileError::Write { path: path.to_owned(), source })
}

/// Writes `content` to a file beside `path`, down to the disk, and lets `publish` give it its name.
fn prepare<T: Serialize>(
    path: &Path,
    content: &T,
    publish: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), FileError> {
    // Keeps two writers of the same name out of each other's way, threads as well as processes.
    static WRITERS: AtomicU64 = AtomicU64::new(0);
    let (process, writer) = (std::process::id(), WRITERS.fetch_add(1, Ordering::Relaxed));
    let prepared = path.with_extension(format!("{process}-{writer}.tmp"));
    let written = (|| {
        let mut text = serde_json::to_vec_pretty(content)?;
        text.push(b'\n');
        let mut file = File::create(&prepared)?;
        file.write_all(&text)?;
        file.sync_all()?;
        publish(&prepared)?;
        // The name is in the folder, and the folder has to reach the disk as well.
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    })();
    written.map_err(|source| FileError::Write { path: path.to_owned(), source })
}
