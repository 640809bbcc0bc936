//! The machine of a simulated world: attempts end when they begin, with what the test gives. One
//! that the test lets crash is gone without a word.

use crate::fault::{Faults, Part};
use crate::outputs::Outputs;
use std::collections::BTreeMap;
use std::rc::Rc;
use suho_domain::{AttemptKey, FailureClass};
use suho_driver::executor::{Executor, ExecutorError, Observed, Stop};
use suho_step::{Ending, Order, Outcome, Progress, StepError};

/// Attempts by their keys.
pub(crate) struct Machine<'a> {
    pub(crate) outputs: Outputs<'a>,
    faults: Rc<Faults>,
    orders: BTreeMap<AttemptKey, Order>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(outputs: Outputs<'a>, faults: &Rc<Faults>) -> Self {
        Self { outputs, faults: Rc::clone(faults), orders: BTreeMap::new() }
    }

    fn reach(&self, doing: &str) -> Result<(), ExecutorError> {
        let refused =
            |silence| ExecutorError { doing: doing.to_owned(), source: Box::new(silence) };
        self.faults.answers(Part::Executor).map_err(refused)
    }

    fn ending(&self, order: &Order) -> Ending {
        if self.faults.answers(Part::Artifacts).is_err() {
            let message = "the artifact store does not answer";
            return Ending::Failed(StepError::infrastructure("artifacts-out", message));
        }
        match self.outputs.plan.node(order.key.step.as_str()) {
            Some(node) => {
                Ending::Succeeded { outputs: self.outputs.of(node, order.inputs.get("identity")) }
            }
            None => Ending::Failed(StepError::bug("no-step", "the plan has no such step")),
        }
    }
}

impl Executor for Machine<'_> {
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError> {
        self.reach("start an attempt")?;
        self.orders.entry(order.key.clone()).or_insert_with(|| order.clone());
        Ok(())
    }

    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        self.reach("look at an attempt")?;
        let Some(order) = self.orders.get(key) else {
            return Ok(Observed::Gone(FailureClass::Infrastructure));
        };
        if self.faults.kills(&key.step, key.attempt) {
            return Ok(Observed::Gone(FailureClass::Infrastructure));
        }
        Ok(Observed::Ended(Box::new(Outcome {
            key: key.clone(),
            epoch: order.epoch,
            content: order.content.clone(),
            started_at: order.logical_time,
            ended_at: order.logical_time,
            result: self.ending(order),
            usage: None,
        })))
    }

    fn progress(&mut self, _: &AttemptKey) -> Result<Vec<Progress>, ExecutorError> {
        Ok(Vec::new())
    }

    fn stop(&mut self, _: &AttemptKey, _: Stop) -> Result<(), ExecutorError> {
        Ok(())
    }
}
