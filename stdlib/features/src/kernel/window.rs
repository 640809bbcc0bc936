//! The last `n` values, oldest first, and what is summed over them.
//!
//! Every sum is taken anew from the window: a running sum would remember a large value for ever, and
//! give other digits to a history that began elsewhere.

/// Spread of a window, against its largest value, below which its values count as equal: rounding
/// makes as much.
const FLAT: f64 = 1e-12;

/// The last `n` values of a stream.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// At most `2 n` values, of which the last `n` count: so they always lie side by side.
    values: Vec<f64>,
    length: usize,
}

impl Window {
    /// An empty window of `length` values, at least one.
    pub(crate) fn new(length: usize) -> Self {
        let length = length.max(1);
        Self { values: Vec::with_capacity(2 * length), length }
    }

    /// Adds a value; the window, once it is full.
    pub(crate) fn push(&mut self, value: f64) -> Option<&[f64]> {
        if self.values.len() == 2 * self.length {
            self.values.copy_within(self.length + 1.., 0);
            self.values.truncate(self.length - 1);
        }
        self.values.push(value);
        self.values.get(self.values.len().checked_sub(self.length)?..)
    }
}

/// The sum, in an order that four additions at a time can follow.
pub(crate) fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0_f64; 4];
    let fours = values.chunks_exact(lanes.len());
    let rest: f64 = fours.remainder().iter().map(|value| term(*value)).sum();
    for four in fours {
        for (lane, value) in lanes.iter_mut().zip(four) {
            *lane += term(*value);
        }
    }
    let [a, b, c, d] = lanes;
    (a + b) + (c + d) + rest
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    sum(values, |value| value) / values.len() as f64
}

/// Smallest and largest value; NaN among them is passed over.
pub(crate) fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
        (if value < low { value } else { low }, if value > high { value } else { high })
    })
}

/// Whether all values are one value, but for rounding.
pub(crate) fn is_flat(values: &[f64]) -> bool {
    let (low, high) = range(values);
    high - low <= FLAT * low.abs().max(high.abs())
}

/// The newest value in standard deviations (of the population) from the mean; 0 where all values
/// are equal, NaN where one of them is missing.
pub(crate) fn z_score(values: &[f64]) -> f64 {
    let Some(&last) = values.last() else { return f64::NAN };
    let mean = mean(values);
    if mean.is_nan() {
        return f64::NAN;
    }
    if is_flat(values) {
        return 0.0;
    }
    let variance = sum(values, |value| (value - mean) * (value - mean)) / values.len() as f64;
    (last - mean) / variance.sqrt()
}

/// The share of the other values that lie below the newest, equal ones by half; NaN where one is
/// missing.
pub(crate) fn rank(values: &[f64]) -> f64 {
    let Some((&last, others)) = values.split_last() else { return f64::NAN };
    if others.is_empty() || values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let halves: u32 =
        others.iter().map(|&other| u32::from(other < last) + u32::from(other <= last)).sum();
    f64::from(halves) / (2.0 * others.len() as f64)
}
