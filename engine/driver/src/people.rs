//! What people do to a run that is under way: they hold it, stop the line, end it, are asked.
//!
//! A request stands in the store until its run's engine takes it up. Whether it still means anything
//! then is the state's to say: one that came too late is answered and changes nothing.

use crate::due::Glance;
use crate::engine::{Engine, EngineError};
use crate::ports::Request;
use crate::registry::Change;
use crate::rollouts::weight;
use crate::round::Round;
use crate::world::Message;
use suho_domain::{Instant, ModelStatus, Move, Name, Record, StepStatus, Value};
use suho_plan::{Node, evaluate};
use suho_scheduler::Event;

/// What takes a rollout's candidate back.
const ABORT: &str = "abort";
/// What is said of a question that nobody answered.
const SILENCE: &str = "nobody answered in time";

impl Engine<'_> {
    /// Requests of people: from other terminals through the store, from this one by a signal.
    pub(crate) fn listen(&mut self, glance: Glance, round: &mut Round) -> Result<(), EngineError> {
        if self.state.ended().is_some() {
            return Ok(());
        }
        let at = self.wall();
        if self.rim.clock.is_interrupted() && !self.state.is_stopping() {
            let (by, why) = (self.setting.actor.clone(), "interrupted at the terminal".to_owned());
            round.events.push(Event::CancelRequested { by, why, at });
            self.settle(round)?;
        }
        if self.rim.clock.is_asked() || glance == Glance::Everything {
            for request in self.rim.store.requests(&self.run.id)? {
                // One that came after the run was stopped is answered too, or the run would be taken
                // up for its sake for ever.
                if !self.state.is_stopping() {
                    self.heed(&request, round)?;
                }
                round.changes.push(Change::Answer { request: request.id });
            }
        }
        Ok(())
    }

    /// Does what `request` asks for, if it still means anything.
    fn heed(&mut self, request: &Request, round: &mut Round) -> Result<(), EngineError> {
        if self.heed_of_rollout(request, round)? {
            return self.settle(round);
        }
        let Some(event) = event_of(request, self.wall()) else { return Ok(()) };
        if self.state.clone().apply(&event).is_err() {
            return Ok(());
        }
        if let Event::StepRejected { step, reason, .. } = &event {
            self.refuse_candidate(step, reason, round)?;
        }
        round.events.push(event);
        self.settle(round)
    }

    /// Does what somebody asks of the rollout under way; whether that is what was asked. It changes
    /// nothing where none is.
    fn heed_of_rollout(
        &mut self,
        request: &Request,
        round: &mut Round,
    ) -> Result<bool, EngineError> {
        if let Some(share) = weight::wanted(&request.kind) {
            self.weigh(share, request, round)?;
            return Ok(true);
        }
        if request.kind != ABORT {
            return Ok(false);
        }
        let baking = self.state.steps().find(|view| view.status == StepStatus::Baking);
        let baking = baking.map(|view| (view.spec.name.clone(), view.attempt));
        if let Some((step, attempt)) = baking {
            let why = format!("{}: {}", request.by, request.why);
            self.abort_rollout(&step, attempt, &why, round)?;
        }
        Ok(true)
    }

    /// Asks people what `step` asks, and tells those that it names.
    pub(crate) fn ask(&mut self, step: &Name, round: &mut Round) -> Result<(), EngineError> {
        let (node, at) = (self.node(step)?.clone(), self.wall());
        let said =
            |input: &str| node.inputs.get(input).and_then(|it| evaluate(it, &self.made()).ok());
        let of = texts(said("by"));
        let until = within(&node).map(|within| at.plus(within));
        let question = match said("question") {
            Some(Value::Text(question)) if !question.is_empty() => format!(": {question}"),
            _ => String::new(),
        };
        let run = self.run.id.short();
        let text = format!(
            "{} #{} waits for an approval of `{step}`{question}; `suho approve {run}/{step} -m WHY`",
            self.run.pipeline, self.run.number
        );
        let (channels, severity) = (channels(said("notify")), "info".to_owned());
        let message = text.clone();
        round.changes.push(Change::Notice { severity: severity.clone(), message, model: None });
        round.messages.push(Message { channels, severity, text });
        round.events.push(Event::ApprovalAsked { step: step.clone(), of, until, at });
        Ok(())
    }

    /// Nobody has answered in time: that is a no.
    pub(crate) fn lapse(&mut self, step: &Name, round: &mut Round) -> Result<(), EngineError> {
        self.refuse_candidate(step, SILENCE, round)?;
        let (step, reason, at) = (step.clone(), SILENCE.to_owned(), self.wall());
        round.events.push(Event::StepRejected { step, reason, outputs: Record::new(), at });
        Ok(())
    }

    /// People said no: the run's candidate goes no further, and gives its traffic back.
    fn refuse_candidate(
        &mut self,
        step: &Name,
        why: &str,
        round: &mut Round,
    ) -> Result<(), EngineError> {
        if self.candidate.is_none() {
            return Ok(());
        }
        let facts = self.slot_facts()?;
        let is_ours = |status: ModelStatus| {
            matches!(status, ModelStatus::Testing | ModelStatus::Staging | ModelStatus::Canary)
        };
        let candidate = facts
            .versions
            .iter()
            .find(|row| row.run.as_ref() == Some(&self.run.id) && is_ours(row.status));
        let Some(row) = candidate else { return Ok(()) };
        let reason = format!("`{step}`: {why}");
        if row.status == ModelStatus::Testing {
            let moved = self.moved(row, Move::Reject, "acceptance_failed", Some(reason));
            round.changes.push(Change::Move(moved));
            return Ok(());
        }
        round.changes.extend(self.taken_back(row, &reason, None));
        if row.status == ModelStatus::Canary {
            let serving = facts.production.as_ref().map(|row| row.id.clone());
            self.route_to(serving, &facts, round);
        }
        Ok(())
    }
}

