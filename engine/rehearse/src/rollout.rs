//! The rollout that is going on: whom it asks, what it counts, what it shows.

mod serve;

use crate::arrival::Arrivals;
use crate::event::{Event, Window};
use crate::failure::{bug, user};
use crate::ledger::{Ledger, Place, Side};
use crate::metric::{metrics, recent_metrics};
use crate::model::{Outcome, Seat};
use crate::population::Population;
use crate::request::RequestName;
use crate::tape::Tape;
use chrono::TimeDelta;
use std::num::NonZeroU32;
use suho_domain::{BasisPoints, Duration, Instant, ModelId};
use suho_driver::ports::Prediction;
use suho_driver::registry::RouteRow;
use suho_driver::world::{Minute, RolloutFacts, WorldError};
use suho_market::LabelRule;
use suho_rollout::{Evidence, Observation, Probes, Units};
use suho_time::{Calendar, UnknownCalendar};

/// Uptime probes a minute: one every ten seconds.
const PROBES_PER_MINUTE: u64 = 6;

/// The models of a rollout, asked about every bar that has closed.
#[derive(Clone, Copy)]
pub(crate) struct Seats<'a> {
    pub(crate) candidate: &'a Seat,
    pub(crate) baseline: Option<&'a Seat>,
}

/// A rollout under way.
pub(crate) struct Ongoing {
    facts: RolloutFacts,
    stage: Stage,
    calendar: Calendar,
    rule: LabelRule,
    horizon: NonZeroU32,
    /// Start of the window whose events are compared.
    paired_from: Instant,
    began: Instant,
    /// Market time since it began.
    market: TimeDelta,
    /// The bar that had closed last when it began.
    first_bar: usize,
    /// The bar that requests are about.
    current: Current,
    arrivals: Arrivals,
    population: Population,
    ledger: Ledger,
    probes: Probes,
    window: Window,
}

/// Who gets the candidate's answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// Nobody: requests are mirrored.
    Shadow,
    /// The users whose buckets lie below its share.
    Live,
}

/// The bar that closed last: what requests are about.
#[derive(Clone, Copy, Debug)]
struct Current {
    bar: usize,
    close: Instant,
    label_due: Instant,
}

/// What a rollout begins with.
pub(crate) struct Beginning<'a> {
    pub(crate) facts: &'a RolloutFacts,
    pub(crate) seed: &'a str,
    pub(crate) units: u32,
    pub(crate) requests_per_minute: u32,
    /// Where the clock stands.
    pub(crate) at: Instant,
    /// What had been answered by then, in order of time.
    pub(crate) rows: &'a [Prediction],
}

impl Ongoing {
    /// A rollout that has seen nothing yet.
    ///
    /// # Errors
    /// When no bar has closed before it, or its facts do not fit the replay.
    pub(crate) fn new(with: &Beginning<'_>, tape: &Tape) -> Result<Self, WorldError> {
        let facts = with.facts;
        let stage = match facts.kind.as_str() {
            "shadow" => Stage::Shadow,
            "canary" | "ramp" => Stage::Live,
            other => return Err(bug("unknown-rollout", format!("`{other}` is no rollout"))),
        };
        let timeframe = facts.candidate.slot.timeframe.duration();
        if timeframe.micros() != tape.bar_micros() {
            let bar = Duration::from_micros(tape.bar_micros());
            let message = format!("the model answers `{timeframe}` bars, the replay has `{bar}`");
            return Err(bug("other-timeframe", message));
        }
        let calendar: Calendar = facts
            .calendar
            .parse()
            .map_err(|error: UnknownCalendar| bug("unknown-calendar", error.to_string()))?;
        let rule = crate::label::rule(&facts.label)?;
        let horizon = crate::label::horizon(facts.horizon, tape.bar_micros(), rule)?;
        let began = began(with);
        let first_bar = tape.closed_by(began).checked_sub(1);
        let (first_bar, close) =
            first_bar.and_then(|bar| Some((bar, tape.close(bar)?))).ok_or_else(|| {
                let message = format!("no bar has closed by {began}, when the rollout begins");
                user("too-few-bars", message, "give the source bars before those held back")
            })?;
        let label_due = label_due(close, facts.horizon, calendar);
        Ok(Self {
            stage,
            calendar,
            rule,
            horizon,
            paired_from: facts.paired_from.unwrap_or(began),
            began,
            market: TimeDelta::zero(),
            first_bar,
            current: Current { bar: first_bar, close, label_due },
            arrivals: Arrivals::new([with.seed, &facts.seed], with.units, with.requests_per_minute),
            population: Population::new(with.units),
            ledger: Ledger::default(),
            probes: Probes::default(),
            window: Window::new(horizon),
            facts: facts.clone(),
        })
    }

