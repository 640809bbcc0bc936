//! One run, replayed from its log.

use crate::hold::Holds;
use crate::transition::{Progress, State};
use crate::{Event, HandlerEvent, Hold, Line, Outcome, RunSpec, SkipReason, StepSpec};
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
    pub(crate) holds: Holds,
    pub(crate) ended: Option<(RunStatus, Instant)>,
    pub(crate) handled: BTreeSet<HandlerEvent>,
}

impl Run {
    /// A run that nothing has happened to yet.
    pub fn new(spec: RunSpec) -> Self {
        let progress = vec![Progress::default(); spec.steps().len()];
        let (handled, holds) = (BTreeSet::new(), Holds::default());
        let (started, deadline, stop, ended) = (None, None, None, None);
        Self { spec, progress, started, deadline, stop, holds, ended, handled }
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
            (_, None) if self.is_paused() => RunStatus::Paused,
            (None, None) => RunStatus::Queued,
            (Some(_), None) => self.outlook(),
        }
    }

    /// Who holds the run, if somebody does.
    pub const fn pause(&self) -> Option<&Hold> {
        self.holds.pause.as_ref()
    }

    /// Who has stopped the line, as far as the run knows.
    pub const fn freeze(&self) -> Option<&Hold> {
        self.holds.freeze.as_ref()
    }

    /// Whether only people, or the time, can bring the run on: nothing of it is at work.
    pub fn is_parked(&self) -> bool {
        let is_at_work = |(progress, step): (&Progress, &StepSpec)| match progress.state {
            State::Running { .. } => true,
            State::Baking => !self.holds_up(step),
            State::Waiting
            | State::Backoff { .. }
            | State::Asked(_)
            | State::Unknown
            | State::Ended { .. } => false,
        };
        let at_work = self.progress.iter().zip(self.spec.steps()).any(is_at_work);
        matches!(self.status(), RunStatus::Paused | RunStatus::Waiting) && !at_work
    }

    /// Whether a rollout of `step` stands still: the run is held, or the line is stopped.
    pub fn stands_still(&self, step: &Name) -> bool {
        let place = self.spec.place(step);
        place.and_then(|place| self.spec.steps().get(place)).is_some_and(|step| self.holds_up(step))
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
        let gravest = self.progress.iter().try_fold(None, |gravest, progress| {
            progress.outcome().map(|outcome| gravest.max(Some(outcome)))
        })?;
        Some(gravest.map_or(RunStatus::Succeeded, Outcome::run_status))
    }

    /// Whether the run is held, and is not to end.
    pub(crate) const fn is_paused(&self) -> bool {
        self.holds.pause.is_some() && self.stop.is_none()
    }

    /// Whether people keep `step` from beginning, or from going on where it is a rollout.
    pub(crate) fn holds_up(&self, step: &StepSpec) -> bool {
        let is_frozen = self.holds.freeze.is_some() && step.line == Line::On;
        self.stop.is_none() && (self.holds.pause.is_some() || is_frozen)
    }

    /// How a run stands that has begun and is not over: it runs while anything in it can move by
    /// itself, else it waits for people, else nobody knows what came of a step.
    fn outlook(&self) -> RunStatus {
        let (mut is_unknown, mut is_asked) = (false, false);
        let steps = self.spec.steps().iter().zip(&self.progress).enumerate();
        for (place, (step, progress)) in steps {
            let moves = match progress.state {
                State::Running { .. } => true,
                State::Baking => !self.holds_up(step),
                State::Asked(_) => self.stop.is_some(),
                State::Waiting | State::Backoff { .. } => {
                    let may_begin = self.is_ready(place) && !self.holds_up(step);
                    self.stop.is_some() || self.obstacle(place).is_some() || may_begin
                }
                State::Unknown | State::Ended { .. } => false,
            };
            if moves {
                return RunStatus::Running;
            }
            is_unknown |= matches!(progress.state, State::Unknown);
            is_asked |= match progress.state {
                State::Asked(_) | State::Baking => true,
                State::Waiting | State::Backoff { .. } => self.is_ready(place),
                State::Running { .. } | State::Unknown | State::Ended { .. } => false,
            };
        }
        match (is_asked, is_unknown) {
            (true, _) => RunStatus::Waiting,
            (false, true) => RunStatus::Unknown,
            (false, false) => RunStatus::Running,
        }
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
            Event::Paused { by, why, at } if self.may_be_held() => {
                self.holds.pause(hold(by, why, *at))?;
            }
            Event::Frozen { by, why, at } if self.may_be_held() => {
                self.holds.freeze(hold(by, why, *at))?;
            }
            Event::Resumed { at, .. } if self.may_be_held() => {
                let stood = self.holds.resume(*at)?;
                self.deadline = self.deadline.map(|deadline| deadline.plus(stood));
            }
            Event::Thawed { at, .. } if self.may_be_held() => {
                let stood = self.holds.thaw(*at)?;
                self.deadline = self.deadline.map(|deadline| deadline.plus(stood));
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

    /// Whether people can still hold the run and let it go.
    const fn may_be_held(&self) -> bool {
        self.ended.is_none() && self.stop.is_none()
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
        // Who wants it done again wants it to go on. Whether the line is stopped now it is told anew.
        self.holds = Holds::default();
        self.ended = None;
        self.handled.clear();
        Some(())
    }
}

fn hold(by: &str, why: &str, since: Instant) -> Hold {
    Hold { by: by.to_owned(), why: why.to_owned(), since }
}
