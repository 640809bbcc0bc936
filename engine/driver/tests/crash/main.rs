//! A run survives the engine's death at any moment.
//!
//! The engine is made to die at every commit (before it is durable, and after it is durable but
//! before its effects left) and at every effect. A new engine then carries the run on over the same
//! store, the same machine and the same bars; it has to end as if nothing had happened.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod machine;
mod mortal;
mod plan;
mod town;

use machine::{Machine, Training};
use mortal::{Death, Lives, Mortal};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use suho_domain::{Digest, Duration, Instant, Name, RunId, RunStatus, Value};
use suho_driver::ports::{DeploymentRow, ModelRow, NewRun, PlanText, Prediction, Store as _};
use suho_driver::world::{Clock, Observer, RolloutLook, Sources, WorldError};
use suho_driver::{CachePolicy, EngineError, Rim, Setting, carry_out, reopen};
use suho_plan::Plan;
use suho_scheduler::Event;
use suho_step::Progress;
use suho_store::{Access, DeploymentsOf, ModelFilter, SqliteStore, Transition};
use town::Town;

/// More deaths than one run has moments to die at; reaching it means that it never gets on.
const MOMENTS_MAX: u32 = 400;

/// What stays when an engine dies: the database, the processes, the wall's time.
struct Scene {
    folder: tempfile::TempDir,
    machine: Rc<RefCell<Machine>>,
    time: Rc<Cell<i64>>,
    plan: Plan,
    has_outage: bool,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: folder(),
            machine: Rc::default(),
            time: Rc::new(Cell::new(town::OPENING.plus(Duration::from_hours(24 * 365)).micros())),
            plan: plan::plan(),
            has_outage: false,
        }
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(self.folder.path(), Access::Engine).unwrap()
    }

    fn begin(&self) -> RunId {
        let at = Instant::from_micros(self.time.get());
        let run = NewRun {
            pipeline: self.plan.pipeline.clone(),
            environment: "rehearsal".to_owned(),
            plan_digest: self.plan.digest.clone(),
            plan: PlanText::of(&self.plan).unwrap(),
            as_of: at,
            created_at: at,
            created_by: "test".to_owned(),
        };
        self.store().create_run(&run).unwrap().id
    }

    /// One engine's life; it ends with the run or by `death`.
    fn live(&self, run: &RunId, lives: &Lives, signal: Signal) -> Result<RunStatus, EngineError> {
        let mut store = Mortal::new(self.store(), run.clone(), lives.clone());
        let stands_at = store.load(run)?.1.last().map(|logged| logged.effective_at);
        let mut town = Town::at(stands_at.unwrap_or(town::OPENING), lives.clone(), self.has_outage);
        let mut executor = machine::Remote::new(Rc::clone(&self.machine), lives.clone());
        let mut clock = Watch { time: Rc::clone(&self.time), signal, told: Rc::default() };
        let mut watcher = Quiet { told: Rc::clone(&clock.told) };
        let rim = Rim {
            store: &mut store,
            executor: &mut executor,
            world: &mut town,
            clock: &mut clock,
            observer: &mut watcher,
            sources: &Bars,
        };
        carry_out(rim, setting(), run)
    }

    /// What the log says went wrong, for whoever reads a test's failure.
    fn said(&self, run: &RunId) -> String {
        let (_, log) = self.store().load(run).unwrap();
        let failures = log.iter().filter(|logged| {
            matches!(logged.event, Event::StepFailed { .. } | Event::AttemptFailed { .. })
        });
        failures.map(|logged| format!("{:?}\n", logged.event)).collect()
    }

    /// All that is durable and not of the wall's clock.
    fn end(&self, run: &RunId) -> End {
        let mut store = self.store();
        let verified = store.verify_all().unwrap();
        assert!(verified.found.is_empty(), "{:?}", verified.found);
        let (row, log) = store.load(run).unwrap();
        let models = store.models(&ModelFilter::ANY).unwrap();
        let moved = |row: &ModelRow| moves(&store.transitions(&row.id).unwrap());
        let transitions = models.iter().map(moved).collect();
        let of_run = store.deployments(&DeploymentsOf::Run(run.clone())).unwrap();
        let routes = models.first().map_or_else(Vec::new, |row| store.routes(&row.slot).unwrap());
        let rollouts = of_run.iter().map(|row| store.rollout(&row.id).unwrap().unwrap());
        End {
            status: row.status,
            log: log.iter().filter_map(|logged| told(&logged.event)).collect(),
            transitions,
            models: models.iter().map(standing).collect(),
            rollouts: rollouts.map(|(row, asked)| (ended(row), asked)).collect(),
            routes: routes.iter().map(|route| format!("{route:?}")).collect(),
        }
    }
}

