//! What is measured of a rollout in one moment: what the test gives, and for the rest what is
//! healthy. A measurement that is missing is none, never a zero.

use crate::given::Givens;
use crate::healthy::{self, LATENCIES};
use suho_domain::units::Decimal;
use suho_domain::{Duration, Name, Ratio, Value};

/// Reads what is measured of one rollout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter<'a> {
    pub(crate) givens: &'a Givens,
    pub(crate) step: &'a Name,
}

/// One moment's measurements.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    /// The share of requests that fail.
    pub(crate) error_rate: Option<Ratio>,
    /// Parts of the latency, in the order of [`LATENCIES`].
    pub(crate) latency: [Option<Duration>; LATENCIES.len()],
    /// The share of probes that are answered.
    pub(crate) uptime: Option<Ratio>,
    /// The share of requests that both models answer alike.
    pub(crate) agreement: Option<Ratio>,
    /// Requests so far.
    pub(crate) requests: Count,
    /// Events so far.
    pub(crate) events: Count,
}

/// A count so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Count {
    /// Nobody says: it is counted.
    Counted,
    /// So many.
    Given(u64),
    /// Nobody can say.
    Missing,
}

/// Whether requests are answered at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Service {
    Up,
    Down,
}

impl Meter<'_> {
    /// So long after the rollout began.
    pub(crate) fn read(&self, offset: Duration, service: Service) -> Reading {
        let is_down = service == Service::Down;
        let ratio = |metric: &str| match self.value(metric, offset) {
            Some(Value::Ratio(ratio)) => Some(ratio),
            _ => None,
        };
        let given = |part: &str| self.givens.part(self.step, "latency", part, offset);
        let mut parts = healthy::latencies(given).into_iter().map(|(_, value)| match value {
            Value::Duration(part) if !is_down => Some(part),
            _ => None,
        });
        let count = |metric: &str| match self.givens.live(self.step, metric, offset) {
            None => Count::Counted,
            Some(Value::Int(count)) => Count::Given(u64::try_from(count).unwrap_or(0)),
            Some(_) => Count::Missing,
        };
        Reading {
            error_rate: if is_down { Some(all()) } else { ratio("error_rate") },
            latency: LATENCIES.map(|_| parts.next().flatten()),
            uptime: if is_down { Some(Ratio::new(Decimal::ZERO)) } else { ratio("uptime") },
            agreement: ratio("agreement"),
            requests: count("requests"),
            events: count("events"),
        }
    }

    fn value(&self, metric: &str, offset: Duration) -> Option<Value> {
        self.givens.live(self.step, metric, offset).or_else(|| healthy::live(metric))
    }

    /// The candidate's accuracy on the bar that closes so long after the rollout began; `usual`
    /// where the test does not say.
    pub(crate) fn accuracy(&self, offset: Duration, usual: Ratio) -> Option<Ratio> {
        match self.givens.live(self.step, "accuracy", offset) {
            None => Some(usual),
            Some(Value::Ratio(ratio)) => Some(ratio),
            Some(_) => None,
        }
    }
}

const fn all() -> Ratio {
    healthy::percent(1, 0)
}
