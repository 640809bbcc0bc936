//! One test's run, played once: the real engine over a world that the test describes.

mod check;

use crate::error::SimulateError;
use crate::fault::Faults;
use crate::given::{Givens, known};
use crate::healthy::better_than;
use crate::journal::{Book, Happening, Journal};
use crate::machine::Machine;
use crate::moment::live_step;
use crate::outputs::Outputs;
use crate::registry::Memory;
use crate::time::Time;
use crate::world::{ENDLESS, Making, World};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use suho_check::Library;
use suho_check::program::{Program, Scenario};
use suho_domain::{
    Digest, Duration, Fault, Instant, ModelId, ModelStatus, Name, RunId, Value, Version,
};
use suho_driver::ports::{ModelRow, NewRun, PlanText, Store as _, StoreError};
use suho_driver::world::{Sources, WorldError};
use suho_driver::{CachePolicy, Candidate, EngineError, Rim, Setting, carry_out};
use suho_plan::{Binding, Expr, Plan, walk};
use suho_scheduler::Event;

/// Whose run it is; ids follow from it.
const ENVIRONMENT: &str = "test";
/// An engine that went down is up again so long after.
const RESTART: Duration = Duration::from_seconds(10);
/// A run that has not ended after so many days will not.
const DAYS_MAX: i64 = 400;
/// The catalogue's version, which no decision looks at.
const FEATURES: &str = "test";

/// A test, ready to be played.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) library: &'a Library,
    pub(crate) plan: Plan,
    candidate: Option<Candidate>,
    faults: Value,
    pub(crate) start: Instant,
    pub(crate) seed: u64,
}

/// What came of playing a test once.
#[derive(Debug)]
pub(crate) struct Play {
    pub(crate) start: Instant,
    pub(crate) end: Instant,
    pub(crate) journal: Journal,
    /// The model that served when the run began, as the language sees it.
    pub(crate) baseline: Option<(ModelId, Value)>,
    /// What was to go wrong and had no occasion to.
    pub(crate) unused: Vec<String>,
}

impl Play {
    /// What the steps that judge have judged, rule by rule.
    pub(crate) fn judged(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.journal.entries.iter().filter_map(|(_, happening)| match happening {
            Happening::Event(Event::RolloutEnded { step, outputs, .. }) => {
                Some((step, outputs.get("criteria")?))
            }
            _ => None,
        })
    }
}

impl<'a> Scene<'a> {
    /// Plans the run of `scenario` and checks that the test says what only it can say.
    pub(crate) fn new(
        scenario: &'a Scenario,
        program: &Program,
        library: &'a Library,
    ) -> Result<Self, SimulateError> {
        let place = &scenario.place;
        let attribute = |name: &str| match scenario.attributes.get(name) {
            Some(expr) => known(&by_name(expr), name, place),
            None => Ok(Value::None),
        };
        let start = match attribute("start")? {
            Value::Instant(start) => start,
            Value::Date(day) => {
                Instant::from_chrono(day.and_time(chrono::NaiveTime::MIN).and_utc())
            }
            _ => Instant::from_micros(0),
        };
        let seed = match attribute("seed")? {
            Value::Int(seed) => seed.unsigned_abs(),
            _ => 1,
        };
        let plan = planned(scenario, program, start)?;
        let engine = |source| SimulateError::Engine { place: place.clone(), source };
        let candidate = Candidate::of(&plan, FEATURES).map_err(|error| engine(error.into()))?;
        let faults = attribute("faults")?;
        let scene = Self { scenario, library, plan, candidate, faults, start, seed };
        scene.check()?;
        Ok(scene)
    }

    /// The model that the plan would make.
    pub(crate) const fn candidate(&self) -> Option<&Candidate> {
        self.candidate.as_ref()
    }

    /// What steps come to before anything has run.
    pub(crate) fn outputs<'b>(&'b self, givens: &'b Givens) -> Outputs<'b> {
        Outputs { plan: &self.plan, library: self.library, givens, start: self.start }
    }