/// A folder in memory where there is one: what dies here is the engine, never the machine.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// How a run ended, for comparison.
#[derive(Debug, PartialEq)]
struct End {
    status: RunStatus,
    log: Vec<String>,
    models: Vec<String>,
    transitions: Vec<Vec<String>>,
    rollouts: Vec<(DeploymentRow, Vec<Prediction>)>,
    routes: Vec<String>,
}

/// An event without its time and attempt; nothing for those that only a death leaves behind.
fn told(event: &Event) -> Option<String> {
    let of = event.step().map_or_else(String::new, |step| format!(" {step}"));
    let is_of_deaths = matches!(event, Event::AttemptStarted { .. } | Event::AttemptLost { .. });
    (!is_of_deaths).then(|| format!("{}{of}", event.word()))
}

fn moves(transitions: &[Transition]) -> Vec<String> {
    let word =
        |t: &Transition| format!("{:?}→{:?} {} {}", t.from, t.to, t.from_row_version, t.reason);
    transitions.iter().map(word).collect()
}

fn standing(row: &ModelRow) -> String {
    format!("{} {} {} {}", row.version, row.status, row.row_version, row.quarantined)
}

/// How often a row was written depends on how often the engine died; what it says does not.
fn ended(row: DeploymentRow) -> DeploymentRow {
    DeploymentRow { row_version: 0, ..row }
}

fn setting() -> Setting {
    Setting {
        project: "/project".into(),
        artifacts: "/artifacts".to_owned(),
        code: Digest::of(b"code"),
        engine_version: "1".to_owned(),
        feature_version: "f1".to_owned(),
        actor: "test".to_owned(),
        cache: CachePolicy::Use,
        until: Some(town::OPENING),
    }
}

/// When Ctrl-C is pressed: once an event with this word has happened to the step, if ever.
type Signal = Option<(&'static str, &'static str)>;

/// The wall's clock: each look at it takes a while.
struct Watch {
    time: Rc<Cell<i64>>,
    signal: Signal,
    told: Rc<RefCell<BTreeMap<String, u32>>>,
}

impl Clock for Watch {
    fn wall(&self) -> Instant {
        self.time.set(self.time.get() + 100);
        Instant::from_micros(self.time.get())
    }

    fn wait(&mut self, at_most: Duration) {
        self.time.set(self.time.get() + at_most.micros().max(1));
    }

    fn is_interrupted(&self) -> bool {
        let told = self.told.borrow();
        self.signal.is_some_and(|(word, step)| told.contains_key(&format!("{word} {step}")))
    }
}

struct Quiet {
    told: Rc<RefCell<BTreeMap<String, u32>>>,
}

impl Observer for Quiet {
    fn event(&mut self, event: &Event, _: Instant) {
        let of = event.step().map_or_else(String::new, |step| format!(" {step}"));
        *self.told.borrow_mut().entry(format!("{}{of}", event.word())).or_default() += 1;
    }
    fn progress(&mut self, _: &Name, _: &Progress) {}
    fn rollout(&mut self, look: &RolloutLook<'_>) {
        let word = format!("look {}", look.step);
        *self.told.borrow_mut().entry(word).or_default() += 1;
    }
    fn ended(&mut self, _: RunStatus) {}
}

struct Bars;

impl Sources for Bars {
    fn fingerprint(&self, _: &Value) -> Result<Digest, WorldError> {
        Ok(Digest::of(b"bars"))
    }
}

/// The same run, left alone.
fn undisturbed() -> End {
    let scene = Scene::new();
    let run = scene.begin();
    let status = scene.live(&run, &Lives::immortal(), None).unwrap();
    assert_eq!(status, RunStatus::Succeeded, "{}", scene.said(&run));
    scene.end(&run)
}

