//! A project as a place to work in: its text, and hands to carry a run. Foreground and daemon alike.

use crate::comparing::{in_commit, own};
use crate::compile::Compiled;
use crate::failure::Failure;
use crate::forecasting::foresee;
use crate::git::Repository;
use crate::logging::Logged;
use crate::picture::{self, Colour};
use crate::project::{PRELUDE, Project, inside};
use crate::rehearse::actor;
use crate::replay;
use crate::terminal::err;
use crate::traces::{self, Sender};
use crate::world::{Origins, Processes};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use suho_check::{Program, Severity};
use suho_daemon::{Refusal, Text, Time, Workplace};
use suho_domain::{AttemptKey, Fault, Instant, RunStatus};
use suho_driver::ports::{ModelRow, RunRow, Store as _};
use suho_driver::registry::RouteRow;
use suho_driver::world::{
    Clock, Evidence, Look, Observer, Resumed, RolloutFacts, Traffic, WorldError,
};
use suho_driver::{CachePolicy, Candidate, EngineError, Rim, Setting, carry_out};
use suho_forecast::Force;
use suho_plan::Role;
use suho_store::{Access, SqliteStore};

/// A project and the state that its runs are kept in.
pub(crate) struct Bench {
    pub(crate) project: Project,
    /// The state folder, absolute.
    pub(crate) state: PathBuf,
    pub(crate) time: Arc<dyn Time>,
    pub(crate) cache: CachePolicy,
    /// Whose text it is.
    pub(crate) text: Origin,
    /// Who is told of runs that have ended.
    pub(crate) traces: Option<Sender>,
}

/// Where a project's text is read.
pub(crate) enum Origin {
    /// In its folder, as it is there.
    Folder,
    /// In a branch of its repository, whatever is checked out; and the commit that was read last.
    Branch(String, Mutex<Option<String>>),
}

impl Bench {
    /// Carries `run` on to its end, told to `observer`.
    pub(crate) fn carry_before(
        &self,
        store: &SqliteStore,
        run: &RunRow,
        clock: &mut dyn Clock,
        observer: &mut dyn Observer,
    ) -> Result<RunStatus, EngineError> {
        let plan =
            run.plan.read().map_err(|source| EngineError::Plan { run: run.id.clone(), source })?;
        let is_rollout = plan.nodes.iter().any(|node| node.role == Role::Rollout);
        let compiled = Compiled { project: self.project.clone(), plan };
        let until = if is_rollout { self.held_back(&compiled, run)? } else { None };
        let setting = self.setting(until);
        let executor = Processes::at(&self.state.join("runs"), store, clock.bell());
        let mut executor = executor.map_err(of_world)?;
        let Compiled { project, plan } = &compiled;
        let candidate = Candidate::of(plan, &setting.feature_version)?;
        let kept_in = Some(setting.artifacts.as_str());
        let origins = Origins::of(project, plan, candidate.as_ref(), run.as_of, kept_in);
        let origins = origins.map_err(of_world)?;
        let mut store = store;
        let mut wall = Wall { time: Arc::clone(&self.time) };
        let mut recorded = None;
        if is_rollout {
            let (_, log) = store.load(&run.id)?;
            let stands_at = log.last().map(|logged| logged.effective_at);
            let starts_at = stands_at.or(until).unwrap_or(run.as_of);
            let world = replay::world(plan, &setting, &origins, starts_at);
            recorded = Some(world.map_err(of_world)?);
        }
        let rim = Rim {
            store: &mut store,
            executor: &mut executor,
            world: match &mut recorded {
                Some(recorded) => &mut **recorded,
                None => &mut wall,
            },
            clock,
            observer,
            sources: &origins,
        };
        carry_out(rim, setting, &run.id)
    }

    /// Where the bars that a replayed rollout needs begin: every step is kept from them.
    fn held_back(&self, compiled: &Compiled, run: &RunRow) -> Result<Option<Instant>, EngineError> {
        let store = RefCell::new(SqliteStore::open(&self.state, Access::Read)?);
        let environment = &run.environment;
        let kept_in = crate::keeping::artifacts(&self.state);
        let (at, force) = (run.as_of, Force::Yes);
        let forecast = foresee(compiled, Some(&store), environment, at, force, Some(&kept_in));
        Ok(forecast.map_err(of_world)?.data.and_then(|data| data.until))
    }

    fn setting(&self, until: Option<Instant>) -> Setting {
        Setting {
            project: self.project.root().to_path_buf(),
            artifacts: crate::keeping::artifacts(&self.state),
            code: suho_steps::code_digest(),
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            feature_version: suho_steps::FEATURE_VERSION.to_owned(),
            actor: actor(),
            cache: self.cache,
            until,
        }
    }
}

fn of_world(failure: Failure) -> EngineError {
    EngineError::World(failure.into_world())
}

impl Bench {
    fn text(&self) -> Result<Text, Failure> {
        let root = self.project.root();
        let (files, origin, revision) = match &self.text {
            Origin::Folder => {
                (self.project.files(&[root.to_path_buf()])?, "folder".to_owned(), None)
            }
            Origin::Branch(branch, read) => {
                let repository = Repository::of(root)?;
                let commit = repository.newest(branch)?;
                let revision = Some(commit.id().to_owned());
                read.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&revision);
                (in_commit(&repository, &commit)?, format!("branch {branch}"), revision)
            }
        };
        Ok(Text { files: own(files).into_iter().collect(), origin, revision })
    }
}

