//! What was asked and answered in one rollout, counted.

use crate::request::RequestName;
use std::collections::{BTreeSet, VecDeque};
use suho_domain::{Duration, Instant};
use suho_driver::ports::Prediction;
use suho_rollout::{Latency, Totals, Window};
use suho_stats::{Quantile, nearest_rank};

/// Guardrails look at so much of the past.
const WINDOW: Duration = Duration::from_minutes(5);

/// Rules under `rollback` and `hold` look at the same past, but at no fewer than so many: a canary's
/// share of a quiet minute says nothing.
const LATELY_MIN: usize = 50;

/// Counts of requests. They follow from the rows alone, so those a restart reads back make up the
/// same counts as those that were made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    requests: u64,
    errors: u64,
    /// Milliseconds of the candidate's inferences that gave an answer, in ascending order.
    latencies: Latencies,
    /// Whether each of the latest requests failed.
    answers: Lately<bool>,
    /// Milliseconds of the latest inferences.
    times: Lately<f64>,
    epoch: Epoch,
    candidate: Option<Instant>,
    baseline: Option<Instant>,
}

/// What came in the last minutes, and before that what makes up the least number.
#[derive(Clone, Debug, Default)]
struct Lately<T> {
    items: VecDeque<(Instant, T)>,
}

impl<T: Copy> Lately<T> {
    fn push(&mut self, minute: Instant, item: T) {
        self.items.push_back((minute, item));
    }

    fn forget(&mut self, now: Instant) {
        let is_past = |(began, _): &(Instant, T)| now.since(*began) > WINDOW;
        while self.items.len() > LATELY_MIN && self.items.front().is_some_and(is_past) {
            self.items.pop_front();
        }
    }

    /// What came within the window that ends at `now`.
    fn since(&self, now: Instant) -> impl Iterator<Item = T> {
        let is_past = move |(began, _): &&(Instant, T)| now.since(*began) > WINDOW;
        self.items.iter().skip_while(is_past).map(|(_, item)| *item)
    }

    fn all(&self) -> Option<impl Iterator<Item = T>> {
        let is_enough = self.items.len() >= LATELY_MIN;
        is_enough.then(|| self.items.iter().map(|(_, item)| *item))
    }
}

/// The users seen while one routing table was in force.
#[derive(Clone, Debug, Default)]
struct Epoch {
    generation: u64,
    candidate: BTreeSet<u32>,
    baseline: BTreeSet<u32>,
}

/// Whose answer a row is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    /// The model on trial: `canary`, or `shadow` when nobody gets its answer.
    Candidate,
    /// The model it is compared with.
    Baseline,
}

/// Where a request stands in the rollout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// When its minute began.
    pub(crate) minute: Instant,
    /// Generation of the routing table it went by.
    pub(crate) generation: u64,
    /// Who asked, by number.
    pub(crate) unit: u32,
}

impl Place {
    /// Of a row that is read back.
    pub(crate) const fn of(name: &RequestName<'_>, began: Instant, unit: u32) -> Self {
        let minute = began.plus(Duration::from_minutes(name.minute));
        Self { minute, generation: name.generation, unit }
    }
}

impl Ledger {
    /// Takes a row in. Rows come in order of time.
    pub(crate) fn take(&mut self, side: Side, place: Place, row: &Prediction) {
        self.enter(place.generation);
        match side {
            Side::Baseline => {
                self.baseline = Some(row.event_time);
                self.epoch.baseline.insert(place.unit);
            }
            Side::Candidate => {
                self.candidate = Some(row.event_time);
                self.epoch.candidate.insert(place.unit);
                self.count(place.minute, row);
            }
        }
    }

    fn count(&mut self, minute: Instant, row: &Prediction) {
        let has_failed = row.error.is_some();
        self.requests += 1;
        self.errors += u64::from(has_failed);
        self.answers.push(minute, has_failed);
        let is_timed = !has_failed && !row.cache_hit;
        if is_timed {
            self.times.push(minute, row.latency_ms);
            self.latencies.insert(row.latency_ms);
        }
    }

    /// The routing table of `generation` is in force: users are counted anew.
    pub(crate) fn enter(&mut self, generation: u64) {
        if self.epoch.generation != generation {
            self.epoch = Epoch { generation, ..Epoch::default() };
        }
    }

    /// Whether a model's answer for the bar that closed at `event_time` was given before.
    pub(crate) fn has_answered(&self, side: Side, event_time: Instant) -> bool {
        let latest = match side {
            Side::Candidate => self.candidate,
            Side::Baseline => self.baseline,
        };
        latest == Some(event_time)
    }

    /// Forgets what lies before `now` by more than the window, down to what the rules look at.
    pub(crate) fn forget(&mut self, now: Instant) {
        self.answers.forget(now);
        self.times.forget(now);
    }

    /// Requests lately and how many of them failed; nothing before there were enough.
    pub(crate) fn lately(&self) -> Option<(u64, u64)> {
        let failed = self.answers.all()?.filter(|failed| *failed).count();
        Some((failed as u64, self.answers.items.len() as u64))
    }

    /// How long inferences took lately; nothing before there were enough.
    pub(crate) fn latencies_lately(&self) -> Option<Latencies> {
        let mut latencies = Latencies::default();
        self.times.all()?.for_each(|millis| latencies.insert(millis));
        Some(latencies)
    }

    /// The requests of the window that ends at `now`.
    pub(crate) fn window(&self, now: Instant) -> Window {
        let mut latencies = Latencies::default();
        self.times.since(now).for_each(|millis| latencies.insert(millis));
        Window {
            requests: self.answers.since(now).count() as u64,
            errors: self.answers.since(now).filter(|failed| *failed).count() as u64,
            latency: latencies.latency(),
        }
    }

    /// All requests so far. The replay mirrors on the spot, so none is dropped.
    pub(crate) fn total(&self) -> Totals {
        let latency = self.latencies.latency();
        Totals { requests: self.requests, errors: self.errors, dropped: 0, latency }
    }

    /// How long inferences took.
    pub(crate) const fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// Distinct users of the candidate and of the baseline under the table in force.
    pub(crate) fn units(&self) -> (u64, u64) {
        (self.epoch.candidate.len() as u64, self.epoch.baseline.len() as u64)
    }
}

/// Measured times in milliseconds, in ascending order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<f64>);

impl Latencies {
    fn insert(&mut self, millis: f64) {
        let at = self.0.partition_point(|known| *known <= millis);
        self.0.insert(at, millis);
    }

    /// A quantile by nearest rank; none when nothing was measured.
    pub(crate) fn quantile(&self, quantile: Quantile) -> Option<Duration> {
        nearest_rank(&self.0, quantile).defined().and_then(Duration::measured_ms)
    }

    fn latency(&self) -> Option<Latency> {
        let p95 = self.quantile(Quantile::P95)?;
        Some(Latency { p95, requests: self.0.len() as u64 })
    }
}
