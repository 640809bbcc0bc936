//! The world of a rollout under test: a minute passes with every look, and everything measured in
//! it is what the test gives.
//!
//! An engine that was away looks at the minutes it missed one after the other, as it would from a
//! log, while the time of day stands where it is; that is why the world has a clock of its own.

use crate::fault::{Faults, Part};
use crate::given::Givens;
use crate::journal::{Book, Happening};
use crate::ledger::{Ledger, recent};
use crate::meter::{Count, Meter, Reading, Service};
use crate::pairs::{Judged, Pairs};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use suho_domain::{BasisPoints, DeploymentId, Duration, Fault, Instant, Name, Ratio, Value};
use suho_driver::registry::RouteRow;
use suho_driver::world::{Evidence, Look, Minute, Resumed, RolloutFacts, Traffic, WorldError};
use suho_rollout::{Events, Observation};
use suho_time::Calendar;

/// The code of the error that a run without an end ends with.
pub(crate) const ENDLESS: &str = "endless";

/// What a world is made of.
#[derive(Debug)]
pub(crate) struct Making<'a> {
    pub(crate) time: Time,
    pub(crate) faults: Rc<Faults>,
    pub(crate) book: Book,
    pub(crate) givens: &'a Givens,
    /// What chance is drawn from.
    pub(crate) seed: u64,
    /// Accuracies of candidate and baseline where the test says nothing of them live.
    pub(crate) usual: (Ratio, Ratio),
    /// The rollouts whose measurements are written down: those that the test asks for.
    pub(crate) watched: BTreeSet<Name>,
    /// How long each rollout is planned to take.
    pub(crate) planned: BTreeMap<Name, Duration>,
    /// When a run that has not ended is given up.
    pub(crate) until: Instant,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct World<'a> {
    making: Making<'a>,
    now: Instant,
    route: Option<RouteRow>,
    /// When each rollout began: an engine that is back asks about one that goes on.
    begun: BTreeMap<DeploymentId, Instant>,
    /// The shares in force, from when on.
    shares: Vec<(Instant, BasisPoints)>,
    /// The bars compared, kept from a canary to its ramp.
    pairs: Option<Pairs>,
    ongoing: Option<Ongoing>,
}

/// A rollout under way.
#[derive(Debug)]
struct Ongoing {
    facts: RolloutFacts,
    began: Instant,
    calendar: Calendar,
    /// Market time since it began.
    market: Duration,
    ledger: Ledger,
    judged: Judged,
    /// Whether the market was open in the last minute.
    is_open: bool,
    /// Whether the moment it began has been looked at.
    has_looked: bool,
    /// What was measured last, as it is written down.
    measured: BTreeMap<String, Value>,
}

