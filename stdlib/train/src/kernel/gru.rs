//! One GRU layer, forward and back through time, in f32.
//!
//! Gates lie side by side in the order reset, update, candidate. The reset gate acts on the candidate's
//! recurrent product, its bias included, so that one product a step is enough.
//!
//! Source: Cho et al. (2014) in the form of cuDNN; the equations are those of `torch.nn.GRU` with the
//! two biases of reset and update merged into one.

mod gates;

use super::machine::widest;
use super::{
    Buffer, BySums, Factors, Gradients, Matrix, WantInputs, Weights, Workspace, add, add_product,
    gradients, nothing_yet,
};

/// The number of gates.
pub(crate) const GATES: usize = 3;

/// What the way forward leaves for the way back.
///
/// `hidden` is `[steps + 1, batch, units]`: its first step is the state before all inputs, which is
/// zero; `gates` is `[steps, batch, 3 · units]`; `recalled`, the candidate's recurrent sum before the
/// reset gate, `[steps, batch, units]`.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    steps: usize,
    batch: usize,
    units: usize,
    gates: Buffer,
    recalled: Buffer,
    hidden: Buffer,
}

impl Tape {
    /// The layer's output at every step, `[steps, batch, units]`.
    pub(super) fn outputs(&self) -> &[f32] {
        self.hidden.get(self.batch * self.units..).unwrap_or_default()
    }
}

/// Runs the layer over `x` `[steps, batch, inputs]`.
///
/// # Panics
/// When `x` is of another length.
pub(super) fn forward(
    workspace: &Workspace,
    weights: Weights<'_>,
    factors: &Factors,
    x: &[f32],
    steps: usize,
    batch: usize,
) -> Tape {
    let units = weights.units;
    let (state, sums) = (batch * units, batch * units * GATES);
    let (bias, recalled_bias) = weights.bias.split_at(units * GATES);
    let mut gates = workspace.repeated(bias, steps * batch);
    add_product(&mut gates, Matrix::new(x, steps * batch, weights.inputs), &factors.w_ih);

    let mut hidden = workspace.room((steps + 1) * state);
    let mut recalled = workspace.room(steps * state);
    let mut of_states = workspace.room(sums);
    let mut hiddens = hidden.chunks_exact_mut(state);
    let mut hidden_before = nothing_yet(hiddens.next());
    let after = recalled.chunks_exact_mut(state).zip(hiddens);
    for (gates, (recalled, hidden)) in gates.chunks_exact_mut(sums).zip(after) {
        of_states.fill(0.0);
        add_product(&mut of_states, Matrix::new(hidden_before, batch, units), &factors.w_hh);
        let before = gates
            .chunks_exact_mut(units * GATES)
            .zip(of_states.chunks_exact(units * GATES))
            .zip(hidden_before.chunks_exact(units));
        let after = recalled.chunks_exact_mut(units).zip(hidden.chunks_exact_mut(units));
        for (((gates, of_states), hidden_before), (recalled, hidden)) in before.zip(after) {
            let row =
                gates::Forward { gates, of_states, recalled_bias, hidden_before, recalled, hidden };
            widest(row);
        }
        hidden_before = hidden;
    }
    Tape { steps, batch, units, gates, recalled, hidden }
}

/// Brings `dy` `[steps, batch, units]`, the loss's gradient by the outputs, back to the operands.
///
/// # Panics
/// When `x` or `dy` is of another length than the tape was recorded with.
pub(super) fn backward(
    workspace: &Workspace,
    tape: Tape,
    weights: Weights<'_>,
    factors: &Factors,
    x: &[f32],
    dy: &[f32],
    wanted: WantInputs,
) -> Gradients {
    let Tape { steps, batch, units, mut gates, recalled, hidden } = tape;
    let (state, sums) = (batch * units, batch * units * GATES);
    assert_eq!(dy.len(), steps * state, "a gradient of another shape than the outputs");

    let mut of_states = workspace.room(steps * sums);
    let mut by_hidden = workspace.zeros(state);
    let steps_back = gates
        .chunks_exact_mut(sums)
        .zip(of_states.chunks_exact_mut(sums))
        .zip(recalled.chunks_exact(state).zip(hidden.chunks_exact(state)))
        .zip(dy.chunks_exact(state))
        .rev();
    for (((gates, of_states), (recalled, hidden_before)), dy) in steps_back {
        let tape = gates
            .chunks_exact_mut(units * GATES)
            .zip(of_states.chunks_exact_mut(units * GATES))
            .zip(recalled.chunks_exact(units).zip(hidden_before.chunks_exact(units)));
        let gradients = dy.chunks_exact(units).zip(by_hidden.chunks_exact_mut(units));
        for (((gates, of_states), (recalled, hidden_before)), (by_output, by_hidden)) in
            tape.zip(gradients)
        {
            let row =
                gates::Backward { gates, of_states, recalled, hidden_before, by_output, by_hidden };
            widest(row);
        }
        // What the update gate let through is there already.
        add_product(&mut by_hidden, Matrix::new(of_states, batch, units * GATES), &factors.w_hh);
    }

    let hidden_before = hidden.get(..steps * state).unwrap_or_default();
    let mut bias = workspace.zeros(weights.bias.len());
    let (of_gates, of_recalled) = bias.split_at_mut(units * GATES);
    for (row, of_states) in
        gates.chunks_exact(units * GATES).zip(of_states.chunks_exact(units * GATES))
    {
        add(of_gates, row);
        add(of_recalled, of_states.get(units * (GATES - 1)..).unwrap_or_default());
    }
    let sums = BySums { of_inputs: &gates, of_states: &of_states };
    gradients(workspace, weights, factors, [x, hidden_before], sums, bias, wanted)
}
