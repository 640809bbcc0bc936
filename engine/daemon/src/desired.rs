//! From a checked program to what a daemon has to do: which schedules there are, and what each runs.
//!
//! Pure. What cannot be carried out in the environment is refused here, when a text is applied, and
//! not months later when a schedule fires.

use std::collections::BTreeMap;
use suho_check::Program;
use suho_check::program::{Cause, Expr, Pipeline, Recurring, Trigger};
use suho_domain::{Duration, Fault, Instant, Value};
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

/// What a text wants of a daemon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    /// The schedules, by key.
    pub schedules: BTreeMap<ScheduleKey, Wanted>,
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
                "trigger `{}` waits for `{monitor}.{watch}`: monitors are not watched yet",
                trigger.name
            )),
            Cause::Push { .. } => desired.notes.push(format!(
                "trigger `{}` waits for a push: pushes are not followed yet",
                trigger.name
            )),
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
    let plan = suho_plan::build_in(program, pipeline, binding).map_err(unplanned)?;
    possible(&plan, binding.environment.unwrap_or(REHEARSAL), world)?;
    Ok(plan)
}

fn unplanned(error: PlanError) -> Refusal {
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

fn wanted(
    program: &Program,
    trigger: &Trigger,
    times: &Recurring,
    environment: &str,
    world: World,
) -> Result<(ScheduleKey, Wanted), Refusal> {
    // When its runs start is not known yet: each closes the plan with its own tick.
    let binding = Binding {
        environment: Some(environment),
        call: Some(&trigger.run.arguments),
        ..Binding::of(&[])
    };
    let plan = plan_in(program, trigger.run.pipeline.as_str(), &binding, world)?;
    plan.started(Instant::from_micros(0)).map_err(unplanned)?;
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
        window: ScheduleSpec::WINDOW,
        cap: ScheduleSpec::CAP,
        overlap: overlap(pipeline),
        jitter: Duration::ZERO,
        pause_after: None,
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
