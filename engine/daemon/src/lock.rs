//! One daemon a folder: `daemon.lock`, an exclusive lock that the kernel gives back when its holder
//! dies. Where the state is in a database that several share, each has a lock of its own, and the
//! database says which of them leads.

use crate::error::DaemonError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The lock's file in the data folder.
const FILE: &str = "daemon.lock";
/// A pid has at most 10 digits.
const HOLDER_BYTES_MAX: u64 = 32;

/// Whether a daemon has a folder to itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seat {
    /// It does.
    Only,
    /// Others may work beside it.
    OneOfMany,
}

/// Held as long as the value lives.
#[derive(Debug)]
pub(crate) struct DaemonLock {
    _file: File,
}

impl DaemonLock {
    /// Takes the lock of `folder`, which is made where it is not there, and writes our pid into it.
    pub(crate) fn take(folder: &Path, seat: Seat) -> Result<Self, DaemonError> {
        let path = match seat {
            Seat::Only => folder.join(FILE),
            Seat::OneOfMany => own(folder, std::process::id()),
        };
        let refused = |source| DaemonError::File { doing: "lock", path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(refused)?;
        let open =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let read = (&mut file).take(HOLDER_BYTES_MAX).read_to_string(&mut holder);
                let known = read.is_ok() && !holder.trim().is_empty();
                let holder = if known { holder.trim().to_owned() } else { "unknown".to_owned() };
                return Err(DaemonError::Taken { path: folder.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(refused)?;
        Ok(Self { _file: file })
    }
}

/// The lock of one of many, the process `pid`.
fn own(folder: &Path, pid: u32) -> PathBuf {
    folder.join(format!("daemon.{pid}.lock"))
}

/// Whether a daemon has `folder` to itself. Takes nothing: a lock that is free is given back at once.
pub fn is_daemon_at_work(folder: &Path) -> bool {
    is_held(&folder.join(FILE))
}

/// Whether the daemon that is the process `pid` works on `folder`, alone or beside others.
pub(crate) fn works(folder: &Path, pid: u32) -> bool {
    is_daemon_at_work(folder) || is_held(&own(folder, pid))
}

fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}
