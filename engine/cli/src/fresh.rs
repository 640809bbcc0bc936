//! A new file: written whole or not at all, and never over another.

use crate::failure::Failure;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use suho_domain::fault;

/// Writes `bytes` to `path`, which must not be there yet.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let place = path.display().to_string();
    let refused = |error: &std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::user("file-exists", format!("`{place}` is there already"))
                .help("name another file, or remove that one first")
        }
        _ => Failure::world(
            "not-written",
            format!("cannot write `{place}`: {}", fault::chain(error)),
        )
        .help("check that its folder is there and can be written"),
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| refused(&error))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a file must not stand there as if it were one.
        let _best_effort = std::fs::remove_file(path);
        refused(&error)
    })
}