    /// The candidate, and what it is compared with.
    pub(crate) fn models(&self) -> (&ModelId, Option<&ModelId>) {
        (&self.facts.candidate.id, self.facts.baseline.as_ref().map(|row| &row.id))
    }

    /// The bar its first requests were about; its own inferences begin with it.
    pub(crate) const fn first_bar(&self) -> usize {
        self.first_bar
    }

    /// The first bar whose answers it needs, those of the window's events included.
    pub(crate) fn earliest_bar(&self, tape: &Tape) -> usize {
        tape.first_closing_from(self.paired_from).min(self.first_bar)
    }

    /// Brings it to where it stood `at` that time: its window, probes and clock from the tape, its
    /// counts from `rows`. Every bar closed by then has been asked about.
    ///
    /// # Errors
    /// When a row is not this rollout's.
    pub(crate) fn catch_up(
        &mut self,
        at: Instant,
        rows: &[Prediction],
        seats: Seats<'_>,
        tape: &Tape,
    ) -> Result<(), WorldError> {
        let closed = tape.closed_by(at);
        for bar in tape.first_closing_from(self.paired_from)..closed {
            self.window.push(self.event(bar, seats, tape));
        }
        let mut minute = self.began;
        while minute < at {
            self.turn_to(tape.closed_by(minute).saturating_sub(1), tape);
            self.pass(minute, seats.candidate);
            minute = minute.plus(Duration::MINUTE);
        }
        self.turn_to(closed.saturating_sub(1), tape);
        self.mature(closed, tape);
        for row in rows {
            self.restore(row)?;
        }
        self.ledger.forget(at);
        Ok(())
    }

    fn restore(&mut self, row: &Prediction) -> Result<(), WorldError> {
        let name = RequestName::read(&self.facts.deployment, &row.request);
        let (Some(name), Some(unit)) = (name, self.population.number(&row.unit)) else {
            let (request, step) = (&row.request, &self.facts.step);
            let message = format!("request `{request}` was not made by the rollout of `{step}`");
            return Err(bug("foreign-prediction", message));
        };
        let is_candidate = row.model == self.facts.candidate.id;
        let side = if is_candidate { Side::Candidate } else { Side::Baseline };
        self.ledger.take(side, Place::of(&name, self.began, unit), row);
        Ok(())
    }

    /// The minute that begins at `minute` passes: its market time counts, its probes are sent.
    pub(crate) fn pass(&mut self, minute: Instant, candidate: &Seat) {
        let passed = self.open_time(minute);
        self.market += passed;
        if passed <= TimeDelta::zero() {
            return;
        }
        let answers =
            candidate.outcome(self.current.bar).is_some_and(|outcome| outcome.said.is_ok());
        self.probes.sent += PROBES_PER_MINUTE;
        if answers {
            self.probes.answered += PROBES_PER_MINUTE;
            self.probes.failed_in_a_row = 0;
        } else {
            self.probes.failed_in_a_row += PROBES_PER_MINUTE;
        }
    }

    /// Bars from `before` to `closed` have closed, and all models have been asked about them.
    pub(crate) fn close(&mut self, before: usize, closed: usize, seats: Seats<'_>, tape: &Tape) {
        for bar in before..closed {
            self.window.push(self.event(bar, seats, tape));
            self.turn_to(bar, tape);
        }
        if before < closed {
            self.mature(closed, tape);
        }
    }

    /// The labels that became known when the bars from `before` to `closed` closed.
    pub(crate) fn labels(&self, before: usize, closed: usize, tape: &Tape) -> Vec<(Instant, i8)> {
        let horizon = self.horizon_bars();
        let labelled = |bar: usize| {
            let shown = tape.label(bar, self.rule, horizon)?;
            (before..closed).contains(&shown.by).then_some(())?;
            Some((tape.close(bar)?, shown.class))
        };
        let oldest = before.saturating_sub(horizon).max(self.first_bar);
        (oldest..closed).filter_map(labelled).collect()
    }