/// Dies once at every moment of `kind` and compares each end with that of a run left alone.
fn dies_at_every_moment(kind: Death) {
    let expected = undisturbed();
    for moment in 1..MOMENTS_MAX {
        let scene = Scene::new();
        let run = scene.begin();
        let lives = Lives::until(kind, moment);
        let first = scene.live(&run, &lives, None);
        if !lives.is_over() {
            assert_eq!(first.unwrap(), RunStatus::Succeeded);
            assert!(moment > 6, "the run has more moments than {moment}");
            return;
        }
        assert!(first.is_err());
        let status = scene.live(&run, &Lives::immortal(), None);
        assert_eq!(status.unwrap(), RunStatus::Succeeded, "{kind:?} at {moment}");
        let end = scene.end(&run);
        assert_eq!(end, expected, "{kind:?} at {moment}");
        scene.machine.borrow().assert_nothing_begun_twice();
    }
    panic!("the run does not end");
}

#[test]
fn a_run_survives_death_before_each_commit() {
    dies_at_every_moment(Death::BeforeCommit);
}

#[test]
fn a_run_survives_death_between_each_commit_and_its_effects() {
    dies_at_every_moment(Death::AfterCommit);
}

#[test]
fn a_run_survives_death_after_each_effect() {
    dies_at_every_moment(Death::AfterEffect);
}

#[test]
fn a_late_outage_takes_the_candidate_back_though_the_total_is_fine() {
    let scene = Scene { has_outage: true, ..Scene::new() };
    let run = scene.begin();
    let status = scene.live(&run, &Lives::immortal(), None).unwrap();
    assert_eq!(status, RunStatus::RolledBack);
    let verdict = |(row, _): &(DeploymentRow, _)| (row.kind.clone(), row.status.clone());
    let verdicts: Vec<_> = scene.end(&run).rollouts.iter().map(verdict).collect();
    // What a shadow requires is judged by all its requests, what ends a canary by the latest.
    let expected = [("shadow", "promoted"), ("canary", "rolled_back")];
    assert_eq!(verdicts, expected.map(|(kind, status)| (kind.to_owned(), status.to_owned())));
}

#[test]
fn whoever_meets_the_candidate_in_the_canary_keeps_it_through_the_ramp() {
    let end = undisturbed();
    let units = |kind: &str| -> BTreeSet<String> {
        let of_kind = end.rollouts.iter().filter(|(row, _)| row.kind == kind);
        of_kind.flat_map(|(_, rows)| rows.iter().map(|row| row.unit.clone())).collect()
    };
    assert_eq!(units("canary").len(), 1, "one salt");
    assert_eq!(units("canary"), units("ramp"));
    assert_ne!(units("canary"), units("shadow"));
}

#[test]
fn a_run_survives_an_engine_that_dies_again_and_again() {
    let expected = undisturbed();
    for every in [3, 5, 8] {
        let scene = Scene::new();
        let run = scene.begin();
        let mut left = MOMENTS_MAX;
        loop {
            let lives = Lives::until(Death::AfterCommit, every);
            let lived = scene.live(&run, &lives, None);
            if !lives.is_over() {
                assert_eq!(lived.unwrap(), RunStatus::Succeeded);
                break;
            }
            left = left.checked_sub(1).unwrap();
        }
        assert_eq!(scene.end(&run), expected, "dying at every {every}th commit");
    }
}

/// Interrupts at `word` of `step`, dying at every commit of the way to the end; then takes the run
/// up again.
fn interrupted_at(word: &'static str, step: &'static str) {
    for moment in 1..MOMENTS_MAX {
        let scene = Scene::new();
        let run = scene.begin();
        let lives = Lives::after(word, step, Death::AfterCommit, moment);
        let first = scene.live(&run, &lives, Some((word, step)));
        let is_last = !lives.is_over();
        let status = match first {
            Ok(status) => status,
            Err(_) => scene.live(&run, &Lives::immortal(), None).unwrap(),
        };
        assert_eq!(status, RunStatus::Cancelled, "{word} {step}, death {moment}");
        let end = scene.end(&run);
        let taken_back = end.models.iter().all(|row| {
            row.contains("archived") || (row.contains("draft") && row.ends_with("true"))
        });
        assert!(taken_back, "{word} {step}, death {moment}: {:?}", end.models);
        assert!(end.routes.last().is_none_or(|route| route.contains("candidate: None")));
        scene.machine.borrow().assert_all_ended();
        let at = Instant::from_micros(scene.time.get());
        reopen(&mut scene.store(), &run, at).unwrap();
        let again = scene.live(&run, &Lives::immortal(), None).unwrap();
        assert_eq!(again, RunStatus::Succeeded, "death {moment}: {}", scene.said(&run));
        let production = |row: &&String| row.contains("production");
        assert_eq!(scene.end(&run).models.iter().filter(production).count(), 1);
        if is_last {
            return;
        }
    }
    panic!("the run does not end");
}

