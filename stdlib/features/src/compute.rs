//! Features and bars to a matrix of numbers.

use suho_domain::{Fault, Timeframe};

use crate::feature::{Feature, Modifier, SymbolKey};
use crate::kernel::{Series, Setting, Spare, window};
use crate::matrix::Matrix;
use crate::series::{Beside, Columns, Input, Times};
use crate::timeframe::{Longer, span};

/// Largest price or volume, in either direction. Beyond it, one number next to another of common
/// size takes all digits from their sum.
pub const MAGNITUDE_MAX: f64 = 1e15;

/// Smallest price, against the largest before it, in either direction; 0 is exempt. Where a price
/// has fallen further, sums over both keep too few digits of the later one.
pub const FALL_MAX: f64 = 1e-8;

/// Why features could not be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ComputeError {
    /// The columns are not those of one series.
    #[error(
        "columns differ in length: open {open}, high {high}, low {low}, close {close}, \
         volume {volume}"
    )]
    Lengths {
        /// Length of `open`.
        open: usize,
        /// Length of `high`.
        high: usize,
        /// Length of `low`.
        low: usize,
        /// Length of `close`.
        close: usize,
        /// Length of `volume`.
        volume: usize,
    },
    /// The times are not those of the columns.
    #[error("{times} times are given for {bars} bars")]
    Times {
        /// How many times.
        times: usize,
        /// How many bars.
        bars: usize,
    },
    /// A bar does not open after the one before it.
    #[error("bar {bar} opens no later than the bar before it")]
    Order {
        /// Index of the later bar.
        bar: usize,
    },
    /// A feature reads a column in which a value is missing: recursive indicators would carry it on
    /// for ever, so it is refused here and not passed through.
    #[error("`{feature}` needs `{column}`, which has no finite value at bar {bar}")]
    NotFinite {
        /// The feature's name.
        feature: String,
        /// The column.
        column: Input,
        /// Index of the first such bar.
        bar: usize,
    },
    /// A feature reads a column in which a value is beyond any price or volume.
    #[error(
        "`{feature}` needs `{column}`, which is {value:e} at bar {bar}: more than {MAGNITUDE_MAX:e} \
         leaves no digits for other bars"
    )]
    TooLarge {
        /// The feature's name.
        feature: String,
        /// The column.
        column: Input,
        /// Index of the first such bar.
        bar: usize,
        /// The value there.
        value: f64,
    },
    /// A feature reads a price that is next to nothing against an earlier one.
    #[error(
        "`{feature}` needs `{column}`, which is {value:e} at bar {bar} and was {most:e} before: \
         sums over both keep too few digits"
    )]
    Fall {
        /// The feature's name.
        feature: String,
        /// The column.
        column: Input,
        /// Index of the first such bar.
        bar: usize,
        /// The value there.
        value: f64,
        /// The largest magnitude before it.
        most: f64,
    },
    /// A feature reads when bars open, and bars came without their times.
    #[error("`{feature}` needs the bars' times, and they were not given")]
    Untimed {
        /// The feature's name.
        feature: String,
    },
    /// A feature asks for a timeframe that the bars do not make up.
    #[error("`{feature}` asks for bars of {timeframe}, which bars of {base} do not make up")]
    Timeframe {
        /// The feature's name.
        feature: String,
        /// The timeframe it asks for.
        timeframe: Timeframe,
        /// The bars' timeframe.
        base: Timeframe,
    },
    /// A feature asks for the bars of another symbol, and they did not come.
    #[error("`{feature}` needs the bars of `{symbol}`, and they were not given")]
    NoBeside {
        /// The feature's name.
        feature: String,
        /// The symbol it asks for.
        symbol: SymbolKey,
    },
    /// The bars of another symbol are not right.
    #[error("the bars of `{symbol}` cannot be computed with")]
    Beside {
        /// The symbol.
        symbol: SymbolKey,
        /// What is wrong.
        #[source]
        source: Box<ComputeError>,
    },
    /// The indicator library refused: a defect in this crate, since parameters were checked.
    #[error("`{feature}` cannot be computed: TA-Lib answered `{code}`")]
    Library {
        /// The feature's name.
        feature: String,
        /// TA-Lib's return code.
        code: String,
    },
}

