//! One LSTM layer, forward and back through time, in f32.
//!
//! Gates lie side by side in the order input, forget, cell, output, and a gate has one bias. One
//! product projects the inputs of all steps; each step adds one recurrent product.
//!
//! Source: Hochreiter & Schmidhuber (1997) with the forget gate of Gers et al. (2000); the equations
//! are those of `torch.nn.LSTM` with its two biases merged into one.

mod gates;

use super::machine::widest;
use super::{
    Buffer, BySums, Factors, Gradients, Matrix, WantInputs, Weights, Workspace, add, add_product,
    gradients, nothing_yet,
};

/// The number of gates.
pub(crate) const GATES: usize = 4;

/// What the way forward leaves for the way back.
///
/// `cell` and `hidden` are `[steps + 1, batch, units]`: their first step is the state before all
/// inputs, which is zero; `gates` is `[steps, batch, 4 · units]`, `cell_tanh` `[steps, batch, units]`.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    steps: usize,
    batch: usize,
    units: usize,
    gates: Buffer,
    cell: Buffer,
    cell_tanh: Buffer,
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
    let mut gates = workspace.repeated(weights.bias, steps * batch);
    add_product(&mut gates, Matrix::new(x, steps * batch, weights.inputs), &factors.w_ih);

    let mut cell = workspace.room((steps + 1) * state);
    let mut hidden = workspace.room((steps + 1) * state);
    let mut cell_tanh = workspace.room(steps * state);
    let mut cells = cell.chunks_exact_mut(state);
    let mut hiddens = hidden.chunks_exact_mut(state);
    let mut cell_before = nothing_yet(cells.next());
    let mut hidden_before = nothing_yet(hiddens.next());
    let after = cells.zip(cell_tanh.chunks_exact_mut(state)).zip(hiddens);
    for (gates, ((cell, cell_tanh), hidden)) in gates.chunks_exact_mut(sums).zip(after) {
        add_product(gates, Matrix::new(hidden_before, batch, units), &factors.w_hh);
        let before = gates.chunks_exact_mut(units * GATES).zip(cell_before.chunks_exact(units));
        let after = cell
            .chunks_exact_mut(units)
            .zip(cell_tanh.chunks_exact_mut(units))
            .zip(hidden.chunks_exact_mut(units));
        for ((gates, cell_before), ((cell, cell_tanh), hidden)) in before.zip(after) {
            widest(gates::Forward { gates, cell_before, cell, cell_tanh, hidden });
        }
        cell_before = cell;
        hidden_before = hidden;
    }
    Tape { steps, batch, units, gates, cell, cell_tanh, hidden }
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
    let Tape { steps, batch, units, mut gates, cell, cell_tanh, hidden } = tape;
    let (state, sums) = (batch * units, batch * units * GATES);
    assert_eq!(dy.len(), steps * state, "a gradient of another shape than the outputs");

    let mut by_hidden = workspace.zeros(state);
    let mut by_cell = workspace.zeros(state);
    let before = cell.chunks_exact(state).take(steps);
    let steps_back = gates
        .chunks_exact_mut(sums)
        .zip(before.zip(cell_tanh.chunks_exact(state)))
        .zip(dy.chunks_exact(state))
        .rev();
    for ((gates, (cell_before, cell_tanh)), dy) in steps_back {
        let tape = gates
            .chunks_exact_mut(units * GATES)
            .zip(cell_before.chunks_exact(units).zip(cell_tanh.chunks_exact(units)));
        let gradients = dy
            .chunks_exact(units)
            .zip(by_hidden.chunks_exact(units))
            .zip(by_cell.chunks_exact_mut(units));
        for ((gates, (cell_before, cell_tanh)), ((by_output, by_hidden), by_cell)) in
            tape.zip(gradients)
        {
            widest(gates::Backward {
                gates,
                cell_before,
                cell_tanh,
                by_output,
                by_hidden,
                by_cell,
            });
        }
        by_hidden.fill(0.0);
        add_product(&mut by_hidden, Matrix::new(gates, batch, units * GATES), &factors.w_hh);
    }

    let hidden_before = hidden.get(..steps * state).unwrap_or_default();
    let mut bias = workspace.zeros(units * GATES);
    for row in gates.chunks_exact(units * GATES) {
        add(&mut bias, row);
    }
    let sums = BySums { of_inputs: &gates, of_states: &gates };
    gradients(workspace, weights, factors, [x, hidden_before], sums, bias, wanted)
}
