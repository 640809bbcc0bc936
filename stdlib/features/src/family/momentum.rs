//! Speed and direction of the price.

use super::{
    ADX_MARGIN, Family, Group, HIGH_LOW, HIGH_LOW_CLOSE, PLAIN, Parameter, Unit, WILDER_MARGIN,
    WINDOW_MAX, exponential, first, from_one, longest, period, sum, wilder, window,
};
use crate::kernel::indicators::{
    Adx, Adxr, Aroon, Aroonosc, Bop, Cci, Cmo, Dx, Macd, MinusDi, Mom, PlusDi, Ppo, Roc, Trix,
    Willr,
};
use crate::kernel::own::own;
use crate::kernel::steps::rsi::Rsi;
use crate::kernel::steps::stochastic::{OfRsi, Stochastic};
use crate::kernel::steps::ultimate::Ultimate;
use crate::kernel::ta_lib::ta_lib;
use crate::kernel::windowed::Over;
use crate::series::Input;

const MOMENTUM: Family = Family { group: Group::Momentum, ..PLAIN };
/// An oscillator between 0 and 100.
const OSCILLATOR: Family = Family { unit: Unit::Percent, range: (0.0, 100.0), ..MOMENTUM };

const MACD: Family = Family {
    base: "macd",
    parameters: &[period("fast", 12), period("slow", 26), period("signal", 9)],
    rising: 2,
    source: "TA-Lib MACD; Appel 1979",
    unit: Unit::PriceDifference,
    // Slow mean, then the signal's: 25 + 8 for 12, 26, 9.
    lookback: |periods| match periods {
        [fast, slow, signal] => fast.max(slow) + signal - 2,
        _ => 0,
    },
    unstable_margin: exponential,
    ..MOMENTUM
};

const STOCH: Family = Family {
    base: "stoch",
    parameters: &[from_one("n", 14), from_one("slow_k", 3), from_one("slow_d", 3)],
    source: "TA-Lib STOCH; Lane",
    inputs: HIGH_LOW_CLOSE,
    lookback: |periods| sum(periods).saturating_sub(periods.len()),
    ..OSCILLATOR
};

const STOCHF: Family = Family {
    base: "stochf",
    parameters: &[from_one("n", 14), from_one("fast_d", 3)],
    source: "TA-Lib STOCHF; Lane",
    ..STOCH
};

const STOCHRSI: Family = Family {
    base: "stochrsi",
    parameters: &[period("n", 14), from_one("fast_k", 14), from_one("fast_d", 3)],
    source: "TA-Lib STOCHRSI; Chande and Kroll 1994",
    lookback: |periods| sum(periods).saturating_sub(2),
    unstable_margin: |periods| WILDER_MARGIN * first(periods),
    ..OSCILLATOR
};

const AROON: Family = Family {
    parameters: &[period("n", 25)],
    listed: &[&[25]],
    source: "TA-Lib AROON; Chande 1995",
    inputs: HIGH_LOW,
    lookback: longest,
    ..OSCILLATOR
};

