//! A machine on which attempts live on when the engine that started them dies.

use crate::mortal::{Death, Lives, dead};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use suho_domain::{AttemptKey, Digest, FailureClass, Instant, Record, Value};
use suho_driver::executor::{Executor, ExecutorError, Observed, Stop};
use suho_step::{Ending, Order, Outcome, Progress, StepError};

/// How often an attempt is seen at work before it ends.
const LOOKS: u32 = 2;

/// How training goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Training {
    /// It ends.
    #[default]
    Quick,
    /// It ends when it is asked to.
    Endless,
    /// It ends when it is made to.
    Deaf,
}

/// Attempts by their keys.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    pub(crate) training: Training,
    attempts: BTreeMap<AttemptKey, Attempt>,
}

#[derive(Debug)]
struct Attempt {
    order: Order,
    looks_left: u32,
    is_stopped: bool,
}

impl Machine {
    /// No step was given to the machine in two attempts.
    pub(crate) fn assert_nothing_begun_twice(&self) {
        let mut steps: Vec<_> = self.attempts.keys().map(|key| &key.step).collect();
        let all = steps.len();
        steps.dedup();
        assert_eq!(steps.len(), all, "a step ran twice: {:?}", self.attempts.keys());
    }

    /// Nothing is still at work.
    pub(crate) fn assert_all_ended(&self) {
        let at_work = self.attempts.values().filter(|a| a.looks_left > 0 && !a.is_stopped);
        assert_eq!(at_work.count(), 0, "an attempt is still at work");
    }
}

/// The machine as one engine sees it.
pub(crate) struct Remote {
    machine: Rc<RefCell<Machine>>,
    lives: Lives,
}

impl Remote {
    pub(crate) fn new(machine: Rc<RefCell<Machine>>, lives: Lives) -> Self {
        Self { machine, lives }
    }

    fn left(&self) -> Result<(), ExecutorError> {
        let refused = |_| ExecutorError { doing: "live".to_owned(), source: Box::new(dead()) };
        self.lives.pass(Death::AfterEffect).map_err(refused)
    }
}

impl Executor for Remote {
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError> {
        let attempt = || Attempt { order: order.clone(), looks_left: LOOKS, is_stopped: false };
        self.machine.borrow_mut().attempts.entry(order.key.clone()).or_insert_with(attempt);
        self.left()
    }

    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        let mut machine = self.machine.borrow_mut();
        let training = machine.training;
        let Some(attempt) = machine.attempts.get_mut(key) else {
            return Ok(Observed::Gone(FailureClass::Infrastructure));
        };
        if attempt.looks_left > 0 && !attempt.is_stopped {
            let is_endless = attempt.order.kind == "train" && training != Training::Quick;
            attempt.looks_left -= u32::from(!is_endless);
            return Ok(Observed::Running);
        }
        let result = if attempt.is_stopped {
            Ending::Failed(StepError::cancelled())
        } else {
            Ending::Succeeded { outputs: outputs(&attempt.order) }
        };
        let at = attempt.order.logical_time;
        Ok(Observed::Ended(Box::new(Outcome {
            key: key.clone(),
            epoch: attempt.order.epoch,
            content: attempt.order.content.clone(),
            started_at: at,
            ended_at: at,
            result,
            usage: None,
        })))
    }

    fn progress(&mut self, _: &AttemptKey) -> Result<Vec<Progress>, ExecutorError> {
        Ok(Vec::new())
    }

    fn stop(&mut self, key: &AttemptKey, how: Stop) -> Result<(), ExecutorError> {
        let is_heard = how == Stop::Force || self.machine.borrow().training != Training::Deaf;
        if let Some(attempt) = self.machine.borrow_mut().attempts.get_mut(key) {
            attempt.is_stopped |= is_heard;
        }
        self.left()
    }
}

fn digest(of: &str) -> Value {
    Value::text(Digest::of(of.as_bytes()).as_str())
}

fn outputs(order: &Order) -> Record {
    let day = |day: i64| Value::Instant(Instant::from_micros(day * 86_400_000_000));
    let days = |from, to| Value::Range(Box::new((day(from), day(to))));
    let named = |fields: Vec<(&str, Value)>| -> Record {
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    };
    match order.kind.as_str() {
        "dataset" => {
            // What the plan alone knows is told: whose days, whose data, whose hours.
            let told =
                ["timezone", "scope", "calendar"].map(|name| order.inputs.get(name).cloned());
            let expected = ["America/New_York", "platform", "fx"];
            assert_eq!(told, expected.map(|value| Some(Value::text(value))));
            named(vec![
                ("digest", digest("data")),
                ("bars", Value::Int(100)),
                ("window", days(1, 9)),
                ("source", Value::text("bars")),
                ("manifest", Value::text("manifest")),
                ("train", Value::text("train")),
                ("validation", Value::text("validation")),
                ("test", Value::text("test")),
            ])
        }
        "train" => {
            let identity = order.inputs.get("identity").unwrap();
            let told = |name: &str| identity.field(name).unwrap().clone();
            let model = Value::record([
                ("id", told("id")),
                ("name", told("name")),
                ("version", told("version")),
                ("digest", digest("weights")),
                ("artifact", Value::text("folder")),
                ("dataset", digest("data")),
                ("trained_on", days(1, 8)),
            ]);
            named(vec![("model", model), ("epochs", Value::Int(1))])
        }
        "evaluate" => named(vec![
            ("accuracy", Value::measured_ratio(0.5)),
            ("majority", Value::measured_ratio(0.4)),
        ]),
        other => panic!("nobody does a `{other}`"),
    }
}
