//! From a checked program to what a daemon has to do: which schedules there are, and what each runs.
//!
//! Pure. What cannot be carried out in the environment is refused here, when a text is applied, and
//! not months later when a schedule fires.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use suho_check::Program;
use suho_check::program::{Cause, Expr, Pipeline, Recurring, Trigger};
use suho_domain::{Duration, Fault, Instant, Name, Value};
use suho_plan::{Binding, Plan, PlanError, Role};
use suho_scheduler::{CatchUp, Overlap, ScheduleKey, ScheduleSpec};
use suho_time::parse_zone;

/// The environment that needs no declaration: recorded bars, a replayed clock.
const REHEARSAL: &str = "rehearsal";

/// Why a text cannot be carried out, for a person.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Kebab-case.
    pub code: String,
    /// What is wrong: a sentence fragment, or the drawn mistakes of a text.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Who has to act.
    pub fault: Fault,
}

impl Refusal {
    /// A mistake of the author's.
    pub fn user(code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { code, message, help: None, fault: Fault::User }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// What time it is in an environment, and so which steps it can carry out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum World {
    /// The time of day. Rollouts need live serving, which there is not yet.
    Wall,
    /// Recorded bars: rollouts are replayed.
    Replay,
}

/// A schedule as the text wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// When it is due, and what becomes of its ticks.
    pub spec: ScheduleSpec,
    /// What its runs carry out.
    pub plan: Plan,
}

/// A run that a push begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
    /// To this branch.
    pub branch: String,
    /// That changes one of these files; any if empty. `*` stands for a part of a name, `**` for
    /// folders.
    pub paths: Vec<String>,
    /// What it carries out.
    pub plan: Plan,
}

impl Pushed {
    /// Whether a push that changed `files` begins the run.
    pub fn is_for(&self, files: &[String]) -> bool {
        let is_meant = |file: &String| self.paths.iter().any(|glob| matches(glob, file));
        self.paths.is_empty() && !files.is_empty() || files.iter().any(is_meant)
    }
}

/// Whether `glob` stands for `path`: part by part, `**` for as many folders as one likes.
fn matches(glob: &str, path: &str) -> bool {
    let (glob, path): (Vec<_>, Vec<_>) = (glob.split('/').collect(), path.split('/').collect());
    parts_match(&glob, &path)
}

fn parts_match(glob: &[&str], path: &[&str]) -> bool {
    match (glob, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => {
            (0..=path.len()).any(|from| parts_match(rest, path.get(from..).unwrap_or_default()))
        }
        ([part, rest @ ..], [name, below @ ..]) => {
            name_matches(part.as_bytes(), name.as_bytes()) && parts_match(rest, below)
        }
        _ => false,
    }
}

fn name_matches(glob: &[u8], name: &[u8]) -> bool {
    match (glob, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            (0..=name.len()).any(|from| name_matches(rest, name.get(from..).unwrap_or_default()))
        }
        ([letter, rest @ ..], [first, below @ ..]) => {
            (*letter == b'?' || letter == first) && name_matches(rest, below)
        }
        _ => false,
    }
}

/// What a text wants of a daemon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    /// The schedules, by key.
    pub schedules: BTreeMap<ScheduleKey, Wanted>,
    /// The runs that pushes begin, by trigger.
    pub pushes: BTreeMap<Name, Pushed>,
    /// What the text says and this version does not follow, a sentence each.
    pub notes: Vec<String>,
}

/// The world of `environment`; `None` when no text declares it and it is not built in.
pub fn world_of(program: &Program, environment: &str) -> Option<World> {
    let declared = program.environments.get(environment);
    let clock = declared.and_then(|attributes| attributes.get("clock"));
    match (clock, declared) {
        (Some(clock), _) => Some(if is_replay(clock) { World::Replay } else { World::Wall }),
        (None, _) if environment == REHEARSAL => Some(World::Replay),
        (None, Some(_)) => Some(World::Wall),
        (None, None) => None,
    }
}

fn is_replay(clock: &Expr) -> bool {
    match clock {
        Expr::Value(Value::Variant(variant)) => variant.name == "replay",
        Expr::Variant(name, _) => name == "replay",
        _ => false,
    }
}

/// What `program` wants of a daemon in `environment`, whose world is `world`.
///
/// # Errors
/// When a schedule cannot be planned, or its pipeline cannot be carried out in that world.
pub fn desired(program: &Program, environment: &str, world: World) -> Result<Desired, Refusal> {
    let mut desired = Desired::default();
    for trigger in program.triggers.values() {
        let of_trigger = |refusal: Refusal| {
            let message = format!("trigger `{}`: {}", trigger.name, refusal.message);
            Refusal { message, ..refusal }
        };
        match &trigger.on {
            Cause::Time(times) => {
                let (key, wanted) =
                    wanted(program, trigger, times, environment, world).map_err(of_trigger)?;
                desired.schedules.insert(key, wanted);
            }
            Cause::Fired { monitor, watch } => desired.notes.push(format!(
                "trigger `{}` is not in force: nobody watches `{monitor}.{watch}`, because there is \
                 no live serving to measure yet",
                trigger.name
            )),
            Cause::Push { branch, paths } => {
                let plan = planned(program, trigger, environment, world).map_err(of_trigger)?;
                let (branch, paths) = (branch.clone(), paths.clone());
                desired.pushes.insert(trigger.name.clone(), Pushed { branch, paths, plan });
            }
            Cause::Manual { .. } => {}
        }
    }
    Ok(desired)
}

