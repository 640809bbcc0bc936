//! Numbers by feature and bar.

mod memory;

pub(crate) use self::memory::Memory;

/// Numbers of `[feature, bar]`: all bars of one feature lie side by side, as they are computed.
///
/// Networks take them the other way round: see [`interleaved`](Self::interleaved).
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Invariant: `width` × `rows` numbers, the first feature's first.
    values: Memory,
    width: usize,
    rows: usize,
}

impl Matrix {
    /// `width` features of `rows` bars, all 0.
    pub(crate) fn zeros(width: usize, rows: usize) -> Self {
        Self { values: Memory::zeros(width.saturating_mul(rows)), width, rows }
    }

    /// How many bars.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many features.
    pub fn width(&self) -> usize {
        self.width
    }

    /// One feature over all bars, oldest first; empty when there is no such feature.
    pub fn column(&self, feature: usize) -> &[f64] {
        let range = feature
            .checked_mul(self.rows)
            .and_then(|start| Some(start..start.checked_add(self.rows)?));
        range.and_then(|range| self.values.as_slice().get(range)).unwrap_or_default()
    }

    /// Each feature over all bars, in the order in which they were asked for.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        (0..self.width).map(|feature| self.column(feature))
    }

    /// The features of one bar, in the order in which they were asked for; none when there is no
    /// such bar.
    pub fn row(&self, bar: usize) -> impl Iterator<Item = f64> + '_ {
        self.columns().filter_map(move |column| column.get(bar).copied())
    }

    /// Whether there is such a bar, and every feature has a value at it.
    pub fn is_whole(&self, bar: usize) -> bool {
        bar < self.rows && self.row(bar).all(f64::is_finite)
    }

    /// All numbers as `[bar, feature]`: the features of one bar side by side.
    pub fn interleaved(&self) -> Vec<f64> {
        /// Bars that stay in the processor's nearest cache while their features are filled in.
        const BARS: usize = 64;
        let mut values = vec![0.0; self.width * self.rows];
        for (block, rows) in values.chunks_mut((BARS * self.width).max(1)).enumerate() {
            for (place, column) in self.columns().enumerate() {
                let column = column.get(block * BARS..).unwrap_or_default();
                let cells = rows.get_mut(place..).unwrap_or_default();
                for (cell, value) in cells.iter_mut().step_by(self.width).zip(column) {
                    *cell = *value;
                }
            }
        }
        values
    }

    /// Each feature's numbers, to be filled in.
    pub(crate) fn columns_mut(&mut self) -> impl Iterator<Item = &mut [f64]> {
        // Where there are no bars there is nothing to fill in.
        self.values.as_mut_slice().chunks_exact_mut(self.rows.max(1))
    }
}

#[cfg(test)]
mod tests;