const DIRECTIONAL: Family = Family {
    parameters: &[period("n", 14)],
    listed: &[&[14]],
    inputs: HIGH_LOW_CLOSE,
    lookback: longest,
    unstable_margin: wilder,
    ..OSCILLATOR
};

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        base: "rsi",
        parameters: &[period("n", 14)],
        listed: &[&[7], &[14], &[21]],
        summary: "relative strength index",
        definition: "100·W(up)/(W(up)+W(down)), W the Wilder mean over n of one-bar changes; \
                     0 where no price has moved yet",
        source: "TA-Lib RSI; Wilder 1978",
        formula: "rsi wilder seed=mean zero-change=0",
        lookback: longest,
        unstable_margin: wilder,
        kernel: own::<Rsi>(),
        ..OSCILLATOR
    },
    Family {
        output: "line",
        summary: "moving average convergence/divergence",
        definition: "EMA(fast) − EMA(slow) of c, both seeded with means that end on the same bar, \
                     from the bar on which the signal begins",
        formula: "macd-line ema k=2/(n+1) seed=sma-aligned starts-with-signal",
        kernel: ta_lib::<Macd<0>>(),
        ..MACD
    },
    Family {
        output: "signal",
        summary: "signal line of the MACD",
        definition: "EMA(signal) of the line; line = EMA(fast) − EMA(slow) of c, both seeded with \
                     means that end on the same bar",
        formula: "macd-signal ema k=2/(n+1) seed=sma-aligned",
        kernel: ta_lib::<Macd<1>>(),
        ..MACD
    },
    Family {
        output: "histogram",
        summary: "distance of the MACD line from its signal line",
        definition: "line − EMA(signal) of the line; line = EMA(fast) − EMA(slow) of c, both \
                     seeded with means that end on the same bar",
        formula: "macd-histogram ema k=2/(n+1) seed=sma-aligned",
        kernel: ta_lib::<Macd<2>>(),
        ..MACD
    },
    Family {
        base: "ppo",
        parameters: &[period("fast", 12), period("slow", 26)],
        rising: 2,
        summary: "percentage price oscillator",
        definition: "100(EMA(fast) − EMA(slow))/EMA(slow) of c; 0 where the slow mean is 0",
        source: "TA-Lib PPO with exponential means",
        formula: "ppo ema k=2/(n+1) seed=sma-aligned zero-mean=0",
        unit: Unit::Percent,
        lookback: window,
        unstable_margin: exponential,
        kernel: ta_lib::<Ppo>(),
        ..MOMENTUM
    },
    Family {
        base: "mom",
        parameters: &[from_one("n", 10)],
        listed: &[&[10]],
        summary: "change of the price over n bars",
        definition: "c − c₋ₙ",
        source: "TA-Lib MOM",
        formula: "mom",
        unit: Unit::PriceDifference,
        lookback: longest,
        kernel: ta_lib::<Mom>(),
        ..MOMENTUM
    },
    Family {
        base: "roc",
        parameters: &[from_one("n", 10)],
        listed: &[&[10], &[24]],
        summary: "rate of change over n bars",
        definition: "100(c/c₋ₙ − 1); 0 where c₋ₙ is 0",
        source: "TA-Lib ROC",
        formula: "roc zero-price=0",
        unit: Unit::Percent,
        lookback: longest,
        kernel: ta_lib::<Roc>(),
        ..MOMENTUM
    },
    Family {
        base: "cmo",
        parameters: &[period("n", 14)],
        listed: &[&[14]],
        summary: "Chande's momentum oscillator, smoothed by Wilder's mean",
        definition: "100(W(up) − W(down))/(W(up) + W(down)), W the Wilder mean over n of one-bar \
                     changes; 0 where no price has moved yet",
        source: "TA-Lib CMO; Chande 1994 has plain sums",
        formula: "cmo wilder seed=mean zero-change=0",
        range: (-100.0, 100.0),
        lookback: longest,
        unstable_margin: wilder,
        kernel: ta_lib::<Cmo>(),
        ..OSCILLATOR
    },
    Family {
        output: "k",
        summary: "slow stochastic oscillator, %K",
        definition: "SMA(slow_k) of 100·(c − LL(n))/(HH(n) − LL(n)), from the bar on which %D \
                     would begin; 0 where the range is 0",
        formula: "stochastic-slow-k sma sma zero-range=0 starts-with-d",
        kernel: own::<Stochastic<true, 0>>(),
        ..STOCH
    },
    Family {
        output: "d",
        summary: "slow stochastic oscillator, %D",
        definition: "SMA(slow_d) of %K; %K = SMA(slow_k) of 100·(c − LL(n))/(HH(n) − LL(n)), 0 \
                     where the range is 0",
        formula: "stochastic-slow-d sma sma zero-range=0",
        kernel: own::<Stochastic<true, 1>>(),
        ..STOCH
    },
    Family {
        output: "k",
        summary: "fast stochastic oscillator, %K",
        definition: "100·(c − LL(n))/(HH(n) − LL(n)), from the bar on which %D would begin; 0 \
                     where the range is 0",
        formula: "stochastic-fast-k sma zero-range=0 starts-with-d",
        kernel: own::<Stochastic<false, 0>>(),
        ..STOCHF
    },
    Family {
        output: "d",
        summary: "fast stochastic oscillator, %D",
        definition: "SMA(fast_d) of 100·(c − LL(n))/(HH(n) − LL(n)), 0 where the range is 0",
        formula: "stochastic-fast-d sma zero-range=0",
        kernel: own::<Stochastic<false, 1>>(),
        ..STOCHF
    },
    Family {
        output: "k",
        summary: "fast stochastic oscillator of the RSI, %K",
        definition: "100·(r − LL(fast_k))/(HH(fast_k) − LL(fast_k)) of r = RSI(n), from the bar on \
                     which %D would begin; 0 where the range is 0",
        formula: "stochastic-rsi-k wilder seed=mean sma zero-range=0 starts-with-d",
        kernel: own::<OfRsi<0>>(),
        ..STOCHRSI
    },
    Family {
        output: "d",
        summary: "fast stochastic oscillator of the RSI, %D",
        definition: "SMA(fast_d) of 100·(r − LL(fast_k))/(HH(fast_k) − LL(fast_k)) of r = RSI(n), \
                     0 where the range is 0",
        formula: "stochastic-rsi-d wilder seed=mean sma zero-range=0",
        kernel: own::<OfRsi<1>>(),
        ..STOCHRSI
    },
    Family {
        base: "willr",
        parameters: &[period("n", 14)],
        listed: &[&[14]],
        summary: "Williams' %R",
        definition: "−100(HH(n) − c)/(HH(n) − LL(n)); 0 where the range is 0",
        source: "TA-Lib WILLR; Williams 1973",
        formula: "willr zero-range=0",
        range: (-100.0, 0.0),
        inputs: HIGH_LOW_CLOSE,
        lookback: window,
        kernel: ta_lib::<Willr>(),
        ..OSCILLATOR
    },
    Family {
        base: "cci",
        parameters: &[period("n", 20)],
        listed: &[&[20]],
        summary: "commodity channel index",
        definition: "(t − SMA(n) of t)/(0.015·mean absolute deviation), t = (h + l + c)/3; 0 where \
                     the deviation is 0",
        source: "TA-Lib CCI; Lambert 1980",
        formula: "cci zero-deviation=0",
        inputs: HIGH_LOW_CLOSE,
        lookback: window,
        kernel: ta_lib::<Cci>(),
        ..MOMENTUM
    },
    Family {
        base: "trix",
        parameters: &[period("n", 15)],
        listed: &[&[15]],
        summary: "rate of change of a triple exponential mean",
        definition: "100(T/T₋₁ − 1), T the exponential mean over n taken three times",
        source: "TA-Lib TRIX; Hutson 1983",
        formula: "trix ema k=2/(n+1) seed=sma",
        unit: Unit::Percent,
        lookback: |periods| 3 * window(periods) + 1,
        unstable_margin: exponential,
        kernel: ta_lib::<Trix>(),
        ..MOMENTUM
    },
    Family {
        base: "ultosc",
        parameters: &[
            Parameter { name: "short", default: 7, min: 1, max: WINDOW_MAX },
            Parameter { name: "middle", default: 14, min: 1, max: WINDOW_MAX },
            Parameter { name: "long", default: 28, min: 1, max: WINDOW_MAX },
        ],
        rising: 3,
        summary: "ultimate oscillator",
        definition: "100(4A(short) + 2A(middle) + A(long))/7, A(n) the buying pressure over the \
                     true range, both summed over n; 0 where no price moves",
        source: "TA-Lib ULTOSC; Williams 1985",
        formula: "ultosc zero-range=0",
        inputs: HIGH_LOW_CLOSE,
        lookback: longest,
        kernel: own::<Over<Ultimate, 2>>(),
        ..OSCILLATOR
    },
    Family {
        base: "bop",
        summary: "balance of power",
        definition: "(c − o)/(h − l); 0 where h = l",
        source: "TA-Lib BOP; Livshin 2001",
        formula: "bop zero-range=0",
        range: (-1.0, 1.0),
        inputs: &[Input::Open, Input::High, Input::Low, Input::Close],
        kernel: ta_lib::<Bop>(),
        ..MOMENTUM
    },
    Family {
        base: "aroon_up",
        summary: "how new the highest high is",
        definition: "100(n − bars since the highest high of the last n + 1 bars)/n; of equal highs \
                     the last counts",
        formula: "aroon-up window=n+1 ties=last",
        kernel: ta_lib::<Aroon<1>>(),
        ..AROON
    },
    Family {
        base: "aroon_down",
        summary: "how new the lowest low is",
        definition: "100(n − bars since the lowest low of the last n + 1 bars)/n; of equal lows \
                     the last counts",
        formula: "aroon-down window=n+1 ties=last",
        kernel: ta_lib::<Aroon<0>>(),
        ..AROON
    },
    Family {
        base: "aroon_osc",
        summary: "Aroon up less Aroon down",
        definition: "Aroon up − Aroon down",
        source: "TA-Lib AROONOSC; Chande 1995",
        formula: "aroon-osc window=n+1 ties=last",
        range: (-100.0, 100.0),
        kernel: ta_lib::<Aroonosc>(),
        ..AROON
    },
    Family {
        base: "adx",
        summary: "average directional index",
        definition: "Wilder mean over n of 100·|+DI − −DI|/(+DI + −DI), whose movements are \
                     Wilder sums over n; 0 where no price moves",
        source: "TA-Lib ADX; Wilder 1978",
        formula: "adx wilder seed=mean dm-seed=n-1 zero-range=0",
        lookback: |periods| 2 * longest(periods) - 1,
        unstable_margin: |periods| ADX_MARGIN * longest(periods),
        kernel: ta_lib::<Adx>(),
        ..DIRECTIONAL
    },
    Family {
        base: "adxr",
        summary: "average directional index, rated",
        definition: "mean of ADX(n) and of ADX(n) n − 1 bars before",
        source: "TA-Lib ADXR; Wilder 1978",
        formula: "adxr wilder seed=mean dm-seed=n-1 zero-range=0",
        lookback: |periods| 3 * longest(periods) - 2,
        unstable_margin: |periods| ADX_MARGIN * longest(periods),
        kernel: ta_lib::<Adxr>(),
        ..DIRECTIONAL
    },
    Family {
        base: "plus_di",
        summary: "directional indicator, up",
        definition: "100·+DM/TR, both Wilder sums over n seeded with n − 1 terms; 0 where no price \
                     moves",
        source: "TA-Lib PLUS_DI; Wilder 1978",
        formula: "plus-di wilder dm-seed=n-1 zero-range=0",
        kernel: ta_lib::<PlusDi>(),
        ..DIRECTIONAL
    },
    Family {
        base: "minus_di",
        summary: "directional indicator, down",
        definition: "100·−DM/TR, both Wilder sums over n seeded with n − 1 terms; 0 where no price \
                     moves",
        source: "TA-Lib MINUS_DI; Wilder 1978",
        formula: "minus-di wilder dm-seed=n-1 zero-range=0",
        kernel: ta_lib::<MinusDi>(),
        ..DIRECTIONAL
    },
    Family {
        base: "dx",
        summary: "directional movement index",
        definition: "100·|+DI − −DI|/(+DI + −DI); 0 where no price has moved yet",
        source: "TA-Lib DX; Wilder 1978",
        formula: "dx wilder dm-seed=n-1 zero-range=0",
        kernel: ta_lib::<Dx>(),
        ..DIRECTIONAL
    },
];
