//! Operators that go from step to step: LSTM, GRU and the plain recurrent one.

use super::GraphError;
use super::array::{Array, Budget};
use super::operators::{Given, Operator, input, require, sigmoid};

/// Weights of one direction, and the state it begins in.
struct Direction {
    own: Vec<f64>,
    back: Vec<f64>,
    biases: Vec<f64>,
    state: Vec<f64>,
    cell: Vec<f64>,
    is_reverse: bool,
}

/// How much there is of what.
#[derive(Clone, Copy)]
struct Extent {
    steps: usize,
    batch: usize,
    width: usize,
    units: usize,
    gates: usize,
}

/// What a recurrent operator of `kind` makes of `given`: all states `[step, direction, batch, unit]`, the
/// last ones `[direction, batch, unit]`, and the last cells of an LSTM.
pub(super) fn run(
    operator: &Operator,
    kind: &str,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Vec<Array>, GraphError> {
    let x = input(given, 0)?;
    let [steps, batch, width] = *x.dims.as_slice() else {
        return Err(GraphError::Shape { found: x.dims.clone(), wanted: vec![0, 0, 0] });
    };
    let gates = match kind {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };
    check(operator, kind, given)?;
    let back = input(given, 2)?;
    let units = back.dims.last().copied().unwrap_or(0);
    let extent = Extent { steps, batch, width, units, gates };
    let directions = match operator.text("direction").as_deref() {
        None | Some("" | "forward") => vec![false],
        Some("reverse") => vec![true],
        Some("bidirectional") => vec![false, true],
        Some(_) => return Err(GraphError::Attribute { attribute: "direction".to_owned() }),
    };
    let count = directions.len();
    let dims = vec![steps, count, batch, units];
    let all = budget.array(&dims)?;
    let ends = vec![count, batch, units];
    budget.array(&ends)?;
    budget.work(&[all, gates, width.saturating_add(units)])?;
    let bars = x.reals();
    let mut states = vec![0.0; all];
    let (mut last, mut cells) = (Vec::new(), Vec::new());
    for (number, is_reverse) in directions.into_iter().enumerate() {
        let direction = Direction::of(given, extent, number, count, is_reverse)?;
        let linear = operator.int("linear_before_reset", 0) != 0;
        let (made, state, cell) = direction.follow(&bars, extent, linear);
        for (step, row) in made.chunks((batch * units).max(1)).enumerate() {
            let first = (step * count + number) * batch * units;
            if let Some(of) = states.get_mut(first..first + row.len()) {
                of.copy_from_slice(row);
            }
        }
        last.extend(state);
        cells.extend(cell);
    }
    let mut outputs = vec![Array::real(dims, states), Array::real(ends.clone(), last)];
    if kind == "LSTM" {
        outputs.push(Array::real(ends, cells));
    }
    Ok(outputs)
}

/// That nothing is asked for beside what is done here.
fn check(operator: &Operator, kind: &str, given: &Given<'_>) -> Result<(), GraphError> {
    require("layout", operator.int("layout", 0) == 0)?;
    require("clip", operator.attribute("clip").is_none())?;
    require("input_forget", operator.int("input_forget", 0) == 0)?;
    require("sequence_lens", given.get(4).copied().flatten().is_none())?;
    require("peepholes", given.get(7).copied().flatten().is_none())?;
    let usual: &[&str] = match kind {
        "LSTM" => &["Sigmoid", "Tanh", "Tanh"],
        "GRU" => &["Sigmoid", "Tanh"],
        _ => &["Tanh"],
    };
    let set = operator.attribute("activations").map(|it| it.strings.as_slice()).unwrap_or_default();
    let is_usual = set.iter().zip(usual.iter().cycle()).all(|(set, usual)| set == usual.as_bytes());
    require("activations", is_usual)
}

impl Direction {
    fn of(
        given: &Given<'_>,
        extent: Extent,
        number: usize,
        count: usize,
        is_reverse: bool,
    ) -> Result<Self, GraphError> {
        let Extent { batch, width, units, gates, .. } = extent;
        // Of what is stacked by direction, the part of this one.
        let part = |at: usize, dims: &[usize]| -> Result<Option<Vec<f64>>, GraphError> {
            let Some(array) = given.get(at).copied().flatten() else { return Ok(None) };
            let wanted: Vec<usize> = std::iter::once(count).chain(dims.iter().copied()).collect();
            if array.dims != wanted {
                return Err(GraphError::Shape { found: array.dims.clone(), wanted });
            }
            let size: usize = dims.iter().product();
            let values = array.reals();
            Ok(Some(values.get(number * size..(number + 1) * size).unwrap_or_default().to_vec()))
        };
        let sums = gates * units;
        let needed = |at: usize, found: Option<Vec<f64>>| found.ok_or(GraphError::Missing { at });
        let zeros = || vec![0.0; batch * units];
        Ok(Self {
            own: needed(1, part(1, &[sums, width])?)?,
            back: needed(2, part(2, &[sums, units])?)?,
            biases: part(3, &[2 * sums])?.unwrap_or_else(|| vec![0.0; 2 * sums]),
            state: part(5, &[batch, units])?.unwrap_or_else(zeros),
            cell: if gates == 4 {
                part(6, &[batch, units])?.unwrap_or_else(zeros)
            } else {
                zeros()
            },
            is_reverse,
        })
    }

    /// Every state in the order of the steps, and the last state and cell.
    fn follow(self, bars: &[f64], extent: Extent, linear: bool) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let Extent { steps, batch, width, units, gates } = extent;
        let Self { own, back, biases, mut state, mut cell, is_reverse } = self;
        let sums = gates * units;
        let (of_inputs, of_states) = biases.split_at_checked(sums).unwrap_or_default();
        let mut made = vec![0.0; steps * batch * units];
        for nth in 0..steps {
            let step = if is_reverse { steps - 1 - nth } else { nth };
            for row in 0..batch {
                let bar = (step * batch + row) * width;
                let bar = bars.get(bar..bar + width).unwrap_or_default();
                let place = row * units..(row + 1) * units;
                let before = state.get(place.clone()).unwrap_or_default().to_vec();
                let from_bar = affine(&own, bar, of_inputs);
                let from_state = affine(&back, &before, of_states);
                let cells = cell.get_mut(place.clone()).unwrap_or_default();
                let after = match gates {
                    4 => lstm(&from_bar, &from_state, cells),
                    3 if linear => gru(&from_bar, &from_state, &before),
                    3 => {
                        let reset =
                            |unit: usize| sigmoid(sum(&from_bar, &from_state, units + unit));
                        let kept: Vec<f64> =
                            before.iter().enumerate().map(|(at, old)| reset(at) * old).collect();
                        gru_reset_first(&from_bar, &from_state, &before, (&back, of_states, &kept))
                    }
                    _ => (0..units).map(|unit| sum(&from_bar, &from_state, unit).tanh()).collect(),
                };
                if let Some(of) = state.get_mut(place.clone()) {
                    of.copy_from_slice(&after);
                }
                let first = step * batch * units;
                if let Some(of) = made.get_mut(first + place.start..first + place.end) {
                    of.copy_from_slice(&after);
                }
            }
        }
        (made, state, cell)
    }
}

