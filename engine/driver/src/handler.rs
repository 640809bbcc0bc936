//! `on rollback`, `on failure`, `on cancel`: who is told of a run's end, and what.
//!
//! What the lifecycle demands (traffic, statuses) was done with the verdict; a handler tells people.
//! It tells them through a notice, which names the channels and the ticket: whoever delivers
//! notices reads them there.

use crate::engine::Engine;
use crate::registry::Change;
use crate::round::{Made, Round};
use crate::spec;
use crate::world::Message;
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
        let mut text = format!("{} #{} is {status}: {what}", self.run.pipeline, self.run.number);
        let step = said.map_or_else(String::new, |(step, _)| step.to_string());
        let event_value = [("reason", Value::Text(reason)), ("step", Value::Text(step))];
        let facts = Happened { made: self.made(), event: Value::record(event_value) };
        let severity = if event == HandlerEvent::Rollback { "critical" } else { "warning" };
        let mut handlers = self.plan.handlers.iter();
        let declared = handlers.find(|handler| spec::handled(handler) == Some(event));
        let channels = declared.map_or_else(Vec::new, |handler| channels(handler, &facts));
        let ticket = declared.and_then(|handler| ticket(handler, &facts));
        let message = Message { channels, severity: severity.to_owned(), text: text.clone() };
        if !message.channels.is_empty() {
            let _infallible = write!(text, "; for {}", message.channels.join(", "));
        }
        if let Some(ticket) = ticket {
            let _infallible = write!(text, "; {ticket}");
        }
        let (severity, told) = (severity.to_owned(), text);
        round.changes.push(Change::Notice { severity, message: told, model: None });
        round.messages.push(message);
        round.events.push(Event::HandlerRan { event, at: self.wall() });
    }
}

/// The names of the channels that `handler` tells.
fn channels(handler: &Handler, facts: &dyn Facts) -> Vec<String> {
    let Some(Value::List(channels)) = answered(handler, "notify", facts) else { return Vec::new() };
    channels.iter().filter_map(|channel| Some(channel.field("name")?.to_string())).collect()
}

/// The ticket that `handler` opens: `incident: TITLE`.
fn ticket(handler: &Handler, facts: &dyn Facts) -> Option<String> {
    let Some(Value::Variant(ticket)) = answered(handler, "ticket", facts) else { return None };
    let title = ticket.fields.get("title").map(Value::to_string).unwrap_or_default();
    Some(format!("{}: {title}", ticket.name))
}

fn answered(handler: &Handler, attribute: &str, facts: &dyn Facts) -> Option<Value> {
    evaluate(handler.attributes.get(attribute)?, facts).ok()
}
