//! Width of the price's movement.

use super::{
    EMA_MARGIN, Family, Group, HIGH_LOW, HIGH_LOW_CLOSE, PLAIN, POSITIVE, Parameter, Unit,
    WILDER_MARGIN, first_window, longest, one, period, wilder, window, window_of,
};
use crate::kernel::indicators::{
    Atr, Bands, Keltner, Lower, Natr, PercentB, Stddev, TrueRange, Upper, Width,
};
use crate::kernel::own::own;
use crate::kernel::steps::price::{Donchian, ZScore};
use crate::kernel::steps::volatility::{GarmanKlass, Parkinson, RealizedVolatility};
use crate::kernel::ta_lib::{combined, ta_lib};
use crate::kernel::windowed::Over;
use crate::series::Input;

const VOLATILITY: Family = Family { group: Group::Volatility, range: POSITIVE, ..PLAIN };

const BANDS: Family = Family {
    base: "bb",
    parameters: &[period("n", 20), Parameter { name: "width", default: 2, min: 1, max: 10 }],
    source: "TA-Lib BBANDS; Bollinger 2001",
    lookback: first_window,
    range: super::ANY,
    ..VOLATILITY
};

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        base: "true_range",
        summary: "true range, in price",
        definition: "max(h − l, |h − c₋₁|, |l − c₋₁|)",
        source: "TA-Lib TRANGE; Wilder 1978",
        formula: "true-range",
        unit: Unit::PriceDifference,
        inputs: HIGH_LOW_CLOSE,
        lookback: one,
        kernel: ta_lib::<TrueRange>(),
        ..VOLATILITY
    },
    Family {
        base: "atr",
        parameters: &[period("n", 14)],
        listed: &[&[14]],
        summary: "average true range, in price",
        definition: "Wilder mean over n of max(h − l, |h − c₋₁|, |l − c₋₁|)",
        source: "TA-Lib ATR; Wilder 1978",
        formula: "atr wilder seed=mean",
        unit: Unit::PriceDifference,
        inputs: HIGH_LOW_CLOSE,
        lookback: longest,
        unstable_margin: wilder,
        kernel: ta_lib::<Atr>(),
        ..VOLATILITY
    },
    Family {
        base: "natr",
        parameters: &[period("n", 14)],
        listed: &[&[14]],
        summary: "average true range against the close",
        definition: "100·ATR(n)/c; 0 where c is 0",
        source: "TA-Lib NATR; Forman 2006",
        formula: "natr wilder seed=mean zero-price=0",
        unit: Unit::Percent,
        range: super::ANY,
        inputs: HIGH_LOW_CLOSE,
        lookback: longest,
        unstable_margin: wilder,
        kernel: ta_lib::<Natr>(),
        ..VOLATILITY
    },
    Family {
        output: "upper",
        summary: "upper Bollinger band",
        definition: "SMA(n) + width·σ, σ of the population",
        formula: "bollinger-upper sma ddof=0",
        unit: Unit::Price,
        kernel: ta_lib::<Bands<Upper>>(),
        ..BANDS
    },
    Family {
        output: "lower",
        summary: "lower Bollinger band",
        definition: "SMA(n) − width·σ, σ of the population",
        formula: "bollinger-lower sma ddof=0",
        unit: Unit::Price,
        kernel: ta_lib::<Bands<Lower>>(),
        ..BANDS
    },
    Family {
        output: "width",
        summary: "distance between the Bollinger bands against their middle",
        definition: "(upper − lower)/SMA(n); bands = SMA(n) ± width·σ, σ of the population; \
                     missing where the mean is 0",
        formula: "bollinger-width sma ddof=0",
        kernel: ta_lib::<Bands<Width>>(),
        ..BANDS
    },
    Family {
        output: "percent_b",
        summary: "place of the close between the Bollinger bands, 0 lower to 1 upper",
        definition: "(c − lower)/(upper − lower); bands = SMA(n) ± width·σ, σ of the population; \
                     0.5 where the bands meet",
        formula: "bollinger-percent-b sma ddof=0 zero-width=0.5",
        kernel: ta_lib::<Bands<PercentB>>(),
        ..BANDS
    },
    Family {
        base: "stddev",
        parameters: &[period("n", 20)],
        listed: &[&[20]],
        summary: "standard deviation of the close",
        definition: "σ of the last n closes, of the population",
        source: "TA-Lib STDDEV",
        formula: "stddev ddof=0",
        unit: Unit::PriceDifference,
        lookback: window,
        kernel: ta_lib::<Stddev>(),
        ..VOLATILITY
    },
    Family {
        base: "zscore",
        parameters: &[window_of(20, 2)],
        listed: &[&[20]],
        summary: "standard deviations of the close from its mean",
        definition: "(c − mean)/σ over the last n closes, σ of the population; 0 where all are \
                     equal",
        source: "standard score",
        formula: "zscore ddof=0 flat=0",
        unit: Unit::Deviations,
        range: super::ANY,
        lookback: window,
        kernel: own::<Over<ZScore, 1>>(),
        ..VOLATILITY
    },
    Family {
        base: "realized_vol",
        parameters: &[window_of(24, 1)],
        listed: &[&[24]],
        summary: "realised volatility of the last n returns",
        definition: "√Σ ln(c/c₋₁)² over n; missing unless prices are above 0",
        source: "Andersen and Bollerslev 1998",
        formula: "realized-vol sum-of-squares",
        unit: Unit::LogReturn,
        lookback: longest,
        kernel: own::<Over<RealizedVolatility, 1>>(),
        ..VOLATILITY
    },
    Family {
        base: "parkinson_vol",
        parameters: &[window_of(24, 1)],
        listed: &[&[24]],
        summary: "volatility of a bar from its range",
        definition: "√(mean over n of ln(h/l)²/(4 ln 2)); missing unless prices are above 0",
        source: "Parkinson 1980",
        formula: "parkinson-vol",
        unit: Unit::LogReturn,
        inputs: HIGH_LOW,
        lookback: window,
        kernel: own::<Over<Parkinson, 1>>(),
        ..VOLATILITY
    },
    Family {
        base: "garman_klass_vol",
        parameters: &[window_of(24, 1)],
        listed: &[&[24]],
        summary: "volatility of a bar from its range and its body",
        definition: "√mean over n of ½ ln(h/l)² − (2 ln 2 − 1) ln(c/o)²; missing unless prices \
                     are above 0 and inside their bar's range",
        source: "Garman and Klass 1980",
        formula: "garman-klass-vol",
        unit: Unit::LogReturn,
        inputs: &[Input::Open, Input::High, Input::Low, Input::Close],
        lookback: window,
        kernel: own::<Over<GarmanKlass, 1>>(),
        ..VOLATILITY
    },
    Family {
        base: "keltner_percent",
        parameters: &[
            period("n", 20),
            period("atr", 10),
            Parameter { name: "width", default: 2, min: 1, max: 10 },
        ],
        summary: "place of the close in the Keltner channel, 0 lower to 1 upper",
        definition: "(c − (EMA(n) − width·ATR(atr)))/(2·width·ATR(atr)); 0.5 where the range is 0",
        source: "TA-Lib EMA and ATR; Raschke's form of Keltner 1960",
        formula: "keltner-percent ema k=2/(n+1) seed=sma atr wilder seed=mean zero-range=0.5",
        range: super::ANY,
        inputs: HIGH_LOW_CLOSE,
        lookback: |periods| match periods {
            [mean, range, _] => (mean - 1).max(*range),
            _ => 0,
        },
        unstable_margin: |periods| match periods {
            [mean, range, _] => (EMA_MARGIN * mean).max(WILDER_MARGIN * range),
            _ => 0,
        },
        kernel: combined::<Keltner>(),
        ..VOLATILITY
    },
    Family {
        base: "donchian_percent",
        parameters: &[window_of(20, 1)],
        listed: &[&[20]],
        summary: "place of the close in the Donchian channel, 0 lowest to 1 highest",
        definition: "(c − LL(n))/(HH(n) − LL(n)); 0.5 where the range is 0",
        source: "Donchian 1960",
        formula: "donchian-percent zero-range=0.5",
        range: (0.0, 1.0),
        inputs: HIGH_LOW_CLOSE,
        lookback: window,
        kernel: own::<Donchian>(),
        ..VOLATILITY
    },
];
