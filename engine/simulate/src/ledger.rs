//! What has been measured of a rollout since it began, minute by minute.
//!
//! Shares are decimals, so that what is measured at a limit is at the limit.

use crate::healthy::LATENCIES;
use crate::meter::{Count, Reading};
use std::collections::BTreeMap;
use suho_domain::units::Decimal;
use suho_domain::{Duration, Ratio, Value};
use suho_rollout::{Latency, Probes, Totals, Window};

/// Requests of the candidate a minute: enough for every guardrail, and a thousandth is one.
const REQUESTS_PER_MINUTE: u64 = 1_000;
/// Uptime probes a minute: so many that a hundredth of a percent of them is a whole number.
const PROBES_PER_MINUTE: u64 = 10_000;
/// What a minute without any answer counts among the probes that failed in a row: one every ten
/// seconds.
const PROBES_IN_A_ROW: u64 = 6;
/// Minutes that guardrails look back.
const WINDOW_MINUTES: u64 = 5;

/// Counts since a rollout began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// Minutes in which requests were answered, and so many of them it was measured how.
    minutes: u64,
    measured: u64,
    /// The sum of the minutes' error rates.
    errors: Decimal,
    /// Minutes by what each part of the latency was, in nanoseconds.
    latencies: [BTreeMap<i64, u64>; LATENCIES.len()],
    probed: u64,
    answered: Decimal,
    failed_in_a_row: u64,
    compared: u64,
    alike: Decimal,
}

impl Ledger {
    /// A minute passes in which the candidate is asked, and probed.
    pub(crate) fn pass(&mut self, reading: &Reading) {
        self.minutes += 1;
        if let Some(rate) = reading.error_rate {
            self.measured += 1;
            self.errors = self.errors.saturating_add(rate.number());
        }
        for (times, part) in self.latencies.iter_mut().zip(reading.latency) {
            if let Some(part) = part {
                *times.entry(part.nanos()).or_default() += 1;
            }
        }
        if let Some(uptime) = reading.uptime {
            self.probed += 1;
            self.answered = self.answered.saturating_add(uptime.number());
            self.failed_in_a_row = if uptime.number().is_zero() {
                self.failed_in_a_row.saturating_add(PROBES_IN_A_ROW)
            } else {
                0
            };
        }
        if let Some(agreement) = reading.agreement {
            self.compared += 1;
            self.alike = self.alike.saturating_add(agreement.number());
        }
    }

    /// Requests so far.
    pub(crate) fn requests(&self, reading: &Reading) -> u64 {
        match reading.requests {
            Count::Given(requests) => requests,
            Count::Counted | Count::Missing => self.minutes.saturating_mul(REQUESTS_PER_MINUTE),
        }
    }

    /// Everything so far, as a controller counts it.
    pub(crate) fn totals(&self, reading: &Reading) -> Totals {
        let requests = self.requests(reading);
        let errors = self.error_rate().map_or(0, |rate| whole(rate, requests));
        let latency = self.quantile("p95").map(|p95| Latency { p95, requests });
        Totals { requests, errors, dropped: 0, latency }
    }

    /// The last minutes, as guardrails count them. Nothing where nobody was asked, or nobody can say
    /// how it went.
    pub(crate) fn window(&self, reading: &Reading) -> Window {
        let (Some(rate), 1..) = (reading.error_rate, self.minutes) else {
            return Window::default();
        };
        let most = self.minutes.min(WINDOW_MINUTES).saturating_mul(REQUESTS_PER_MINUTE);
        let requests = match reading.requests {
            Count::Given(requests) => requests.min(most),
            Count::Counted | Count::Missing => most,
        };
        let p95 = LATENCIES.iter().zip(reading.latency).find(|(part, _)| **part == "p95");
        let latency = p95.and_then(|(_, p95)| Some(Latency { p95: p95?, requests }));
        Window { requests, errors: whole(rate, requests), latency }
    }

    pub(crate) fn probes(&self) -> Probes {
        let sent = self.probed.saturating_mul(PROBES_PER_MINUTE);
        let answered = mean(self.answered, self.probed).map_or(0, |share| whole(share, sent));
        Probes { answered, sent, failed_in_a_row: self.failed_in_a_row }
    }

    fn error_rate(&self) -> Option<Ratio> {
        mean(self.errors, self.measured)
    }

    /// A quantile of all answers: each minute's counts as often as it had answers.
    fn quantile(&self, part: &str) -> Option<Duration> {
        let (_, times) = LATENCIES.iter().zip(&self.latencies).find(|(name, _)| **name == part)?;
        let all: u64 = times.values().sum();
        let hundredths = match part {
            "p50" => 50,
            "p90" => 90,
            "p95" => 95,
            "p99" => 99,
            _ => 100,
        };
        let rank = all.saturating_mul(hundredths).div_ceil(100);
        let mut seen = 0;
        let reached = |count: &u64| {
            seen += count;
            seen >= rank
        };
        let mut reached = reached;
        let found = times.iter().find(|(_, count)| reached(count));
        found.map(|(nanos, _)| Duration::from_nanos(*nanos))
    }

    /// What rules see of all so far, but for what is told by events.
    pub(crate) fn metrics(&self, reading: &Reading) -> BTreeMap<String, Value> {
        let share = |share: Option<Ratio>| share.map_or_else(nothing, Value::Ratio);
        let parts = LATENCIES.iter().map(|part| {
            let value = self.quantile(part).map_or_else(nothing, Value::Duration);
            (format!("latency.{part}"), value)
        });
        let requests = match reading.requests {
            Count::Missing => nothing(),
            Count::Given(_) | Count::Counted => {
                Value::Int(i64::try_from(self.requests(reading)).unwrap_or(i64::MAX))
            }
        };
        let plain = [
            ("error_rate", share(self.error_rate())),
            ("uptime", share(mean(self.answered, self.probed))),
            ("agreement", share(mean(self.alike, self.compared))),
            ("requests", requests),
        ];
        plain.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(parts).collect()
    }
}

/// What `rollback` and `hold` see in place of the totals: this minute. `is_served`: whether anybody
/// asked.
pub(crate) fn recent(reading: &Reading, is_served: bool) -> BTreeMap<String, Value> {
    let rate = reading.error_rate.filter(|_| is_served).map_or_else(nothing, Value::Ratio);
    let parts = LATENCIES.iter().zip(reading.latency).map(|(part, value)| {
        let value = value.filter(|_| is_served).map_or_else(nothing, Value::Duration);
        (format!("latency.{part}"), value)
    });
    parts.chain([("error_rate".to_owned(), rate)]).collect()
}

fn nothing() -> Value {
    Value::Undefined("nothing was measured".to_owned())
}

/// The mean of `count` shares, exact where it can be.
pub(crate) fn mean(sum: Decimal, count: u64) -> Option<Ratio> {
    sum.checked_div(count.into()).map(|mean| Ratio::new(mean.normalize()))
}

/// So many of `all` as `share` is, rounded down.
fn whole(share: Ratio, all: u64) -> u64 {
    let some = share.number().saturating_mul(all.into()).trunc();
    u64::try_from(some).unwrap_or(0).min(all)
}

#[cfg(test)]
mod tests;
