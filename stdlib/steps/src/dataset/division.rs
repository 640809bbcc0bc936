//! The rows of a data set, divided: into three parts, or into folds of which the last is the one
//! that a model is made of.

use crate::failure;
use crate::figure::count;
use crate::generated;
use crate::snapshot::{FoldRows, Snapshot, SplitRows};
use crate::spec::Division;
use std::ops::Range;
use suho_market::{
    Bars, Combinatorial, Dropped, FoldError, HeldOut, Label, MinimumRows, Sampling, SplitError,
    SplitRule, WalkForward,
};
use suho_step::StepError;

/// The rows that there are.
pub(super) struct Rows<'a> {
    pub(super) bars: &'a Bars,
    /// The last bar of each row, in order.
    pub(super) ends: &'a [usize],
    /// The label of each bar.
    pub(super) labels: &'a [Option<Label>],
    pub(super) sampling: Sampling,
}

/// The rows, divided.
pub(super) struct Divided {
    /// What a model is made of and judged by.
    pub(super) own: FoldRows,
    /// Every fold, where there are some.
    pub(super) folds: Vec<FoldRows>,
    pub(super) dropped: Dropped,
}

/// Ranges of places in the list of rows.
type Places = [Range<usize>];

impl Rows<'_> {
    /// The rows as `rule` divides them.
    pub(super) fn divided(&self, rule: &Division) -> Result<Divided, StepError> {
        let folds = match rule {
            Division::Shares(rule) => return self.by_shares(rule),
            Division::Forward { rule, validation } => self.forward(rule, *validation),
            Division::Groups { rule, validation } => self.by_groups(rule, *validation),
        };
        let folds = folds.map_err(|error| refused_folds(&error))?;
        let own = folds.last().cloned().unwrap_or_default();
        enough(&own)?;
        let (purge, embargo) = self.gap(rule);
        let all = (self.bars.len(), self.ends.len());
        // Those of the fold that the model is made of.
        let dropped = suho_market::dropped(all.0, all.1, &self.sampling, purge * 2, embargo * 2);
        Ok(Divided { own, folds, dropped })
    }

    /// Bars of purge and of embargo that `rule` asks for.
    pub(super) fn gap(&self, rule: &Division) -> (usize, usize) {
        let (purge, embargo) = match rule {
            Division::Shares(SplitRule { purge, embargo, .. })
            | Division::Forward { rule: WalkForward { purge, embargo, .. }, .. }
            | Division::Groups { rule: Combinatorial { purge, embargo, .. }, .. } => {
                (purge, embargo)
            }
        };
        (purge.unwrap_or(self.sampling.horizon), embargo.unwrap_or(self.sampling.sequence))
    }

    fn by_shares(&self, rule: &SplitRule) -> Result<Divided, StepError> {
        let split = suho_market::split_samples(self.bars.len(), self.ends, &self.sampling, rule)
            .map_err(|error| refused_shares(&error))?;
        let own = FoldRows {
            train: self.rows(&[split.train]),
            validation: self.rows(&[split.validation]),
            test: self.rows(&[split.test]),
            groups: Vec::new(),
        };
        Ok(Divided { own, folds: Vec::new(), dropped: split.dropped })
    }

    fn forward(&self, rule: &WalkForward, validation: f64) -> Result<Vec<FoldRows>, FoldError> {
        let decision = |end: &usize| Some(self.bars.close_time(*end)?.timestamp_micros());
        let decisions: Vec<i64> = self.ends.iter().filter_map(decision).collect();
        let folds = suho_market::walk_forward(self.ends, &decisions, &self.sampling, rule)?;
        let gap = (rule.purge, rule.embargo);
        let fold = |(place, fold): (usize, suho_market::Fold)| {
            let groups = vec![[place, fold.test.len()]];
            self.fold(&[fold.train], &[fold.test], groups, gap, validation)
        };
        folds.into_iter().enumerate().map(fold).collect()
    }

    fn by_groups(&self, rule: &Combinatorial, validation: f64) -> Result<Vec<FoldRows>, FoldError> {
        let all = suho_market::combinatorial(self.ends, &self.sampling, rule)?;
        let gap = (rule.purge, rule.embargo);
        let size = |group: &usize| Some([*group, all.groups.get(*group)?.len()]);
        let fold = |split: &suho_market::CombinatorialSplit| {
            let groups = split.chosen.iter().filter_map(size).collect();
            self.fold(&split.train, &split.test, groups, gap, validation)
        };
        all.splits.iter().map(fold).collect()
    }

    fn fold(
        &self,
        train: &Places,
        test: &Places,
        groups: Vec<[usize; 2]>,
        gap: (Option<usize>, Option<usize>),
        validation: f64,
    ) -> Result<FoldRows, FoldError> {
        let HeldOut { train, validation } =
            suho_market::hold_out(train, self.ends, &self.sampling, gap, validation)?;
        Ok(FoldRows {
            train: self.rows(&train),
            validation: self.rows(&validation),
            test: self.rows(test),
            groups,
        })
    }

    fn rows(&self, places: &Places) -> SplitRows {
        let ends = places.iter().filter_map(|range| self.ends.get(range.clone())).flatten();
        SplitRows::new(ends.filter_map(|end| {
            let label = self.labels.get(*end)?.as_ref()?;
            Some((*end, u8::try_from(label.class.index()).ok()?))
        }))
    }
}

