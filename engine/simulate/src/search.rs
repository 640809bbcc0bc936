//! Every combination of what a test leaves open, or as many as there is time for, and the smallest
//! one that does not do what is expected.

use crate::cells::{Cell, Choice};
use crate::error::SimulateError;
use crate::expect::{Asked, Unmet, unmet};
use crate::scene::{Play, Scene};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use suho_domain::Value;
use suho_stats::Stream;

/// Most combinations that are all played.
const ALL_MAX: usize = 1_000;
/// How many are played when there are more.
const SAMPLE: usize = 300;

/// What playing a test came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) found: Option<Counterexample>,
    /// Combinations played, and how many there are; none where nothing is left open.
    pub(crate) cells: Option<Covered>,
}

/// How much of what a test leaves open was played.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Covered {
    /// Combinations of cells that were played.
    pub played: usize,
    /// Combinations there are; [`u64::MAX`] for as many or more.
    pub all: u64,
    /// Whether nothing was left out: every combination was played, and no rule tells values of one
    /// cell apart.
    pub is_exhaustive: bool,
}

/// A play that does not do what is expected, and what was given there.
#[derive(Debug)]
pub(crate) struct Counterexample {
    pub(crate) unmet: Unmet,
    pub(crate) play: Play,
    /// What each choice was: its name, its value and where that lies; none where it is all the same.
    pub(crate) given: Vec<(String, Option<Cell>)>,
}

/// One cell of each choice, by number.
type Combination = Vec<usize>;

struct Search<'a> {
    scene: &'a Scene<'a>,
    choices: &'a [Choice],
}

/// Plays `scene` with all that `choices` leave open; tells `each` play.
pub(crate) fn search(
    scene: &Scene<'_>,
    choices: &[Choice],
    each: &mut dyn FnMut(&Play),
) -> Result<Outcome, SimulateError> {
    let search = Search { scene, choices };
    let sizes = choices.iter().map(|choice| choice.cells.len());
    let all = sizes.clone().try_fold(1_u64, |all, size| all.checked_mul(size as u64));
    let whole = all.and_then(|all| usize::try_from(all).ok()).filter(|all| *all <= ALL_MAX);
    let combinations = match whole {
        Some(all) => (0..all).map(|number| search.nth(number)).collect(),
        None => search.sample(),
    };
    let (mut found, mut played) = (None, 0);
    for combination in combinations {
        played += 1;
        let (play, unmet) = search.play(&combination)?;
        each(&play);
        if unmet.is_some() {
            found = Some(search.smallest(combination)?);
            break;
        }
    }
    let is_exact = choices.iter().all(|choice| choice.is_exact);
    let is_exhaustive = is_exact && whole == Some(played);
    let cells = Covered { played, all: all.unwrap_or(u64::MAX), is_exhaustive };
    Ok(Outcome { found: found.flatten(), cells: (!choices.is_empty()).then_some(cells) })
}

impl Search<'_> {
    /// The combination with this number: the last choice turns fastest.
    fn nth(&self, number: usize) -> Combination {
        let mut rest = number;
        let digit = |choice: &Choice| {
            let size = choice.cells.len().max(1);
            let digit = rest % size;
            rest /= size;
            digit
        };
        let mut digits: Combination = self.choices.iter().rev().map(digit).collect();
        digits.reverse();
        digits
    }

    /// Different combinations, drawn from the test's seed.
    fn sample(&self) -> Vec<Combination> {
        let mut stream = Stream::new(self.scene.seed);
        let mut draw = || -> Combination {
            let size = |choice: &Choice| NonZeroUsize::new(choice.cells.len());
            let sizes = self.choices.iter().map(|choice| size(choice).unwrap_or(NonZeroUsize::MIN));
            sizes.map(|size| stream.below(size)).collect()
        };
        let drawn: BTreeSet<Combination> = (0..SAMPLE).map(|_| draw()).collect();
        drawn.into_iter().collect()
    }

    fn cells(&self, combination: &Combination) -> Vec<&Cell> {
        let cells = self.choices.iter().zip(combination);
        cells.filter_map(|(choice, at)| choice.cells.get(*at)).collect()
    }

    fn play(&self, combination: &Combination) -> Result<(Play, Option<Unmet>), SimulateError> {
        let cells = self.cells(combination);
        let is_missing = cells.iter().any(|cell| cell.is_missing());
        let values: Vec<Value> = cells.into_iter().map(|cell| cell.value.clone()).collect();
        let play = self.scene.play(&values)?;
        // `any(a .. b)` promises `expect` a number; an invariant holds without one.
        let asked = if is_missing { Asked::Invariants } else { Asked::All };
        let unmet = unmet(&self.scene.plan, &self.scene.scenario.expectations, &play, asked);
        Ok((play, unmet))
    }

    /// Shrinks a combination that fails: each choice in turn to its first cell that fails as well,
    /// until none gets smaller; then those are told apart that make no difference.
    fn smallest(&self, mut at: Combination) -> Result<Option<Counterexample>, SimulateError> {
        loop {
            let before = at.clone();
            for choice in 0..at.len() {
                let now = at.get(choice).copied().unwrap_or(0);
                for smaller in 0..now {
                    let tried = with(&at, choice, smaller);
                    if self.play(&tried)?.1.is_some() {
                        at = tried;
                        break;
                    }
                }
            }
            if at == before {
                break;
            }
        }
        let (play, unmet) = self.play(&at)?;
        let Some(unmet) = unmet else { return Ok(None) };
        let mut given = Vec::new();
        for (number, choice) in self.choices.iter().enumerate() {
            let mut is_same = choice.cells.len() > 1;
            for other in 0..choice.cells.len() {
                is_same = is_same && self.play(&with(&at, number, other))?.1.is_some();
            }
            let cell = at.get(number).and_then(|at| choice.cells.get(*at)).cloned();
            given.push((choice.name.clone(), cell.filter(|_| !is_same)));
        }
        Ok(Some(Counterexample { unmet, play, given }))
    }
}

/// `combination` with another cell of one choice.
fn with(combination: &Combination, choice: usize, cell: usize) -> Combination {
    let each = |(number, at): (usize, &usize)| if number == choice { cell } else { *at };
    combination.iter().enumerate().map(each).collect()
}
