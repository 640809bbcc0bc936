//! The curves of gates, in arithmetic that the compiler turns into wide instructions.
#![expect(clippy::inline_always, reason = "must be compiled into `with_…` to use its registers")]

/// Coefficients of eʳ − 1 − r over r², for |r| ≤ ln 2 / 2 (Cephes' `expf`), highest power first.
const EXP_TAIL: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];

/// ln 2 in two parts, the first short enough that a product with a small whole number is exact.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);

/// 1.5 · 2²³: a float of this size has whole numbers as its steps, so that adding it rounds.
const ROUNDS: f32 = 12_582_912.0;

/// eˣ to a relative error of 2·10⁻⁷, for x clamped to `-87..=88`; not a number stays so.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDS;
    let n = shifted - ROUNDS;
    let r = x - n * LN_2.0 - n * LN_2.1;
    let tail = EXP_TAIL.into_iter().fold(0.0, |sum, coefficient| sum * r + coefficient);
    // The low bits of `shifted` are n; 2ⁿ is a float whose exponent field is n + 127.
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (tail * r * r + r + 1.0) * power
}

#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    2.0 / (1.0 + exp(-2.0 * x)) - 1.0
}
