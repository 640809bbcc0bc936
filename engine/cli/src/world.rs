//! The world as the engine and the forecast need it: clocks, processes, sources, models, facts.

use crate::connections::Outside;
use crate::failure::Failure;
use crate::project::Project;
use crate::refusal;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use suho_domain::{
    AttemptKey, Digest, Duration, Fault, Instant, ModelId, Name, Record, RunId, Slot, Value,
};
use suho_driver::executor::{Executor, ExecutorError, Observed, Stop};
use suho_driver::ports::{CacheEntry, ModelRow, SlotFacts, Store as _, StoreError};
use suho_driver::world::{Clock, WorldError};
use suho_driver::{Bell, Candidate};
use suho_executors::{ProcessExecutor, Stream};
use suho_market::Bars;
use suho_plan::Plan;
use suho_step::{Order, Progress, StepError};
use suho_steps::sources::{Reading, Sources};
use suho_store::SqliteStore;
use suho_time::UnknownCalendar;

/// The wall clock, cut to the microsecond.
pub(crate) fn wall() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are given")]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// The wall clock and the terminal's signals.
#[derive(Debug)]
pub(crate) struct WallClock {
    interrupted: Arc<AtomicBool>,
    bell: Arc<Bell>,
}

impl WallClock {
    /// Takes over SIGINT and SIGTERM: they end the run cleanly.
    pub(crate) fn new() -> Result<Self, Failure> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // A second one ends the process at once; the run can be taken up again.
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&interrupted))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)))
                .map_err(|error| Failure::from_error(Fault::World, "signals", &error))?;
        }
        Ok(Self { interrupted, bell: Arc::default() })
    }
}

impl Clock for WallClock {
    fn wall(&self) -> Instant {
        wall()
    }

    fn wait(&mut self, at_most: Duration) {
        self.bell.wait(at_most);
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Somebody watches: progress and Ctrl-C are to be seen soon.
    fn patience(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn bell(&self) -> Option<Arc<Bell>> {
        Some(Arc::clone(&self.bell))
    }

    fn is_asked(&mut self) -> bool {
        false
    }
}

/// Attempts as processes of this same binary.
pub(crate) struct Processes<'s> {
    executor: ProcessExecutor,
    program: PathBuf,
    /// Whose right it is to begin attempts, and in which epoch.
    store: &'s SqliteStore,
    /// How far each attempt's progress has been read.
    offsets: BTreeMap<AttemptKey, u64>,
}

impl<'s> Processes<'s> {
    /// Attempts whose folders lie in `root`, begun as long as the engine with `store` leads. Rings
    /// the bell, if there is one, whenever one of them ends.
    pub(crate) fn at(
        root: &Path,
        store: &'s SqliteStore,
        bell: Option<Arc<Bell>>,
    ) -> Result<Self, Failure> {
        let program = std::env::current_exe()
            .map_err(|error| Failure::from_error(Fault::World, "no-program", &error))?;
        let mut executor = ProcessExecutor::at(root, std::env::vars_os());
        if let Some(bell) = bell {
            executor = executor.ringing(Arc::new(move || bell.ring()));
        }
        Ok(Self { executor, program, store, offsets: BTreeMap::new() })
    }
}

fn refused(doing: &str, key: &AttemptKey, error: suho_executors::ExecutorError) -> ExecutorError {
    ExecutorError {
        doing: format!("{doing} attempt `{}/{}`", key.step, key.attempt),
        source: Box::new(error),
    }
}

impl Executor for Processes<'_> {
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError> {
        // Asked at the last moment: an engine that was stopped meanwhile is not the one any more.
        let epoch = self.store.epoch().map_err(|source| ExecutorError {
            doing: format!("start attempt `{}/{}`", order.key.step, order.key.attempt),
            source: Box::new(source),
        })?;
        let order = Order { epoch, ..order.clone() };
        let submitted = self.executor.submit(&order, &self.program);
        submitted.map(drop).map_err(|error| refused("start", &order.key, error))
    }

    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        let seen = self.executor.observe(key).map_err(|error| refused("observe", key, error))?;
        Ok(match seen {
            suho_executors::Observed::Running => Observed::Running,
            suho_executors::Observed::Ended(outcome) => Observed::Ended(outcome),
            suho_executors::Observed::Gone(class) => Observed::Gone(class),
        })
    }

    fn ended(&mut self) -> Option<Vec<AttemptKey>> {
        self.executor.ended()
    }

    fn progress(&mut self, key: &AttemptKey) -> Result<Vec<Progress>, ExecutorError> {
        let offset = self.offsets.entry(key.clone()).or_default();
        let chunk = self
            .executor
            .logs(key, Stream::Progress, *offset)
            .map_err(|error| refused("read the progress of", key, error))?;
        // A line still being written is read whole next time.
        let whole = chunk.bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        *offset = offset.saturating_add(u64::try_from(whole).unwrap_or(0));
        let lines = chunk.bytes.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    fn stop(&mut self, key: &AttemptKey, how: Stop) -> Result<(), ExecutorError> {
        let stopped = match how {
            Stop::Ask => self.executor.terminate(key),
            Stop::Force => self.executor.kill(key),
        };
        stopped.map_err(|error| refused("end", key, error))
    }
}

