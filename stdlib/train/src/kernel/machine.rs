//! The two places where this crate meets the machine: matrix products and wide registers.
//!
//! All unsafe code of the project's numerics is in this file. Everything that a caller could get
//! wrong is asserted here before a pointer is taken, so that the functions are safe to call.
#![expect(
    unsafe_code,
    reason = "`gemm` takes raw pointers; a function compiled for AVX2 may only run where AVX2 is"
)]

use gemm::{Parallelism, gemm};

/// A matrix that is read: a slice, row after row, perhaps looked at transposed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: isize,
    column_stride: isize,
}

impl<'a> Matrix<'a> {
    /// `values` `[rows, columns]`, row after row.
    ///
    /// # Panics
    /// When the slice has another length: reading would leave it.
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(Some(values.len()), rows.checked_mul(columns), "a matrix of another shape");
        Self { values, rows, columns, row_stride: stride(columns), column_stride: 1 }
    }

    /// The same numbers with rows and columns exchanged; nothing is copied.
    pub(crate) fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }
}

/// `into` `[a.rows, b.columns]` += `a` · `b`, on the calling thread.
///
/// The order in which each element is summed depends on the shapes alone.
///
/// # Panics
/// When the three shapes do not fit together.
pub(crate) fn add_product(into: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
    assert_eq!(a.columns, b.rows, "the inner sides of a product differ");
    assert_eq!(Some(into.len()), a.rows.checked_mul(b.columns), "a product of another shape");
    // SAFETY: `Matrix::new` and `transposed` keep every `row * row_stride + column * column_stride`
    // inside `values`; `into` has `a.rows * b.columns` elements, is written row after row, and, being
    // borrowed mutably, overlaps neither operand. `gemm` keeps no pointer after it returns.
    unsafe {
        gemm(
            a.rows,
            b.columns,
            a.columns,
            into.as_mut_ptr(),
            1,
            stride(b.columns),
            true,
            a.values.as_ptr(),
            a.column_stride,
            a.row_stride,
            b.values.as_ptr(),
            b.column_stride,
            b.row_stride,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Work that gains from wide registers: a loop over the numbers of one row.
///
/// `run` must be `#[inline(always)]`, or it is compiled without them. One row is also the right size:
/// in a loop over rows the compiler asks once whether operands overlap, in all rows together, and then
/// takes gates that lie side by side to be one another's.
pub(crate) trait Wide {
    fn run(self);
}

/// Runs `work` compiled for the widest registers that both this crate and the processor know.
///
/// The answer is the same to the last bit either way: the compiler may widen a loop, but not fuse or
/// reorder its arithmetic.
#[inline]
pub(crate) fn widest(work: impl Wide) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has just been asked for both features.
        return unsafe { with_avx2(work) };
    }
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
fn with_avx2(work: impl Wide) {
    work.run();
}

/// Distance between two rows, in elements.
///
/// # Panics
/// Never for a slice that exists: no allocation is longer than `isize::MAX` bytes.
fn stride(columns: usize) -> isize {
    assert!(isize::try_from(columns).is_ok(), "a row longer than memory");
    columns.cast_signed()
}