    /// Plays it; each `any` is the next of `chosen`.
    pub(crate) fn play(&self, chosen: &[Value]) -> Result<Play, SimulateError> {
        let givens = Givens::new(self.scenario, chosen)?;
        let time = Time::starting_at(self.start);
        let (faults, book) = (Rc::new(Faults::new(&self.faults, &time)), Book::new(&time));
        let outputs = self.outputs(&givens);
        let (baseline, served) = (self.baseline(&outputs), outputs.baseline_accuracy());
        let models = baseline.iter().cloned().collect();
        let mut registry = Memory::new(models, &faults, &book);
        let run = registry.create_run(&self.run()).map_err(|error| self.gave_up(error.into()))?;
        let mut machine = Machine::new(outputs, &faults);
        let mut world = World::new(Making {
            time: time.clone(),
            faults: Rc::clone(&faults),
            book: book.clone(),
            givens: &givens,
            seed: self.seed,
            usual: (better_than(served), served),
            watched: self.watched(),
            planned: self.planned(),
            until: self.until(),
        });
        self.carry_on(&run.id, &time, &book, (&mut registry, &mut machine, &mut world))?;
        Ok(Play {
            start: self.start,
            end: time.now(),
            journal: book.close(),
            baseline: baseline.map(|row| (row.id.clone(), suho_driver::value_of(&row))),
            unused: faults.unused(),
        })
    }

    /// Carries the run on to its end, however often the engine goes down.
    fn carry_on(
        &self,
        run: &RunId,
        time: &Time,
        book: &Book,
        (registry, machine, world): (&mut Memory, &mut Machine<'_>, &mut World<'_>),
    ) -> Result<(), SimulateError> {
        // What stood in the book when the engine went down last: nothing new is the same outage.
        let mut down = None;
        loop {
            let rim = Rim {
                store: registry,
                executor: machine,
                world,
                clock: &mut time.clone(),
                observer: &mut book.clone(),
                sources: &Everywhere,
            };
            let Err(error) = carry_out(rim, setting(), run) else { return Ok(()) };
            let is_endless = matches!(&error, EngineError::World(error) if error.code == ENDLESS);
            if is_endless || time.now() > self.until() {
                let place = self.scenario.place.clone();
                return Err(SimulateError::Endless { days: DAYS_MAX, place });
            }
            if !is_passing(&error) {
                return Err(self.gave_up(error));
            }
            if down != Some(book.length()) {
                let why = suho_domain::fault::chain(&error);
                book.note(Happening::Down { why });
                down = Some(book.length());
            }
            time.pass_to(time.now().plus(RESTART));
        }
    }

    fn gave_up(&self, source: EngineError) -> SimulateError {
        SimulateError::Engine { place: self.scenario.place.clone(), source }
    }

    fn until(&self) -> Instant {
        self.start.plus(Duration::from_hours(24 * DAYS_MAX))
    }

    fn run(&self) -> NewRun {
        NewRun {
            pipeline: self.plan.pipeline.clone(),
            environment: ENVIRONMENT.to_owned(),
            plan_digest: self.plan.digest.clone(),
            plan: PlanText::of(&self.plan).unwrap_or_default(),
            as_of: self.start,
            created_at: self.start,
            created_by: ENVIRONMENT.to_owned(),
        }
    }

    /// The steps of whose live measurements the test speaks.
    fn watched(&self) -> BTreeSet<Name> {
        let parts = self.scenario.expectations.iter().flat_map(|each| walk::all(&each.condition));
        parts.filter_map(live_step).cloned().collect()
    }

