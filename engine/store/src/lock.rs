//! One engine a state folder: an exclusive lock that the kernel gives back when its holder dies.

use crate::error::refused;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use suho_driver::ports::StoreError;

/// The lock's file in the state folder.
const FILE: &str = "engine.lock";
/// A pid has at most 10 digits; more than this in the file is not ours to quote.
const HOLDER_BYTES_MAX: u64 = 32;

/// Held as long as the value lives.
#[derive(Debug)]
pub(crate) struct EngineLock {
    _file: File,
}

impl EngineLock {
    /// Takes the lock and writes our pid into it, for whoever comes too late.
    pub(crate) fn take(state_dir: &Path) -> Result<Self, StoreError> {
        let path = state_dir.join(FILE);
        let doing = format!("lock `{}`", path.display());
        let open =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(|error| refused(&doing, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked {
                    path: state_dir.display().to_string(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(refused(doing, error)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(|error| refused(doing, error))?;
        Ok(Self { _file: file })
    }
}

/// Whether an engine is at work on the state in `state_dir`. Takes nothing: a lock that is free is
/// given back at once.
pub fn is_engine_at_work(state_dir: &Path) -> bool {
    let Ok(file) = File::open(state_dir.join(FILE)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// The pid in the file. Its writer may be between locking and writing, so there may be none.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(HOLDER_BYTES_MAX).read_to_string(&mut text);
    match (read, text.trim()) {
        (Ok(_), pid) if !pid.is_empty() => pid.to_owned(),
        _ => "that has not said its number yet".to_owned(),
    }
}
