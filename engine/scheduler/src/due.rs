//! What to do now, and when to ask again.

use crate::room::Free;
use crate::run::Stop;
use crate::transition::{Progress, State};
use crate::{Command, KILL_AGAIN, Run, StepSpec, Work};
use suho_domain::Instant;

impl Run {
    /// What to do at `now`, in plan order. Empty before the run began and after it is finished.
    ///
    /// A command stays due until the event that answers it is applied.
    pub fn due(&self, now: Instant) -> Vec<Command> {
        if let Some(event) = self.handler_due() {
            return vec![Command::RunHandler { event }];
        }
        if !self.is_underway() {
            return Vec::new();
        }
        if let Some(status) = self.verdict() {
            return vec![Command::End { status }];
        }
        if self.may_expire() && self.deadline.is_some_and(|deadline| deadline <= now) {
            return vec![Command::Expire];
        }
        let mut free = self.free();
        let steps = self.spec.steps().iter().zip(&self.progress).enumerate();
        let mut commands = Vec::new();
        for (place, (step, progress)) in steps {
            let command = self.due_of(place, step, progress, now);
            if matches!(command, Some(Command::Start { .. })) {
                // What is too large now lets smaller ones pass.
                match free.less(step.takes) {
                    Ok(left) => free = left,
                    Err(_) => continue,
                }
            }
            commands.extend(command);
        }
        commands
    }

    /// When [`due`](Self::due) has more to say though nothing happened: the next time limit, wait or
    /// deadline. `None` when only an event can bring the run on.
    ///
    /// Never passes without something being due.
    pub fn next_timer(&self) -> Option<Instant> {
        if !self.is_open() {
            return None;
        }
        let free = self.free();
        let steps = self.spec.steps().iter().zip(&self.progress);
        let timers = steps.filter_map(|(step, progress)| match progress.state {
            State::Running { since, killed } => kill_at(step, since, killed, self.stop),
            // Without room, or held, the wait's end changes nothing; what lets it go is an event.
            State::Backoff { until } => {
                let fits = step.work != Work::Attempt || free.less(step.takes).is_ok();
                (fits && !self.holds_up(step)).then_some(until)
            }
            State::Asked(ref asked) => asked.until,
            State::Waiting | State::Baking | State::Unknown | State::Ended { .. } => None,
        });
        timers.chain(self.deadline.filter(|_| self.may_expire())).min()
    }

    /// Whether the deadline counts: it stands still while people hold the run.
    const fn may_expire(&self) -> bool {
        self.stop.is_none() && !self.holds.is_any()
    }

    /// What is free beside the attempts at work.
    pub(crate) fn free(&self) -> Free {
        let limits = self.spec.limits();
        let slots = usize::try_from(limits.slots_max.get()).unwrap_or(usize::MAX);
        let steps = self.spec.steps().iter().zip(&self.progress);
        let running = steps.filter(|(_, progress)| matches!(progress.state, State::Running { .. }));
        running.fold(Free { slots, room: limits.room }, |free, (step, _)| Free {
            slots: free.slots.saturating_sub(1),
            room: free.room.less(step.takes).unwrap_or_default(),
        })
    }

    fn due_of(
        &self,
        place: usize,
        spec: &StepSpec,
        progress: &Progress,
        now: Instant,
    ) -> Option<Command> {
        let attempt = progress.attempt;
        // Most steps are over or wait: they are asked about every round, and cost nothing.
        let step = || spec.name.clone();
        match (&progress.state, self.stop) {
            (State::Running { since, killed }, stop) => {
                let kill_at = kill_at(spec, *since, *killed, stop);
                let is_due = kill_at.is_some_and(|at| at <= now);
                is_due.then(|| Command::Kill { step: step(), attempt })
            }
            // Only a person can tell how an unknown attempt ended; who cancels need not know.
            (State::Unknown, Some(stop @ Stop::Cancel))
            | (State::Waiting | State::Backoff { .. } | State::Asked(_), Some(stop)) => {
                Some(Command::Skip { step: step(), reason: stop.reason() })
            }
            (State::Backoff { until }, None) if *until > now => None,
            (State::Waiting | State::Backoff { .. }, None) => self.begin(place, spec, attempt),
            (State::Baking, Some(stop)) => {
                Some(Command::AbortRollout { step: step(), attempt, reason: stop.reason() })
            }
            (State::Asked(asked), None) => {
                let is_over = asked.until.is_some_and(|until| until <= now);
                is_over.then(|| Command::Lapse { step: step() })
            }
            (State::Baking, None) | (State::Unknown | State::Ended { .. }, _) => None,
        }
    }

    /// How a step whose time has come begins, if it can; or that it never can.
    fn begin(&self, place: usize, spec: &StepSpec, attempt: u32) -> Option<Command> {
        if let Some((reason, _)) = self.obstacle(place) {
            return Some(Command::Skip { step: spec.name.clone(), reason });
        }
        if !self.is_ready(place) || self.holds_up(spec) {
            return None;
        }
        let (step, attempt) = (spec.name.clone(), attempt.saturating_add(1));
        Some(match spec.work {
            Work::Attempt => Command::Start { step, attempt },
            Work::Instant => Command::Decide { step },
            Work::Rollout => Command::BeginRollout { step, attempt },
            Work::Approval => Command::Ask { step },
        })
    }
}

/// When an attempt that began at `since` is to be killed, the first time or again.
fn kill_at(
    step: &StepSpec,
    since: Instant,
    killed: Option<Instant>,
    stop: Option<Stop>,
) -> Option<Instant> {
    match (killed, stop, step.timeout) {
        (Some(killed), _, _) => Some(killed.plus(KILL_AGAIN)),
        // The run is to end: at once.
        (None, Some(_), _) => Some(since),
        (None, None, Some(timeout)) => Some(since.plus(timeout)),
        (None, None, None) => None,
    }
}
