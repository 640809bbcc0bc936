//! The judgement of ticks: each becomes a run or is skipped, and is never looked at again.

use suho_domain::{Duration, Instant};
use suho_time::jitter;

use super::{
    ACTIVE_MAX, CatchUp, Choice, Decision, ON_TIME, Overlap, Progress, Schedule, ScheduleSpec,
    TICKS_MAX, TickSkip,
};

/// How ticks are taken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stance {
    /// Each on its merits.
    Open,
    /// Every one is skipped.
    Closed(TickSkip),
}

impl Schedule {
    /// Judges every tick of `spec` up to `now` that has not been judged.
    pub(super) fn judge(
        &mut self,
        spec: &ScheduleSpec,
        now: Instant,
        stance: Stance,
    ) -> Vec<Decision> {
        let mut decisions = Decisions(Vec::new());
        let first = self.judged.and_then(|judged| spec.next_after(judged));
        let last = spec.last_until(now);
        let (Some(judged), Some(first), Some(last)) = (self.judged, first, last) else {
            return decisions.0;
        };
        if first > last {
            return decisions.0;
        }
        match stance {
            Stance::Closed(skip) => decisions.skip_span(spec, first, last, skip),
            Stance::Open => {
                let recent = recent(spec, judged, last, now);
                let end = recent.first().map_or(Some(last), |(tick, _)| spec.last_before(*tick));
                if let Some(end) = end.filter(|end| first <= *end) {
                    decisions.skip_span(spec, first, end, TickSkip::CatchUp);
                }
                for (tick, keeps) in recent {
                    let choice = if keeps {
                        self.take(spec, tick, now)
                    } else {
                        Choice::Skip(TickSkip::Calendar)
                    };
                    decisions.push(tick, choice);
                }
            }
        }
        self.judged = Some(last);
        decisions.0
    }

    /// A tick that is due and is to be done, if runs before it leave room.
    fn take(&mut self, spec: &ScheduleSpec, tick: Instant, now: Instant) -> Choice {
        let room = match spec.overlap {
            Overlap::Skip => self.active.is_empty(),
            Overlap::Queue | Overlap::Allow | Overlap::Cancel => self.active.len() < ACTIVE_MAX,
        };
        if !room {
            return Choice::Skip(TickSkip::Overlap);
        }
        let from = if now.since(tick) > ON_TIME { now } else { tick };
        let spread = chrono::TimeDelta::microseconds(spec.jitter.micros());
        let delay = jitter(&self.key.to_string(), spread);
        let not_before = from.plus(Duration::from_seconds(delay.num_seconds()));
        self.active.insert(tick, Progress::Waiting { not_before });
        Choice::Run { not_before }
    }
}

/// The ticks after `judged` that are judged one by one, in order, and whether their days are kept:
/// from the newest back, until the schedule has caught up with as many as it does.
fn recent(
    spec: &ScheduleSpec,
    judged: Instant,
    last: Instant,
    now: Instant,
) -> Vec<(Instant, bool)> {
    let (reach, mut wanted) = match spec.catch_up {
        CatchUp::None => (ON_TIME, 1),
        CatchUp::Latest => (spec.window.max(ON_TIME), 1),
        CatchUp::All => (spec.window.max(ON_TIME), spec.cap.get()),
    };
    let mut ticks = Vec::new();
    let mut older = Some(last);
    for _ in 0..TICKS_MAX {
        let Some(tick) = older.filter(|tick| *tick > judged && now.since(*tick) <= reach) else {
            break;
        };
        if wanted == 0 {
            break;
        }
        let keeps = spec.keeps(tick);
        wanted -= u32::from(keeps);
        ticks.push((tick, keeps));
        older = spec.last_before(tick);
    }
    ticks.reverse();
    ticks
}

/// Decisions in order; equal skips in a row are one.
struct Decisions(Vec<Decision>);

impl Decisions {
    fn push(&mut self, tick: Instant, choice: Choice) {
        match self.0.last_mut() {
            Some(span) if span.choice == choice && matches!(choice, Choice::Skip(_)) => {
                span.last = tick;
                span.ticks = span.ticks.saturating_add(1).min(TICKS_MAX);
            }
            _ => self.0.push(Decision { first: tick, last: tick, ticks: 1, choice }),
        }
    }

    /// All ticks of `first..=last`, which are both ticks.
    fn skip_span(&mut self, spec: &ScheduleSpec, first: Instant, last: Instant, skip: TickSkip) {
        let after = |tick: &Instant| spec.next_after(*tick);
        let ticks = std::iter::successors(Some(first), after).take_while(|tick| *tick <= last);
        let counted = (0..TICKS_MAX).zip(ticks).count();
        let ticks = u32::try_from(counted).unwrap_or(TICKS_MAX);
        self.0.push(Decision { first, last, ticks, choice: Choice::Skip(skip) });
    }
}
