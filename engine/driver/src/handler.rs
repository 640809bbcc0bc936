//! `on rollback`, `on failure`, `on cancel`: who is told of a run's end, and what.
//!
//! What the lifecycle demands (traffic, statuses) was done with the verdict; a handler tells people.
//! It tells them through a notice, which names the channels and the ticket: whoever delivers
//! notices reads them there.

use crate::engine::{Engine, Made, Round};
use crate::registry::Change;
use std::fmt::Write as _;
use suho_domain::{Name, StepStatus, Value};
use suho_plan::{Facts, Handler, evaluate};
use suho_scheduler::{Event, HandlerEvent};

/// The name under which a handler's expressions speak of what happened.
const EVENT: &str = "event";

/// What a handler's expressions may speak of: what was made, and what happened.
struct Happened {
    made: Made,
    event: Value,
}

impl Facts for Happened {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.made.output(name)
    }
    fn live(&self, name: &str) -> Option<Value> {
        (name == EVENT).then(|| self.event.clone())
    }
}

impl Engine<'_> {
    /// Carries out the handler of `event`.
    pub(crate) fn handle(&self, event: HandlerEvent, round: &mut Round) {
        let status = self.state.status();
        let failed = self.state.steps().find(|view| view.status == StepStatus::Failed);
        let said = failed.and_then(|view| Some((&view.spec.name, view.message?)));
        let reason = said.map_or_else(|| status.to_string(), |(_, reason)| reason.to_owned());
        let what = said.map_or_else(|| reason.clone(), |(step, said)| format!("`{step}`: {said}"));
        let mut message = format!("{} #{} is {status}: {what}", self.run.pipeline, self.run.number);
        let step = said.map_or_else(String::new, |(step, _)| step.to_string());
        let event_value = [("reason", Value::Text(reason)), ("step", Value::Text(step))];
        let facts = Happened { made: self.made(), event: Value::record(event_value) };
        let declared =
            self.plan.handlers.iter().find(|handler| word(event) == handler.event.as_str());
        if let Some(handler) = declared {
            message.push_str(&told(handler, &facts));
        }
        let severity = if event == HandlerEvent::Rollback { "critical" } else { "warning" };
        round.changes.push(Change::Notice { severity: severity.to_owned(), message, model: None });
        round.events.push(Event::HandlerRan { event, at: self.wall() });
    }
}

const fn word(event: HandlerEvent) -> &'static str {
    match event {
        HandlerEvent::Rollback => "rollback",
        HandlerEvent::Failure => "failure",
        HandlerEvent::Cancel => "cancel",
    }
}

/// Whom `handler` tells, and the ticket it opens: `; for desk, oncall; incident: TITLE`.
fn told(handler: &Handler, facts: &dyn Facts) -> String {
    let answered = |name: &str| evaluate(handler.attributes.get(name)?, facts).ok();
    let mut told = String::new();
    if let Some(Value::List(channels)) = answered("notify") {
        let names = channels.iter().filter_map(|channel| channel.field("name"));
        let names: Vec<_> = names.map(Value::to_string).collect();
        if !names.is_empty() {
            let _infallible = write!(told, "; for {}", names.join(", "));
        }
    }
    if let Some(Value::Variant(ticket)) = answered("ticket") {
        let title = ticket.fields.get("title").map(Value::to_string).unwrap_or_default();
        let _infallible = write!(told, "; {}: {title}", ticket.name);
    }
    told
}
