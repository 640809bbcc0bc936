//! One run, watched event by event: which steps began, which ended, and by which attempt.

use super::Broken;
use crate::cluster::STAMP;
use std::collections::BTreeMap;
use suho_domain::{Name, RunId, Value};
use suho_driver::ports::Commit;
use suho_driver::registry::Change;
use suho_plan::Plan;
use suho_scheduler::{Effect, Event, Run};

/// A step as the watcher knows it.
#[derive(Debug, Default)]
struct Step {
    needs: Vec<Name>,
    attempt: u32,
    is_at_work: bool,
    /// Whether it ended, and well.
    ended: Option<bool>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) id: RunId,
    pub(super) run: Run,
    steps: BTreeMap<Name, Step>,
    is_ended: bool,
    is_handled: bool,
    /// How often a person wanted it done again.
    pub(super) retries: u32,
}

impl Trace {
    pub(super) fn new(id: &RunId, plan: &Plan) -> Result<Self, String> {
        let spec = suho_driver::run_spec(plan, id).map_err(|error| error.to_string())?;
        let step = |node: &suho_plan::Node| {
            (node.name.clone(), Step { needs: node.needs.clone(), ..Step::default() })
        };
        Ok(Self {
            id: id.clone(),
            run: Run::new(spec),
            steps: plan.nodes.iter().map(step).collect(),
            is_ended: false,
            is_handled: false,
            retries: 0,
        })
    }

    /// Whether nobody repeats the step by himself.
    pub(super) fn is_once(&self, step: &Name) -> bool {
        self.run.step(step).is_some_and(|view| view.spec.effect == Effect::Once)
    }

    /// Takes in one event.
    pub(super) fn take(&mut self, event: &Event, epoch: Option<u64>) -> Result<(), Broken> {
        self.judge(event, epoch)?;
        self.run.apply(event).map_err(|error| ("I1", error.to_string()))?;
        let Some((name, step)) = event.step().and_then(|name| {
            let step = self.steps.get_mut(name)?;
            Some((name, step))
        }) else {
            return Ok(());
        };
        if let Some(view) = self.run.step(name) {
            step.attempt = view.attempt;
            step.is_at_work = view.running_since.is_some();
            step.ended = view.outcome.map(suho_scheduler::Outcome::is_done);
        }
        Ok(())
    }

    /// Whether the event may follow.
    fn judge(&mut self, event: &Event, epoch: Option<u64>) -> Result<(), Broken> {
        let word = event.word();
        match event {
            Event::RetryRequested { .. } => {
                if epoch.is_some() {
                    return Err(("G2", "an engine had the run done again by itself".to_owned()));
                }
                self.retries += 1;
                (self.is_ended, self.is_handled) = (false, false);
                // What is set back the replay knows; that it is set back at all is judged there.
                let mut after = self.run.clone();
                after.apply(event).map_err(|error| ("I1", error.to_string()))?;
                for view in after.steps() {
                    if let Some(step) = self.steps.get_mut(&view.spec.name) {
                        step.ended = view.outcome.map(suho_scheduler::Outcome::is_done);
                        step.is_at_work = false;
                    }
                }
            }
            Event::HandlerRan { .. } if self.is_ended && !self.is_handled => self.is_handled = true,
            Event::HandlerRan { .. } => {
                return Err(("I1", "an exit block was carried out twice, or too early".to_owned()));
            }
            _ if self.is_ended => return Err(("I1", format!("`{word}` after the run's end"))),
            Event::RunEnded { .. } => {
                if let Some((name, _)) = self.steps.iter().find(|(_, step)| step.ended.is_none()) {
                    return Err(("I1", format!("the run ended, and `{name}` had not")));
                }
                self.is_ended = true;
            }
            _ => {}
        }
        let Some(name) = event.step() else { return Ok(()) };
        let Some(step) = self.steps.get(name) else {
            return Err(("G6", format!("`{word}` of `{name}`, which the run's plan has not")));
        };
        if let Some(is_well) = step.ended {
            let how = if is_well { "well" } else { "badly" };
            return Err(("I1", format!("`{word}` of `{name}`, which had ended {how}")));
        }
        self.judge_step(name, step, event)
    }

    fn judge_step(&self, name: &Name, step: &Step, event: &Event) -> Result<(), Broken> {
        let word = event.word();
        let begins = matches!(
            event,
            Event::AttemptStarted { .. }
                | Event::StepCached { .. }
                | Event::StepDecided { .. }
                | Event::StepRejected { .. }
                | Event::RolloutStarted { .. }
        );
        let is_done = |need: &&Name| self.steps.get(*need).and_then(|it| it.ended) == Some(true);
        if begins && let Some(need) = step.needs.iter().find(|need| !is_done(need)) {
            return Err(("I2", format!("`{word}` of `{name}`, and `{need}` was not done")));
        }
        match event {
            Event::AttemptStarted { attempt, .. } | Event::RolloutStarted { attempt, .. }
                if *attempt != step.attempt + 1 =>
            {
                Err(("I8", format!("attempt {attempt} of `{name}` after {}", step.attempt)))
            }
            Event::AttemptSucceeded { attempt, .. }
            | Event::AttemptFailed { attempt, .. }
            | Event::AttemptLost { attempt, .. }
            | Event::RolloutEnded { attempt, .. }
                if *attempt != step.attempt =>
            {
                let latest = step.attempt;
                Err(("I1", format!("`{word}` of `{name}` by attempt {attempt} of {latest}")))
            }
            Event::AttemptSucceeded { attempt, outputs, .. } => {
                let stamp = outputs.get(STAMP).map(Value::to_string);
                let own = format!("{}/{name}/{attempt}", self.id);
                if stamp.as_ref().is_some_and(|stamp| *stamp != own) {
                    return Err((
                        "I1",
                        format!("attempt {attempt} of `{name}` gave another's result"),
                    ));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// After a whole commit: each exit block tells somebody, and names the channel it goes to.
pub(super) fn close(commit: &Commit) -> Result<(), Broken> {
    let handled = commit.events.iter().filter(|e| matches!(e, Event::HandlerRan { .. })).count();
    let notices = commit.changes.iter().filter_map(|change| match change {
        Change::Notice { message, .. } => Some(message),
        _ => None,
    });
    if handled != notices.clone().count() {
        return Err(("I9", "an exit block was carried out, and nobody is told".to_owned()));
    }
    // Every exit block of the storm's text notifies the desk.
    match notices.clone().find(|message| !message.ends_with("; for desk")) {
        Some(message) => Err(("I9", format!("nobody is named in what is told: {message}"))),
        None => Ok(()),
    }
}