    /// All that is known at the end of a minute.
    pub(crate) fn minute(&mut self, seen: Seen<'_>) -> Minute {
        let Seen { minute, is_bar_close, route, seats, predictions, labels } = seen;
        let now = minute.plus(Duration::MINUTE);
        self.ledger.forget(now);
        let share = self.share(route);
        let has_baseline = seats.baseline.is_some();
        let judged = self.window.judged();
        let (candidate, baseline) = self.ledger.units();
        let is_split = is_bar_close && has_baseline && self.stage == Stage::Live;
        let evidence = Evidence {
            window: self.ledger.window(now),
            total: self.ledger.total(),
            non_finite: seats.candidate.non_finite_since(self.first_bar),
            probes: self.probes,
            units: is_split.then_some(Units { candidate, baseline, share }),
            events: self.window.events(now),
            correct: judged.correct,
            blocks: judged.blocks.clone(),
            answers: Vec::new(),
        };
        let metrics = metrics(&evidence, judged, self.ledger.latencies(), has_baseline);
        let recent = recent_metrics(&self.ledger);
        let observation = Observation {
            at: now,
            market: Duration::from_micros(self.market.num_microseconds().unwrap_or(i64::MAX)),
            open: self.is_open(minute),
            frozen: false,
            paused: false,
            share,
            evidence: Some(evidence),
        };
        Minute { now, is_bar_close, observation, metrics, recent, predictions, labels }
    }

    /// The candidate's share by `route`; none where the route speaks of another candidate.
    fn share(&self, route: Option<&RouteRow>) -> BasisPoints {
        let on_trial = route.and_then(|route| route.candidate.as_ref());
        let own = on_trial.filter(|(model, _)| *model == self.facts.candidate.id);
        own.filter(|_| self.stage == Stage::Live).map_or(BasisPoints::NONE, |(_, share)| *share)
    }

    fn is_open(&self, minute: Instant) -> bool {
        self.open_time(minute) > TimeDelta::zero()
    }

    fn open_time(&self, minute: Instant) -> TimeDelta {
        let end = minute.plus(Duration::MINUTE);
        self.calendar.market_time_between(minute.to_chrono(), end.to_chrono())
    }

    /// From here on requests are about `bar`.
    fn turn_to(&mut self, bar: usize, tape: &Tape) {
        if let Some(close) = tape.close(bar).filter(|_| bar != self.current.bar) {
            let label_due = label_due(close, self.facts.horizon, self.calendar);
            self.current = Current { bar, close, label_due };
        }
    }

    fn event(&self, bar: usize, seats: Seats<'_>, tape: &Tape) -> Event {
        let close = tape.close(bar).unwrap_or(self.paired_from);
        let (from, to) = (self.paired_from.to_chrono(), close.to_chrono());
        let offset = self.calendar.market_time_between(from, to).num_microseconds();
        let class = |seat: &Seat| seat.outcome(bar).and_then(Outcome::class);
        Event {
            bar,
            place: u64::try_from(offset.unwrap_or(0) / tape.bar_micros()).unwrap_or(0),
            due: label_due(close, self.facts.horizon, self.calendar),
            candidate: class(seats.candidate),
            baseline: seats.baseline.and_then(class),
            label: None,
        }
    }

    fn mature(&mut self, closed: usize, tape: &Tape) {
        let (rule, horizon) = (self.rule, self.horizon_bars());
        self.window.mature(closed, |bar| tape.label(bar, rule, horizon));
    }

    fn horizon_bars(&self) -> usize {
        usize::try_from(self.horizon.get()).unwrap_or(usize::MAX)
    }
}

/// What one minute brought, beside what is counted.
pub(crate) struct Seen<'a> {
    /// When it began.
    pub(crate) minute: Instant,
    /// Whether a bar closed with it.
    pub(crate) is_bar_close: bool,
    /// The routing table in force.
    pub(crate) route: Option<&'a RouteRow>,
    /// The models.
    pub(crate) seats: Seats<'a>,
    /// What was answered.
    pub(crate) predictions: Vec<Prediction>,
    /// What came true.
    pub(crate) labels: Vec<(Instant, i8)>,
}

/// When the label of the bar that closed at `close` is due: a horizon of market time later.
fn label_due(close: Instant, horizon: Duration, calendar: Calendar) -> Instant {
    let horizon = TimeDelta::microseconds(horizon.micros());
    Instant::from_chrono(calendar.add_market_time(close.to_chrono(), horizon))
}

/// When the rollout began: as its requests say, and before the first one as its facts do. A ramp's
/// facts speak of its canary, so one without a request counts from where the clock stands.
fn began(with: &Beginning<'_>) -> Instant {
    let first = with.rows.first().and_then(|row| {
        let name = RequestName::read(&with.facts.deployment, &row.request)?;
        let minute = floor(row.time);
        Some(minute.plus(Duration::ZERO.minus(Duration::from_minutes(name.minute))))
    });
    let declared = with.facts.paired_from.filter(|_| with.facts.kind != "ramp");
    floor(first.or(declared).unwrap_or(with.at))
}

/// The minute that `at` lies in.
pub(crate) fn floor(at: Instant) -> Instant {
    let into = at.micros().rem_euclid(Duration::MINUTE.micros());
    Instant::from_micros(at.micros().saturating_sub(into))
}
