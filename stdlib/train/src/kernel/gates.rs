//! What one step of an LSTM does to one row of a batch, forward and backward: loops over plain slices
//! that the compiler turns into wide instructions.
#![expect(clippy::inline_always, reason = "must be compiled into `with_avx2` to use its registers")]

use super::machine::Wide;

/// The number of gates, stored side by side in the order input, forget, cell, output.
pub(crate) const GATES: usize = 4;

/// Coefficients of eʳ − 1 − r over r², for |r| ≤ ln 2 / 2 (Cephes' `expf`), highest power first.
const EXP_TAIL: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];

/// ln 2 in two parts, the first short enough that a product with a small whole number is exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);

/// 1.5 · 2²³: a float of this size has whole numbers as its steps, so that adding it rounds.
const ROUNDS: f32 = 12_582_912.0;

/// eˣ to a relative error of 2·10⁻⁷, for x clamped to `-87..=88`; not a number stays so.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDS;
    let n = shifted - ROUNDS;
    let r = x - n * LN_2.0 - n * LN_2.1;
    let tail = EXP_TAIL.into_iter().fold(0.0, |sum, coefficient| sum * r + coefficient);
    // The low bits of `shifted` are n; 2ⁿ is a float whose exponent field is n + 127.
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (tail * r * r + r + 1.0) * power
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    2.0 / (1.0 + exp(-2.0 * x)) - 1.0
}

/// Turns `gates` `[4 · units]` from sums into gates and writes the row's state after the step; all else
/// is `[units]`.
pub(crate) struct Forward<'a> {
    pub(crate) gates: &'a mut [f32],
    pub(crate) cell_before: &'a [f32],
    pub(crate) cell: &'a mut [f32],
    /// tanh of the cell, which the way back needs again.
    pub(crate) cell_tanh: &'a mut [f32],
    pub(crate) hidden: &'a mut [f32],
}

impl Wide for Forward<'_> {
    #[inline(always)]
    fn run(self) {
        let (input, forget, candidate, output) = quarters(self.gates);
        let gates = input.iter_mut().zip(forget).zip(candidate.iter_mut().zip(output));
        let state = self.cell.iter_mut().zip(self.cell_tanh).zip(self.hidden);
        for ((((i, f), (g, o)), before), ((cell, cell_tanh), hidden)) in
            gates.zip(self.cell_before).zip(state)
        {
            *i = sigmoid(*i);
            *f = sigmoid(*f);
            *g = tanh(*g);
            *o = sigmoid(*o);
            *cell = *i * *g + *f * before;
            *cell_tanh = tanh(*cell);
            *hidden = *o * *cell_tanh;
        }
    }
}

/// Turns `gates` `[4 · units]` into the loss's gradient by the sums before them, and `by_cell`, which
/// comes from the step after, into that for the step before; all else is `[units]`.
pub(crate) struct Backward<'a> {
    pub(crate) gates: &'a mut [f32],
    pub(crate) cell_before: &'a [f32],
    pub(crate) cell_tanh: &'a [f32],
    /// The gradient by this step's output that comes from the layer above.
    pub(crate) by_output: &'a [f32],
    /// The gradient by this step's output that comes from the step after.
    pub(crate) by_hidden: &'a [f32],
    pub(crate) by_cell: &'a mut [f32],
}

impl Wide for Backward<'_> {
    #[inline(always)]
    fn run(self) {
        let (input, forget, candidate, output) = quarters(self.gates);
        let gates = input.iter_mut().zip(forget).zip(candidate.iter_mut().zip(output));
        let state = self.cell_before.iter().zip(self.cell_tanh);
        let gradients = self.by_output.iter().zip(self.by_hidden).zip(self.by_cell);
        for ((((i, f), (g, o)), (before, tanh)), ((above, later), by_cell)) in
            gates.zip(state).zip(gradients)
        {
            let by_hidden = above + later;
            let total = *by_cell + by_hidden * *o * (1.0 - tanh * tanh);
            let (input, forget, candidate, output) = (*i, *f, *g, *o);
            *i = total * candidate * input * (1.0 - input);
            *f = total * before * forget * (1.0 - forget);
            *g = total * input * (1.0 - candidate * candidate);
            *o = by_hidden * tanh * output * (1.0 - output);
            *by_cell = total * forget;
        }
    }
}

#[inline(always)]
fn quarters(gates: &mut [f32]) -> (&mut [f32], &mut [f32], &mut [f32], &mut [f32]) {
    let units = gates.len() / GATES;
    let (input, rest) = gates.split_at_mut(units);
    let (forget, rest) = rest.split_at_mut(units);
    let (candidate, output) = rest.split_at_mut(units);
    (input, forget, candidate, output)
}
