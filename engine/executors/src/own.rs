//! Steps of the user's own: a script in a sandbox, or a request.

mod address;
pub(crate) mod confine;
mod ending;
mod http;
mod outputs;
mod place;
mod processes;
mod pump;
mod redact;
mod secret;
mod shell;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use suho_step::exec::How;
use suho_step::{Context, Exec, Order, Outputs, StepError};

/// The variable by which the processes of an attempt are known: its folder. Its key alone may be
/// another state's as well.
pub(crate) const MARK: &str = "SUHO_ATTEMPT_FOLDER";

/// Ends what the attempt in `folder` has left running, wherever it hides: its environment tells.
pub(crate) fn end_left_behind(folder: &Path) {
    let mark = [MARK.as_bytes(), b"=", folder.as_os_str().as_bytes()].concat();
    processes::end_marked(&mark);
}

/// The folders of attempts below `root` of which a process lives.
pub(crate) fn folders_at_work(root: &Path) -> BTreeSet<PathBuf> {
    let mark = [MARK.as_bytes(), b"="].concat();
    let folders = processes::values_of(&mark).into_iter();
    let folders = folders.map(|value| PathBuf::from(OsStr::from_bytes(&value)));
    folders.filter(|folder| folder.starts_with(root)).collect()
}

/// Carries out `exec`; the outcome's message begins with the step's place.
pub(crate) fn run(
    order: &Order,
    exec: &Exec,
    context: &mut Context<'_>,
) -> Result<Outputs, StepError> {
    let secrets = secret::Secrets::read(exec, &order.project);
    let ran = secrets.and_then(|secrets| {
        let ran = match &exec.how {
            How::Shell { script, env } => shell::run(order, exec, script, env, &secrets, context),
            How::Http { .. } => http::run(order, exec, &secrets, context),
        };
        ran.map_err(|error| secrets.redacted(error))
    });
    ran.map_err(|error| StepError {
        message: format!("{}: {}", exec.place, error.message),
        ..error
    })
}
