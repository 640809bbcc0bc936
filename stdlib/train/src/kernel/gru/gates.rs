//! What one step of a GRU does to one row of a batch, forward and backward: loops over plain slices
//! that the compiler turns into wide instructions.
#![expect(clippy::inline_always, reason = "must be compiled into `with_…` to use its registers")]

use super::GATES;
use crate::kernel::curve::{sigmoid, tanh};
use crate::kernel::machine::{Registers, Wide};

/// Turns `gates` `[3 · units]` from the inputs' sums into gates and writes the row's state after the
/// step; `of_states` `[3 · units]` are the sums of the state before, all else is `[units]`.
pub(super) struct Forward<'a> {
    pub(super) gates: &'a mut [f32],
    pub(super) of_states: &'a [f32],
    /// The bias of the candidate's recurrent sum.
    pub(super) recalled_bias: &'a [f32],
    pub(super) hidden_before: &'a [f32],
    /// The candidate's recurrent sum with its bias, which the way back needs again.
    pub(super) recalled: &'a mut [f32],
    pub(super) hidden: &'a mut [f32],
}

impl Wide for Forward<'_> {
    #[inline(always)]
    fn run(self, _: impl Registers) {
        let (reset, update, candidate) = thirds(self.gates);
        let units = self.of_states.len() / GATES;
        let (of_reset, rest) = self.of_states.split_at(units);
        let (of_update, of_candidate) = rest.split_at(units);
        let gates = reset.iter_mut().zip(update).zip(candidate);
        let states =
            of_reset.iter().zip(of_update).zip(of_candidate.iter().zip(self.recalled_bias));
        let after = self.recalled.iter_mut().zip(self.hidden).zip(self.hidden_before);
        for ((((r, z), n), ((of_r, of_z), (of_n, bias))), ((recalled, hidden), before)) in
            gates.zip(states).zip(after)
        {
            *r = sigmoid(*r + of_r);
            *z = sigmoid(*z + of_z);
            *recalled = of_n + bias;
            *n = tanh(*n + *r * *recalled);
            *hidden = *n + *z * (before - *n);
        }
    }
}

/// Turns `gates` `[3 · units]` into the loss's gradient by the inputs' sums, `of_states` into that by
/// the state's, and `by_hidden`, which comes from the step after, into what the update gate lets
/// through to the step before; all else is `[units]`.
pub(super) struct Backward<'a> {
    pub(super) gates: &'a mut [f32],
    pub(super) of_states: &'a mut [f32],
    pub(super) recalled: &'a [f32],
    pub(super) hidden_before: &'a [f32],
    /// The gradient by this step's output that comes from the layer above.
    pub(super) by_output: &'a [f32],
    pub(super) by_hidden: &'a mut [f32],
}

impl Wide for Backward<'_> {
    #[inline(always)]
    fn run(self, _: impl Registers) {
        let (reset, update, candidate) = thirds(self.gates);
        let (of_reset, of_update, of_candidate) = thirds(self.of_states);
        let gates = reset.iter_mut().zip(update).zip(candidate);
        let states = of_reset.iter_mut().zip(of_update).zip(of_candidate);
        let kept = self.recalled.iter().zip(self.hidden_before);
        let gradients = self.by_output.iter().zip(self.by_hidden);
        for (((((r, z), n), ((of_r, of_z), of_n)), (recalled, before)), (above, later)) in
            gates.zip(states).zip(kept).zip(gradients)
        {
            let by_hidden = above + *later;
            let (reset, update, candidate) = (*r, *z, *n);
            let by_candidate = by_hidden * (1.0 - update) * (1.0 - candidate * candidate);
            let by_update = by_hidden * (before - candidate) * update * (1.0 - update);
            let by_reset = by_candidate * recalled * reset * (1.0 - reset);
            (*r, *z, *n) = (by_reset, by_update, by_candidate);
            (*of_r, *of_z, *of_n) = (by_reset, by_update, by_candidate * reset);
            *later = by_hidden * update;
        }
    }
}

#[inline(always)]
fn thirds(gates: &mut [f32]) -> (&mut [f32], &mut [f32], &mut [f32]) {
    let units = gates.len() / GATES;
    let (reset, rest) = gates.split_at_mut(units);
    let (update, candidate) = rest.split_at_mut(units);
    (reset, update, candidate)
}
