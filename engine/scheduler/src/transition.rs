//! A step's state, and which event leads where: one total table.

use crate::run::Stop;
use crate::{
    Asked, Effect, Event, FailureClass, LOST_MAX, Outcome, Run, SkipReason, StepSpec, Verdict, Work,
};
use std::fmt;
use suho_domain::{Instant, Record};

/// Where a step stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum State {
    /// It has not begun, or begins anew.
    #[default]
    Waiting,
    /// An attempt is at work.
    Running { since: Instant, killed: Option<Instant> },
    /// The next attempt waits for its time.
    Backoff { until: Instant },
    /// A rollout gathers evidence.
    Baking,
    /// People were asked.
    Asked(Asked),
    /// An attempt ended and nobody can tell how, and it must not be repeated.
    Unknown,
    /// It is over.
    Ended { outcome: Outcome, at: Instant },
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting"),
            Self::Running { killed: None, .. } => f.write_str("running"),
            Self::Running { killed: Some(_), .. } => f.write_str("running and told to stop"),
            Self::Backoff { until } => write!(f, "in backoff until {until}"),
            Self::Baking => f.write_str("baking"),
            Self::Asked(_) => f.write_str("waiting for an answer"),
            Self::Unknown => f.write_str("unknown"),
            Self::Ended { outcome, .. } => write!(f, "ended as {outcome:?}"),
        }
    }
}

/// What a step has been through.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Progress {
    pub(crate) state: State,
    /// The latest attempt's number; 0 before the first. Never set back, so that no key is used
    /// twice.
    pub(crate) attempt: u32,
    /// Failures that count against the step, since it was last opened.
    pub(crate) failures: u32,
    /// Attempts that ended without counting, since it was last opened.
    pub(crate) lost: u32,
    /// When its first attempt, since it was last opened, began.
    pub(crate) started: Option<Instant>,
    /// The latest failure or reason.
    pub(crate) message: Option<String>,
    pub(crate) outputs: Record,
}

impl Progress {
    pub(crate) const fn outcome(&self) -> Option<Outcome> {
        if let State::Ended { outcome, .. } = self.state { Some(outcome) } else { None }
    }

    /// As if the step had not begun, but for the numbers of its attempts.
    pub(crate) fn reopen(&mut self) {
        *self = Self { attempt: self.attempt, ..Self::default() };
    }

    fn begin(&mut self, state: State, at: Instant) {
        self.attempt = self.attempt.saturating_add(1);
        self.started.get_or_insert(at);
        self.state = state;
    }

    fn end(&mut self, outcome: Outcome, at: Instant) {
        self.started.get_or_insert(at);
        self.state = State::Ended { outcome, at };
    }

    fn end_with(&mut self, outcome: Outcome, outputs: &Record, at: Instant) {
        self.outputs.clone_from(outputs);
        self.end(outcome, at);
    }
}

/// What one step's transition may look at.
struct Surroundings<'a> {
    spec: &'a StepSpec,
    seed: u64,
    stop: Option<Stop>,
    /// Whether all it needs is there and nothing keeps it from beginning.
    ready: bool,
}

impl Run {
    /// Whether everything the step at `place` needs is there.
    pub(crate) fn is_ready(&self, place: usize) -> bool {
        self.spec.needs(place).iter().all(|need| {
            let outcome = self.progress.get(*need).and_then(Progress::outcome);
            outcome.is_some_and(|outcome| self.suffices(place, *need, outcome))
        })
    }

    /// Why the step at `place` can never begin: the need that ended in the gravest way.
    pub(crate) fn obstacle(&self, place: usize) -> Option<(SkipReason, Outcome)> {
        let ends = self.spec.needs(place).iter().filter_map(|need| {
            let outcome = self.progress.get(*need)?.outcome()?;
            (!self.suffices(place, *need, outcome)).then_some((outcome, *need))
        });
        let (outcome, need) =
            ends.max_by_key(|(outcome, need)| (*outcome, std::cmp::Reverse(*need)))?;
        let reason = SkipReason::Need(self.spec.steps().get(need)?.name.clone());
        Some((reason, outcome))
    }

    /// Whether a need that ended with `outcome` is all that the step at `place` asks of it.
    fn suffices(&self, place: usize, need: usize, outcome: Outcome) -> bool {
        let optional = || match (self.spec.steps().get(place), self.spec.steps().get(need)) {
            (Some(step), Some(need)) => step.optional.contains(&need.name),
            _ => false,
        };
        outcome.is_done() || (outcome == Outcome::SkippedByCondition && optional())
    }

