//! A town that asks every other minute, over hourly bars that never end.

use crate::mortal::{Death, Lives};
use std::collections::BTreeMap;
use suho_domain::{BasisPoints, Duration, Fault, Instant, Value};
use suho_driver::ports::Prediction;
use suho_driver::registry::RouteRow;
use suho_driver::world::{Evidence, Look, Minute, Resumed, RolloutFacts, Traffic, WorldError};
use suho_rollout::{Correct, Events, Latency, Observation, Probes, Totals, Window};

/// When the first bar that is held back opens: 2020-09-14T00:00:00Z.
pub(crate) const OPENING: Instant = Instant::from_micros(1_600_041_600_000_000);
/// Time between two looks: a controller counts no longer silence.
const LOOK: Duration = Duration::from_minutes(2);
/// Time between two bars.
const BAR: Duration = Duration::from_hours(1);

/// Requests that each answer stands for: a rollout says nothing before it has seen hundreds.
const REQUESTS: u64 = 100;

/// See the module. Of a rollout under way it remembers what it is told by `begin`, no more.
pub(crate) struct Town {
    now: Instant,
    route: Option<RouteRow>,
    ongoing: Option<Ongoing>,
    lives: Lives,
    /// Whether a fifth of the latest requests fails. The total is large enough to hide it.
    has_outage: bool,
}

struct Ongoing {
    facts: RolloutFacts,
    began: Instant,
    answered: u64,
}

impl Town {
    pub(crate) fn at(now: Instant, lives: Lives, has_outage: bool) -> Self {
        Self { now, route: None, ongoing: None, lives, has_outage }
    }

    fn share(&self) -> BasisPoints {
        let on_trial = self.route.as_ref().and_then(|route| route.candidate.as_ref());
        on_trial.map_or(BasisPoints::NONE, |(_, share)| *share)
    }
}

impl Traffic for Town {
    fn route(&mut self, route: &RouteRow) -> Result<(), WorldError> {
        if self.route.as_ref().is_none_or(|old| route.generation > old.generation) {
            self.route = Some(route.clone());
        }
        self.lives.pass(Death::AfterEffect).map_err(|error| WorldError {
            code: "dead".to_owned(),
            message: error.to_string(),
            help: None,
            fault: Fault::World,
        })
    }
}

impl Evidence for Town {
    fn now(&self) -> Instant {
        self.now
    }

    fn begin(
        &mut self,
        rollout: &RolloutFacts,
        resumed: Option<Resumed>,
    ) -> Result<(), WorldError> {
        let rows = match resumed {
            Some(resumed) => {
                self.now = resumed.at;
                resumed.predictions
            }
            None => Vec::new(),
        };
        let first = rows.first().map(|row| row.time.plus(Duration::ZERO.minus(LOOK)));
        let answered = u64::try_from(rows.len()).unwrap();
        let began = first.unwrap_or(self.now);
        self.ongoing = Some(Ongoing { facts: rollout.clone(), began, answered });
        Ok(())
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        self.now = self.now.plus(LOOK);
        let (now, share) = (self.now, self.share());
        let is_bar_close = now.micros() % BAR.micros() == 0;
        let ongoing = self.ongoing.as_mut().unwrap();
        let is_shadow = ongoing.facts.kind == "shadow";
        assert!(is_shadow || share > BasisPoints::NONE || ongoing.answered == 0, "no traffic");
        let prediction = ongoing.ask(now);
        ongoing.answered += 1;
        let (requests, since) = (ongoing.answered * REQUESTS, now.since(ongoing.began));
        let paired = ongoing.facts.paired_from.unwrap_or(ongoing.began);
        let bars = u64::try_from(now.since(paired).micros() / BAR.micros()).unwrap();
        let events = bars.saturating_sub(1);
        let latency = Some(Latency { p95: Duration::from_millis(1), requests });
        let evidence = suho_rollout::Evidence {
            window: Window { requests: 1, errors: 0, latency: None },
            total: Totals { requests, errors: 0, dropped: 0, latency },
            probes: Probes { answered: requests, sent: requests, failed_in_a_row: 0 },
            events: Events { matured: events, due: events },
            correct: Correct { right: events, events },
            ..suho_rollout::Evidence::default()
        };
        let metrics = BTreeMap::from([
            ("error_rate".to_owned(), Value::measured_ratio(0.0)),
            ("requests".to_owned(), Value::Int(i64::try_from(requests).unwrap())),
        ]);
        let observation = Observation {
            at: now,
            market: since,
            open: true,
            frozen: false,
            paused: false,
            share,
            evidence: Some(evidence),
        };
        let known = now.plus(Duration::ZERO.minus(BAR));
        let labels =
            if is_bar_close && known >= ongoing.began { vec![(known, 1)] } else { Vec::new() };
        let predictions = vec![prediction];
        let failing = if self.has_outage { 0.2 } else { 0.0 };
        let recent = BTreeMap::from([("error_rate".to_owned(), Value::measured_ratio(failing))]);
        let minute =
            Minute { now, is_bar_close, observation, metrics, recent, predictions, labels };
        Ok(Look::Minute(Box::new(minute)))
    }

    fn end(&mut self) {
        self.ongoing = None;
    }
}

impl Ongoing {
    /// The request of the two minutes that end at `now`, answered by the candidate.
    fn ask(&self, now: Instant) -> Prediction {
        let into = now.micros() % BAR.micros();
        let close = Instant::from_micros(now.micros() - into);
        let is_shadow = self.facts.kind == "shadow";
        Prediction {
            request: format!("{}/{}", self.facts.deployment, now.micros()),
            time: now,
            event_time: close,
            // Which users come to the candidate hangs on the salt.
            unit: self.facts.salt.to_string(),
            model: self.facts.candidate.id.clone(),
            arm: if is_shadow { "shadow" } else { "canary" }.to_owned(),
            served: !is_shadow,
            bucket: 7,
            label_due_at: close.plus(BAR),
            class: 1,
            probabilities: [0.25, 0.25, 0.5],
            latency_ms: 1.0,
            cache_hit: false,
            error: None,
            actual: None,
        }
    }
}
