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

/// Writes `content` as JSON to `path`: whoever reads it, or dies meanwhile, finds the old content or
/// the new, never a part. Replaces what is there.
///
/// Does not wait for the disk. What the engine writes for an attempt matters only while the
/// attempt's process may live, and none outlives the machine.
///
/// # Errors
/// When the disk refuses; then `path` is as it was.
pub fn write_whole<T: Serialize>(path: &Path, content: &T) -> Result<(), FileError> {
    prepare(path, content, |_, prepared| fs::rename(prepared, path))
}

/// As [`write_whole`], but leaves a file that is already there as it is, and what is there after the
/// machine went down is whole or absent, too. Answers whether this call made it: of several at once,
/// exactly one does.
///
/// # Errors
/// When the disk refuses.
pub fn create_new_whole<T: Serialize>(path: &Path, content: &T) -> Result<bool, FileError> {
    let mut created = false;
    prepare(path, content, |file, prepared| {
        // The content before the name. A name that the disk has not got when the machine goes down
        // is an attempt that was lost with it.
        file.sync_data()?;
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

/// Writes `content` to a file beside `path`, and lets `publish` give it its name.
fn prepare<T: Serialize>(
    path: &Path,
    content: &T,
    publish: impl FnOnce(&File, &Path) -> io::Result<()>,
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
        publish(&file, &prepared)
    })();
    written.map_err(|source| FileError::Write { path: path.to_owned(), source })
}