    /// Takes in an event of the step at `place`; `None` when it cannot follow.
    pub(crate) fn apply_to_step(&mut self, place: usize, event: &Event) -> Option<()> {
        let may_begin = self.is_open() && self.stop.is_none();
        let around = Surroundings {
            spec: self.spec.steps().get(place)?,
            seed: self.spec.limits().seed,
            stop: self.stop,
            ready: may_begin && self.is_ready(place),
        };
        let next = match event {
            Event::StepSkipped { reason, at, .. } if self.is_underway() => {
                let outcome = self.skipped(place, reason)?;
                let mut next = self.progress.get(place)?.clone();
                next.message = Some(reason.to_string());
                next.state = State::Ended { outcome, at: *at };
                next
            }
            _ if self.is_underway() => self.progress.get(place)?.after(event, &around)?,
            _ => return None,
        };
        *self.progress.get_mut(place)? = next;
        Some(())
    }

    /// The outcome of leaving out the step at `place` for `reason`; `None` when it does not hold.
    fn skipped(&self, place: usize, reason: &SkipReason) -> Option<Outcome> {
        match self.progress.get(place)?.state {
            State::Waiting | State::Backoff { .. } => {}
            State::Asked(_) if self.stop.is_some() => {}
            State::Unknown if *reason == SkipReason::Cancelled => {}
            _ => return None,
        }
        match (reason, self.stop) {
            (SkipReason::Condition, None) if self.is_ready(place) => {
                Some(Outcome::SkippedByCondition)
            }
            (SkipReason::Need(_), None) => {
                let (obstacle, outcome) = self.obstacle(place)?;
                // What follows a step that was left out on purpose is left out on purpose, too.
                let by_condition = outcome == Outcome::SkippedByCondition;
                let skipped =
                    if by_condition { Outcome::SkippedByCondition } else { Outcome::Skipped };
                (obstacle == *reason).then_some(skipped)
            }
            (SkipReason::Cancelled, Some(Stop::Cancel)) => Some(Outcome::Cancelled),
            (SkipReason::Deadline, Some(Stop::Deadline)) => Some(Outcome::Skipped),
            _ => None,
        }
    }
}

impl Progress {
    /// The step after `event`; `None` when the event cannot follow.
    fn after(&self, event: &Event, around: &Surroundings<'_>) -> Option<Self> {
        match self.state {
            State::Waiting | State::Backoff { .. } if around.ready => self.begun(event, around),
            State::Running { .. } => self.worked(event, around),
            State::Unknown => self.found(event, around),
            State::Baking => self.baked(event, around),
            State::Asked(_) if around.stop.is_none() => self.answered(event),
            State::Asked(_) | State::Waiting | State::Backoff { .. } | State::Ended { .. } => None,
        }
    }

    /// From waiting, when everything it needs is there.
    fn begun(&self, event: &Event, around: &Surroundings<'_>) -> Option<Self> {
        let mut next = self.clone();
        let next_attempt = self.attempt.saturating_add(1);
        match (around.spec.work, event) {
            (Work::Attempt | Work::Instant, Event::StepCached { outputs, at, .. }) => {
                next.end_with(Outcome::Cached, outputs, *at);
            }
            (Work::Attempt, Event::AttemptStarted { attempt, at, .. })
                if *attempt == next_attempt =>
            {
                next.begin(State::Running { since: *at, killed: None }, *at);
            }
            (Work::Instant, Event::StepDecided { outputs, at, .. }) => {
                next.end_with(Outcome::Succeeded, outputs, *at);
            }
            (Work::Instant, Event::StepRejected { reason, outputs, at, .. }) => {
                next.message = Some(reason.clone());
                next.end_with(Outcome::Rejected, outputs, *at);
            }
            (Work::Approval, Event::ApprovalAsked { of, until, at, .. }) => {
                let asked = Asked { of: of.clone(), since: *at, until: *until };
                next.begin(State::Asked(asked), *at);
            }
            (
                Work::Instant | Work::Rollout | Work::Approval,
                Event::StepFailed { class, message, at, .. },
            ) => {
                next.begin(State::Waiting, *at);
                next.fail(*class, message, *at, around);
            }
            (Work::Rollout, Event::RolloutStarted { attempt, at, .. })
                if *attempt == next_attempt =>
            {
                next.begin(State::Baking, *at);
            }
            _ => return None,
        }
        Some(next)
    }

    /// From an attempt at work. What an attempt that is not the current one reports is refused.
    fn worked(&self, event: &Event, around: &Surroundings<'_>) -> Option<Self> {
        let mut next = self.clone();
        match event {
            Event::KillSent { attempt, at, .. } if *attempt == self.attempt => {
                if let State::Running { killed, .. } = &mut next.state {
                    *killed = Some(*at);
                }
            }
            Event::AttemptLost { attempt, at, .. } if *attempt == self.attempt => {
                next.lose(*at, around);
            }
            // It may have done its work before it was stopped, and that cannot be repeated.
            Event::AttemptFailed { attempt, class, message, .. }
                if *attempt == self.attempt
                    && around.spec.effect == Effect::Once
                    && *class != FailureClass::User =>
            {
                next.message = Some(format!("{class}: {message}"));
                next.state = State::Unknown;
            }
            _ => return self.found(event, around),
        }
        Some(next)
    }

