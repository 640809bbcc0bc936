//! What a server of a version can do.

use super::WireFormat;

/// How queries are written for a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dialect {
    /// Before 20.1: no parameters, no times finer than seconds, no Parquet in common builds.
    Old,
    /// Since then.
    Current,
}

impl Dialect {
    /// The dialect of a version such as `18.16.1`.
    pub(super) fn of(version: &str) -> Self {
        /// The first year in which parameters over HTTP and `DateTime64` are both there.
        const CURRENT: u32 = 20;
        let year = version.split('.').next().and_then(|year| year.parse::<u32>().ok());
        // A version that says nothing is taken for a current one: it refuses what it cannot.
        if year.is_some_and(|year| year < CURRENT) { Self::Old } else { Self::Current }
    }

    /// The format in which answers are smallest and nothing is lost.
    pub(super) const fn best_format(self) -> WireFormat {
        match self {
            Self::Old => WireFormat::JsonCompact,
            Self::Current => WireFormat::Parquet,
        }
    }
}
