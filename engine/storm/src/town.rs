//! Live traffic and what is measured of it: a minute after the other by the wall's clock, from a log
//! that outlives every engine, so that one that was away looks at what it missed.

use crate::bug::Bug;
use crate::chance::{MILLION, fate};
use crate::reach::Reach;
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use suho_domain::{BasisPoints, Duration, Fault, Instant, Value};
use suho_driver::registry::RouteRow;
use suho_driver::world::{Evidence, Look, Minute, Resumed, RolloutFacts, Traffic, WorldError};
use suho_rollout::{Block, Correct, Events, Latency, Observation, Probes, Totals, Window};

/// Time between two looks: a controller counts no longer silence.
const LOOK: Duration = Duration::from_minutes(2);
/// Between two bars.
const BAR: Duration = Duration::from_minutes(15);
/// Bars in a block: three horizons of one bar.
const BLOCK: Duration = Duration::from_minutes(45);
/// Requests between two looks.
const REQUESTS: u64 = 100;
/// A candidate that goes bad does so within this time of its rollout.
const GOES_BAD_WITHIN: Duration = Duration::from_hours(2);

/// A rollout as an engine follows it.
#[derive(Debug)]
pub(crate) struct Followed {
    facts: RolloutFacts,
    began: Instant,
    /// The end of the last minute looked at.
    at: Instant,
    /// When its candidate goes bad, if it does.
    bad_from: Option<Instant>,
}

/// See the module.
pub(crate) struct Town<'s, 'p> {
    pub(crate) reach: Reach<'s, 'p>,
    pub(crate) followed: Option<Followed>,
}

fn away(message: &str) -> WorldError {
    let message = message.to_owned();
    WorldError { code: "away".to_owned(), message, help: None, fault: Fault::World }
}

impl Traffic for Town<'_, '_> {
    fn route(&mut self, route: &RouteRow) -> Result<(), WorldError> {
        let storm = self.reach.storm;
        if !storm.touch(self.reach.who) {
            return Err(away("the daemon died"));
        }
        storm.audit_route(route);
        // It asks the store sooner or later.
        if storm.hits(storm.weather.unrouted) {
            storm.count(|tally| tally.unrouted += 1);
            return Ok(());
        }
        storm.route_to(route);
        Ok(())
    }
}

impl Evidence for Town<'_, '_> {
    fn now(&self) -> Instant {
        self.reach.storm.now()
    }

    fn begin(
        &mut self,
        rollout: &RolloutFacts,
        resumed: Option<Resumed>,
    ) -> Result<(), WorldError> {
        let storm = self.reach.storm;
        if !storm.touch(self.reach.who) {
            return Err(away("the daemon died"));
        }
        if storm.has(Bug::RouteAnew) {
            storm.plant_in_beginning(rollout);
        }
        let base = storm.base.borrow();
        let row = base.registry.rollouts.iter().find(|row| row.id == rollout.deployment);
        let began = row.map_or_else(|| storm.now(), |row| row.created_at);
        let drawn = fate(storm.config.seed, rollout.deployment.as_str());
        let is_bad = drawn % u64::from(MILLION) < storm.weather.bad.into();
        let within = u64::try_from(GOES_BAD_WITHIN.micros()).unwrap_or(1);
        let after = i64::try_from((drawn >> 20) % within).unwrap_or(0);
        let bad_from = is_bad.then(|| began.plus(Duration::from_micros(after)));
        let at = resumed.map_or(began, |resumed| resumed.at);
        self.followed = Some(Followed { facts: rollout.clone(), began, at, bad_from });
        Ok(())
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        let storm = self.reach.storm;
        let Some(followed) = &mut self.followed else {
            return Err(WorldError { fault: Fault::Bug, ..away("there is no rollout to look at") });
        };
        let next = followed.at.plus(LOOK);
        if next > storm.now() {
            return Ok(Look::Idle);
        }
        let closes = |at: Instant| at.since(followed.began).micros().div_euclid(BAR.micros());
        let is_bar_close = closes(next) > closes(followed.at);
        // Between two bars nothing can go wrong but what goes wrong anywhere.
        if is_bar_close && !storm.touch(self.reach.who) {
            return Err(away("the daemon died"));
        }
        followed.at = next;
        Ok(Look::Minute(Box::new(followed.minute(is_bar_close))))
    }

    fn end(&mut self) {
        self.followed = None;
    }
}

impl Followed {
    fn minute(&self, is_bar_close: bool) -> Minute {
        let (now, since) = (self.at, self.at.since(self.began));
        let count = |span: Duration, part: Duration| {
            u64::try_from(span.micros() / part.micros().max(1)).unwrap_or(0)
        };
        let requests = count(since, LOOK).saturating_mul(REQUESTS);
        let latency = Some(Latency { p95: Duration::from_millis(10), requests });
        let is_bad = self.bad_from.is_some_and(|from| from <= now);
        let paired = now.since(self.facts.paired_from.unwrap_or(self.began));
        let events = count(paired, BAR).saturating_sub(1);
        let block = |index| {
            let events = NonZeroU64::MIN.saturating_add(2);
            Block { index, difference: 0, events }
        };
        let compared = self.facts.baseline.is_some() && self.facts.kind != "shadow";
        let blocks = if compared { count(paired.minus(BAR), BLOCK) } else { 0 };
        let evidence = suho_rollout::Evidence {
            window: Window { requests: REQUESTS, errors: 0, latency },
            total: Totals { requests, errors: 0, dropped: 0, latency },
            probes: Probes { answered: requests, sent: requests, failed_in_a_row: 0 },
            events: Events { matured: events, due: events },
            correct: Correct { right: events, events },
            blocks: (0..blocks).map(block).collect(),
            ..suho_rollout::Evidence::default()
        };
        let failing = |share: f64| Value::measured_ratio(if is_bad { share } else { 0.0 });
        Minute {
            now,
            is_bar_close,
            observation: Observation {
                at: now,
                market: since,
                open: true,
                frozen: false,
                paused: false,
                share: BasisPoints::NONE,
                evidence: Some(evidence),
            },
            metrics: BTreeMap::from([
                ("error_rate".to_owned(), failing(0.002)),
                ("requests".to_owned(), Value::Int(i64::try_from(requests).unwrap_or(i64::MAX))),
            ]),
            recent: BTreeMap::from([("error_rate".to_owned(), failing(0.2))]),
            predictions: Vec::new(),
            labels: Vec::new(),
        }
    }
}
