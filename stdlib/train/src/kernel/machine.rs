//! Where this crate meets the machine: wide registers.
//!
//! All unsafe code of the project's numerics is in this file. Whatever the registers, the answers are
//! the same to the last bit: the compiler may widen a loop, but not fuse or reorder its arithmetic,
//! and a product's sums are fused and ordered by hand.
#![expect(unsafe_code, reason = "what is compiled for wide registers may only run where they are")]
#![expect(clippy::inline_always, reason = "must be compiled into `with_…` to use its registers")]

use super::product::{Matrix, PANEL, Panels, add};

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
};

/// Numbers in a register of AVX-512; two are a panel's width.
#[cfg(target_arch = "x86_64")]
const LANES: usize = PANEL / 2;

/// The registers of a machine. Whoever holds a value of such a type has asked the machine for them.
pub(crate) trait Registers: Copy {
    /// For each of `R` rows the sums, over all steps, of the row's term times the panel's numbers: one
    /// step after the other, each fused. Goes as far as the shorter of the two.
    fn sums<const R: usize>(
        self,
        terms: impl Iterator<Item = [f32; R]>,
        panel: &[[f32; PANEL]],
    ) -> [[f32; PANEL]; R];

    /// `into` += `a` · `b`, as many rows at a time as their sums fit the registers.
    fn add(self, into: &mut [f32], a: Matrix<'_>, b: &Panels);
}

/// Those of the machine that the surrounding function is compiled for.
#[derive(Clone, Copy)]
struct Compiled;

impl Registers for Compiled {
    #[inline(always)]
    fn sums<const R: usize>(
        self,
        terms: impl Iterator<Item = [f32; R]>,
        panel: &[[f32; PANEL]],
    ) -> [[f32; PANEL]; R] {
        let mut sums = [[0.0; PANEL]; R];
        for (terms, numbers) in terms.zip(panel) {
            for (sums, term) in sums.iter_mut().zip(terms) {
                for (sum, number) in sums.iter_mut().zip(numbers) {
                    *sum = f32::mul_add(term, *number, *sum);
                }
            }
        }
        sums
    }

    #[inline(always)]
    fn add(self, into: &mut [f32], a: Matrix<'_>, b: &Panels) {
        add::<2>(self, into, a, b);
    }
}

/// 32 registers of 16 numbers; the compiler does not keep so many sums in them by itself.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Avx512(());

#[cfg(target_arch = "x86_64")]
impl Registers for Avx512 {
    #[inline(always)]
    fn sums<const R: usize>(
        self,
        terms: impl Iterator<Item = [f32; R]>,
        panel: &[[f32; PANEL]],
    ) -> [[f32; PANEL]; R] {
        // SAFETY: only `widest` makes an `Avx512`, after it has asked the processor; a panel's row is
        // two registers long, and so is a row of sums.
        unsafe {
            let mut low = [_mm512_setzero_ps(); R];
            let mut high = low;
            for (terms, numbers) in terms.zip(panel) {
                let start = numbers.as_ptr();
                let (lower, higher) = (_mm512_loadu_ps(start), _mm512_loadu_ps(start.add(LANES)));
                for ((low, high), term) in low.iter_mut().zip(&mut high).zip(terms) {
                    let term = _mm512_set1_ps(term);
                    *low = _mm512_fmadd_ps(term, lower, *low);
                    *high = _mm512_fmadd_ps(term, higher, *high);
                }
            }
            let mut sums = [[0.0; PANEL]; R];
            for (sums, (low, high)) in sums.iter_mut().zip(low.into_iter().zip(high)) {
                _mm512_storeu_ps(sums.as_mut_ptr(), low);
                _mm512_storeu_ps(sums.as_mut_ptr().add(LANES), high);
            }
            sums
        }
    }

    #[inline(always)]
    fn add(self, into: &mut [f32], a: Matrix<'_>, b: &Panels) {
        add::<8>(self, into, a, b);
    }
}

/// Work that gains from wide registers: a loop over the numbers of one row, or a product.
///
/// `run` must be `#[inline(always)]`, or it is compiled without them. One row is also the right size:
/// in a loop over rows the compiler asks once whether operands overlap, in all rows together, and then
/// takes gates that lie side by side to be one another's.
pub(crate) trait Wide {
    fn run(self, registers: impl Registers);
}

/// Runs `work` compiled for the widest registers that both this crate and the processor know.
#[inline]
pub(crate) fn widest(work: impl Wide) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has just been asked for the feature.
        return unsafe { with_avx512(work) };
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has just been asked for both features.
        return unsafe { with_avx2(work) };
    }
    work.run(Compiled);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[inline(never)]
fn with_avx512(work: impl Wide) {
    work.run(Avx512(()));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
fn with_avx2(work: impl Wide) {
    work.run(Compiled);
}

/// `into` += `a` · `b` with each kind of registers that this machine has, for tests to compare.
#[cfg(test)]
pub(super) fn with_each(into: &[f32], a: Matrix<'_>, b: &Panels) -> Vec<Vec<f32>> {
    let mut answers = Vec::new();
    let mut answer = |work: &dyn Fn(&mut [f32])| {
        let mut into = into.to_vec();
        work(&mut into);
        answers.push(into);
    };
    answer(&|into| Compiled.add(into, a, b));
    #[cfg(target_arch = "x86_64")]
    {
        use super::product::Product;
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has just been asked for both features.
            answer(&|into| unsafe { with_avx2(Product { into, a, b }) });
        }
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has just been asked for the feature.
            answer(&|into| unsafe { with_avx512(Product { into, a, b }) });
        }
    }
    answers
}
