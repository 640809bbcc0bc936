//! What was decided in a play, line by line: what a person reads when a test fails.

use crate::journal::Happening;
use crate::scene::Play;
use suho_domain::{BasisPoints, Duration, Instant, ModelId};
use suho_plan::Plan;
use suho_rollout::{Action, Reason};
use suho_scheduler::{Event, SkipReason, Verdict};

/// One line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    /// Since the run began.
    pub after: Duration,
    /// What happened, a sentence without its stop.
    pub text: String,
}

/// What was decided until `end`, that moment included.
pub(crate) fn timeline(plan: &Plan, play: &Play, end: Instant) -> Vec<Line> {
    let baseline = play.baseline.as_ref().map(|(id, _)| id);
    let mut share = BasisPoints::NONE;
    let mut lines = Vec::new();
    for (at, happening) in play.journal.entries.iter().take_while(|(at, _)| *at <= end) {
        let text = match happening {
            Happening::Event(event) => of_event(plan, event),
            Happening::Routed(route) => {
                let now = route.candidate.as_ref().map_or(BasisPoints::NONE, |(_, share)| *share);
                let is_new = std::mem::replace(&mut share, now) != now;
                is_new.then(|| routed(now, route.production.as_ref(), baseline))
            }
            Happening::Told(message) if message.channels.is_empty() => None,
            Happening::Told(message) => {
                Some(format!("{} told: {}", are(&message.channels), message.text))
            }
            Happening::Acted { step, action } => acted(action).map(|did| format!("`{step}` {did}")),
            Happening::Down { why } => Some(format!("the engine goes down: {why}")),
            Happening::Moved { .. } | Happening::Measured { .. } => None,
        };
        lines.extend(text.map(|text| Line { after: at.since(play.start), text }));
    }
    lines
}

fn are(channels: &[String]) -> String {
    let verb = if channels.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", channels.join(", "))
}

fn routed(share: BasisPoints, production: Option<&ModelId>, baseline: Option<&ModelId>) -> String {
    if share > BasisPoints::NONE {
        return format!("the candidate answers {share} of the requests");
    }
    match (production, baseline) {
        (None, _) => "nobody answers requests".to_owned(),
        (Some(serving), Some(baseline)) if serving == baseline => {
            "the baseline answers every request".to_owned()
        }
        (Some(_), _) => "the candidate serves".to_owned(),
    }
}

fn of_event(plan: &Plan, event: &Event) -> Option<String> {
    let is_gate = |step: &suho_domain::Name| {
        plan.node(step.as_str()).is_some_and(|node| node.kind.as_str() == "gate")
    };
    match event {
        Event::AttemptFailed { step, attempt, message, .. } => {
            Some(format!("attempt {attempt} at `{step}` fails: {message}"))
        }
        Event::AttemptLost { step, attempt, .. } => {
            Some(format!("attempt {attempt} at `{step}` is lost"))
        }
        Event::AttemptStarted { step, attempt, .. } if *attempt > 1 => {
            Some(format!("attempt {attempt} at `{step}` begins"))
        }
        Event::StepDecided { step, .. } if is_gate(step) => Some(format!("`{step}` lets it pass")),
        Event::StepDecided { step, outputs, .. }
            if outputs.contains_key("model") && !is_gate(step) =>
        {
            Some(format!("`{step}` makes the candidate the model that serves"))
        }
        Event::StepRejected { step, reason, .. } => Some(format!("`{step}` says no: {reason}")),
        Event::StepFailed { step, message, .. } => Some(format!("`{step}` fails: {message}")),
        Event::StepSkipped { step, reason: SkipReason::Condition, .. } => {
            Some(format!("`{step}` is skipped: its condition does not hold"))
        }
        Event::StepSkipped { step, reason: reason @ SkipReason::Deadline, .. } => {
            Some(format!("`{step}` is skipped: {reason}"))
        }
        Event::RolloutStarted { step, .. } => Some(format!("`{step}` begins")),
        Event::RolloutEnded { step, verdict, .. } => Some(match verdict {
            Verdict::Promoted => format!("`{step}` ends well"),
            Verdict::RolledBack { reason } => {
                format!("`{step}` takes the candidate back: {reason}")
            }
            Verdict::Inconclusive { reason } => format!("`{step}` ends inconclusive: {reason}"),
        }),
        Event::DeadlinePassed { .. } => Some("the run's deadline passes".to_owned()),
        Event::RunEnded { status, .. } => Some(format!("the run is {status}")),
        _ => None,
    }
}

fn acted(action: &Action) -> Option<String> {
    match action {
        Action::Pause { reason: Reason::Hold { text } } => Some(format!("holds: {text}")),
        Action::Pause { reason } => Some(format!("stands still: {reason}")),
        Action::Resume => Some("goes on".to_owned()),
        Action::Extend { by, reason, .. } => Some(format!("goes on for {by} more: {reason}")),
        Action::Look(look) if look.harm => {
            Some(format!("is found to do harm, by {} blocks", look.blocks))
        }
        Action::SetTraffic { .. }
        | Action::Advance { .. }
        | Action::Look(_)
        | Action::Decide(_) => None,
    }
}
