//! Moving averages and the distance from them.

use super::{
    Family, Group, HIGH_LOW, PLAIN, Parameter, Unit, exponential, longest, one, period, window,
};
use crate::kernel::indicators::{
    CloseToEma, CloseToSma, Dema, Ema, Kama, Sar, Sma, SmaCross, Tema, Wma,
};
use crate::kernel::ta_lib::{Derived, combined, ta_lib};

/// Bars per period until Kaufman's mean has: twice what 3,000 beginnings in twelve years of hourly
/// EUR/USD took at most.
const KAMA_MARGIN: usize = 40;
/// Its longest: at its slowest it keeps `(1 - (2/31)²)` of the past a bar, and this many leave 1e-6.
const KAMA_MARGIN_MAX: usize = 3_300;
/// Bars until two parabolas from different beginnings are one, times their step in hundredths: they
/// join where both turn. Of the same 3,000 beginnings the last joined after 180 bars at step 2.
const SAR_MARGIN: usize = 1_000;
/// However large its step, a parabola takes some bars to turn.
const SAR_MARGIN_MIN: usize = 50;

const TREND: Family = Family { group: Group::Trend, ..PLAIN };
const LEVEL: Family = Family { unit: Unit::Price, ..TREND };

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        base: "sma",
        parameters: &[period("n", 20)],
        listed: &[&[20], &[50], &[200]],
        summary: "simple moving average",
        definition: "mean of the last n closes",
        source: "TA-Lib SMA",
        formula: "sma",
        lookback: window,
        kernel: ta_lib::<Sma>(),
        ..LEVEL
    },
    Family {
        base: "ema",
        parameters: &[period("n", 12)],
        listed: &[&[12], &[26], &[50], &[200]],
        summary: "exponential moving average",
        definition: "E₋₁ + k(c − E₋₁), k = 2/(n + 1), seeded with the mean of the first n closes",
        source: "TA-Lib EMA",
        formula: "ema k=2/(n+1) seed=sma",
        lookback: window,
        unstable_margin: exponential,
        kernel: ta_lib::<Ema>(),
        ..LEVEL
    },
    Family {
        base: "wma",
        parameters: &[period("n", 20)],
        listed: &[&[20]],
        summary: "linearly weighted moving average",
        definition: "mean of the last n closes with weights 1 (oldest) to n",
        source: "TA-Lib WMA",
        formula: "wma weights=1..n",
        lookback: window,
        kernel: ta_lib::<Wma>(),
        ..LEVEL
    },
    Family {
        base: "dema",
        parameters: &[period("n", 20)],
        listed: &[&[20]],
        summary: "double exponential moving average",
        definition: "2E − E(E), E the exponential mean over n",
        source: "TA-Lib DEMA; Mulloy 1994",
        formula: "dema ema k=2/(n+1) seed=sma",
        lookback: |periods| 2 * window(periods),
        unstable_margin: exponential,
        kernel: ta_lib::<Dema>(),
        ..LEVEL
    },
    Family {
        base: "tema",
        parameters: &[period("n", 20)],
        listed: &[&[20]],
        summary: "triple exponential moving average",
        definition: "3E − 3E(E) + E(E(E)), E the exponential mean over n",
        source: "TA-Lib TEMA; Mulloy 1994",
        formula: "tema ema k=2/(n+1) seed=sma",
        lookback: |periods| 3 * window(periods),
        unstable_margin: exponential,
        kernel: ta_lib::<Tema>(),
        ..LEVEL
    },
    Family {
        base: "kama",
        parameters: &[period("n", 10)],
        listed: &[&[10]],
        summary: "Kaufman's adaptive moving average",
        definition: "K₋₁ + s²(c − K₋₁), s between 2/31 and 2/3 by |c − c₋ₙ| over the path walked",
        source: "TA-Lib KAMA; Kaufman 1995",
        formula: "kama fast=2 slow=30",
        lookback: longest,
        unstable_margin: |periods| (KAMA_MARGIN * longest(periods)).min(KAMA_MARGIN_MAX),
        kernel: ta_lib::<Kama>(),
        ..LEVEL
    },
    Family {
        base: "close_to_sma",
        parameters: &[period("n", 20)],
        listed: &[&[20]],
        summary: "distance of the close from its simple mean",
        definition: "c/SMA(n) − 1; missing where the mean is 0",
        source: "TA-Lib SMA",
        formula: "close-to-sma",
        lookback: window,
        kernel: ta_lib::<Derived<CloseToSma>>(),
        ..TREND
    },
    Family {
        base: "close_to_ema",
        parameters: &[period("n", 50)],
        listed: &[&[50]],
        summary: "distance of the close from its exponential mean",
        definition: "c/EMA(n) − 1; missing where the mean is 0",
        source: "TA-Lib EMA",
        formula: "close-to-ema k=2/(n+1) seed=sma",
        lookback: window,
        unstable_margin: exponential,
        kernel: ta_lib::<Derived<CloseToEma>>(),
        ..TREND
    },
    Family {
        base: "sma_cross",
        parameters: &[period("fast", 20), period("slow", 50)],
        rising: 2,
        listed: &[&[20, 50]],
        summary: "distance of a fast from a slow simple mean",
        definition: "SMA(fast)/SMA(slow) − 1; missing where the slow mean is 0",
        source: "TA-Lib SMA",
        formula: "sma-cross",
        lookback: window,
        kernel: combined::<SmaCross>(),
        ..TREND
    },
    Family {
        base: "sar",
        parameters: &[
            Parameter { name: "step", default: 2, min: 1, max: 100 },
            Parameter { name: "most", default: 20, min: 1, max: 100 },
        ],
        summary: "parabolic stop and reverse",
        definition: "a stop that follows the trend by step/100 of its distance to the extreme, \
                     faster at every new extreme up to most/100, and turns when touched",
        source: "TA-Lib SAR; Wilder 1978",
        formula: "sar hundredths",
        inputs: HIGH_LOW,
        lookback: one,
        unstable_margin: |steps| {
            let step = steps.iter().copied().min().unwrap_or(1).max(1);
            (SAR_MARGIN / step).max(SAR_MARGIN_MIN)
        },
        kernel: ta_lib::<Sar>(),
        ..LEVEL
    },
];
