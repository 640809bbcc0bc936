//! Self-attention of the rows of each window on one another.

use super::connect;
use crate::kernel::{Matrix, Panels, add_product};

/// Multi-head attention over `rows` `[steps · batch, width]`: `qkv_weight` `[width, 3 · width]` and
/// `qkv_bias` make queries, keys and values of each row; heads lie side by side in them; `weight`
/// `[width, width]` and `bias` put the heads' answers together.
///
/// # Panics
/// When a tensor is of another shape.
pub(super) fn attend(
    (width, heads): (usize, usize),
    [qkv_weight, qkv_bias, weight, bias]: [&[f32]; 4],
    rows: &[f32],
    batch: usize,
) -> Vec<f32> {
    let steps = rows.len() / (batch * width).max(1);
    let qkv = connect(rows, (width, 3 * width), qkv_weight, qkv_bias);
    let head = width / heads;
    let mut found = vec![0.0; rows.len()];
    for window in 0..batch {
        for at in 0..heads {
            // Query, key and value of one head at every step, `[steps, head]` each.
            let [query, key, value] = [0, 1, 2].map(|which| {
                let first = which * width + at * head;
                let of = |row: &[f32]| row.get(first..first + head).unwrap_or_default().to_vec();
                let rows = qkv.chunks_exact(3 * width).skip(window).step_by(batch);
                rows.flat_map(of).collect::<Vec<f32>>()
            });
            let answer = look((steps, head), &query, &key, &value);
            let rows = found.chunks_exact_mut(width).skip(window).step_by(batch);
            for (row, answer) in rows.zip(answer.chunks_exact(head)) {
                if let Some(part) = row.get_mut(at * head..(at + 1) * head) {
                    part.copy_from_slice(answer);
                }
            }
        }
    }
    connect(&found, (width, width), weight, bias)
}

/// One head of one window: for each query the values, weighted by how well their keys match it.
pub(super) fn look(
    (steps, head): (usize, usize),
    query: &[f32],
    key: &[f32],
    value: &[f32],
) -> Vec<f32> {
    let mut scores = vec![0.0; steps * steps];
    let key = Panels::of(Matrix::new(key, steps, head).transposed());
    add_product(&mut scores, Matrix::new(query, steps, head), &key);
    let scale = (head as f32).sqrt();
    for row in scores.chunks_exact_mut(steps) {
        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for score in row.iter_mut() {
            *score = ((*score - top) / scale).exp();
            sum += *score;
        }
        for score in row {
            *score /= sum;
        }
    }
    let mut answer = vec![0.0; steps * head];
    let value = Panels::of(Matrix::new(value, steps, head));
    add_product(&mut answer, Matrix::new(&scores, steps, steps), &value);
    answer
}
