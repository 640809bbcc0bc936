//! `suho why`: why a step ran or did not, how its attempts ended, and what decided.

mod because;
mod judgement;
mod search;
mod text;
mod version;

use super::figures::{criteria, outcome};
use super::place::{State, States};
use super::seen::{Seen, target};
use super::words::{begun_by, local};
use crate::args;
use crate::failure::Failure;
use crate::terminal;
use because::Because;
use judgement::Judgement;
use search::Search;
use serde::Serialize;
use serde_json::json;
use suho_domain::{FailureClass, Instant, Name, StepStatus};
use suho_driver::gate::Criterion;
use suho_plan::Node;
use suho_scheduler::{Event, StepView};
use version::Made;

/// Everything that is known of why a step stands where it stands.
#[derive(Debug, Serialize)]
pub(super) struct Explanation {
    id: Name,
    kind: Name,
    status: StepStatus,
    cached: bool,
    outcome: Option<&'static str>,
    because: Because,
    attempts: Vec<Attempt>,
    /// The latest failure, or why it was refused, taken back or left out.
    message: Option<String>,
    criteria: Vec<Criterion>,
    rollout: Option<Judgement>,
    model: Option<Made>,
    /// What a sweep tried, and why it picks what it picks.
    search: Option<Search>,
}

/// How one attempt went.
#[derive(Debug, Serialize)]
struct Attempt {
    #[serde(rename = "attempt")]
    number: u32,
    started_at: Instant,
    ended_at: Option<Instant>,
    /// `running`, `succeeded`, `failed` or `lost`.
    result: &'static str,
    class: Option<FailureClass>,
    message: Option<String>,
}

/// `suho why RUN[/STEP]`.
pub(crate) fn why(args: &args::Why) -> Result<u8, Failure> {
    let (run, step) = target(&args.of);
    let (mut state, row) = States::of(&args.place)?.run(run)?;
    let seen = Seen::load(&mut state.store, &row.id)?;
    let explanations = explain(&mut state, &seen, step)?;
    let text = if let Some(notation) = args.output.notation() {
        notation.page(&json!({
            "version": 1,
            "run": { "id": row.id, "pipeline": row.pipeline, "status": seen.status() },
            "steps": explanations,
        }))
    } else {
        let by = begun_by(&row).filter(|_| step.is_none()).map(|by| {
            format!(
                "{} #{} was begun by {by}, as of {}\n\n",
                row.pipeline,
                row.number,
                local(row.as_of, seen.zone())
            )
        });
        by.unwrap_or_default() + &sentences(&explanations, seen.zone())
    };
    terminal::out(&text);
    Ok(0)
}

/// Of `only`, or of every step in plan order.
pub(super) fn explain(
    state: &mut State,
    seen: &Seen,
    only: Option<&str>,
) -> Result<Vec<Explanation>, Failure> {
    let steps = match only {
        Some(name) => vec![seen.step(name)?],
        None => seen.steps().collect(),
    };
    steps.into_iter().map(|(node, view)| one(state, seen, node, &view)).collect()
}

fn one(
    state: &mut State,
    seen: &Seen,
    node: &Node,
    view: &StepView<'_>,
) -> Result<Explanation, Failure> {
    Ok(Explanation {
        id: node.name.clone(),
        kind: node.kind.clone(),
        status: view.status,
        cached: view.status == StepStatus::Cached,
        outcome: view.outcome.map(outcome),
        because: Because::of(state, seen, node, view)?,
        attempts: attempts(seen, &node.name),
        message: view.message.map(str::to_owned),
        criteria: criteria(view.outputs),
        rollout: judgement::of(state, seen, node, view)?,
        model: match node.kind.as_str() {
            "train" => version::of(state, seen, view)?,
            _ => None,
        },
        search: (node.kind.as_str() == "sweep").then(|| Search::of(view.outputs)).flatten(),
    })
}

/// The attempts at `step`, first to last, as the log tells them.
fn attempts(seen: &Seen, step: &Name) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for event in seen.events_of(step) {
        let (result, failure) = match event {
            Event::AttemptStarted { attempt, at, .. } => {
                attempts.push(Attempt {
                    number: *attempt,
                    started_at: *at,
                    ended_at: None,
                    result: "running",
                    class: None,
                    message: None,
                });
                continue;
            }
            Event::AttemptSucceeded { .. } => ("succeeded", None),
            Event::AttemptLost { .. } => ("lost", None),
            Event::AttemptFailed { class, message, .. } => {
                ("failed", Some((*class, message.clone())))
            }
            _ => continue,
        };
        if let Some(last) = attempts.last_mut() {
            last.result = result;
            last.ended_at = Some(event.at());
            (last.class, last.message) = failure.unzip();
        }
    }
    attempts
}

/// The explanations for people, times in `zone`.
pub(super) fn sentences(explanations: &[Explanation], zone: &str) -> String {
    let texts: Vec<_> = explanations.iter().map(|each| text::of(each, zone)).collect();
    texts.join("\n")
}
