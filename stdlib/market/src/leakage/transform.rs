//! L16: what is done to columns before features are made of them.
//!
//! The language refuses these options where they are written; this is the same rule for transforms
//! that arrive in another way, such as a data set that another tool prepared.

use super::{Finding, LeakCheck};

/// One thing that was done to a column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transform {
    /// What was made, as reports name it.
    pub of: String,
    /// How.
    pub kind: TransformKind,
}

/// How a column was made of another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TransformKind {
    /// Missing values were replaced.
    Fill(Fill),
    /// A statistic of a moving window.
    Rolling(Window),
    /// The place of a value among others.
    Rank(Extent),
    /// Values beyond a quantile were cut off.
    Winsorize(Extent),
    /// Values were shifted and divided.
    Scale(Extent),
    /// Bars of another timeframe, and when they count as known.
    Resample(Stamp),
    /// The value of so many bars before; negative for bars after.
    Lag(i64),
}

/// What a missing value is replaced by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fill {
    /// One number for all.
    Constant,
    /// The value before.
    Forward,
    /// The value after.
    Backward,
    /// Something between the value before and the value after.
    Interpolated,
}

/// Where a window lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Window {
    /// It ends at its bar.
    Trailing,
    /// Its bar is in its middle.
    Centered,
    /// It begins at its bar.
    Leading,
}

/// The rows that a rank, a quantile or a scale is taken of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// Those before and at the row.
    Trailing,
    /// Those of the train part.
    Train,
    /// All of them, test included.
    All,
}

/// When a bar counts as known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stamp {
    /// When it has closed.
    Close,
    /// When it opens: before anything of it has happened.
    Open,
}

impl TransformKind {
    /// How it looks ahead, in words; none where it does not.
    pub const fn looks_ahead(self) -> Option<&'static str> {
        match self {
            Self::Fill(Fill::Backward) => Some("filled from the value after"),
            Self::Fill(Fill::Interpolated) => Some("filled towards the value after"),
            Self::Rolling(Window::Centered) => Some("a window centred on its bar"),
            Self::Rolling(Window::Leading) => Some("a window that begins at its bar"),
            Self::Rank(Extent::All) => Some("a rank among all rows"),
            Self::Winsorize(Extent::All) => Some("cut off at quantiles of all rows"),
            Self::Scale(Extent::All) => Some("scaled by all rows"),
            Self::Resample(Stamp::Open) => Some("bars that count as known when they open"),
            Self::Lag(bars) if bars < 0 => Some("a value of a later bar"),
            Self::Fill(Fill::Constant | Fill::Forward)
            | Self::Rolling(Window::Trailing)
            | Self::Rank(Extent::Trailing | Extent::Train)
            | Self::Winsorize(Extent::Trailing | Extent::Train)
            | Self::Scale(Extent::Trailing | Extent::Train)
            | Self::Resample(Stamp::Close)
            | Self::Lag(_) => None,
        }
    }
}

/// L16: no transform looks ahead.
pub fn l16_nothing_looks_ahead(transforms: &[Transform]) -> Finding {
    let ahead: Vec<String> = transforms
        .iter()
        .filter_map(|Transform { of, kind }| Some(format!("`{of}`: {}", kind.looks_ahead()?)))
        .collect();
    let detail = if ahead.is_empty() {
        format!("none of {} transforms looks ahead", transforms.len())
    } else {
        ahead.join("; ")
    };
    Finding::strict(LeakCheck::L16, ahead.len(), detail)
}
