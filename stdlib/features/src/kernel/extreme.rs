//! The largest and the smallest of the last `n` values: one by one for a stream, by the block for a
//! batch. An extreme is one of the values, so both ways give the same bits.

use crate::series::Columns;

/// Added to a value it leaves all but -0, which becomes 0: of two zeros either may be found first.
const ONE_ZERO: f64 = 0.0;

/// The extreme of no values.
const fn none<const HIGHEST: bool>() -> f64 {
    if HIGHEST { f64::NEG_INFINITY } else { f64::INFINITY }
}

fn either<const HIGHEST: bool>(a: f64, b: f64) -> f64 {
    if (a > b) == HIGHEST { a } else { b }
}

/// The largest (or smallest) of the last `n` values, for three comparisons a value (van Herk 1992;
/// Gil and Werman 1993).
#[derive(Clone, Debug)]
pub(crate) struct Extreme<const HIGHEST: bool> {
    /// The block of `n` values that fills.
    block: Vec<f64>,
    /// For each place in the block before, the extreme from there to its end.
    ends: Vec<f64>,
    /// The extreme of the block that fills.
    running: f64,
    length: usize,
}

impl<const HIGHEST: bool> Extreme<HIGHEST> {
    /// Of `length` values, at least one.
    pub(crate) fn new(length: usize) -> Self {
        let length = length.max(1);
        let block = Vec::with_capacity(length);
        Self { block, ends: Vec::new(), running: none::<HIGHEST>(), length }
    }

    /// Adds a value; the extreme, once there are enough.
    pub(crate) fn push(&mut self, value: f64) -> Option<f64> {
        let value = value + ONE_ZERO;
        self.block.push(value);
        self.running = either::<HIGHEST>(self.running, value);
        if self.block.len() < self.length {
            return self
                .ends
                .get(self.block.len())
                .map(|end| either::<HIGHEST>(*end, self.running));
        }
        let whole = self.running;
        std::mem::swap(&mut self.block, &mut self.ends);
        self.block.clear();
        self.running = none::<HIGHEST>();
        let mut extreme = none::<HIGHEST>();
        for end in self.ends.iter_mut().rev() {
            extreme = either::<HIGHEST>(extreme, *end);
            *end = extreme;
        }
        Some(whole)
    }
}

/// The same of values that come in blocks: extremes of two bars give those of four, those of four
/// those of eight and so on up to the length, and each round works on neighbours side by side.
#[derive(Debug)]
pub(crate) struct Extremes<const HIGHEST: bool> {
    length: usize,
    /// The last `length - 1` values, then the block.
    values: Vec<f64>,
    /// The extremes of as many values as the last round and the one before it have reached.
    reached: [Vec<f64>; 2],
}

impl<const HIGHEST: bool> Extremes<HIGHEST> {
    /// Of `length` values, at least one.
    pub(crate) fn new(length: usize) -> Self {
        let length = length.max(1);
        let values = vec![none::<HIGHEST>(); length - 1];
        Self { length, values, reached: Default::default() }
    }

    /// For each value of the next `block` the extreme of it and of those before it that the length
    /// reaches, or of as many as there are.
    pub(crate) fn of(&mut self, block: &[f64]) -> &[f64] {
        let before = self.length - 1;
        self.values.drain(..self.values.len() - before);
        self.values.extend(block.iter().map(|value| value + ONE_ZERO));
        let [from, to] = &mut self.reached;
        from.clone_from(&self.values);
        let mut reach = 1;
        while reach < self.length {
            let step = reach.min(self.length - reach);
            let pairs = from.iter().zip(from.get(step..).unwrap_or_default());
            to.clear();
            to.extend(pairs.map(|(a, b)| either::<HIGHEST>(*a, *b)));
            std::mem::swap(from, to);
            reach += step;
        }
        from
    }
}

/// The highest high and the lowest low of the last `n` bars, over a whole history.
#[derive(Debug)]
pub(crate) struct Channel {
    highest: Extremes<true>,
    lowest: Extremes<false>,
}

impl Channel {
    /// Of `length` bars, at least one.
    pub(crate) fn new(length: usize) -> Self {
        Self { highest: Extremes::new(length), lowest: Extremes::new(length) }
    }

    /// Into `out` for each bar what `of` makes of its close and the extremes; before there are bars
    /// enough, of the extremes of those there are.
    pub(crate) fn over(
        &mut self,
        columns: &Columns<'_>,
        out: &mut [f64],
        mut of: impl FnMut(f64, f64, f64) -> f64,
    ) {
        let (high, low) = (columns.high.chunks(self.block()), columns.low.chunks(self.block()));
        let cells = out.chunks_mut(self.block()).zip(columns.close.chunks(self.block()));
        for ((cells, close), (high, low)) in cells.zip(high.zip(low)) {
            let extremes = self.highest.of(high).iter().zip(self.lowest.of(low));
            for ((cell, close), (highest, lowest)) in cells.iter_mut().zip(close).zip(extremes) {
                *cell = of(*close, *highest, *lowest);
            }
        }
    }

    /// As [`over`](Self::over) of values that are high, low and close in one, in their place.
    pub(crate) fn over_one(
        &mut self,
        values: &mut [f64],
        mut of: impl FnMut(f64, f64, f64) -> f64,
    ) {
        for cells in values.chunks_mut(self.block()) {
            let extremes = self.highest.of(cells).iter().zip(self.lowest.of(cells));
            for (cell, (highest, lowest)) in cells.iter_mut().zip(extremes) {
                *cell = of(*cell, *highest, *lowest);
            }
        }
    }

    fn block(&self) -> usize {
        block_of(self.highest.length)
    }
}

/// How many bars to look at in one go, so that they stay in the processor's nearer cache and
/// outnumber the bars before them, which are looked at again.
fn block_of(length: usize) -> usize {
    length.max(1_024)
}

#[cfg(test)]
mod tests;
