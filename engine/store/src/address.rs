//! Where a state folder's database is, when it is not the file in it: the folder names the variable
//! that holds a server's URL. The URL itself, password and all, is written nowhere.

use crate::error::refused;
use std::io::ErrorKind;
use std::path::Path;
use suho_driver::ports::StoreError;

/// The file in the state folder: one line, the variable's name.
const FILE: &str = "registry";

/// Makes the folder `state_dir` one whose database is at the URL in the variable `variable`, or,
/// with `None`, one that has its own.
///
/// # Errors
/// When the folder cannot be written.
pub fn settle(state_dir: &Path, variable: Option<&str>) -> Result<(), StoreError> {
    let path = state_dir.join(FILE);
    let doing = format!("write `{}`", path.display());
    let done = match variable {
        Some(variable) => std::fs::create_dir_all(state_dir)
            .and_then(|()| std::fs::write(&path, format!("{variable}\n"))),
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    };
    done.map_err(|error| refused(doing, error))
}

/// The variable that the folder names, if it does.
///
/// # Errors
/// When it cannot be read.
pub fn named(state_dir: &Path) -> Result<Option<String>, StoreError> {
    let path = state_dir.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        // What is wrong with the folder is said when it is opened.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(refused(format_args!("read `{}`", path.display()), error)),
    }
}

/// The URL of the server that has the folder's database, if one does.
pub(crate) fn of(state_dir: &Path) -> Result<Option<String>, StoreError> {
    let Some(variable) = named(state_dir)? else { return Ok(None) };
    #[expect(clippy::disallowed_methods, reason = "which one it is stands in the folder alone")]
    let url = std::env::var(&variable);
    match url {
        Ok(url) if !url.is_empty() => Ok(Some(url)),
        _ => Err(refused(
            format_args!("open the state in `{}`", state_dir.display()),
            format!("it is in a database whose URL is in `{variable}`, which is not set"),
        )),
    }
}
