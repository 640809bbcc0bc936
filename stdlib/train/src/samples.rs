//! Labelled windows over a table of bars.

#[cfg(test)]
mod tests;

use suho_domain::Fault;

/// Windows of `sequence` bars, each with a label, as views over one table: neighbours share their rows.
///
/// Invariant: the table has whole rows, every window lies inside it, and each has one label.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    features: usize,
    sequence: usize,
    rows: Vec<f32>,
    ends: Vec<usize>,
    labels: Vec<u8>,
}

impl Samples {
    /// `rows` `[bar, feature]`, scaled, bar after bar; `ends`: the bar each window ends with, counted
    /// from 0; `labels`: a class for each window, as an index into the architecture's classes.
    ///
    /// # Errors
    /// When a window would leave the table, or the counts do not fit together.
    pub fn new(
        features: usize,
        sequence: usize,
        rows: Vec<f32>,
        ends: Vec<usize>,
        labels: Vec<u8>,
    ) -> Result<Self, SamplesError> {
        check_windows(features, sequence, rows.len(), &ends)?;
        if ends.len() != labels.len() {
            return Err(SamplesError::Labels { windows: ends.len(), labels: labels.len() });
        }
        Ok(Self { features, sequence, rows, ends, labels })
    }

    /// Features of one bar.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Bars of one window.
    pub fn sequence(&self) -> usize {
        self.sequence
    }

    /// Number of windows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no window.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The classes, a window each.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The first bar of a window that has a feature which is no finite number. Bars that no window sees
    /// may have any.
    pub(crate) fn first_not_finite(&self) -> Option<usize> {
        let is_sound = |row: &[f32]| row.iter().all(|value| value.is_finite());
        let unsound = self.rows.chunks_exact(self.features).map(|row| !is_sound(row));
        // For each bar the last one up to it that is not sound.
        let last: Vec<Option<usize>> = unsound
            .enumerate()
            .scan(None, |last, (bar, is_unsound)| {
                *last = if is_unsound { Some(bar) } else { *last };
                Some(*last)
            })
            .collect();
        let in_window = |end: &usize| {
            let bar = last.get(*end).copied().flatten()?;
            (bar + self.sequence > *end).then_some(bar)
        };
        self.ends.iter().filter_map(in_window).min()
    }

    pub(crate) fn rows(&self) -> &[f32] {
        &self.rows
    }

    /// The bar each window ends with.
    pub(crate) fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// The windows that end with `ends`, `[sequence, ends, features]`.
    pub(crate) fn gather(&self, ends: &[usize]) -> Vec<f32> {
        gather(&self.rows, self.features, self.sequence, ends)
    }
}

/// The windows of `rows` `[bar, feature]` that end with `ends`, time first:
/// `[sequence, ends, features]`.
pub(crate) fn gather<T: Copy>(
    rows: &[T],
    features: usize,
    sequence: usize,
    ends: &[usize],
) -> Vec<T> {
    let mut windows = Vec::with_capacity(sequence * ends.len() * features);
    for step in 0..sequence {
        for end in ends {
            let bar = end + 1 + step - sequence;
            windows.extend(rows.get(bar * features..(bar + 1) * features).unwrap_or_default());
        }
    }
    windows
}

/// Checks that a table of `values` numbers has whole rows and holds every window.
pub(crate) fn check_windows(
    features: usize,
    sequence: usize,
    values: usize,
    ends: &[usize],
) -> Result<(), SamplesError> {
    if features == 0 || sequence == 0 || !values.is_multiple_of(features) {
        return Err(SamplesError::Table { values, features, sequence });
    }
    let bars = values / features;
    match ends.iter().find(|end| **end >= bars || **end + 1 < sequence) {
        Some(&end) => Err(SamplesError::Window { end, sequence, bars }),
        None => Ok(()),
    }
}

/// Why numbers make no windows. Always `Bug`: a step has put them together wrongly.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SamplesError {
    /// No whole rows, or rows of nothing.
    #[error("{values} values make no rows of {features} features for windows of {sequence} bars")]
    Table {
        /// Length of the table.
        values: usize,
        /// Features of a bar.
        features: usize,
        /// Bars of a window.
        sequence: usize,
    },
    /// A window leaves the table.
    #[error("the window of {sequence} bars that ends with bar {end} is not inside {bars} bars")]
    Window {
        /// The bar it ends with.
        end: usize,
        /// Its length.
        sequence: usize,
        /// Bars in the table.
        bars: usize,
    },
    /// Windows without a label, or labels without a window.
    #[error("{windows} windows have {labels} labels")]
    Labels {
        /// Number of windows.
        windows: usize,
        /// Number of labels.
        labels: usize,
    },
}

impl SamplesError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        Fault::Bug
    }
}
