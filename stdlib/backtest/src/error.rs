//! What a backtest refuses.

use suho_domain::Fault;
use suho_stats::StatsError;

/// Why there is no backtest.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BacktestError {
    /// There is nothing to trade on. `User`.
    #[error("no bars")]
    NoBars,
    /// A price is not a positive number. `User`: the data are at fault.
    #[error("bar {bar} holds the price `{price}`")]
    Price {
        /// Index of the bar.
        bar: usize,
        /// The price.
        price: f64,
    },
    /// Bars are not in order of time. `User`: the data are at fault.
    #[error("bar {bar} does not come after the one before")]
    Order {
        /// Index of the bar.
        bar: usize,
    },
    /// A column does not belong to the bars. `Bug`.
    #[error("`{found}` {what} for `{bars}` bars")]
    Length {
        /// The column.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Number of bars.
        bars: usize,
    },
    /// A cost, a share or an amount is out of its range. `User`.
    #[error("{what} `{value}` is out of range")]
    OutOfRange {
        /// The quantity.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// The policy names a class that the model does not have, or one for both sides. `User`.
    #[error("class {up} for up and {down} for down do not fit `{classes}` classes")]
    Classes {
        /// Class that means up.
        up: usize,
        /// Class that means down.
        down: usize,
        /// Classes of the model.
        classes: usize,
    },
    /// The equity curve is beyond what can be measured, through absurd prices. `User`.
    #[error("cannot measure the equity curve")]
    Equity(#[source] StatsError),
}

impl BacktestError {
    /// Whose fault this is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Length { .. } => Fault::Bug,
            Self::NoBars
            | Self::Price { .. }
            | Self::Order { .. }
            | Self::OutOfRange { .. }
            | Self::Classes { .. }
            | Self::Equity(_) => Fault::User,
        }
    }
}
