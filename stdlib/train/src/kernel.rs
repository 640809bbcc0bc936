//! One recurrent layer, forward and back through time, in f32.
//!
//! Time comes first (`[step, row, unit]`). Everything here runs on the calling thread; `shards` spreads
//! a batch over more.

mod curve;
mod gru;
mod lstm;
mod machine;
mod product;
pub(crate) mod shards;
#[cfg(test)]
mod tests;
mod workspace;

pub(crate) use gru::GATES as GRU_GATES;
pub(crate) use lstm::GATES as LSTM_GATES;
pub(crate) use product::{Matrix, Panels, add_product};
pub(crate) use workspace::{Buffer, Workspace};

use crate::operation::Cell;

/// The weights of one layer, looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'a> {
    cell: Cell,
    inputs: usize,
    units: usize,
    w_ih: &'a [f32],
    w_hh: &'a [f32],
    bias: &'a [f32],
}

impl<'a> Weights<'a> {
    /// `w_ih` `[inputs, gates · units]`, `w_hh` `[units, gates · units]`, `bias` `[4 · units]`: of an
    /// LSTM one a gate, of a GRU one a gate and the candidate's recurrent one.
    ///
    /// # Panics
    /// When the slices are of other lengths.
    pub(crate) fn new(
        cell: Cell,
        (inputs, units): (usize, usize),
        [w_ih, w_hh, bias]: [&'a [f32]; 3],
    ) -> Self {
        let sums = cell.gates() * units;
        assert_eq!(w_ih.len(), inputs * sums, "input weights of another shape");
        assert_eq!(w_hh.len(), units * sums, "recurrent weights of another shape");
        assert_eq!(bias.len(), 4 * units, "a bias of another shape");
        Self { cell, inputs, units, w_ih, w_hh, bias }
    }

    const fn sums(&self) -> usize {
        self.cell.gates() * self.units
    }

    fn w_ih(&self) -> Matrix<'a> {
        Matrix::new(self.w_ih, self.inputs, self.sums())
    }

    fn w_hh(&self) -> Matrix<'a> {
        Matrix::new(self.w_hh, self.units, self.sums())
    }

    /// Laid out for the way forward.
    pub(crate) fn forward(&self, workspace: &Workspace) -> Factors {
        let [w_ih, w_hh] = [self.w_ih(), self.w_hh()];
        Factors { w_ih: Panels::within(workspace, w_ih), w_hh: Panels::within(workspace, w_hh) }
    }

    /// Laid out for the way back.
    pub(crate) fn back(&self, workspace: &Workspace) -> Factors {
        let [w_ih, w_hh] = [self.w_ih().transposed(), self.w_hh().transposed()];
        Factors { w_ih: Panels::within(workspace, w_ih), w_hh: Panels::within(workspace, w_hh) }
    }
}

/// A layer's weights as the right sides of its products, laid out once for all steps and shards.
#[derive(Debug)]
pub(crate) struct Factors {
    w_ih: Panels,
    w_hh: Panels,
}

/// What the way forward leaves for the way back.
#[derive(Clone, Debug)]
pub(crate) enum Tape {
    Lstm(lstm::Tape),
    Gru(gru::Tape),
}

impl Tape {
    /// The layer's output at every step, `[steps, batch, units]`.
    pub(crate) fn outputs(&self) -> &[f32] {
        match self {
            Self::Lstm(tape) => tape.outputs(),
            Self::Gru(tape) => tape.outputs(),
        }
    }
}

/// Runs the layer over `x` `[steps, batch, inputs]`; `factors` are `weights.forward(…)`.
///
/// # Panics
/// When `x` is of another length.
pub(crate) fn forward(
    workspace: &Workspace,
    weights: Weights<'_>,
    factors: &Factors,
    x: &[f32],
    steps: usize,
    batch: usize,
) -> Tape {
    match weights.cell {
        Cell::Lstm => Tape::Lstm(lstm::forward(workspace, weights, factors, x, steps, batch)),
        Cell::Gru => Tape::Gru(gru::forward(workspace, weights, factors, x, steps, batch)),
    }
}

/// Brings `dy` `[steps, batch, units]`, the loss's gradient by the outputs, back to the operands;
/// `factors` are `weights.back(…)`.
///
/// # Panics
/// When `x` or `dy` is of another length than the tape was recorded with.
pub(crate) fn backward(
    workspace: &Workspace,
    tape: Tape,
    weights: Weights<'_>,
    factors: &Factors,
    x: &[f32],
    dy: &[f32],
    wanted: WantInputs,
) -> Gradients {
    match tape {
        Tape::Lstm(tape) => lstm::backward(workspace, tape, weights, factors, x, dy, wanted),
        Tape::Gru(tape) => gru::backward(workspace, tape, weights, factors, x, dy, wanted),
    }
}

/// The loss's gradient by each operand, shaped as the operands are.
#[derive(Debug)]
pub(crate) struct Gradients {
    /// Absent when nobody needs it: the first layer's inputs are data.
    pub(crate) x: Option<Buffer>,
    pub(crate) w_ih: Buffer,
    pub(crate) w_hh: Buffer,
    pub(crate) bias: Buffer,
}

/// The loss's gradient by the sums before the gates, `[steps · batch, gates · units]`.
#[derive(Clone, Copy, Debug)]
struct BySums<'a> {
    /// By what comes from the inputs.
    of_inputs: &'a [f32],
    /// By what comes from the states before.
    of_states: &'a [f32],
}

/// The products that all recurrent layers end with: of what came in at all steps, from below and from
/// the step before, with the gradients by the sums made of it.
fn gradients(
    workspace: &Workspace,
    weights: Weights<'_>,
    factors: &Factors,
    [x, states_before]: [&[f32]; 2],
    sums: BySums<'_>,
    bias: Buffer,
    wanted: WantInputs,
) -> Gradients {
    let rows = states_before.len() / weights.units.max(1);
    let by_inputs = Matrix::new(sums.of_inputs, rows, weights.sums());
    let by_states = Matrix::new(sums.of_states, rows, weights.sums());
    let panels = Panels::within(workspace, by_inputs);
    let mut w_ih = workspace.zeros(weights.w_ih.len());
    add_product(&mut w_ih, Matrix::new(x, rows, weights.inputs).transposed(), &panels);
    // Of an LSTM both are the same sums, laid out once.
    let is_shared = std::ptr::eq(sums.of_inputs, sums.of_states);
    let panels = if is_shared { panels } else { Panels::within(workspace, by_states) };
    let mut w_hh = workspace.zeros(weights.w_hh.len());
    add_product(&mut w_hh, Matrix::new(states_before, rows, weights.units).transposed(), &panels);
    let x = (wanted == WantInputs::Yes).then(|| {
        let mut dx = workspace.zeros(rows * weights.inputs);
        add_product(&mut dx, by_inputs, &factors.w_ih);
        dx
    });
    Gradients { x, w_ih, w_hh, bias }
}

/// The state before all inputs, which is zero, in the place it has on the tape.
fn nothing_yet(state: Option<&mut [f32]>) -> &[f32] {
    let state = state.unwrap_or_default();
    state.fill(0.0);
    state
}

/// Whether the gradient by the layer's inputs is needed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WantInputs {
    Yes,
    No,
}

/// `into` += `other`, element by element.
pub(crate) fn add(into: &mut [f32], other: &[f32]) {
    for (into, other) in into.iter_mut().zip(other) {
        *into += other;
    }
}
