//! How likely two samples of one distribution interleave with a gap at least so wide.
//!
//! Every order of the pooled sample is a path through the lattice from corner to corner, all of
//! them equally likely; a wide gap is a path that leaves the band around the diagonal.

/// Probability of a gap of at least `units / size` between two samples of equal `size`: by
/// reflections, summed by Horner's rule.
///
/// Source: Gnedenko & Korolyuk 1951.
pub(super) fn outside_square(size: f64, units: u128) -> f64 {
    let reach = units as f64;
    let mut reflection = (size / reach).floor();
    let mut outside = 0.0;
    while reflection >= 0.0 {
        let mut ratio = 1.0;
        for step in 0..units {
            let shift = reflection * reach + step as f64;
            ratio *= (size - shift) / (size + shift + 1.0);
        }
        outside = ratio * (1.0 - outside);
        reflection -= 1.0;
    }
    2.0 * outside
}

/// Probability that a path through the rectangle leaves the band in which the gap is below
/// `units` over the least common multiple of the `sides` (the longer one first).
///
/// Carries, column by column, the probability that a path to a place in the band has left it on
/// the way. That one, and not its complement, because it may be 1e-80.
///
/// Source: Hodges 1957 for the recursion; scipy 1.17 carries the same one.
pub(super) fn outside_rectangle(sides: (usize, usize), divisor: usize, units: u128) -> f64 {
    let (m, n) = sides;
    let (across, up) = ((m / divisor) as u128, (n / divisor) as u128);
    let reciprocals: Vec<f64> = (0..=m + n).map(|steps| 1.0 / steps.max(1) as f64).collect();
    // Outside the band every path has left it.
    let mut left = vec![1.0; n + 1];
    let mut cleared = 0;
    for i in 0..=m {
        let band = band(i as u128 * up, across, units, n);
        // Places that the band has moved past since the column before.
        if let Some(passed) = left.get_mut(cleared..band.start) {
            passed.fill(1.0);
        }
        cleared = band.start;
        let mut below = if band.start == 0 { 0.0 } else { 1.0 };
        let places = left.get_mut(band.clone()).unwrap_or_default().iter_mut();
        let shares = reciprocals.get(i + band.start..).unwrap_or_default();
        let mut j = band.start as f64;
        for (here, share) in places.zip(shares) {
            let before = if i == 0 { 0.0 } else { *here };
            below = (before * i as f64 + below * j) * share;
            *here = below;
            j += 1.0;
        }
    }
    left.last().copied().unwrap_or(1.0)
}

/// The places `j` of `0..=n` with `|height - j · across| < units`.
fn band(height: u128, across: u128, units: u128, n: usize) -> std::ops::Range<usize> {
    let place = |j: u128| usize::try_from(j).unwrap_or(usize::MAX).min(n + 1);
    let start = match height.checked_sub(units) {
        Some(below) => place(below / across + 1),
        None => 0,
    };
    start..place((height + units).div_ceil(across)).max(start)
}
