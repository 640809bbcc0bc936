//! One run, replayed from its log.

use crate::transition::{Progress, State};
use crate::{Event, HandlerEvent, Outcome, RunSpec, SkipReason};
use std::collections::BTreeSet;
use suho_domain::{Duration, Fault, Instant, Name, RunStatus};

/// An event that cannot follow the events before it: a stale attempt reported, the log is corrupt,
/// or we are wrong. `Bug`, unless it was reported from outside: then it is dropped and noted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IllegalEvent {
    /// The step's state does not allow it.
    #[error("`{event}` of step `{step}` cannot follow: the step is {state}")]
    Step {
        /// The event's word.
        event: &'static str,
        /// The step.
        step: Name,
        /// How the step stands.
        state: String,
    },
    /// There is no such step.
    #[error("`{event}` is about step `{step}`, which the run has not")]
    NoStep {
        /// The event's word.
        event: &'static str,
        /// The step.
        step: Name,
    },
    /// The run's state does not allow it.
    #[error("`{event}` cannot follow: the run is `{status}`")]
    Run {
        /// The event's word.
        event: &'static str,
        /// How the run stands.
        status: RunStatus,
    },
}

impl IllegalEvent {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::Bug
    }
}

/// Why a run is to end before its steps are done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stop {
    Cancel,
    Deadline,
}

impl Stop {
    /// What it makes of a step whose turn had not come.
    pub(crate) const fn reason(self) -> SkipReason {
        match self {
            Self::Cancel => SkipReason::Cancelled,
            Self::Deadline => SkipReason::Deadline,
        }
    }
}

/// One run of one plan.
///
/// Its state is a function of the events applied to it, and of nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub(crate) spec: RunSpec,
    /// As many as there are steps, in plan order.
    pub(crate) progress: Vec<Progress>,
    pub(crate) started: Option<Instant>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) stop: Option<Stop>,
    pub(crate) ended: Option<(RunStatus, Instant)>,
    pub(crate) handled: BTreeSet<HandlerEvent>,
}

impl Run {
    /// A run that nothing has happened to yet.
    pub fn new(spec: RunSpec) -> Self {
        let progress = vec![Progress::default(); spec.steps().len()];
        let handled = BTreeSet::new();
        Self { spec, progress, started: None, deadline: None, stop: None, ended: None, handled }
    }

    /// The run that `events` made of `spec`.
    ///
    /// # Errors
    /// When an event cannot follow those before it.
    pub fn replay<'a>(
        spec: RunSpec,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Result<Self, IllegalEvent> {
        let mut run = Self::new(spec);
        events.into_iter().try_for_each(|event| run.apply(event))?;
        Ok(run)
    }

    /// Takes in one event.
    ///
    /// # Errors
    /// When `event` cannot follow the events before it; the run is then as it was.
    pub fn apply(&mut self, event: &Event) -> Result<(), IllegalEvent> {
        let taken = match event.step() {
            Some(step) => {
                let Some(place) = self.spec.place(step) else {
                    return Err(IllegalEvent::NoStep { event: event.word(), step: step.clone() });
                };
                self.apply_to_step(place, event)
            }
            None => self.apply_to_run(event),
        };
        taken.ok_or_else(|| self.illegal(event))
    }

    /// Whether the run is being ended: cancelled, or past its deadline.
    pub const fn is_stopping(&self) -> bool {
        self.stop.is_some()
    }

    /// What was asked of the run.
    pub const fn spec(&self) -> &RunSpec {
        &self.spec
    }

    /// When the run began.
    pub const fn started(&self) -> Option<Instant> {
        self.started
    }

    /// When the run ended.
    pub fn ended(&self) -> Option<Instant> {
        self.ended.map(|(_, at)| at)
    }

    /// How the run stands.
    pub fn status(&self) -> RunStatus {
        match (self.started, self.ended) {
            (_, Some((status, _))) => status,
            (None, None) => RunStatus::Queued,
            (Some(_), None) if self.is_stuck() => RunStatus::Unknown,
            (Some(_), None) => RunStatus::Running,
        }
    }

    /// Whether the run ended and its exit block, if it has one for this end, was carried out.
    pub fn is_finished(&self) -> bool {
        self.ended.is_some() && self.handler_due().is_none()
    }

    /// The exit block that is still to be carried out.
    pub(crate) fn handler_due(&self) -> Option<HandlerEvent> {
        let (status, _) = self.ended?;
        let event = HandlerEvent::of(status)?;
        let declared = self.spec.limits().handlers.contains(&event);
        (declared && !self.handled.contains(&event)).then_some(event)
    }

