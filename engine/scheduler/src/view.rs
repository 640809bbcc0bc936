//! How a run's steps stand, for those who show or store it.

use crate::transition::{Progress, State};
use crate::{Asked, Hold, Lack, Outcome, Run, StepSpec, Work};
use suho_domain::{Instant, Name, Record, StepStatus};

/// How one step stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepView<'a> {
    /// What was asked.
    pub spec: &'a StepSpec,
    /// The word that lists show.
    pub status: StepStatus,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// The latest attempt's number; 0 before the first.
    pub attempt: u32,
    /// When its first attempt began, since it was last opened.
    pub started: Option<Instant>,
    /// When the attempt now at work began.
    pub running_since: Option<Instant>,
    /// What it waits for, though all it needs is there.
    pub lacks: Option<Lack>,
    /// What it asks people.
    pub asked: Option<&'a Asked>,
    /// Who keeps it from beginning, or from going on, though all it needs is there.
    pub held: Option<&'a Hold>,
    /// When the next attempt's wait is over.
    pub backoff_until: Option<Instant>,
    /// When it ended.
    pub ended: Option<Instant>,
    /// The latest failure, or why it was refused, taken back or left out.
    pub message: Option<&'a str>,
    /// What it made; empty until it ended.
    pub outputs: &'a Record,
}

impl Run {
    /// The steps in plan order.
    pub fn steps(&self) -> impl Iterator<Item = StepView<'_>> {
        let steps = self.spec.steps().iter().zip(&self.progress).enumerate();
        steps.map(|(place, (spec, progress))| self.view(place, spec, progress))
    }

    /// The attempts at work, in plan order: the step, and the attempt's number.
    pub fn at_work(&self) -> impl Iterator<Item = (&Name, u32)> {
        let steps = self.spec.steps().iter().zip(&self.progress);
        let at_work = steps.filter(|(_, progress)| matches!(progress.state, State::Running { .. }));
        at_work.map(|(step, progress)| (&step.name, progress.attempt))
    }

    /// The step named `name`.
    pub fn step(&self, name: &Name) -> Option<StepView<'_>> {
        let place = self.spec.place(name)?;
        Some(self.view(place, self.spec.steps().get(place)?, self.progress.get(place)?))
    }

    fn view<'a>(
        &'a self,
        place: usize,
        spec: &'a StepSpec,
        progress: &'a Progress,
    ) -> StepView<'a> {
        let mut view = StepView {
            spec,
            status: StepStatus::Waiting,
            outcome: progress.outcome(),
            attempt: progress.attempt,
            started: progress.started,
            running_since: None,
            lacks: None,
            asked: None,
            held: self.holder(place, spec, progress),
            backoff_until: None,
            ended: None,
            message: progress.message.as_deref(),
            outputs: &progress.outputs,
        };
        view.status = match &progress.state {
            State::Waiting if self.is_queued(place, spec) => {
                view.lacks = self.free().less(spec.takes).err();
                StepStatus::Queued
            }
            State::Waiting => StepStatus::Waiting,
            State::Running { since, .. } => {
                view.running_since = Some(*since);
                StepStatus::Running
            }
            State::Backoff { until } => {
                view.backoff_until = Some(*until);
                StepStatus::Backoff
            }
            State::Baking => StepStatus::Baking,
            State::Asked(asked) => {
                view.asked = Some(asked);
                StepStatus::Waiting
            }
            State::Unknown => StepStatus::Unknown,
            State::Ended { outcome, at } => {
                view.ended = Some(*at);
                outcome.status()
            }
        };
        view
    }

    /// Whether the step may begin and only room is missing.
    fn is_queued(&self, place: usize, spec: &StepSpec) -> bool {
        let may_begin = self.is_ready(place) && !self.holds_up(spec);
        spec.work == Work::Attempt && self.is_open() && may_begin
    }

    /// Who keeps the step from beginning, or its rollout from going on.
    fn holder(&self, place: usize, spec: &StepSpec, progress: &Progress) -> Option<&Hold> {
        let is_held = match progress.state {
            State::Waiting | State::Backoff { .. } => self.is_open() && self.is_ready(place),
            State::Baking => true,
            State::Running { .. } | State::Asked(_) | State::Unknown | State::Ended { .. } => false,
        };
        self.pause().or_else(|| self.freeze()).filter(|_| is_held && self.holds_up(spec))
    }
}