impl Workplace for Bench {
    fn read(&self) -> Result<Text, Refusal> {
        self.text().map_err(|failure| {
            let WorldError { code, message, help, fault } = failure.into_world();
            Refusal { code, message, help, fault }
        })
    }

    fn has_moved(&self) -> bool {
        let Origin::Branch(branch, read) = &self.text else { return false };
        let head = Repository::of(self.project.root()).and_then(|it| it.newest(branch));
        let read = read.lock().unwrap_or_else(PoisonError::into_inner);
        // A branch that cannot be asked now may be asked later.
        head.is_ok_and(|head| read.as_deref() != Some(head.id()))
    }

    fn branch(&self) -> Option<String> {
        match &self.text {
            Origin::Folder => None,
            Origin::Branch(branch, _) => Some(branch.clone()),
        }
    }

    fn changed(&self, from: &str, to: &str) -> Result<Vec<String>, Refusal> {
        let changed = Repository::of(self.project.root()).and_then(|it| it.changed(from, to));
        changed.map_err(|failure| {
            let WorldError { code, message, help, fault } = failure.into_world();
            Refusal { code, message, help, fault }
        })
    }

    fn compile(&self, files: &[(String, String)]) -> Result<Program, Refusal> {
        let checked = suho_check::check(files, &Kept { files });
        let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let errors: Vec<_> = errors.cloned().collect();
        let Some(first) = errors.first() else { return Ok(checked.program) };
        let drawn = picture::draw(&errors, &checked.sources, Colour::Never);
        let many = errors.len();
        let mistakes = if many == 1 { "a mistake" } else { "mistakes" };
        let code = first.code;
        Err(Refusal::user(code, format!("the pipelines have {mistakes}:\n{}", drawn.trim_end()))
            .help(format!("`suho check` finds them all; `suho explain {code}` tells more")))
    }

    fn sweep(&self, is_wanted: &mut dyn FnMut(&AttemptKey) -> bool) -> Vec<AttemptKey> {
        suho_executors::sweep(&self.state.join("runs"), is_wanted).into_iter().collect()
    }

    fn say(&self, words: &str) {
        if tracing::dispatcher::has_been_set() {
            tracing::info!("{words}");
        } else {
            err(&format!("{words}\n"));
        }
    }

    fn verify(&self, model: &ModelRow) -> Result<(), Refusal> {
        verified(&self.state, model)
    }

    fn carry(
        &self,
        store: &SqliteStore,
        run: &RunRow,
        clock: &mut dyn Clock,
    ) -> Result<RunStatus, EngineError> {
        self.say(&format!("{} #{} (run {}) is taken up", run.pipeline, run.number, run.id.short()));
        let mut logged = Logged { run: &run.id, pipeline: &run.pipeline };
        let carried = self.carry_before(store, run, clock, &mut logged);
        if let Ok(status) = &carried {
            self.trace(store, run);
            self.say(&format!(
                "{} #{} (run {}) is {status}",
                run.pipeline,
                run.number,
                run.id.short()
            ));
        }
        carried
    }
}

impl Bench {
    /// Tells the collector of `run`, if there is one and the run is over.
    fn trace(&self, mut store: &SqliteStore, run: &RunRow) {
        if let Some(sender) = &self.traces
            && let Ok((run, log)) = store.load(&run.id)
            && run.ended_at.is_some()
        {
            sender.send(traces::of_run(&run, &log));
        }
    }
}

/// Whether the artifact of `model` in the state folder `state` still is what was sealed.
pub(crate) fn verified(state: &Path, model: &ModelRow) -> Result<(), Refusal> {
    let loaded = replay::load(&crate::keeping::artifacts(state), model).map(drop);
    loaded.map_err(|WorldError { code, message, help, fault }| Refusal {
        code,
        message,
        help,
        fault,
    })
}

/// Files as they were when they came into force: what one of them uses is among them, or nowhere.
struct Kept<'a> {
    files: &'a [(String, String)],
}

impl suho_check::World for Kept<'_> {
    fn prelude(&self) -> Vec<(String, String)> {
        PRELUDE.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
    }

    fn read(&self, from: &str, path: &str) -> Result<(String, String), String> {
        let name = inside(from, path)?;
        let found = self.files.iter().find(|(file, _)| *file == name);
        found.cloned().ok_or_else(|| format!("there is no `{path}` in the project"))
    }

    fn features(&self) -> Option<Vec<String>> {
        Some(suho_features::catalogue().map(|entry| entry.name).collect())
    }

    fn judge_feature(&self) -> Option<suho_check::JudgeFeature> {
        Some(crate::features::judge)
    }
}

/// The world of a run that has no rollout: the time of day, and nobody who asks a model anything.
struct Wall {
    time: Arc<dyn Time>,
}

impl Traffic for Wall {
    fn route(&mut self, _: &RouteRow) -> Result<(), WorldError> {
        Ok(())
    }
}

impl Evidence for Wall {
    fn now(&self) -> Instant {
        self.time.now()
    }

    fn begin(&mut self, rollout: &RolloutFacts, _: Option<Resumed>) -> Result<(), WorldError> {
        Err(WorldError {
            code: "no-live-serving".to_owned(),
            message: format!("nobody answers live requests yet, and `{}` needs them", rollout.step),
            help: None,
            fault: Fault::User,
        })
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        Ok(Look::Idle)
    }

    fn end(&mut self) {}
}
