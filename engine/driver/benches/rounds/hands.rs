//! The world around the loop: steps that end when they begin, steps that are processes, real time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use suho_domain::{
    AttemptKey, Digest, Duration, FailureClass, Fault, Instant, Name, Record, RunStatus, Value,
};
use suho_driver::Bell;
use suho_driver::executor::{Executor, ExecutorError, Observed, Stop};
use suho_driver::registry::RouteRow;
use suho_driver::world::{
    Clock, Evidence, Look, Observer, Resumed, RolloutFacts, RolloutLook, Sources, Traffic,
    WorldError,
};
use suho_executors::ProcessExecutor;
use suho_scheduler::Event;
use suho_step::{Ending, Order, Outcome, Progress};

pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Steps that have ended as soon as they are begun.
#[derive(Debug, Default)]
pub(crate) struct AtOnce {
    begun: BTreeMap<AttemptKey, u64>,
}

impl Executor for AtOnce {
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError> {
        self.begun.insert(order.key.clone(), order.epoch);
        Ok(())
    }

    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        let Some(epoch) = self.begun.remove(key) else {
            return Ok(Observed::Gone(FailureClass::Infrastructure));
        };
        let at = now();
        Ok(Observed::Ended(Box::new(Outcome {
            key: key.clone(),
            epoch,
            content: None,
            started_at: at,
            ended_at: at,
            result: Ending::Succeeded { outputs: Record::new() },
            usage: None,
        })))
    }

    fn ended(&mut self) -> Option<Vec<AttemptKey>> {
        Some(self.begun.keys().cloned().collect())
    }

    fn progress(&mut self, _: &AttemptKey) -> Result<Vec<Progress>, ExecutorError> {
        Ok(Vec::new())
    }

    fn stop(&mut self, _: &AttemptKey, _: Stop) -> Result<(), ExecutorError> {
        Ok(())
    }
}

/// Steps as processes of this very program.
#[derive(Debug)]
pub(crate) struct Processes {
    executor: ProcessExecutor,
    program: PathBuf,
}

impl Processes {
    pub(crate) fn at(root: &Path, bell: &Arc<Bell>) -> std::io::Result<Self> {
        let bell = Arc::clone(bell);
        let executor = ProcessExecutor::at(root, std::env::vars_os());
        let executor = executor.ringing(Arc::new(move || bell.ring()));
        Ok(Self { executor, program: std::env::current_exe()? })
    }
}

fn refused(error: suho_executors::ExecutorError) -> ExecutorError {
    ExecutorError { doing: "use a process".to_owned(), source: Box::new(error) }
}

impl Executor for Processes {
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError> {
        // What the shim calls is our own `exec`, and not the order's script.
        let order = Order { exec: None, ..order.clone() };
        self.executor.submit(&order, &self.program).map(drop).map_err(refused)
    }

    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        Ok(match self.executor.observe(key).map_err(refused)? {
            suho_executors::Observed::Running => Observed::Running,
            suho_executors::Observed::Ended(outcome) => Observed::Ended(outcome),
            suho_executors::Observed::Gone(class) => Observed::Gone(class),
        })
    }

    fn ended(&mut self) -> Option<Vec<AttemptKey>> {
        self.executor.ended()
    }

    fn progress(&mut self, _: &AttemptKey) -> Result<Vec<Progress>, ExecutorError> {
        Ok(Vec::new())
    }

    fn stop(&mut self, key: &AttemptKey, _: Stop) -> Result<(), ExecutorError> {
        self.executor.kill(key).map_err(refused)
    }
}

pub(crate) struct RealTime {
    pub(crate) bell: Arc<Bell>,
}

impl Clock for RealTime {
    fn wall(&self) -> Instant {
        now()
    }

    fn wait(&mut self, at_most: Duration) {
        self.bell.wait(at_most);
    }

    fn is_interrupted(&self) -> bool {
        false
    }

    fn patience(&self) -> Duration {
        Duration::from_seconds(1)
    }

    fn is_asked(&mut self) -> bool {
        false
    }
}

/// A world without traffic, evidence and sources.
pub(crate) struct Away;

impl Traffic for Away {
    fn route(&mut self, _: &RouteRow) -> Result<(), WorldError> {
        Ok(())
    }
}

impl Evidence for Away {
    fn now(&self) -> Instant {
        now()
    }

    fn begin(&mut self, _: &RolloutFacts, _: Option<Resumed>) -> Result<(), WorldError> {
        Ok(())
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        Ok(Look::Idle)
    }

    fn end(&mut self) {}
}

impl Sources for Away {
    fn fingerprint(&self, _: &Value) -> Result<Digest, WorldError> {
        let (code, message) = ("none".to_owned(), "there is no source".to_owned());
        Err(WorldError { code, message, help: None, fault: Fault::User })
    }
}

/// Nobody watches.
pub(crate) struct Silent;

impl Observer for Silent {
    fn event(&mut self, _: &Event, _: Instant) {}

    fn progress(&mut self, _: &Name, _: &Progress) {}

    fn rollout(&mut self, _: &RolloutLook<'_>) {}

    fn ended(&mut self, _: RunStatus) {}
}