    /// How long each rollout is planned to take.
    fn planned(&self) -> BTreeMap<Name, Duration> {
        let planned = |node: &suho_plan::Node| {
            let input = |name: &str| match node.inputs.get(name) {
                Some(Expr::Value(value)) => Some(value.clone()),
                _ => None,
            };
            let planned = match (input("duration"), input("every"), input("steps")) {
                (Some(Value::Duration(duration)), ..) => duration,
                (_, Some(Value::Duration(every)), Some(Value::List(steps))) => {
                    steps.iter().fold(Duration::ZERO, |sum, _| sum.plus(every))
                }
                _ => return None,
            };
            Some((node.name.clone(), planned))
        };
        self.plan.nodes.iter().filter_map(planned).collect()
    }

    /// The model that serves when the run begins.
    fn baseline(&self, outputs: &Outputs<'_>) -> Option<ModelRow> {
        let candidate = self.candidate.as_ref()?;
        let lookup = outputs.lookup()?;
        let version = outputs.givens.outputs(lookup).find(|(path, _)| *path == ["version"]);
        let version = match version {
            Some((_, Value::Version(version))) => version,
            _ => Version::FIRST,
        };
        let month = Duration::from_hours(30 * 24);
        let before = self.start.plus(Duration::ZERO.minus(month));
        let digest = Digest::of(b"baseline");
        Some(ModelRow {
            id: ModelId::derive(&[ENVIRONMENT, "baseline"]),
            slot: candidate.slot.clone(),
            version,
            status: ModelStatus::Production,
            status_reason: None,
            row_version: 1,
            quarantined: false,
            config_digest: candidate.config_digest(),
            config: candidate.config.clone(),
            dataset_digest: Some(digest.clone()),
            trained_on: Some((before, before)),
            artifact_digest: Some(digest.clone()),
            artifact: Some("baseline".to_owned()),
            metrics: serde_json::Value::Null,
            seed: candidate.seed,
            code_digest: digest,
            parent: None,
            run: None,
            created_at: before,
            trained_at: Some(before),
            deployed_at: Some(before),
        })
    }
}

/// The plan of the run that is tested.
fn planned(scenario: &Scenario, program: &Program, start: Instant) -> Result<Plan, SimulateError> {
    let run = &scenario.run;
    // A test has no environment: what the run sets stands in for the default.
    let binding = Binding { call: Some(&run.arguments), start: Some(start), ..Binding::of(&[]) };
    let plan = suho_plan::build_in(program, run.pipeline.as_str(), &binding).map_err(|error| {
        SimulateError::Plan { place: scenario.place.clone(), source: error.into() }
    })?;
    Ok(bare(plan))
}

/// `plan` without what its steps are made of and where they run: what they come to is given.
fn bare(mut plan: Plan) -> Plan {
    plan.settings.executor = None;
    for node in &mut plan.nodes {
        (node.exec, node.compute) = (None, None);
    }
    plan
}

/// Steps as such, as `crash(candidate)` speaks of them: by their names.
fn by_name(expr: &Expr) -> Expr {
    match expr {
        Expr::Output { step, path } if path.is_empty() => Expr::Value(Value::text(step.as_str())),
        other => walk::rebuilt(other, &by_name),
    }
}

/// Whether the engine may come back and go on: what an outage or a crash leaves.
fn is_passing(error: &EngineError) -> bool {
    match error {
        EngineError::Store(StoreError::Refused { .. }) | EngineError::Executor(_) => true,
        EngineError::World(error) => error.fault == Fault::World,
        _ => false,
    }
}

fn setting() -> Setting {
    Setting {
        project: PathBuf::new(),
        artifacts: String::new(),
        code: Digest::of(ENVIRONMENT.as_bytes()),
        engine_version: ENVIRONMENT.to_owned(),
        feature_version: FEATURES.to_owned(),
        actor: ENVIRONMENT.to_owned(),
        cache: CachePolicy::Renew,
        until: None,
    }
}

/// Every source is there, and never changes.
struct Everywhere;

impl Sources for Everywhere {
    fn fingerprint(&self, source: &Value) -> Result<Digest, WorldError> {
        Ok(Digest::of_json(&source.to_plain()))
    }
}
