//! What the checks found, for people and for machines.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::{Check, Policy};

/// How a check ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was found, or no more than the limit.
    Pass,
    /// More than the limit was found, and the data are used all the same.
    Warn,
    /// What was found has been put right.
    Repaired,
    /// More than the limit was found: the data must not be used.
    Fail,
}

/// One case of what a check found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Example {
    /// The row of data in the series as the check saw it, counted from 1; none for a missing bar.
    pub row: Option<usize>,
    /// Opening time of the bar.
    pub time: DateTime<Utc>,
    /// What is wrong with it.
    pub what: String,
}

/// What one check found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CheckResult {
    /// The check.
    pub name: Check,
    /// What was to be done.
    pub policy: Policy,
    /// How many bars are at fault; for `rows`, how many bars are lacking.
    pub found: usize,
    /// How many may be, in words.
    pub limit: String,
    /// How it ended.
    pub verdict: Verdict,
    /// The first few cases.
    pub examples: Vec<Example>,
}

/// One bar that was changed or dropped.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Repair {
    /// Opening time of the bar.
    pub time: DateTime<Utc>,
    /// The check that asked for it.
    pub what: Check,
    /// What stood there.
    pub before: String,
    /// What stands there now.
    pub after: String,
}

/// What all checks found, and every bar that was changed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct QualityReport {
    /// One result for each check, in the order in which they were made.
    pub checks: Vec<CheckResult>,
    /// Every changed or dropped bar, in the order of the repairs.
    pub repaired: Vec<Repair>,
}

impl QualityReport {
    /// Whether no check failed: otherwise the bars must not be used.
    pub fn is_acceptable(&self) -> bool {
        self.checks.iter().all(|check| check.verdict != Verdict::Fail)
    }

    /// The checks that ended with `verdict`.
    pub fn ended(&self, verdict: Verdict) -> impl Iterator<Item = &CheckResult> {
        self.checks.iter().filter(move |check| check.verdict == verdict)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Repaired => "repaired",
            Self::Fail => "fail",
        })
    }
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.time.to_rfc3339_opts(SecondsFormat::AutoSi, true))?;
        if let Some(row) = self.row {
            write!(f, " (row {row})")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// One line: `weekend     pass      2 found, limit 5 of 5000 bars (0.1 %)`.
impl fmt::Display for CheckResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, found, limit, verdict, .. } = self;
        write!(f, "{name:<10}  {verdict:<8}  {found} found, limit {limit}")
    }
}

/// One line: `2017-10-06T21:00:00Z weekend: open 1.17, … is dropped`.
impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time, what, before, after } = self;
        let time = time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        write!(f, "{time} {what}: {before} → {after}")
    }
}

/// One line a check, with the first cases under those that did not pass.
impl fmt::Display for QualityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{check}")?;
            if check.verdict != Verdict::Pass {
                for example in &check.examples {
                    writeln!(f, "    {example}")?;
                }
            }
        }
        Ok(())
    }
}
