//! Where the artifacts of a state are: in the folder `artifacts` of its own, or where a file of that
//! name says, so that whoever looks later need not read the program.
//!
//! A registry names artifacts by their place among the others, so a state has one home for all of
//! them: an environment that keeps them elsewhere has a state apart, and no state ever moves.

use crate::failure::Failure;
use crate::project::{Project, reason};
use crate::refusal;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use suho_artifacts::{ArtifactError, Artifacts, model_folder};
use suho_check::Program;
use suho_check::program::Expr;
use suho_domain::Value;
use suho_store::{Access, ModelFilter, RunFilter, SqliteStore};

/// The folder in a state, or the file that says where it is.
const ARTIFACTS: &str = "artifacts";

/// Where the artifacts of `state` are: a folder, or the URL of a bucket.
pub(crate) fn artifacts(state: &Path) -> String {
    elsewhere(state).unwrap_or_else(|| own(state))
}

/// Whether the artifacts of `state` are where its environment alone keeps them.
pub(crate) fn is_apart(state: &Path) -> bool {
    state.join(ARTIFACTS).exists()
}

/// The artifacts of `state`, to be looked at: nothing is made that is not there.
pub(crate) fn open(state: &Path) -> Result<Option<Artifacts>, ArtifactError> {
    let location = artifacts(state);
    if !location.contains("://") && !Path::new(&location).is_dir() {
        return Ok(None);
    }
    Artifacts::open(&location).map(Some)
}

/// Where the environment's block says that artifacts are kept; nothing where that is the place that
/// every state has.
pub(crate) fn declared(project: &Project, program: &Program, environment: &str) -> Option<String> {
    let settings = program.environments.iter().find(|(name, _)| name.as_str() == environment);
    let (kind, place) = place(settings?.1.get("artifacts")?)?;
    if kind != "dir" {
        return Some(place.trim_end_matches('/').to_owned());
    }
    let folder = plain(&project.root().join(place));
    let usual = if environment == crate::rehearse::REHEARSAL {
        project.own_state(environment)
    } else {
        project.shared_state()
    };
    (folder != usual.join(ARTIFACTS)).then(|| folder.to_string_lossy().into_owned())
}

/// Settles where the environment's artifacts are, as its block says, before anything is kept there.
pub(crate) fn settle(
    project: &Project,
    program: &Program,
    environment: &str,
) -> Result<(), Failure> {
    let declared = declared(project, program, environment);
    let state = project.own_state(environment);
    if declared.is_some() && !is_apart(&state) {
        begins_apart(project, environment)?;
    }
    settle_in(&state, declared.as_deref(), environment)
}

/// As [`settle`], for a state in the folder `state`.
pub(crate) fn settle_in(
    state: &Path,
    declared: Option<&str>,
    environment: &str,
) -> Result<(), Failure> {
    let begun = is_apart(state).then(|| artifacts(state));
    let usual = own(state);
    let wanted = declared.unwrap_or(&usual);
    match (begun, declared) {
        (Some(begun), _) if begun != wanted => Err(moved(state, environment, &begun, wanted)),
        (None, Some(location)) => begin(state, location),
        // A key that is missing is said before anything is done.
        (Some(_), Some(location)) => Artifacts::open(location).map(drop).map_err(|e| refused(&e)),
        (_, None) => Ok(()),
    }
}

/// Writes down that the artifacts of `state` are at `location`, once it is known to be a place that
/// keeps what it is given.
fn begin(state: &Path, location: &str) -> Result<(), Failure> {
    let artifacts = Artifacts::open(location).map_err(|error| refused(&error))?;
    artifacts.probe().map_err(|error| refused(&error))?;
    // A folder in its usual place is its own sign.
    if location == own(state) {
        return Ok(());
    }
    let write = || -> io::Result<()> {
        fs::create_dir_all(state)?;
        let part = state.join(format!(".{ARTIFACTS}.{}", std::process::id()));
        let mut file = fs::File::create(&part)?;
        writeln!(file, "{location}")?;
        file.sync_all()?;
        fs::rename(part, state.join(ARTIFACTS))
    };
    write().map_err(|error| {
        let message = format!("cannot write into `{}`: {}", state.display(), reason(&error));
        Failure::world("unwritable", message)
    })
}

/// Forgets the models that `store` knows, where they are not in its own folder: their places are
/// taken again by a registry that begins anew. Everything else lies by its content, and stays.
pub(crate) fn forget(state: &Path, store: &SqliteStore) -> Result<(), Failure> {
    let Some(location) = elsewhere(state) else { return Ok(()) };
    let artifacts = Artifacts::open(&location).map_err(|error| refused(&error))?;
    let models = store.models(&ModelFilter::ANY);
    for model in models.map_err(|error| refusal::failure(&error))? {
        // One may lie there that an attempt sealed and the registry never heard of.
        let Ok(folder) = model_folder(&model.slot.scope, &model.slot.model, model.version) else {
            continue;
        };
        artifacts.unseal(&folder).map_err(|error| refused(&error))?;
    }
    Ok(())
}

/// Runs of an environment do not lose what earlier ones kept.
fn begins_apart(project: &Project, environment: &str) -> Result<(), Failure> {
    let state = project.state(environment);
    let of = RunFilter { environment: Some(environment.to_owned()), ..RunFilter::ANY };
    let earlier = SqliteStore::open(&state, Access::Read).and_then(|store| store.runs(&of, 1));
    // Where there is no state yet, or none that can be read, there is nothing to lose by this.
    if earlier.map_or(true, |runs| runs.is_empty()) {
        return Ok(());
    }
    let message = format!(
        "`{environment}` has kept artifacts in `{}` so far, and its registry names them there",
        artifacts(&state)
    );
    Err(Failure::user("artifacts-moved", message)
        .help("declare a new environment for the new place: it begins with nothing"))
}

fn moved(state: &Path, environment: &str, begun: &str, wanted: &str) -> Failure {
    let message = format!(
        "`{environment}` keeps its artifacts in `{begun}`, and its block now says `{wanted}`: its \
         registry names what is in the old place"
    );
    Failure::user("artifacts-moved", message).help(format!(
        "copy everything to the new place, then write that into `{}`; or declare a new environment",
        state.join(ARTIFACTS).display()
    ))
}

/// What the place for artifacts said, and what can be done about it.
pub(crate) fn refused(error: &ArtifactError) -> Failure {
    let failure = Failure::from_error(error.fault(), error.code(), error);
    error.help().into_iter().fold(failure, Failure::help)
}

fn own(state: &Path) -> String {
    state.join(ARTIFACTS).to_string_lossy().into_owned()
}

/// What the file says that stands where the folder would be.
fn elsewhere(state: &Path) -> Option<String> {
    let text = fs::read_to_string(state.join(ARTIFACTS)).ok()?;
    Some(text.trim().to_owned()).filter(|location| !location.is_empty())
}

/// The kind of the store, and its path or URL.
fn place(store: &Expr) -> Option<(String, String)> {
    let field = |kind: &str| if kind == "dir" { "path" } else { "url" };
    let (kind, place) = match store {
        Expr::Value(Value::Variant(store)) => {
            (&store.name, store.fields.get(field(&store.name)).and_then(Value::as_text))
        }
        Expr::Variant(kind, fields) => {
            let place = match fields.get(field(kind)) {
                Some(Expr::Value(place)) => place.as_text(),
                _ => None,
            };
            (kind, place)
        }
        _ => return None,
    };
    Some((kind.clone(), place?.to_owned()))
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