/// Where the data of a pipeline come from, as of an instant; each source is read once.
pub(crate) struct Origins {
    project: PathBuf,
    at: Instant,
    sources: Sources<'static>,
    reading: Reading,
}

impl Origins {
    /// Those of the data set that `candidate` is trained on. What queries answer is kept among the
    /// artifacts at `kept_in`, where that is given.
    pub(crate) fn of(
        project: &Project,
        plan: &Plan,
        candidate: Option<&Candidate>,
        at: Instant,
        kept_in: Option<&str>,
    ) -> Result<Self, Failure> {
        let calendar = suho_driver::calendar(plan, candidate).parse();
        let calendar = calendar.map_err(|error: UnknownCalendar| {
            Failure::from_error(Fault::User, "unknown-calendar", &error)
        })?;
        let sources = Sources::new(project.root(), at, &Outside);
        let sources = match kept_in {
            Some(location) => sources.kept_in(location),
            None => sources,
        };
        let reading = Reading::of(candidate.map(|candidate| &candidate.slot), calendar);
        Ok(Self { project: project.root().to_path_buf(), at, sources, reading })
    }

    /// The bars that a data set of these inputs would take, repaired.
    pub(crate) fn bars(&self, inputs: &Record) -> Result<Bars, WorldError> {
        suho_steps::preview::bars(&self.project, inputs, self.at, &self.sources)
            .map_err(|error| world_error(&error))
    }

    /// What a data set of these inputs would hold.
    pub(crate) fn rows(&self, inputs: &Record) -> Result<Record, WorldError> {
        suho_steps::preview::rows(&self.project, inputs, self.at, &self.sources)
            .map_err(|error| world_error(&error))
    }
}

impl suho_driver::world::Sources for Origins {
    fn fingerprint(&self, source: &Value) -> Result<Digest, WorldError> {
        self.sources.fingerprint(source, &self.reading).map_err(|error| world_error(&error))
    }
}

/// What a step would say, in the words of the world.
pub(crate) fn world_error(error: &StepError) -> WorldError {
    WorldError {
        code: error.code.clone(),
        message: error.to_string(),
        help: error.help.clone(),
        fault: error.fault(),
    }
}

/// What a forecast asks: the registry, if there is one yet, and the sources.
pub(crate) struct Facts<'a> {
    /// `None` before the first run.
    store: Option<&'a RefCell<SqliteStore>>,
    origins: Origins,
    pipeline: Name,
}

impl<'a> Facts<'a> {
    pub(crate) const fn new(
        store: Option<&'a RefCell<SqliteStore>>,
        pipeline: Name,
        origins: Origins,
    ) -> Self {
        Self { store, origins, pipeline }
    }

    fn ask<T: Default>(
        &self,
        question: impl FnOnce(&mut SqliteStore) -> Result<T, StoreError>,
    ) -> Result<T, WorldError> {
        let Some(store) = self.store else { return Ok(T::default()) };
        question(&mut store.borrow_mut()).map_err(|error| refusal::world_error(&error))
    }
}

impl suho_driver::world::Sources for Facts<'_> {
    fn fingerprint(&self, source: &Value) -> Result<Digest, WorldError> {
        suho_driver::world::Sources::fingerprint(&self.origins, source)
    }
}

impl suho_forecast::Facts for Facts<'_> {
    fn slot(&self, slot: &Slot) -> Result<SlotFacts, WorldError> {
        self.ask(|store| store.slot(slot))
    }

    fn model(&self, model: &ModelId) -> Result<Option<ModelRow>, WorldError> {
        self.ask(|store| store.model(model))
    }

    fn cached(&self, key: &Digest) -> Result<Option<CacheEntry>, WorldError> {
        self.ask(|store| Ok(store.cached(std::slice::from_ref(key))?.into_iter().next()))
    }

    fn latest(&self, _: &Name, step: &Name) -> Result<Option<CacheEntry>, WorldError> {
        self.ask(|store| {
            Ok(store.cache_entries_of_step(&self.pipeline, step, 1)?.into_iter().next())
        })
    }

    fn plan_of(&self, run: &RunId) -> Result<Option<Digest>, WorldError> {
        self.ask(|store| Ok(Some(store.find_run(run.as_str())?.plan_digest)))
    }

    fn bar_times(&self, source: &Value) -> Result<Vec<Instant>, WorldError> {
        let Origins { sources, reading, .. } = &self.origins;
        sources.bar_times(source, reading).map_err(|error| world_error(&error))
    }

    fn rows(&self, inputs: &Record) -> Result<Record, WorldError> {
        self.origins.rows(inputs)
    }
}
