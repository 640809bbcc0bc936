//! One round: what is done together, and becomes durable in one transaction.

use crate::registry::{Change, RouteRow};
use crate::world::Message;
use std::collections::BTreeMap;
use std::sync::Arc;
use suho_domain::{AttemptKey, Name, Value};
use suho_plan::Facts;
use suho_rollout::Action;
use suho_scheduler::Event;
use suho_step::Order;

/// What one round does, gathered before it is committed.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) events: Vec<Event>,
    pub(crate) changes: Vec<Change>,
    /// Dispatched once the commit stands.
    pub(crate) submit: Vec<Order>,
    pub(crate) kill: Vec<AttemptKey>,
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) messages: Vec<Message>,
    /// What a rollout's controller did.
    pub(crate) actions: Vec<(Name, Action)>,
    /// How many of the events the run's state has taken in.
    pub(crate) settled: usize,
}

impl Round {
    /// Whether there is nothing to make durable.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.changes.is_empty()
    }

    /// Whether it changes what the registry would answer now.
    pub(crate) fn moves_the_registry(&self) -> bool {
        self.changes.iter().any(Change::is_of_registry)
    }
}

/// What the steps have made so far. Cheap to hand on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made(Arc<BTreeMap<Name, Value>>);

impl Made {
    /// A step has made `value`, or has it to make again.
    pub(crate) fn set(&mut self, step: &Name, value: Option<Value>) {
        if value.is_none() && !self.0.contains_key(step) {
            return;
        }
        let made = Arc::make_mut(&mut self.0);
        match value {
            Some(value) => made.insert(step.clone(), value),
            None => made.remove(step),
        };
    }
}

impl Facts for Made {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.0.get(name)
    }
    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}