    /// How the run did, once every step has ended.
    pub(crate) fn verdict(&self) -> Option<RunStatus> {
        let outcomes: Option<Vec<Outcome>> = self.progress.iter().map(Progress::outcome).collect();
        let gravest = outcomes?.into_iter().max();
        Some(gravest.map_or(RunStatus::Succeeded, Outcome::run_status))
    }

    /// Whether only an operator can bring the run on.
    fn is_stuck(&self) -> bool {
        let unknown = |progress: &Progress| matches!(progress.state, State::Unknown);
        let moves = |(place, progress): (usize, &Progress)| match progress.state {
            State::Unknown | State::Ended { .. } => false,
            State::Waiting | State::Backoff { .. } => {
                self.stop.is_some() || self.obstacle(place).is_some() || self.is_ready(place)
            }
            State::Running { .. } | State::Baking => true,
        };
        self.progress.iter().any(unknown) && !self.progress.iter().enumerate().any(moves)
    }

    fn illegal(&self, event: &Event) -> IllegalEvent {
        let word = event.word();
        let place = event.step().and_then(|step| self.spec.place(step));
        match (event.step(), place.and_then(|place| self.progress.get(place))) {
            (Some(step), Some(progress)) if self.is_underway() => IllegalEvent::Step {
                event: word,
                step: step.clone(),
                state: progress.state.to_string(),
            },
            _ => IllegalEvent::Run { event: word, status: self.status() },
        }
    }

    /// Whether there is something to do or to leave out: a run may be cancelled before it begins.
    pub(crate) const fn is_underway(&self) -> bool {
        self.ended.is_none() && (self.started.is_some() || self.stop.is_some())
    }

    /// Whether the run has begun and not ended.
    pub(crate) const fn is_open(&self) -> bool {
        self.started.is_some() && self.ended.is_none()
    }

    fn apply_to_run(&mut self, event: &Event) -> Option<()> {
        match event {
            Event::RunStarted { at } if self.started.is_none() && self.stop.is_none() => {
                self.started = Some(*at);
                self.deadline = self.deadline_from(*at);
            }
            // A run that is cancelled before it began ends without having begun.
            Event::CancelRequested { .. } if self.ended.is_none() && self.stop.is_none() => {
                self.stop = Some(Stop::Cancel);
            }
            Event::DeadlinePassed { .. } if self.is_open() && self.stop.is_none() => {
                self.stop = Some(Stop::Deadline);
            }
            Event::DeadlineMoved { by, .. } if self.is_open() && *by >= Duration::ZERO => {
                self.deadline = self.deadline.map(|deadline| deadline.plus(*by));
            }
            Event::RunEnded { status, at }
                if self.is_underway() && self.verdict() == Some(*status) =>
            {
                self.ended = Some((*status, *at));
            }
            Event::HandlerRan { event, .. } if self.handler_due() == Some(*event) => {
                self.handled.insert(*event);
            }
            Event::RetryRequested { from, at } if self.may_retry() => {
                self.reopen(from.as_ref(), *at)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn deadline_from(&self, at: Instant) -> Option<Instant> {
        self.spec.limits().deadline.map(|deadline| at.plus(deadline))
    }

    /// Whether there is something to do again, and nothing still at work.
    pub fn may_retry(&self) -> bool {
        match self.status() {
            RunStatus::Failed
            | RunStatus::Cancelled
            | RunStatus::Rejected
            | RunStatus::Inconclusive => self.is_finished(),
            RunStatus::Unknown => true,
            // A version that was rolled back never sees traffic from the same run again.
            RunStatus::RolledBack
            | RunStatus::Succeeded
            | RunStatus::Queued
            | RunStatus::Running
            | RunStatus::Waiting
            | RunStatus::Paused => false,
        }
    }

    /// Sets back what did not succeed, and `from` with all that follows it.
    fn reopen(&mut self, from: Option<&Name>, at: Instant) -> Option<()> {
        let mut again: BTreeSet<usize> = BTreeSet::new();
        if let Some(name) = from {
            again.insert(self.spec.place(name)?);
        }
        for (place, progress) in self.progress.iter_mut().enumerate() {
            let done = progress.outcome().is_some_and(Outcome::is_done);
            let follows = self.spec.needs(place).iter().any(|need| again.contains(need));
            if !done || follows || again.contains(&place) {
                progress.reopen();
                again.insert(place);
            }
        }
        self.deadline = self.deadline_from(at);
        self.stop = None;
        self.ended = None;
        self.handled.clear();
        Some(())
    }
}
