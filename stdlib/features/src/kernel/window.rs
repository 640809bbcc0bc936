//! The last `n` values, oldest first, and what is summed over them.
//!
//! Every sum is taken anew from the window: a running sum would remember a large value for ever, and
//! give other digits to a history that began elsewhere.

/// Standard deviation of a window, against its mean, below which its values count as equal:
/// rounding makes as much.
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

/// A simple mean of the last `n` values, added up as TA-Lib does.
#[derive(Clone, Debug)]
pub(crate) struct Smooth {
    /// The last values in a ring, the oldest at `place`.
    values: Vec<f64>,
    place: usize,
    length: usize,
    total: f64,
}

impl Smooth {
    /// Of `length` values, at least one.
    pub(crate) fn new(length: usize) -> Self {
        Self { values: Vec::with_capacity(length), place: 0, length, total: 0.0 }
    }

    /// Adds a value; the mean, once there are enough.
    pub(crate) fn push(&mut self, value: f64) -> Option<f64> {
        self.total += value;
        if self.values.len() < self.length {
            self.values.push(value);
            if self.values.len() < self.length {
                return None;
            }
        } else if let Some(oldest) = self.values.get_mut(self.place) {
            *oldest = value;
            self.place = if self.place + 1 == self.length { 0 } else { self.place + 1 };
        }
        let mean = self.total / self.length as f64;
        self.total -= self.values.get(self.place).copied().unwrap_or(0.0);
        Some(mean)
    }
}

/// How many values are worked on side by side.
const LANES: usize = 4;

/// The sum of terms, in an order that the processor can follow four at a time.
pub(crate) fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0_f64; LANES];
    let (fours, rest) = values.as_chunks::<LANES>();
    for four in fours {
        for (lane, value) in lanes.iter_mut().zip(four) {
            *lane += term(*value);
        }
    }
    let rest: f64 = rest.iter().map(|value| term(*value)).sum();
    let [a, b, c, d] = lanes;
    (a + b) + (c + d) + rest
}

/// The sum of the products of neighbours, each less `mean`.
pub(crate) fn sum_of_neighbours(values: &[f64], mean: f64) -> f64 {
    let mut lanes = [0.0_f64; LANES];
    let later = values.get(1..).unwrap_or_default();
    let ((fours, rest), (later_fours, later_rest)) =
        (values.as_chunks::<LANES>(), later.as_chunks::<LANES>());
    for (four, later) in fours.iter().zip(later_fours) {
        for ((lane, value), later) in lanes.iter_mut().zip(four).zip(later) {
            *lane += (value - mean) * (later - mean);
        }
    }
    // Where `values` is a multiple of four, its last four have no later four beside them.
    let last = if later_fours.len() < fours.len() { fours.last() } else { None };
    let rest = last.map_or(rest, |four| four.as_slice());
    let rest: f64 = rest.iter().zip(later_rest).map(|(a, b)| (a - mean) * (b - mean)).sum();
    let [a, b, c, d] = lanes;
    (a + b) + (c + d) + rest
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    sum(values, |value| value) / values.len() as f64
}

/// Smallest and largest magnitude; none where a value is NaN or its magnitude above `limit`.
pub(crate) fn magnitudes(values: &[f64], limit: f64) -> Option<(f64, f64)> {
    let (mut least, mut most) = ([f64::INFINITY; LANES], [0.0_f64; LANES]);
    // As wide as the numbers, so that the processor can keep them beside each other.
    let mut beyond = [0_u64; LANES];
    let (fours, rest) = values.as_chunks::<LANES>();
    for four in fours {
        let lanes = least.iter_mut().zip(&mut most).zip(&mut beyond);
        for (((least, most), beyond), value) in lanes.zip(four) {
            let magnitude = value.abs();
            *least = lower(magnitude, *least);
            *most = higher(magnitude, *most);
            let is_within = magnitude <= limit;
            *beyond |= u64::from(!is_within);
        }
    }
    let is_within = |value: &f64| value.abs() <= limit;
    let all_within = beyond.iter().all(|lane| *lane == 0) && rest.iter().all(is_within);
    let rest = rest.iter().map(|value| value.abs());
    let least = least.into_iter().chain(rest.clone()).fold(f64::INFINITY, f64::min);
    let most = most.into_iter().chain(rest).fold(0.0, f64::max);
    all_within.then_some((least, most))
}

/// Smallest and largest distance of the values from a line that climbs `slope` a value.
pub(crate) fn range_about_line(values: &[f64], slope: f64) -> (f64, f64) {
    let (mut lows, mut highs) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let mut climbed = [0.0, slope, 2.0 * slope, 3.0 * slope];
    let (fours, rest) = values.as_chunks::<LANES>();
    for (step, four) in fours.iter().enumerate() {
        let base = (LANES * step) as f64 * slope;
        for (((low, high), value), climb) in lows.iter_mut().zip(&mut highs).zip(four).zip(&climbed)
        {
            let distance = value - (base + climb);
            *low = lower(distance, *low);
            *high = higher(distance, *high);
        }
    }
    let base = (LANES * fours.len()) as f64 * slope;
    climbed.iter_mut().zip(rest).for_each(|(climb, value)| *climb = value - (base + *climb));
    let rest = climbed.get(..rest.len()).unwrap_or_default();
    let low = lows.iter().chain(rest).fold(f64::INFINITY, |low, value| lower(*value, low));
    (low, highs.iter().chain(rest).fold(f64::NEG_INFINITY, |high, value| higher(*value, high)))
}

fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn higher(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The newest value in standard deviations (of the population) from the mean; 0 where all values
/// are equal, NaN where one of them is missing.
pub(crate) fn z_score(values: &[f64]) -> f64 {
    let Some(&last) = values.last() else { return f64::NAN };
    let mean = mean(values);
    let variance = sum(values, |value| (value - mean) * (value - mean)) / values.len() as f64;
    let deviation = variance.sqrt();
    if deviation <= FLAT * mean.abs() { 0.0 } else { (last - mean) / deviation }
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
