//! Features and bars to a matrix of numbers.

use std::fmt;

use suho_domain::Fault;

use crate::feature::Feature;

/// The columns of a series of bars, oldest first, all of one length.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// First price of each bar.
    pub open: &'a [f64],
    /// Highest price of each bar.
    pub high: &'a [f64],
    /// Lowest price of each bar.
    pub low: &'a [f64],
    /// Last price of each bar.
    pub close: &'a [f64],
    /// Traded volume or number of ticks in each bar; NaN where the source has none.
    pub volume: &'a [f64],
}

/// A column that a feature reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Input {
    /// Highest price of the bar.
    High,
    /// Lowest price of the bar.
    Low,
    /// Last price of the bar.
    Close,
    /// Traded volume or number of ticks.
    Volume,
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
        })
    }
}

impl<'a> Columns<'a> {
    fn get(&self, input: Input) -> &'a [f64] {
        match input {
            Input::High => self.high,
            Input::Low => self.low,
            Input::Close => self.close,
            Input::Volume => self.volume,
        }
    }
}

/// Why features could not be computed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
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
    /// A missing value is in the data; the rest cannot happen to bars that were read whole.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::NotFinite { .. } => Fault::User,
            Self::Lengths { .. } | Self::Library { .. } => Fault::Bug,
        }
    }
}

/// Numbers of `[bar, feature]`, row-major: the features of one bar lie side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    values: Vec<f64>,
    width: usize,
    rows: usize,
}

impl Matrix {
    /// How many bars.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many features.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The features of one bar, in the order in which they were asked for.
    pub fn row(&self, bar: usize) -> Option<&[f64]> {
        let start = bar.checked_mul(self.width)?;
        self.values.get(start..start.checked_add(self.width)?).filter(|_| bar < self.rows)
    }

    /// One feature over all bars; empty when there is no such feature.
    pub fn column(&self, feature: usize) -> impl Iterator<Item = f64> + '_ {
        let end = if feature < self.width { self.values.len() } else { 0 };
        self.values.iter().take(end).skip(feature).step_by(self.width.max(1)).copied()
    }

    /// All values, `rows` × `width`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

/// The `features` of every bar of `columns`: a matrix of `[bar, feature]`.
///
/// A feature's first [`lookback`](Feature::lookback) bars are NaN and no others: the same bars as
/// in TA-Lib. The next [`unstable_margin`](Feature::unstable_margin) bars still show where the
/// history began; see [`warm_up`](crate::warm_up).
///
/// # Errors
/// When the columns differ in length, or one that is read holds a NaN or an infinity.
///
/// Source: workflow §2.1 (the features of the example); agrees with TA-Lib 0.8.2 within 1e-10
/// relative (`tests/golden/talib_400.csv`, `talib_flat_80.csv`).
pub fn compute(features: &[Feature], columns: &Columns<'_>) -> Result<Matrix, ComputeError> {
    let rows = columns.close.len();
    let lengths = [columns.open, columns.high, columns.low, columns.volume].map(<[f64]>::len);
    if lengths.iter().any(|length| *length != rows) {
        let [open, high, low, volume] = lengths;
        return Err(ComputeError::Lengths { open, high, low, close: rows, volume });
    }
    let width = features.len();
    let mut values = vec![f64::NAN; rows * width];
    for (place, feature) in features.iter().enumerate() {
        for &column in feature.family.inputs {
            let bar = columns.get(column).iter().position(|value| !value.is_finite());
            if let Some(bar) = bar {
                let feature = feature.name().to_owned();
                return Err(ComputeError::NotFinite { feature, column, bar });
            }
        }
        // Fewer bars than the lookback: nothing to compute, and no range to ask TA-Lib for.
        if rows <= feature.lookback() {
            continue;
        }
        let column = (feature.family.kernel)(columns, &feature.parameters).map_err(|code| {
            ComputeError::Library { feature: feature.name().to_owned(), code: format!("{code:?}") }
        })?;
        let cells = values.iter_mut().skip(place).step_by(width);
        for (cell, value) in cells.skip(feature.lookback()).zip(column) {
            *cell = value;
        }
    }
    Ok(Matrix { values, width, rows })
}

#[cfg(test)]
mod tests;
