//! Guardrails: what takes a candidate back at once, whatever its accuracy.

use crate::Evidence;
use serde::{Deserialize, Serialize};
use std::fmt;
use suho_domain::{Duration, Ratio};
use suho_stats::{Alpha, Proportion};

/// Requests in the window below which a rate or a percentile is not judged.
const REQUESTS_MIN: u64 = 50;
/// Requests below which Wilson's bound is not judged either: on fewer it is too sharp, and the one
/// failed request of a quiet minute would take a candidate back.
const BOUND_REQUESTS_MIN: u64 = 10;
/// Evaluations in a row that have to fail.
const STRIKES: u32 = 3;
/// Probes in a row, ten seconds apart, after which a candidate counts as down.
const PROBES_FAILED_MAX: u64 = 6;

/// What was breached.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guardrail {
    /// An answer was not finite, or no probabilities.
    NonFinite,
    /// Too many requests failed.
    ErrorRate,
    /// The 95th percentile of latency was too long.
    Latency,
    /// Probes went unanswered.
    Uptime,
    /// Nobody could see for too long.
    Blind,
}

impl fmt::Display for Guardrail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NonFinite => "non-finite output",
            Self::ErrorRate => "error rate",
            Self::Latency => "latency",
            Self::Uptime => "uptime",
            Self::Blind => "blind",
        })
    }
}

/// Limits of the built-in guardrails. `None` where a declared rule on the same metric takes the
/// place of the built-in one. Outputs that are not finite have no limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Guardrails {
    /// Largest share of failed requests.
    pub error_rate_max: Option<Ratio>,
    /// Longest 95th percentile of latency.
    pub latency_p95_max: Option<Duration>,
    /// Least share of probes answered, judged at the end; six failed in a row are judged at once.
    pub uptime_min: Option<Ratio>,
}

/// How often in a row each windowed guardrail has failed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Strikes {
    error_rate: u32,
    latency: u32,
}

impl Strikes {
    /// Takes in a minute of live traffic; what is breached, if anything.
    pub(crate) fn take(&mut self, limits: &Guardrails, seen: &Evidence) -> Option<Guardrail> {
        let window = &seen.window;
        let errors = limits.error_rate_max.and_then(|max| {
            let rate = Proportion::new(window.errors, window.requests).ok()?;
            Some((rate, max.to_f64()))
        });
        let above = errors.is_some_and(|(rate, max)| {
            window.requests >= REQUESTS_MIN && rate.share().defined() > Some(max)
        });
        self.error_rate = if above { self.error_rate.saturating_add(1) } else { 0 };
        let surely_above = errors.is_some_and(|(rate, max)| {
            window.requests >= BOUND_REQUESTS_MIN
                && rate.wilson_lower(Alpha::ONE_PERCENT).defined() > Some(max)
        });
        let slow = limits
            .latency_p95_max
            .zip(window.latency)
            .is_some_and(|(max, latency)| latency.requests >= REQUESTS_MIN && latency.p95 > max);
        self.latency = if slow { self.latency.saturating_add(1) } else { 0 };

        if self.error_rate >= STRIKES || surely_above {
            Some(Guardrail::ErrorRate)
        } else if self.latency >= STRIKES {
            Some(Guardrail::Latency)
        } else if limits.uptime_min.is_some() && seen.probes.failed_in_a_row >= PROBES_FAILED_MAX {
            Some(Guardrail::Uptime)
        } else {
            None
        }
    }
}
