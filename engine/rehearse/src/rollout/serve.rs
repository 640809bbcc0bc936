//! Requests of a minute, answered.

use super::{Ongoing, Seats, Stage};
use crate::ledger::{Place, Side};
use crate::model::{Outcome, Seat};
use crate::request::RequestName;
use suho_domain::Instant;
use suho_driver::ports::Prediction;
use suho_driver::registry::RouteRow;

/// One request, as it is about to be answered.
#[derive(Clone, Copy)]
struct Asked<'a> {
    name: RequestName<'a>,
    place: Place,
    time: Instant,
    unit: &'a str,
    bucket: u16,
}

impl Ongoing {
    /// Answers the requests of the minute that begins at `minute`, as `route` says.
    pub(crate) fn serve(
        &mut self,
        minute: Instant,
        route: Option<&RouteRow>,
        seats: Seats<'_>,
    ) -> Vec<Prediction> {
        let generation = route.map_or(0, |route| route.generation);
        self.ledger.enter(generation);
        if !self.is_open(minute) {
            return Vec::new();
        }
        let share = self.share(route);
        self.population.salt(&self.facts.salt);
        let mut rows = Vec::new();
        for (number, arrival) in self.arrivals.in_minute(minute).into_iter().enumerate() {
            let Some((unit, bucket)) = self.population.get(arrival.unit) else { continue };
            let deployment = &self.facts.deployment;
            let minutes = minute.since(self.began).minutes();
            let asked = Asked {
                name: RequestName { deployment, generation, minute: minutes, number },
                place: Place { minute, generation, unit: arrival.unit },
                time: arrival.time,
                unit,
                bucket,
            };
            for (side, seat) in self.answering(bucket < share.points(), seats) {
                if let Some(outcome) = seat.outcome(self.current.bar) {
                    let row = self.row(&asked, side, seat, outcome);
                    self.ledger.take(side, asked.place, &row);
                    rows.push(row);
                }
            }
        }
        rows
    }

    /// Who answers a request: in a shadow both, else the one its user's bucket falls to.
    fn answering<'a>(
        &self,
        is_on_trial: bool,
        seats: Seats<'a>,
    ) -> impl Iterator<Item = (Side, &'a Seat)> + use<'a> {
        let is_shadow = self.stage == Stage::Shadow;
        let baseline = seats.baseline.filter(|_| is_shadow || !is_on_trial);
        let candidate = (is_shadow || is_on_trial).then_some(seats.candidate);
        let baseline = baseline.map(|seat| (Side::Baseline, seat));
        baseline.into_iter().chain(candidate.map(|seat| (Side::Candidate, seat)))
    }

    /// The first request after a bar's close carries the inference; those after it are given the
    /// same answer again, which takes no time.
    fn row(&self, asked: &Asked<'_>, side: Side, seat: &Seat, outcome: &Outcome) -> Prediction {
        let cache_hit = self.ledger.has_answered(side, self.current.close);
        let arm = match (side, self.stage) {
            (Side::Baseline, _) => "baseline",
            (Side::Candidate, Stage::Shadow) => "shadow",
            (Side::Candidate, Stage::Live) => "canary",
        };
        let said = outcome.said.as_ref();
        Prediction {
            request: asked.name.to_string(),
            time: asked.time,
            event_time: self.current.close,
            unit: asked.unit.to_owned(),
            model: seat.id().clone(),
            arm: arm.to_owned(),
            served: said.is_ok() && arm != "shadow",
            bucket: asked.bucket,
            label_due_at: self.current.label_due,
            class: said.map_or(0, |said| said.class),
            probabilities: said.map_or([0.0; 3], |said| said.probabilities),
            latency_ms: if cache_hit { 0.0 } else { outcome.latency_ms },
            cache_hit,
            error: said.err().map(|silence| silence.text().to_owned()),
            actual: None,
        }
    }
}
