//! All checks of one model in one report.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Baseline, FeatureColumns, Finding, Gap, History, LeakCheck, LeakVerdict, Level, Parity, Parts,
    PermutationTest, PointInTime, Results, Rows, SampleKey, ScalerFit, ShiftTest, Tenants,
    Transform, l1_parts_in_order, l2_labels_end_in_time, l3_embargo_is_kept, l4_keys_are_apart,
    l4b_rows_are_apart, l5_scaler_is_of_train, l6_target_in_features, l7_future_is_not_needed,
    l8_start_is_forgotten, l9_delay_costs_little, l10_permuted_labels_teach_nothing,
    l11_rows_were_known, l12_serving_agrees, l13_test_is_fresh, l14_test_is_new_to_baseline,
    l15_tenants_are_allowed, l16_nothing_looks_ahead, l17_not_too_good,
};

/// A fact that a check needs, or why there is none.
#[derive(Clone, Debug)]
pub enum Given<T> {
    /// Here it is.
    Known(T),
    /// There should be one and there is not: the check has not run.
    Unknown(String),
    /// There can be none, so there is nothing to check.
    NotApplicable(String),
}

/// Everything the checks look at.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// Decision times in µs, for L1 and L2.
    pub decisions: Given<Parts<&'a [i64]>>,
    /// When each decision's label was known, in µs, for L2.
    pub label_ends: Given<Parts<&'a [i64]>>,
    /// For L3.
    pub gap: Given<Gap<'a>>,
    /// For L4.
    pub keys: Given<Parts<&'a [SampleKey<'a>]>>,
    /// Features of the samples' last bars, for L4b.
    pub rows: Given<Parts<Rows<'a>>>,
    /// For L5.
    pub scaler: Given<ScalerFit<'a>>,
    /// For L6.
    pub features: Given<FeatureColumns<'a>>,
    /// For L7 and L8.
    pub history: Given<History<'a>>,
    /// For L9.
    pub shift: Given<ShiftTest<'a>>,
    /// For L10, which asks for a training of its own and so for a deep scan.
    pub permutation: Given<PermutationTest<'a>>,
    /// For L11.
    pub times: Given<PointInTime<'a>>,
    /// For L12.
    pub parity: Given<Parity<'a>>,
    /// How many candidates of the slot were measured on the same test before, for L13.
    pub evaluations: Given<usize>,
    /// For L14.
    pub baseline: Given<Baseline<'a>>,
    /// For L15.
    pub tenants: Given<Tenants<'a>>,
    /// For L16.
    pub transforms: Given<&'a [Transform]>,
    /// For L17.
    pub results: Given<Results<'a>>,
}

/// What all checks came to, one finding each, in the order of the table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LeakReport {
    /// One finding for each of [`LeakCheck::ALL`].
    pub findings: Vec<Finding>,
}

/// Makes every check of which the facts are known.
pub fn scan(evidence: &Evidence<'_>) -> LeakReport {
    LeakReport { findings: LeakCheck::ALL.map(|check| made(check, evidence)).into() }
}

fn made(check: LeakCheck, evidence: &Evidence<'_>) -> Finding {
    let facts = evidence;
    match check {
        LeakCheck::L1 => facts.decisions.check(check, |parts| l1_parts_in_order(*parts)),
        LeakCheck::L2 => facts.decisions.check(check, |decisions| {
            facts.label_ends.check(check, |ends| l2_labels_end_in_time(*decisions, *ends))
        }),
        LeakCheck::L3 => facts.gap.check(check, |gap| l3_embargo_is_kept(gap.bars, gap.declared)),
        LeakCheck::L4 => facts.keys.check(check, |keys| l4_keys_are_apart(*keys)),
        LeakCheck::L4b => facts.rows.check(check, |rows| l4b_rows_are_apart(*rows)),
        LeakCheck::L5 => facts.scaler.check(check, |scaler| {
            let ScalerFit { stored, recomputed, fit, train } = scaler;
            l5_scaler_is_of_train(*stored, *recomputed, fit, train)
        }),
        LeakCheck::L6 => facts
            .features
            .check(check, |features| l6_target_in_features(features.columns, &features.targets)),
        LeakCheck::L7 => facts.history.check(check, l7_future_is_not_needed),
        LeakCheck::L8 => facts.history.check(check, l8_start_is_forgotten),
        LeakCheck::L9 => facts.shift.check(check, l9_delay_costs_little),
        LeakCheck::L10 => facts.permutation.check(check, l10_permuted_labels_teach_nothing),
        LeakCheck::L11 => facts.times.check(check, l11_rows_were_known),
        LeakCheck::L12 => facts.parity.check(check, l12_serving_agrees),
        LeakCheck::L13 => facts.evaluations.check(check, |count| l13_test_is_fresh(*count)),
        LeakCheck::L14 => facts.baseline.check(check, |baseline| {
            l14_test_is_new_to_baseline(&baseline.learned, baseline.test, baseline.purge_us)
        }),
        LeakCheck::L15 => facts.tenants.check(check, l15_tenants_are_allowed),
        LeakCheck::L16 => {
            facts.transforms.check(check, |transforms| l16_nothing_looks_ahead(transforms))
        }
        LeakCheck::L17 => facts.results.check(check, l17_not_too_good),
    }
}

impl<T> Given<T> {
    /// Makes `check` of the fact, or says why not.
    fn check(&self, check: LeakCheck, make: impl FnOnce(&T) -> Finding) -> Finding {
        match self {
            Self::Known(fact) => make(fact),
            Self::Unknown(reason) => Finding::not_run(check, reason.as_str()),
            Self::NotApplicable(reason) => {
                Finding::of(check, LeakVerdict::NotApplicable, 0, reason.clone())
            }
        }
    }
}

impl LeakReport {
    /// How many checks found a leak; none when one that a gate asks for has not run.
    pub fn leaks(&self) -> Option<usize> {
        self.skipped().is_empty().then(|| self.ended(LeakVerdict::Fail).count())
    }

    /// Whether every check that a gate asks for has run and none has found a leak.
    pub fn is_clean(&self) -> bool {
        self.leaks() == Some(0)
    }

    /// The checks that a gate asks for and that have not run.
    pub fn skipped(&self) -> Vec<LeakCheck> {
        let is_skipped = |check: &LeakCheck| {
            let finding = self.findings.iter().find(|finding| finding.check == check.id());
            check.level() == Level::Fail
                && finding.is_none_or(|finding| finding.verdict == LeakVerdict::NotRun)
        };
        LeakCheck::ALL.into_iter().filter(is_skipped).collect()
    }

    /// The checks that ended with `verdict`.
    pub fn ended(&self, verdict: LeakVerdict) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.verdict == verdict)
    }
}

/// One line a check.
impl fmt::Display for LeakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}
