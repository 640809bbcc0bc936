//! Where attempts run: a cluster of machines that outlives every daemon, hears badly, forgets, and
//! takes its time.

use crate::bug::Bug;
use std::collections::BTreeMap;
use suho_domain::{AttemptKey, Digest, Duration, FailureClass, Instant, Record, Value};
use suho_step::{Ending, Order, Outcome, StepError};

/// How an attempt goes, drawn when it is launched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Course {
    Well,
    Fails(FailureClass),
    /// Its node dies.
    Vanishes,
}

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    AtWork,
    Ended,
    /// Ended from outside, after it could still say so.
    Asked,
    /// Ended from outside.
    Killed,
}

/// An attempt.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) order: Order,
    pub(crate) ends_at: Instant,
    pub(crate) course: Course,
    pub(crate) standing: Standing,
    pub(crate) is_deaf: bool,
    /// Whether an engine was told that it is gone.
    pub(crate) is_given_up: bool,
    pub(crate) launches: u32,
}

impl Job {
    pub(crate) fn is_at_work(&self, now: Instant) -> bool {
        self.standing == Standing::AtWork && self.ends_at > now
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) bug: Option<Bug>,
    pub(crate) jobs: BTreeMap<AttemptKey, Job>,
    /// No job that is at work ends later: who looks for strays looks here first.
    pub(crate) busy_until: Instant,
}

impl Cluster {
    pub(crate) const fn new(bug: Option<Bug>) -> Self {
        Self { bug, jobs: BTreeMap::new(), busy_until: Instant::from_micros(0) }
    }

    /// Launches an attempt; answers whether it was new.
    pub(crate) fn launch(
        &mut self,
        order: &Order,
        at: Instant,
        job: (Duration, Course, bool),
    ) -> bool {
        let (takes, course, is_deaf) = job;
        let again = self.bug == Some(Bug::NoLaunchKey);
        if let Some(known) = self.jobs.get_mut(&order.key) {
            known.launches += u32::from(again);
            return false;
        }
        let ends_at = at.plus(takes);
        self.busy_until = self.busy_until.max(ends_at);
        let (standing, is_given_up, launches) = (Standing::AtWork, false, 1);
        let order = order.clone();
        let job = Job { order, ends_at, course, standing, is_deaf, is_given_up, launches };
        self.jobs.insert(job.order.key.clone(), job);
        true
    }

    /// What an attempt that is over says of itself; nothing where it vanished.
    pub(crate) fn said(job: &Job) -> Result<Outcome, FailureClass> {
        let result = match (job.standing, job.course) {
            (Standing::Killed, _) => return Err(FailureClass::Cancelled),
            (Standing::Asked, _) => Ending::Failed(StepError::cancelled()),
            (_, Course::Vanishes) => return Err(FailureClass::Infrastructure),
            (_, Course::Fails(class)) => {
                Ending::Failed(StepError::new(class, "storm", "the machine would not"))
            }
            (_, Course::Well) => Ending::Succeeded { outputs: outputs(&job.order) },
        };
        Ok(Outcome {
            key: job.order.key.clone(),
            epoch: job.order.epoch,
            content: job.order.content.clone(),
            started_at: job.order.logical_time,
            ended_at: job.ends_at,
            result,
            usage: None,
        })
    }
}

/// The output under which every attempt leaves its key, so that one that is taken for another shows.
pub(crate) const STAMP: &str = "stamp";

/// What a step comes to.
fn outputs(order: &Order) -> Record {
    let text = |name: &str| order.inputs.get(name).map(Value::to_string).unwrap_or_default();
    let digest = |of: &str| Value::text(Digest::of(of.as_bytes()).as_str());
    let day = |day: i64| Value::Instant(Instant::from_micros(day * 86_400_000_000));
    let days = |from, to| Value::Range(Box::new((day(from), day(to))));
    let mut outputs = Record::from([(STAMP.to_owned(), Value::text(order.key.to_string()))]);
    let mut give = |name: &str, value: Value| drop(outputs.insert(name.to_owned(), value));
    match order.kind.as_str() {
        "dataset" => {
            give("digest", digest(&text("source_digest")));
            give("bars", Value::Int(100));
            give("window", days(1, 9));
            give("source", Value::text(text("source_digest")));
            for name in ["manifest", "train", "validation", "test"] {
                give(name, Value::text(text("source_digest")));
            }
        }
        "train" => {
            let none = Value::None;
            let identity = order.inputs.get("identity").unwrap_or(&none);
            let told = |name: &str| identity.field(name).cloned().unwrap_or(Value::None);
            let model = Value::record([
                ("id", told("id")),
                ("name", told("name")),
                ("version", told("version")),
                ("digest", digest(&told("id").to_string())),
                ("artifact", Value::text("folder")),
                ("dataset", digest(&text("train"))),
                ("trained_on", days(1, 8)),
            ]);
            give("model", model);
            give("epochs", Value::Int(1));
        }
        "evaluate" => {
            // One model in eight is no good.
            let drawn = crate::chance::fate(1, &text("model")) % 8;
            give("accuracy", Value::measured_ratio(if drawn == 0 { 0.2 } else { 0.5 }));
            give("majority", Value::measured_ratio(0.4));
        }
        _ => {}
    }
    outputs
}