#[test]
fn a_run_interrupted_in_training_is_cancelled_and_can_be_taken_up_again() {
    interrupted_at("attempt_started", "candidate");
}

#[test]
fn a_run_interrupted_in_its_shadow_is_cancelled_and_can_be_taken_up_again() {
    interrupted_at("look", "staging");
}

#[test]
fn a_run_interrupted_in_its_canary_is_cancelled_and_can_be_taken_up_again() {
    interrupted_at("look", "tenth");
}

#[test]
fn a_run_interrupted_in_its_ramp_is_cancelled_and_can_be_taken_up_again() {
    interrupted_at("look", "rollout");
}

#[test]
fn a_run_waits_for_the_rollout_of_another_and_gives_way_to_the_model_it_promotes() {
    let scene = Scene::new();
    let (first, second) = (scene.begin(), scene.begin());
    let lives = Lives::after("look", "tenth", Death::AfterCommit, 1);
    assert!(scene.live(&first, &lives, None).is_err());
    let first_try = scene.live(&second, &Lives::immortal(), None).unwrap();
    assert_eq!(first_try, RunStatus::Failed);
    assert!(scene.said(&second).contains("is not over"), "{}", scene.said(&second));
    let carried_on = scene.live(&first, &Lives::immortal(), None).unwrap();
    assert_eq!(carried_on, RunStatus::Succeeded, "{}", scene.said(&first));
    let routes = scene.end(&first).routes;
    let at = Instant::from_micros(scene.time.get());
    reopen(&mut scene.store(), &second, at).unwrap();
    assert_eq!(scene.live(&second, &Lives::immortal(), None).unwrap(), RunStatus::Failed);
    assert!(scene.said(&second).contains("baseline_changed"), "{}", scene.said(&second));
    let end = scene.end(&second);
    assert_eq!(end.routes, routes, "no traffic was moved");
    assert_eq!(end.models, ["v1.0.0 production 6 false", "v1.0.1 draft 5 true"]);
}

#[test]
fn an_attempt_that_is_asked_to_end_for_its_time_limit_has_timed_out() {
    let scene = Scene::new();
    scene.machine.borrow_mut().training = Training::Endless;
    let run = scene.begin();
    assert_eq!(scene.live(&run, &Lives::immortal(), None).unwrap(), RunStatus::Failed);
    let said = scene.said(&run);
    assert_eq!(said.matches("class: Timeout").count(), 2, "tried again after it: {said}");
    let end = scene.end(&run);
    assert_eq!(end.models, ["v1.0.0 archived 3 false"]);
    assert!(end.transitions.concat().iter().any(|line| line.ends_with("timed_out")), "{end:?}");
}

#[test]
fn an_attempt_that_does_not_end_when_it_is_asked_to_is_made_to() {
    for moment in [1, 2, 3] {
        let scene = Scene::new();
        scene.machine.borrow_mut().training = Training::Deaf;
        let run = scene.begin();
        let signal = Some(("attempt_started", "candidate"));
        let lives = Lives::after("attempt_started", "candidate", Death::AfterCommit, moment);
        let first = scene.live(&run, &lives, signal);
        let status = first.or_else(|_| scene.live(&run, &Lives::immortal(), None));
        assert_eq!(status.unwrap(), RunStatus::Cancelled, "{}", scene.said(&run));
        scene.machine.borrow().assert_all_ended();
    }
}

/// The prelude's folder.
fn prelude() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/prelude")
}
