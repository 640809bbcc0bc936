//! Whether an attempt's process lives: told by a lock that the kernel frees when it dies.
//!
//! There is no moment of doubt: the executor takes the lock, starts the process with the locked
//! file as its standard input, and lets go of its own copy. A lock belongs to the open file, so it
//! is held from before the process's first instruction to after its last, whoever else dies.

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::Pid;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use suho_step::attempt::ALIVE;

/// Takes the lock of the attempt in `folder`; `None` when another process has it.
pub(crate) fn take(folder: &Path) -> io::Result<Option<File>> {
    let path = folder.join(ALIVE);
    let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The lock of the attempt in `folder`, if the executor gave it to this process as its standard
/// input; which from then on is empty, so that children do not inherit the lock.
pub(crate) fn inherited(folder: &Path) -> io::Result<Option<File>> {
    let given = rustix::fs::fstat(rustix::stdio::stdin())?;
    let Ok(alive) = folder.join(ALIVE).metadata() else { return Ok(None) };
    if (given.st_dev, given.st_ino) != (alive.dev(), alive.ino()) {
        return Ok(None);
    }
    let lock = File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    // Whoever gave it has locked it, and locking again what one holds is no change.
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(lock)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Lets go of `lock` for everybody who has it open. Closing alone would not do: a process that
/// another thread is just starting has a copy of every open file for a moment.
pub(crate) fn release(lock: &File) -> io::Result<()> {
    Ok(flock(lock, FlockOperation::Unlock)?)
}

/// Whether a process holds the lock of the attempt in `folder`.
pub(crate) fn is_held(folder: &Path) -> io::Result<bool> {
    let file = match File::open(folder.join(ALIVE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    // Shared, so that two who look at once do not take each other for the process.
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => release(&file).map(|()| false),
        Err(Errno::WOULDBLOCK) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Waits until nobody holds the lock of the attempt in `folder`; one that nobody ever took is free.
pub(crate) fn wait_until_free(folder: &Path) -> io::Result<()> {
    let file = match File::open(folder.join(ALIVE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    loop {
        match flock(&file, FlockOperation::LockShared) {
            Ok(()) => return release(&file),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Writes into the locked file that this process has begun the attempt. It need not reach the disk:
/// a machine that goes down takes the process with it, and no engine begins an attempt again.
pub(crate) fn begin(lock: &mut File) -> io::Result<()> {
    writeln!(lock, "{}", std::process::id())
}

/// The process that has begun the attempt behind this open lock; `None` when none ever has.
pub(crate) fn begun(lock: &mut File) -> io::Result<Option<Pid>> {
    let mut text = String::new();
    lock.rewind()?;
    lock.read_to_string(&mut text)?;
    Ok(text.trim().parse().ok().and_then(Pid::from_raw))
}

/// The process that has begun the attempt in `folder`; `None` when none ever has.
pub(crate) fn begun_in(folder: &Path) -> io::Result<Option<Pid>> {
    match File::open(folder.join(ALIVE)) {
        Ok(mut file) => begun(&mut file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
