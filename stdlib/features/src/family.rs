//! The families of features: one row each, from which names, warm-up and digests follow.

use crate::compute::Input;
use crate::kernel::{self, Kernel};

/// An indicator and its parameters' meaning; `rsi` is a family, `rsi_14` a feature of it.
pub(crate) struct Family {
    /// What a name begins with: `macd` of `macd_12_26_9_histogram`.
    pub(crate) base: &'static str,
    /// What it ends with, for indicators with several outputs: `histogram`; else empty.
    pub(crate) output: &'static str,
    /// Each parameter with its range; none for raw columns.
    pub(crate) parameters: &'static [Parameter],
    /// Whether the catalogue lists the name with its numbers (`rsi_14`) or without (`stoch_k`).
    pub(crate) is_listed_with_numbers: bool,
    /// One line for people.
    pub(crate) summary: &'static str,
    /// The formula for people, with `n`, `c` (close) and so on.
    pub(crate) definition: &'static str,
    /// The formula and its edge rules for the digest. It changes when, and only when, numbers do.
    pub(crate) formula: &'static str,
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

/// A period beyond this many bars is a slip of the finger: at one hour it is a year and a half.
const PERIOD_MAX: usize = 10_000;

const fn period(name: &'static str, default: usize) -> Parameter {
    Parameter { name, default, min: 2, max: PERIOD_MAX }
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

fn window(periods: &[usize]) -> usize {
    longest(periods).saturating_sub(1)
}

fn none(_: &[usize]) -> usize {
    0
}

/// Every family, in the order of the catalogue.
pub(crate) const FAMILIES: [Family; 8] = [
    Family {
        base: "close",
        output: "",
        parameters: &[],
        is_listed_with_numbers: false,
        summary: "closing price",
        definition: "c; a price level is not stationary, so drift monitors pass over it",
        formula: "close",
        inputs: &[Input::Close],
        lookback: none,
        unstable_margin: none,
        kernel: |columns, _| Ok(columns.close.to_vec()),
    },
    Family {
        base: "rsi",
        output: "",
        parameters: &[period("n", 14)],
        is_listed_with_numbers: true,
        summary: "relative strength index",
        definition: "100·W(up)/(W(up)+W(down)), W the Wilder mean over n of one-bar changes; \
                     0 where no price has moved yet",
        formula: "rsi wilder seed=mean zero-change=0",
        inputs: &[Input::Close],
        lookback: longest,
        unstable_margin: |periods| WILDER_MARGIN * longest(periods),
        kernel: kernel::rsi,
    },
    Family {
        base: "macd",
        output: "histogram",
        parameters: &[period("fast", 12), period("slow", 26), period("signal", 9)],
        is_listed_with_numbers: false,
        summary: "distance of the MACD line from its signal line",
        definition: "line − EMA(signal) of the line; line = EMA(fast) − EMA(slow) of c, both \
                     seeded with means that end on the same bar",
        formula: "macd-histogram ema k=2/(n+1) seed=sma-aligned",
        inputs: &[Input::Close],
        // Slow mean, then the signal's: 25 + 8 for 12, 26, 9.
        lookback: |periods| match periods {
            [fast, slow, signal] => fast.max(slow) + signal - 2,
            _ => 0,
        },
        unstable_margin: |periods| EMA_MARGIN * longest(periods),
        kernel: kernel::macd_histogram,
    },
    Family {
        base: "bb",
        output: "percent_b",
        parameters: &[period("n", 20), Parameter { name: "width", default: 2, min: 1, max: 10 }],
        is_listed_with_numbers: false,
        summary: "place of the close between the Bollinger bands, 0 lower to 1 upper",
        definition: "(c − lower)/(upper − lower); bands = SMA(n) ± width·σ, σ of the population; \
                     0.5 where the bands meet",
        formula: "bollinger-percent-b sma ddof=0 zero-width=0.5",
        inputs: &[Input::Close],
        lookback: |periods| periods.first().map_or(0, |n| n - 1),
        unstable_margin: none,
        kernel: kernel::bb_percent_b,
    },
    Family {
        base: "atr",
        output: "",
        parameters: &[period("n", 14)],
        is_listed_with_numbers: true,
        summary: "average true range, in price",
        definition: "Wilder mean over n of max(h − l, |h − c₋₁|, |l − c₋₁|)",
        formula: "atr wilder seed=mean",
        inputs: &[Input::High, Input::Low, Input::Close],
        lookback: longest,
        unstable_margin: |periods| WILDER_MARGIN * longest(periods),
        kernel: kernel::atr,
    },
    Family {
        base: "volume_ratio",
        output: "",
        parameters: &[period("n", 20)],
        is_listed_with_numbers: false,
        summary: "volume against its mean",
        definition: "v/SMA(n) of v; 1 where the mean is 0",
        formula: "volume-ratio sma zero-mean=1",
        inputs: &[Input::Volume],
        lookback: window,
        unstable_margin: none,
        kernel: kernel::volume_ratio,
    },
    Family {
        base: "adx",
        output: "",
        parameters: &[period("n", 14)],
        is_listed_with_numbers: true,
        summary: "average directional index",
        definition: "Wilder mean over n of 100·|+DI − −DI|/(+DI + −DI), whose movements are \
                     Wilder sums over n; 0 where no price moves",
        formula: "adx wilder seed=mean dm-seed=n-1 zero-range=0",
        inputs: &[Input::High, Input::Low, Input::Close],
        lookback: |periods| 2 * longest(periods) - 1,
        unstable_margin: |periods| ADX_MARGIN * longest(periods),
        kernel: kernel::adx,
    },
    Family {
        base: "stoch",
        output: "k",
        parameters: &[
            Parameter { name: "n", default: 14, min: 1, max: PERIOD_MAX },
            Parameter { name: "slow_k", default: 3, min: 1, max: PERIOD_MAX },
            Parameter { name: "slow_d", default: 3, min: 1, max: PERIOD_MAX },
        ],
        is_listed_with_numbers: false,
        summary: "slow stochastic oscillator, %K",
        definition: "SMA(slow_k) of 100·(c − LL(n))/(HH(n) − LL(n)), from the bar on which %D \
                     would begin; 0 where the range is 0",
        formula: "stochastic-slow-k sma sma zero-range=0 starts-with-d",
        inputs: &[Input::High, Input::Low, Input::Close],
        lookback: |periods| sum(periods).saturating_sub(periods.len()),
        unstable_margin: none,
        kernel: kernel::stoch_k,
    },
];