/// The plan of `pipeline` with its parameters bound by `binding`, which names the environment.
///
/// # Errors
/// When it cannot be planned, or not be carried out in `world`.
pub fn plan_in(
    program: &Program,
    pipeline: &str,
    binding: &Binding<'_>,
    world: World,
) -> Result<Plan, Refusal> {
    let plan =
        suho_plan::build_in(program, pipeline, binding).map_err(|error| unplanned(&error))?;
    possible(&plan, binding.environment.unwrap_or(REHEARSAL), world)?;
    Ok(plan)
}

fn unplanned(error: &PlanError) -> Refusal {
    let (message, fault) = (error.to_string(), error.fault());
    Refusal { code: "plan".to_owned(), message, help: None, fault }
}

/// Refuses a plan whose steps nobody carries out in `world`.
fn possible(plan: &Plan, environment: &str, world: World) -> Result<(), Refusal> {
    let live = |role: Role, kind: &str| role == Role::Rollout || kind == "promote";
    let rollout = plan.nodes.iter().find(|node| live(node.role, node.kind.as_str()));
    match (world, rollout) {
        (World::Replay, _) | (World::Wall, None) => Ok(()),
        (World::Wall, Some(node)) => {
            let message = format!(
                "`{}` has the {} `{}`, and in the environment `{environment}`, whose clock is the \
                 wall's, nobody answers live requests yet",
                plan.pipeline, node.kind, node.name
            );
            Err(Refusal::user("no-live-serving", message).help(
                "carry it out on recorded bars: `clock = replay()` in the `env` block, or the \
                 built-in environment `rehearsal`",
            ))
        }
    }
}

/// What the runs of `trigger` carry out. When they start is not known yet: each closes the plan with
/// its own instant.
fn planned(
    program: &Program,
    trigger: &Trigger,
    environment: &str,
    world: World,
) -> Result<Plan, Refusal> {
    let binding = Binding {
        environment: Some(environment),
        call: Some(&trigger.run.arguments),
        ..Binding::of(&[])
    };
    let plan = plan_in(program, trigger.run.pipeline.as_str(), &binding, world)?;
    plan.started(Instant::from_micros(0)).map_err(|error| unplanned(&error))?;
    Ok(plan)
}

fn wanted(
    program: &Program,
    trigger: &Trigger,
    times: &Recurring,
    environment: &str,
    world: World,
) -> Result<(ScheduleKey, Wanted), Refusal> {
    let plan = planned(program, trigger, environment, world)?;
    let pipeline = program.pipelines.get(&trigger.run.pipeline);
    let spec = spec(trigger, pipeline, times, &plan)?;
    let key = ScheduleKey {
        scope: plan.settings.scope.clone(),
        pipeline: plan.pipeline.clone(),
        schedule: trigger.name.clone(),
    };
    Ok((key, Wanted { spec, plan }))
}

fn spec(
    trigger: &Trigger,
    pipeline: Option<&Pipeline>,
    times: &Recurring,
    plan: &Plan,
) -> Result<ScheduleSpec, Refusal> {
    let refused = |why: String| Refusal::user("bad-schedule", why);
    let zone = parse_zone(&plan.settings.timezone).map_err(|error| refused(error.to_string()))?;
    let recurrence = times.checked(zone).map_err(|error| refused(error.to_string()))?;
    Ok(ScheduleSpec {
        recurrence,
        catch_up: match word(trigger.attributes.get("catch_up")) {
            Some("all") => CatchUp::All,
            Some("none") => CatchUp::None,
            _ => CatchUp::Latest,
        },
        window: span(trigger.attributes.get("catch_up_within")).unwrap_or(ScheduleSpec::WINDOW),
        cap: count(trigger.attributes.get("catch_up_most")).unwrap_or(ScheduleSpec::CAP),
        overlap: overlap(pipeline),
        jitter: span(trigger.attributes.get("jitter")).unwrap_or(Duration::ZERO),
        pause_after: count(trigger.attributes.get("pause_after")),
    })
}

/// What a pipeline's `concurrency` says of its own schedule: without a word ticks are skipped while
/// an earlier run goes on.
fn overlap(pipeline: Option<&Pipeline>) -> Overlap {
    let said = pipeline.and_then(|pipeline| pipeline.attributes.get("concurrency"));
    let conflict = match said {
        Some(Expr::Value(record)) => record.field("on_conflict").and_then(variant),
        Some(Expr::Record(fields)) => word(fields.get("on_conflict")),
        _ => None,
    };
    match (said, conflict) {
        (Some(_), Some("cancel_running")) => Overlap::Cancel,
        (Some(_), Some("queue")) => Overlap::Queue,
        _ => Overlap::Skip,
    }
}

fn span(expr: Option<&Expr>) -> Option<Duration> {
    match expr? {
        Expr::Value(Value::Duration(span)) => Some(*span),
        _ => None,
    }
}

fn count(expr: Option<&Expr>) -> Option<NonZeroU32> {
    match expr? {
        Expr::Value(Value::Int(count)) => u32::try_from(*count).ok().and_then(NonZeroU32::new),
        _ => None,
    }
}

fn word(expr: Option<&Expr>) -> Option<&str> {
    match expr? {
        Expr::Value(value) => variant(value),
        Expr::Variant(name, _) => Some(name),
        _ => None,
    }
}

fn variant(value: &Value) -> Option<&str> {
    match value {
        Value::Variant(variant) => Some(&variant.name),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