impl ComputeError {
    /// What the data or the choice of features is wrong about is the user's; the rest cannot happen
    /// to bars that were read whole.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NotFinite { .. }
            | Self::TooLarge { .. }
            | Self::Fall { .. }
            | Self::Order { .. }
            | Self::Untimed { .. }
            | Self::NoBeside { .. }
            | Self::Timeframe { .. } => Fault::User,
            Self::Beside { source, .. } => source.fault(),
            Self::Lengths { .. } | Self::Times { .. } | Self::Library { .. } => Fault::Bug,
        }
    }

    pub(crate) fn library(feature: &Feature, code: ::ta_lib::RetCode) -> Self {
        Self::Library { feature: feature.name().to_owned(), code: format!("{code:?}") }
    }

    /// What is wrong with `value` after others of at most `most`; nothing where it can be computed
    /// with.
    pub(crate) fn of_value(
        feature: &Feature,
        column: Input,
        bar: usize,
        (value, most): (f64, f64),
    ) -> Option<Self> {
        let feature = || feature.name().to_owned();
        if !value.is_finite() {
            Some(Self::NotFinite { feature: feature(), column, bar })
        } else if value.abs() > MAGNITUDE_MAX {
            Some(Self::TooLarge { feature: feature(), column, bar, value })
        } else if has_fallen(column, value, most) {
            Some(Self::Fall { feature: feature(), column, bar, value, most })
        } else {
            None
        }
    }
}

/// Whether `value` is next to nothing against `most`. Volumes may be.
fn has_fallen(column: Input, value: f64, most: f64) -> bool {
    column != Input::Volume && value.abs() > 0.0 && value.abs() < FALL_MAX * most
}

/// The `features` of every bar of `columns`: a matrix of `[feature, bar]`.
///
/// A feature's first [`lookback`](Feature::lookback) bars are NaN: the same bars as in TA-Lib.
/// After them a value is NaN only where the feature's definition says that it is missing, as a
/// logarithm of a price that is not above 0. The next
/// [`unstable_margin`](Feature::unstable_margin) bars still show where the history began; see
/// [`warm_up`](crate::warm_up).
///
/// # Errors
/// When the columns differ in length, one that is read holds a NaN, an infinity, a number beyond
/// [`MAGNITUDE_MAX`] or a price below [`FALL_MAX`] of an earlier one, or a feature reads the bars' times: those need [`compute_timed`].
///
/// Source: workflow §2.1 (the features of the example); agrees with TA-Lib 0.8.2 within 1e-10
/// relative (`tests/golden/talib_*.csv`).
pub fn compute(features: &[Feature], columns: &Columns<'_>) -> Result<Matrix, ComputeError> {
    matrix(features, columns, None, &[])
}

/// The `features` of every bar of `columns` as [`compute`] has them, of those that read the bars'
/// times as well.
///
/// # Errors
/// As [`compute`], and when there are not as many times as bars, they do not rise, or a feature
/// asks for a timeframe that bars of `times.timeframe` do not make up.
pub fn compute_timed(
    features: &[Feature],
    columns: &Columns<'_>,
    times: Times<'_>,
) -> Result<Matrix, ComputeError> {
    compute_beside(features, columns, times, &[])
}