    /// From an attempt whose end becomes known.
    fn found(&self, event: &Event, around: &Surroundings<'_>) -> Option<Self> {
        let mut next = self.clone();
        match event {
            Event::AttemptSucceeded { attempt, outputs, at, .. } if *attempt == self.attempt => {
                next.message = None;
                next.end_with(Outcome::Succeeded, outputs, *at);
            }
            Event::AttemptFailed { attempt, class, message, at, .. }
                if *attempt == self.attempt =>
            {
                next.fail(*class, message, *at, around);
            }
            _ => return None,
        }
        Some(next)
    }

    /// From a question to people: one of them has answered, or nobody in time.
    fn answered(&self, event: &Event) -> Option<Self> {
        let mut next = self.clone();
        match event {
            Event::StepDecided { outputs, at, .. } => {
                next.end_with(Outcome::Succeeded, outputs, *at);
            }
            Event::StepRejected { reason, outputs, at, .. } => {
                next.message = Some(reason.clone());
                next.end_with(Outcome::Rejected, outputs, *at);
            }
            _ => return None,
        }
        Some(next)
    }

    /// From a rollout that gathers evidence.
    fn baked(&self, event: &Event, around: &Surroundings<'_>) -> Option<Self> {
        let mut next = self.clone();
        match event {
            Event::RolloutEnded { attempt, verdict, outputs, at, .. }
                if *attempt == self.attempt =>
            {
                next.message = verdict.reason().map(str::to_owned);
                next.end_with(conclusion(verdict, around.stop), outputs, *at);
            }
            // A rollout that cannot go on is not begun again: live traffic has seen it.
            Event::StepFailed { class, message, at, .. } => {
                next.message = Some(format!("{class}: {message}"));
                next.end(Outcome::Failed, *at);
            }
            _ => return None,
        }
        Some(next)
    }

    /// Takes in a failure: another attempt after a while, or the end.
    fn fail(&mut self, class: FailureClass, message: &str, at: Instant, around: &Surroundings<'_>) {
        self.message = Some(format!("{class}: {message}"));
        if let Some(stop) = around.stop {
            return self.end(stopped(stop), at);
        }
        let spec = around.spec;
        let listed = spec.retry_on.contains(&class);
        let (count, again) = if class == FailureClass::Preempted && !listed {
            self.lost = self.lost.saturating_add(1);
            (self.lost, self.lost <= LOST_MAX)
        } else {
            self.failures = self.failures.saturating_add(1);
            (self.failures, listed && self.failures < spec.attempts_max.get())
        };
        if again && spec.effect == Effect::Repeatable {
            let wait = spec.backoff.wait(count, around.seed, &spec.name, self.attempt);
            self.state = State::Backoff { until: at.plus(wait) };
        } else {
            self.end(Outcome::Failed, at);
        }
    }

    /// Takes in that nobody can tell how the attempt ended.
    fn lose(&mut self, at: Instant, around: &Surroundings<'_>) {
        self.lost = self.lost.saturating_add(1);
        match (around.spec.effect, around.stop) {
            (Effect::Once, _) => {
                let message =
                    format!("attempt {} was lost and may have done its work", self.attempt);
                self.message = Some(message);
                self.state = State::Unknown;
            }
            (Effect::Repeatable, Some(stop)) => self.end(stopped(stop), at),
            (Effect::Repeatable, None) if self.lost > LOST_MAX => {
                self.message = Some(format!("infrastructure: lost {} times", self.lost));
                self.end(Outcome::Failed, at);
            }
            // At once: what was lost is the engine or a node, and the step is not to blame.
            (Effect::Repeatable, None) => self.state = State::Waiting,
        }
    }
}

/// What `verdict` makes of the rollout's step. When the run was cancelled, taking the candidate
/// back is what was asked for.
const fn conclusion(verdict: &Verdict, stop: Option<Stop>) -> Outcome {
    match (verdict, stop) {
        (Verdict::Promoted, _) => Outcome::Succeeded,
        (_, Some(Stop::Cancel)) => Outcome::Cancelled,
        (Verdict::RolledBack { .. }, _) => Outcome::RolledBack,
        (Verdict::Inconclusive { .. }, _) => Outcome::Inconclusive,
    }
}

/// What becomes of an attempt that did not succeed while its run was being ended.
const fn stopped(stop: Stop) -> Outcome {
    match stop {
        Stop::Cancel => Outcome::Cancelled,
        Stop::Deadline => Outcome::Failed,
    }
}
