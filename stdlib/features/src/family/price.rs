//! The bar itself and changes of its prices.

use super::{Family, Group, HIGH_LOW, HIGH_LOW_CLOSE, PLAIN, Unit, from_one, longest, one};
use crate::kernel::indicators::{Median, Typical, Weighted};
use crate::kernel::own::{of_bar, own};
use crate::kernel::steps::price::{Gap, LogReturn, share};
use crate::kernel::ta_lib::ta_lib;
use crate::series::Input;

const LEVEL: Family = Family { unit: Unit::Price, source: "the bars as they are", ..PLAIN };
const PART: Family = Family { source: "candlestick proportions", ..PLAIN };

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        base: "open",
        summary: "opening price",
        definition: "o; a price level is not stationary, so drift monitors pass over it",
        formula: "open",
        inputs: &[Input::Open],
        kernel: of_bar!(|bar| bar.open),
        ..LEVEL
    },
    Family {
        base: "high",
        summary: "highest price",
        definition: "h; a price level is not stationary, so drift monitors pass over it",
        formula: "high",
        inputs: &[Input::High],
        kernel: of_bar!(|bar| bar.high),
        ..LEVEL
    },
    Family {
        base: "low",
        summary: "lowest price",
        definition: "l; a price level is not stationary, so drift monitors pass over it",
        formula: "low",
        inputs: &[Input::Low],
        kernel: of_bar!(|bar| bar.low),
        ..LEVEL
    },
    Family {
        base: "close",
        summary: "closing price",
        definition: "c; a price level is not stationary, so drift monitors pass over it",
        formula: "close",
        kernel: of_bar!(|bar| bar.close),
        ..LEVEL
    },
    Family {
        base: "volume",
        group: Group::Volume,
        summary: "traded volume or number of ticks",
        definition: "v, as the source counts it",
        formula: "volume",
        unit: Unit::Volume,
        inputs: &[Input::Volume],
        kernel: of_bar!(|bar| bar.volume),
        ..LEVEL
    },
    Family {
        base: "log_return",
        parameters: &[from_one("n", 1)],
        listed: &[&[1], &[4], &[24]],
        summary: "logarithmic return over n bars",
        definition: "ln(c/c₋ₙ); missing unless both are above 0",
        source: "continuously compounded return",
        formula: "log-return non-positive=missing",
        unit: Unit::LogReturn,
        lookback: longest,
        kernel: own::<LogReturn>(),
        ..PLAIN
    },
    Family {
        base: "hl_range",
        summary: "range of the bar against its close",
        definition: "(h − l)/c; missing where c is 0",
        formula: "hl-range",
        inputs: HIGH_LOW_CLOSE,
        kernel: of_bar!(|bar| (bar.high - bar.low) / bar.close),
        ..PART
    },
    Family {
        base: "co_range",
        summary: "body of the bar against its open",
        definition: "(c − o)/o; missing where o is 0",
        formula: "co-range",
        inputs: &[Input::Open, Input::Close],
        kernel: of_bar!(|bar| (bar.close - bar.open) / bar.open),
        ..PART
    },
    Family {
        base: "upper_wick",
        summary: "share of the bar's range above its body",
        definition: "(h − max(o, c))/(h − l); 0 where h = l",
        formula: "upper-wick zero-range=0",
        range: (0.0, 1.0),
        inputs: OHLC,
        kernel: of_bar!(|bar| share(bar.high - bar.open.max(bar.close), bar.high - bar.low)),
        ..PART
    },
    Family {
        base: "lower_wick",
        summary: "share of the bar's range below its body",
        definition: "(min(o, c) − l)/(h − l); 0 where h = l",
        formula: "lower-wick zero-range=0",
        range: (0.0, 1.0),
        inputs: OHLC,
        kernel: of_bar!(|bar| share(bar.open.min(bar.close) - bar.low, bar.high - bar.low)),
        ..PART
    },
    Family {
        base: "gap",
        summary: "logarithmic return from the close before to the open",
        definition: "ln(o/c₋₁); missing unless both are above 0",
        source: "overnight return",
        formula: "gap non-positive=missing",
        unit: Unit::LogReturn,
        inputs: &[Input::Open, Input::Close],
        lookback: one,
        kernel: own::<Gap>(),
        ..PLAIN
    },
    Family {
        base: "typical_price",
        summary: "mean of high, low and close",
        definition: "(h + l + c)/3",
        source: "TA-Lib TYPPRICE",
        formula: "typical-price",
        unit: Unit::Price,
        inputs: HIGH_LOW_CLOSE,
        kernel: ta_lib::<Typical>(),
        ..PLAIN
    },
    Family {
        base: "median_price",
        summary: "middle of the bar's range",
        definition: "(h + l)/2",
        source: "TA-Lib MEDPRICE",
        formula: "median-price",
        unit: Unit::Price,
        inputs: HIGH_LOW,
        kernel: ta_lib::<Median>(),
        ..PLAIN
    },
    Family {
        base: "weighted_close",
        summary: "mean of high, low and twice the close",
        definition: "(h + l + 2c)/4",
        source: "TA-Lib WCLPRICE",
        formula: "weighted-close",
        unit: Unit::Price,
        inputs: HIGH_LOW_CLOSE,
        kernel: ta_lib::<Weighted>(),
        ..PLAIN
    },
];

const OHLC: &[Input] = &[Input::Open, Input::High, Input::Low, Input::Close];
