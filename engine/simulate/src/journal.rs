//! All that happened in one simulated world, in order: what tests are judged by.

use crate::time::Time;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use suho_domain::{Instant, ModelId, ModelStatus, Name, RunStatus, Value};
use suho_driver::registry::RouteRow;
use suho_driver::world::{Message, Observer, RolloutLook};
use suho_plan::{Answer, Rule};
use suho_rollout::Action;
use suho_scheduler::Event;
use suho_step::Progress;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Happening {
    /// To the run.
    Event(Event),
    /// A model moved in its life.
    Moved { model: ModelId, to: ModelStatus },
    /// Traffic goes another way.
    Routed(RouteRow),
    /// People were told.
    Told(Message),
    /// A rollout's controller did something.
    Acted { step: Name, action: Action },
    /// What is measured of a rollout is no longer what it was, dots kept.
    Measured { step: Name, metrics: BTreeMap<String, Value> },
    /// The engine went down.
    Down { why: String },
}

/// How often a rule has said what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) yes: u64,
    pub(crate) no: u64,
    pub(crate) no_data: u64,
    pub(crate) not_applicable: u64,
}

/// A rule of a plan, and what it has said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answered {
    pub(crate) step: Name,
    /// Where it stands in its file.
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) tally: Tally,
}

/// The book of one world.
#[derive(Debug)]
pub(crate) struct Journal {
    time: Time,
    pub(crate) entries: Vec<(Instant, Happening)>,
    pub(crate) answers: Vec<Answered>,
}

impl Journal {
    pub(crate) const fn new(time: Time) -> Self {
        Self { time, entries: Vec::new(), answers: Vec::new() }
    }

    pub(crate) fn note(&mut self, happening: Happening) {
        self.entries.push((self.time.now(), happening));
    }
}

/// The journal, as all who write into it hold it.
#[derive(Clone, Debug)]
pub(crate) struct Book(Rc<RefCell<Journal>>);

impl Book {
    pub(crate) fn new(time: &Time) -> Self {
        Self(Rc::new(RefCell::new(Journal::new(time.clone()))))
    }

    pub(crate) fn note(&self, happening: Happening) {
        self.0.borrow_mut().note(happening);
    }

    /// How much stands in it.
    pub(crate) fn length(&self) -> usize {
        self.0.borrow().entries.len()
    }

    /// All of it; the book is empty afterwards.
    pub(crate) fn close(&self) -> Journal {
        let time = self.0.borrow().time.clone();
        self.0.replace(Journal::new(time))
    }
}

impl Observer for Book {
    fn event(&mut self, event: &Event, _: Instant) {
        self.note(Happening::Event(event.clone()));
    }

    fn progress(&mut self, _: &Name, _: &Progress) {}

    fn rollout(&mut self, _: &RolloutLook<'_>) {}

    fn ended(&mut self, _: RunStatus) {}

    fn answered(&mut self, step: &Name, rule: &Rule, answer: &Answer) {
        let mut journal = self.0.borrow_mut();
        let is_it = |each: &Answered| {
            each.line == rule.place.line && each.text == rule.text && each.step == *step
        };
        let place = journal.answers.iter().position(is_it).unwrap_or_else(|| {
            let (line, text) = (rule.place.line, rule.text.clone());
            let tally = Tally::default();
            journal.answers.push(Answered { step: step.clone(), line, text, tally });
            journal.answers.len().saturating_sub(1)
        });
        let Some(Answered { tally, .. }) = journal.answers.get_mut(place) else { return };
        let count = match answer {
            Answer::True => &mut tally.yes,
            Answer::False => &mut tally.no,
            Answer::NoData(_) => &mut tally.no_data,
            Answer::NotApplicable(_) => &mut tally.not_applicable,
        };
        *count = count.saturating_add(1);
    }

    fn acted(&mut self, step: &Name, action: &Action) {
        self.note(Happening::Acted { step: step.clone(), action: action.clone() });
    }

    fn told(&mut self, message: &Message) {
        self.note(Happening::Told(message.clone()));
    }
}