/// The folds of `snapshot`, for people; none when one lacks rows, which was refused before.
pub(super) fn folds(snapshot: &Snapshot) -> Option<Vec<generated::Fold>> {
    let fold = |(place, rows): (usize, &FoldRows)| {
        Some(generated::Fold {
            number: count(place + 1),
            train: count(rows.train.len()),
            validation: count(rows.validation.len()),
            test: count(rows.test.len()),
            trained_on: snapshot.window_of(&rows.train)?,
            tested_on: snapshot.window_of(&rows.test)?,
        })
    };
    snapshot.samples.folds.iter().enumerate().map(fold).collect()
}

/// Refuses the fold of a model that could not be made or judged.
fn enough(own: &FoldRows) -> Result<(), StepError> {
    let MinimumRows { train, validation, test } = SplitRule::standard().minimum;
    let found = [own.train.len(), own.validation.len(), own.test.len()];
    if found.iter().zip([train, validation, test]).all(|(found, least)| *found >= least) {
        return Ok(());
    }
    let [of_train, of_validation, of_test] = found;
    let message = format!(
        "too few rows in the last fold, of which a model is made: train {of_train}, validation \
         {of_validation}, test {of_test}; at least {train}, {validation}, {test} are needed"
    );
    Err(StepError::user("too-few-rows", message)
        .help("widen the windows of the split, take fewer groups, or give the source more bars"))
}

fn refused_folds(error: &FoldError) -> StepError {
    let failure = failure::of(error.fault(), error.code(), error);
    match error {
        FoldError::PurgeTooShort { .. } => failure.help("leave `purge` out"),
        FoldError::NoFold { .. } => {
            failure.help("shorten `train` or `test`, or give the source more bars")
        }
        FoldError::TooFewRows { .. } => {
            failure.help("lengthen `train` and `test`, or look for bars that are missing")
        }
        FoldError::EmptyWindow { .. } => failure.help("`walk_forward(train: 365d, test: 30d)`"),
        FoldError::Groups { .. } | FoldError::TooManySplits { .. } => {
            failure.help("`combinatorial(groups: 10, test: 2)`")
        }
        FoldError::Order => failure,
    }
}

fn refused_shares(error: &SplitError) -> StepError {
    let failure = failure::of(error.fault(), error.code(), error);
    match error {
        SplitError::TooFewRows { lacking, .. } => failure
            .help(format!("give the source at least {lacking} more bars, or hold back fewer")),
        SplitError::PurgeTooShort { .. } => failure.help("leave `purge` out"),
        SplitError::Nothing => failure.help("`chronological(train: 5, validation: 1, test: 1)`"),
    }
}
