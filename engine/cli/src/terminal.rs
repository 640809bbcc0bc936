//! Standard output and error: the only place that writes to them.

use crate::picture::Colour;
use std::io::{self, IsTerminal as _, Write as _};

/// What the process was started with: read once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Whether standard error is a terminal that may be redrawn.
    pub(crate) is_live: bool,
    /// Whether `--quiet` was given.
    pub(crate) is_quiet: bool,
    /// Whether text may be coloured.
    pub(crate) colour: Colour,
}

impl Terminal {
    /// Reads `NO_COLOR` and asks the streams.
    pub(crate) fn new(is_quiet: bool) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = if is_terminal && !is_plain { Colour::Always } else { Colour::Never };
        Self { is_live: is_terminal && !is_quiet, is_quiet, colour }
    }
}

/// Writes an answer. A reader who went away is not our failure.
pub(crate) fn out(text: &str) {
    let mut stream = io::stdout().lock();
    let _gone = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Writes a message.
pub(crate) fn err(text: &str) {
    let mut stream = io::stderr().lock();
    let _gone = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
