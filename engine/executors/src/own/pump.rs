//! Carries what a script says into the attempt's log: without secrets, and not without end.

use super::redact::Redactor;
use std::io::{self, Read, Write};

/// Read at once.
const PIECE_BYTES: usize = 16 * 1024;

/// Carries `from` to `to` to its end, at most `bytes_max` of it. The rest is read and dropped: a
/// script that says too much goes on. Answers how much was dropped.
pub(super) fn pump(
    mut from: impl Read,
    mut to: impl Write,
    mut redactor: Redactor,
    bytes_max: u64,
) -> io::Result<u64> {
    let (mut left, mut dropped) = (bytes_max, 0_u64);
    let mut piece = vec![0; PIECE_BYTES];
    let mut is_over = false;
    while !is_over {
        let read = match from.read(&mut piece) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        is_over = read == 0;
        let mut clean = redactor.piece(piece.get(..read).unwrap_or_default());
        if is_over {
            clean.extend(redactor.rest());
        }
        let kept = clean.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        to.write_all(clean.get(..kept).unwrap_or_default())?;
        let length = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        left = left.saturating_sub(length(kept));
        dropped = dropped.saturating_add(length(clean.len() - kept));
    }
    if dropped > 0 {
        writeln!(to, "\n[the log is full; {dropped} bytes more were said and are not kept]")?;
    }
    Ok(dropped)
}

#[cfg(test)]
mod tests;
