//! The families of features: one row each, from which names, warm-up and digests follow.

mod momentum;
mod price;
mod session;
mod statistics;
mod trend;
mod volatility;
mod volume;

use std::fmt;

use crate::kernel::Kernel;
use crate::kernel::own::of_bar;
use crate::series::Input;

/// An indicator and its parameters' meaning; `rsi` is a family, `rsi_14` a feature of it.
pub(crate) struct Family {
    /// What a name begins with: `macd` of `macd_12_26_9_histogram`.
    pub(crate) base: &'static str,
    /// What it ends with, for indicators with several outputs: `histogram`; else empty.
    pub(crate) output: &'static str,
    /// What it tells of.
    pub(crate) group: Group,
    /// Each parameter with its range; none for raw columns.
    pub(crate) parameters: &'static [Parameter],
    /// How many of the parameters, from the first, must each be above the one before.
    pub(crate) rising: usize,
    /// The numbers under which the catalogue lists it (`rsi_7`, `rsi_14`); none where it lists the
    /// bare name (`stoch_k`).
    pub(crate) listed: &'static [&'static [usize]],
    /// One line for people.
    pub(crate) summary: &'static str,
    /// The formula for people, with `n`, `c` (close) and so on.
    pub(crate) definition: &'static str,
    /// Who defined it, and whose numbers it equals.
    pub(crate) source: &'static str,
    /// The formula and its edge rules for the digest. It changes when, and only when, numbers do.
    pub(crate) formula: &'static str,
    /// What its numbers count.
    pub(crate) unit: Unit,
    /// Smallest and largest value.
    pub(crate) range: (f64, f64),
    /// The columns it reads.
    pub(crate) inputs: &'static [Input],
    /// Index of the first bar with a value.
    pub(crate) lookback: fn(&[usize]) -> usize,
    /// Bars after the first value until the start of history no longer shows, to 1e-6 of the
    /// feature's standard deviation.
    pub(crate) unstable_margin: fn(&[usize]) -> usize,
    pub(crate) kernel: Kernel,
}

/// A whole number in a feature's name.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) default: usize,
    pub(crate) min: usize,
    pub(crate) max: usize,
}

/// What a feature tells of.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Group {
    /// The bar itself and changes of its prices.
    Price,
    /// Moving averages and the distance from them.
    Trend,
    /// Speed and direction of the price.
    Momentum,
    /// Width of the price's movement.
    Volatility,
    /// Volume, alone and with the price.
    Volume,
    /// Regression and memory of the price.
    Statistics,
    /// The hour, the day and the session.
    Session,
}

impl Group {
    /// Every group, in the order of the catalogue.
    pub const ALL: [Self; 7] = [
        Self::Price,
        Self::Trend,
        Self::Momentum,
        Self::Volatility,
        Self::Volume,
        Self::Statistics,
        Self::Session,
    ];

    /// The word for it, as in `momentum.*`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Trend => "trend",
            Self::Momentum => "momentum",
            Self::Volatility => "volatility",
            Self::Volume => "volume",
            Self::Statistics => "statistics",
            Self::Session => "session",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a feature's numbers count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    /// A price: a level, which wanders and never comes back; drift monitors pass over it.
    Price,
    /// A distance between prices.
    PriceDifference,
    /// Volume, as the source counts it.
    Volume,
    /// A natural logarithm of a ratio of prices.
    LogReturn,
    /// One number per another.
    Ratio,
    /// Hundredths.
    Percent,
    /// Standard deviations.
    Deviations,
    /// An angle of which a full turn has 360.
    Degrees,
    /// Whole bars.
    Bars,
    /// 0 for no, 1 for yes.
    Flag,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Price => "price",
            Self::PriceDifference => "price difference",
            Self::Volume => "volume",
            Self::LogReturn => "log return",
            Self::Ratio => "ratio",
            Self::Percent => "percent",
            Self::Deviations => "standard deviations",
            Self::Degrees => "degrees",
            Self::Bars => "bars",
            Self::Flag => "0 or 1",
        })
    }
}

/// Every family, in the order of the catalogue.
pub(crate) fn families() -> impl Iterator<Item = &'static Family> {
    [
        price::FAMILIES,
        trend::FAMILIES,
        momentum::FAMILIES,
        volatility::FAMILIES,
        volume::FAMILIES,
        statistics::FAMILIES,
        session::FAMILIES,
    ]
    .into_iter()
    .flatten()
}

const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);
const HIGH_LOW: &[Input] = &[Input::High, Input::Low];
const HIGH_LOW_CLOSE: &[Input] = &[Input::High, Input::Low, Input::Close];

/// What most families have in common: the close in, no parameters, no memory.
const PLAIN: Family = Family {
    base: "",
    output: "",
    group: Group::Price,
    parameters: &[],
    rising: 0,
    listed: &[],
    summary: "",
    definition: "",
    source: "",
    formula: "",
    unit: Unit::Ratio,
    range: ANY,
    inputs: &[Input::Close],
    lookback: none,
    unstable_margin: none,
    kernel: of_bar!(|bar| bar.close),
};

/// A period beyond this many bars is a slip of the finger: at one hour it is a year and a half.
const PERIOD_MAX: usize = 10_000;
/// A window whose sums are taken anew at every bar ends here, so that a bar costs microseconds.
pub(crate) const WINDOW_MAX: usize = 1_000;

const fn period(name: &'static str, default: usize) -> Parameter {
    Parameter { name, default, min: 2, max: PERIOD_MAX }
}

const fn from_one(name: &'static str, default: usize) -> Parameter {
    Parameter { name, default, min: 1, max: PERIOD_MAX }
}

const fn window_of(default: usize, min: usize) -> Parameter {
    Parameter { name: "n", default, min, max: WINDOW_MAX }
}

/// Bars per period until a Wilder mean has forgotten its seed: `(1 - 1/n)^(20 n) < 3e-9`.
const WILDER_MARGIN: usize = 20;
/// The same for the Wilder mean of a ratio of Wilder means.
const ADX_MARGIN: usize = 30;
/// Bars per span until an exponential mean has: `(1 - 2/(n + 1))^(10 n) < 3e-9`.
const EMA_MARGIN: usize = 10;

/// The sum of the parameters: windows laid end to end.
fn sum(periods: &[usize]) -> usize {
    periods.iter().sum()
}

/// The longest of the parameters.
fn longest(periods: &[usize]) -> usize {
    periods.iter().copied().max().unwrap_or(0)
}

/// The first of the parameters.
fn first(periods: &[usize]) -> usize {
    periods.first().copied().unwrap_or(0)
}

/// Bars before a window as long as the longest parameter is full.
fn window(periods: &[usize]) -> usize {
    longest(periods).saturating_sub(1)
}

/// The same for the first parameter.
fn first_window(periods: &[usize]) -> usize {
    first(periods).saturating_sub(1)
}

fn none(_: &[usize]) -> usize {
    0
}

fn one(_: &[usize]) -> usize {
    1
}

fn wilder(periods: &[usize]) -> usize {
    WILDER_MARGIN * longest(periods)
}

fn exponential(periods: &[usize]) -> usize {
    EMA_MARGIN * longest(periods)
}
