//! One LSTM layer, forward and back through time, in f32.
//!
//! Time comes first (`[step, row, unit]`), gates lie side by side in the order input, forget, cell,
//! output, and a gate has one bias. One product projects the inputs of all steps; each step adds one
//! recurrent product. Everything here runs on the calling thread; `shards` spreads a batch over more.
//!
//! Source: Hochreiter & Schmidhuber (1997) with the forget gate of Gers et al. (2000); the equations
//! are those of `torch.nn.LSTM` with its two biases merged into one.

mod gates;
mod machine;
pub(crate) mod shards;
#[cfg(test)]
mod tests;

pub(crate) use gates::GATES;
pub(crate) use machine::{Matrix, add_product};

use machine::widest;

/// The weights of one layer, looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'a> {
    inputs: usize,
    units: usize,
    w_ih: &'a [f32],
    w_hh: &'a [f32],
    bias: &'a [f32],
}

impl<'a> Weights<'a> {
    /// `w_ih` `[inputs, 4 · units]`, `w_hh` `[units, 4 · units]`, `bias` `[4 · units]`.
    ///
    /// # Panics
    /// When the slices are of other lengths.
    pub(crate) fn new(
        (inputs, units): (usize, usize),
        w_ih: &'a [f32],
        w_hh: &'a [f32],
        bias: &'a [f32],
    ) -> Self {
        assert_eq!(w_ih.len(), inputs * GATES * units, "input weights of another shape");
        assert_eq!(w_hh.len(), units * GATES * units, "recurrent weights of another shape");
        assert_eq!(bias.len(), GATES * units, "a bias of another shape");
        Self { inputs, units, w_ih, w_hh, bias }
    }

    fn w_ih(&self) -> Matrix<'a> {
        Matrix::new(self.w_ih, self.inputs, GATES * self.units)
    }

    fn w_hh(&self) -> Matrix<'a> {
        Matrix::new(self.w_hh, self.units, GATES * self.units)
    }
}

/// What the way forward leaves for the way back.
///
/// `cell` and `hidden` are `[steps + 1, batch, units]`: their first step is the state before all
/// inputs, which is zero; `gates` is `[steps, batch, 4 · units]`, `cell_tanh` `[steps, batch, units]`.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    steps: usize,
    batch: usize,
    units: usize,
    gates: Vec<f32>,
    cell: Vec<f32>,
    cell_tanh: Vec<f32>,
    hidden: Vec<f32>,
}

impl Tape {
    /// The layer's output at every step, `[steps, batch, units]`.
    pub(crate) fn outputs(&self) -> &[f32] {
        self.hidden.get(self.batch * self.units..).unwrap_or_default()
    }

    /// The layer's output at the last step, `[batch, units]`.
    pub(crate) fn last_output(&self) -> &[f32] {
        self.hidden.get(self.steps * self.batch * self.units..).unwrap_or_default()
    }
}

/// The loss's gradient by each operand, shaped as the operands are.
#[derive(Debug)]
pub(crate) struct Gradients {
    /// Absent when nobody needs it: the first layer's inputs are data.
    pub(crate) x: Option<Vec<f32>>,
    pub(crate) w_ih: Vec<f32>,
    pub(crate) w_hh: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// Runs the layer over `x` `[steps, batch, inputs]`.
///
/// # Panics
/// When `x` is of another length.
pub(crate) fn forward(weights: Weights<'_>, x: &[f32], steps: usize, batch: usize) -> Tape {
    let units = weights.units;
    let (state, sums) = (batch * units, batch * units * GATES);
    let mut gates = weights.bias.repeat(steps * batch);
    add_product(&mut gates, Matrix::new(x, steps * batch, weights.inputs), weights.w_ih());

    let mut cell = vec![0.0; (steps + 1) * state];
    let mut hidden = vec![0.0; (steps + 1) * state];
    let mut cell_tanh = vec![0.0; steps * state];
    let mut cells = cell.chunks_exact_mut(state);
    let mut hiddens = hidden.chunks_exact_mut(state);
    let mut cell_before: &[f32] = cells.next().unwrap_or_default();
    let mut hidden_before: &[f32] = hiddens.next().unwrap_or_default();
    let after = cells.zip(cell_tanh.chunks_exact_mut(state)).zip(hiddens);
    for (gates, ((cell, cell_tanh), hidden)) in gates.chunks_exact_mut(sums).zip(after) {
        add_product(gates, Matrix::new(hidden_before, batch, units), weights.w_hh());
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
pub(crate) fn backward(
    tape: Tape,
    weights: Weights<'_>,
    x: &[f32],
    dy: &[f32],
    wanted: WantInputs,
) -> Gradients {
    let Tape { steps, batch, units, mut gates, cell, cell_tanh, hidden } = tape;
    let (state, sums) = (batch * units, batch * units * GATES);
    assert_eq!(dy.len(), steps * state, "a gradient of another shape than the outputs");

    let mut by_hidden = vec![0.0; state];
    let mut by_cell = vec![0.0; state];
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
        add_product(
            &mut by_hidden,
            Matrix::new(gates, batch, units * GATES),
            weights.w_hh().transposed(),
        );
    }

    let rows = steps * batch;
    let by_sums = Matrix::new(&gates, rows, units * GATES);
    let mut w_ih = vec![0.0; weights.w_ih.len()];
    add_product(&mut w_ih, Matrix::new(x, rows, weights.inputs).transposed(), by_sums);
    let hidden_before = hidden.get(..steps * state).unwrap_or_default();
    let mut w_hh = vec![0.0; weights.w_hh.len()];
    add_product(&mut w_hh, Matrix::new(hidden_before, rows, units).transposed(), by_sums);
    let mut bias = vec![0.0; units * GATES];
    for row in gates.chunks_exact(units * GATES) {
        add(&mut bias, row);
    }
    let x = match wanted {
        WantInputs::Yes => {
            let mut dx = vec![0.0; rows * weights.inputs];
            add_product(&mut dx, by_sums, weights.w_ih().transposed());
            Some(dx)
        }
        WantInputs::No => None,
    };
    Gradients { x, w_ih, w_hh, bias }
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