/// What `request` asks for as an event; `None` for what nobody asks for any more.
fn event_of(request: &Request, at: Instant) -> Option<Event> {
    let (by, why) = (request.by.clone(), request.why.clone());
    let step = || request.subject.clone();
    Some(match request.kind.as_str() {
        "cancel" => Event::CancelRequested { by, why, at },
        "pause" => Event::Paused { by, why, at },
        "resume" => Event::Resumed { by, why, at },
        "freeze" => Event::Frozen { by, why, at },
        "thaw" => Event::Thawed { by, why, at },
        "approve" => {
            let outputs = Record::from([
                ("approver".to_owned(), Value::Text(by)),
                ("why".to_owned(), Value::Text(why)),
            ]);
            Event::StepDecided { step: step()?, outputs, at }
        }
        "reject" => {
            let outputs = Record::from([
                ("approver".to_owned(), Value::Text(by.clone())),
                ("why".to_owned(), Value::Text(why.clone())),
            ]);
            Event::StepRejected { step: step()?, reason: format!("{by}: {why}"), outputs, at }
        }
        _ => return None,
    })
}

/// The names of the people that a step of kind `approve` asks.
fn texts(value: Option<Value>) -> Vec<String> {
    let Some(Value::List(items)) = value else { return Vec::new() };
    items.iter().filter_map(|item| item.as_text().map(str::to_owned)).collect()
}

fn channels(value: Option<Value>) -> Vec<String> {
    let Some(Value::List(channels)) = value else { return Vec::new() };
    channels.iter().filter_map(|channel| Some(channel.field("name")?.to_string())).collect()
}

/// How long people have to answer `node`'s question.
pub(crate) fn within(node: &Node) -> Option<suho_domain::Duration> {
    match node.inputs.get("within") {
        Some(suho_plan::Expr::Value(Value::Duration(within))) => Some(*within),
        _ => None,
    }
}
