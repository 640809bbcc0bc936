//! Durbin's exact distribution of the distance, by powers of a matrix.

/// Probability that the distance is below `distance`: Durbin's matrix to the power of `n`.
///
/// Source: Marsaglia, Tsang & Wang 2003.
pub(super) fn matrix_below(distance: f64, n: f64) -> f64 {
    let reach = n * distance;
    let half = reach.floor() + 1.0;
    let overhang = half - reach;
    let side = (1..=SIDE_MAX).take_while(|side| f64::from(*side) < 2.0 * half).count();
    let (powered, scale) = Square::durbin(side, overhang).power(n);
    let (mut below, mut exponent) = (powered.centre(), scale);
    let mut i = 1.0;
    while i <= n {
        below *= i / n;
        if below < TINY {
            below *= HUGE;
            exponent -= SCALE;
        }
        i += 1.0;
    }
    (below * 2.0_f64.powi(exponent)).clamp(0.0, 1.0)
}

/// Longest side: the reach stays below 55 wherever this is called.
const SIDE_MAX: u32 = 127;
/// Exponent of two by which values are kept within the range of a double.
const SCALE: i32 = 400;
const HUGE: f64 = f64::from_bits((1_023 + 400) << 52);
const TINY: f64 = f64::from_bits((1_023 - 400) << 52);

/// A square matrix, row by row.
struct Square {
    side: usize,
    cells: Vec<f64>,
}

impl Square {
    /// Durbin's matrix of the given odd `side` for a distance that leaves `overhang` of a step.
    fn durbin(side: usize, overhang: f64) -> Self {
        let powers: Vec<f64> =
            std::iter::successors(Some(overhang), |power| Some(power * overhang))
                .take(side)
                .collect();
        let last = side - 1;
        let corner = (2.0 * overhang - 1.0).max(0.0).powf(side as f64);
        let factorials: Vec<f64> = (1..=side).fold(vec![1.0], |mut factorials, k| {
            factorials.push(factorials.last().copied().unwrap_or(1.0) * k as f64);
            factorials
        });
        let cell = |row: usize, column: usize| {
            let mut value = if row + 1 < column { 0.0 } else { 1.0 };
            if column == 0 {
                value -= powers.get(row).copied().unwrap_or_default();
            }
            if row == last {
                value -= powers.get(last - column).copied().unwrap_or_default();
            }
            if row == last && column == 0 {
                value += corner;
            }
            let order = (row + 1).saturating_sub(column);
            value / factorials.get(order).copied().unwrap_or(1.0)
        };
        let cells = (0..side * side).map(|at| cell(at / side, at % side)).collect();
        Self { side, cells }
    }

    fn times(&self, other: &Self) -> Self {
        let mut cells = vec![0.0; self.cells.len()];
        for (row, out) in self.cells.chunks(self.side).zip(cells.chunks_mut(self.side)) {
            for (factor, line) in row.iter().zip(other.cells.chunks(self.side)) {
                for (sum, value) in out.iter_mut().zip(line) {
                    *sum += factor * value;
                }
            }
        }
        Self { side: self.side, cells }
    }

    /// The power and the exponent of two that it has to be multiplied with.
    fn power(self, n: f64) -> (Self, i32) {
        let cells = (0..self.side * self.side)
            .map(|at| if at / self.side == at % self.side { 1.0 } else { 0.0 })
            .collect();
        let mut product = (Self { side: self.side, cells }, 0);
        let mut base = (self, 0);
        let mut rest = n;
        while rest >= 1.0 {
            let half = (rest / 2.0).floor();
            if rest > 2.0 * half {
                product = product.0.times(&base.0).scaled(product.1 + base.1);
            }
            base = base.0.times(&base.0).scaled(2 * base.1);
            rest = half;
        }
        product
    }

    fn centre(&self) -> f64 {
        self.cells.get(self.cells.len() / 2).copied().unwrap_or_default()
    }

    /// Itself with its `exponent` of two, some of it moved into the exponent when it grows large.
    fn scaled(mut self, exponent: i32) -> (Self, i32) {
        if self.centre() <= HUGE {
            return (self, exponent);
        }
        for cell in &mut self.cells {
            *cell *= TINY;
        }
        (self, exponent + SCALE)
    }
}
