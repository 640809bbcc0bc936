//! The contract of quality: what bars must be before anything learns from them.
//!
//! Each check has a policy: reject the data, warn, or repair. A repair is listed bar by bar. Prices
//! are never invented: a missing bar stays missing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use suho_time::Calendar;

use crate::bars::Bars;

mod checks;
mod report;

pub use report::{CheckResult, Example, QualityReport, Repair, Verdict};

/// One thing that bars are held to, in the order in which they are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Bars are in order of time. Repair sorts them.
    Order,
    /// No two bars open at the same time. Repair keeps the first of them.
    Duplicates,
    /// The four prices are finite numbers, the volume too where there is one. Repair drops the bar.
    Finite,
    /// The four prices are above zero, and such as anything was ever quoted at: from 1e-15 to 1e15;
    /// no volume is below zero. Repair drops the bar.
    Prices,
    /// No price lies outside low and high. Repair sets high to the largest and low to the smallest
    /// of the four prices.
    HighLow,
    /// Few bars open while the market is closed. Repair drops them, however few.
    Weekend,
    /// Few of the calendar's bars are missing, and not many in a row. There is no repair: a price
    /// that nobody quoted must not be learned from.
    Missing,
    /// Few bars have one price only, as a stalled feed gives. There is no repair.
    ZeroRange,
    /// No return is out of all proportion to those before it. There is no repair: it may be real.
    Spikes,
    /// There are enough bars to split. There is no repair.
    Rows,
}

impl Check {
    /// Every check, in the order in which they are made: repairs of one are seen by the next.
    pub const ALL: [Self; 10] = [
        Self::Order,
        Self::Duplicates,
        Self::Finite,
        Self::Prices,
        Self::HighLow,
        Self::Weekend,
        Self::Missing,
        Self::ZeroRange,
        Self::Spikes,
        Self::Rows,
    ];

    /// The name in a pipeline's `quality = { … }`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Duplicates => "duplicates",
            Self::Finite => "finite",
            Self::Prices => "prices",
            Self::HighLow => "high_low",
            Self::Weekend => "weekend",
            Self::Missing => "missing",
            Self::ZeroRange => "zero_range",
            Self::Spikes => "spikes",
            Self::Rows => "rows",
        }
    }

    /// Whether there is a repair that invents nothing.
    pub const fn is_repairable(self) -> bool {
        !matches!(self, Self::Missing | Self::ZeroRange | Self::Spikes | Self::Rows)
    }
}

/// What to do when a check finds more than its limit.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The data are not used.
    Reject,
    /// The data are put right, and what was changed is listed.
    Repair,
    /// The data are used, and people are told.
    Warn,
}

/// A name that is no check.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no quality check `{}`; the checks are {}", .0, names(Check::ALL.map(Check::name)))]
pub struct UnknownCheck(pub String);

/// A name that is no policy.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no quality policy `{0}`; the policies are `reject`, `repair` and `warn`")]
pub struct UnknownPolicy(pub String);

/// A repair that would invent data.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` cannot be repaired without inventing prices; use `reject` or `warn`")]
pub struct NotRepairable(pub Check);

fn names<const N: usize>(names: [&str; N]) -> String {
    names.map(|name| format!("`{name}`")).join(", ")
}

/// How much of each fault is borne.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Largest share of the calendar's bars that may be missing, `0..=1`.
    pub missing_share: f64,
    /// Most bars in a row that may be missing.
    pub missing_run: usize,
    /// Largest share of bars that may open while the market is closed, `0..=1`.
    pub weekend_share: f64,
    /// Largest share of bars with one price only, `0..=1`.
    pub zero_range_share: f64,
    /// A log return beyond this many standard deviations of the 100 before it is a spike.
    pub spike_sigmas: f64,
    /// Fewest bars.
    pub rows_min: usize,
}

