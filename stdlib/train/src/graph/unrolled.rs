//! A recurrent layer in tensor operations, one step after the other: what a backend without a kernel of
//! ours runs. The numbers are those of `kernel`, to rounding.

use burn::tensor::Tensor;
use burn::tensor::activation::{sigmoid, tanh};

use crate::operation::Cell;

/// Runs a layer over `x` `[steps, batch, inputs]`: `w_ih` `[inputs, gates · units]`, `w_hh`
/// `[units, gates · units]`, `bias` `[4 · units]`; returns the outputs `[steps, batch, units]`.
pub(super) fn recurrent(
    cell: Cell,
    x: Tensor<3>,
    w_ih: Tensor<2>,
    w_hh: &Tensor<2>,
    bias: &Tensor<1>,
) -> Tensor<3> {
    let ([steps, batch, inputs], [units, sums]) = (x.dims(), w_hh.dims());
    // One product for all steps, as the inputs are all there.
    let of_inputs = x.reshape([steps * batch, inputs]).matmul(w_ih);
    let of_inputs = of_inputs + bias.clone().narrow(0, 0, sums).unsqueeze::<2>();
    let none = Tensor::zeros([batch, units], &of_inputs.device());
    let mut state = State { hidden: none.clone(), cell: none };
    let mut outputs = Vec::with_capacity(steps);
    for step in 0..steps {
        let of_inputs = of_inputs.clone().narrow(0, step * batch, batch);
        let of_states = state.hidden.clone().matmul(w_hh.clone());
        state = match cell {
            Cell::Lstm => state.lstm(&(of_inputs + of_states)),
            Cell::Gru => {
                let recalled_bias = bias.clone().narrow(0, sums, units);
                state.gru(&of_inputs, &of_states, recalled_bias)
            }
        };
        outputs.push(state.hidden.clone());
    }
    Tensor::stack(outputs, 0)
}

/// What a layer carries from step to step, `[batch, units]` each; a GRU has no cell.
struct State {
    hidden: Tensor<2>,
    cell: Tensor<2>,
}

impl State {
    /// `sums`: input, forget, cell, output side by side.
    fn lstm(self, sums: &Tensor<2>) -> Self {
        let [_, units] = self.cell.dims();
        let gate = |at: usize| sums.clone().narrow(1, at * units, units);
        let kept = sigmoid(gate(1)) * self.cell;
        let cell = sigmoid(gate(0)) * tanh(gate(2)) + kept;
        Self { hidden: sigmoid(gate(3)) * tanh(cell.clone()), cell }
    }

    /// Both sums: reset, update, candidate side by side.
    fn gru(self, of_inputs: &Tensor<2>, of_states: &Tensor<2>, recalled_bias: Tensor<1>) -> Self {
        let Self { hidden, cell } = self;
        let [_, units] = hidden.dims();
        let of_inputs = |at: usize| of_inputs.clone().narrow(1, at * units, units);
        let of_states = |at: usize| of_states.clone().narrow(1, at * units, units);
        let reset = sigmoid(of_inputs(0) + of_states(0));
        let update = sigmoid(of_inputs(1) + of_states(1));
        let recalled = of_states(2) + recalled_bias.unsqueeze::<2>();
        let candidate = tanh(of_inputs(2) + reset * recalled);
        // (1 − update) · candidate + update · hidden, with one product less.
        Self { hidden: candidate.clone() + update * (hidden - candidate), cell }
    }
}
