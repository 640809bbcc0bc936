//! What a store's refusal means to a person: a code, and what to do.

use crate::failure::Failure;
use suho_domain::fault;
use suho_driver::ports::StoreError;
use suho_driver::world::WorldError;

/// Whether the store found more than one: it says so in the words of its `Missing`.
pub(crate) fn is_ambiguous(error: &StoreError) -> bool {
    matches!(error, StoreError::Missing(what) if what.starts_with("single "))
}

/// Whether the disk had no room left, as SQLite says it.
fn is_full(error: &StoreError) -> bool {
    fault::chain(error).contains("database or disk is full")
}

/// Whether an older suho wrote the state, and it was only to be read.
fn is_older(error: &StoreError) -> bool {
    fault::chain(error).contains("older than ours")
}

/// The kebab-case code of a refusal, and what to do about it.
fn words(error: &StoreError) -> (&'static str, Option<String>) {
    let (code, help) = match error {
        StoreError::Refused { .. } | StoreError::Unknown { .. } if is_full(error) => (
            "disk-full",
            "free some room, then run the same command again: it goes on where it stopped",
        ),
        StoreError::Refused { .. } if is_older(error) => (
            "older-state",
            "nothing is lost: `suho retry` of a run, or the next run or rehearsal, brings it up to \
             date; then ask again",
        ),
        StoreError::Refused { doing, .. } if doing.contains("postgres://") => (
            "database-refused",
            "check that the database is there and the URL is right; what was committed is safe",
        ),
        StoreError::Refused { .. } => {
            ("store-refused", "check that the folder can be written and the disk has room")
        }
        StoreError::Unknown { .. } => {
            ("store-unknown", "run the same command again: it reads what was written")
        }
        StoreError::Conflict { .. } => ("store-conflict", "run the command again"),
        StoreError::Locked { holder, .. } => {
            let help = format!(
                "wait for process {holder} to end, or end its run with `suho cancel @latest`"
            );
            return ("locked", Some(help));
        }
        StoreError::Frozen { .. } => {
            ("frozen", "`suho freeze off -m WHY` lets it go on, then `suho retry` the run")
        }
        StoreError::Fenced { .. } => {
            ("not-leading", "another engine has taken over, and goes on with the run")
        }
        StoreError::Tampered { .. } => (
            "tampered",
            "suho changes nothing there: restore `suho.db` from a copy; if nobody changed it, \
             report a bug of suho",
        ),
        StoreError::Missing(_) if is_ambiguous(error) => ("ambiguous", "name it by more of its id"),
        StoreError::Missing(what) => return ("not-found", where_to_look(what)),
        StoreError::Newer { .. } => ("newer-state", "use the suho that wrote it, or a newer one"),
    };
    (code, Some(help.to_owned()))
}

/// The command that lists what there is of the kind that was not found.
fn where_to_look(what: &str) -> Option<String> {
    let list = match what.split(' ').next() {
        Some("run") if what.contains('`') => "`suho ps` lists the runs",
        Some("run") => "`suho rehearse PIPELINE` makes one",
        Some("model") => "`suho model ls` lists the models",
        _ => return None,
    };
    Some(list.to_owned())
}

/// A refusal as a command's failure.
pub(crate) fn failure(error: &StoreError) -> Failure {
    let (code, help) = words(error);
    let failure = Failure::from_error(error.fault(), code, error);
    help.into_iter().fold(failure, Failure::help)
}

/// A refusal in the words of the world, as forecasts hear it.
pub(crate) fn world_error(error: &StoreError) -> WorldError {
    let (code, help) = words(error);
    WorldError { code: code.to_owned(), message: fault::chain(error), help, fault: error.fault() }
}

/// The world's word as a command's failure.
pub(crate) fn of_world(error: &WorldError) -> Failure {
    let failure = Failure::new(error.fault, &error.code, error.message.clone());
    error.help.iter().cloned().fold(failure, Failure::help)
}