impl Limits {
    /// 1 % missing and 24 in a row (one trading day of hours), 0.1 % in the weekend, 5 % without
    /// range, 20 standard deviations, and the 1,400 bars that the smallest split needs.
    pub const fn standard() -> Self {
        Self {
            missing_share: 0.01,
            missing_run: 24,
            weekend_share: 0.001,
            zero_range_share: 0.05,
            spike_sigmas: 20.0,
            rows_min: 1_400,
        }
    }
}

/// The contract: limits, and a policy for each check.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityRules {
    /// How much of each fault is borne.
    pub limits: Limits,
    // Invariant: no check that cannot be repaired has `Repair`.
    policies: [Policy; Check::ALL.len()],
}

impl QualityRules {
    /// Standard limits; every check rejects, but for spikes, which warn.
    pub fn standard() -> Self {
        let policy = |check| if check == Check::Spikes { Policy::Warn } else { Policy::Reject };
        Self { limits: Limits::standard(), policies: Check::ALL.map(policy) }
    }

    /// The same with another policy for `check`.
    ///
    /// # Errors
    /// When `check` is to be repaired and cannot be.
    pub fn with(mut self, check: Check, policy: Policy) -> Result<Self, NotRepairable> {
        if policy == Policy::Repair && !check.is_repairable() {
            return Err(NotRepairable(check));
        }
        let place = Check::ALL.iter().position(|of| *of == check);
        if let Some(place) = place.and_then(|place| self.policies.get_mut(place)) {
            *place = policy;
        }
        Ok(self)
    }

    /// The same with `reject` for every check that would repair.
    #[must_use]
    pub fn without_repairs(&self) -> Self {
        let policy = |policy| if policy == Policy::Repair { Policy::Reject } else { policy };
        Self { limits: self.limits, policies: self.policies.map(policy) }
    }

    /// What is done when `check` finds something.
    pub fn policy(&self, check: Check) -> Policy {
        let mut policies = Check::ALL.iter().zip(self.policies);
        policies.find(|(of, _)| **of == check).map_or(Policy::Reject, |(_, policy)| policy)
    }
}

/// Holds `bars` to `rules` under `calendar`; answers them repaired, with what was found.
///
/// Later checks see the repairs of earlier ones. The bars must not be used when the report's
/// [`is_acceptable`](QualityReport::is_acceptable) says so.
pub fn judge(bars: Bars, calendar: Calendar, rules: &QualityRules) -> (Bars, QualityReport) {
    let mut report = QualityReport { checks: Vec::new(), repaired: Vec::new() };
    let mut bars = bars;
    for check in Check::ALL {
        let finding = checks::find(check, &bars, calendar, &rules.limits);
        let policy = rules.policy(check);
        // A repair is wanted wherever there is something to repair, also within the limit.
        let is_repaired = policy == Policy::Repair && finding.found > 0;
        report.checks.push(CheckResult {
            name: check,
            policy,
            found: finding.found,
            limit: finding.limit.clone(),
            verdict: match policy {
                _ if is_repaired => Verdict::Repaired,
                _ if finding.is_within => Verdict::Pass,
                Policy::Reject | Policy::Repair => Verdict::Fail,
                Policy::Warn => Verdict::Warn,
            },
            examples: finding.examples(&bars),
        });
        if is_repaired {
            let (repaired, repairs) = checks::repair(check, bars, &finding);
            bars = repaired;
            report.repaired.extend(repairs);
        }
    }
    (bars, report)
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Check {
    type Err = UnknownCheck;

    fn from_str(name: &str) -> Result<Self, UnknownCheck> {
        let check = Self::ALL.into_iter().find(|check| check.name() == name);
        check.ok_or_else(|| UnknownCheck(name.to_owned()))
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reject => "reject",
            Self::Repair => "repair",
            Self::Warn => "warn",
        })
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, UnknownPolicy> {
        let mut policies = [Self::Reject, Self::Repair, Self::Warn].into_iter();
        let policy = policies.find(|policy| policy.to_string() == name);
        policy.ok_or_else(|| UnknownPolicy(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