/// Each row of `weights` times `x`, plus its bias.
fn affine(weights: &[f64], x: &[f64], bias: &[f64]) -> Vec<f64> {
    if x.is_empty() {
        return bias.to_vec();
    }
    let row = |(row, bias): (&[f64], &f64)| {
        row.iter().zip(x).map(|(weight, x)| weight * x).sum::<f64>() + bias
    };
    weights.chunks(x.len()).zip(bias).map(row).collect()
}

fn at(values: &[f64], place: usize) -> f64 {
    values.get(place).copied().unwrap_or(0.0)
}

fn sum(a: &[f64], b: &[f64], place: usize) -> f64 {
    at(a, place) + at(b, place)
}

/// Gates are stacked input, output, forget, cell.
fn lstm(from_bar: &[f64], from_state: &[f64], cells: &mut [f64]) -> Vec<f64> {
    let units = cells.len();
    let gate = |gate: usize, unit: usize| sum(from_bar, from_state, gate * units + unit);
    let each = cells.iter_mut().enumerate().map(|(unit, cell)| {
        *cell = sigmoid(gate(2, unit)) * *cell + sigmoid(gate(0, unit)) * gate(3, unit).tanh();
        sigmoid(gate(1, unit)) * cell.tanh()
    });
    each.collect()
}

/// Gates are stacked update, reset, candidate; the reset gate acts after the recurrent product.
fn gru(from_bar: &[f64], from_state: &[f64], before: &[f64]) -> Vec<f64> {
    let units = before.len();
    let each = before.iter().enumerate().map(|(unit, old)| {
        let update = sigmoid(sum(from_bar, from_state, unit));
        let reset = sigmoid(sum(from_bar, from_state, units + unit));
        let own = at(from_bar, 2 * units + unit);
        let candidate = (own + reset * at(from_state, 2 * units + unit)).tanh();
        (1.0 - update) * candidate + update * old
    });
    each.collect()
}

/// The same with the reset gate before the product: `kept` is the state that it lets through.
fn gru_reset_first(
    from_bar: &[f64],
    from_state: &[f64],
    before: &[f64],
    (back, biases, kept): (&[f64], &[f64], &[f64]),
) -> Vec<f64> {
    let units = before.len();
    let of_candidate = back.get(2 * units * units..).unwrap_or_default();
    let biases = biases.get(2 * units..).unwrap_or_default();
    let products = affine(of_candidate, kept, biases);
    let each = before.iter().enumerate().map(|(unit, old)| {
        let update = sigmoid(sum(from_bar, from_state, unit));
        let candidate = (at(from_bar, 2 * units + unit) + at(&products, unit)).tanh();
        (1.0 - update) * candidate + update * old
    });
    each.collect()
}
