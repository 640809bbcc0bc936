//! The world of a rehearsal, as the driver sees it.

use crate::failure::{bug, user};
use crate::model::{Models, Seat, Stopwatch};
use crate::rollout::{Beginning, Ongoing, Seats, Seen, floor};
use crate::tape::Tape;
use std::collections::BTreeMap;
use suho_domain::{Duration, Instant, ModelId};
use suho_driver::ports::ModelRow;
use suho_driver::registry::RouteRow;
use suho_driver::world::{Evidence, Look, Resumed, RolloutFacts, Traffic, WorldError};
use suho_market::Bars;

/// Most users a rehearsal may have.
const UNITS_MAX: u32 = 100_000;
/// Most requests that may arrive in a minute on average.
const REQUESTS_PER_MINUTE_MAX: u32 = 10_000;

/// What a replay plays.
#[expect(missing_debug_implementations, reason = "a stopwatch has none")]
pub struct ReplayConfig {
    /// All bars, those before the rehearsal and those held back for it, in order, after the
    /// pipeline's repairs.
    pub bars: Bars,
    /// Where the clock stands: the open time of the first held-back bar, or, in a run that is
    /// taken up again, the effective time of its last commit. Cut to the minute.
    pub at: Instant,
    /// Users that ask, 1 to 100,000.
    pub units: u32,
    /// Requests a minute on average while the market is open, up to 10,000.
    pub requests_per_minute: u32,
    /// What the requests are drawn from, beside the run's own seed.
    pub seed: String,
    /// Times the models.
    pub stopwatch: Stopwatch,
}

/// The replay of one run: its clock goes on from rollout to rollout.
#[expect(missing_debug_implementations, reason = "models have none")]
pub struct Replay {
    tape: Tape,
    now: Instant,
    units: u32,
    requests_per_minute: u32,
    seed: String,
    stopwatch: Stopwatch,
    models: Box<dyn Models>,
    /// Loaded models with their answers, kept from a canary to its ramp.
    seats: BTreeMap<ModelId, Seat>,
    route: Option<RouteRow>,
    ongoing: Option<Ongoing>,
}

impl Replay {
    /// A world that stands still until a rollout begins.
    ///
    /// # Errors
    /// When the bars are in disorder, or there are no users or too many of them or their requests.
    pub fn new(config: ReplayConfig, models: Box<dyn Models>) -> Result<Self, WorldError> {
        let ReplayConfig { bars, at, units, requests_per_minute, seed, stopwatch } = config;
        if !(1..=UNITS_MAX).contains(&units) {
            let message = format!("a replay cannot have {units} users");
            return Err(user("replay-units", message, "give `units` from 1 to 100_000"));
        }
        if requests_per_minute > REQUESTS_PER_MINUTE_MAX {
            let message = format!("a replay cannot have {requests_per_minute} requests a minute");
            return Err(user("replay-requests", message, "give at most 10_000"));
        }
        Ok(Self {
            tape: Tape::new(bars)?,
            now: floor(at),
            units,
            requests_per_minute,
            seed,
            stopwatch,
            models,
            seats: BTreeMap::new(),
            route: None,
            ongoing: None,
        })
    }

    /// Loads the rollout's models that are not loaded yet and lets go of all others.
    fn seat(&mut self, facts: &RolloutFacts) -> Result<(), WorldError> {
        let rows: Vec<&ModelRow> = [&facts.candidate].into_iter().chain(&facts.baseline).collect();
        self.seats.retain(|id, _| rows.iter().any(|row| row.id == *id));
        for row in rows {
            if !self.seats.contains_key(&row.id) {
                let seat = Seat::load(self.models.as_mut(), row)?;
                self.seats.insert(row.id.clone(), seat);
            }
        }
        Ok(())
    }

    /// Asks every model about the bars from `first` to `closed`, those not asked about before.
    fn ask(&mut self, first: usize, closed: usize) {
        for bar in first..closed {
            for seat in self.seats.values_mut() {
                seat.ask_once(bar, &self.tape, &mut self.stopwatch);
            }
        }
    }
}

/// The rollout's two models out of those loaded.
fn seats<'a>(all: &'a BTreeMap<ModelId, Seat>, ongoing: &Ongoing) -> Result<Seats<'a>, WorldError> {
    let (candidate, baseline) = ongoing.models();
    let missing = || bug("no-model", "a model of the rollout is not loaded");
    Ok(Seats {
        candidate: all.get(candidate).ok_or_else(missing)?,
        baseline: baseline.and_then(|id| all.get(id)),
    })
}

impl Traffic for Replay {
    fn route(&mut self, route: &RouteRow) -> Result<(), WorldError> {
        if self.route.as_ref().is_none_or(|current| route.generation > current.generation) {
            self.route = Some(route.clone());
        }
        Ok(())
    }
}

impl Evidence for Replay {
    fn now(&self) -> Instant {
        self.now
    }

    fn begin(
        &mut self,
        rollout: &RolloutFacts,
        resumed: Option<Resumed>,
    ) -> Result<(), WorldError> {
        let (at, rows) = match resumed {
            Some(resumed) => (floor(resumed.at), resumed.predictions),
            None => (self.now, Vec::new()),
        };
        let beginning = Beginning {
            facts: rollout,
            seed: &self.seed,
            units: self.units,
            requests_per_minute: self.requests_per_minute,
            at,
            rows: &rows,
        };
        let mut ongoing = Ongoing::new(&beginning, &self.tape)?;
        self.seat(rollout)?;
        let earliest = ongoing.earliest_bar(&self.tape);
        for seat in self.seats.values_mut() {
            seat.reaches_back(earliest)?;
            // A rollout's latencies are its own, so its first bar is asked about anew.
            seat.ask(ongoing.first_bar(), &self.tape, &mut self.stopwatch);
        }
        self.ask(earliest, self.tape.closed_by(at));
        ongoing.catch_up(at, &rows, seats(&self.seats, &ongoing)?, &self.tape)?;
        self.now = at;
        self.ongoing = Some(ongoing);
        Ok(())
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        let minute = self.now;
        if self.tape.end().is_none_or(|end| end <= minute) {
            return Ok(Look::OutOfBars);
        }
        let Some(mut ongoing) = self.ongoing.take() else {
            return Err(bug("no-rollout", "a replay was looked at before a rollout began"));
        };
        let end = minute.plus(Duration::MINUTE);
        let (before, closed) = (self.tape.closed_by(minute), self.tape.closed_by(end));
        let route = self.route.as_ref();
        let asked = seats(&self.seats, &ongoing)?;
        let predictions = ongoing.serve(minute, route, asked);
        ongoing.pass(minute, asked.candidate);
        self.ask(before, closed);
        let asked = seats(&self.seats, &ongoing)?;
        ongoing.close(before, closed, asked, &self.tape);
        let labels = ongoing.labels(before, closed, &self.tape);
        let route = self.route.as_ref();
        let is_bar_close = before < closed;
        let seen = Seen { minute, is_bar_close, route, seats: asked, predictions, labels };
        let seen = ongoing.minute(seen);
        self.now = end;
        self.ongoing = Some(ongoing);
        Ok(Look::Minute(Box::new(seen)))
    }

    fn end(&mut self) {
        self.ongoing = None;
    }
}
