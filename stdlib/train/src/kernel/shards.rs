//! A batch in shards of rows, each on a thread of its own.
//!
//! The rows of a batch have nothing to do with one another until their gradients are summed, so a
//! shard runs from the first step to the last without waiting for another. How a batch is cut depends
//! on its size alone, and the sums go in the order of the shards: the number of threads changes no bit.

use rayon::prelude::*;

use super::{Buffer, Gradients, Tape, WantInputs, Weights, Workspace, add, backward, forward};

/// Rows in a shard. Fewer would feed more threads at the usual batch of 32, but each shard reads all
/// weights at every step, and a product of fewer rows does too little with them.
pub(crate) const ROWS: usize = 16;

/// Rows `first..first + batch` of a batch, with what they leave for the way back.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    first: usize,
    batch: usize,
    x: Buffer,
    tape: Tape,
}

/// Runs the layer over `x` `[steps, batch, inputs]`; returns the tape and the outputs
/// `[steps, batch, units]`.
pub(crate) fn run(
    workspace: &Workspace,
    weights: Weights<'_>,
    x: &[f32],
    steps: usize,
    batch: usize,
) -> (Vec<Shard>, Vec<f32>) {
    let factors = weights.forward(workspace);
    let firsts: Vec<usize> = (0..batch).step_by(ROWS).collect();
    let shards: Vec<Shard> = firsts
        .into_par_iter()
        .map(|first| {
            let rows = ROWS.min(batch - first);
            let x = take_rows(workspace, x, (batch, weights.inputs), (first, rows));
            let tape = forward(workspace, weights, &factors, &x, steps, rows);
            Shard { first, batch: rows, x, tape }
        })
        .collect();
    let mut outputs = vec![0.0; steps * batch * weights.units];
    for shard in &shards {
        put_rows(&mut outputs, batch, weights.units, shard.first, shard.tape.outputs());
    }
    (shards, outputs)
}

/// Brings `dy` `[steps, batch, units]` back to the layer's operands.
pub(crate) fn run_back(
    workspace: &Workspace,
    shards: Vec<Shard>,
    weights: Weights<'_>,
    dy: &[f32],
    wanted: WantInputs,
) -> Gradients {
    let batch: usize = shards.iter().map(|shard| shard.batch).sum();
    let factors = weights.back(workspace);
    let parts: Vec<(usize, Gradients)> = shards
        .into_par_iter()
        .map(|shard| {
            let dy = take_rows(workspace, dy, (batch, weights.units), (shard.first, shard.batch));
            let Shard { first, x, tape, .. } = shard;
            (first, backward(workspace, tape, weights, &factors, &x, &dy, wanted))
        })
        .collect();

    let steps = dy.len() / (batch * weights.units).max(1);
    let mut sum = Gradients {
        x: (wanted == WantInputs::Yes).then(|| workspace.room(steps * batch * weights.inputs)),
        w_ih: workspace.zeros(weights.w_ih.len()),
        w_hh: workspace.zeros(weights.w_hh.len()),
        bias: workspace.zeros(weights.bias.len()),
    };
    for (first, part) in parts {
        add(&mut sum.w_ih, &part.w_ih);
        add(&mut sum.w_hh, &part.w_hh);
        add(&mut sum.bias, &part.bias);
        if let (Some(into), Some(from)) = (&mut sum.x, &part.x) {
            put_rows(into, batch, weights.inputs, first, from);
        }
    }
    sum
}

/// Rows `first..first + rows` of every step of `all` `[steps, batch, width]`.
fn take_rows(
    workspace: &Workspace,
    all: &[f32],
    (batch, width): (usize, usize),
    (first, rows): (usize, usize),
) -> Buffer {
    let steps = all.chunks_exact(batch * width);
    let mut taken = workspace.room(steps.len() * rows * width);
    for (into, step) in taken.chunks_exact_mut(rows * width).zip(steps) {
        into.copy_from_slice(step.get(first * width..(first + rows) * width).unwrap_or_default());
    }
    taken
}

/// Writes `part` `[steps, rows, width]` into `all` `[steps, batch, width]`, from row `first` on.
fn put_rows(all: &mut [f32], batch: usize, width: usize, first: usize, part: &[f32]) {
    let steps = (all.len() / (batch * width).max(1)).max(1);
    let part_step = part.len() / steps;
    for (step, part) in all.chunks_exact_mut(batch * width).zip(part.chunks_exact(part_step)) {
        if let Some(rows) = step.get_mut(first * width..first * width + part_step) {
            rows.copy_from_slice(part);
        }
    }
}
