//! What signals would have earned: positions, costs, equity.
//!
//! Pure and deterministic: one loop over the bars, a fixed order of operations, chance only from a
//! seed. The same input gives the same [`Report`] to the bit.
//!
//! Nothing looks ahead: what is decided on bar `i` is carried out at the open of bar `i + 1`.

mod bar;
mod benchmark;
mod costs;
mod engine;
mod error;
mod page;
mod policy;
mod report;
mod trade;

pub use bar::{Bar, BarCalendar, Market};
pub use benchmark::{Benchmarks, Outcome, RandomBenchmark};
pub use costs::Costs;
pub use engine::{Exit, Rules, Stops};
pub use error::BacktestError;
pub use page::{Heading, escaped, sheet};
pub use policy::{Policy, signals};
pub use report::{Metrics, Report, run};
pub use trade::{Ending, Side, Trade};

#[cfg(test)]
mod tests;
