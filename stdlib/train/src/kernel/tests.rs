use super::shards::{run, run_back};
use super::*;

const STEPS: usize = 4;
const INPUTS: usize = 2;
const UNITS: usize = 5;

/// A layer's operands and a direction in which its outputs are summed.
struct Case {
    cell: Cell,
    batch: usize,
    x: Vec<f32>,
    w_ih: Vec<f32>,
    w_hh: Vec<f32>,
    bias: Vec<f32>,
    direction: Vec<f32>,
}

impl Case {
    fn new(cell: Cell, batch: usize) -> Self {
        let sums = cell.gates() * UNITS;
        let mut state = 1_u32;
        let mut numbers = |count: usize| -> Vec<f32> {
            (0..count)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 8) as f32 / 16_777_216.0 - 0.5
                })
                .collect()
        };
        Self {
            cell,
            batch,
            x: numbers(STEPS * batch * INPUTS),
            w_ih: numbers(INPUTS * sums),
            w_hh: numbers(UNITS * sums),
            bias: numbers(4 * UNITS),
            direction: numbers(STEPS * batch * UNITS),
        }
    }

    fn weights(&self) -> Weights<'_> {
        Weights::new(self.cell, (INPUTS, UNITS), [&self.w_ih, &self.w_hh, &self.bias])
    }

    /// The outputs' sum in the direction, whose gradient by the outputs is the direction.
    fn loss(&self) -> f64 {
        let outputs = run(&Workspace::default(), self.weights(), &self.x, STEPS, self.batch).1;
        outputs.iter().zip(&self.direction).map(|(out, by)| f64::from(out * by)).sum()
    }

    fn gradients(&self) -> Gradients {
        let shards = run(&Workspace::default(), self.weights(), &self.x, STEPS, self.batch).0;
        run_back(&Workspace::default(), shards, self.weights(), &self.direction, WantInputs::Yes)
    }
}

/// The same layer in f64 with the library's own functions: slow, plain, and another hand's maths.
fn outputs_in_f64(case: &Case) -> Vec<f64> {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let width = case.cell.gates() * UNITS;
    let mut outputs = vec![0.0; STEPS * case.batch * UNITS];
    for row in 0..case.batch {
        let (mut cell, mut hidden) = ([0.0; UNITS], [0.0; UNITS]);
        for step in 0..STEPS {
            let of_inputs = |gate: usize, unit: usize| -> f64 {
                let column = gate * UNITS + unit;
                let x = &case.x[(step * case.batch + row) * INPUTS..];
                let products =
                    (0..INPUTS).map(|i| f64::from(x[i]) * f64::from(case.w_ih[i * width + column]));
                f64::from(case.bias[column]) + products.sum::<f64>()
            };
            let of_states = |gate: usize, unit: usize| -> f64 {
                let column = gate * UNITS + unit;
                (0..UNITS).map(|h| hidden[h] * f64::from(case.w_hh[h * width + column])).sum()
            };
            let sum = |gate, unit| of_inputs(gate, unit) + of_states(gate, unit);
            let next = |unit: usize| match case.cell {
                Cell::Lstm => {
                    let kept = sigmoid(sum(1, unit)) * cell[unit];
                    let cell = kept + sigmoid(sum(0, unit)) * sum(2, unit).tanh();
                    (cell, sigmoid(sum(3, unit)) * cell.tanh())
                }
                Cell::Gru => {
                    let recalled = of_states(2, unit) + f64::from(case.bias[3 * UNITS + unit]);
                    let candidate = of_inputs(2, unit) + sigmoid(sum(0, unit)) * recalled;
                    let update = sigmoid(sum(1, unit));
                    (0.0, (1.0 - update) * candidate.tanh() + update * hidden[unit])
                }
            };
            let after: [(f64, f64); UNITS] = std::array::from_fn(next);
            (cell, hidden) = (after.map(|state| state.0), after.map(|state| state.1));
            let at = (step * case.batch + row) * UNITS;
            outputs[at..at + UNITS].copy_from_slice(&hidden);
        }
    }
    outputs
}

const CELLS: [Cell; 2] = [Cell::Lstm, Cell::Gru];

#[test]
fn outputs_agree_with_double_precision() {
    for (cell, batch) in CELLS.into_iter().flat_map(|cell| [1, 3, 20].map(|batch| (cell, batch))) {
        let case = Case::new(cell, batch);
        let outputs = run(&Workspace::default(), case.weights(), &case.x, STEPS, batch).1;
        for (ours, exact) in outputs.iter().zip(outputs_in_f64(&case)) {
            assert!((f64::from(*ours) - exact).abs() < 3e-7, "{ours} instead of {exact}");
        }
    }
}

/// More rows than a shard holds, so that shards are summed and put back in their places.
const BATCH: usize = shards::ROWS + 3;

#[test]
fn gradients_agree_with_finite_differences() {
    type Operand = fn(&mut Case) -> &mut Vec<f32>;
    const NUDGE: f32 = 1e-2;
    for cell in CELLS {
        let ours = Case::new(cell, BATCH).gradients();
        let x = ours.x.expect("asked for");
        let operands: [(&str, Operand, &[f32]); 4] = [
            ("x", |case| &mut case.x, &x),
            ("w_ih", |case| &mut case.w_ih, &ours.w_ih),
            ("w_hh", |case| &mut case.w_hh, &ours.w_hh),
            ("bias", |case| &mut case.bias, &ours.bias),
        ];
        let mut nudged = Case::new(cell, BATCH);
        for (name, operand, gradient) in operands {
            assert_eq!(operand(&mut nudged).len(), gradient.len(), "{name}");
            for (at, ours) in gradient.iter().enumerate() {
                let there = operand(&mut nudged)[at];
                operand(&mut nudged)[at] = there + NUDGE;
                let above = nudged.loss();
                operand(&mut nudged)[at] = there - NUDGE;
                let below = nudged.loss();
                operand(&mut nudged)[at] = there;
                let difference = (above - below) / (2.0 * f64::from(NUDGE));
                let error = (difference - f64::from(*ours)).abs();
                let what = format!("{cell:?} {name}[{at}]: {ours}, {difference}");
                assert!(error < 1e-4 * (1.0 + difference.abs()), "{what}");
            }
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let with = |cell, threads: usize| {
        let case = Case::new(cell, 3 * shards::ROWS + 1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let gradients = pool.install(|| case.gradients());
        [gradients.x.unwrap(), gradients.w_ih, gradients.w_hh, gradients.bias]
            .map(Buffer::into_vec)
            .concat()
            .into_iter()
            .map(f32::to_bits)
            .collect::<Vec<_>>()
    };
    for cell in CELLS {
        assert_eq!(with(cell, 1), with(cell, 4));
    }
}

#[test]
fn a_number_that_is_none_is_not_hidden_by_a_gate() {
    for cell in CELLS {
        let mut case = Case::new(cell, 2);
        case.x[0] = f32::NAN;
        let outputs = run(&Workspace::default(), case.weights(), &case.x, STEPS, 2).1;
        assert!(outputs[0].is_nan());
        // The other row of the batch has nothing to do with it.
        assert!(outputs[UNITS].is_finite());
    }
}
