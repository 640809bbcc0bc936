//! The bars of another symbol, which come by themselves and are seen when they have closed.

use std::collections::VecDeque;

use suho_domain::Timeframe;

use super::Stream;
use crate::compute::{ComputeError, of_beside};
use crate::feature::{Feature, SymbolKey};
use crate::series::Bar;

/// The features of one other symbol's bars.
#[derive(Clone)]
pub(super) struct Other {
    symbol: SymbolKey,
    /// Where each of its features stands among all.
    places: Vec<usize>,
    stream: Stream,
    /// What its bars came to that no bar has closed after yet, with the time at which each opened.
    waiting: VecDeque<(i64, Vec<f64>)>,
    known: Vec<f64>,
}

impl Other {
    /// Those that `features` ask for.
    pub(super) fn all(
        features: &[Feature],
        timeframe: Timeframe,
    ) -> Result<Vec<Self>, ComputeError> {
        let mut asked: Vec<(SymbolKey, Vec<usize>, Vec<Feature>)> = Vec::new();
        for (place, feature) in features.iter().enumerate() {
            let Some((symbol, inner, _)) = feature.beside() else { continue };
            match asked.iter_mut().find(|(other, ..)| *other == symbol) {
                Some((_, places, features)) => {
                    places.push(place);
                    features.push(inner);
                }
                None => asked.push((symbol, vec![place], vec![inner])),
            }
        }
        let other = |(symbol, places, features): (SymbolKey, Vec<usize>, Vec<Feature>)| {
            let stream = Stream::new(&features, timeframe)?;
            let known = vec![f64::NAN; places.len()];
            Ok(Self { symbol, places, stream, waiting: VecDeque::new(), known })
        };
        asked.into_iter().map(other).collect()
    }

    pub(super) const fn symbol(&self) -> SymbolKey {
        self.symbol
    }

    /// Takes one of its bars, which nobody sees yet.
    pub(super) fn push(&mut self, bar: &Bar) -> Result<(), ComputeError> {
        let row = self.stream.update(bar).map_err(|error| of_beside(self.symbol, error))?;
        self.waiting.push_back((bar.time, row.to_vec()));
        Ok(())
    }

    /// Shows the bars that have closed when a bar has that opened at `time`: bars of one length close
    /// in the order in which they open.
    pub(super) fn close_until(&mut self, time: i64) {
        while self.waiting.front().is_some_and(|(opened, _)| *opened <= time) {
            if let Some((_, row)) = self.waiting.pop_front() {
                self.known = row;
            }
        }
    }

    /// The feature at `place` among all, as of the last bar that is seen; none where it is not of this
    /// symbol.
    pub(super) fn known(&self, place: usize) -> Option<f64> {
        let column = self.places.iter().position(|own| *own == place)?;
        self.known.get(column).copied()
    }
}