impl Ongoing {
    fn is_shadow(&self) -> bool {
        self.facts.kind == "shadow"
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(making: Making<'a>) -> Self {
        Self {
            now: making.time.now(),
            making,
            route: None,
            begun: BTreeMap::new(),
            shares: Vec::new(),
            pairs: None,
            ongoing: None,
        }
    }

    /// The share of traffic in force at `at`; none before the first route.
    fn share_at(&self, at: Instant) -> BasisPoints {
        let in_force = self.shares.iter().rev().find(|(from, _)| *from <= at);
        in_force.map_or(BasisPoints::NONE, |(_, share)| *share)
    }

    fn reading(&self, ongoing: &Ongoing, at: Instant) -> Reading {
        let meter = Meter { givens: self.making.givens, step: &ongoing.facts.step };
        let is_down = self.making.faults.is_out(Part::Inference, at);
        let service = if is_down { Service::Down } else { Service::Up };
        meter.read(at.since(ongoing.began), service)
    }

    /// The minute that ends at `at` passes. Whether a bar closed with it.
    fn pass(&mut self, ongoing: &mut Ongoing, at: Instant) -> bool {
        let before = at.plus(Duration::ZERO.minus(Duration::MINUTE));
        let open = market_time(ongoing.calendar, before, at);
        ongoing.is_open = open > Duration::ZERO;
        if !ongoing.is_open {
            return false;
        }
        ongoing.market = ongoing.market.plus(open);
        if ongoing.is_shadow() || self.share_at(before) > BasisPoints::NONE {
            let reading = self.reading(ongoing, at);
            ongoing.ledger.pass(&reading);
        }
        let bar = ongoing.facts.candidate.slot.timeframe.duration();
        let place = |at: Instant| at.micros().div_euclid(bar.micros().max(1));
        let closes = place(at) > place(before);
        if closes {
            self.close(ongoing, at);
        }
        closes
    }

    /// A bar closes: an event, and perhaps labels of earlier ones.
    fn close(&mut self, ongoing: &mut Ongoing, at: Instant) {
        let Some(pairs) = &mut self.pairs else { return };
        let market = market_time(ongoing.calendar, pairs.began, at);
        let (candidate, baseline) = self.making.usual;
        let meter = Meter { givens: self.making.givens, step: &ongoing.facts.step };
        let measured = meter.accuracy(at.since(ongoing.began), candidate);
        let served = ongoing.facts.baseline.as_ref().map(|_| baseline);
        pairs.close(at, market, (measured, served));
        ongoing.judged = pairs.judge(market);
    }

    /// What is known at the end of the minute.
    fn minute(&self, ongoing: &Ongoing, is_bar_close: bool) -> Minute {
        let now = self.now;
        let reading = self.reading(ongoing, now);
        let share = if ongoing.is_shadow() { BasisPoints::NONE } else { self.share_at(now) };
        let is_served = ongoing.is_shadow() || share > BasisPoints::NONE;
        let counted = ongoing.judged.events;
        let events = match reading.events {
            Count::Counted => counted,
            Count::Given(events) => Events { matured: events, due: events },
            Count::Missing => Events { matured: 0, ..counted },
        };
        let evidence = suho_rollout::Evidence {
            window: ongoing.ledger.window(&reading),
            total: ongoing.ledger.totals(&reading),
            non_finite: 0,
            probes: ongoing.ledger.probes(),
            units: None,
            events,
            correct: ongoing.judged.correct,
            blocks: ongoing.judged.blocks.clone(),
            answers: Vec::new(),
        };
        let mut metrics = ongoing.ledger.metrics(&reading);
        let nothing = || Value::Undefined("no label has matured yet".to_owned());
        let accuracy = ongoing.judged.accuracy.map_or_else(nothing, Value::Ratio);
        metrics.insert("accuracy".to_owned(), accuracy);
        let matured = Value::Int(i64::try_from(events.matured).unwrap_or(i64::MAX));
        let matured = if reading.events == Count::Missing { nothing() } else { matured };
        metrics.insert("events".to_owned(), matured);
        if ongoing.facts.baseline.is_none() {
            metrics.insert("agreement".to_owned(), Value::None);
        }
        // Nobody can say how many asked: the source of measurements does not answer.
        let is_blind = reading.requests == Count::Missing;
        let observation = Observation {
            at: now,
            market: ongoing.market,
            open: ongoing.is_open,
            frozen: false,
            paused: false,
            share,
            evidence: (!is_blind).then_some(evidence),
        };
        Minute {
            now,
            is_bar_close,
            observation,
            metrics,
            recent: recent(&reading, is_served),
            predictions: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// Writes down what rules see, where that is asked for and is something new: the last minute's
    /// error rate and latency, and of the rest all since the rollout began.
    fn write_down(&self, ongoing: &mut Ongoing, minute: &Minute) {
        let step = &ongoing.facts.step;
        if !self.making.watched.contains(step) {
            return;
        }
        let mut metrics = minute.metrics.clone();
        metrics.extend(minute.recent.clone());
        if metrics != ongoing.measured {
            let (step, metrics_now) = (step.clone(), metrics.clone());
            self.making.book.note(Happening::Measured { step, metrics: metrics_now });
            ongoing.measured = metrics;
        }
    }

    /// Whether the test lets the engine die in the middle of this rollout, now: half way to its end,
    /// and half way again in each life that follows.
    fn dies(&self, ongoing: &Ongoing) -> bool {
        let (step, faults) = (&ongoing.facts.step, &self.making.faults);
        if !faults.is_marked(step) {
            return false;
        }
        let planned = self.making.planned.get(step).copied().unwrap_or(Duration::ZERO);
        let rest = planned.nanos() >> faults.life(step).min(62);
        self.now.since(ongoing.began) >= planned.minus(Duration::from_nanos(rest))
            && faults.kills_engine(step)
    }
}

/// Open time of the market between two instants.
fn market_time(calendar: Calendar, from: Instant, to: Instant) -> Duration {
    let open = calendar.market_time_between(from.to_chrono(), to.to_chrono());
    Duration::from_micros(open.num_microseconds().unwrap_or(i64::MAX))
}

fn away(code: &str, message: &str, fault: Fault) -> WorldError {
    WorldError { code: code.to_owned(), message: message.to_owned(), help: None, fault }
}

impl Traffic for World<'_> {
    fn route(&mut self, route: &RouteRow) -> Result<(), WorldError> {
        if self.route.as_ref().is_none_or(|old| route.generation > old.generation) {
            let share = route.candidate.as_ref().map_or(BasisPoints::NONE, |(_, share)| *share);
            self.shares.push((self.now(), share));
            self.route = Some(route.clone());
            self.making.book.note(Happening::Routed(route.clone()));
        }
        Ok(())
    }
}

impl Evidence for World<'_> {
    fn now(&self) -> Instant {
        if self.ongoing.is_some() { self.now } else { self.making.time.now() }
    }

    fn begin(
        &mut self,
        rollout: &RolloutFacts,
        resumed: Option<Resumed>,
    ) -> Result<(), WorldError> {
        if self.making.faults.answers(Part::Artifacts).is_err() {
            return Err(away("artifacts-out", "the models cannot be loaded", Fault::World));
        }
        let at = resumed.map_or_else(|| self.making.time.now(), |resumed| resumed.at);
        let began = *self.begun.entry(rollout.deployment.clone()).or_insert(at);
        let calendar = rollout.calendar.parse().map_err(|_| {
            let message = format!("there is no calendar `{}`", rollout.calendar);
            away("unknown-calendar", &message, Fault::Bug)
        })?;
        let window = rollout.paired_from.unwrap_or(began);
        let bar = rollout.candidate.slot.timeframe.duration();
        let fresh = || Pairs::new(window, bar, rollout.horizon, self.making.seed);
        self.pairs = match self.pairs.take() {
            _ if rollout.kind == "shadow" => None,
            Some(mut pairs) if pairs.began == window => {
                // Those of this rollout are asked about again.
                pairs.rewind(began);
                Some(pairs)
            }
            _ => Some(fresh()),
        };
        let mut ongoing = Ongoing {
            facts: rollout.clone(),
            began,
            calendar,
            market: Duration::ZERO,
            ledger: Ledger::default(),
            judged: Judged::default(),
            is_open: Calendar::is_open(calendar, began.to_chrono()),
            has_looked: false,
            measured: BTreeMap::new(),
        };
        if let Some(pairs) = &self.pairs {
            ongoing.judged = pairs.judge(market_time(calendar, window, began));
        }
        self.now = began;
        while self.now < at {
            self.now = self.now.plus(Duration::MINUTE);
            self.pass(&mut ongoing, self.now);
            ongoing.has_looked = true;
        }
        self.ongoing = Some(ongoing);
        Ok(())
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        let idle = || away("no-rollout", "there is no rollout to look at", Fault::Bug);
        let mut ongoing = self.ongoing.take().ok_or_else(idle)?;
        // The moment a rollout begins is looked at first: that is when it asks for its traffic.
        let mut closes = false;
        if std::mem::replace(&mut ongoing.has_looked, true) {
            self.now = self.now.plus(Duration::MINUTE);
            self.making.time.pass_to(self.now);
            closes = self.pass(&mut ongoing, self.now);
        }
        if self.now > self.making.until {
            return Err(away(ENDLESS, "the run does not end", Fault::User));
        }
        if self.dies(&ongoing) {
            return Err(away("crash", "the crash that the test asks for", Fault::World));
        }
        let minute = self.minute(&ongoing, closes);
        self.write_down(&mut ongoing, &minute);
        self.ongoing = Some(ongoing);
        Ok(Look::Minute(Box::new(minute)))
    }

    fn end(&mut self) {
        self.ongoing = None;
    }
}
