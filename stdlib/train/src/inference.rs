//! Asking a network: every operation on plain numbers, on the calling thread, without burn.

mod attention;
#[cfg(test)]
mod tests;

use crate::kernel::{self, Matrix, Panels, Weights, Workspace, add_product};
use crate::layer::Activation;
use crate::operation::{Kind, Operation};
use crate::random::narrow;

/// Kept under the root of a variance.
pub(crate) const NORM_EPSILON: f64 = 1e-5;

/// The last operation's rows, `[batch, width]`, for windows `[sequence, batch, inputs]`. `tensors` are
/// the weights of `operations`, in their order.
///
/// # Panics
/// When windows or weights are of another shape than the operations.
pub(crate) fn run(
    operations: &[Operation],
    tensors: &[Vec<f32>],
    windows: Vec<f32>,
    batch: usize,
) -> Vec<f32> {
    let mut tensors = Tensors(tensors.iter());
    walk(operations, &mut tensors, windows, batch)
}

/// The weights not yet used. Where there are none left, none: a matrix of another shape is refused.
struct Tensors<'a>(std::slice::Iter<'a, Vec<f32>>);

impl<'a> Tensors<'a> {
    fn take<const N: usize>(&mut self) -> [&'a [f32]; N] {
        std::array::from_fn(|_| self.0.next().map(Vec::as_slice).unwrap_or_default())
    }
}

/// `rows` are `[steps · batch, width]`, time first.
fn walk(
    operations: &[Operation],
    tensors: &mut Tensors<'_>,
    mut rows: Vec<f32>,
    batch: usize,
) -> Vec<f32> {
    for operation in operations {
        rows = match &operation.kind {
            Kind::Recurrent { cell, inputs, units } => {
                let weights = Weights::new(*cell, (*inputs, *units), tensors.take());
                let steps = rows.len() / (batch * inputs).max(1);
                let workspace = Workspace::default();
                let factors = weights.forward(&workspace);
                let tape = kernel::forward(&workspace, weights, &factors, &rows, steps, batch);
                tape.outputs().to_vec()
            }
            Kind::Conv { inputs, filters, kernel, dilation } => {
                let shape = Conv { inputs: *inputs, filters: *filters, dilation: *dilation };
                convolve(shape, *kernel, tensors.take(), &rows, batch)
            }
            Kind::Attention { width, heads } => {
                attention::attend((*width, *heads), tensors.take(), &rows, batch)
            }
            Kind::Norm { width } => {
                normalise(&mut rows, *width, tensors.take());
                rows
            }
            Kind::Dense { inputs, units } => {
                let [weight, bias] = tensors.take();
                connect(&rows, (*inputs, *units), weight, bias)
            }
            Kind::Activate(activation) => {
                activate(&mut rows, *activation);
                rows
            }
            Kind::Positions { width } => {
                add_positions(&mut rows, *width, batch);
                rows
            }
            Kind::Dropout { .. } => rows,
            Kind::Last { width } => rows.split_off(rows.len().saturating_sub(batch * width)),
            Kind::Residual(inside) => {
                let mut added = walk(inside, tensors, rows.clone(), batch);
                kernel::add(&mut added, &rows);
                added
            }
        };
    }
    rows
}

/// Rows times `weight` `[inputs, units]`, plus `bias` `[units]`.
fn connect(
    rows: &[f32],
    (inputs, units): (usize, usize),
    weight: &[f32],
    bias: &[f32],
) -> Vec<f32> {
    let count = rows.len() / inputs.max(1);
    let mut sums = bias.repeat(count);
    let weight = Panels::of(Matrix::new(weight, inputs, units));
    add_product(&mut sums, Matrix::new(rows, count, inputs), &weight);
    sums
}

/// The place of a convolution.
struct Conv {
    inputs: usize,
    filters: usize,
    dilation: usize,
}

/// One product for each bar that the kernel sees: `weight` `[kernel · inputs, filters]`, oldest bar
/// first. Time comes first, so that the rows a bar before are those of a batch before.
fn convolve(
    Conv { inputs, filters, dilation }: Conv,
    kernel: usize,
    [weight, bias]: [&[f32]; 2],
    rows: &[f32],
    batch: usize,
) -> Vec<f32> {
    let count = rows.len() / inputs.max(1);
    let mut sums = bias.repeat(count);
    for (tap, weight) in weight.chunks_exact(inputs * filters).enumerate() {
        let back = (kernel - 1 - tap) * dilation * batch;
        let seen = count.saturating_sub(back);
        if let (Some(into), Some(from)) =
            (sums.get_mut((count - seen) * filters..), rows.get(..seen * inputs))
        {
            let weight = Panels::of(Matrix::new(weight, inputs, filters));
            add_product(into, Matrix::new(from, seen, inputs), &weight);
        }
    }
    sums
}

/// Each row less its mean, over its deviation, times `gain`, plus `bias`.
fn normalise(rows: &mut [f32], width: usize, [gain, bias]: [&[f32]; 2]) {
    assert!(gain.len() == width && bias.len() == width, "a norm of another shape");
    for row in rows.chunks_exact_mut(width) {
        let mean = row.iter().copied().map(f64::from).sum::<f64>() / width as f64;
        let squares = row.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>();
        let deviation = (squares / width as f64 + NORM_EPSILON).sqrt();
        for ((x, gain), bias) in row.iter_mut().zip(gain).zip(bias) {
            *x = narrow((f64::from(*x) - mean) / deviation) * gain + bias;
        }
    }
}

fn activate(rows: &mut [f32], activation: Activation) {
    match activation {
        Activation::Relu => rows.iter_mut().for_each(|x| *x = relu(*x)),
        Activation::Tanh => rows.iter_mut().for_each(|x| *x = x.tanh()),
        Activation::Linear | Activation::Softmax => {}
    }
}

/// max(0, x); not a number stays so.
fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

fn add_positions(rows: &mut [f32], width: usize, batch: usize) {
    let steps = rows.len() / (batch * width).max(1);
    let places = positions(steps, width);
    for (rows, place) in rows.chunks_exact_mut(batch * width).zip(places.chunks_exact(width)) {
        for row in rows.chunks_exact_mut(width) {
            kernel::add(row, place);
        }
    }
}

/// `[steps, width]`: the sine and the cosine of a place over growing wavelengths, by turns.
pub(crate) fn positions(steps: usize, width: usize) -> Vec<f32> {
    let place = |step: usize, at: usize| {
        let wavelength = 10_000_f64.powf((at - at % 2) as f64 / width as f64);
        let angle = step as f64 / wavelength;
        narrow(if at.is_multiple_of(2) { angle.sin() } else { angle.cos() })
    };
    (0..steps).flat_map(|step| (0..width).map(move |at| place(step, at))).collect()
}
