//! What an attempt has written, from any point on.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use suho_step::attempt::{PROGRESS, STDERR, STDOUT};

/// Most bytes that one look at a log answers.
pub(crate) const CHUNK_BYTES_MAX: u64 = 64 * 1024;

/// One of the files that an attempt writes as it goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stream {
    /// Its standard output.
    Stdout,
    /// Its standard error, with the step's own log lines.
    Stderr,
    /// Its progress, one [`suho_step::Progress`] in JSON a line.
    Progress,
}

impl Stream {
    /// The stream's file in the attempt's folder.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Stdout => STDOUT,
            Self::Stderr => STDERR,
            Self::Progress => PROGRESS,
        }
    }
}

/// A piece of a stream.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Chunk {
    /// What is there, at most 64 KiB. Empty when there is nothing new. May end within a line.
    pub bytes: Vec<u8>,
    /// Where the next piece begins.
    pub next: u64,
}

/// The piece of `stream` that begins at byte `offset`. A stream that was not begun is empty.
pub(crate) fn read(folder: &Path, stream: Stream, offset: u64) -> io::Result<Chunk> {
    let mut file = match File::open(folder.join(stream.file())) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Chunk { bytes: Vec::new(), next: offset });
        }
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    let read = file.take(CHUNK_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Chunk { bytes, next: offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX)) })
}

#[cfg(test)]
mod tests;
