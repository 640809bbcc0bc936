//! What one step of an LSTM does to one row of a batch, forward and backward: loops over plain slices
//! that the compiler turns into wide instructions.
#![expect(clippy::inline_always, reason = "must be compiled into `with_…` to use its registers")]

use super::GATES;
use crate::kernel::curve::{sigmoid, tanh};
use crate::kernel::machine::{Registers, Wide};

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
    fn run(self, _: impl Registers) {
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
    fn run(self, _: impl Registers) {
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
