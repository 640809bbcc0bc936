//! The arithmetic: how a family turns bars into numbers, all at once and one by one.
//!
//! TA-Lib's where it has the indicator ([`ta_lib`]), ours for the rest ([`own`], [`clock`]). Both ways
//! of a kernel give the same bits: ours because there is one way only, TA-Lib's because its streams
//! promise it and a test holds them to it.
//!
//! A kernel may assume finite numbers no larger than [`MAGNITUDE_MAX`](crate::MAGNITUDE_MAX) in the
//! columns that its family names, and parameters in range. What it answers before the family's
//! lookback is not read; an answer that is not finite counts as missing.

pub(crate) mod clock;
pub(crate) mod extreme;
pub(crate) mod indicators;
pub(crate) mod own;
pub(crate) mod steps;
pub(crate) mod ta_lib;
pub(crate) mod window;
pub(crate) mod windowed;

use ::ta_lib::RetCode;

use crate::matrix::Memory;
use crate::series::{Bar, Columns};

/// What one feature of a family is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    /// The numbers of its name.
    pub(crate) parameters: &'a [usize],
    /// Length of a bar, in µs; 0 where no times are given.
    pub(crate) span: i64,
}

impl Setting<'_> {
    /// A parameter, as a number of bars.
    pub(crate) fn count(&self, place: usize) -> usize {
        self.parameters.get(place).copied().unwrap_or(0)
    }

    /// A parameter, as a real number.
    pub(crate) fn real(&self, place: usize) -> f64 {
        self.count(place) as f64
    }
}

/// The bars that a batch reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series<'a> {
    pub(crate) columns: Columns<'a>,
    /// Opening times in µs; empty where there are none.
    pub(crate) time: &'a [i64],
    /// Length of a bar, in µs; 0 where there are no times.
    pub(crate) span: i64,
}

impl Series<'_> {
    pub(crate) const fn rows(&self) -> usize {
        self.columns.close.len()
    }
}

/// Room for intermediate columns, used again from feature to feature.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    columns: [Memory; 2],
}

impl Spare {
    /// Two columns of `rows` numbers, whatever they are.
    fn columns(&mut self, rows: usize) -> [&mut [f64]; 2] {
        self.columns.each_mut().map(|column| {
            if column.as_slice().len() < rows {
                *column = Memory::zeros(rows);
            }
            column.as_mut_slice().get_mut(..rows).unwrap_or_default()
        })
    }
}

/// One feature over a stream of bars.
pub(crate) trait Machine: Send + Sync {
    /// The value after `bar`.
    fn update(&mut self, bar: &Bar) -> Result<f64, RetCode>;

    /// Another machine in the same state.
    fn fork(&self) -> Box<dyn Machine>;
}

/// Both ways of computing a family.
#[derive(Clone, Copy)]
pub(crate) struct Kernel {
    /// Fills `out`, which is as long as the series and longer than the lookback, from the lookback
    /// on, with [`finite`] numbers.
    pub(crate) batch: fn(Setting<'_>, &Series<'_>, &mut Spare, &mut [f64]) -> Result<(), RetCode>,
    pub(crate) stream: fn(Setting<'_>) -> Box<dyn Machine>,
}

/// A value that is no number is a missing one.
pub(crate) fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

#[cfg(test)]
mod tests;
