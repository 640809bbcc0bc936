//! Products of matrices in f32, as recurrent layers need them: many with the same right side.
//!
//! The right side is laid out once in panels of columns, so that the sums of a few rows and a panel's
//! columns stay in registers from the first term to the last. Each sum takes its terms in order, every
//! one fused, on any machine: the same operands give the same bits everywhere.
#![expect(clippy::inline_always, reason = "must be compiled into `with_…` to use its registers")]

#[cfg(test)]
mod tests;

use std::array::from_fn;

use super::machine::{Registers, Wide, widest};
use super::workspace::{Buffer, Workspace};

/// Columns in a panel.
pub(super) const PANEL: usize = 32;

/// A matrix that is read: a slice, row after row, perhaps looked at transposed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    is_transposed: bool,
}

impl<'a> Matrix<'a> {
    /// `values` `[rows, columns]`, row after row.
    ///
    /// # Panics
    /// When the slice has another length.
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(Some(values.len()), rows.checked_mul(columns), "a matrix of another shape");
        Self { values, rows, columns, is_transposed: false }
    }

    /// The same numbers with rows and columns exchanged; nothing is copied.
    pub(crate) const fn transposed(self) -> Self {
        let Self { values, rows: columns, columns: rows, is_transposed } = self;
        Self { values, rows, columns, is_transposed: !is_transposed }
    }
}

/// The right side of products, laid out for them: columns `0..32` row after row, then `32..64`, and so
/// on, the last panel filled up with zeros.
#[derive(Clone, Debug)]
pub(crate) struct Panels {
    rows: usize,
    columns: usize,
    /// Panel after panel, of each row the panel's columns.
    values: Buffer,
}

impl Panels {
    /// Lays out `matrix`.
    pub(crate) fn of(matrix: Matrix<'_>) -> Self {
        Self::within(&Workspace::default(), matrix)
    }

    /// Lays out `matrix` in a buffer of `workspace`.
    pub(crate) fn within(workspace: &Workspace, matrix: Matrix<'_>) -> Self {
        let Matrix { values: from, rows, columns, is_transposed } = matrix;
        let len = columns.next_multiple_of(PANEL) * rows;
        let is_full = columns.is_multiple_of(PANEL);
        let mut values = if is_full { workspace.room(len) } else { workspace.zeros(len) };
        let laid_out = values.as_chunks_mut::<PANEL>().0;
        for (at, panel) in laid_out.chunks_exact_mut(rows.max(1)).enumerate() {
            let first = at * PANEL;
            if is_transposed {
                let columns = from.chunks_exact(rows).skip(first).take(PANEL);
                for (column, numbers) in columns.enumerate() {
                    for (into, number) in
                        panel.iter_mut().filter_map(|row| row.get_mut(column)).zip(numbers)
                    {
                        *into = *number;
                    }
                }
                continue;
            }
            for (into, row) in panel.iter_mut().zip(from.chunks_exact(columns)) {
                let row = row.get(first..).unwrap_or_default();
                for (into, number) in into.iter_mut().zip(row) {
                    *into = *number;
                }
            }
        }
        Self { rows, columns, values }
    }
}

/// `into` `[a.rows, b.columns]` += `a` · `b`, on the calling thread.
///
/// # Panics
/// When the three shapes do not fit together.
pub(crate) fn add_product(into: &mut [f32], a: Matrix<'_>, b: &Panels) {
    assert_eq!(a.columns, b.rows, "the inner sides of a product differ");
    assert_eq!(Some(into.len()), a.rows.checked_mul(b.columns), "a product of another shape");
    widest(Product { into, a, b });
}

/// A product whose shapes fit.
pub(super) struct Product<'a> {
    pub(super) into: &'a mut [f32],
    pub(super) a: Matrix<'a>,
    pub(super) b: &'a Panels,
}

impl Wide for Product<'_> {
    #[inline(always)]
    fn run(self, registers: impl Registers) {
        registers.add(self.into, self.a, self.b);
    }
}

/// The product with `R` rows at a time, and the last ones one by one.
#[inline(always)]
pub(super) fn add<const R: usize>(
    registers: impl Registers,
    into: &mut [f32],
    a: Matrix<'_>,
    b: &Panels,
) {
    if a.columns == 0 || b.columns == 0 {
        return;
    }
    let together = a.rows - a.rows % R;
    let laid_out = b.values.as_chunks::<PANEL>().0;
    for (at, panel) in laid_out.chunks_exact(b.rows).enumerate() {
        let strip = Strip { panel, first: at * PANEL, width: b.columns };
        let (most, rest) = into.split_at_mut(together * b.columns);
        for (into, row) in most.chunks_exact_mut(R * b.columns).zip((0..together).step_by(R)) {
            strip.add::<R>(registers, into, a, row);
        }
        for (into, row) in rest.chunks_exact_mut(b.columns).zip(together..) {
            strip.add::<1>(registers, into, a, row);
        }
    }
}

/// A panel and the columns of the answer that come of it.
#[derive(Clone, Copy)]
struct Strip<'a> {
    panel: &'a [[f32; PANEL]],
    first: usize,
    /// Of the whole answer.
    width: usize,
}

impl Strip<'_> {
    /// Adds to `into`, which is `R` rows of the answer, the products of `a`'s rows from `row` on.
    #[expect(clippy::indexing_slicing, reason = "of rows known to be long enough none is checked")]
    #[inline(always)]
    fn add<const R: usize>(
        self,
        registers: impl Registers,
        into: &mut [f32],
        a: Matrix<'_>,
        row: usize,
    ) {
        let sums = if a.is_transposed {
            let columns = a.values.chunks_exact(a.rows);
            let terms = columns.filter_map(|column| column.get(row..)?.first_chunk::<R>().copied());
            registers.sums(terms, self.panel)
        } else {
            let depth = self.panel.len();
            let rows: [&[f32]; R] = from_fn(|at| &a.values[(row + at) * depth..][..depth]);
            registers.sums((0..depth).map(|step| from_fn(|at| rows[at][step])), self.panel)
        };
        for (into, sums) in into.chunks_exact_mut(self.width).zip(sums) {
            let into = into.get_mut(self.first..).unwrap_or_default();
            if let Some(whole) = into.first_chunk_mut::<PANEL>() {
                add_each(whole, &sums);
            } else {
                add_each(into, &sums);
            }
        }
    }
}

/// `into` += `sums`, as far as `into` goes.
#[inline(always)]
fn add_each(into: &mut [f32], sums: &[f32; PANEL]) {
    for (into, sum) in into.iter_mut().zip(sums) {
        *into += sum;
    }
}
