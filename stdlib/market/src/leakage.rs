//! Does a model know what it must not: eighteen checks, one report.
//!
//! Each check is a function of plain facts and answers one [`Finding`]; [`scan`] makes them all of
//! the facts in an [`Evidence`]. Whatever is needed of a trained model, of a second computation of
//! the features or of the registry is handed in: nothing here trains, reads or asks. A check whose
//! facts are not known has not run, and what has not run has not passed.
//!
//! Source: workflow's leakage table (L1–L17); the limits are named where they are used.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

mod history;
mod learned;
mod origin;
mod report;
mod scaler;
mod split;
mod target;
mod transform;

pub use history::{History, l7_future_is_not_needed, l8_start_is_forgotten};
pub use learned::{
    PermutationTest, Results, ShiftTest, block_permutation, l9_delay_costs_little,
    l10_permuted_labels_teach_nothing, l13_test_is_fresh, l17_not_too_good,
};
pub use origin::{
    Arrival, Baseline, Parity, PointInTime, Tenants, l11_rows_were_known, l12_serving_agrees,
    l14_test_is_new_to_baseline, l15_tenants_are_allowed,
};
pub use report::{Evidence, Given, LeakReport, scan};
pub use scaler::{Scaler, ScalerFit, l5_scaler_is_of_train};
pub use split::{
    Gap, Parts, Rows, SampleKey, l1_parts_in_order, l2_labels_end_in_time, l3_embargo_is_kept,
    l4_keys_are_apart, l4b_rows_are_apart,
};
pub use target::{FeatureColumns, Targets, l6_target_in_features};
pub use transform::{
    Extent, Fill, Stamp, Transform, TransformKind, Window, l16_nothing_looks_ahead,
};

/// One way in which a model can have seen what it is judged by.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the numbers of the workflow's table; `title` says what each is")]
pub enum LeakCheck {
    L1,
    L2,
    L3,
    L4,
    L4b,
    L5,
    L6,
    L7,
    L8,
    L9,
    L10,
    L11,
    L12,
    L13,
    L14,
    L15,
    L16,
    L17,
}

/// What the worst answer of a check means for a gate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The check must run and pass.
    Fail,
    /// People are told; nothing is held up.
    Warn,
}

impl LeakCheck {
    /// Every check, in the order of the table.
    pub const ALL: [Self; 18] = [
        Self::L1,
        Self::L2,
        Self::L3,
        Self::L4,
        Self::L4b,
        Self::L5,
        Self::L6,
        Self::L7,
        Self::L8,
        Self::L9,
        Self::L10,
        Self::L11,
        Self::L12,
        Self::L13,
        Self::L14,
        Self::L15,
        Self::L16,
        Self::L17,
    ];

    /// Its number, as reports show it: `L4b`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::L4 => "L4",
            Self::L4b => "L4b",
            Self::L5 => "L5",
            Self::L6 => "L6",
            Self::L7 => "L7",
            Self::L8 => "L8",
            Self::L9 => "L9",
            Self::L10 => "L10",
            Self::L11 => "L11",
            Self::L12 => "L12",
            Self::L13 => "L13",
            Self::L14 => "L14",
            Self::L15 => "L15",
            Self::L16 => "L16",
            Self::L17 => "L17",
        }
    }

    /// What is so when the check passes.
    pub const fn title(self) -> &'static str {
        match self {
            Self::L1 => "the parts of the split follow each other in time",
            Self::L2 => "labels are known before the next part begins",
            Self::L3 => "the declared gap lies between the parts",
            Self::L4 => "no sample is in two parts",
            Self::L4b => "hardly a test row repeats an earlier part's features",
            Self::L5 => "the scaler was fitted on train alone",
            Self::L6 => "no feature is, or foretells too well, the target",
            Self::L7 => "features do not change when the future is hidden",
            Self::L8 => "features do not depend on where the history begins",
            Self::L9 => "a bar's delay does not cost most of the skill",
            Self::L10 => "permuted labels teach nothing",
            Self::L11 => "every row was known when it was used",
            Self::L12 => "serving computes the features that training did",
            Self::L13 => "the test set is not worn out",
            Self::L14 => "the baseline has not learned from the test",
            Self::L15 => "every row belongs to an allowed tenant",
            Self::L16 => "no transform looks ahead",
            Self::L17 => "the results are not too good to be true",
        }
    }

    /// What its worst answer means for a gate.
    pub const fn level(self) -> Level {
        if matches!(self, Self::L9 | Self::L13) { Level::Warn } else { Level::Fail }
    }
}

/// A text that is no check's number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no leakage check `{0}`; the checks are L1 to L17, and L4b")]
pub struct UnknownLeakCheck(pub String);

impl FromStr for LeakCheck {
    type Err = UnknownLeakCheck;

    fn from_str(id: &str) -> Result<Self, UnknownLeakCheck> {
        let check = Self::ALL.into_iter().find(|check| check.id() == id);
        check.ok_or_else(|| UnknownLeakCheck(id.to_owned()))
    }
}

/// What one check came to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The check's number, such as `L1`.
    pub check: String,
    /// How it ended.
    pub verdict: LeakVerdict,
    /// What was looked at and what was found, in one sentence.
    pub detail: String,
    /// How many cases there are.
    pub count: usize,
}

/// How a leakage check ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakVerdict {
    /// Nothing leaks as far as this check sees.
    Pass,
    /// Something is odd.
    Warn,
    /// Something leaks: no gate may pass.
    Fail,
    /// The check was skipped for want of something to look at, which is not the same as a pass.
    NotRun,
    /// What the check is about does not exist here: no baseline, no joined source.
    NotApplicable,
}

impl Finding {
    /// A finding of `check`.
    pub fn of(check: LeakCheck, verdict: LeakVerdict, count: usize, detail: String) -> Self {
        Self { check: check.id().to_owned(), verdict, detail, count }
    }

    /// `check` could not be made, and why.
    pub fn not_run(check: LeakCheck, reason: impl Into<String>) -> Self {
        Self::of(check, LeakVerdict::NotRun, 0, reason.into())
    }

    /// A check that bears no case at all.
    fn strict(check: LeakCheck, count: usize, detail: String) -> Self {
        let verdict = if count == 0 { LeakVerdict::Pass } else { LeakVerdict::Fail };
        Self::of(check, verdict, count, detail)
    }
}

impl fmt::Display for LeakCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl fmt::Display for LeakVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NotRun => "not run",
            Self::NotApplicable => "not applicable",
        })
    }
}

/// One line: `L1   pass     0 decisions lie in or after the next part`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { check, verdict, detail, .. } = self;
        write!(f, "{check:<4} {verdict:<8} {detail}")
    }
}

#[cfg(test)]
mod tests;
