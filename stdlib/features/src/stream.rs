//! Features one bar at a time, as serving has them: the numbers of a batch, to the bit.

mod beside;

use std::fmt;

use suho_domain::Timeframe;

use self::beside::Other;
use crate::compute::{ComputeError, fits};
use crate::feature::{Feature, SymbolKey, Transform};
use crate::kernel::{Machine, Setting, finite};
use crate::series::{Bar, Input};
use crate::timeframe::{Aggregator, span};

/// The state of `features` after some bars: fed one bar after another it answers what
/// [`compute_timed`](crate::compute_timed) answers for all of them, bit for bit.
///
/// A clone goes its own way from where it was taken: so a bar that has not closed yet can be tried.
#[derive(Clone)]
pub struct Stream {
    timeframe: Timeframe,
    features: Vec<(Feature, State)>,
    /// The other symbols that features ask for.
    beside: Vec<Other>,
    bars: usize,
    last: Option<i64>,
    /// The largest magnitude of each price so far: open, high, low, close.
    most: [f64; 4],
    row: Vec<f64>,
}

impl Stream {
    /// No bars yet, of `timeframe`.
    ///
    /// # Errors
    /// When a feature asks for another timeframe that bars of `timeframe` do not make up.
    pub fn new(features: &[Feature], timeframe: Timeframe) -> Result<Self, ComputeError> {
        let mut states = Vec::with_capacity(features.len());
        for feature in features {
            fits(feature, Some(timeframe))?;
            states.push((feature.clone(), State::new(feature, timeframe)));
        }
        let (beside, row) = (Other::all(features, timeframe)?, vec![f64::NAN; features.len()]);
        let (bars, last, most) = (0, None, [0.0; 4]);
        Ok(Self { timeframe, features: states, beside, bars, last, most, row })
    }

    /// One more bar of another symbol: to be given before the first bar that closes when it does or
    /// later, and not seen before that one. Bars of symbols that no feature asks for are passed over.
    ///
    /// # Errors
    /// As [`update`](Self::update), of the other symbol's bars.
    pub fn update_beside(&mut self, symbol: SymbolKey, bar: &Bar) -> Result<(), ComputeError> {
        match self.beside.iter_mut().find(|other| other.symbol() == symbol) {
            Some(other) => other.push(bar),
            None => Ok(()),
        }
    }

    /// The features after one more bar, in the order in which they were asked for; NaN where there
    /// is no value, as in a batch.
    ///
    /// # Errors
    /// When the bar does not open after the one before, or lacks a number that a feature reads; the
    /// stream is then as it was, and the next bar may come.
    pub fn update(&mut self, bar: &Bar) -> Result<&[f64], ComputeError> {
        if self.last.is_some_and(|last| bar.time <= last) {
            return Err(ComputeError::Order { bar: self.bars });
        }
        for (feature, _) in self.features.iter().filter(|(feature, _)| feature.symbol().is_none()) {
            for &column in feature.family.inputs {
                let wrong = bar.get(column).and_then(|value| {
                    let value = (value, self.most(column));
                    ComputeError::of_value(feature, column, self.bars, value)
                });
                if let Some(wrong) = wrong {
                    return Err(wrong);
                }
            }
        }
        for other in &mut self.beside {
            other.close_until(bar.time);
        }
        for (place, (cell, (feature, state))) in
            self.row.iter_mut().zip(&mut self.features).enumerate()
        {
            let known = self.beside.iter().find_map(|other| other.known(place));
            *cell = state.next(bar, known).map_err(|code| ComputeError::library(feature, code))?;
        }
        self.bars += 1;
        self.last = Some(bar.time);
        for (most, price) in self.most.iter_mut().zip([bar.open, bar.high, bar.low, bar.close]) {
            *most = most.max(price.abs());
        }
        Ok(&self.row)
    }

    fn most(&self, column: Input) -> f64 {
        let [open, high, low, close] = self.most;
        match column {
            Input::Open => open,
            Input::High => high,
            Input::Low => low,
            Input::Close => close,
            Input::Volume | Input::Time => 0.0,
        }
    }

    /// The features after the last bar; all NaN before the first.
    pub fn row(&self) -> &[f64] {
        &self.row
    }

    /// How many bars it has seen.
    pub const fn bars(&self) -> usize {
        self.bars
    }

    /// How long its bars last.
    pub const fn timeframe(&self) -> Timeframe {
        self.timeframe
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let features: Vec<&str> = self.features.iter().map(|(feature, _)| feature.name()).collect();
        write!(f, "Stream({} bars of {} for {features:?})", self.bars, self.timeframe)
    }
}

/// One feature.
#[derive(Clone)]
struct State {
    /// The indicator and the modifiers of its own bars.
    inside: Inside,
    longer: Option<Held>,
    /// The modifiers of the bars as they come.
    outside: Vec<Transform>,
    /// Bars until there is a value.
    missing: usize,
}

/// Another timeframe, and the value of its last closed bar.
#[derive(Clone)]
struct Held {
    aggregator: Aggregator,
    value: f64,
}

struct Inside {
    machine: Box<dyn Machine>,
    transforms: Vec<Transform>,
    /// Bars until the indicator has a value.
    missing: usize,
}

impl Clone for Inside {
    fn clone(&self) -> Self {
        Self {
            machine: self.machine.fork(),
            transforms: self.transforms.clone(),
            missing: self.missing,
        }
    }
}

impl State {
    fn new(feature: &Feature, base: Timeframe) -> Self {
        let own = feature.timeframe().unwrap_or(base);
        let longer = feature.timeframe().map(|timeframe| Held {
            aggregator: Aggregator::new(span(base), span(timeframe)),
            value: f64::NAN,
        });
        let beside = feature.beside();
        let (before, after) = match &beside {
            Some((_, _, after)) => (&[][..], *after),
            None => feature.split_modifiers(),
        };
        let transforms = |modifiers: &[crate::feature::Modifier]| {
            modifiers.iter().filter_map(|modifier| modifier.transform()).collect::<Vec<_>>()
        };
        let setting = Setting { parameters: &feature.parameters, span: span(own) };
        let inside = Inside {
            machine: (feature.family.kernel.stream)(setting),
            transforms: transforms(before),
            missing: feature.family_lookback(),
        };
        let missing = match beside {
            // Where its bars begin decides.
            Some(_) => 0,
            None => feature.lookback_on(base).unwrap_or(usize::MAX),
        };
        Self { inside, longer, outside: transforms(after), missing }
    }

    /// The value after `bar`; that of another symbol's bars is `known`.
    fn next(&mut self, bar: &Bar, known: Option<f64>) -> Result<f64, ::ta_lib::RetCode> {
        let value = match (known, &mut self.longer) {
            (Some(known), _) => known,
            (None, None) => self.inside.next(bar)?,
            (None, Some(held)) => {
                for closed in held.aggregator.push(bar).into_iter().flatten() {
                    held.value = self.inside.next(&closed)?;
                }
                held.value
            }
        };
        let value = self.outside.iter_mut().fold(value, |value, step| step.next(value));
        if self.missing > 0 {
            self.missing -= 1;
            return Ok(f64::NAN);
        }
        Ok(value)
    }
}

impl Inside {
    fn next(&mut self, bar: &Bar) -> Result<f64, ::ta_lib::RetCode> {
        let value = finite(self.machine.update(bar)?);
        let value = if self.missing > 0 {
            self.missing -= 1;
            f64::NAN
        } else {
            value
        };
        Ok(self.transforms.iter_mut().fold(value, |value, step| step.next(value)))
    }
}

#[cfg(test)]
mod tests;
