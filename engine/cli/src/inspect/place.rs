//! The state a command looks at: the rehearsal's and the ordinary one of a project, as far as they
//! are there.

use crate::args::Seat;
use crate::failure::Failure;
use crate::project::Project;
pub(crate) use crate::refusal::failure as refused;
use crate::refusal::is_ambiguous;
use std::path::{Path, PathBuf};
use suho_domain::Fault;
use suho_driver::ports::{ModelRow, RunRow, StoreError};
use suho_store::{Access, RunFilter, SqliteStore, is_engine_at_work};

/// The newest run, in any environment.
const LATEST: &str = "@latest";
/// The environments whose states lie apart: every other one shares the second's.
const ENVIRONMENTS: [&str; 2] = ["rehearsal", "default"];

/// One state folder, opened to read.
#[derive(Debug)]
pub(crate) struct State {
    /// The folder, absolute.
    pub(crate) folder: PathBuf,
    /// Its database.
    pub(crate) store: SqliteStore,
}

/// Every state of a project that is there.
#[derive(Debug)]
pub(crate) struct States {
    root: PathBuf,
    pub(crate) each: Vec<State>,
}

impl State {
    /// The state in `folder`, opened to read.
    pub(crate) fn at(folder: PathBuf) -> Result<Self, Failure> {
        let store = SqliteStore::open(&folder, Access::Read).map_err(|error| refused(&error))?;
        Ok(Self { folder, store })
    }

    /// What to say of the lines that are stopped here, a line each.
    pub(crate) fn stopped_lines(&self) -> Result<String, Failure> {
        let freezes = self.store.freezes().map_err(|error| refused(&error))?;
        let lines = freezes.iter().map(|(name, hold)| crate::inspect::stopped_line(name, hold));
        let lines: String = lines.collect();
        Ok(if lines.is_empty() { lines } else { format!("\n{lines}") })
    }

    /// What to say of a run that is not over while nobody works on it.
    pub(crate) fn interruption(&self, run: &RunRow) -> Option<String> {
        let is_led = || {
            is_engine_at_work(&self.folder)
                || self.store.leader(&run.environment).is_ok_and(|leader| leader.is_some())
        };
        let is_idle = !run.status.is_terminal() && !is_led();
        is_idle.then(|| {
            format!(
                "\nrun {run} was interrupted: no engine is at work on it; `suho retry {run}` takes it \
                 up\n",
                run = run.id.short()
            )
        })
    }
}

impl States {
    /// Those of the project that `place` names, or the one of the folder that it names.
    pub(crate) fn of(place: &Seat) -> Result<Self, Failure> {
        let path = place.project.as_deref().unwrap_or_else(|| Path::new("."));
        if let Some(folder) = &place.data_dir {
            let folder = std::path::absolute(folder)
                .map_err(|error| Failure::from_error(Fault::User, "no-such-file", &error))?;
            let store = SqliteStore::open(&folder, Access::Read).map_err(|e| refused(&e))?;
            return Ok(Self { root: folder.clone(), each: vec![State { folder, store }] });
        }
        let project = Project::of(path)?;
        let mut each = Vec::new();
        let folders = ENVIRONMENTS.map(|environment| project.state(environment));
        for folder in folders.into_iter().chain(project.states_elsewhere()) {
            match SqliteStore::open(&folder, Access::Read) {
                Ok(store) => each.push(State { folder, store }),
                Err(StoreError::Missing(_)) => {}
                Err(error) => return Err(refused(&error)),
            }
        }
        Ok(Self { root: project.root().to_path_buf(), each })
    }

    /// The newest runs of all states, newest first, each with the place of its state.
    pub(crate) fn runs(&self, limit: u32) -> Result<Vec<(&State, RunRow)>, Failure> {
        let mut runs = Vec::new();
        for state in &self.each {
            let found = state.store.runs(&RunFilter::ANY, limit).map_err(|e| refused(&e))?;
            runs.extend(found.into_iter().map(|run| (state, run)));
        }
        // Stable: runs of one state that began at the same instant stay in the state's order.
        runs.sort_by_key(|(_, run)| std::cmp::Reverse(run.created_at));
        runs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(runs)
    }

    /// The run that `name` means: `@latest`, an id, or the beginning of one.
    pub(crate) fn run(self, name: &str) -> Result<(State, RunRow), Failure> {
        let latest = self.runs(1)?.into_iter().next().map(|(_, run)| run.id);
        let Some(latest) = latest else {
            let message = format!("there are no runs in `{}` yet", self.root.display());
            return Err(Failure::user("no-runs", message)
                .help("`suho rehearse PIPELINE` begins one")
                .help("`--project PATH` looks at another project"));
        };
        let name = if name == LATEST { latest.as_str() } else { name };
        let called = |run: &RunRow| {
            format!(
                "`{}` ({} #{} in {})",
                run.id.short(),
                run.pipeline,
                run.number,
                run.environment
            )
        };
        self.single("run", name, |store| store.find_run(name), called)
            .map_err(|failure| failure.help("`suho ps` lists the runs"))
    }

    /// The model that `name` means: a name, NAME@VERSION, or the beginning of an id.
    pub(crate) fn model(self, name: &str) -> Result<(State, ModelRow), Failure> {
        let called =
            |model: &ModelRow| format!("`{}` ({} {})", model.id.short(), model.slot, model.version);
        self.single("model", name, |store| store.find_model(name), called)
    }

    /// The only thing that `name` means in all states together.
    fn single<T>(
        self,
        noun: &str,
        name: &str,
        find: impl Fn(&SqliteStore) -> Result<T, StoreError>,
        called: impl Fn(&T) -> String,
    ) -> Result<(State, T), Failure> {
        let mut found = Vec::new();
        let mut missing = StoreError::Missing(format!("{noun} `{name}`"));
        for state in self.each {
            match find(&state.store) {
                Ok(thing) => found.push((state, thing)),
                Err(error) if !matches!(error, StoreError::Missing(_)) || is_ambiguous(&error) => {
                    return Err(refused(&error));
                }
                Err(error) => missing = error,
            }
        }
        let candidates: Vec<String> = found.iter().map(|(_, thing)| called(thing)).collect();
        match (found.pop(), candidates.len()) {
            (Some(only), 1) => Ok(only),
            (None, _) => Err(refused(&missing)),
            (Some(_), _) => {
                let list = candidates.join(", ");
                let message = format!("there is no single {noun} `{name}`: it could be {list}");
                Err(Failure::user("ambiguous", message).help("name it by its id"))
            }
        }
    }
}
