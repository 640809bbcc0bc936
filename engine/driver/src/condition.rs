//! Whether a step is done at all: its `when`.

use crate::engine::{Engine, EngineError};
use crate::round::Round;
use suho_domain::{FailureClass, Name, Value};
use suho_plan::Expr;
use suho_scheduler::{Command, Event, SkipReason};

impl Engine<'_> {
    /// Whether the step that `command` would begin is left out, or fails, by its condition. A
    /// condition without an answer is a failure: nobody can say that it holds, or that it does not.
    pub(crate) fn is_left_out(
        &self,
        command: &Command,
        round: &mut Round,
    ) -> Result<bool, EngineError> {
        let (step, attempt) = match command {
            Command::Start { step, attempt } => (step, Some(*attempt)),
            Command::Decide { step }
            | Command::Ask { step }
            | Command::BeginRollout { step, .. } => (step, None),
            _ => return Ok(false),
        };
        let Some(condition) = &self.node(step)?.when else { return Ok(false) };
        let at = self.wall();
        match self.answer(condition) {
            Ok(true) => return Ok(false),
            Ok(false) => {
                let (step, reason) = (step.clone(), SkipReason::Condition);
                round.events.push(Event::StepSkipped { step, reason, at });
            }
            Err(why) => {
                let message = format!("[condition] its `when` has no answer: {why}");
                round.events.extend(failed(step, attempt, message, at));
            }
        }
        Ok(true)
    }

    fn answer(&self, condition: &Expr) -> Result<bool, String> {
        match suho_plan::evaluate(condition, &self.made()) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(Value::Undefined(why)) => Err(why),
            Ok(other) => Err(format!("it is `{other}`")),
            Err(missing) => Err(missing.to_string()),
        }
    }
}

/// The failure of a step that could not even begin.
fn failed(
    step: &Name,
    attempt: Option<u32>,
    message: String,
    at: suho_domain::Instant,
) -> Vec<Event> {
    let (step, class) = (step.clone(), FailureClass::User);
    match attempt {
        None => vec![Event::StepFailed { step, class, message, at }],
        Some(attempt) => vec![
            Event::AttemptStarted { step: step.clone(), attempt, at },
            Event::AttemptFailed { step, attempt, class, message, at },
        ],
    }
}
