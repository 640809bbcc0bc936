//! Our own indicators, by what they measure.

pub(crate) mod memory;
pub(crate) mod price;
pub(crate) mod rsi;
pub(crate) mod stochastic;
pub(crate) mod ultimate;
pub(crate) mod volatility;
pub(crate) mod volume;