/// The `features` of every bar of `columns` as [`compute_timed`] has them, and of those that ask for
/// another symbol what they are of its bars, of which `beside` has one series each.
///
/// A bar of another symbol is seen from the first bar on that closes when it does or later, until
/// the next one is: never before it has closed.
///
/// # Errors
/// As [`compute_timed`], of either symbol's bars, and when those that a feature asks for are not
/// there.
pub fn compute_beside(
    features: &[Feature],
    columns: &Columns<'_>,
    times: Times<'_>,
    beside: &[Beside<'_>],
) -> Result<Matrix, ComputeError> {
    check_times(columns, times)?;
    for other in beside {
        let its = Times { open: other.open, ..times };
        let checked = check_lengths(&other.columns).and_then(|()| check_times(&other.columns, its));
        checked.map_err(|error| of_beside(other.symbol, error))?;
    }
    matrix(features, columns, Some(times), beside)
}

pub(crate) fn of_beside(symbol: SymbolKey, error: ComputeError) -> ComputeError {
    ComputeError::Beside { symbol, source: Box::new(error) }
}

fn check_times(columns: &Columns<'_>, times: Times<'_>) -> Result<(), ComputeError> {
    let (rows, given) = (columns.close.len(), times.open.len());
    if given != rows {
        return Err(ComputeError::Times { times: given, bars: rows });
    }
    let is_falling = |pair: &[i64]| pair.first() >= pair.last();
    match times.open.windows(2).position(is_falling) {
        Some(bar) => Err(ComputeError::Order { bar: bar + 1 }),
        None => Ok(()),
    }
}

fn check_lengths(columns: &Columns<'_>) -> Result<(), ComputeError> {
    let rows = columns.close.len();
    let lengths = [columns.open, columns.high, columns.low, columns.volume].map(<[f64]>::len);
    if lengths.iter().all(|length| *length == rows) {
        return Ok(());
    }
    let [open, high, low, volume] = lengths;
    Err(ComputeError::Lengths { open, high, low, close: rows, volume })
}

fn matrix(
    features: &[Feature],
    columns: &Columns<'_>,
    times: Option<Times<'_>>,
    beside: &[Beside<'_>],
) -> Result<Matrix, ComputeError> {
    check_lengths(columns)?;
    let of_own = features.iter().filter(|feature| feature.symbol().is_none());
    check(of_own, columns, times)?;
    check_beside(features, times, beside)?;
    let mut matrix = Matrix::zeros(features.len(), columns.close.len());
    let mut batch = Batch { columns, times, spare: Spare::default() };
    for (feature, column) in features.iter().zip(matrix.columns_mut()) {
        match feature.symbol().and_then(|symbol| beside.iter().find(|it| it.symbol == symbol)) {
            Some(other) => batch.of_other(feature, other, column)?,
            None => batch.column(feature, column)?,
        }
    }
    Ok(matrix)
}

/// As [`check`], of the features of other symbols and their bars.
fn check_beside(
    features: &[Feature],
    times: Option<Times<'_>>,
    beside: &[Beside<'_>],
) -> Result<(), ComputeError> {
    for feature in features {
        let Some(symbol) = feature.symbol() else { continue };
        fits(feature, times.map(|times| times.timeframe))?;
        if !beside.iter().any(|other| other.symbol == symbol) {
            return Err(ComputeError::NoBeside { feature: feature.name().to_owned(), symbol });
        }
    }
    for other in beside {
        let its = times.map(|times| Times { open: other.open, ..times });
        let inner: Vec<Feature> = features
            .iter()
            .filter_map(|feature| feature.beside())
            .filter_map(|(symbol, inner, _)| (symbol == other.symbol).then_some(inner))
            .collect();
        check(inner.iter(), &other.columns, its).map_err(|error| of_beside(other.symbol, error))?;
    }
    Ok(())
}

/// Whether every column that is read can be computed with, and times are there for who reads them.
fn check<'f>(
    features: impl Iterator<Item = &'f Feature>,
    columns: &Columns<'_>,
    times: Option<Times<'_>>,
) -> Result<(), ComputeError> {
    let mut sound: Vec<Input> = Vec::new();
    for feature in features {
        fits(feature, times.map(|times| times.timeframe))?;
        for &column in feature.family.inputs {
            let Some(values) = columns.get(column).filter(|_| !sound.contains(&column)) else {
                continue;
            };
            if !is_sound(column, values) {
                first_wrong(feature, column, values)?;
            }
            sound.push(column);
        }
    }
    Ok(())
}

/// Whether every value can surely be computed with. It looks at all of them, side by side, since the
/// answer is hardly ever no; a price of 0 it leaves to who looks one after another.
fn is_sound(column: Input, values: &[f64]) -> bool {
    window::magnitudes(values, MAGNITUDE_MAX).is_some_and(|(least, most)| {
        column == Input::Volume || (least > 0.0 && least >= FALL_MAX * most)
    })
}

/// Whether each value can be computed with, one after another.
fn first_wrong(feature: &Feature, column: Input, values: &[f64]) -> Result<(), ComputeError> {
    let mut most = 0.0_f64;
    for (bar, &value) in values.iter().enumerate() {
        if let Some(wrong) = ComputeError::of_value(feature, column, bar, (value, most)) {
            return Err(wrong);
        }
        most = most.max(value.abs());
    }
    Ok(())
}

/// Whether `feature` can be computed of bars of `base`, or of bars without times.
pub(crate) fn fits(feature: &Feature, base: Option<Timeframe>) -> Result<(), ComputeError> {
    let name = || feature.name().to_owned();
    let Some(base) = base else {
        let is_untimed = !feature.reads_time();
        return if is_untimed { Ok(()) } else { Err(ComputeError::Untimed { feature: name() }) };
    };
    match feature.timeframe() {
        Some(timeframe) if feature.lookback_on(base).is_none() => {
            Err(ComputeError::Timeframe { feature: name(), timeframe, base })
        }
        _ => Ok(()),
    }
}

/// A series of bars whose features are computed one after another.
struct Batch<'a> {
    columns: &'a Columns<'a>,
    times: Option<Times<'a>>,
    spare: Spare,
}

impl Batch<'_> {
    /// One feature of every bar, into `out`, which is as long as the series.
    fn column(&mut self, feature: &Feature, out: &mut [f64]) -> Result<(), ComputeError> {
        let series = Series {
            columns: *self.columns,
            time: self.times.map_or(&[], |times| times.open),
            span: self.times.map_or(0, |times| span(times.timeframe)),
        };
        if let Some((times, timeframe)) = self.times.zip(feature.timeframe()) {
            return self.of_longer(feature, times, timeframe, out);
        }
        self.indicator(feature, &series, out)?;
        apply(&feature.modifiers, out);
        Ok(())
    }

    /// One feature of the bars of another symbol, as of the last of them that has closed.
    fn of_other(
        &self,
        feature: &Feature,
        other: &Beside<'_>,
        out: &mut [f64],
    ) -> Result<(), ComputeError> {
        let (Some(times), Some((_, inner, after))) = (self.times, feature.beside()) else {
            return Ok(());
        };
        let its = Times { open: other.open, ..times };
        let mut batch =
            Batch { columns: &other.columns, times: Some(its), spare: Spare::default() };
        let mut values = vec![f64::NAN; other.open.len()];
        batch.column(&inner, &mut values)?;
        let mut values = values.iter().zip(other.open).peekable();
        let mut known = f64::NAN;
        for (cell, time) in out.iter_mut().zip(times.open) {
            // Bars of one length close in the order in which they open.
            while let Some((value, _)) = values.next_if(|(_, opened)| *opened <= time) {
                known = *value;
            }
            *cell = known;
        }
        apply(after, out);
        Ok(())
    }

    /// One feature of bars of `timeframe`, as of the last of them that has closed.
    fn of_longer(
        &mut self,
        feature: &Feature,
        times: Times<'_>,
        timeframe: Timeframe,
        out: &mut [f64],
    ) -> Result<(), ComputeError> {
        let rows = self.columns.close.len();
        let bars =
            self.columns.bars(0).zip(times.open).map(|(bar, &time)| crate::Bar { time, ..bar });
        let longer = Longer::of(bars, span(times.timeframe), span(timeframe));
        let columns = longer.bars.columns();
        let inside = Series { columns, time: &longer.bars.time, span: span(timeframe) };
        let mut values = vec![f64::NAN; inside.rows()];
        self.indicator(feature, &inside, &mut values)?;
        let (before, after) = feature.split_modifiers();
        apply(before, &mut values);
        let first = longer.known.first().copied().unwrap_or(rows);
        out.get_mut(..first).unwrap_or_default().fill(f64::NAN);
        let ends = longer.known.iter().skip(1).copied().chain([rows]);
        for ((value, known), end) in values.iter().zip(&longer.known).zip(ends) {
            out.get_mut(*known..end).unwrap_or_default().fill(*value);
        }
        apply(after, out);
        let lookback = feature.lookback_on(times.timeframe).unwrap_or(rows);
        out.get_mut(..lookback.min(rows)).unwrap_or_default().fill(f64::NAN);
        Ok(())
    }

    /// The bare indicator of every bar of `series`.
    fn indicator(
        &mut self,
        feature: &Feature,
        series: &Series<'_>,
        out: &mut [f64],
    ) -> Result<(), ComputeError> {
        let (rows, lookback) = (series.rows(), feature.family_lookback());
        // Fewer bars than the lookback: nothing to compute, and no range to ask TA-Lib for.
        if rows > lookback {
            let setting = Setting { parameters: &feature.parameters, span: series.span };
            (feature.family.kernel.batch)(setting, series, &mut self.spare, out)
                .map_err(|code| ComputeError::library(feature, code))?;
        }
        out.get_mut(..lookback.min(rows)).unwrap_or_default().fill(f64::NAN);
        Ok(())
    }
}

/// Carries out `modifiers` on a whole column.
fn apply(modifiers: &[Modifier], column: &mut [f64]) {
    for mut transform in modifiers.iter().filter_map(|modifier| modifier.transform()) {
        for value in column.iter_mut() {
            *value = transform.next(*value);
        }
    }
}

#[cfg(test)]
mod tests;
