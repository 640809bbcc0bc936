//! `suho data init`: a folder to begin with, that reads files of bars.

use crate::args::DataInit;
use crate::failure::Failure;
use crate::fresh;
use crate::project::reason;
use crate::terminal::{Terminal, out};

/// What the folder begins with.
const FILES: [(&str, &str); 4] = [
    ("project.suho", include_str!("starter/project.suho")),
    ("pipeline.suho", include_str!("starter/pipeline.suho")),
    ("tables.sql", include_str!("starter/tables.sql")),
    (".gitignore", "/.suho/\n/bars/\n"),
];

/// `suho data init`.
pub(super) fn init(args: &DataInit, terminal: Terminal) -> Result<u8, Failure> {
    let folder = &args.folder;
    let place = folder.display();
    let refused = |error: std::io::Error| {
        Failure::world("not-written", format!("cannot make `{place}`: {}", reason(&error)))
    };
    std::fs::create_dir_all(folder.join("bars")).map_err(refused)?;
    for (name, text) in FILES {
        fresh::write(&folder.join(name), text.as_bytes())?;
    }
    if !terminal.is_quiet {
        out(&format!(
            "{place}  pipeline.suho, project.suho, tables.sql\n\
             next: put files of bars into `{place}/bars`, then `suho plan {place}`\n"
        ));
    }
    Ok(0)
}
